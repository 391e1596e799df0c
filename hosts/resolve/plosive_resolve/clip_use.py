# SPDX-License-Identifier: Apache-2.0
"""Which frames of its media a picture clip plays, and when.

What Resolve tells is checked against itself, because each number alone may mislead (measured by others, see
docs/resolve.md): `GetSourceStartFrame` may be one off; `GetLeftOffset` is exact for a clip at its own speed
but counts played frames, so on a retimed clip it is position / speed; `GetSourceEndFrame` is the last frame
or one or two before it, so it only tells direction and, roughly, speed; before 21.1 nothing else tells the
speed.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import ceil, floor

from plosive_host import PlosiveHostError
from plosive_resolve.marks import read_file_rate
from plosive_resolve.media_view import Media
from plosive_resolve.speed import SpeedReading, read_speed, source_offsets, source_starts
from plosive_resolve.timeline_view import Item

__all__ = ["ClipUse", "use_of", "why_rendered"]


@dataclass(frozen=True)
class ClipUse:
    """A picture clip and what it plays. Frames of the media are numbered as the daemon takes them: from 0 in
    a video, file numbers in a sequence. The timeline frames `first_record_frame` to
    `last_record_frame_inclusive` play the media frames `first_frame` to `last_frame_inclusive` and none
    beside them; where rates differ or speed is not 1, up to one more at each end is counted in, since nobody
    tells how Resolve rounds. `position` is the moment of the media, in frames after its first one and perhaps
    between two, at which the clip begins; played backwards the end of its first shown frame. `speed` is 1 for
    as shot, below 0 backwards, 0 a freeze frame. `needs_rendering` says why the media itself cannot be read;
    empty: it can. `notes` are sentences for the artist. `version_of` is the id of the item on the timeline,
    where the artist meant a result of Plosive that lies above it. Where `media` is a
    render of what Resolve alone reads, `rendered_from` is the media itself, whose frames have numbers higher
    by `rendered_shift`.
    """

    item: Item
    media: Media
    timeline_id: str
    timeline_rate: Fraction
    media_rate: Fraction
    position: Fraction
    speed: Fraction
    first_frame: int
    last_frame_inclusive: int
    frame_count: int
    needs_rendering: str = ""
    notes: tuple[str, ...] = field(default=())
    version_of: str = ""
    rendered_from: Media | None = None
    rendered_shift: int = 0

    @property
    def name(self) -> str:
        return self.item.place.name

    @property
    def first_record_frame(self) -> int:
        return round(self.item.place.start_frame)

    @property
    def last_record_frame_inclusive(self) -> int:
        return round(self.item.place.end_frame_exclusive) - 1

    @property
    def duration_record_frames(self) -> int:
        return self.last_record_frame_inclusive - self.first_record_frame + 1

    @property
    def is_retimed(self) -> bool:
        return self.speed != 1

    @property
    def has_other_time(self) -> bool:
        """Whether the timeline shows its frames at other moments than its file has them: it is retimed, or
        its rate was changed in its clip attributes.
        """
        file_rate = read_file_rate(self.media.marks)
        return self.is_retimed or file_rate not in (None, self.media_rate)

    @property
    def step(self) -> Fraction:
        """Frames of the media a frame of the timeline."""
        return abs(self.speed) * self.media_rate / self.timeline_rate

    @property
    def is_frame_for_frame(self) -> bool:
        """Whether each timeline frame plays exactly the next frame of the media."""
        return self.speed == 1 and self.step == 1 and self.position.denominator == 1

    def record_seconds(self, media_frame: Fraction) -> Fraction:
        """When, in seconds after the timeline's frame 0, the clip shows that the moment of its media, told as
        a frame number of the daemon's, goes on at this speed beyond its ends.
        """
        after = media_frame - self.media.first_number - self.position
        if self.speed < 0:
            after = -after
        start = self.item.place.start_frame / self.timeline_rate
        return start + after / (self.media_rate * abs(self.speed))

    def media_frame_shown(self, record_frame: int) -> int:
        """The frame of the media (daemon's number) that a timeline frame plays, sampled at its first moment
        as the nearest-frame retime does.
        """
        after = (record_frame - self.first_record_frame) * self.step
        index = ceil(self.position - after) - 1 if self.speed < 0 else floor(self.position + after)
        return self.media.first_number + min(max(index, 0), self.frame_count - 1)

    @property
    def played_indices(self) -> tuple[int, int]:
        """First and last (inclusive) frame after the media's first one that the clip's time touches."""
        length = self.duration_record_frames * self.step
        low = self.position - length if self.speed < 0 else self.position
        first, last = floor(low), ceil(low + max(length, Fraction(1, 1000))) - 1
        return max(0, first), min(self.frame_count - 1, max(first, last))

    def with_handles(self, handle_frames: int) -> tuple[int, int]:
        """First and last frame (inclusive) of a result with handles, which end where the media ends."""
        first, last = self.media.first_number, self.media.first_number + self.frame_count - 1
        return max(first, self.first_frame - handle_frames), min(
            last, self.last_frame_inclusive + handle_frames
        )


def use_of(
    item: Item, timeline_id: str, timeline_rate: Fraction, known_speed: Fraction | None = None
) -> ClipUse:
    """`known_speed` stands in for what Resolve tells. Raises PlosiveHostError: NO_PICTURE for an item without
    a picture from a file that can be used, UNREADABLE.
    """
    media = item.media
    name = item.place.name
    if item.track_kind != "video" or media is None or not media.has_picture or media.kind == "audio":
        raise PlosiveHostError(
            f"{name or 'This item'} is no picture clip; choose the clip whose mouth shall move.", "NO_PICTURE"
        )
    if not media.is_online:
        raise PlosiveHostError(f"{name} is offline; relink it first.", "NO_PICTURE")
    if media.kind == "still":
        raise PlosiveHostError(f"{name} is a still picture; there is no mouth that moves.", "NO_PICTURE")
    rate = media.rate or timeline_rate
    count = media.frame_count
    if count is None or item.source_start is None:
        raise PlosiveHostError(
            f"Resolve does not tell which frames of {media.name} the clip {name} uses; close any open window "
            "and try again.",
            "UNREADABLE",
        )
    reading = read_speed(item, rate, timeline_rate)
    if known_speed is not None:
        reading = SpeedReading(known_speed, True)
    if not reading.speed:
        raise PlosiveHostError(
            f"{name} is a freeze frame: one picture for all the time has no mouth to move. Render it in "
            "place first, then choose the render.",
            "NO_PICTURE",
        )
    position = _position(item, reading, rate, timeline_rate)
    use = ClipUse(
        item,
        media,
        timeline_id,
        timeline_rate,
        rate,
        position,
        reading.speed,
        0,
        0,
        count,
        notes=reading.notes,
    )
    first, last = _span(use)
    use = replace(
        use, first_frame=first, last_frame_inclusive=last, needs_rendering=why_rendered(media, name)
    )
    return use


def _position(item: Item, reading: SpeedReading, rate: Fraction, timeline_rate: Fraction) -> Fraction:
    """Frames after the media's first one. The left offset is right where it is near the source start and the
    speed is known; backwards it counts from the media's end. Of its two readings where rates differ, the one
    that the source time bears out is meant. Else the source time is right, then the source start.
    """
    count = (item.media.frame_count if item.media else None) or 0
    is_reversed = reading.speed < 0
    # Backwards a clip begins with the end of the frame that is shown first.
    starts = [start + is_reversed for start in source_starts(item)]
    likeliest = next((start for start in starts if 0 <= start - is_reversed < count), starts[0])
    offsets = [
        count - offset if is_reversed else offset
        for offset in source_offsets(item, abs(reading.speed), rate, timeline_rate)
    ]
    is_plain = rate == timeline_rate and abs(reading.speed) == 1
    slack = 1 if is_plain else 2  # a source start is cut to a whole frame, and may be one off
    near = [offset for offset in offsets if any(abs(offset - start) <= slack for start in starts)]
    timed = _timed(item, rate, starts)
    if timed is None:
        nearest = min(((abs(o - start), o) for start in starts for o in near), default=None)
        return _snapped(nearest[1]) if nearest is not None and reading.is_exact else likeliest
    if not near or not reading.is_exact:
        return _snapped(timed)
    if rate == timeline_rate:
        return _snapped(near[0])
    best = min(near, key=lambda offset: abs(offset - timed))
    off_by = abs(best - timed)
    return _snapped(best if min(off_by, abs(off_by - 1)) <= Fraction(1, 4) else timed)


def _timed(item: Item, rate: Fraction, starts: list[Fraction]) -> Fraction | None:
    """The position by its source time, off which the start timecode is taken; None where it is not told, or
    far from every reading of the source start.
    """
    if item.source_start_seconds is None or item.media is None:
        return None
    timed = item.source_start_seconds * rate - (item.media.start_timecode_frames or 0)
    return timed if any(abs(timed - start) <= 2 for start in starts) else None


def _snapped(position: Fraction) -> Fraction:
    """A whole frame, where noise alone keeps it from one."""
    whole = round(position)
    return Fraction(whole) if abs(position - whole) <= Fraction(1, 16) else position


def _span(use: ClipUse) -> tuple[int, int]:
    """First and last frame (inclusive, the daemon's numbers) that the clip may show."""
    first, last = use.played_indices
    margin = 0 if use.is_frame_for_frame else 1
    first, last = max(0, first - margin), min(use.frame_count - 1, last + margin)
    return use.media.first_number + min(first, last), use.media.first_number + last


def why_rendered(media: Media, name: str) -> str:
    """Why a clip `name` of this media cannot be read but by Resolve; empty: it can."""
    if media.kind == "made":
        return f"{name} is a {media.properties.get('Type') or 'made'} clip, which is no file"
    return f"{media.name} is camera raw, which only Resolve reads" if media.is_raw else ""
