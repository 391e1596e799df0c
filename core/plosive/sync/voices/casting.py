# SPDX-License-Identifier: Apache-2.0
"""Whose mouth says which line: as the artist names it, else whoever seems to speak."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from plosive.errors import OptionError
from plosive.faces.choice import choose_tracks
from plosive.faces.track import FaceTrack
from plosive.media.plate import PlateInfo
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
        voices = _matched(voices, turns, tracks, info)
    cast: list[CastVoice] = []
    for voice in voices:
        wish = voice.line.options.face
        if wish == "auto":
            chosen, doubts = speaking_faces(tracks, grounds)
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
    voices: Sequence[Voice], turns: Sequence[Turn], tracks: Sequence[FaceTrack], info: PlateInfo
) -> list[Voice]:
    """Every voice with a face: by name where the cast knows it, else by whose lips move in whose turns."""
    named = {track.name.casefold(): track.name for track in tracks if track.name}
    faces = {
        voice.line.name: named[voice.line.name.casefold()]
        for voice in voices
        if voice.line.name.casefold() in named
    }
    unknown = [voice for voice in voices if voice.line.name not in faces]
    if unknown:
        taken = {name.casefold() for name in faces.values()}
        free = [track for track in tracks if track.name.casefold() not in taken]
        start = voices[0].placement.dub_start_seconds
        names = [voice.line.name for voice in unknown]
        faces |= match_speakers(names, [(turn, start) for turn in turns], free, info)
    return [_with_face(voice, faces[voice.line.name]) for voice in voices if voice.line.name in faces]


def _with_face(voice: Voice, face: str) -> Voice:
    line = voice.line
    return replace(voice, line=replace(line, options=replace(line.options, face=face)))
