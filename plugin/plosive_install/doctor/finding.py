# SPDX-License-Identifier: Apache-2.0
"""One thing the doctor looked at."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

__all__ = ["Finding", "State", "fine", "note", "problem"]


class State(Enum):
    """PROBLEM: Plosive cannot work in the host because of it. NOTE: worth knowing where something is odd."""

    FINE = "fine"
    NOTE = "note"
    PROBLEM = "problem"


@dataclass(frozen=True)
class Finding:
    """`value` is what was found, `remedy` what to do, one line each; `remedy` is empty where all is well."""

    name: str
    value: str
    state: State = State.FINE
    remedy: str = ""


def fine(name: str, value: str) -> Finding:
    return Finding(name, value)


def note(name: str, value: str, remedy: str = "") -> Finding:
    return Finding(name, value, State.NOTE, remedy)


def problem(name: str, value: str, remedy: str) -> Finding:
    return Finding(name, value, State.PROBLEM, remedy)
