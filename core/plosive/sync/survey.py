# SPDX-License-Identifier: Apache-2.0
"""The first pass over a plate: faces tracked, and pictures of their mouths collected."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from plosive.faces.finding.tracker import FaceTracker
from plosive.faces.track import FaceTrack
from plosive.generate.crops import CropFile
from plosive.generate.sources import SourceCollector, SourceLibrary
from plosive.media.plate import PlateFrame
from plosive.progress import Progress
from plosive.quality.observation import FaceObservation, FaceRecorder
from plosive.sync.stopwatch import Stopwatch

__all__ = ["PlateSurvey", "survey_plate"]


@dataclass(frozen=True)
class PlateSurvey:
    """Every face track of a plate with the sources of its mouth, most prominent first.

    `observations` are its faces by number as scoring measures them, where they were asked for.
    """

    tracks: tuple[FaceTrack, ...]
    sources: dict[int, SourceLibrary]
    cut_indices: tuple[int, ...]
    observations: dict[int, FaceObservation] = field(default_factory=dict)

    def library(self, track: FaceTrack) -> SourceLibrary:
        """The sources of `track`, by its number."""
        return self.sources[track.number]


def survey_plate(
    frames: Iterable[PlateFrame],
    crops: CropFile,
    progress: Progress,
    watch: Stopwatch,
    with_observations: bool = False,
) -> PlateSurvey:
    """Look at every frame once. Pixels of mouths go to `crops`; memory holds only numbers."""
    collectors: dict[int, SourceCollector] = {}
    recorders: dict[int, FaceRecorder] = {}
    with FaceTracker() as tracker:
        for frame in watch.timed("decode", frames):
            with watch.running("faces"):
                rgb = frame.rgb8()
                faces = tracker.see(frame.index, rgb)
                for face in faces:
                    collector = collectors.setdefault(face.key, SourceCollector(crops))
                    collector.add(frame, face.landmarks)
                    if with_observations:
                        recorder = recorders.setdefault(
                            face.key, FaceRecorder(face.shot, frame.width, frame.height)
                        )
                        recorder.add(frame.index, rgb, face.landmarks)
            progress.advance()
        tracks = tracker.tracks()
    ranked = sorted(tracks.items(), key=lambda item: item[1].number)
    return PlateSurvey(
        tracks=tuple(track for _, track in ranked),
        sources={track.number: collectors[key].library() for key, track in ranked},
        cut_indices=tuple(tracker.cut_indices),
        observations={
            track.number: recorders[key].observation() for key, track in ranked if key in recorders
        },
    )
