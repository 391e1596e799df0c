# SPDX-License-Identifier: Apache-2.0
"""What of a selection is to be synced: clips of the timeline or spreadsheet (track items), or of a bin."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import hiero.core

from plosive_hiero.clip_use import ClipUse
from plosive_hiero.marks import mark_of
from plosive_hiero.reading import media_path, use_of_bin_clip, use_of_item
from plosive_hiero.result_clip import find_clip
from plosive_host import PlosiveHostError

__all__ = ["Target", "is_syncable", "sounds_of", "targets_of"]


@dataclass(frozen=True)
class Target:
    """A clip with what it plays. `item` is its track item, None for a clip of a bin; `bin_item` holds its
    versions; `plate` is the Clip that is synced: not a result, but what that was made of.
    """

    item: Any
    bin_item: Any
    plate: Any
    use: ClipUse

    @property
    def project(self) -> Any:
        return self.bin_item.project()


def is_syncable(one: Any) -> bool:
    """Whether a selected thing may be meant: quick, for the menu."""
    if isinstance(one, hiero.core.TrackItem):
        return bool(one.mediaType() == hiero.core.TrackItem.kVideo)
    return isinstance(one, hiero.core.BinItem) and isinstance(one.activeItem(), hiero.core.Clip)


def sounds_of(selection: Iterable[Any]) -> tuple[Any, ...]:
    """The audio items in it."""
    kind = hiero.core.TrackItem
    return tuple(one for one in selection if isinstance(one, kind) and one.mediaType() == kind.kAudio)


def targets_of(selection: Iterable[Any]) -> Iterator[Target]:
    """Raises PlosiveHostError for the first that cannot be synced."""
    seen = set()
    for one in selection:
        if not is_syncable(one):
            continue
        item = _plate_item(one) if isinstance(one, hiero.core.TrackItem) else None
        target = _of_item(item) if item is not None else _of_bin(one)
        key = str((item or one).guid())
        if key not in seen:  # the clip and its result above it may both be selected
            seen.add(key)
            yield target


def _of_item(item: Any) -> Target:
    source = item.source()
    if not isinstance(source, hiero.core.Clip):
        use_of_item(item, source)  # says what it is
    bin_item = source.binItem()
    plate = _plate(bin_item, source, str(item.name()))
    return Target(item, bin_item, plate, use_of_item(item, plate))


def _of_bin(bin_item: Any) -> Target:
    name = str(bin_item.name())
    plate = _plate(bin_item, bin_item.activeItem(), name)
    return Target(None, bin_item, plate, use_of_bin_clip(plate, name))


def _plate(bin_item: Any, clip: Any, name: str) -> Any:
    """The Clip that a result was made of, if `clip` is one. Raises PlosiveHostError (NO_PLATE)."""
    mark = mark_of(clip)
    if mark is None:
        return clip
    found = find_clip(bin_item, lambda one: media_path(one.mediaSource()), mark.plate_path)
    if found is None:
        raise PlosiveHostError(
            f"{name} shows a result of Plosive, and what it was made of ({mark.plate_path}) is not among its "
            "versions; choose the original clip.",
            "NO_PLATE",
        )
    return found


def _plate_item(item: Any) -> Any:
    """`item`, or the clip below it if it is a result on a track of its own."""
    mark = mark_of(item.source())
    if mark is None or find_clip(
        item.source().binItem(), lambda one: media_path(one.mediaSource()), mark.plate_path
    ):
        return item
    own = int(item.parentTrack().trackIndex())
    for track in item.parentSequence().videoTracks():
        for one in track.items() if int(track.trackIndex()) < own else ():
            source = one.source()
            is_same = (one.timelineIn(), one.timelineOut()) == (item.timelineIn(), item.timelineOut())
            if is_same and isinstance(source, hiero.core.Clip):
                told = mark_of(source)
                path = told.plate_path if told else media_path(source.mediaSource())
                if path == mark.plate_path:
                    return one
    return item
