# SPDX-License-Identifier: Apache-2.0
"""What Plosive notes on a result's Clip, so that it is known again: a tag with metadata.

Keys of a tag's metadata begin with `tag.`; they are set on the tag that `addTag` returns (Foundry's OTIO
importer: otherwise things go wrong with several tags of one name).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import hiero.core

__all__ = ["TAG_NAME", "Mark", "mark_clip", "mark_of"]

TAG_NAME = "Lip Sync"
_KEY = "tag.plosive_"
_NAMES = ("plate_path", "first_number", "last_number_inclusive", "job", "dub", "score")


@dataclass(frozen=True)
class Mark:
    """`plate_path` is the media it was made of; `first_number` and `last_number_inclusive` are the frames of
    that media which the result holds.
    """

    plate_path: str
    first_number: int
    last_number_inclusive: int
    job: str = ""
    dub: str = ""
    score: str = ""


def mark_clip(clip: Any, mark: Mark) -> None:
    """Note it on a result's Clip."""
    note = f"Lip sync of {mark.plate_path}, frames {mark.first_number} to {mark.last_number_inclusive}, to "
    tag = clip.addTag(hiero.core.Tag(TAG_NAME))
    tag.setNote(note + mark.dub + (f"; score {mark.score}" if mark.score else ""))
    kept = tag.metadata()
    for name, value in vars(mark).items():
        kept.setValue(_KEY + name, str(value))


def mark_of(clip: Any) -> Mark | None:
    """None: it is no result of Plosive's."""
    for tag in clip.tags() if isinstance(clip, hiero.core.Clip) else ():
        kept = tag.metadata()
        if tag.name() != TAG_NAME or not kept.hasKey(_KEY + "plate_path"):
            continue
        told = {name: str(kept.value(_KEY + name)) for name in _NAMES if kept.hasKey(_KEY + name)}
        try:
            first, last = int(told["first_number"]), int(told["last_number_inclusive"])
        except (KeyError, ValueError):
            continue
        rest = (told.get(name, "") for name in ("job", "dub", "score"))
        return Mark(told["plate_path"], first, last, *rest)
    return None
