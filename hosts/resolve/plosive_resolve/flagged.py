# SPDX-License-Identifier: Apache-2.0
"""Which frames of a result are worth a look, from the job's record."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

__all__ = ["flagged_of"]

_MOST = 20


def flagged_of(result: Mapping[str, Any]) -> list[dict[str, Any]]:
    """`flagged` as a Score of PROTOCOL.md has it (`range` in the result's own numbers, `reason`), worst
    first, at most 20; of a job's `result`, whose record holds its score. Empty where there is
    no score, or the record can't be read from here.
    """
    path = str(result.get("record_path") or "")
    try:
        record = json.loads(Path(path).read_text(encoding="utf-8")) if path else {}
    except (OSError, ValueError):
        return []
    if not isinstance(record, Mapping):
        return []
    flags = [flag for score in _scores(record) for flag in score.get("flags") or () if _is_flag(flag)]
    flags.sort(key=lambda flag: -float(flag.get("severity") or 0))
    return [
        {
            "range": {
                "first_frame": flag["first_frame"],
                "last_frame_inclusive": flag["last_frame_inclusive"],
            },
            "reason": flag["sentence"],
        }
        for flag in flags[:_MOST]
    ]


def _scores(record: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """One, or one for each speaker."""
    several = record.get("scores")
    found = several.values() if isinstance(several, Mapping) else (record.get("score"),)
    yield from (score for score in found if isinstance(score, Mapping))


def _is_flag(flag: object) -> bool:
    return (
        isinstance(flag, Mapping)
        and all(isinstance(flag.get(name), int) for name in ("first_frame", "last_frame_inclusive"))
        and isinstance(flag.get("sentence"), str)
    )
