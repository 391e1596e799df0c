# SPDX-License-Identifier: Apache-2.0
"""ImportTimelineFromFile of an OTIO document: only Resolve's own shape is taken [M]."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fakes.resolve.cut import ItemState, TimelineState, TrackState
from fakes.resolve.media import MediaState
from fakes.resolve.probing import ProbeFailure, probe_file, probe_sequence
from fakes.resolve.rates import rate_from_text

if TYPE_CHECKING:
    from fakes.resolve.application import FakeApplication

__all__ = ["read_otio"]


class _WrongShape(Exception):
    """What the program refuses without a word."""


def read_otio(app: FakeApplication, path: Path, options: dict[str, Any]) -> TimelineState | None:
    """The timeline of a document, or None: its name exists, no OTIO, or another shape (a file:// URL, a
    source range outside of the media's own time, no available_range, no global_start_time, track names of
    its own).
    """
    if path.suffix.lower() != ".otio":
        return None
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        return None
    name = options.get("timelineName") or document.get("name") or path.stem
    if any(one.name == name for one in app.project.timelines):
        return None
    try:
        return _timeline(app, document, name, bool(options.get("importSourceClips", True)))
    except (_WrongShape, KeyError, TypeError, AttributeError):
        return None


def _timeline(app: FakeApplication, document: dict[str, Any], name: str, finds_media: bool) -> TimelineState:
    start = document["global_start_time"]
    rate = _rate(start["rate"])
    made = TimelineState(name, rate, round(start["value"]), video=[], audio=[])
    for track in document["tracks"]["children"]:
        kind = track["kind"].lower()
        tracks = made.tracks(kind)
        if track["name"] != f"{track['kind']} {len(tracks) + 1}":
            raise _WrongShape
        state = TrackState(track["name"], "mono" if kind == "audio" else "")
        tracks.append(state)
        at = made.start_frame
        for child in track["children"]:
            schema = child["OTIO_SCHEMA"]
            if schema.startswith("Transition"):
                continue
            length = round(child["source_range"]["duration"]["value"])
            if schema.startswith("Clip"):
                state.items.append(_item(app, child, kind, at, length, rate, finds_media))
            elif not schema.startswith("Gap"):
                raise _WrongShape
            at += length
    made.video = made.video or [TrackState("Video 1")]
    made.audio = made.audio or [TrackState("Audio 1", "stereo")]
    return made


def _rate(value: float) -> Fraction:
    rate = rate_from_text(str(round(value, 3)))
    if rate is None:
        raise _WrongShape
    return rate


def _item(
    app: FakeApplication,
    clip: dict[str, Any],
    kind: str,
    at: int,
    length: int,
    rate: Fraction,
    finds_media: bool,
) -> ItemState:
    if clip["OTIO_SCHEMA"] != "Clip.2" or "enabled" not in clip or "metadata" not in clip:
        raise _WrongShape
    reference = clip["media_references"][clip["active_media_reference_key"]]
    if reference["OTIO_SCHEMA"].startswith("MissingReference"):
        return ItemState("generator", clip["name"], at, length)
    media = _media(app, reference, finds_media)
    available = reference["available_range"]
    start = clip["source_range"]["start_time"]
    seconds = Fraction(start["value"]) / _rate(start["rate"])
    position = seconds * media.rate - Fraction(round(available["start_time"]["value"]))
    position = _without_noise(position.limit_denominator(1_000_000))
    speed = Fraction(1)
    for effect in clip.get("effects", []):
        if effect["OTIO_SCHEMA"].startswith("LinearTimeWarp"):
            speed = Fraction(str(effect["time_scalar"]))
    consumed = length * abs(speed) * media.rate / rate
    if not 0 <= position <= position + consumed <= media.frame_count:
        raise _WrongShape  # 0-based source ranges of media with a start timecode, among others
    if speed < 0:
        position = _without_noise(position + consumed)
    return ItemState(kind, clip["name"], at, length, media, position, speed, is_enabled=bool(clip["enabled"]))


def _without_noise(position: Fraction) -> Fraction:
    """[V] exports carry rounding noise (20.000000000000004), and rates of single precision more of it."""
    whole = round(position)
    return Fraction(whole) if abs(position - whole) < Fraction(1, 1000) else position


def _media(app: FakeApplication, reference: dict[str, Any], finds_media: bool) -> MediaState:
    """[M] importSourceClips False leaves every item of an OTIO offline."""
    available = reference["available_range"]
    rate, count = _rate(available["start_time"]["rate"]), round(available["duration"]["value"])
    start = round(available["start_time"]["value"])
    if reference["OTIO_SCHEMA"].startswith("ImageSequenceReference"):
        first = int(reference["start_frame"])
        digits = int(reference["frame_zero_padding"])
        base, prefix, suffix = (reference[key] for key in ("target_url_base", "name_prefix", "name_suffix"))
        url = f"{base.rstrip('/')}/{prefix}%0{digits}d{suffix}"
    else:
        first, url = 0, reference["target_url"]
    if "://" in url:
        raise _WrongShape
    media = MediaState(Path(url).name, url, "video", rate, count, first, start, is_offline=True)
    if finds_media:
        try:
            found = (
                probe_sequence(url, first, first + count - 1, rate)
                if "%" in url
                else probe_file(url, app.project.rate)
            )
        except ProbeFailure:
            return media
        for folder in app.project.root_folder.walk():
            for known in folder.clips:
                if known.path == found.path:
                    return known
        app.project.current_folder.clips.append(found)
        return found
    return media
