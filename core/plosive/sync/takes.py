# SPDX-License-Identifier: Apache-2.0
"""Other takes of the actor, given by --actor-footage: measured once, for their numbers only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from plosive.faces.choice import choose_tracks
from plosive.faces.finding.tracker import FaceTracker
from plosive.faces.head import HeadFit, head_shape
from plosive.faces.measure import mouth_channels
from plosive.faces.track import FaceTrack
from plosive.media import PlateReader, open_plate
from plosive.motion import MouthFootage
from plosive.progress import Progress
from plosive.sync.known_survey import KnownSurvey, SurveyCache

__all__ = ["LONGEST_SECONDS", "ActorTake", "footage_of", "head_distance", "require_takes", "survey_takes"]

LONGEST_SECONDS = 180
"""Of each take the first three minutes are looked at: more changes no percentile."""

_LEAST_FRAMES = 12
_CORNERS = 61, 291
_BESIDE_MIDDLE = (81, 178), (311, 402)


@dataclass(frozen=True)
class ActorTake:
    """The most prominent face of each shot of one file: `shots` are its track and what was measured."""

    path: Path
    has_sound: bool
    seconds: float
    shots: tuple[tuple[FaceTrack, MouthFootage], ...]


def require_takes(paths: Sequence[Path]) -> None:
    """Raise MediaReadError now for a file that could not be looked at after the long work."""
    for path in paths:
        open_plate(path).close()


def survey_takes(paths: Sequence[Path], progress: Progress, use_cache: bool = False) -> tuple[ActorTake, ...]:
    """Look at the faces of each file, or find what was seen in it before. Raises MediaReadError when one
    cannot be read.
    """
    return tuple(_surveyed(path, progress, use_cache) for path in paths)


def footage_of(track: FaceTrack, frame_times: Sequence[Fraction], frame_rate: Fraction) -> MouthFootage:
    """The mouth of `track` as `plosive.motion` measures actors; times from the clip's first frame."""
    half = 0.5 / float(frame_rate)
    times = np.array([float(time) for time in frame_times])
    seconds = times[np.minimum(track.indices, len(times) - 1)] + half
    values = mouth_channels(track.landmarks, track.head)
    return MouthFootage(values, seconds, _sides(track.head))


def head_distance(one: FaceTrack, other: FaceTrack) -> float:
    """How differently two heads are shaped: root of the summed squares over their rigid points, turned onto
    each other, each head of size 1 (Procrustes). The same person stays within 0.03 in one take, two people
    lie 0.016 to 0.1 apart (22 clips), so it can tell that two are not one, never that they are.
    """
    first, second = head_shape(one.landmarks).rigid, head_shape(other.landmarks).rigid
    left, sizes, right = np.linalg.svd(first.T @ second)
    sizes[2] *= np.sign(np.linalg.det(left @ right))
    return float(np.sqrt(max(2 - 2 * sizes.sum(), 0.0)))


def _surveyed(path: Path, progress: Progress, use_cache: bool) -> ActorTake:
    with open_plate(path) as reader:
        info = reader.info
        count = min(info.frame_count, int(LONGEST_SECONDS * info.frame_rate))
        cache = SurveyCache(reader, use_cache, "take")
        known = cache.find(with_observations=False)
        if known is None:
            known = KnownSurvey(_chosen(reader, count, progress), (), {}, {})
            cache.keep(known)
        times = reader.frame_times()
        shots = tuple((track, footage_of(track, times, info.frame_rate)) for track in known.tracks)
        return ActorTake(path, info.has_audio, float(count / info.frame_rate), shots)


def _chosen(reader: PlateReader, count: int, progress: Progress) -> tuple[FaceTrack, ...]:
    """The most prominent face of each shot in the first `count` frames."""
    progress.start("footage", count)
    with FaceTracker() as tracker:
        for frame in reader.frames():
            if frame.index >= count:
                break
            tracker.see(frame.index, frame.rgb8())
            progress.advance()
        found = choose_tracks(list(tracker.tracks().values()), "auto")
    progress.finish()
    return tuple(track for track in found if len(track.indices) >= _LEAST_FRAMES)


def _sides(head: HeadFit) -> NDArray[np.float32]:
    """The picture's right half of the mouth against its left (N, 2): see `MouthFootage.sides`."""
    face = head.upright
    corners = face[:, _CORNERS[0], 1] - face[:, _CORNERS[1], 1]  # y grows downwards
    left, right = (np.linalg.norm(face[:, upper] - face[:, lower], axis=1) for upper, lower in _BESIDE_MIDDLE)
    return np.stack([corners, right - left], axis=1, dtype=np.float32)
