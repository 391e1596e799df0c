# SPDX-License-Identifier: Apache-2.0
"""Measuring how fast synced frames are written: patched, against compressing them anew and copying the file.

`python -m plosive.bench.writing PLATE` prints the figures as JSON on its last line.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from plosive.bench.measuring import Clock, answered, run_apart
from plosive.geometry import Box
from plosive.media.exactness import Fate

if TYPE_CHECKING:
    from plosive.media.plate import PlateFrame

__all__ = ["MeasuredWriting", "measure_writing", "measure_writing_apart", "writing_lines"]

_EXR_COMPRESSIONS = ("zip", "dwaa")
_MOUTH_OF_HEIGHT = 0.24, 0.20
"""Width and height of what a job touches, as shares of the picture's height: the lower half of a face 300
pixels wide at 1080p."""


@dataclass(frozen=True)
class MeasuredWriting:
    """`frames` frames of one format, all of them touched at the mouth, each in CPU seconds of all cores.

    `patched` writes them as a job does, `rewritten` compresses them anew whole, `copied` copies the file and
    is the floor.
    """

    format: str
    width: int
    height: int
    frames: int
    patched_frames: int
    patched_cpu_seconds: float
    patched_wall_seconds: float
    rewritten_cpu_seconds: float
    rewritten_wall_seconds: float
    copied_wall_seconds: float

    @property
    def times_faster(self) -> float:
        """Wall time of compressing anew over that of patching."""
        return self.rewritten_wall_seconds / self.patched_wall_seconds

    @property
    def times_the_floor(self) -> float:
        """Wall time of patching over that of copying the file."""
        return self.patched_wall_seconds / self.copied_wall_seconds


def measure_writing_apart(plate: Path) -> list[MeasuredWriting]:
    """Run `measure_writing` in a new process. Its expected failures are raised here as PlosiveError."""
    return [MeasuredWriting(**facts) for facts in run_apart("plosive.bench.writing", str(plate))["formats"]]


@dataclass(frozen=True)
class _Formats:
    formats: list[MeasuredWriting]


def measure_writing(plate: Path) -> list[MeasuredWriting]:
    """Write `plate`, a short ProRes MOV (all frames are held in memory), and some frames as EXR, with the
    mouths touched.
    """
    with tempfile.TemporaryDirectory(prefix="plosive-bench-") as name:
        folder = Path(name)
        measured = [_measured("ProRes", plate, folder / "patched.mov", folder / "whole.mov", "prores_hq")]
        for compression in _EXR_COMPRESSIONS:
            (own := folder / compression).mkdir()
            pattern = _as_exr(plate, own, compression)
            measured.append(_measured_exr(f"EXR {compression.upper()}", pattern, own))
    return measured


def writing_lines(measured: Sequence[MeasuredWriting]) -> Iterator[str]:
    """Lines for the terminal."""
    yield "  writing alone, every frame touched at the mouth"
    for one in measured:
        yield (
            f"    {one.format} {one.width} x {one.height}: {one.frames / one.patched_wall_seconds:.1f} fps, "
            f"{one.times_faster:.1f} times as fast as compressing anew, {one.times_the_floor:.1f} times as "
            "long as copying the file"
        )
        if one.patched_frames < one.frames:
            yield f"      only {one.patched_frames} of {one.frames} frames could be patched"


def _measured(name: str, plate: Path, patched: Path, whole: Path, codec: str) -> MeasuredWriting:
    """A video file: written to `patched` as a job does, and to `whole` compressed anew."""
    from plosive.media import open_plate, open_writer

    with open_plate(plate) as reader:
        info = reader.info
        frames = [_touched(frame, info.height) for frame in reader.frames()]
        with open_writer(
            patched.with_name("warm.mov"), reader
        ) as warm:  # the entropy coder is compiled, or fetched from where it was kept
            for frame in frames:
                warm.write(frame)
        clock = Clock()
        with open_writer(patched, reader) as writer:
            for frame in frames:
                writer.write(frame)
        wall, cpu = clock.read()
        clock = Clock()
        with open_writer(whole, reader, codec=codec) as encoder:
            for frame in frames:
                encoder.write(frame)
        whole_wall, whole_cpu = clock.read()
    clock = Clock()
    shutil.copyfile(plate, patched.with_name("floor.mov"))
    floor = clock.read()[0]
    return MeasuredWriting(
        name,
        info.width,
        info.height,
        len(frames),
        writer.exactness.count(Fate.PATCHED),
        cpu,
        wall,
        whole_cpu,
        whole_wall,
        floor,
    )


def _measured_exr(name: str, pattern: Path, folder: Path) -> MeasuredWriting:
    """An EXR sequence: each frame edited as a job does, and read, modified and written whole."""
    from plosive.media import open_plate
    from plosive.media.imageframe import ImagePlateFrame
    from plosive.media.imageoutput import rewrite_edited, write_edited

    patched = 0
    spent = np.zeros((3, 2))
    with open_plate(pattern) as reader:
        info = reader.info
        for frame in reader.frames():
            made = _touched(frame, info.height)
            assert isinstance(made, ImagePlateFrame)
            edit = made.edit
            assert edit is not None
            clock = Clock()
            patched += write_edited(made.layout, edit, folder / "patched.exr").fate is Fate.PATCHED
            spent[0] += clock.read()
            clock = Clock()
            rewrite_edited(edit, folder / "whole.exr")
            spent[1] += clock.read()
            clock = Clock()
            shutil.copyfile(made.layout.path, folder / "floor.exr")
            spent[2] += clock.read()
    return MeasuredWriting(
        name,
        info.width,
        info.height,
        info.frame_count,
        patched,
        float(spent[0, 1]),
        float(spent[0, 0]),
        float(spent[1, 1]),
        float(spent[1, 0]),
        float(spent[2, 0]),
    )


def _as_exr(plate: Path, folder: Path, compression: str) -> Path:
    """A few frames of `plate` as scene-linear half RGBA with a little grain; returns the pattern."""
    from plosive.media import open_plate
    from plosive.media.imageoutput import write_new
    from plosive.media.scene import linear_rgb

    random = np.random.default_rng(7)
    with open_plate(plate) as reader:
        frames: Iterator[PlateFrame] = islice(reader.frames(), 8)
        for frame in frames:
            light = linear_rgb(frame, reader.info)
            light = light * (1 + random.normal(0, 0.01, light.shape).astype(np.float32))
            alpha = np.ones((*light.shape[:2], 1), np.float32)
            pixels = np.concatenate([light, alpha], axis=2).astype(np.float16)
            write_new(
                folder / f"plate.{frame.index:04d}.exr",
                pixels,
                {"compression": compression},
                ("R", "G", "B", "A"),
            )
    return folder / "plate.####.exr"


def _touched(frame: PlateFrame, height: int) -> PlateFrame:
    """`frame` with its middle, as large as a lower face, moved by a few pixels, as mouths are."""
    width, tall = (round(share * height) for share in _MOUTH_OF_HEIGHT)
    left, top = (frame.width - width) // 2, (frame.height - tall) // 2
    box = Box(left, top, left + width, top + tall)
    y, x = np.mgrid[-1 : 1 : tall * 1j, -1 : 1 : width * 1j]
    pixels = frame.working(box)
    change = np.roll(pixels, tall // 20, axis=0) - pixels
    return frame.merged(box, change, x * x + y * y < 1)


def _main(arguments: list[str]) -> int:
    (plate,) = arguments
    return answered(lambda: _Formats(measure_writing(Path(plate))))


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1:]))
