# SPDX-License-Identifier: Apache-2.0
"""The first pass over a plate: faces tracked, and pictures of their mouths collected."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from plosive.faces.detector import FaceDetector
from plosive.faces.track import FaceTrack
from plosive.faces.tracking import FaceTracker
from plosive.generate.crops import CropFile
from plosive.generate.sources import SourceCollector, SourceLibrary
from plosive.media.plate import PlateFrame
from plosive.progress import Progress
from plosive.sync.stopwatch import Stopwatch

__all__ = ["PlateSurvey", "survey_plate"]


@dataclass(frozen=True)
class PlateSurvey:
    """Every face track of a plate with the sources of its mouth, most prominent first."""

    tracks: tuple[FaceTrack, ...]
    sources: dict[int, SourceLibrary]
    cut_indices: tuple[int, ...]

    def library(self, track: FaceTrack) -> SourceLibrary:
        """The sources of `track`, by its number."""
        return self.sources[track.number]


def survey_plate(
    frames: Iterable[PlateFrame], crops: CropFile, progress: Progress, watch: Stopwatch
) -> PlateSurvey:
    """Look at every frame once. Pixels of mouths go to `crops`; memory holds only numbers."""
    collectors: dict[int, SourceCollector] = {}
    with FaceDetector() as detector:
        tracker = FaceTracker(detector)
        for frame in watch.timed("decode", frames):
            with watch.running("faces"):
                faces = tracker.see(frame.index, frame.rgb8())
                for face in faces:
                    collector = collectors.setdefault(face.key, SourceCollector(crops))
                    collector.add(frame, face.landmarks)
            progress.advance()
        tracks = tracker.tracks()
    ranked = sorted(tracks.items(), key=lambda item: item[1].number)
    return PlateSurvey(
        tracks=tuple(track for _, track in ranked),
        sources={track.number: collectors[key].library() for key, track in ranked},
        cut_indices=tuple(tracker.cut_indices),
    )
