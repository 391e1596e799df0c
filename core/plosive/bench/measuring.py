# SPDX-License-Identifier: Apache-2.0
"""Measuring one job in a process of its own, so that its peak memory is its own.

`python -m plosive.bench.measuring PLATE DUB OUT DEVICE` prints the figures as JSON on its last line.
"""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from plosive.bench.measured import MeasuredJob
from plosive.bench.memory import peak_bytes
from plosive.errors import PlosiveError
from plosive.progress import SilentProgress
from plosive.sync_options import SyncOptions

__all__ = ["Clock", "answered", "copy_frames", "measure", "measure_apart", "run_apart"]


def measure_apart(plate: Path, dub: Path, out: Path, device: str) -> MeasuredJob:
    """Run `measure` in a new process. Its expected failures are raised here as PlosiveError."""
    return MeasuredJob.from_facts(
        run_apart("plosive.bench.measuring", str(plate), str(dub), str(out), device)
    )


def run_apart(module: str, *arguments: str) -> dict[str, Any]:
    """Run a module in a new process; the JSON on its last line. Raises its PlosiveError, if it ends so."""
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode == PlosiveError.exit_code:
        raise PlosiveError(done.stderr.strip().splitlines()[-1])
    if done.returncode != 0:
        raise RuntimeError(f"the measuring process ended with {done.returncode}\n{done.stderr}")
    facts: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return facts


def answered(measure: Callable[[], Any]) -> int:
    """The other end of `run_apart`: print the dataclass that `measure` gives as JSON on the last line, or its
    PlosiveError as a sentence. Returns the exit code.
    """
    try:
        facts = measure()
    except PlosiveError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    sys.stdout.flush()
    print(json.dumps(dataclasses.asdict(facts), default=os.fspath), flush=True)
    return 0


def measure(plate: Path, dub: Path, out: Path, device: str) -> MeasuredJob:
    """Run one job, then its floor, in this process; the job's OUT stays."""
    from plosive.media import open_plate
    from plosive.sync import sync_plate

    clock = Clock()
    options = SyncOptions(plate=plate, dub=dub, out=out, device=device, overwrite=True)
    result = sync_plate(options.validated(), SilentProgress())
    wall, cpu = clock.read()
    peak = peak_bytes()
    clock = Clock()
    with open_plate(plate) as reader:
        info = reader.info
        for _ in reader.frames():
            pass
    decode, decode_cpu = clock.read()
    clock = Clock()
    copy = out.with_name(f"floor{out.suffix}")
    copy_frames(plate, copy)
    floor, floor_cpu = clock.read()
    copy.unlink()
    return MeasuredJob(
        plate=plate,
        width=info.width,
        height=info.height,
        frames=result.frames_total,
        frames_synced=result.frames_synced,
        wall_seconds=wall,
        cpu_seconds=cpu,
        stage_seconds=result.stage_seconds,
        decode_seconds=decode,
        decode_cpu_seconds=decode_cpu,
        floor_seconds=floor,
        floor_cpu_seconds=floor_cpu,
        peak_bytes=peak,
    )


class Clock:
    """Wall and CPU time (all cores of this process) since it was made."""

    def __init__(self) -> None:
        self._wall, self._cpu = time.perf_counter(), time.process_time()

    def read(self) -> tuple[float, float]:
        """(wall seconds, CPU seconds)."""
        return time.perf_counter() - self._wall, time.process_time() - self._cpu


def copy_frames(plate: Path, out: Path) -> None:
    """Decode and encode all frames of `plate` as they are; OUT is replaced."""
    from plosive.media import open_plate, open_writer

    with open_plate(plate) as reader, open_writer(out, reader, overwrite=True) as writer:
        for frame in reader.frames():
            writer.write(frame)


def _main(arguments: list[str]) -> int:
    plate, dub, out, device = arguments
    return answered(lambda: measure(Path(plate), Path(dub), Path(out), device))


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1:]))
