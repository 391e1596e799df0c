# SPDX-License-Identifier: Apache-2.0
"""Puts a finished result where its clip is, and takes it away again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from plosive_resolve.application import Host
from plosive_resolve.choices import Choices
from plosive_resolve.clip_use import ClipUse
from plosive_resolve.fingerprint import Fingerprint

__all__ = ["Placed", "place", "undo"]


@dataclass(frozen=True)
class Placed:
    """`mode` is take, track or timeline: what was done, which may differ from what was asked for (`notes` are
    sentences that say why). `item_id` is the item that now shows the result, `take_index` its take (0: none),
    `timeline_name` where it lies, `version` the result's. `was_there`: the same result was there already.
    """

    mode: str
    item_id: str
    timeline_name: str
    version: int
    take_index: int = 0
    track_index: int = 0
    notes: tuple[str, ...] = ()
    was_there: bool = False
    steps: tuple[Any, ...] = field(default=(), compare=False, repr=False)


def place(
    host: Host,
    clip: ClipUse,
    job_result: Mapping[str, Any],
    choices: Choices,
    fingerprint: Fingerprint,
    job_id: str = "",
    dub: str = "",
) -> Placed:
    """`job_result` is a job's `result` as PROTOCOL.md tells it. Raises PlosiveHostError: CHANGED, PLACING."""
    raise NotImplementedError


def undo(host: Host, placed: Placed) -> None:
    """The timeline as before `place`; the media stays in the bin. Raises PlosiveHostError: PLACING."""
    raise NotImplementedError
