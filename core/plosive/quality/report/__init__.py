# SPDX-License-Identifier: Apache-2.0
"""The report of a score: one HTML file that needs nothing but a browser."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from plosive.errors import MediaWriteError
from plosive.media.staging import StagedFile, require_writable_target, write_error
from plosive.progress import Progress, SilentProgress
from plosive.quality.report.page import page
from plosive.quality.report.pictures import take_pictures
from plosive.quality.scorecard import Scorecard

__all__ = ["require_report_writable", "write_report"]

_SUFFIXES = (".html", ".htm")


def require_report_writable(path: Path, overwrite: bool) -> None:
    """Raise MediaWriteError now when a report at `path` could not be written later."""
    if path.suffix.lower() not in _SUFFIXES:
        raise MediaWriteError(f"{path} must end in {' or '.join(_SUFFIXES)}: it is a page for a browser.")
    require_writable_target(path.absolute(), (), overwrite)


def write_report(
    card: Scorecard,
    path: Path,
    overwrite: bool = False,
    sequence_rate: Fraction | None = None,
    progress: Progress | None = None,
) -> None:
    """Write the page of `card` to `path` under a temporary name, then rename.

    Decodes the result, then the plate if there is one, once each, one frame at a time; the pictures that are
    kept are bounded in number and bytes, so that the file stays below about 40 MB whatever the clip.
    `sequence_rate` is the rate of image sequences, as in `open_plate`. Raises MediaWriteError when `path`
    cannot be written, MediaReadError when the clip cannot be read again.
    """
    require_report_writable(path, overwrite)
    pictures = take_pictures(card, sequence_rate, progress or SilentProgress())
    text = page(card, pictures)
    file = StagedFile(path.absolute())
    try:
        file.write(text.encode("utf-8"))
        file.commit()
    except OSError as error:
        raise write_error(path, error) from error
    finally:
        file.discard()
