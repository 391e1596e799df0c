# SPDX-License-Identifier: Apache-2.0
"""Which shots of an edit are asked for."""

from __future__ import annotations

import re
from collections.abc import Sequence

from plosive.conform import Edit
from plosive.errors import OptionError

__all__ = ["named_shots", "selected_shots"]

_NUMBERS = re.compile(r"\d+(?:\s*-\s*\d+)?(?:\s*,\s*\d+(?:\s*-\s*\d+)?)*")
_TIMES = re.compile(r"(\d+:\d+:\d+[:;]\d+)\s*-\s*(\d+:\d+:\d+[:;]\d+)")


def selected_shots(edit: Edit, only: Sequence[str]) -> frozenset[int]:
    """Numbers of the shots that `only` names (`ConformOptions.only`); all where it is empty. Raises
    OptionError for what is not understood or names no shot, RangeError for bad timecode.
    """
    if not only:
        return frozenset(shot.number for shot in edit.shots)
    return frozenset().union(*(_named(edit, text.strip()) for text in only))


def named_shots(edit: Edit, only: Sequence[str]) -> frozenset[int]:
    """Those that `only` names by their numbers."""
    numbers = [text.strip() for text in only if _NUMBERS.fullmatch(text.strip())]
    return frozenset().union(*(_numbered(edit, text) for text in numbers))


def _named(edit: Edit, text: str) -> frozenset[int]:
    times = _TIMES.fullmatch(text)
    if _NUMBERS.fullmatch(text):
        found = _numbered(edit, text)
    elif times is not None:
        found = _within(edit, times[1], times[2])
    elif text.casefold().partition(":")[0] == "marker":
        found = _marked(edit, text.partition(":")[2].strip().casefold())
    else:
        raise OptionError(
            f"--only {text!r} is not understood: give shots 3,5-8, a range of timecode "
            "01:00:10:00-01:00:20:00, marker, or marker:NAME."
        )
    if not found:
        raise OptionError(f"--only {text} names no shot of {edit.path.name}; --dry-run lists them.")
    return found


def _numbered(edit: Edit, text: str) -> frozenset[int]:
    there = {shot.number for shot in edit.shots}
    wanted: set[int] = set()
    for part in text.split(","):
        first, _, last = (one.strip() for one in part.partition("-"))
        wanted |= there & set(range(int(first), min(int(last or first), len(there)) + 1))
    return frozenset(wanted)


def _within(edit: Edit, start: str, end: str) -> frozenset[int]:
    """Both frames are in the range."""
    first, last = (edit.seconds_of(text) * edit.rate for text in (start, end))
    if last < first:
        raise OptionError(f"--only {start}-{end} runs backwards; write {end}-{start}.")
    return frozenset(
        shot.number
        for shot in edit.shots
        if shot.shown.first_frame <= last and first <= shot.shown.last_frame_inclusive
    )


def _marked(edit: Edit, text: str) -> frozenset[int]:
    """Shots with a marker of their own, and those under a marker of a track or the edit."""
    found: set[int] = set()
    for marker in edit.markers:
        if text and text not in (marker.name.casefold(), marker.comment.casefold(), marker.colour.casefold()):
            continue
        if marker.shot is not None:
            found.add(marker.shot)
            continue
        found |= {
            shot.number
            for shot in edit.shots
            if shot.record.first_frame <= marker.record.last_frame_inclusive
            and marker.record.first_frame <= shot.record.last_frame_inclusive
        }
    return frozenset(found)
