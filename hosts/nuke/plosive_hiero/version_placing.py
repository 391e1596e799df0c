# SPDX-License-Identifier: Apache-2.0
"""A result as the next version of a clip: the track item stays, with its effects, transitions and links."""

from __future__ import annotations

from typing import Any

import hiero.core

from plosive_hiero.look import find_item, look_of, same_but_source
from plosive_hiero.undoing import edited
from plosive_host import PlosiveHostError

__all__ = ["add_bin_version", "place_version"]


def place_version(item: Any, clip: Any, step: str) -> tuple[str, ...]:
    """Let a track item play the version `clip` of its BinItem, and no other item. Returns notes. Raises
    PlosiveHostError (PLACING): nothing is changed then.
    """
    name, sequence = str(item.name()), item.parentSequence()
    bin_item = item.source().binItem()
    if item.parentTrack().isLocked():
        raise PlosiveHostError(f"The track of {name} is locked; unlock it and run again.", "PLACING")
    before = look_of(item)
    others = {one.guid(): _source(one) for one in _uses(bin_item) if one.guid() != item.guid()}
    was_linked = bool(item.versionLinkedToBin())

    def edit() -> None:
        if was_linked:
            item.setVersionLinkedToBin(False)  # else all that are linked would change with it
        item.setCurrentVersion(bin_item.addVersion(hiero.core.Version(clip), -1))

    def check(_: None) -> None:
        now = find_item(sequence, before.guid, name)
        seen = look_of(now)
        if seen.source != str(clip.guid()) or not same_but_source(before, seen):
            raise PlosiveHostError(
                f"Hiero played other frames of {name} when it took the result's version, so that was undone; "
                "take the result on a track above.",
                "PLACING",
            )
        changed = [one for one in _uses(bin_item) if others.get(one.guid()) not in (None, _source(one))]
        if changed:
            raise PlosiveHostError(
                f"{changed[0].name()} changed its version together with {name}, so that was undone; take the "
                "result on a track above.",
                "PLACING",
            )

    edited(item.project(), step, sequence, edit, check)
    if was_linked:
        return (f"{name} follows the versions of its bin item no longer, so that only it shows the result.",)
    return ()


def add_bin_version(bin_item: Any, clip: Any, step: str) -> None:
    """A further version of a bin's clip, made the one it shows. Raises PlosiveHostError (PLACING)."""

    def edit() -> None:
        bin_item.setActiveVersion(bin_item.addVersion(hiero.core.Version(clip), -1))

    def check(_: None) -> None:
        if str(bin_item.activeItem().guid()) != str(clip.guid()):
            raise PlosiveHostError(f"{bin_item.name()} did not take the result as a version.", "PLACING")

    edited(bin_item.project(), step, None, edit, check)


def _source(item: Any) -> str:
    return str(item.source().guid())


def _uses(bin_item: Any) -> list[Any]:
    """Track items of the project, sound too, that play any version of a bin item."""
    uses = []
    for one in bin_item.project().trackItems():
        source = one.source()
        if isinstance(source, hiero.core.Clip) and bin_item.isClipVersion(source):
            uses.append(one)
    return uses
