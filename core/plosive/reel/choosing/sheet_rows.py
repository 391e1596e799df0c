# SPDX-License-Identifier: Apache-2.0
"""The lines of a reel's sheet, and which shot of an edit each of them is about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from plosive.conform import Edit, Shot
from plosive.errors import OptionError

__all__ = ["Row", "matched", "shot_cells"]

_IDENTITY = ("number", "name", "record_in")


@dataclass(frozen=True)
class Row:
    """A line: its number in the file from 1, its cells by column."""

    line: int
    cells: dict[str, str]

    @property
    def told(self) -> str:
        """For the artist."""
        named = " ".join(
            text
            for text in (
                f"shot {self.cells['number']}" if self.cells.get("number") else "",
                f"'{self.cells['name']}'" if self.cells.get("name") else "",
                f"at {self.cells['record_in']}" if self.cells.get("record_in") else "",
            )
            if text
        )
        return f"line {self.line} ({named})"


def shot_cells(edit: Edit, shot: Shot) -> dict[str, str]:
    """Which shot it is, by column."""
    played = shot.played_frames
    after = max(shot.record.first_frame, shot.record.last_frame_inclusive + 1)
    return {
        "number": str(shot.number),
        "name": " ".join(shot.name.split()),
        "record_in": str(edit.timecode(shot.record.first_frame)),
        "record_out": str(edit.timecode(after)),
        "media": " ".join(shot.media.name.split()) if shot.media is not None else "",
        "first_frame": str(played.first_frame) if played is not None else "",
        "last_frame": str(played.last_frame_inclusive) if played is not None else "",
    }


def matched(rows: Sequence[Row], edit: Edit) -> tuple[list[tuple[Row, Shot]], list[str]]:
    """The shot of each row, and sentences on rows whose shot moved or is gone.

    The surest rows choose first: number, name and timecode as they were; name and timecode; name, media and
    its frames; a name that only one shot has. Raises OptionError for a row that says of no shot which it is.
    """
    cells = {shot.number: shot_cells(edit, shot) for shot in edit.shots}
    for row in rows:
        if not any(row.cells.get(name) for name in _IDENTITY):
            raise OptionError(
                f"The sheet's line {row.line} does not say of which shot it is: number, name and record_in "
                "are empty."
            )
    found: dict[int, int] = {}
    taken: set[tuple[int, str]] = set()
    known: dict[tuple[str, ...], dict[tuple[str, ...], list[int]]] = {}

    def alike(own: dict[str, str]) -> list[int]:
        names = tuple(own)
        if names not in known:
            known[names] = {}
            for number, about in cells.items():
                known[names].setdefault(tuple(_normal(name, about[name]) for name in names), []).append(
                    number
                )
        return known[names].get(tuple(_normal(name, text) for name, text in own.items()), [])

    for names in (
        _IDENTITY,
        ("name", "record_in"),
        ("name", "media", "first_frame", "last_frame"),
        ("name",),
    ):
        for place, row in enumerate(rows):
            own = {name: row.cells[name] for name in names if row.cells.get(name)}
            language = row.cells.get("language", "").casefold()
            if names is _IDENTITY:  # a line that somebody wrote may have the number alone
                free = alike(own) if "number" in own else []
            elif place in found or len(own) < len(names):
                continue
            else:
                free = [number for number in alike(own) if (number, language) not in taken]
            if len(free) == 1:
                found[place] = free[0]
                taken.add((free[0], language))
    by_number = {shot.number: shot for shot in edit.shots}
    warnings = []
    for place, row in enumerate(rows):
        if place not in found:
            warnings.append(
                f"{row.told} is not in the edit any more, or not to be told from others; its choices are "
                "left out."
            )
            continue
        shot = by_number[found[place]]
        about = cells[shot.number]
        told = [(name, row.cells.get(name, "")) for name in ("number", "record_in")]
        if any(_normal(name, about[name]) != _normal(name, text) for name, text in told if text):
            warnings.append(
                f"{row.told} is shot {shot.number} at {about['record_in']} now, and taken for it."
            )
    return [(row, by_number[found[place]]) for place, row in enumerate(rows) if place in found], warnings


def _normal(name: str, text: str) -> str:
    """A cell as it is compared: spreadsheets and people write some of them in other ways."""
    text = " ".join(text.split())
    if name == "record_in":
        return text.replace(";", ":").replace(".", ":")
    return text.removesuffix(".0") if name in ("number", "first_frame", "last_frame") else text
