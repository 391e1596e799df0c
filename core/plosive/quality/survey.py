# SPDX-License-Identifier: Apache-2.0
"""The one pass of scoring: a result and its plate side by side, every face measured in both."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from plosive.faces.finding.tracker import SeenFace
from plosive.faces.people.appearance import Appearance
from plosive.geometry import Box
from plosive.media.plate import PlateReader
from plosive.progress import Progress
from plosive.quality.difference import EdgeMeasure, OutsideMeasure, measure_face_edge, measure_outside
from plosive.quality.observation import FaceObservation
from plosive.quality.pixels import lower_face_box
from plosive.quality.watched_plate import WatchedPlate, WatchedPlates
from plosive.quality.watching import FaceWatcher, WatchedFrame, nearest_face

__all__ = ["ClipSurvey", "survey_clip"]


@dataclass(frozen=True)
class ClipSurvey:
    """What one pass found.

    `faces` are the result's by key; `plate_faces` are the plate's, by the key of the face of the result that
    lies where they do. `edges` maps a face's key to frame index to the edge of the change (None: unchanged).
    `outside` is None without a plate, or where the two differ in size. `is_flat`: every frame of the result
    is one even colour. `appearances` are how the result's faces look, by key.
    """

    faces: dict[int, FaceObservation]
    plate_faces: dict[int, FaceObservation]
    edges: dict[int, dict[int, EdgeMeasure | None]]
    outside: OutsideMeasure | None
    is_flat: bool
    appearances: dict[int, Appearance] = field(default_factory=dict)


@dataclass
class _Pairing:
    """Faces of the result against those of the plate."""

    votes: dict[int, Counter[int]] = field(default_factory=dict)
    edges: dict[int, dict[int, EdgeMeasure | None]] = field(default_factory=dict)

    def add(self, result: WatchedFrame, plate: WatchedFrame, with_pixels: bool) -> list[Box]:
        """Pair the faces of one frame; returns the boxes in which they may differ."""
        width, height = result.frame.width, result.frame.height
        boxes = [lower_face_box(face.landmarks, width, height) for face in (*result.faces, *plate.faces)]
        for face in result.faces:
            twin = nearest_face(plate.faces, face.landmarks)
            if twin is not None:
                self.votes.setdefault(face.key, Counter())[twin.key] += 1
            if with_pixels:
                plate_face = None if twin is None else twin.landmarks
                edge = measure_face_edge(result.rgb, plate.rgb, face.landmarks, plate_face)
                self.edges.setdefault(face.key, {})[result.frame.index] = edge
        return boxes

    def twin(self, key: int) -> int | None:
        """The plate's face that was most often where face `key` of the result is."""
        votes = self.votes.get(key)
        return None if not votes else min(votes, key=lambda twin: (-votes[twin], twin))


def survey_clip(
    result: PlateReader,
    plate: PlateReader | None,
    progress: Progress,
    plates: WatchedPlates | None = None,
) -> ClipSurvey:
    """Look once at every frame of `result`, and of `plate` in step with it. Faces of a plate that `plates`
    knows are not followed again: what is found is the same.

    Memory holds numbers, and two frames of each. Raises MediaReadError where a file is damaged.
    """
    watcher = FaceWatcher(tells_people=True)
    known = None if plate is None or plates is None else plates.watched(plate)
    plate_watcher = known or FaceWatcher()
    plate_seen: list[tuple[SeenFace, ...]] = []
    pairing = _Pairing()
    same_size = plate is not None and (plate.info.width, plate.info.height) == (
        result.info.width,
        result.info.height,
    )
    outside = OutsideMeasure() if same_size else None
    progress.start("watch", result.info.frame_count)
    with ThreadPoolExecutor(2, thread_name_prefix="plosive-watch") as pool:
        ours = watcher.watch(result.frames())
        theirs = plate_watcher.watch(plate.frames()) if plate is not None else iter(())
        for seen, seen_plate in _in_step(pool, ours, theirs):
            if seen_plate is not None:
                plate_seen.append(seen_plate.faces)
            if seen is None:
                continue
            if seen_plate is not None:
                boxes = pairing.add(seen, seen_plate, same_size)
                if outside is not None:
                    measure_outside(outside, seen, seen_plate, boxes)
            progress.advance()
    progress.finish()
    plate_faces = plate_watcher.observations()
    if plate is not None and plates is not None and known is None:
        plates.keep_watched(plate, WatchedPlate(tuple(plate_seen), plate_faces))
    faces = watcher.observations()
    twins = {key: pairing.twin(key) for key in faces}
    lowest, highest = watcher.darkest_to_brightest
    return ClipSurvey(
        faces=faces,
        plate_faces={key: plate_faces[twin] for key, twin in twins.items() if twin is not None},
        edges=pairing.edges,
        outside=outside,
        is_flat=highest - lowest <= 2,
        appearances=watcher.appearances(),
    )


def _in_step(
    pool: ThreadPoolExecutor, ours: Iterator[WatchedFrame], theirs: Iterator[WatchedFrame]
) -> Iterator[tuple[WatchedFrame | None, WatchedFrame | None]]:
    """Pairs of frames until both ends; the next pair is made while the last one is compared."""

    def ahead() -> tuple[Future[WatchedFrame | None], Future[WatchedFrame | None]]:
        return pool.submit(next, ours, None), pool.submit(next, theirs, None)

    waiting = ahead()
    while True:
        pair = waiting[0].result(), waiting[1].result()
        if pair[0] is None and pair[1] is None:
            return
        waiting = ahead()
        yield pair
