# SPDX-License-Identifier: Apache-2.0
"""Measuring how fast faces are found, followed and watched, in a process of its own.

`python -m plosive.bench.finding PLATE` prints the figures as JSON on its last line.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from plosive.bench.measuring import Clock, answered, run_apart
from plosive.bench.memory import peak_bytes
from plosive.colour.transfer import Transfer
from plosive.media.plate import PlateFrame, PlateReader

__all__ = ["MeasuredFaces", "faces_lines", "measure_faces", "measure_faces_apart"]

_GRIDS = (2, 4)
_GRID_FRAMES = 48
_WARM_FRAMES = 12

Shown = Iterable[tuple[PlateFrame, NDArray[np.uint8]]]


@dataclass(frozen=True)
class MeasuredFaces:
    """The whole stage of faces: reading, finding, following, watching light, covers, looks and motion while
    the plate goes by, and what follows when it is over (`finish_seconds` of `wall_seconds`). `faces` is how
    many there are in a frame, on average.

    `many` holds (faces in a frame, milliseconds a frame without reading) for the plate as it is and for its
    picture repeated 2 by 2 and 4 by 4 in the same size.
    """

    frames: int
    faces: float
    wall_seconds: float
    cpu_seconds: float
    finish_seconds: float
    many: tuple[tuple[float, float], ...]
    peak_bytes: int | None

    @property
    def frames_per_second(self) -> float:
        return self.frames / self.wall_seconds


def measure_faces_apart(plate: Path) -> MeasuredFaces:
    """Run `measure_faces` in a new process. Its expected failures are raised here as PlosiveError."""
    return MeasuredFaces(**run_apart("plosive.bench.finding", str(plate)))


def measure_faces(plate: Path) -> MeasuredFaces:
    """Look at the faces of a whole plate, then of its first frames repeated, in this process."""
    from plosive.faces.finding.ahead import pictures_ahead
    from plosive.media import open_plate

    with open_plate(plate) as reader:  # models and libraries are loaded
        _stage(_few(reader, 1, _WARM_FRAMES), reader.info.transfer)
    clock = Clock()
    with open_plate(plate) as reader:
        frames, found, _, finish = _stage(pictures_ahead(reader.frames()), reader.info.transfer)
    wall, cpu = clock.read()
    peak = peak_bytes()
    many = []
    for grid in (1, *_GRIDS):
        with open_plate(plate) as reader:
            few = _few(reader, grid, _GRID_FRAMES)
            count, seen, seconds, _ = _stage(few, reader.info.transfer)
        many.append((seen / max(count, 1), 1000 * seconds / max(count - 1, 1)))
    return MeasuredFaces(frames, found / max(frames, 1), wall, cpu, finish, tuple(many), peak)


def faces_lines(measured: MeasuredFaces) -> Iterator[str]:
    """Lines for the terminal."""
    yield f"  faces: {measured.frames} frames, {measured.faces:.1f} faces each, reading included"
    after = 1000 * measured.finish_seconds / max(measured.frames, 1)
    yield f"    speed               {measured.frames_per_second:.1f} fps"
    yield f"    after the pass      {after:.1f} ms a frame"
    for faces, milliseconds in measured.many:
        yield f"    {faces:>4.1f} faces a frame  {milliseconds:.1f} ms a frame without reading"
    if measured.peak_bytes is not None:
        yield f"    peak memory         {measured.peak_bytes / 2**20:.0f} MB"


def _stage(shown: Shown, transfer: Transfer) -> tuple[int, int, float, float]:
    """(frames, faces in all of them, seconds from the second frame on, seconds after the last). The first
    frame loads models and is searched whole.
    """
    from plosive.faces.behind import WorkBehind
    from plosive.faces.finding.tracker import FaceTracker, SeenFace
    from plosive.faces.observers import FaceObservers, finished
    from plosive.faces.threads import single_products

    observers: dict[int, FaceObservers] = {}

    def watch_faces(frame: PlateFrame, rgb: NDArray[np.uint8], faces: list[SeenFace]) -> None:
        for face in faces:
            observers.setdefault(face.key, FaceObservers(transfer)).add(frame, rgb, face.landmarks)

    clock = Clock()
    frames = found = 0
    with single_products(), FaceTracker() as tracker:
        with WorkBehind() as behind:
            for frame, rgb in shown:
                faces = tracker.see(frame.index, rgb)
                behind.do(partial(watch_faces, frame, rgb, faces))
                found += len(faces)
                frames += 1
                if frames == 1:
                    clock = Clock()
        passed, _ = clock.read()
        finished(observers, tracker.tracks())
        whole, _ = clock.read()
    return frames, found, whole, whole - passed


def _few(reader: PlateReader, grid: int, count: int) -> list[tuple[PlateFrame, NDArray[np.uint8]]]:
    """The first frames, each `grid` by `grid` times in a picture of its size."""
    return [(frame, _repeated(frame.rgb8(), grid)) for frame in islice(reader.frames(), count)]


def _repeated(rgb: NDArray[np.uint8], grid: int) -> NDArray[np.uint8]:
    """The picture `grid` by `grid` times in a picture of its size."""
    import cv2

    height, width = rgb.shape[:2]
    size = (width // grid, height // grid)
    small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA) if grid > 1 else rgb
    return np.asarray(np.tile(small, (grid, grid, 1)), dtype=np.uint8)


def _main(arguments: list[str]) -> int:
    return answered(lambda: measure_faces(Path(arguments[0])))


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1:]))
