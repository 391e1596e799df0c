# SPDX-License-Identifier: Apache-2.0
"""Measuring how fast faces are found and followed, in a process of its own.

`python -m plosive.bench.finding PLATE` prints the figures as JSON on its last line.
"""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from plosive.bench.measuring import Clock, run_apart
from plosive.bench.memory import peak_bytes
from plosive.errors import PlosiveError

__all__ = ["MeasuredFaces", "faces_lines", "measure_faces", "measure_faces_apart"]

_GRIDS = (2, 4)
_GRID_FRAMES = 24


@dataclass(frozen=True)
class MeasuredFaces:
    """Faces of a plate found, reading included: `faces` is how many there are in a frame, on average.

    `many` holds (faces in a frame, milliseconds a frame without reading) for the plate as it is and for its
    picture repeated 2 by 2 and 4 by 4 in the same size.
    """

    frames: int
    faces: float
    wall_seconds: float
    cpu_seconds: float
    many: tuple[tuple[float, float], ...]
    peak_bytes: int | None

    @property
    def frames_per_second(self) -> float:
        return self.frames / self.wall_seconds


def measure_faces_apart(plate: Path) -> MeasuredFaces:
    """Run `measure_faces` in a new process. Its expected failures are raised here as PlosiveError."""
    return MeasuredFaces(**run_apart("plosive.bench.finding", str(plate)))


def measure_faces(plate: Path) -> MeasuredFaces:
    """Find the faces of a whole plate, then of its first frames repeated, in this process."""
    from plosive.faces.finding.ahead import pictures_ahead
    from plosive.faces.finding.tracker import FaceTracker
    from plosive.media import open_plate

    _follow([np.zeros((64, 64, 3), dtype=np.uint8)])  # models are loaded
    clock = Clock()
    frames = found = 0
    with open_plate(plate) as reader, FaceTracker(keep_landmarks=False) as tracker:
        for frame, rgb in pictures_ahead(reader.frames()):
            found += len(tracker.see(frame.index, rgb))
            frames += 1
    wall, cpu = clock.read()
    peak = peak_bytes()
    many = []
    for grid in (1, *_GRIDS):
        with open_plate(plate) as reader:
            few = zip(range(_GRID_FRAMES), pictures_ahead(reader.frames()), strict=False)
            many.append(_follow([_repeated(rgb, grid) for _, (_, rgb) in few]))
    return MeasuredFaces(frames, found / max(frames, 1), wall, cpu, tuple(many), peak)


def faces_lines(measured: MeasuredFaces) -> Iterator[str]:
    """Lines for the terminal."""
    yield f"  faces: {measured.frames} frames, {measured.faces:.1f} faces each, reading included"
    yield f"    speed               {measured.frames_per_second:.1f} fps"
    for faces, milliseconds in measured.many:
        yield f"    {faces:>4.1f} faces a frame  {milliseconds:.1f} ms a frame without reading"
    if measured.peak_bytes is not None:
        yield f"    peak memory         {measured.peak_bytes / 2**20:.0f} MB"


def _follow(pictures: list[NDArray[np.uint8]]) -> tuple[float, float]:
    """(faces in a frame, milliseconds a frame); the first frame, which is searched whole, is left out."""
    from plosive.faces.finding.tracker import FaceTracker

    with FaceTracker(keep_landmarks=False) as tracker:
        tracker.see(0, pictures[0])
        clock = Clock()
        found = [len(tracker.see(index, rgb)) for index, rgb in enumerate(pictures[1:], start=1)]
        wall, _ = clock.read()
    return sum(found) / max(len(found), 1), 1000 * wall / max(len(found), 1)


def _repeated(rgb: NDArray[np.uint8], grid: int) -> NDArray[np.uint8]:
    """The picture `grid` by `grid` times in a picture of its size."""
    import cv2

    height, width = rgb.shape[:2]
    size = (width // grid, height // grid)
    small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA) if grid > 1 else rgb
    return np.asarray(np.tile(small, (grid, grid, 1)), dtype=np.uint8)


def _main(arguments: list[str]) -> int:
    try:
        measured = measure_faces(Path(arguments[0]))
    except PlosiveError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    sys.stdout.flush()
    print(json.dumps(dataclasses.asdict(measured)), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1:]))
