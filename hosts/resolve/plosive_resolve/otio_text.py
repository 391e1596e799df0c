# SPDX-License-Identifier: Apache-2.0
"""One clip at any speed as an OpenTimelineIO document of the shape Resolve reads.

Resolve takes no other shape (and tells no reason): Clip.2 with a map of references and an active key, a bare
path as target, available ranges on the media's timecode in its own rate, the source range on the same clock
in the timeline's rate with the length it has on the timeline, LinearTimeWarp for speed. Measured by others on
imports at 200 %, 50 % and -100 %.
"""

from __future__ import annotations

import json
import re
from fractions import Fraction
from typing import Any

from plosive_resolve.media_view import Media
from plosive_resolve.rates import rate_of

__all__ = ["otio_text"]


def otio_text(
    name: str, media: Media, rate: Fraction, position: Fraction, duration_frames: int, speed: Fraction
) -> str:
    """A timeline `name` at `rate` with one clip of `duration_frames`, which begins `position` frames after
    the media's first one. `media` is a video or sequence whose rate and length are known.
    """
    media_rate = media.rate or rate
    start = Fraction(media.start_timecode_frames or 0)
    source_start = (start + position) / media_rate * rate
    effects: list[dict[str, Any]] = []
    if speed != 1:
        effects.append(
            {
                "OTIO_SCHEMA": "LinearTimeWarp.1",
                "metadata": {},
                "name": "",
                "effect_name": "LinearTimeWarp",
                "time_scalar": float(speed),
            }
        )
    clip = {
        "OTIO_SCHEMA": "Clip.2",
        "metadata": {"Resolve_OTIO": {}},
        "name": media.name,
        "source_range": _range(source_start, Fraction(duration_frames), rate),
        "effects": effects,
        "markers": [],
        "enabled": True,
        "media_references": {"DEFAULT_MEDIA": _reference(media, start, media_rate)},
        "active_media_reference_key": "DEFAULT_MEDIA",
    }
    track = {
        "OTIO_SCHEMA": "Track.1",
        "metadata": {"Resolve_OTIO": {"Locked": False}},
        "name": "Video 1",
        "source_range": None,
        "effects": [],
        "markers": [],
        "enabled": True,
        "children": [clip],
        "kind": "Video",
    }
    stack: dict[str, Any] = {
        "OTIO_SCHEMA": "Stack.1",
        "metadata": {},
        "name": "",
        "source_range": None,
        "effects": [],
        "markers": [],
        "enabled": True,
        "children": [track],
    }
    timeline = {
        "OTIO_SCHEMA": "Timeline.1",
        "metadata": {"Resolve_OTIO": {"Resolve OTIO Meta Version": "1.0"}},
        "name": name,
        "global_start_time": _time(round(rate) * 3600, rate),
        "tracks": stack,
    }
    return json.dumps(timeline, indent=1)


def _reference(media: Media, start: Fraction, rate: Fraction) -> dict[str, Any]:
    available = _range(start, Fraction(media.frame_count or 0), rate)
    common: dict[str, Any] = {
        "metadata": {},
        "name": media.name,
        "available_range": available,
        "available_image_bounds": None,
    }
    pattern = re.search(r"%0?(\d*)d", media.path) if media.kind == "sequence" else None
    if pattern is None:
        return {"OTIO_SCHEMA": "ExternalReference.1", **common, "target_url": media.path}
    cut = max(media.path.rfind("/"), media.path.rfind("\\"))
    return {
        "OTIO_SCHEMA": "ImageSequenceReference.1",
        **common,
        "target_url_base": media.path[:cut],
        "name_prefix": media.path[cut + 1 : pattern.start()].replace("%%", "%"),
        "name_suffix": media.path[pattern.end() :].replace("%%", "%"),
        "start_frame": media.first_number,
        "frame_step": 1,
        "rate": _float_rate(rate),
        "frame_zero_padding": int(pattern.group(1) or 1),
        "missing_frame_policy": "error",
    }


def _range(start: Fraction, duration: Fraction, rate: Fraction) -> dict[str, Any]:
    return {
        "OTIO_SCHEMA": "TimeRange.1",
        "duration": _time(duration, rate),
        "start_time": _time(start, rate),
    }


def _time(value: Fraction | int, rate: Fraction) -> dict[str, Any]:
    return {"OTIO_SCHEMA": "RationalTime.1", "rate": _float_rate(rate), "value": float(value)}


def _float_rate(rate: Fraction) -> float:
    assert rate_of(float(rate)) == rate or rate.denominator == 1, rate
    return float(rate)
