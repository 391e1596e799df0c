# SPDX-License-Identifier: Apache-2.0
"""The conformed edit: the timeline as it was, with synced plates in the place of their originals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import count
from pathlib import Path
from typing import Any

from plosive.conform.edit import Edit
from plosive.conform.shot import Shot, ShotMedia
from plosive.conform.times.rates import snapped_rate
from plosive.media.timecode import FrameRange

__all__ = [
    "METADATA_KEY",
    "ORIGINAL_KEY",
    "SYNCED_KEY",
    "AddedDub",
    "Flagged",
    "Replacement",
    "conformed_timeline",
]

METADATA_KEY = "plosive"
ORIGINAL_KEY = "plosive_original"
"""The key of the original among a clip's media references."""
SYNCED_KEY = "DEFAULT_MEDIA"
"""The key of the synced plate, which is the active one."""


@dataclass(frozen=True)
class Flagged:
    """Frames of the media that want a look, and why."""

    frames: FrameRange
    name: str
    sentence: str


@dataclass(frozen=True)
class Replacement:
    """A synced plate: `path` (an image sequence as `name.####.exr`) holds `frames` of the shot's media."""

    path: Path
    frames: FrameRange
    key: str
    flagged: tuple[Flagged, ...] = ()


@dataclass(frozen=True)
class AddedDub:
    """A sound file to lay on an audio track of its own, from `record_start_seconds` of the edit on."""

    path: Path
    record_start_seconds: Fraction
    duration_seconds: Fraction
    name: str


def conformed_timeline(
    edit: Edit,
    name: str,
    replaced: Mapping[int, Replacement],
    dubs: Sequence[AddedDub],
    facts: Mapping[str, str],
) -> Any:
    """A copy of the edit's timeline, called `name`, in which the shots in `replaced` (by number) show their
    synced plates: media reference DEFAULT_MEDIA, which is active; the original is kept as it was under
    `plosive_original`, and `facts` and how to go back in the clip's metadata under `plosive`. The `dubs`
    become audio tracks.

    Media that lies on this machine is named by its whole path, without `file://`, so that the edit can be
    read from any folder. Source ranges stay as they are wherever the media has timecode, for its part has it,
    too. A part of media without timecode begins at 0: there the clip's source range and markers are moved,
    and its metadata tells the one for the original. All else is carried through.
    """
    import opentimelineio as otio

    timeline: Any = otio.schema.Timeline.from_json_string(edit.otio_timeline.to_json_string())  # type: ignore[attr-defined]
    timeline.name = name
    for shot in edit.shots:
        clip = _item(timeline, shot.otio_path)
        if shot.media is not None:
            _make_absolute(clip, shot.media)
        if shot.number in replaced:
            _replace(clip, shot, replaced[shot.number], facts)
    for use in edit.audio:
        if use.media is not None:
            _make_absolute(_item(timeline, use.otio_path), use.media)
    if timeline.global_start_time is None:
        timeline.global_start_time = otio.opentime.RationalTime(edit.start_frame, float(edit.rate))
    for one in dubs:
        timeline.tracks.append(_dub_track(edit, one))
    timeline.metadata[METADATA_KEY] = {**facts, "edit": edit.path.name}
    return timeline


def _item(timeline: Any, path: Sequence[int]) -> Any:
    item = timeline.tracks
    for place in path:
        item = item[place]
    return item


def _make_absolute(clip: Any, media: ShotMedia) -> None:
    import opentimelineio as otio

    reference = clip.media_reference
    if media.path is None:
        return
    path = media.path.resolve()
    if isinstance(reference, otio.schema.ImageSequenceReference):
        was, now = reference.target_url_base, str(path.parent)
        if was != now:
            reference.target_url_base = now
    elif isinstance(reference, otio.schema.ExternalReference):
        was, now = reference.target_url, str(path)
        if media.kind == "sequence" or was == now:
            return
        reference.target_url = now
    else:
        was, now = "", str(path)
        made = _reference(path, media, media.available, media.clock_seconds(Fraction(_first(media))), None)
        made.name = reference.name
        for key, value in reference.metadata.items():
            made.metadata[key] = value
        clip.media_reference = made
        reference = clip.media_reference
    if was != now and was:
        reference.metadata[METADATA_KEY] = {"url": was}


def _first(media: ShotMedia) -> int:
    return media.available.first_frame if media.available is not None else media.first_frame


def _replace(clip: Any, shot: Shot, done: Replacement, facts: Mapping[str, str]) -> None:
    import opentimelineio as otio

    media = shot.media
    assert media is not None
    # Copies: OpenTimelineIO (0.18.1) frees references that it is given back.
    references = {one: reference.deepcopy() for one, reference in clip.media_references().items()}
    key = clip.active_media_reference_key
    original = references.pop(key)
    start = media.clock_seconds(Fraction(done.frames.first_frame))
    about: dict[str, Any] = {**facts, "key": done.key, "original_key": ORIGINAL_KEY, "was_active_key": key}
    about["shot"] = shot.number
    about["first_frame"] = done.frames.first_frame
    about["last_frame_inclusive"] = done.frames.last_frame_inclusive
    moved = Fraction(0)
    if media.start_timecode is None:
        moved, start = start, Fraction(0)
        trimmed = clip.source_range if clip.source_range is not None else clip.available_range()
        about["original_source_range"] = trimmed
        clip.source_range = _moved(trimmed, moved, original, media)
        for marker in clip.markers:
            marker.marked_range = _moved(marker.marked_range, moved, original, media)
    made = _reference(done.path, media, done.frames, start, original)
    if SYNCED_KEY in references:
        references[f"plosive_{SYNCED_KEY}"] = references.pop(SYNCED_KEY)
        about["moved_default_key"] = f"plosive_{SYNCED_KEY}"
    if ORIGINAL_KEY in references:  # an edit that was conformed before: its originals stay the originals
        before = next(name for name in map("plosive_before_{}".format, count(1)) if name not in references)
        references[before] = original
        known = clip.metadata.get(METADATA_KEY, {})
        if "original_source_range" in known:
            about["original_source_range"] = known["original_source_range"]
    else:
        references[ORIGINAL_KEY] = original
    references[SYNCED_KEY] = made
    clip.set_media_references(references, SYNCED_KEY)
    clip.metadata[METADATA_KEY] = about
    played = shot.played_frames or done.frames
    for flag in done.flagged:
        first = max(flag.frames.first_frame, played.first_frame)
        last = min(flag.frames.last_frame_inclusive, played.last_frame_inclusive)
        if first > last:
            continue
        at = media.clock_seconds(Fraction(first)) - moved
        rate = _rate(media, original)
        marked = otio.opentime.TimeRange(
            otio.opentime.RationalTime(float(at * media.rate), rate),
            otio.opentime.RationalTime(last - first + 1, rate),
        )
        marker = otio.schema.Marker(
            name=flag.name,
            marked_range=marked,
            color=otio.schema.MarkerColor.RED,
            metadata={"Resolve_OTIO": {"Keywords": [], "Note": flag.sentence}, METADATA_KEY: {"flag": True}},
        )
        marker.comment = flag.sentence
        clip.markers.append(marker)


def _moved(given: Any, seconds: Fraction, original: Any, media: ShotMedia) -> Any:
    """A range that begins so much earlier on the media's clock; rates are taken as they are written, as they
    were when the range was.
    """
    import opentimelineio as otio

    start = given.start_time
    rate = Fraction(_rate(media, original))
    shift = seconds * media.rate * Fraction(start.rate) / rate
    if snapped_rate(start.rate) == media.rate:
        shift = seconds * media.rate
    at = otio.opentime.RationalTime(float(Fraction(start.value) - shift), start.rate)
    return otio.opentime.TimeRange(at, given.duration)


def _rate(media: ShotMedia, original: Any) -> float:
    """The media's rate, as the edit writes it where it means that."""
    given = original.available_range if original is not None else None
    if given is not None and snapped_rate(given.start_time.rate) == media.rate:
        return float(given.start_time.rate)
    return float(media.rate)


def _reference(
    path: Path, media: ShotMedia, frames: FrameRange | None, start_seconds: Fraction, original: Any
) -> Any:
    """A reference to files that hold `frames`, the first of them at `start_seconds` of its clock."""
    import opentimelineio as otio

    rate = _rate(media, original)
    given = None
    if frames is not None:
        given = otio.opentime.TimeRange(
            otio.opentime.RationalTime(float(start_seconds * media.rate), rate),
            otio.opentime.RationalTime(frames.duration_frames, rate),
        )
    if "#" not in path.name:
        made = otio.schema.ExternalReference(target_url=str(path), available_range=given)
        made.name = path.name
        return made
    prefix, _, rest = path.name.partition("#")
    digits = 1 + len(rest) - len(rest.lstrip("#"))
    made = otio.schema.ImageSequenceReference(
        target_url_base=str(path.parent),
        name_prefix=prefix,
        name_suffix=rest.lstrip("#"),
        start_frame=frames.first_frame if frames is not None else media.first_frame,
        frame_step=1,
        rate=rate,
        frame_zero_padding=digits,
        available_range=given,
    )
    made.name = path.name
    return made


def _dub_track(edit: Edit, dub: AddedDub) -> Any:
    import opentimelineio as otio

    rate = float(edit.rate)

    def time(seconds: Fraction) -> Any:
        return otio.opentime.RationalTime(float(seconds * edit.rate), rate)

    zero = otio.opentime.RationalTime(0, rate)
    whole = otio.opentime.TimeRange(zero, time(dub.duration_seconds))
    reference = otio.schema.ExternalReference(target_url=str(dub.path), available_range=whole)
    reference.name = dub.path.name
    head = max(Fraction(0), -dub.record_start_seconds)
    begin = max(Fraction(0), dub.record_start_seconds)
    length = min(dub.duration_seconds - head, max(edit.duration_frames / edit.rate - begin, Fraction(0)))
    track = otio.schema.Track(dub.name, kind=otio.schema.TrackKind.Audio)
    if begin:
        track.append(otio.schema.Gap(source_range=otio.opentime.TimeRange(zero, time(begin))))
    heard = otio.opentime.TimeRange(time(head), time(length))
    clip = otio.schema.Clip(dub.path.name, media_reference=reference, source_range=heard)
    clip.metadata[METADATA_KEY] = {"dub": True}
    track.append(clip)
    return track
