# SPDX-License-Identifier: Apache-2.0
"""A cut as AAF, written with pyaaf2 in the shape in which Media Composer writes its own.

Written here and not by OpenTimelineIO's adapter (2.0.0), which wants ids that only an AAF has, leaves speeds
out and calls 23.976 drop frame.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import ceil
from pathlib import Path
from typing import Any

from plosive.conform.aaf.effects import Effects
from plosive.conform.aaf.files import SOUND_RATE, MobShelf, mob_id
from plosive.conform.results.cut import Cut, CutTrack, Piece
from plosive.errors import MissingDependencyError
from plosive.media.timecode import FrameRange

__all__ = ["write_aaf"]


def write_aaf(cut: Cut, path: Path) -> tuple[str, ...]:
    """Write the file; sentences on what it does not say. Raises MissingDependencyError."""
    try:
        import aaf2
    except ImportError as error:
        raise MissingDependencyError("Writing AAF needs pyaaf2: python -m pip install pyaaf2") from error

    notes: list[str] = []
    with aaf2.open(str(path), "w") as file:
        _Composition(file, cut, notes).write()
    return tuple(notes)


class _Composition:
    """The composition mob, its tracks, and what they lead to."""

    def __init__(self, file: Any, cut: Cut, notes: list[str]) -> None:
        self._file, self._cut, self._notes = file, cut, notes
        self._rate = f"{cut.rate.numerator}/{cut.rate.denominator}"
        self._effects = Effects(file)
        self._shelf = MobShelf(file, cut.size)

    def write(self) -> None:
        cut = self._cut
        composition = self._file.create.CompositionMob(cut.name)
        composition.mob_id = mob_id("composition", cut.name, cut.start_frame, cut.duration_frames)
        composition.usage = "Usage_TopLevel"
        self._file.content.mobs.append(composition)
        slot = composition.create_timeline_slot(self._rate)
        slot.name = "TC1"
        slot["PhysicalTrackNumber"].value = 1
        slot.segment = self._file.create.Timecode(ceil(cut.rate), cut.is_drop_frame, cut.duration_frames)
        slot.segment.start = cut.start_frame
        for number, track in enumerate(cut.video, 1):
            slot = composition.create_timeline_slot(self._rate)
            slot.name = track.name
            slot["PhysicalTrackNumber"].value = number
            slot.segment = self._sequence("picture", self._pictures(track))
        for number, track in enumerate(cut.audio, 1):
            slot = composition.create_timeline_slot(SOUND_RATE)
            slot.name = track.name
            slot["PhysicalTrackNumber"].value = number
            slot.segment = self._sequence("sound", self._sounds(track))

    def _sequence(self, kind: str, components: Iterator[Any]) -> Any:
        sequence = self._file.create.Sequence(media_kind=kind)
        sequence.components.value = []
        length = 0
        for component in components:
            sequence.components.append(component)
            length += component.length * (-1 if type(component).__name__ == "Transition" else 1)
        sequence.length = length
        return sequence

    def _pictures(self, track: CutTrack) -> Iterator[Any]:
        """Components in order; a transition lies over what is on either side of it."""
        at = 0
        for piece in track.pieces:
            if not piece.is_enabled or not track.is_enabled:
                self._notes.append(f"AAF: shot {piece.number}, '{piece.name}', is switched off and left out.")
                continue
            into, out, cut = piece.dissolve_in, piece.dissolve_out, piece.record.first_frame
            if into is not None and not piece.fades_in and at != into.end_frame:
                into = None  # what it came from is left out
            if into is None:
                yield from self._filler(cut - at)
                first = cut
            else:
                if piece.fades_in:
                    yield from self._filler(into.end_frame - at)
                yield self._effects.dissolve(
                    into.frames, cut - into.first_frame, "in" if piece.fades_in else ""
                )
                first = into.first_frame
            span = FrameRange(first, piece.shown.last_frame_inclusive)
            yield self._piece(piece, span)
            at = span.last_frame_inclusive + 1
            if out is not None and piece.fades_out:
                yield self._effects.dissolve(
                    out.frames, piece.record.last_frame_inclusive + 1 - out.first_frame, "out"
                )
                yield from self._filler(out.frames)
        yield from self._filler(self._cut.duration_frames - at)

    def _filler(self, frames: int) -> Iterator[Any]:
        if frames > 0:
            yield self._file.create.Filler("picture", frames)

    def _piece(self, piece: Piece, span: FrameRange) -> Any:
        """A source clip, inside a motion effect where it has a speed. Positions are in frames of the edit."""
        cut, media, count = self._cut, piece.media, span.duration_frames
        units = cut.rate / media.rate
        speed = piece.speed * units
        mob, slot = self._shelf.picture(media, max(piece.frames()))
        lowest = piece.lowest(span)
        if piece.retime.is_constant and speed == 1:
            begin = piece.position(span.first_frame) * units
            start = lowest if units == 1 else round(begin)
            self._check(piece, span, Fraction(start) / units, piece.speed)
            return mob.create_source_clip(slot, start, count)
        start = int(lowest * units)
        highest = max(piece.frames(span))
        clip = mob.create_source_clip(slot, start, max(1, ceil((highest - lowest + 1) * units)))
        if piece.retime.is_constant:
            self._check(piece, span, Fraction(start) / units, piece.speed)
        return self._effects.motion(clip, count, self._points(piece, span, units, start))

    def _points(
        self, piece: Piece, span: FrameRange, units: Fraction, start: int
    ) -> list[tuple[Fraction, Fraction]]:
        """(frame of the clip, media frame after `start`), backwards by the frame shown, as Avid counts."""
        interval = piece.retime.interval_seconds
        begin = span.first_frame * interval
        end = (span.last_frame_inclusive + 1) * interval
        late = min(Fraction(0), piece.speed) * units
        inner = [at for at, _ in piece.retime.keys if begin < at < end and not piece.retime.is_constant]
        return [
            ((at - begin) / interval, piece.retime.position(at) * units - start + late)
            for at in (begin, *inner, end)
        ]

    def _check(self, piece: Piece, span: FrameRange, start: Fraction, speed: Fraction) -> None:
        if piece.is_said_by(start, speed, span):
            return
        why = "begins between two frames, which not every program reads"
        if piece.media.rate != self._cut.rate:
            why = f"has {float(piece.media.rate):.6g} frames a second, which the edit's frames cannot count"
        self._notes.append(f"AAF: shot {piece.number}, '{piece.name}', {why}: it may be one frame off.")

    def _sounds(self, track: CutTrack) -> Iterator[Any]:
        at = 0
        for sound in track.sounds:
            if not sound.is_enabled or not track.is_enabled:
                self._notes.append(f"AAF: the sound '{sound.name}' is switched off and left out.")
                continue
            begin = round(sound.first_frame / self._cut.rate * SOUND_RATE)
            end = round((sound.first_frame + sound.frames) / self._cut.rate * SOUND_RATE)
            if begin > at:
                yield self._file.create.Filler("sound", begin - at)
            mob, slot = self._shelf.sound(sound)
            yield mob.create_source_clip(slot, round(sound.start_seconds * SOUND_RATE), end - begin)
            at = end
