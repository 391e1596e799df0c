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
from plosive_resolve.media_view import Media
from plosive_resolve.speed import SpeedReading, read_speed
from plosive_resolve.timeline_view import Item

__all__ = ["ClipUse", "use_of"]


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
    where the artist meant a result of Plosive that lies above it.
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

    def with_handles(self, handle_frames: int) -> tuple[int, int]:
        """First and last frame (inclusive) of a result with handles, which end where the media ends."""
        first, last = self.media.first_number, self.media.first_number + self.frame_count - 1
        return max(first, self.first_frame - handle_frames), min(
            last, self.last_frame_inclusive + handle_frames
        )


def use_of(item: Item, timeline_id: str, timeline_rate: Fraction) -> ClipUse:
    """Raises PlosiveHostError (NO_PICTURE) for an item without a picture from a file that can be used."""
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
    if media.kind == "made":
        return _rendered_use(item, media, timeline_id, timeline_rate)
    rate = media.rate or timeline_rate
    count = media.frame_count
    if count is None or item.source_start is None:
        raise PlosiveHostError(
            f"Resolve does not tell which frames of {media.name} the clip {name} uses; close any open window "
            "and try again.",
            "UNREADABLE",
        )
    reading = read_speed(item, rate, timeline_rate)
    position = _position(item, media, reading, rate, timeline_rate)
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
        use, first_frame=first, last_frame_inclusive=last, needs_rendering=_why_rendered(media, use)
    )
    return use


def _position(
    item: Item, media: Media, reading: SpeedReading, rate: Fraction, timeline_rate: Fraction
) -> Fraction:
    """Frames after the media's first one. The source start may count from 0, from the first file number or
    from timecode: the one that the left offset bears out is meant. Within a frame of it the left offset is
    right, where the speed is known.
    """
    assert item.source_start is not None
    count = media.frame_count or 0
    bases = {0, media.first_number, media.start_timecode_frames or 0}
    starts = [Fraction(item.source_start - base) for base in sorted(bases)]
    if reading.speed < 0:  # its left end is the end of the media, from which the offset counts
        return min(starts, key=lambda start: (not 0 <= start < count, abs(start))) + 1
    if item.left_offset is None or not reading.speed:
        return min(starts, key=lambda start: (not 0 <= start < count, abs(start)))
    offset = item.left_offset * reading.speed * rate / timeline_rate
    nearest = min(starts, key=lambda start: abs(start - offset))
    slack = 1 if reading.is_exact else 0
    if abs(nearest - offset) <= slack:
        return offset
    if reading.is_exact and not 0 <= nearest < count:
        return offset
    return nearest


def _span(use: ClipUse) -> tuple[int, int]:
    """First and last frame (inclusive) that the clip may show."""
    length = use.duration_record_frames * use.step
    if use.speed < 0:
        low, high = use.position - length, use.position
    else:
        low, high = use.position, use.position + max(length, Fraction(1))
    margin = 0 if use.is_frame_for_frame else 1
    first = max(0, floor(low) - margin)
    last = min(use.frame_count - 1, ceil(high) - 1 + margin)
    return use.media.first_number + min(first, last), use.media.first_number + last


def _why_rendered(media: Media, use: ClipUse) -> str:
    if not use.speed:
        return f"{use.name} is a freeze frame, which has no frames of its own to move a mouth in"
    if media.is_raw:
        return f"{media.name} is camera raw, which only Resolve reads"
    return ""


def _rendered_use(item: Item, media: Media, timeline_id: str, timeline_rate: Fraction) -> ClipUse:
    """A compound, nested or Fusion clip: what it shows exists only once Resolve has rendered it."""
    duration = round(item.place.duration_frames)
    why = f"{item.place.name} is a {media.properties.get('Type') or 'made'} clip, which is no file"
    return ClipUse(
        item,
        media,
        timeline_id,
        timeline_rate,
        timeline_rate,
        Fraction(0),
        Fraction(1),
        0,
        duration - 1,
        duration,
        needs_rendering=why,
    )
