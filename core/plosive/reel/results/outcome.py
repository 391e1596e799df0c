# SPDX-License-Identifier: Apache-2.0
"""What became of a reel."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from plosive.conform import Edit, Shot
from plosive.reel.renders.voice import RenderedVoice

__all__ = ["FAILED", "KEPT", "SYNCED", "ConformResult", "LanguageResult", "ShotOutcome"]

SYNCED, KEPT, FAILED = "synced", "original", "failed"


@dataclass(frozen=True)
class ShotOutcome:
    """One shot in one language. `state` is `synced` (in the conformed edit a synced plate stands in its
    place), `original` (left alone, as was to be) or `failed` (left alone because something went wrong);
    `reason` is one sentence where it is left alone. `out` is the synced plate, `first_frame` and
    `last_frame_inclusive` the media's frames it holds, `voices` who says what in it. `kept_ranges` are
    (first, last inclusive, reason) of frames of the media within it that are as they were. `is_new` is False
    where an earlier run made it.
    """

    shot: Shot
    state: str
    reason: str = ""
    out: Path | None = None
    first_frame: int = 0
    last_frame_inclusive: int = -1
    frames_synced: int = 0
    kept_ranges: tuple[tuple[int, int, str], ...] = ()
    is_new: bool = False
    seconds: float = 0.0
    score: dict[str, object] | None = None
    page: Path | None = None
    warnings: tuple[str, ...] = ()
    key: str = ""
    voices: tuple[RenderedVoice, ...] = ()


@dataclass(frozen=True)
class LanguageResult:
    """One language of a reel. `edits` are the conformed edits that were written, OTIO first; `report` the
    page. All are empty in a dry run.
    """

    language: str
    dub: str
    shots: tuple[ShotOutcome, ...]
    edits: tuple[Path, ...] = ()
    report: Path | None = None
    version: int = 0
    warnings: tuple[str, ...] = ()
    spoken_seconds: float = 0.0

    def count(self, state: str) -> int:
        """How many shots are in a state."""
        return sum(one.state == state for one in self.shots)


@dataclass(frozen=True)
class ConformResult:
    """What a conform did; `sheet` is the one that was written."""

    edit: Edit
    languages: tuple[LanguageResult, ...]
    warnings: tuple[str, ...] = ()
    wall_seconds: float = 0.0
    sheet: Path | None = None
