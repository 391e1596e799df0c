# SPDX-License-Identifier: Apache-2.0
"""What only Resolve can read, rendered to files that the daemon reads: pictures of camera raw and of nested
clips, without the clip's own grade and size; sound of one audio track, as it is heard.
"""

from __future__ import annotations

import os
from dataclasses import replace
from math import ceil
from typing import TYPE_CHECKING

from plosive_host import PlosiveHostError
from plosive_resolve.application import Host
from plosive_resolve.clip_use import ClipUse
from plosive_resolve.held_state import find_timeline
from plosive_resolve.media_view import Media, path_and_numbers
from plosive_resolve.naming import safe_name
from plosive_resolve.rates import rate_of
from plosive_resolve.temporary_render import OnProgress, render, temporary_timeline
from plosive_resolve.timeline_view import view_timeline
from plosive_resolve.voice_found import VoiceFound

if TYPE_CHECKING:
    from resolve_api import ClipInfo, Timeline

__all__ = ["render_picture", "render_sound", "sound_window"]

_PICTURE_FORMATS = (
    ("mov", ("ProRes4444XQ", "ProRes4444", "DNxHR444", "ProRes422HQ", "DNxHRHQX")),
    ("exr", ("RGBHalf", "RGBFloat")),
)
# "wav" shows no codecs on several builds; a MOV without picture does. Any codec will do there.
_SOUND_FORMATS: tuple[tuple[str, tuple[str, ...]], ...] = (("wav", ()), ("mov", ("LinearPCM",)), ("mov", ()))
_SOUND_AROUND_SECONDS = 1


def render_picture(
    host: Host, clip: ClipUse, handle_frames: int, folder: str, on_progress: OnProgress | None = None
) -> ClipUse:
    """The clip as it uses the render, which holds the frames of its media with handles. One of the same
    frames of the same camera file, newer than it, is taken again. Within `kept_settings`. Raises
    PlosiveHostError: RENDER, CANCELLED.
    """
    first, last = clip.with_handles(handle_frames)
    low, high = first - clip.media.first_number, last - clip.media.first_number
    stem = f"{safe_name(os.path.splitext(clip.media.name)[0])}_source_{first}-{last}"
    known = _known_render(clip, folder, stem)
    if known:
        return _on_render(clip, known, low, high)
    stem = _free_stem(folder, stem)
    with temporary_timeline(host, lambda name: _timeline_of(host, name, clip, low, high)):
        settings = {"SelectAllFrames": True, "ExportVideo": True, "ExportAudio": False}
        made = render(
            host, _PICTURE_FORMATS, settings, folder, stem, f"the picture of {clip.name}", on_progress
        )
    return _on_render(clip, made, low, high)


def render_sound(
    host: Host, clip: ClipUse, voice: VoiceFound, folder: str, on_progress: OnProgress | None = None
) -> VoiceFound:
    """The voice as a file of its own: what its audio track sounds around the clip, on a copy of the timeline
    with the other tracks switched off. Within `kept_settings`. Raises PlosiveHostError: RENDER, CANCELLED.
    """
    stem = _free_stem(folder, f"{safe_name(clip.name)}_{voice.key}_sound")
    timeline = _home(host, clip)
    first, last = sound_window(host, clip)
    with temporary_timeline(host, timeline.DuplicateTimeline) as copy:
        for track in view_timeline(copy).of_kind("audio"):
            is_wanted = track.index == voice.track_index
            if track.is_enabled != is_wanted:
                copy.SetTrackEnable("audio", track.index, is_wanted)
        settings = {
            "SelectAllFrames": False,
            "MarkIn": first,
            "MarkOut": last,
            "ExportVideo": False,
            "ExportAudio": True,
        }
        made = render(
            host, _SOUND_FORMATS, settings, folder, stem, f"the sound of {voice.label}", on_progress
        )
    return replace(
        voice,
        needs="",
        why="",
        dub_path=made[0],
        dub_start_seconds=first / clip.timeline_rate,
        dub_channel=0,
    )


def sound_window(host: Host, clip: ClipUse) -> tuple[int, int]:
    """First and last (inclusive) frame of the timeline that rendered sound of the clip holds. Raises
    PlosiveHostError (CHANGED) where the timeline is gone.
    """
    view = view_timeline(_home(host, clip))
    around = ceil(_SOUND_AROUND_SECONDS * clip.timeline_rate)
    end = max(item.end_frame_exclusive for track in view.tracks for item in track.items)
    first = max(view.start_frame, clip.first_record_frame - around)
    return first, min(clip.last_record_frame_inclusive + around, ceil(end) - 1)


def _home(host: Host, clip: ClipUse) -> Timeline:
    timeline = find_timeline(host.project, clip.timeline_id)
    if timeline is None:
        raise PlosiveHostError(f"The timeline of {clip.name} is no longer there.", "CHANGED")
    return timeline


def _timeline_of(host: Host, name: str, clip: ClipUse, low: int, high: int) -> Timeline | None:
    """A timeline at the media's rate and size that holds its frames `low` to `high` (inclusive) alone."""
    pool, media = host.media_pool, clip.media
    timeline = pool.CreateEmptyTimeline(name)
    if timeline is None:
        return None
    try:
        _make_like(timeline, clip)
        info: ClipInfo = {
            "mediaPoolItem": media.in_pool,
            "startFrame": media.source_base + low,
            "endFrame": media.source_base + high + 1,
            "mediaType": 1,
        }
        pool.AppendToTimeline([info])
        items = [item for track in view_timeline(timeline).of_kind("video") for item in track.items]
        if [item.duration_frames for item in items] != [high - low + 1]:
            raise PlosiveHostError(
                f"Resolve laid other frames of {media.name} than {low} to {high}; render them by hand.",
                "RENDER",
            )
    except PlosiveHostError:
        pool.DeleteTimelines([timeline])
        raise
    return timeline


def _make_like(timeline: Timeline, clip: ClipUse) -> None:
    """Rate and size of the media, where the project's are others. Raises PlosiveHostError (RENDER)."""
    wanted: dict[str, str] = {}
    size = str(clip.media.properties.get("Resolution") or "").split("x")
    if len(size) == 2:
        wanted = {"timelineResolutionWidth": size[0], "timelineResolutionHeight": size[1]}
    if rate_of(timeline.GetSetting("timelineFrameRate")) != clip.media_rate:
        wanted["timelineFrameRate"] = f"{float(clip.media_rate):.3f}".rstrip("0").rstrip(".")
    changed = {name: value for name, value in wanted.items() if timeline.GetSetting(name) != value}
    if changed:
        timeline.SetSetting("useCustomSettings", "1")
    for name, value in changed.items():
        timeline.SetSetting(name, value)
    if rate_of(timeline.GetSetting("timelineFrameRate")) != clip.media_rate:
        raise PlosiveHostError(
            f"Resolve made no timeline at the {float(clip.media_rate):g} fps of {clip.media.name}; render it "
            "by hand at its own rate.",
            "RENDER",
        )


def _known_render(clip: ClipUse, folder: str, stem: str) -> list[str]:
    """A nested clip may have been edited since, a camera file not."""
    if clip.media.kind == "made" or not os.path.exists(clip.media.path):
        return []
    path = os.path.join(folder, f"{stem}.mov")
    is_newer = os.path.exists(path) and os.path.getmtime(path) >= os.path.getmtime(clip.media.path)
    return [path] if is_newer and os.path.getsize(path) else []


def _free_stem(folder: str, stem: str) -> str:
    there = os.listdir(folder) if os.path.isdir(folder) else []
    number, free = 1, stem
    while any(name.startswith(free) for name in there):
        number += 1
        free = f"{stem}_{number}"
    return free


def _on_render(clip: ClipUse, made: list[str], low: int, high: int) -> ClipUse:
    """The same clip, with frame 0 of the render in place of frame `low` (after its first) of the media."""
    count = high - low + 1
    path, first_number, kind = made[0], 0, "video"
    if len(made) > 1:
        if len(made) != count:
            raise PlosiveHostError(f"Resolve rendered {len(made)} frames instead of {count}.", "RENDER")
        path, first_number = _sequence(made)
        kind = "sequence"
    shift = first_number - low - clip.media.first_number
    media = Media(
        media_id=clip.media.media_id,
        name=os.path.basename(path),
        kind=kind,
        path=path,
        rate=clip.media_rate,
        frame_count=count,
        first_number=first_number,
    )
    return replace(
        clip,
        media=media,
        position=clip.position - low,
        first_frame=clip.first_frame + shift,
        last_frame_inclusive=clip.last_frame_inclusive + shift,
        frame_count=count,
        needs_rendering="",
        rendered_from=clip.media,
        rendered_shift=-shift,
    )


def _sequence(made: list[str]) -> tuple[str, int]:
    """(path as a pattern, number of the first file)."""
    first, last = made[0], made[-1]
    stem = os.path.splitext(first)[0]
    digits = len(stem) - len(stem.rstrip("0123456789"))
    head = stem[: len(stem) - digits]
    numbers = [int(os.path.splitext(path)[0][len(head) :]) for path in (first, last)]
    shown = f"{head}[{numbers[0]:0{digits}d}-{numbers[1]:0{digits}d}]{os.path.splitext(first)[1]}"
    return path_and_numbers(shown)[0], numbers[0]
