# SPDX-License-Identifier: Apache-2.0
"""Shots that can be rendered as one: the same media, the same sound under it, frames that meet."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass

from plosive.conform.shot import Shot, ShotMedia
from plosive.media.timecode import FrameRange

__all__ = ["RenderGroup", "render_groups", "timeline_phase"]


@dataclass(frozen=True)
class RenderGroup:
    """`source_frames` of `media` (by its own numbers, handles included) serve all `shots`, given by their
    numbers in the order of the edit. `played_frames` leaves handles out.
    """

    media: ShotMedia
    source_frames: FrameRange
    played_frames: FrameRange
    shots: tuple[int, ...]


def timeline_phase(shot: Shot) -> Hashable:
    """Equal for shots whose media runs on as if there were no cut between them: each of its frames is at one
    moment of the edit. A sound laid along the edit falls on the same frames then.
    """
    if shot.retime.is_freeze:
        return ("freeze", shot.number)
    if not shot.retime.is_constant:
        return ("keys", shot.retime.keys)
    speed = shot.retime.speeds[0]
    return (
        "speed",
        speed,
        shot.retime.position(shot.record_start_seconds) - speed * shot.record_start_seconds,
    )


def render_groups(
    shots: Iterable[Shot], placement: Callable[[Shot], Hashable] = timeline_phase
) -> tuple[RenderGroup, ...]:
    """All usable shots, in as few renders as serve them, in the order of the edit.

    Shots of one media and one `placement` (what must be equal for them to hold the same pictures: by default
    where the media lies in the edit) are one where their frames, handles included, overlap or touch. One cut
    in two, or used on two tracks at once, is one render; the same frames under another line of speech are
    another.
    """
    alike: dict[Hashable, list[Shot]] = {}
    for shot in shots:
        if shot.is_usable and shot.media is not None:
            key = (shot.media.path, shot.media.rate, shot.media.first_frame, placement(shot))
            alike.setdefault(key, []).append(shot)
    groups = [group for members in alike.values() for group in _merged(members)]
    return tuple(sorted(groups, key=lambda group: group.shots))


def _merged(shots: list[Shot]) -> list[RenderGroup]:
    groups: list[RenderGroup] = []
    for shot in sorted(shots, key=_first):
        if shot.media is None or shot.source_frames is None or shot.played_frames is None:
            continue
        frames, played = shot.source_frames, shot.played_frames
        if groups and frames.first_frame <= groups[-1].source_frames.last_frame_inclusive + 1:
            last = groups.pop()
            frames, played = _both(last.source_frames, frames), _both(last.played_frames, played)
            groups.append(RenderGroup(shot.media, frames, played, tuple(sorted((*last.shots, shot.number)))))
        else:
            groups.append(RenderGroup(shot.media, frames, played, (shot.number,)))
    return groups


def _first(shot: Shot) -> int:
    return shot.source_frames.first_frame if shot.source_frames is not None else 0


def _both(one: FrameRange, other: FrameRange) -> FrameRange:
    return FrameRange(
        min(one.first_frame, other.first_frame), max(one.last_frame_inclusive, other.last_frame_inclusive)
    )
