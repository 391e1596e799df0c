# SPDX-License-Identifier: Apache-2.0
"""The sound of an edit: which file is heard when, on which track, in which channel."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

from plosive.conform.edit import AudioUse
from plosive.conform.media.finding import MediaFinder
from plosive.conform.media.references import active_media
from plosive.conform.walk import Placed

__all__ = ["audio_use", "role_of"]

_ROLE_KEYS = ("audioRole", "role", "Role", "audio_role")


def audio_use(placed: Placed, edit_rate: Fraction, track_index: int, finder: MediaFinder) -> AudioUse:
    """What a clip on an audio track plays. Its media is looked for but opened only where its clock is not
    stated.
    """
    media = active_media(placed.item, edit_rate)
    offline = "" if media is not None else f"'{placed.item.name}' names no sound file."
    if media is not None:
        found = finder.find(replace(media, kind="sound"), (placed.source_start, placed.source_end))
        media, offline = found.media, found.offline
    return AudioUse(
        track_name=placed.track_names[0] if placed.track_names else "",
        track_index=track_index,
        role=role_of(placed.item),
        name=placed.item.name,
        otio_path=placed.path,
        media=media,
        channels=_channels(placed.item),
        record_start_seconds=placed.start_seconds,
        record_end_seconds=placed.end_seconds,
        source_start_seconds=placed.source_start,
        speed=placed.speed,
        is_enabled=placed.is_enabled,
        offline=offline,
        is_on_muted_track=not placed.is_enabled and bool(placed.item.enabled) and not _track_is_on(placed),
    )


def _track_is_on(placed: Placed) -> bool:
    return placed.track is None or bool(placed.track.enabled)


def role_of(item: Any) -> str:
    """What the edit calls a clip's part in the sound (`dialogue`, `music.score`); empty where it does not
    say.
    """
    for values in (item.metadata, *(one for one in item.metadata.values() if hasattr(one, "get"))):
        for key in _ROLE_KEYS:
            if isinstance(values.get(key), str) and values[key].strip():
                return str(values[key]).strip()
    return ""


def _channels(clip: Any) -> tuple[int, ...]:
    """The file's channels that a clip takes, counted from 1, as Resolve and Final Cut Pro 7 write them."""
    channels = clip.metadata.get("Resolve_OTIO", {}).get("Channels")
    if channels:
        numbers = [one.get("Source Channel ID") for one in channels]
        return tuple(int(number) + 1 for number in numbers if isinstance(number, (int, float)))
    source = clip.metadata.get("fcp_xml", {}).get("sourcetrack")
    index = source.get("trackindex") if source is not None and hasattr(source, "get") else None
    return (int(index),) if index is not None and str(index).isdigit() else ()
