# SPDX-License-Identifier: Apache-2.0
"""One step on the Undo menu for all that an action changes.

Edits of a project take place when its undo group ends (Foundry's BuildExternalMediaTrack: "this does the
actual editing"), so they are looked at afterwards, and taken back with `Project.undo`. All on the main
thread: `beginUndo` throws elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

__all__ = ["edited"]

_T = TypeVar("_T")


def edited(project: Any, name: str, sequence: Any, edit: Callable[[], _T], check: Callable[[_T], None]) -> _T:
    """What `edit` returns. Where it, or `check` afterwards, raises, the step `name` is taken back and the
    error goes on.
    """
    try:
        project.beginUndo(name)
        try:
            made = edit()
        finally:
            project.endUndo()
            if sequence is not None:
                sequence.editFinished()
        check(made)
    except BaseException:
        if name in str(project.undoItemText()):
            project.undo()
            if sequence is not None:
                sequence.editFinished()
        raise
    return made
