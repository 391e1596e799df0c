# SPDX-License-Identifier: Apache-2.0
"""Other shots of the plate that show the same person: takes that lie in the plate itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

from plosive.faces.choice import person_of
from plosive.faces.track import FaceTrack
from plosive.media.plate import PlateInfo
from plosive.sync.takes import LEAST_FRAMES, PLATE_ITSELF, ActorTake, footage_of

__all__ = ["other_shots"]


def other_shots(
    track: FaceTrack, tracks: Iterable[FaceTrack], info: PlateInfo, frame_times: Sequence[Fraction]
) -> tuple[ActorTake, ...]:
    """Those of `tracks`, the plate's, that show the person of `track` in other shots, as one take; none where
    it is seen once.
    """
    shots = tuple(
        (other, footage_of(other, frame_times, info.frame_rate))
        for other in tracks
        if other.number != track.number
        and person_of(other) == person_of(track)
        and len(other.indices) >= LEAST_FRAMES
    )
    return (ActorTake(PLATE_ITSELF, info, tuple(frame_times), shots),) if shots else ()
