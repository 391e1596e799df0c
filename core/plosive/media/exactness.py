# SPDX-License-Identifier: Apache-2.0
"""What of a result is byte for byte the plate's, and what is not: told by the writer that made it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

__all__ = ["Exactness", "Fate", "FrameFate"]


class Fate(Enum):
    """How one frame came into the result."""

    COPIED = "copied"
    """The plate's very bytes."""
    PATCHED = "patched"
    """Only touched blocks, chunks or samples were written anew; all others have the plate's own values."""
    REWRITTEN = "rewritten"
    """Compressed anew whole."""


_SPOKEN = {
    Fate.COPIED: "copied byte for byte",
    Fate.PATCHED: "patched where the matte is",
    Fate.REWRITTEN: "compressed anew",
}


@dataclass(frozen=True)
class FrameFate:
    """What became of one frame. `why` is a sentence on what kept a REWRITTEN one from being patched."""

    fate: Fate
    why: str = ""


@dataclass(frozen=True)
class Exactness:
    """What a writer promises of its result.

    `promise` is one sentence on the picture. `fates` has one entry per frame. `kept` and `lost` are
    sentences on all that is not picture: tracks, headers, timecode, metadata.
    """

    promise: str
    fates: tuple[FrameFate, ...]
    kept: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()

    def count(self, fate: Fate) -> int:
        return sum(one.fate is fate for one in self.fates)

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why frames were rewritten; each sentence once."""
        return tuple(dict.fromkeys(one.why for one in self.fates if one.fate is Fate.REWRITTEN and one.why))

    def sentences(self) -> tuple[str, ...]:
        """For the artist: how many frames are what, and the promise; then all that was lost."""
        counts = [f"{self.count(fate)} {_SPOKEN[fate]}" for fate in Fate if self.count(fate)]
        return (f"Frames: {', '.join(counts)}. {self.promise}", *self.lost)

    def facts(self, first_frame: int) -> dict[str, object]:
        """Ready for JSON. Frames are in the plate's own numbers, of which `first_frame` is the first."""
        return {
            "promise": self.promise,
            "frames": {fate.value: self.count(fate) for fate in Fate},
            "rewritten_ranges": _ranges(self.fates, first_frame),
            "kept": list(self.kept),
            "lost": list(self.lost),
        }


def _ranges(fates: Sequence[FrameFate], first_frame: int) -> list[dict[str, object]]:
    """Runs of frames rewritten for one reason."""
    found: list[dict[str, object]] = []
    before: FrameFate | None = None
    for number, one in enumerate(fates, first_frame):
        if one.fate is Fate.REWRITTEN:
            if one != before:
                found.append({"first_frame": number, "reason": one.why})
            found[-1]["last_frame_inclusive"] = number
        before = one
    return found
