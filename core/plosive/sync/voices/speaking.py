# SPDX-License-Identifier: Apache-2.0
"""Who of several people in a shot speaks: whose lips agree with the plate's own sound."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np

from plosive.faces.choice import person_of
from plosive.faces.liveliness import is_lifeless
from plosive.faces.track import FaceTrack
from plosive.media.plate import PlateInfo, PlateKind
from plosive.sync.own_sound import OwnSound, SoundMatch, listen_to, match_sound
from plosive.sync.takes import footage_of

__all__ = ["Grounds", "speaking_faces"]

_RIVAL_WIDTH = 0.5
_RIVAL_FRAMES = 0.3
_MOST_LISTENED_SECONDS = 180.0
_LEAST_SECONDS = 1.5
# Of two faces and the sound of one (144 pairs of 13 takes, 2 to 10 s): 142 told rightly, 2 left open, none
# wrongly; where neither speaks, 10 of 792 were taken for the speaker.
_LEAST_EVIDENCE, _CLEARER_BY = 3.0, 1.0


@dataclass(frozen=True)
class Grounds:
    """What there is to tell by: the plate, the times of its frames, and the language spoken in it.
    `is_cached`: a sound heard before is known. `names` are those of the cast, in small letters.
    """

    info: PlateInfo
    frame_times: Sequence[Fraction]
    language: str = "en"
    is_cached: bool = False
    names: frozenset[str] = frozenset()

    @cached_property
    def sound(self) -> OwnSound | str:
        """What is said in the plate, or why nothing can be learnt from it."""
        seconds = float(self.info.duration_seconds)
        if not self.info.has_audio:
            return "the plate has no sound"
        return listen_to(
            self.info.path,
            min(seconds, _MOST_LISTENED_SECONDS),
            self.language,
            _LEAST_SECONDS,
            float(self.info.start_seconds),
            self.is_cached,
        )


def speaking_faces(tracks: Sequence[FaceTrack], grounds: Grounds) -> tuple[list[FaceTrack], tuple[str, ...]]:
    """One person a shot, and sentences where that is a guess.

    Where several people are about as large and as long in a shot as its most prominent one, the one whose
    lips clearly move with the plate's own sound is taken; where that is clear for none or for two, the most
    prominent. A face that never moves (a painting, a statue) is left alone where somebody alive is there.
    """
    chosen: list[FaceTrack] = []
    warnings: list[str] = []
    for shot in sorted({track.shot for track in tracks}):
        in_shot = [track for track in tracks if track.shot == shot]
        alive = [track for track in in_shot if not is_lifeless(track)] or in_shot
        first = max(alive, key=lambda track: (track.prominence, -track.number))
        if is_lifeless(first) and grounds.info.kind is not PlateKind.STILL:
            warnings.append(
                f"Face {first.person} never blinks or speaks: if it is a picture or a statue, --no-sync "
                f"{_frames(first, grounds)} leaves it alone."
            )
        others = [track for track in alive if person_of(track) != person_of(first)]
        rivals = [first, *(track for track in others if _is_rival(track, first))]
        if len(rivals) == 1:
            chosen += _all_of(first, in_shot)
            continue
        speaker, doubt = _speaker(rivals, grounds)
        chosen += _all_of(speaker or first, in_shot)
        if doubt:
            warnings.append(
                f"{len(rivals)} people could be speaking in frames {_frames(first, grounds)}, and {doubt}: "
                f"face {first.person}, the most prominent, was taken; name another with --face or give each "
                "a dub with --speaker."
            )
    return chosen, tuple(warnings)


def _frames(track: FaceTrack, grounds: Grounds) -> str:
    start = grounds.info.first_frame
    return f"{start + track.first_frame_index}-{start + track.last_frame_index_inclusive}"


def _all_of(face: FaceTrack, in_shot: Sequence[FaceTrack]) -> list[FaceTrack]:
    """Somebody who leaves the shot and returns has several tracks in it."""
    return [track for track in in_shot if person_of(track) == person_of(face)]


def _is_rival(track: FaceTrack, first: FaceTrack) -> bool:
    size = float(np.median(track.face_widths)) / float(np.median(first.face_widths))
    return size >= _RIVAL_WIDTH and len(track.indices) >= _RIVAL_FRAMES * len(first.indices)


def _speaker(rivals: Sequence[FaceTrack], grounds: Grounds) -> tuple[FaceTrack | None, str]:
    """The one who clearly speaks, or None and why that cannot be told."""
    sound = grounds.sound
    if isinstance(sound, str):
        return None, f"{sound}, so it cannot be told who"
    rate = grounds.info.frame_rate
    matches = [
        match_sound(footage_of(track, grounds.frame_times, rate), sound, _LEAST_SECONDS) for track in rivals
    ]
    ranked = sorted(range(len(rivals)), key=lambda place: -_evidence(matches[place]))
    best, second = (_evidence(matches[place]) for place in ranked[:2])
    if best < _LEAST_EVIDENCE:
        return None, "nobody's lips clearly move with the plate's own sound"
    if best - second < _CLEARER_BY:
        return None, "the lips of two of them move with the plate's own sound"
    return rivals[ranked[0]], ""


def _evidence(match: SoundMatch) -> float:
    return 0.0 if match.lag is None else match.lag.evidence
