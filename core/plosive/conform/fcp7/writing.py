# SPDX-License-Identifier: Apache-2.0
"""A cut as Final Cut Pro 7 XML (xmeml 4), in the shape in which Premiere writes it.

Written here and not by OpenTimelineIO's adapter (1.0.0), which has no speeds and no image sequences.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from math import ceil
from typing import Any
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from plosive.conform.fcp7.files import FileList, add_rate, add_text, add_timecode
from plosive.conform.fcp7.speed import Timing, timing
from plosive.conform.results.cut import Cut, CutTrack, Dissolve, Mark, Piece, Sound

__all__ = ["fcp7_xml"]

_TICKS = 254_016_000_000  # a second in Premiere's clock


def fcp7_xml(cut: Cut) -> tuple[str, tuple[str, ...]]:
    """The file's text, and sentences on what it does not say."""
    notes: list[str] = []
    root = Element("xmeml", version="4")
    sequence = SubElement(root, "sequence", id="sequence-1")
    add_text(sequence, "name", cut.name)
    add_text(sequence, "duration", cut.duration_frames)
    add_rate(sequence, cut.rate)
    add_timecode(sequence, cut.timecode(0))
    media = SubElement(sequence, "media")
    _Story(cut, notes).fill(media)
    for mark in (*cut.markers, *(mark for piece in cut.pieces for mark in piece.markers)):
        sequence.append(_marker(mark))
    indent(root, "\t")
    text = tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE xmeml>\n{text}\n', tuple(notes)


class _Story:
    """Tracks and what is on them, each clip and file under an id of its own."""

    def __init__(self, cut: Cut, notes: list[str]) -> None:
        self._cut, self._notes = cut, notes
        self._files = FileList()
        self._clips = 0

    def fill(self, media: Element) -> None:
        video = SubElement(media, "video")
        shape = SubElement(SubElement(video, "format"), "samplecharacteristics")
        add_rate(shape, self._cut.rate)
        if self._cut.size is not None:
            add_text(shape, "width", self._cut.size[0])
            add_text(shape, "height", self._cut.size[1])
        add_text(shape, "anamorphic", False)
        add_text(shape, "pixelaspectratio", "square")
        add_text(shape, "fielddominance", "none")
        for track in self._cut.video:
            self._video_track(SubElement(video, "track"), track)
        audio = SubElement(media, "audio")
        add_text(audio, "numOutputChannels", 2)
        shape = SubElement(SubElement(audio, "format"), "samplecharacteristics")
        add_text(shape, "depth", 16)
        add_text(shape, "samplerate", 48000)
        for number, track in enumerate(self._cut.audio):
            element = SubElement(audio, "track")
            add_text(element, "name", track.name or f"Audio {number + 1}")
            for sound in track.sounds:
                self._sound(element, sound)
            add_text(element, "enabled", track.is_enabled)
            add_text(element, "locked", False)
            add_text(element, "outputchannelindex", 1 + number % 2)

    def _video_track(self, element: Element, track: CutTrack) -> None:
        add_text(element, "name", track.name)
        for piece in track.pieces:
            if piece.dissolve_in is not None and piece.fades_in:
                self._dissolve(element, piece.dissolve_in, "start-black")
            self._clip(element, piece)
            if piece.dissolve_out is not None:
                cut = piece.record.last_frame_inclusive + 1
                edges = {piece.dissolve_out.first_frame: "start", piece.dissolve_out.end_frame: "end"}
                side = "end-black" if piece.fades_out else edges.get(cut, "center")
                self._dissolve(element, piece.dissolve_out, side)
        add_text(element, "enabled", track.is_enabled)
        add_text(element, "locked", False)

    def _clip(self, track: Element, piece: Piece) -> None:
        self._clips += 1
        media, span = piece.media, piece.shown
        timed = timing(piece, span, self._cut.rate)
        if not timed.is_exact:
            self._notes.append(
                f"XML: shot {piece.number}, '{piece.name}', begins between two frames by its speed, for "
                "which the format has no number: it may be one frame off."
            )
        item = SubElement(track, "clipitem", id=f"clipitem-{self._clips}", frameBlend="FALSE")
        add_text(item, "masterclipid", f"masterclip-{self._files.number(media.identity)}")
        add_text(item, "name", piece.name or media.name)
        add_text(item, "enabled", piece.is_enabled)
        add_text(item, "duration", timed.length)
        add_rate(item, media.rate)
        crossed_in = piece.dissolve_in is not None and not piece.fades_in
        crossed_out = piece.dissolve_out is not None and not piece.fades_out
        add_text(item, "start", -1 if crossed_in else span.first_frame)
        add_text(item, "end", -1 if crossed_out else span.last_frame_inclusive + 1)
        self._in_and_out(item, timed, media.rate)
        self._files.add(item, media)
        for kept in piece.filters:
            _from_metadata(item, "filter", kept)
        if timed.remap is not None:
            item.append(timed.remap)
        add_text(SubElement(item, "logginginfo"), "description", "Plosive" if piece.is_synced else "")

    def _in_and_out(self, item: Element, timed: Timing, rate: Fraction) -> None:
        add_text(item, "in", timed.first)
        add_text(item, "out", timed.end)
        add_text(item, "pproTicksIn", round(timed.exact_first / rate * _TICKS))
        add_text(item, "pproTicksOut", round(timed.exact_end / rate * _TICKS))

    def _sound(self, track: Element, sound: Sound) -> None:
        self._clips += 1
        rate = self._cut.rate
        item = SubElement(track, "clipitem", id=f"clipitem-{self._clips}")
        add_text(item, "masterclipid", f"masterclip-{self._files.number(sound.path)}")
        add_text(item, "name", sound.name)
        add_text(item, "enabled", sound.is_enabled)
        held = ceil(sound.length_seconds * rate) if sound.length_seconds is not None else 0
        start = round(sound.start_seconds * rate)
        if sound.start_seconds * rate != start:
            late = float((sound.start_seconds - start / rate) * 1000)
            self._notes.append(
                f"XML: '{sound.name}' begins {abs(late):.1f} ms off, for the format counts sound in frames; "
                "Premiere reads the exact time, too."
            )
        add_text(item, "duration", max(held, start + sound.frames))
        add_rate(item, rate)
        add_text(item, "start", sound.first_frame)
        add_text(item, "end", sound.first_frame + sound.frames)
        exact = sound.start_seconds * rate
        self._in_and_out(
            item, Timing(start, start + sound.frames, exact, exact + sound.frames, held, None, True), rate
        )
        self._files.add_sound(item, sound, rate)
        source = SubElement(item, "sourcetrack")
        add_text(source, "mediatype", "audio")
        add_text(source, "trackindex", sound.channel or 1)

    def _dissolve(self, track: Element, dissolve: Dissolve, side: str) -> None:
        item = SubElement(track, "transitionitem")
        add_text(item, "start", dissolve.first_frame)
        add_text(item, "end", dissolve.end_frame)
        add_text(item, "alignment", side)
        add_rate(item, self._cut.rate)
        effect = SubElement(item, "effect")
        for tag, text in (
            ("name", "Cross Dissolve"),
            ("effectid", "Cross Dissolve"),
            ("effectcategory", "Dissolve"),
            ("effecttype", "transition"),
            ("mediatype", "video"),
            ("wipecode", 0),
            ("wipeaccuracy", 100),
            ("startratio", 0),
            ("endratio", 1),
            ("reverse", False),
        ):
            add_text(effect, tag, text)


def _marker(mark: Mark) -> Element:
    element = Element("marker")
    add_text(element, "comment", mark.comment)
    add_text(element, "name", mark.name)
    add_text(element, "in", mark.record.first_frame)
    length = mark.record.duration_frames
    add_text(element, "out", -1 if length == 1 else mark.record.first_frame + length)
    return element


def _from_metadata(parent: Element, tag: str, value: Any) -> None:
    """An element as the adapter kept it when the edit was read."""
    if isinstance(value, Mapping):
        attributes = {key[1:]: str(text) for key, text in value.items() if key.startswith("@")}
        element = SubElement(parent, tag, attributes)
        for key, inner in value.items():
            if not key.startswith("@"):
                _from_metadata(element, key, inner)
    elif isinstance(value, list):
        for one in value:
            _from_metadata(parent, tag, one)
    else:
        add_text(parent, tag, "" if value is None else str(value))
