# SPDX-License-Identifier: Apache-2.0
"""Candidates rendered over a few frames and measured from their pictures, as `plosive score` does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from itertools import takewhile

import numpy as np
from numpy.typing import NDArray

from plosive.composite.merge import Merger
from plosive.faces.track import FaceTrack
from plosive.media.placement import Placement
from plosive.media.plate import PlateFrame, PlateReader
from plosive.progress import Progress
from plosive.quality.difference import EdgeMeasure, measure_face_edge
from plosive.quality.expectation import expect
from plosive.quality.measured import MeasuredTake, measure_take
from plosive.quality.observation import FaceObservation
from plosive.quality.take import Take
from plosive.quality.watching import FaceWatcher, WatchedFrame, nearest_face
from plosive.speech.model import Speech
from plosive.sync.render import FrameMaker, Part, worker_count
from plosive.sync.stopwatch import Stopwatch
from plosive.sync.switched import SwitchedPlan

__all__ = ["TrialGround"]


class TrialGround:
    """What all trials of a job share; `observations` are the plate's faces by number, as scored."""

    def __init__(
        self,
        reader: PlateReader,
        merger: Merger,
        speech: Speech,
        placement: Placement,
        observations: dict[int, FaceObservation],
    ) -> None:
        start, interval = placement.dub_start_seconds, 1 / reader.info.frame_rate
        self._reader = reader
        # A stopwatch of its own: all that trials do is one stage of the job.
        self._maker = FrameMaker(merger, reader.info.transfer, Stopwatch())
        self._expectation = expect(speech, start, interval)
        self._centres = np.array([float(start + centre) for centre in placement.dub_centres])
        self._observations = observations

    def measured(
        self, part: Part, plans: Sequence[SwitchedPlan], first: int, last: int, progress: Progress
    ) -> list[MeasuredTake | None]:
        """Frames `first` to `last` inclusive (indices) of `part` rendered by each of `plans`, the first
        choice before the others, and measured; None where its face could not be found any more.

        Pictures live for one frame only. A frame that a plan leaves to the first choice is rendered once.
        """
        frames = takewhile(lambda frame: frame.index <= last, self._reader.frames(first))
        trials = [_Trial(part.track) for _ in plans]
        made = [replace(part, plan=plan) for plan in plans]
        try:
            # One worker more than are busy: those who wait for the first choice do no work.
            with ThreadPoolExecutor(worker_count() + 1, thread_name_prefix="plosive-trial") as pool:
                for frame in frames:
                    self._see(frame, made, trials, pool)
                    progress.advance()
        finally:
            for trial in trials:
                trial.close()
        return [self._measure(part.track, trial) for trial in trials]

    def _see(
        self, frame: PlateFrame, parts: list[Part], trials: list[_Trial], pool: ThreadPoolExecutor
    ) -> None:
        plate = frame.rgb8()
        row = parts[0].track.row(frame.index)

        def synced(part: Part) -> PlateFrame:
            made = self._maker.synced(frame, [part])
            made.rgb8()  # made here and kept: several threads at once may not make it
            return made

        def seen(part: Part, trial: _Trial, first: Future[PlateFrame]) -> None:
            plan = part.plan
            other = row is not None and isinstance(plan, SwitchedPlan) and plan.is_switched(row)
            trial.see(synced(part) if other else first.result(), plate)

        first = pool.submit(synced, parts[0])
        waiting = [pool.submit(seen, part, trial, first) for part, trial in zip(parts, trials, strict=True)]
        for done in waiting:
            done.result()

    def _measure(self, track: FaceTrack, trial: _Trial) -> MeasuredTake | None:
        seen = trial.observation()
        if seen is None:
            return None
        return measure_take(
            Take(
                seen=seen,
                plate=self._observations.get(track.number),
                expectation=self._expectation,
                times=self._centres[seen.indices],
                frame_rate=self._reader.info.frame_rate,
                edges=tuple(trial.edges.get(index) for index in seen.indices.tolist()),
            )
        )


class _Trial:
    """Watches the pictures of one candidate, frame after frame."""

    def __init__(self, track: FaceTrack) -> None:
        self._track = track
        self._watcher = FaceWatcher()
        self._shown: PlateFrame | None = None
        self._watching = self._watcher.watch(self._shown_frames())
        self._votes: Counter[int] = Counter()
        self.edges: dict[int, EdgeMeasure | None] = {}

    def see(self, frame: PlateFrame, plate: NDArray[np.uint8]) -> None:
        """Watch one more frame, whose plate shows `plate` (H, W, 3) uint8."""
        self._shown = frame
        seen = next(self._watching)
        row = self._track.row(frame.index)
        if row is not None:
            self._add_edge(seen, plate, self._track.landmarks[row])

    def observation(self) -> FaceObservation | None:
        """The face that was most often where the track is; None where there is none."""
        if not self._votes:
            return None
        key = min(self._votes, key=lambda key: (-self._votes[key], key))
        return self._watcher.observations()[key]

    def close(self) -> None:
        """Let the detector go."""
        self._shown = None
        next(self._watching, None)

    def _shown_frames(self) -> Iterator[PlateFrame]:
        while self._shown is not None:
            yield self._shown

    def _add_edge(self, seen: WatchedFrame, plate: NDArray[np.uint8], own: NDArray[np.float32]) -> None:
        face = nearest_face(seen.faces, own)
        if face is None:
            return
        self._votes[face.key] += 1
        self.edges[seen.frame.index] = measure_face_edge(seen.rgb, plate, face.landmarks, own)
