# SPDX-License-Identifier: Apache-2.0
"""A stretch of sound on a host's timeline."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

__all__ = ["SoundPiece"]


@dataclass(frozen=True)
class SoundPiece:
    """Heard from `record_seconds` on (after the timeline's frame 0) for `duration_seconds`, it begins
    `source_seconds` after the first sample of the file `path`, which lasts `file_seconds`, None: not told.
    `channels` of the file, from 1, of which the first counts; empty: all. `why_not` says why it cannot be
    read as it is heard; `path` may be empty then. `item_id` is the host's own name for the item.
    """

    name: str
    path: str
    record_seconds: Fraction
    duration_seconds: Fraction
    source_seconds: Fraction
    file_seconds: Fraction | None = None
    channels: tuple[int, ...] = ()
    why_not: str = ""
    item_id: str = ""

    @property
    def end_seconds(self) -> Fraction:
        return self.record_seconds + self.duration_seconds

    @property
    def file_start_seconds(self) -> Fraction:
        """When its file's first sample would sound."""
        return self.record_seconds - self.source_seconds
