# SPDX-License-Identifier: Apache-2.0
"""Makes readable what the daemon cannot read: camera raw, nested clips, cut-up and processed sound."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from plosive_resolve.application import Host
from plosive_resolve.choices import Choices
from plosive_resolve.clip_use import ClipUse
from plosive_resolve.voice_found import VoiceFound, VoicesFound

__all__ = ["Prepared", "prepare_media"]


@dataclass(frozen=True)
class Prepared:
    """The clip and the used voices as the daemon can read them; `made_paths` are files that were made."""

    clip: ClipUse
    voices: tuple[VoiceFound, ...]
    choices: Choices
    made_paths: tuple[str, ...] = ()


def prepare_media(
    host: Host,
    clip: ClipUse,
    voices: VoicesFound,
    choices: Choices,
    on_progress: Callable[[str, float], bool] | None = None,
) -> Prepared:
    """`on_progress` gets a sentence and a share from 0 to 1, often; it returns False to cancel. The returned
    choices name the folder of the results, which exists. Raises PlosiveHostError (CANCELLED, RENDER, FOLDER).
    """
    raise NotImplementedError
