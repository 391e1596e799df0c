# SPDX-License-Identifier: Apache-2.0
"""A dialog as data: what is asked, in which bounds. Hosts draw it with what they have (Resolve's UIManager,
Qt in Nuke Studio, HTML for the docs), or read it from an options file where no window can be drawn.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, Union

from plosive_host.errors import PlosiveHostError

__all__ = ["Dialog", "Field", "Option", "Section", "Value", "Values"]

Value = Union[str, int, bool]  # noqa: UP007 (evaluated, and Python 3.9 knows no |)
Values = dict[str, Value]

KINDS = ("choice", "percent", "frames", "text", "words", "flag", "file", "folder", "note", "faces")
NOT_ASKED = ("note", "faces")


@dataclasses.dataclass(frozen=True)
class Option:
    """One entry of a choice: what is kept, and what is read."""

    value: str
    label: str


@dataclasses.dataclass(frozen=True)
class Field:
    """One line of the dialog.

    `kind`: choice (one of `options`; with `is_open` any other text, too), percent and frames (whole numbers
    from `lowest` to `highest`), text (a line), words (several lines), flag, file and folder (absolute paths
    or empty), note (only read), faces (pictures of people to pick from). With `is_beside` it is drawn beside
    the field before it, without its label.
    """

    name: str
    kind: str
    label: str
    help: str = ""
    default: Value = ""
    options: tuple[Option, ...] = ()
    lowest: int = 0
    highest: int = 0
    is_open: bool = False
    is_beside: bool = False

    def __post_init__(self) -> None:
        assert self.kind in KINDS, self.kind

    @property
    def is_asked(self) -> bool:
        return self.kind not in NOT_ASKED

    def problem(self, value: object) -> str:
        """What `value` should be in its place; empty: it may be. Half a sentence, for one in another's."""
        if self.kind == "flag":
            return "" if isinstance(value, bool) else "true or false"
        if self.kind in ("percent", "frames"):
            is_whole = isinstance(value, int) and not isinstance(value, bool)
            if is_whole and self.lowest <= value <= self.highest:  # type: ignore[operator]
                return ""
            return f"a whole number from {self.lowest} to {self.highest}"
        if not isinstance(value, str):
            return "text between quotes"
        if self.kind == "choice" and not self.is_open:
            words = [option.value for option in self.options]
            if value not in words:
                return "one of " + ", ".join(f'"{word}"' for word in words)
        return ""


@dataclasses.dataclass(frozen=True)
class Section:
    """Fields under one heading; an empty `title` has none."""

    title: str
    fields: tuple[Field, ...]

    @property
    def lines(self) -> tuple[tuple[Field, ...], ...]:
        """The fields of each line, from the top."""
        lines: list[tuple[Field, ...]] = []
        for field in self.fields:
            if field.is_beside and lines:
                lines[-1] = (*lines[-1], field)
            else:
                lines.append((field,))
        return tuple(lines)


@dataclasses.dataclass(frozen=True)
class Dialog:
    title: str
    sections: tuple[Section, ...]
    accept: str = "Lip Sync"
    cancel: str = "Cancel"

    @property
    def fields(self) -> tuple[Field, ...]:
        return tuple(field for section in self.sections for field in section.fields)

    def field(self, name: str) -> Field:
        """Raises KeyError."""
        for field in self.fields:
            if field.name == name:
                return field
        raise KeyError(name)

    def defaults(self) -> Values:
        return {field.name: field.default for field in self.fields if field.is_asked}

    def fitting(self, values: Mapping[str, Any]) -> Values:
        """The defaults, and of `values` what still fits: choices of another day, which may be of another
        version, are no fault.
        """
        taken = {
            field.name: values[field.name]
            for field in self.fields
            if field.is_asked and field.name in values and not field.problem(values[field.name])
        }
        return {**self.defaults(), **taken}

    def checked(self, values: Mapping[str, Any], source: str) -> Values:
        """The defaults with `values`. Raises PlosiveHostError (OPTION), which names `source` and what may be
        said there, where one is unknown or out of bounds.
        """
        known = {field.name: field for field in self.fields if field.is_asked}
        for name, value in values.items():
            if name not in known:
                names = ", ".join(sorted(known))
                raise PlosiveHostError(
                    f'{source} has "{name}", which Plosive does not know; it may say {names}.', "OPTION", name
                )
            problem = known[name].problem(value)
            if problem:
                raise PlosiveHostError(f'"{name}" in {source} must be {problem}.', "OPTION", name)
        return {**self.defaults(), **values}
