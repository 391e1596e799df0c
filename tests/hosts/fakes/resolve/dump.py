# SPDX-License-Identifier: Apache-2.0
"""The timeline as OpenTimelineIO, in the shape that Resolve itself exports (hosts.md C) [V: real exports].

Of the effects only speed is written; [M] markers are left out by the program's own exporter.
"""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from fakes.resolve.cut import ItemState, TimelineState, TrackState
from fakes.resolve.media import MediaState

__all__ = ["as_otio", "otio_rate", "write_otio"]

KEY = "Resolve_OTIO"
SHOWN_SEQUENCE = re.compile(r"(?P<head>.*)\[(?P<first>\d+)-(?P<last>\d+)\](?P<tail>\.\w+)")


def otio_rate(rate: Fraction) -> float:
    """[V] a rate as it stands in exports: single precision (23.976024627685547)."""
    return float(np.float32(float(rate)))


def write_otio(timeline: TimelineState, path: Path) -> None:
    """Writes `as_otio` to a file."""
    import opentimelineio as otio

    otio.adapters.write_to_file(as_otio(timeline), str(path))


def as_otio(timeline: TimelineState) -> Any:
    """An opentimelineio Timeline: one track each, gaps between items, transitions between clips."""
    from opentimelineio.opentime import RationalTime
    from opentimelineio.schema import Timeline

    made = Timeline(
        timeline.name,
        global_start_time=RationalTime(timeline.start_frame, otio_rate(timeline.rate)),
        metadata={KEY: {"Resolve OTIO Meta Version": "1.0"}},
    )
    for kind in ("video", "audio"):
        for track in timeline.tracks(kind):
            made.tracks.append(_track(timeline, track, kind))
    return made


def _track(timeline: TimelineState, track: TrackState, kind: str) -> Any:
    from opentimelineio.opentime import RationalTime, TimeRange
    from opentimelineio.schema import Gap, Track, Transition

    rate = otio_rate(timeline.rate)
    facts: dict[str, Any] = {"Locked": track.is_locked}
    if kind == "audio":
        facts.update({"Audio Type": track.subtype.capitalize() or "Mono", "SoloOn": False})
    made = Track(track.name, kind="Video" if kind == "video" else "Audio", metadata={KEY: facts})
    made.enabled = track.is_enabled
    transitions = {
        item.record_start + item.duration // 2: item for item in track.items if item.kind == "transition"
    }
    at = timeline.start_frame
    for item in sorted(
        (one for one in track.items if one.kind != "transition"), key=lambda one: one.record_start
    ):
        if item.record_start > at:
            length = RationalTime(item.record_start - at, rate)
            made.append(Gap(source_range=TimeRange(RationalTime(0, rate), length)))
        across = transitions.get(item.record_start)
        if across is not None and item.record_start == at:
            half = across.duration // 2
            made.append(
                Transition(
                    across.name,
                    "SMPTE_Dissolve",
                    in_offset=RationalTime(half, rate),
                    out_offset=RationalTime(across.duration - half, rate),
                )
            )
        made.append(_clip(timeline, item))
        at = item.record_end_exclusive
    return made


def _clip(timeline: TimelineState, item: ItemState) -> Any:
    """A clip. [V] source_range is on the media's timecode in the timeline's rate; its duration is the record
    length however fast; it starts at the lowest source frame, backwards, too.
    """
    from opentimelineio.opentime import RationalTime, TimeRange
    from opentimelineio.schema import Clip, LinearTimeWarp, MissingReference

    rate, media = timeline.rate, item.media
    length = RationalTime(item.duration, otio_rate(rate))
    if media is None:
        made = Clip(item.name, MissingReference(), TimeRange(RationalTime(0, otio_rate(rate)), length))
        made.metadata[KEY] = {}
        return made
    ends = (item.media_position(0, rate), item.media_position(item.duration, rate))
    seconds = (media.start_timecode_frame + min(ends)) / media.rate
    start = RationalTime(float(seconds * rate), otio_rate(rate))
    made = Clip(item.name, source_range=TimeRange(start, length), metadata={KEY: {}})
    made.set_media_references({"DEFAULT_MEDIA": _reference(media)}, "DEFAULT_MEDIA")
    made.enabled = item.is_enabled
    if item.link_group:
        made.metadata[KEY]["Link Group ID"] = item.link_group
    if item.kind == "audio":
        channels = item.channel_map.get("channels") or list(range(1, media.audio_channels + 1))
        made.metadata[KEY]["Channels"] = [
            {"Source Channel ID": channel - 1, "Source Track ID": 0} for channel in channels
        ]
    if item.speed != 1:
        made.effects.append(LinearTimeWarp(time_scalar=float(item.speed)))
    return made


def _reference(media: MediaState) -> Any:
    """[V] a bare path of the system; available_range in the media's rate on its timecode."""
    from opentimelineio.opentime import RationalTime, TimeRange
    from opentimelineio.schema import ExternalReference, ImageSequenceReference, MissingReference

    rate = otio_rate(media.rate)
    available = TimeRange(
        RationalTime(media.start_timecode_frame, rate), RationalTime(media.frame_count, rate)
    )
    if not media.path:
        missing = MissingReference(media.name, available)
        return missing
    shown = SHOWN_SEQUENCE.fullmatch(media.name) if media.kind == "sequence" else None
    if shown:
        return ImageSequenceReference(
            target_url_base=media.path[: -len(media.name) - 1],
            name_prefix=shown["head"],
            name_suffix=shown["tail"],
            start_frame=media.first_file_number,
            frame_zero_padding=len(shown["first"]),
            rate=rate,
            available_range=available,
        )
    reference = ExternalReference(media.path, available)
    reference.name = media.name
    return reference
