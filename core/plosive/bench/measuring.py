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
from pathlib import Path

from plosive.bench.measured import MeasuredJob
from plosive.bench.memory import peak_bytes
from plosive.errors import OptionError, PlosiveError
from plosive.progress import SilentProgress
from plosive.sync_options import SyncOptions

__all__ = ["measure", "measure_apart"]


def measure_apart(plate: Path, dub: Path, out: Path, device: str) -> MeasuredJob:
    """Run `measure` in a new process. Raises OptionError with that process's last words if it fails."""
    command = [sys.executable, "-m", "plosive.bench.measuring", str(plate), str(dub), str(out), device]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise OptionError(f"The measured job failed: {last}")
    return MeasuredJob.from_facts(json.loads(done.stdout.strip().splitlines()[-1]))


def measure(plate: Path, dub: Path, out: Path, device: str) -> MeasuredJob:
    """Run one job, then its floor, in this process."""
    from plosive.media import open_plate
    from plosive.sync import sync_plate

    began = time.perf_counter()
    options = SyncOptions(plate=plate, dub=dub, out=out, device=device, overwrite=True)
    result = sync_plate(options.validated(), SilentProgress())
    wall = time.perf_counter() - began
    peak = peak_bytes()
    decode, encode = _floor(plate, out)
    with open_plate(plate) as reader:
        info = reader.info
    return MeasuredJob(
        plate=plate,
        width=info.width,
        height=info.height,
        frames=result.frames_total,
        frames_synced=result.frames_synced,
        wall_seconds=wall,
        stage_seconds=result.stage_seconds,
        floor_decode_seconds=decode,
        floor_encode_seconds=encode,
        peak_bytes=peak,
    )


def _floor(plate: Path, out: Path) -> tuple[float, float]:
    """Seconds to decode, and to encode, all frames of `plate` as they are; OUT is replaced."""
    from plosive.media import open_plate, open_writer

    decode = encode = 0.0
    with open_plate(plate) as reader:
        writer = open_writer(out, reader, dub=None, keep_audio=False, overwrite=True, codec=None)
        with writer:
            frames = iter(reader.frames())
            while True:
                began = time.perf_counter()
                frame = next(frames, None)
                decode += time.perf_counter() - began
                if frame is None:
                    break
                began = time.perf_counter()
                writer.write(frame)
                encode += time.perf_counter() - began
            began = time.perf_counter()
        encode += time.perf_counter() - began
    return decode, encode


def _main(arguments: list[str]) -> int:
    plate, dub, out, device = arguments
    try:
        job = measure(Path(plate), Path(dub), Path(out), device)
    except PlosiveError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    sys.stdout.flush()
    print(json.dumps(dataclasses.asdict(job), default=os.fspath), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1:]))
