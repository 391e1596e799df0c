# SPDX-License-Identifier: Apache-2.0
"""A whole verification: what PLATE and OUT are decides how they are compared."""

from __future__ import annotations

from pathlib import Path

from plosive.errors import MediaReadError, OptionError
from plosive.media.sequencefiles import parse_pattern
from plosive.progress import Progress
from plosive.verify.check import Check, FrameState, Status, Verification
from plosive.verify.options import VerifyOptions
from plosive.verify.record import Admissions, admissions_of
from plosive.verify.samebytes import are_same_files
from plosive.verify.sequence import compare_sequences, is_images

__all__ = ["verify_files"]


def verify_files(options: VerifyOptions, progress: Progress) -> Verification:
    """Compare OUT with PLATE. Neither is written to.

    Raises MediaReadError when the plate cannot be read or OUT is not there, and OptionError when nothing of
    the two can be compared, or the matte does not fit. An OUT that is there but damaged is a failed check.
    """
    for path, name in ((options.plate, "PLATE"), (options.out, "OUT")):
        _require_there(path, name)
    admissions = admissions_of(options.out) if options.uses_report else Admissions()
    checks: list[Check]
    states: tuple[FrameState, ...]
    first_frame = 0
    images = is_images(options.plate), is_images(options.out)
    if images[0] != images[1]:
        kinds = ["images" if is_image else "a video" for is_image in images]
        raise OptionError(
            f"PLATE is {kinds[0]} and OUT {kinds[1]}: neither bytes nor samples of the two can be compared; "
            "give OUT in the plate's own format."
        )
    if images[0]:
        checks, states, first_frame = compare_sequences(options, admissions, progress)
    elif are_same_files(options.plate, options.out):
        checks, states = [_same(options)], ()
    else:
        from plosive.verify.movie import compare_movies

        checks, states, first_frame = compare_movies(options, admissions, progress)
    if admissions.path is not None:
        checks.append(_report(admissions))
    return Verification(
        options.plate,
        options.out,
        options.matte,
        tuple(checks),
        states,
        first_frame,
        options.is_strict,
    )


def _require_there(path: Path, name: str) -> None:
    if not path.exists() and parse_pattern(path) is None:
        raise MediaReadError(f"{path} does not exist; check the path of {name}.")


def _same(options: VerifyOptions) -> Check:
    size = options.out.stat().st_size
    text = "The two files are equal byte for byte."
    return Check("file", Status.PASS, text, {"bytes": size})


def _report(admissions: Admissions) -> Check:
    assert admissions.path is not None
    said = f" It admits: {' '.join(admissions.lost)}" if admissions.lost else ""
    text = f"{admissions.path.name} was read; it is believed only where it admits a change.{said}"
    figures = {
        "path": str(admissions.path),
        "reencoded": [
            {"first_frame": first, "last_frame_inclusive": last, "reason": why}
            for first, last, why in admissions.reencoded
        ],
        "lost": list(admissions.lost),
    }
    return Check("report", Status.SKIPPED, text, figures)
