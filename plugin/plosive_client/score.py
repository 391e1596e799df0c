# SPDX-License-Identifier: Apache-2.0
"""How good a synced video is (score.proto)."""

from __future__ import annotations

from dataclasses import dataclass

from plosive_client.clip import FrameRange

__all__ = ["FlaggedRange", "Score"]


@dataclass(frozen=True)
class FlaggedRange:
    """Frames worth a look, and why."""

    range: FrameRange
    reason: str = ""


@dataclass(frozen=True)
class Score:
    """`total` 0 to 5; `json` is everything, as `plosive score --json` gives it."""

    total: float
    reasons: tuple[str, ...] = ()
    flagged: tuple[FlaggedRange, ...] = ()
    json: str = ""
