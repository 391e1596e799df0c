# SPDX-License-Identifier: Apache-2.0
"""What the report that `plosive sync` leaves beside OUT says of it. It is believed only where it admits
something: what it says was changed may be changed, nothing passes because the report praises it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plosive.media.imagefile import IMAGE_SUFFIXES

__all__ = ["Admissions", "admissions_of"]

_SCHEMA = "plosive.report.v1"
_MOST_BYTES = 1 << 30


@dataclass(frozen=True)
class Admissions:
    """`path` is the report's, None where there is none. `reencoded` are ranges (first, last inclusive, why)
    of frames it says were compressed anew whole; `lost` are its sentences on what is not the plate's any
    more; `holds_frames` tells that the last frame was held for a longer dub,
    `knows_frames` that it says of every frame whether it was compressed anew,
    `is_new_file` that none was patched, so that a container was made, too. `part` are the frames of the plate
    (first, last inclusive, in its numbers) that it says are in OUT.
    """

    path: Path | None = None
    reencoded: tuple[tuple[int, int, str], ...] = ()
    lost: tuple[str, ...] = ()
    has_dropped_audio: bool = False
    holds_frames: bool = False
    knows_frames: bool = False
    is_new_file: bool = False
    part: tuple[int, int] | None = None

    def reencoding_of(self, frame: int) -> str | None:
        """Why `frame` was compressed anew, as the report has it; None where it does not say it was."""
        return next((why for first, last, why in self.reencoded if first <= frame <= last), None)


def admissions_of(out: Path) -> Admissions:
    """The report beside OUT, read; one that is no report of ours, or cannot be read, admits nothing."""
    path = _beside(out)
    try:
        if path.stat().st_size > _MOST_BYTES:
            return Admissions()
        facts = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(facts, dict) or facts.get("schema") != _SCHEMA:
            return Admissions()
        return _admissions(path, facts)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return Admissions()


def _admissions(path: Path, facts: dict[str, Any]) -> Admissions:
    exactness = facts.get("exactness") or {}
    frames = exactness.get("frames") or {}
    options = facts.get("options") or {}
    wish = options.get("plate_audio")
    is_new_file = not frames.get("patched")
    span = facts.get("out_range")
    return Admissions(
        path,
        tuple(
            (int(one["first_frame"]), int(one["last_frame_inclusive"]), str(one.get("reason") or ""))
            for one in exactness.get("rewritten_ranges") or ()
        ),
        tuple(str(sentence) for sentence in exactness.get("lost") or ()),
        wish == "drop" or (wish == "auto" and is_new_file),
        options.get("on_length_mismatch") == "hold",
        bool(frames),
        bool(frames.get("rewritten")) and not frames.get("patched"),
        None if span is None else (int(span["first_frame"]), int(span["last_frame_inclusive"])),
    )


def _beside(out: Path) -> Path:
    """Where `plosive sync` puts it: `shot.mov` and `shot.%04d.exr` both have `shot.plosive.json`, beside the
    files; the one of a folder where there is but one.
    """
    if out.is_dir():
        found = sorted(out.glob("*.plosive.json"))
        return found[0] if len(found) == 1 else out / "plosive.plosive.json"
    stem = out.name[: -len(out.suffix)] if out.suffix else out.name
    if out.suffix.lower() in IMAGE_SUFFIXES and not stem.rstrip("0123456789").endswith(("%", "#", "@")):
        stem = stem.rstrip("0123456789")
    stem = stem.rstrip("#@").split("%")[0].rstrip("._-")
    return out.with_name(f"{stem or 'plosive'}.plosive.json")
