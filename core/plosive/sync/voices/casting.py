# SPDX-License-Identifier: Apache-2.0
"""Whose mouth says which line: as the artist names it, else whoever seems to speak."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import groupby

from plosive.errors import OptionError
from plosive.faces.choice import choose_tracks
from plosive.faces.track import FaceTrack
from plosive.media.placement import Placement
from plosive.media.plate import PlateInfo
from plosive.speakers import NO_FACE
from plosive.speech import Turn
from plosive.sync.voices.speaking import Grounds, speaking_faces
from plosive.sync.voices.turntaking import match_speakers
from plosive.sync.voices.voice import Voice

__all__ = ["CastVoice", "cast_voices"]


@dataclass(frozen=True)
class CastVoice:
    """A voice and the face tracks of the one who says it; `warnings` say where that is a guess."""

    voice: Voice
    tracks: tuple[FaceTrack, ...]
    warnings: tuple[str, ...] = ()

    def click(self, info: PlateInfo) -> str:
        """This voice's face as a click, which names it in the result as well: `X,Y@FRAME`."""
        longest = max(self.tracks, key=lambda track: len(track.indices))
        row = len(longest.indices) // 2
        x, y = longest.landmarks[row, 1, :2].tolist()
        return f"{x:.1f},{y:.1f}@{info.first_frame + int(longest.indices[row])}"


def cast_voices(
    voices: Sequence[Voice], turns: Sequence[Turn], tracks: Sequence[FaceTrack], grounds: Grounds
) -> tuple[CastVoice, ...]:
    """Give every voice its face. Raises FaceError for a face that is not there, OptionError for one face with
    two voices and where it cannot be told who of several people says what.
    """
    info = grounds.info
    if any(voice.line.needs_face for voice in voices):
        voices = _matched(voices, turns, tracks, grounds)
    cast: list[CastVoice] = []
    for voice in voices:
        wish = voice.line.options.face
        if wish == "auto":
            chosen, doubts = speaking_faces(tracks, grounds)
        elif not wish or wish == NO_FACE:
            chosen, doubts = [], ()
        else:
            chosen, doubts = choose_tracks(tracks, wish, info.first_frame), ()
        cast.append(CastVoice(voice, tuple(chosen), tuple(doubts)))
    owners: dict[int, str] = {}
    for one in cast:
        for track in one.tracks:
            if track.number in owners:
                raise OptionError(
                    f"{owners[track.number]} and {one.voice.line.name} are the same face (face "
                    f"{track.person}); give each speaker a face of their own."
                )
            owners[track.number] = one.voice.line.name
    return tuple(cast)


def _matched(
    voices: Sequence[Voice], turns: Sequence[Turn], tracks: Sequence[FaceTrack], grounds: Grounds
) -> list[Voice]:
    """Every voice with a face: as the artist names it, by name where the cast knows it ('' where that one is
    not in the plate), else by whose lips move in whose turns ('' where there are fewer faces than voices).
    """
    faces = {track.name.casefold(): track.name for track in tracks if track.name}
    found: dict[str, str] = {}
    taken: set[int] = set()
    for voice in voices:
        name = voice.line.name.casefold()
        if not voice.line.needs_face:
            found[name] = voice.line.options.face
        elif name in faces or name in grounds.names:
            found[name] = faces.get(name, "")
        if found.get(name) not in (None, "", NO_FACE, "auto"):
            chosen = choose_tracks(tracks, found[name], grounds.info.first_frame)
            taken |= {track.number for track in chosen}
    unknown = [voice for voice in voices if voice.line.name.casefold() not in found]
    if unknown:
        names = [voice.line.name for voice in unknown]
        free = [track for track in tracks if track.number not in taken]
        placements = {voice.line.name.casefold(): voice.placement for voice in voices}
        told = [
            on_plate
            for turn in turns
            for on_plate in _on_plate(turn, placements.get(turn.speaker.casefold(), voices[0].placement))
        ]
        matched = match_speakers(names, told, free, grounds.info)
        found |= {name.casefold(): matched.get(name, "") for name in names}
    return [_with_face(voice, found[voice.line.name.casefold()]) for voice in voices]


def _on_plate(turn: Turn, placement: Placement) -> list[tuple[Turn, Fraction]]:
    """A turn with the plate's second at which its dub begins. On a retimed plate no such second holds for all
    of it: there it is the frames that are shown while it lasts.
    """
    if not placement.is_retimed:
        return [(turn, placement.dub_start_seconds)]
    moments = zip(placement.frame_starts, placement.dub_centres, strict=True)
    shown = [(start, turn.start_seconds <= centre < turn.end_seconds) for start, centre in moments]
    runs = [[start for start, _ in run] for is_in, run in groupby(shown, lambda one: one[1]) if is_in]
    return [(Turn(run[0], run[-1], turn.speaker), Fraction(0)) for run in runs]


def _with_face(voice: Voice, face: str) -> Voice:
    line = voice.line
    return replace(voice, line=replace(line, options=replace(line.options, face=face)))
