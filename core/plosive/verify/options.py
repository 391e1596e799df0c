# SPDX-License-Identifier: Apache-2.0
"""What a verification is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

__all__ = ["VerifyOptions"]


@dataclass(frozen=True)
class VerifyOptions:
    """`matte` says where OUT may differ; `matte_channel` is the channel of it that counts (None: the first,
    `alpha`: the alpha). `allowed_reencoded` are ranges of frames (first, last inclusive) that may be
    compressed anew whole. With `is_strict` differences that are no faults fail, too. `uses_report` lets the
    report beside OUT say what was compressed anew and which sound was replaced. `part` are the frames of the
    plate (first, last inclusive, in its numbers) that OUT holds alone; None: all, or what OUT tells.
    """

    plate: Path
    out: Path
    matte: Path | None = None
    matte_channel: str | None = None
    allowed_reencoded: tuple[tuple[int, int], ...] = ()
    allows_dropped_audio: bool = False
    is_strict: bool = False
    uses_report: bool = True
    part: tuple[int, int] | None = None

    def allows_reencoding(self, frame: int) -> bool:
        """Whether `frame` (the plate's number) may be compressed anew, by option."""
        return any(first <= frame <= last for first, last in self.allowed_reencoded)
