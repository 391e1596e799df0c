# SPDX-License-Identifier: Apache-2.0
"""In and out points of Final Cut Pro 7 XML, and the filter that makes a speed.

A clip with a speed has them in frames of the retimed clip: at 200 % media frame 60 is its frame 30; backwards
they count from the media's last. A speed that changes, and a freeze, has keys that lead from there to media
frames. Premiere writes both so.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import floor
from xml.etree.ElementTree import Element, SubElement

from plosive.conform.fcp7.files import add_text
from plosive.conform.results.cut import Piece
from plosive.media.timecode import FrameRange

__all__ = ["Timing", "timing"]


@dataclass(frozen=True)
class Timing:
    """`first` and `end` (exclusive) are in and out in frames of the clip's rate, `exact_first`, `exact_end`
    what they are rounded from; `length` is how long the whole clip would be. `remap` is the filter, None for
    a clip as it was shot. `is_exact` tells whether the whole numbers show the same frames.
    """

    first: int
    end: int
    exact_first: Fraction
    exact_end: Fraction
    length: int
    remap: Element | None
    is_exact: bool


def timing(piece: Piece, span: FrameRange, edit_rate: Fraction) -> Timing:
    """How a piece shows `span` of the edit."""
    media, count = piece.media, span.duration_frames
    pace = media.rate / edit_rate  # frames of the clip's rate for each of the edit
    held = media.frames if media.frames is not None else max(piece.frames(span)) + 1
    speed = piece.speed / pace
    if not piece.retime.is_constant or not speed:
        keys = _keys(piece, span, pace)
        ends = count * pace
        length = max(held, round(ends))
        return Timing(0, round(ends), Fraction(0), ends, length, _filter(speed, keys), True)
    begin = piece.position(span.first_frame)
    if speed < 0:
        exact = (held - begin) / -speed
        choices = [Fraction(number) for number in (round(exact), floor(exact), floor(exact) + 1)]
        fits = [one for one in choices if _is_same(piece, span, held + one * speed, piece.speed)]
    else:
        exact = begin / speed
        choices = [Fraction(number) for number in (round(exact), floor(exact), floor(exact) + 1)]
        fits = [one for one in choices if _is_same(piece, span, one * speed, piece.speed)]
    first = int(fits[0] if fits else choices[0])
    remap = None if speed == 1 else _filter(speed, ())
    end = first + max(1, round(count * pace))
    return Timing(first, end, exact, exact + count * pace, round(held / abs(speed)), remap, bool(fits))


def _is_same(piece: Piece, span: FrameRange, begin: Fraction, speed: Fraction) -> bool:
    """Whether the frames are the same from the position `begin` on."""
    late = int(speed < 0)
    count = span.duration_frames
    return piece.frames(span) == [floor(begin + speed * (number + late)) for number in range(count)]


def _keys(piece: Piece, span: FrameRange, pace: Fraction) -> tuple[tuple[Fraction, Fraction], ...]:
    """(frame of the clip from `span` on, media frame), where the speed changes and at both ends."""
    interval = piece.retime.interval_seconds
    start, end = span.first_frame * interval, (span.last_frame_inclusive + 1) * interval
    inner = [at for at, _ in piece.retime.keys if start < at < end]
    return tuple(((at - start) / interval * pace, piece.retime.position(at)) for at in (start, *inner, end))


def _filter(speed: Fraction, keys: tuple[tuple[Fraction, Fraction], ...]) -> Element:
    element = Element("filter")
    effect = SubElement(element, "effect")
    for tag, text in (
        ("name", "Time Remap"),
        ("effectid", "timeremap"),
        ("effectcategory", "motion"),
        ("effecttype", "motion"),
        ("mediatype", "video"),
    ):
        add_text(effect, tag, text)
    _parameter(effect, "variablespeed", int(bool(keys)), 0, 1)
    _parameter(effect, "speed", _decimal(speed * 100), -100000, 100000)
    _parameter(effect, "reverse", speed < 0)
    _parameter(effect, "frameblending", False)
    if keys:
        highest = _decimal(max(value for _, value in keys))
        graph = _parameter(effect, "graphdict", 0, 0, highest)
        for number, (when, value) in enumerate(keys):
            key = SubElement(graph, "keyframe")
            add_text(key, "when", _decimal(when))
            add_text(key, "value", _decimal(value))
            if number in (0, len(keys) - 1):
                add_text(key, "speedvirtualkf", True)
                add_text(key, "speedkfout" if number else "speedkfin", True)
        add_text(SubElement(graph, "interpolation"), "name", "FCPCurve")
    return element


def _parameter(
    effect: Element, name: str, value: object, lowest: object = None, highest: object = None
) -> Element:
    element = SubElement(effect, "parameter", authoringApp="PremierePro")
    add_text(element, "parameterid", name)
    add_text(element, "name", name)
    if highest is not None:
        add_text(element, "valuemin", lowest)
        add_text(element, "valuemax", highest)
    add_text(element, "value", value)
    return element


def _decimal(value: Fraction) -> str:
    """Six decimals at most."""
    return f"{float(value):.6f}".rstrip("0").rstrip(".")
