# SPDX-License-Identifier: Apache-2.0
"""Measuring how fast new mouths are made and merged, in a process of its own.

`python -m plosive.bench.making PLATE DUB DEVICE` prints the figures as JSON on its last line.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from plosive.bench.measuring import Clock, answered, copy_frames, run_apart
from plosive.errors import FaceError
from plosive.media.plate import PlateFrame
from plosive.progress import SilentProgress

if TYPE_CHECKING:
    from plosive.sync.render import FrameMaker, Part

__all__ = ["MeasuredMaking", "making_lines", "measure_making", "measure_making_apart"]

_AT_ONCE_FRAMES = 8
_WARM_FRAMES = 2


@dataclass(frozen=True)
class MeasuredMaking:
    """Generate and composite alone: frames decoded before, several made at once as in a job (`workers`).

    `cpu_seconds` are those of all cores, `stage_shares` how they split. `floor_seconds` is decoding and
    encoding the same frames. `face_pixels` is the mean width of the face.
    """

    width: int
    height: int
    frames: int
    face_pixels: float
    workers: int
    wall_seconds: float
    cpu_seconds: float
    stage_shares: dict[str, float]
    floor_seconds: float

    @property
    def frames_per_second(self) -> float:
        return self.frames / self.wall_seconds

    @property
    def ratio_to_floor(self) -> float:
        """How many times as long as decoding and encoding it takes."""
        return self.wall_seconds / self.floor_seconds


def measure_making_apart(plate: Path, dub: Path, device: str) -> MeasuredMaking:
    """Run `measure_making` in a new process. Its expected failures are raised here as PlosiveError."""
    return MeasuredMaking(**run_apart("plosive.bench.making", str(plate), str(dub), device))


def measure_making(plate: Path, dub: Path, device: str = "auto") -> MeasuredMaking:
    """Make every frame in which the most prominent face of `plate` can say `dub`, in this process.

    Raises FaceError where there is none.
    """
    from plosive.faces.visibility import mouth_visibility
    from plosive.generate import find_generator
    from plosive.generate.crops import CropFile
    from plosive.generate.pool import SourcePool
    from plosive.generate.protocol import Shot
    from plosive.media import open_plate, read_dub
    from plosive.motion import motion_curves
    from plosive.speech import hear
    from plosive.sync.render import FrameMaker, Part, worker_count
    from plosive.sync.sparing import SparingMerger, compute_device
    from plosive.sync.stopwatch import Stopwatch
    from plosive.sync.style import Style
    from plosive.sync.survey import survey_plate
    from plosive.sync.wishes import mouth_wish

    place = compute_device(device)
    with open_plate(plate) as reader, CropFile() as crops:
        info, times = reader.info, reader.frame_times()
        survey = survey_plate(reader, crops, SilentProgress(), Stopwatch())
        track = next((one for one in survey.tracks if len(survey.library(one))), None)
        if track is None:
            raise FaceError(f"No face was found in {plate}; give a plate with one.")
        centres = tuple(start + 1 / info.frame_rate / 2 for start in times)
        speech = hear(read_dub(dub).speech_samples(), None, "auto", centres[-1])
        curves = motion_curves(speech, centres, frame_seconds=1 / info.frame_rate)
        one = np.ones(info.frame_count)
        wish = mouth_wish(track, curves, Style(strength=one, jaw=one, lip=one, articulation=one))
        shot = Shot(track, wish, SourcePool.of(track, survey.library(track)), seed=0)
        plan = find_generator("plate").plan(shot)
        part = Part(shot, mouth_visibility(track, info.frame_count, {}), plan)
        merger = SparingMerger(place)
        warm = FrameMaker(merger, info.transfer, Stopwatch())
        first: Iterator[PlateFrame] = islice(reader.frames(), _WARM_FRAMES)
        for frame in first:
            warm.synced(frame, [part])
        watch = Stopwatch()
        maker = FrameMaker(merger, info.transfer, watch)
        frames, wall, cpu = _made(maker, part, reader.frames(), worker_count())
        spent = sum(watch.seconds.values())
        return MeasuredMaking(
            width=info.width,
            height=info.height,
            frames=frames,
            face_pixels=float(track.face_widths.mean()),
            workers=worker_count(),
            wall_seconds=wall,
            cpu_seconds=cpu,
            stage_shares={stage: seconds / spent for stage, seconds in watch.seconds.items()},
            floor_seconds=_floor_seconds(plate) * frames / info.frame_count,
        )


def making_lines(making: Sequence[MeasuredMaking]) -> Iterator[str]:
    """Lines for the terminal."""
    yield "  generate and composite alone, frames decoded before"
    for one in making:
        face = f"{one.width} x {one.height}, face {one.face_pixels:.0f} pixels wide"
        split = ", ".join(
            f"{stage} {1000 * share * one.cpu_seconds / one.frames:.1f}"
            for stage, share in one.stage_shares.items()
        )
        yield f"    {face}: {one.frames_per_second:.1f} fps, {one.workers} frames at once"
        yield f"      {1000 * one.cpu_seconds / one.frames:.1f} ms of CPU a frame ({split})"
        yield f"      {one.ratio_to_floor:.2f} of decoding and encoding the same frames"


def _made(
    maker: FrameMaker, part: Part, frames: Iterator[PlateFrame], workers: int
) -> tuple[int, float, float]:
    """(frames, wall seconds, CPU seconds) of making those of `frames` that `part` covers; a few are held at a
    time.
    """
    count, wall, cpu = 0, 0.0, 0.0
    covered = (frame for frame in frames if part.blend(frame.index) > 0)
    with ThreadPoolExecutor(workers) as pool:
        while block := list(islice(covered, _AT_ONCE_FRAMES)):
            clock = Clock()
            for done in [pool.submit(maker.synced, frame, [part]) for frame in block]:
                done.result()
            block_wall, block_cpu = clock.read()
            count, wall, cpu = count + len(block), wall + block_wall, cpu + block_cpu
    return count, wall, cpu


def _floor_seconds(plate: Path) -> float:
    """Decoding and encoding every frame of `plate` as it is."""
    with tempfile.TemporaryDirectory(prefix="plosive-bench-") as folder:
        clock = Clock()
        copy_frames(plate, Path(folder) / f"floor{plate.suffix}")
        return clock.read()[0]


def _main(arguments: list[str]) -> int:
    plate, dub, device = arguments
    return answered(lambda: measure_making(Path(plate), Path(dub), device))


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1:]))
