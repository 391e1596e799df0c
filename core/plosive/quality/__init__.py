# SPDX-License-Identifier: Apache-2.0
"""How good a lip-synced picture is: measured again from its own frames, without any weights of ours.

    from plosive.progress import SilentProgress
    from plosive.quality import ScoreOptions, score_result, write_report

    card = score_result(ScoreOptions(result, dub, plate), SilentProgress())
    write_report(card, Path("score.html"))

Start reading at `job.score_result`; `definitions` says what each figure means.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from plosive.progress import Progress
from plosive.score_options import ScoreOptions

if TYPE_CHECKING:
    from plosive.quality.scorecard import Scorecard

__all__ = ["ScoreOptions", "score_result", "write_report"]


def score_result(options: ScoreOptions, progress: Progress) -> Scorecard:
    """See `plosive.quality.job.score_result`; heavy libraries load on the first call."""
    from plosive.quality.job import score_result as run

    return run(options, progress)


def write_report(
    card: Scorecard,
    path: Path,
    overwrite: bool = False,
    sequence_rate: Fraction | None = None,
    progress: Progress | None = None,
) -> None:
    """See `plosive.quality.report.write_report`."""
    from plosive.quality.report import write_report as write

    write(card, path, overwrite, sequence_rate, progress)
