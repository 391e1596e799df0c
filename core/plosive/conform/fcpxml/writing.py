# SPDX-License-Identifier: Apache-2.0
"""A cut as FCPXML 1.9, which Final Cut Pro and Resolve read.

The lowest video track is the spine, gaps and all; what lies on other tracks is connected to it on lanes, as a
spine of its own where it has dissolves. Written here and not by OpenTimelineIO's adapter (1.0.0), which takes
23.976 for 23 frames a second and has no speeds.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import Any
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from plosive.conform.fcpxml.assets import Assets, time_text
from plosive.conform.fcpxml.speed import OwnTime, own_time
from plosive.conform.results.cut import Cut, CutTrack, Dissolve, Mark, Piece, Sound

__all__ = ["fcpxml"]


def fcpxml(cut: Cut) -> tuple[str, tuple[str, ...]]:
    """The file's text, and sentences on what it does not say."""
    notes: list[str] = []
    root = Element("fcpxml", version="1.9")
    assets = Assets(SubElement(root, "resources"), cut)
    event = SubElement(SubElement(root, "library"), "event", name="Plosive")
    sequence = SubElement(
        SubElement(event, "project", name=cut.name),
        "sequence",
        format=assets.format(cut.rate),
        duration=time_text(cut.duration_frames / cut.rate),
        tcStart=time_text(cut.start_frame / cut.rate),
        tcFormat="DF" if cut.is_drop_frame else "NDF",
        audioLayout="stereo",
        audioRate="48k",
    )
    _Story(cut, assets, notes).fill(SubElement(sequence, "spine"))
    indent(root)
    text = tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE fcpxml>\n{text}\n', tuple(notes)


class _Story:
    """Lays tracks as a spine and lanes."""

    def __init__(self, cut: Cut, assets: Assets, notes: list[str]) -> None:
        self._cut, self._assets, self._notes = cut, assets, notes
        self._spine: list[tuple[int, int, Element, OwnTime]] = []  # first frame, end, element, its own time
        self._told: set[str] = set()

    def fill(self, spine: Element) -> None:
        start = self._cut.start_frame / self._cut.rate
        lowest = self._cut.video[0] if self._cut.video else CutTrack("Video 1", True)
        self._lay(spine, lowest.pieces, 0, self._cut.duration_frames, start, is_spine=True)
        for lane, track in enumerate(self._cut.video[1:], 1):
            for run in _runs(track.pieces):
                self._connect(run, lane)
        for lane, track in enumerate(self._cut.audio, 1):
            for sound in track.sounds:
                self._sound(sound, -lane, track.is_enabled)
        for mark in self._cut.markers:
            self._mark(mark)
        for _, _, element, _ in self._spine:
            _sort(element)

    def _lay(
        self,
        parent: Element,
        pieces: tuple[Piece, ...],
        first_frame: int,
        end_frame: int,
        origin: Fraction,
        *,
        is_spine: bool = False,
    ) -> None:
        """Pieces one after the other from `first_frame` of the edit on, where `parent` stands at `origin`."""
        at = first_frame
        for piece in pieces:
            if piece.dissolve_in is not None and piece.fades_in:
                self._gap(parent, at, piece.record.first_frame, first_frame, origin, is_spine)
                at = piece.record.first_frame
                self._dissolve(parent, piece.dissolve_in, first_frame, origin)
            self._gap(parent, at, piece.record.first_frame, first_frame, origin, is_spine)
            offset = origin + (piece.record.first_frame - first_frame) / self._cut.rate
            element, time = self._piece(piece, offset)
            parent.append(element)
            at = piece.record.last_frame_inclusive + 1
            if is_spine:
                self._spine.append((piece.record.first_frame, at, element, time))
            if piece.dissolve_out is not None:
                self._dissolve(parent, piece.dissolve_out, first_frame, origin)
        self._gap(parent, at, end_frame, first_frame, origin, is_spine)

    def _gap(
        self, parent: Element, first: int, end: int, first_frame: int, origin: Fraction, is_spine: bool
    ) -> None:
        if end <= first:
            return
        rate = self._cut.rate
        element = SubElement(
            parent,
            "gap",
            name="Gap",
            offset=time_text(origin + (first - first_frame) / rate),
            start="0s",
            duration=time_text((end - first) / rate),
        )
        if is_spine:
            self._spine.append((first, end, element, OwnTime(Fraction(0), ())))

    def _dissolve(self, parent: Element, dissolve: Dissolve, first_frame: int, origin: Fraction) -> None:
        SubElement(
            parent,
            "transition",
            name="Cross Dissolve",
            offset=time_text(origin + (dissolve.first_frame - first_frame) / self._cut.rate),
            duration=time_text(dissolve.frames / self._cut.rate),
        )

    def _piece(self, piece: Piece, offset: Fraction) -> tuple[Element, OwnTime]:
        rate, media = self._cut.rate, piece.media
        duration = piece.record.duration_frames / rate
        if media.first_number is not None:
            self._notes.append(
                f"FCPXML: shot {piece.number}, '{piece.name}', is an image sequence, which the format cannot "
                "name: there is a gap in its place; lay it there by hand, or take the OTIO."
            )
            hole = Element("gap", name=piece.name or media.name, start="0s")
            hole.set("offset", time_text(offset))
            hole.set("duration", time_text(duration))
            return hole, OwnTime(Fraction(0), ())
        time = own_time(piece, rate)
        element = Element(
            "asset-clip",
            ref=self._assets.movie(media, _last_frame(piece)),
            name=piece.name or media.name,
            offset=time_text(offset),
            start=time_text(time.start),
            duration=time_text(duration),
            srcEnable="video",
            tcFormat="DF" if media.is_drop_frame else "NDF",
        )
        if not piece.is_enabled:
            element.set("enabled", "0")
        if media.rate != rate:
            SubElement(element, "conform-rate", scaleEnabled="0", srcFrameRate=_rate_text(media.rate))
        if time.keys:
            mapped = SubElement(element, "timeMap", frameSampling="floor")
            for own, shown in time.keys:
                SubElement(mapped, "timept", time=time_text(own), value=time_text(shown), interp="linear")
        for mark in piece.markers:
            begin = time.start + (mark.record.first_frame - piece.record.first_frame) / rate
            element.append(self._marker(mark, begin))
        return element, time

    def _connect(self, run: tuple[Piece, ...], lane: int) -> None:
        first, end = run[0].record.first_frame, run[-1].record.last_frame_inclusive + 1
        held = self._held(first)
        if held is None:
            return
        parent, offset = held
        if len(run) == 1 and run[0].dissolve_in is None and run[0].dissolve_out is None:
            element, _ = self._piece(run[0], offset)
            element.set("lane", str(lane))
            _sort(element)
            parent.append(element)
            return
        spine = SubElement(parent, "spine", lane=str(lane), offset=time_text(offset))
        self._lay(spine, run, first, end, Fraction(0))

    def _sound(self, sound: Sound, lane: int, is_enabled: bool) -> None:
        held = self._held(sound.first_frame)
        if held is None:
            return
        parent, offset = held
        element = SubElement(
            parent,
            "asset-clip",
            ref=self._assets.sound(sound),
            lane=str(lane),
            name=sound.name,
            offset=time_text(offset),
            start=time_text(sound.clock_seconds + sound.start_seconds),
            duration=time_text(sound.frames / self._cut.rate),
            audioRole="dialogue",
        )
        if not (sound.is_enabled and is_enabled):
            element.set("enabled", "0")
        if sound.channel is not None:
            SubElement(element, "audio-channel-source", srcCh=str(sound.channel), role="dialogue")

    def _mark(self, mark: Mark) -> None:
        held = self._held(mark.record.first_frame)
        if held is not None:
            parent, begin = held
            parent.append(self._marker(mark, begin))

    def _marker(self, mark: Mark, begin: Fraction) -> Element:
        length = mark.record.duration_frames / self._cut.rate
        element = Element(
            "marker", start=time_text(begin), duration=time_text(length), value=mark.name or "Marker"
        )
        if mark.comment:
            element.set("note", mark.comment)
        return element

    def _held(self, frame: int) -> tuple[Element, Fraction] | None:
        """What lies on the spine in a frame of the edit, and the moment of its own time."""
        for first, end, element, time in self._spine:
            if first <= frame < end:
                return element, time.start + (frame - first) / self._cut.rate
        return None


def _runs(pieces: tuple[Piece, ...]) -> list[tuple[Piece, ...]]:
    """Pieces that dissolves join stay together."""
    runs: list[tuple[Piece, ...]] = [(piece,) for piece in pieces[:1]]
    for before, after in pairwise(pieces):
        if before.dissolve_out is not None and before.dissolve_out == after.dissolve_in:
            runs[-1] += (after,)
        else:
            runs.append((after,))
    return runs


def _last_frame(piece: Piece) -> int:
    return max(piece.frames())


def _sort(element: Element) -> None:
    """The order that the format demands of what a clip holds."""
    order: dict[str, Any] = {"conform-rate": 0, "timeMap": 1, "marker": 3, "audio-channel-source": 4}
    element[:] = sorted(element, key=lambda one: order.get(one.tag, 2))


def _rate_text(rate: Fraction) -> str:
    return f"{float(rate):.2f}".rstrip("0").rstrip(".")
