# SPDX-License-Identifier: Apache-2.0
"""Reads a clip off the timeline or out of a bin.

Refused, each with a sentence: sequences in sequences, freeze frames, TimeWarp effects (a track item's speed
does not count them in; `EffectTrackItem.isRetimeEffect`), media that is gone, kinds of file nobody but Hiero
reads.
"""

from __future__ import annotations

import os
import re
from fractions import Fraction
from typing import Any

import hiero.core

from plosive_hiero.clip_use import ClipUse, Media
from plosive_hiero.rates import exact, rate_of, rate_of_text
from plosive_host import PlosiveHostError

__all__ = ["has_transition", "media_of", "media_path", "use_of_bin_clip", "use_of_item"]

_PICTURES = (".exr", ".dpx", ".tif", ".tiff", ".png", ".jpg", ".jpeg")
_MOVIES = (".mov", ".mp4", ".m4v", ".mxf", ".avi", ".mkv")
_NEAR = Fraction(1, 1000)
_RANGE = re.compile(r" \(?-?\d+\s*-\s*-?\d+\)?$")


def media_path(source: Any) -> str:
    """Of a MediaSource: its file, or its pattern with #### (`/a/b.####.dpx (1-40)` is told); / on all
    systems.
    """
    infos = source.fileinfos()
    return _RANGE.sub("", str(infos[0].filename())).replace("\\", "/") if infos else ""


def media_of(clip: Any, name: str) -> Media:
    """The picture that a Clip plays. Raises PlosiveHostError (NO_PICTURE)."""
    source = clip.mediaSource()
    if not source.isMediaPresent():
        raise PlosiveHostError(f"The media of {name} is offline; reconnect it first.", "NO_PICTURE")
    if not source.hasVideo():
        raise PlosiveHostError(
            f"{name} has no picture; choose the clip whose mouth shall move.", "NO_PICTURE"
        )
    infos, path = source.fileinfos(), media_path(source)
    kind = os.path.splitext(path)[1].lower()
    if len(infos) != 1 or kind not in (*_PICTURES, *_MOVIES):
        raise PlosiveHostError(
            f"{os.path.basename(path) or name} is of a kind that Plosive does not read; transcode it to "
            "ProRes or EXR first.",
            "NO_PICTURE",
        )
    is_sequence = kind in _PICTURES
    first, last = int(infos[0].startFrame()), int(infos[0].endFrame())
    if first == last:
        raise PlosiveHostError(f"{name} is a still picture; there is no mouth that moves.", "NO_PICTURE")
    told = source.metadata()
    rate = None
    if told.hasKey("foundry.source.framerate"):
        rate = rate_of_text(str(told.value("foundry.source.framerate")))
    return Media(path, is_sequence, first, last, None if is_sequence else rate or rate_of(clip))


def use_of_item(item: Any, plate: Any) -> ClipUse:
    """What a video TrackItem plays, if it played the Clip `plate` (its own, or the one its present version
    was made of). Raises PlosiveHostError (NO_PICTURE, UNREADABLE).
    """
    name = str(item.name())
    if not isinstance(plate, hiero.core.Clip):
        raise PlosiveHostError(
            f"{name} is a sequence in a sequence; open it and choose a clip.", "NO_PICTURE"
        )
    if item.playbackSpeed() == 0:
        raise PlosiveHostError(f"{name} is a freeze frame; one picture has no mouth to move.", "NO_PICTURE")
    warps = [one for one in item.linkedItems() if _is_time_warp(one)]
    if warps:
        raise PlosiveHostError(
            f"{name} has the effect {warps[0].name()}, which plays its frames at other moments; disable it, "
            "or export the clip with it first.",
            "NO_PICTURE",
        )
    media = media_of(plate, name)
    rate = rate_of(item.parentSequence())
    if rate is None:
        raise PlosiveHostError(f"The sequence of {name} has no frame rate; set it.", "UNREADABLE")
    first, last = int(item.timelineIn()), int(item.timelineOut())
    before, after = _overhangs(item, first, last)
    return ClipUse(
        name,
        media,
        rate,
        first,
        last,
        first - before,
        last + after,
        *_times(item, first, last, int(plate.sourceIn())),
    )


def use_of_bin_clip(clip: Any, name: str) -> ClipUse:
    """A whole Clip of a bin, or what its soft trims leave of it (frames of the clip, from 0). Raises
    PlosiveHostError (NO_PICTURE, UNREADABLE).
    """
    media = media_of(clip, name)
    rate = media.rate or rate_of(clip)
    if rate is None:
        raise PlosiveHostError(f"{name} has no frame rate; set it in its properties.", "UNREADABLE")
    first, last = 0, int(clip.duration()) - 1
    if clip.softTrimsEnabled():
        first, last = max(first, int(clip.softTrimsInTime())), min(last, int(clip.softTrimsOutTime()))
    position = Fraction(int(clip.sourceIn()) + first)
    return ClipUse(name, media, rate, first, last, first, last, position, Fraction(1))


def _times(item: Any, first: int, last: int, offset: int) -> tuple[Fraction, Fraction]:
    """Position and speed, as every frame of the timeline bears them out. Raises PlosiveHostError."""
    told = [exact(item.mapTimelineToSource(frame)) for frame in range(first, last + 1)]
    speed = exact(item.playbackSpeed())
    if last > first:
        stepped = (told[-1] - told[0]) / (last - first)
        speed = speed if abs(stepped - speed) * (last - first) < _NEAR else stepped
    strays = [at for at, position in enumerate(told) if abs(told[0] + at * speed - position) > _NEAR]
    if strays or not speed:
        raise PlosiveHostError(
            f"{item.name()} plays its frames unevenly, from frame {first + (strays or [0])[0]} of the "
            "timeline on; cut it there, or export it first.",
            "UNREADABLE",
        )
    return told[0] + offset, speed


def has_transition(item: Any) -> bool:
    """Whether it begins or ends with one. One that is not there is None, or of unknown alignment (Foundry's
    BuildExternalMediaTrack).
    """
    unknown = hiero.core.Transition.kUnknown
    return any(one and one.alignment() != unknown for one in (item.inTransition(), item.outTransition()))


def _overhangs(item: Any, first: int, last: int) -> tuple[int, int]:
    """Frames that dissolves show before and after the item."""
    dissolve = hiero.core.Transition.kDissolve
    before, after = item.inTransition(), item.outTransition()
    left = first - int(before.timelineIn()) if before and before.alignment() == dissolve else 0
    right = int(after.timelineOut()) - last if after and after.alignment() == dissolve else 0
    return max(0, left), max(0, right)


def _is_time_warp(item: Any) -> bool:
    return (
        isinstance(item, hiero.core.EffectTrackItem)
        and bool(item.isRetimeEffect())
        and bool(item.isEnabled())
    )
