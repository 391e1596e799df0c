# SPDX-License-Identifier: Apache-2.0
"""Other takes of the actor, given by --actor-footage: who is in them, and how their mouths move."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from plosive.colour.plate_colour import ColourChoice
from plosive.faces.head import HeadFit
from plosive.faces.measure import mouth_channels
from plosive.faces.track import FaceTrack
from plosive.media import open_plate
from plosive.media.plate import PlateInfo, PlateReader
from plosive.motion import MouthFootage
from plosive.progress import Progress
from plosive.sync.known_survey import SurveyCache
from plosive.sync.survey import survey_take

__all__ = [
    "LEAST_FRAMES",
    "LONGEST_SECONDS",
    "PLATE_ITSELF",
    "ActorTake",
    "TakeReading",
    "footage_of",
    "require_takes",
    "survey_takes",
]

LONGEST_SECONDS = 180
"""Of each take the first three minutes are looked at: more changes no percentile."""

LEAST_FRAMES = 12
"""Shorter shots of an actor are not looked at."""

PLATE_ITSELF = 0
"""The number of the take that is the plate."""

_CORNERS = 61, 291
_BESIDE_MIDDLE = (81, 178), (311, 402)


@dataclass(frozen=True)
class TakeReading:
    """How takes are opened: those of the plate's kind of file (`suffix`) are in its `colour`, as the artist
    told it; image sequences that state no rate run at `sequence_rate`.
    """

    suffix: str = ""
    colour: ColourChoice | None = None
    sequence_rate: Fraction | None = None

    def open(self, path: Path) -> PlateReader:
        """Raises MediaReadError for a file that cannot be read."""
        is_alike = path.suffix.lower() == self.suffix.lower()
        return open_plate(path, sequence_rate=self.sequence_rate, colour=self.colour if is_alike else None)


@dataclass(frozen=True)
class ActorTake:
    """One file: `number` counts takes from 1, 0 is the plate itself; `shots` are the faces in it, shot by
    shot, each with how its mouth moves; `frame_times` are those of `info`'s frames, in seconds after the
    first.
    """

    number: int
    info: PlateInfo
    frame_times: tuple[Fraction, ...]
    shots: tuple[tuple[FaceTrack, MouthFootage], ...]
    reading: TakeReading = TakeReading()

    @property
    def path(self) -> Path:
        """The file."""
        return self.info.path

    @property
    def seconds(self) -> float:
        """How much of it was looked at."""
        return float(min(self.info.duration_seconds, Fraction(LONGEST_SECONDS)))

    def facts(self) -> dict[str, object]:
        """For the report: `choices` of a face name takes by `number`, and their frames from 0."""
        return {"number": self.number, "file": self.path, "first_frame": self.info.first_frame}


def require_takes(paths: Sequence[Path], reading: TakeReading) -> None:
    """Raise MediaReadError now for a file that could not be looked at after the long work."""
    for path in paths:
        reading.open(path).close()


def survey_takes(
    paths: Sequence[Path],
    progress: Progress,
    use_cache: bool = False,
    reading: TakeReading | None = None,
) -> tuple[ActorTake, ...]:
    """Look at the faces of each file, or find what was seen in it before. Raises MediaReadError when one
    cannot be read.
    """
    how = reading or TakeReading()
    return tuple(_surveyed(1 + place, path, progress, use_cache, how) for place, path in enumerate(paths))


def footage_of(track: FaceTrack, frame_times: Sequence[Fraction], frame_rate: Fraction) -> MouthFootage:
    """The mouth of `track` as `plosive.motion` measures actors; times from the clip's first frame."""
    half = 0.5 / float(frame_rate)
    times = np.array([float(time) for time in frame_times])
    seconds = times[np.minimum(track.indices, len(times) - 1)] + half
    values = mouth_channels(track.landmarks, track.head)
    return MouthFootage(values, seconds, _sides(track.head))


def _surveyed(
    number: int, path: Path, progress: Progress, use_cache: bool, reading: TakeReading
) -> ActorTake:
    with reading.open(path) as reader:
        info, times = reader.info, reader.frame_times()
        count = min(info.frame_count, int(LONGEST_SECONDS * info.frame_rate))
        progress.start("footage", count)
        tracks = survey_take(reader, count, progress, SurveyCache(reader, use_cache, "take and its light"))
        progress.finish()
    shots = tuple(
        (track, footage_of(track, times, info.frame_rate))
        for track in tracks
        if len(track.indices) >= LEAST_FRAMES
    )
    return ActorTake(number, info, times, shots, reading)


def _sides(head: HeadFit) -> NDArray[np.float32]:
    """The picture's right half of the mouth against its left (N, 2): see `MouthFootage.sides`."""
    face = head.upright
    corners = face[:, _CORNERS[0], 1] - face[:, _CORNERS[1], 1]  # y grows downwards
    left, right = (np.linalg.norm(face[:, upper] - face[:, lower], axis=1) for upper, lower in _BESIDE_MIDDLE)
    return np.stack([corners, right - left], axis=1, dtype=np.float32)
