# SPDX-License-Identifier: Apache-2.0
"""What Plosive writes to its results in the media pool (third-party metadata, which Resolve keeps for
scripts), so that a later run knows them again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

__all__ = ["FILE_RATE", "ResultMarks", "marks_text", "read_file_rate", "read_marks"]

JOB, DUB, VERSION, PLATE = "Plosive Job", "Plosive Dub", "Plosive Version", "Plosive Plate"
FILE_RATE = "Plosive File Rate"
"""On a plate whose rate was changed in its clip attributes: the rate of its file, as a fraction."""


@dataclass(frozen=True)
class ResultMarks:
    """`plate_first_frame` is the plate's frame (the daemon's number) that the result's first one is made
    from, `plate_id` the plate's id in the media pool.
    """

    job_id: str
    dub: str
    version: int
    plate_path: str
    plate_id: str
    plate_first_frame: int


def marks_text(marks: ResultMarks) -> dict[str, str]:
    """As metadata: names and texts."""
    plate = {"path": marks.plate_path, "id": marks.plate_id, "first_frame": marks.plate_first_frame}
    return {
        JOB: marks.job_id,
        DUB: marks.dub,
        VERSION: str(marks.version),
        PLATE: json.dumps(plate, sort_keys=True),
    }


def read_file_rate(told: Mapping[str, str]) -> Fraction | None:
    """None where nothing is known of it."""
    try:
        return Fraction(told[FILE_RATE])
    except (KeyError, ValueError, ZeroDivisionError):
        return None


def read_marks(told: Mapping[str, str]) -> ResultMarks | None:
    """None for media that is no result of Plosive, or whose metadata was edited."""
    if not told.get(JOB):
        return None
    try:
        plate = json.loads(told.get(PLATE, ""))
        return ResultMarks(
            told[JOB],
            told.get(DUB, ""),
            int(told.get(VERSION, "1")),
            str(plate["path"]),
            str(plate["id"]),
            int(plate["first_frame"]),
        )
    except (ValueError, KeyError, TypeError):
        return None
