# SPDX-License-Identifier: Apache-2.0
"""The report of a score: one HTML file that needs nothing but a browser."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from plosive.colour.plate_colour import ColourChoice
from plosive.media.staging import write_whole
from plosive.progress import Progress, SilentProgress
from plosive.quality.outputs import require_output
from plosive.quality.report.page import page
from plosive.quality.report.pictures import take_pictures
from plosive.quality.scorecard import Scorecard
from plosive.score_options import REPORT_SUFFIXES

__all__ = ["write_report"]


def write_report(
    card: Scorecard,
    path: Path,
    overwrite: bool = False,
    sequence_rate: Fraction | None = None,
    progress: Progress | None = None,
    colour: ColourChoice | None = None,
    view: str | None = None,
) -> None:
    """Write the page of `card` to `path` under a temporary name, then rename.

    Decodes the result, then the plate if there is one, once each, one frame at a time; the pictures that are
    kept are bounded in number and bytes, so that the file stays below about 40 MB whatever the clip.
    `sequence_rate` is the rate of image sequences, `colour` what is said of their colour and `view` the view
    of stereo ones, as in `open_plate`. Raises MediaWriteError when `path` cannot be written, MediaReadError
    when the clip cannot be read again.
    """
    require_output(path, "the report", REPORT_SUFFIXES, overwrite)
    pictures = take_pictures(card, sequence_rate, progress or SilentProgress(), colour, view)
    write_whole(path, page(card, pictures))
