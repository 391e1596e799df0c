# SPDX-License-Identifier: Apache-2.0
"""What lies behind the fake's objects: files on disk, and the journal that undo is made of."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar

__all__ = ["FakeMedia", "Recorded", "World"]


@dataclass(frozen=True)
class FakeMedia:
    """A file or a pattern with ####; frames as MediaFileInfo numbers them: from 0 in a movie."""

    path: str
    first: int = 0
    last_inclusive: int = 99
    rate: Fraction = Fraction(24)
    has_video: bool = True
    has_audio: bool = False
    start_time: int = 0
    samples: int = 0
    sample_rate: int = 48000
    is_present: bool = True
    file_count: int = 1


class World:
    """`probe` finds the media of a path, None: nothing is there. `version_shift` is by how many frames Hiero
    would move a track item's source when its version changes, and `placed_shift` when an item is put on a
    track: a real one should not.
    """

    now: ClassVar[World]

    def __init__(self) -> None:
        self.media: dict[str, FakeMedia] = {}
        self.probe: Callable[[str], FakeMedia | None] = self.media.get
        self.version_shift = 0
        self.placed_shift = 0
        self.group: list[Callable[[], None]] | None = None
        self.steps: list[tuple[str, list[Callable[[], None]]]] = []
        self.group_name = ""
        self.numbers = itertools.count(1)

    def begin(self, name: str) -> None:
        if threading.current_thread() is not threading.main_thread():
            raise RuntimeError("beginUndo must be called on the main thread")
        if self.group is not None:
            raise RuntimeError("undo groups do not nest here")
        self.group, self.group_name = [], name

    def end(self) -> None:
        if self.group is None:
            raise RuntimeError("endUndo without beginUndo")
        self.steps.append((self.group_name, self.group))
        self.group = None

    def undo(self) -> None:
        _, changes = self.steps.pop()
        for change in reversed(changes):
            change()


class Recorded:
    """Its attributes change through `_set`, which undo takes back. `_home` is what it lies in."""

    def __init__(self) -> None:
        self._home: Any = None
        self._guid = f"guid-{next(World.now.numbers)}"

    def guid(self) -> str:
        return self._guid

    def _set(self, name: str, value: Any) -> None:
        world, before = World.now, getattr(self, name)
        if self._is_in_project():
            if world.group is None:
                raise RuntimeError(f"{type(self).__name__}{name} was edited outside an undo group")
            world.group.append(lambda: setattr(self, name, before))
        elif world.group is not None:
            world.group.append(lambda: setattr(self, name, before))
        setattr(self, name, value)

    def _is_in_project(self) -> bool:
        home = self._home
        return home is not None and home._is_in_project()
