# SPDX-License-Identifier: Apache-2.0
"""One reel made by several processes, each on a device of its own: who makes which renders."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

from plosive.progress import Progress
from plosive.reel.renders.rendering import Rendered, Work

__all__ = ["Sharing", "as_made", "helped", "led"]

_BEAT_SECONDS = 0.2


class Sharing(Protocol):
    """What the processes know of each other. `name` is that of some frames of a plate, whose renders are made
    by one of them. A claim is lost with the process that has it.
    """

    def claim(self, name: str) -> bool:
        """Whether its renders are ours to make; False while another process has it."""

    def release(self, name: str, *, is_done: bool) -> None:
        """Give back a claim; with `is_done` all is made."""

    def is_done(self, name: str) -> bool:
        """Whether somebody has made it all."""

    def note_made(self, key: str) -> None:
        """The render `key` was made just now, not found. Known until the reel is done."""

    def was_made(self, key: str) -> bool:
        """Whether one of the processes made it."""

    @property
    def helpers(self) -> int:
        """How many processes help."""


def led(
    chains: Sequence[Sequence[Work]],
    make: Callable[[Work], Rendered],
    sharing: Sharing,
    progress: Progress,
    at_once: Callable[[int], None],
    wait: Callable[[], None],
) -> dict[int, Rendered]:
    """What came of the works of all `chains`, by place; each chain holds those of the same frames. Those that
    helpers made are looked up with `make`, too, which finds them; one that failed there is tried again here,
    and so is what a process that died had claimed. `at_once` is told how many processes are at work, `wait`
    is called all the time while only others are.
    """
    done: dict[int, Rendered] = {}
    waiting = [(_name(chain), chain) for chain in chains]
    is_waiting = False
    while waiting:
        name, chain = next(
            (one for one in waiting if sharing.is_done(one[0]) or sharing.claim(one[0])), ("", ())
        )
        if not name:
            if not is_waiting:
                progress.start("other devices", None)
            is_waiting = True
            time.sleep(_BEAT_SECONDS)
            wait()
            progress.advance(0)
            continue
        is_waiting = False
        is_whole = False
        try:
            for work in chain:
                at_once(1 + sharing.helpers)
                one = make(work)
                if one.is_new and one.render is not None:
                    sharing.note_made(one.render.key)
                done[work.place] = as_made(one, sharing)
            is_whole = True
        finally:
            sharing.release(name, is_done=is_whole)
        waiting.remove((name, chain))
    return done


def as_made(one: Rendered, sharing: Sharing) -> Rendered:
    """`one`, new where any of the processes made it, now or before the reel was interrupted."""
    is_new = one.render is not None and sharing.was_made(one.render.key)
    return replace(one, is_new=one.is_new or is_new)


def helped(chains: Sequence[Sequence[Work]], make: Callable[[Work], Rendered], sharing: Sharing) -> int:
    """Make what nobody else makes, from the end on, until there is no such thing; how many were made."""
    count = 0
    for chain in reversed(chains):
        name = _name(chain)
        if sharing.is_done(name) or not sharing.claim(name):
            continue
        is_whole = False
        try:
            for work in chain:
                one = make(work)
                if one.is_new and one.render is not None:
                    sharing.note_made(one.render.key)
                    count += 1
            is_whole = True
        finally:
            sharing.release(name, is_done=is_whole)
    return count


def _name(chain: Sequence[Work]) -> str:
    """Equal in all processes."""
    group = chain[0].job.group
    told = f"{group.media.path} {group.source_frames}"
    return hashlib.blake2b(told.encode("utf-8", "surrogateescape"), digest_size=16).hexdigest()
