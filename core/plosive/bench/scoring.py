# SPDX-License-Identifier: Apache-2.0
"""Measuring the scoring of one result in a process of its own.

`python -m plosive.bench.scoring RESULT DUB PLATE` prints the figures as JSON on its last line.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from plosive.bench.measuring import Clock, answered, run_apart
from plosive.bench.memory import peak_bytes
from plosive.progress import SilentProgress
from plosive.score_options import ScoreOptions

__all__ = ["MeasuredScore", "measure_score", "measure_score_apart", "score_lines"]


@dataclass(frozen=True)
class MeasuredScore:
    """One scoring of a result against plate and dub. `picture_seconds` is how long the clip runs."""

    frames: int
    picture_seconds: float
    wall_seconds: float
    cpu_seconds: float
    stage_seconds: dict[str, float]
    peak_bytes: int | None

    @property
    def ratio_to_real_time(self) -> float:
        """Seconds of clip scored in a second; above 1 is faster than it plays."""
        return self.picture_seconds / self.wall_seconds


def measure_score_apart(result: Path, dub: Path, plate: Path) -> MeasuredScore:
    """Run `measure_score` in a new process. Its expected failures are raised here as PlosiveError."""
    return MeasuredScore(**run_apart("plosive.bench.scoring", str(result), str(dub), str(plate)))


def measure_score(result: Path, dub: Path, plate: Path) -> MeasuredScore:
    """Score once in this process."""
    from plosive.quality.job import score_result

    clock = Clock()
    card = score_result(ScoreOptions(result, dub, plate), SilentProgress())
    wall, cpu = clock.read()
    seconds = float(card.frame_count / card.frame_rate)
    return MeasuredScore(card.frame_count, seconds, wall, cpu, card.stage_seconds, peak_bytes())


def score_lines(score: MeasuredScore) -> Iterator[str]:
    """Lines for the terminal."""
    yield f"  scoring: {score.frames} frames, result and plate"
    for stage, seconds in [*score.stage_seconds.items(), ("whole scoring", score.wall_seconds)]:
        yield f"    {stage:<20}{seconds * 1000 / score.frames:>10.1f}{seconds:>10.2f}"
    yield f"    against real time   {score.ratio_to_real_time:.2f} (above 1: faster than the clip plays)"
    if score.peak_bytes is not None:
        yield f"    peak memory         {score.peak_bytes / 2**20:.0f} MB"


def _main(arguments: list[str]) -> int:
    return answered(lambda: measure_score(*map(Path, arguments)))


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1:]))
