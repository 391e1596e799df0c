# SPDX-License-Identifier: Apache-2.0
"""From an edit and its synced plates to a cut: compound clips laid flat, each piece in frames of its file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from math import ceil
from typing import Any

from plosive.conform.edit import AudioUse, Edit
from plosive.conform.results.conformed_timeline import AddedDub, Replacement
from plosive.conform.results.cut import Cut, CutMedia, CutTrack, Dissolve, Mark, Piece, Sound
from plosive.conform.shot import Shot, ShotMedia
from plosive.conform.times.rates import exact_seconds, nearest_frame
from plosive.conform.times.retime_map import RetimeMap
from plosive.errors import PlosiveError
from plosive.media.timecode import FrameRange, Timecode

__all__ = ["cut_of"]

_LONGEST_REEL = 32
_Lane = tuple[int, ...]


def cut_of(
    edit: Edit,
    name: str,
    replaced: Mapping[int, Replacement],
    dubs: Sequence[AddedDub] = (),
) -> Cut:
    """The edit under a new name, with the shots in `replaced` (by number) showing their synced plates, and
    the sound files `dubs` on tracks of their own. Tracks of compound clips come to lie
    above the track the compound is on. Opens one synced plate, for its size.
    """
    lanes: dict[_Lane, list[tuple[Shot, Piece]]] = {}
    left_out: list[str] = []
    for shot in edit.shots:
        if shot.media is None or shot.record.duration_frames < 1:
            continue
        piece = _piece(edit, shot, shot.media, replaced.get(shot.number))
        lanes.setdefault(_lane(edit, shot), []).append((shot, piece))
        if len(shot.otio_path) > 2:
            left_out.append(f"Shot {shot.number}, '{shot.name}', is laid flat: it lies in a compound clip.")
    tracks = {track.otio_index: track for track in edit.tracks}
    video: list[CutTrack] = []
    for lane in sorted(lanes):
        laid = sorted(lanes[lane], key=lambda one: one[0].record.first_frame)
        track = tracks.get(lane[0])
        own = track.name if track is not None and len(lane) == 1 else ""
        pieces = tuple(_joined(edit, laid))
        video.append(CutTrack(own or f"Video {len(video) + 1}", track is None or track.is_enabled, pieces))
    left_out += [f"Is left out: {one}." for one in edit.unsupported]
    return Cut(
        name=name,
        rate=edit.rate,
        is_drop_frame=edit.is_drop_frame,
        start_frame=edit.start_frame,
        duration_frames=edit.duration_frames,
        video=tuple(video),
        audio=tuple(_audio(edit, dubs, left_out)),
        size=_size(replaced),
        markers=tuple(
            Mark(one.record, one.name, one.comment, one.colour) for one in edit.markers if one.shot is None
        ),
        left_out=tuple(left_out),
    )


def _lane(edit: Edit, shot: Shot) -> _Lane:
    """The track, then the tracks of the compound clips on the way; lowest ones of those lie on the track."""
    import opentimelineio as otio

    lane = [shot.otio_path[0]]
    item = edit.otio_timeline.tracks[lane[0]]  # type: ignore[attr-defined]
    for place in shot.otio_path[1:]:
        if isinstance(item, otio.schema.Stack):
            lane.append(place)
        item = item[place]
    while len(lane) > 1 and not lane[-1]:
        lane.pop()
    return tuple(lane)


def _piece(edit: Edit, shot: Shot, media: ShotMedia, done: Replacement | None) -> Piece:
    item = _item(edit, shot.otio_path)
    base = media.available.first_frame if media.available is not None else media.first_frame
    held = media.available.duration_frames if media.available is not None else None
    start, is_dropping = _start_frame(media, base)
    said = item.metadata.get("cmx_3600", {}).get("reel")
    if done is None:
        path = str(media.path) if media.path is not None else media.url
        file = re.split(r"[/\\]", path)[-1] or media.name
        reel = str(said) if said else _reel(file)
    else:
        path, file, reel = str(done.path), done.path.name, _reel(done.path.name)
        start = start + done.frames.first_frame - base if media.start_timecode is not None else 0
        base, held = done.frames.first_frame, done.frames.duration_frames
    is_sequence = media.kind == "sequence"
    laid = CutMedia(
        name=file,
        path=path,
        first_number=base if is_sequence else None,
        rate=media.rate,
        start_frame=start,
        is_drop_frame=is_dropping,
        frames=held,
        reel=reel,
    )
    retime = shot.retime
    return Piece(
        number=shot.number,
        name=shot.name,
        media=laid,
        record=shot.record,
        retime=RetimeMap(
            tuple((at, position - base) for at, position in retime.keys),
            retime.interval_seconds,
            retime.is_listed,
        ),
        is_synced=done is not None,
        is_enabled=shot.is_enabled,
        markers=tuple(_marks(edit, shot, done)),
        filters=tuple(_filters(item)),
        has_effects=_has_effects(item),
    )


def _item(edit: Edit, path: tuple[int, ...]) -> Any:
    item: Any = edit.otio_timeline.tracks  # type: ignore[attr-defined]
    for place in path:
        item = item[place]
    return item


def _start_frame(media: ShotMedia, first: int) -> tuple[int, bool]:
    """The number that the files' timecode, else the edit's word, gives the first frame; drop frame or not."""
    if media.start_timecode is not None:
        with suppress(PlosiveError):
            said = Timecode.parse(media.start_timecode, media.file_rate or media.rate)
            return said.frame_number, said.is_drop_frame
    if media.is_probed and media.is_online:
        return 0, False
    return max(0, round(media.clock_seconds(Fraction(first)) * media.rate)), False


def _reel(file: str) -> str:
    stem = re.sub(r"[.#\[\]]*(\.\w+)?$", "", file.split("#")[0] if "#" in file else file)
    return re.sub(r"[^A-Za-z0-9_-]+", "_", stem).strip("_")[:_LONGEST_REEL] or "AX"


def _marks(edit: Edit, shot: Shot, done: Replacement | None) -> Iterator[Mark]:
    for one in edit.markers:
        if one.shot == shot.number:
            yield Mark(one.record, one.name, one.comment, one.colour)
    for flag in done.flagged if done is not None else ():
        first, last = flag.frames.first_frame, flag.frames.last_frame_inclusive
        span = shot.record
        shown = zip(
            range(span.first_frame, span.last_frame_inclusive + 1),
            shot.retime.frames(span.first_frame, span.last_frame_inclusive),
            strict=True,
        )
        at = [record for record, frame in shown if first <= frame <= last]
        if at:
            yield Mark(FrameRange(at[0], at[-1]), flag.name, flag.sentence, "RED")


def _has_effects(item: Any) -> bool:
    import opentimelineio as otio

    return any(
        not isinstance(one, otio.schema.TimeEffect)
        and one.metadata.get("fcp_xml", {}).get("effectid") != "timeremap"
        for one in item.effects
    )


def _filters(item: Any) -> Iterator[object]:
    """Effects as the adapter for Final Cut Pro 7 XML keeps them, but speeds, which Plosive writes itself."""
    import json

    kept = item.metadata.get("fcp_xml", {}).get("filter")
    if kept is None:
        return
    several = [kept] if hasattr(kept, "get") else list(kept)
    for one in several:
        effect: Any = one.get("effect") if hasattr(one, "get") else None
        if hasattr(effect, "get") and effect.get("effectid") != "timeremap":
            import opentimelineio as otio

            yield json.loads(otio.core.serialize_json_to_string(one))


def _joined(edit: Edit, laid: list[tuple[Shot, Piece]]) -> Iterator[Piece]:
    """The pieces of a track with what joins each to the next, or to black."""
    into: Dissolve | None = None
    for place, (shot, piece) in enumerate(laid):
        after = laid[place + 1][0] if place + 1 < len(laid) else None
        cut = shot.record.last_frame_inclusive + 1
        fades_in = fades_out = False
        out: Dissolve | None = None
        if after is not None and after.record.first_frame == cut:
            length = shot.transition_out_frames + after.transition_in_frames
            if length:
                out = Dissolve(cut - after.transition_in_frames, length)
        elif lengths := _beside(edit, shot, 1):
            out, fades_out = Dissolve(cut - lengths[0], sum(lengths)), True
        if into is None and (lengths := _beside(edit, shot, -1)):
            before = laid[place - 1][0] if place else None
            if before is None or before.record.last_frame_inclusive + 1 < shot.record.first_frame:
                into, fades_in = Dissolve(shot.record.first_frame - lengths[0], sum(lengths)), True
        yield replace(piece, dissolve_in=into, dissolve_out=out, fades_in=fades_in, fades_out=fades_out)
        into = None if fades_out else out


def _beside(edit: Edit, shot: Shot, step: int) -> tuple[int, int] | None:
    """Frames before and after the cut of the dissolve beside a clip, where there is one."""
    import opentimelineio as otio

    parent, place = _item(edit, shot.otio_path[:-1]), shot.otio_path[-1] + step
    if not isinstance(parent, otio.schema.Track) or not 0 <= place < len(parent):
        return None
    beside = parent[place]
    if not isinstance(beside, otio.schema.Transition):
        return None
    before = nearest_frame(exact_seconds(beside.in_offset), edit.rate)
    after = nearest_frame(exact_seconds(beside.out_offset), edit.rate)
    return (before, after) if before + after else None


def _audio(edit: Edit, dubs: Sequence[AddedDub], left_out: list[str]) -> Iterator[CutTrack]:
    for track in edit.tracks:
        if track.kind != "audio":
            continue
        sounds = []
        for use in edit.audio:
            if use.otio_path[0] != track.otio_index:
                continue
            if use.speed != 1 or use.media is None:
                left_out.append(
                    f"Is left out: the sound '{use.name}' on {track.name}, which has another speed."
                )
                continue
            sounds.append(_sound(use, use.media, edit.rate))
        yield CutTrack(track.name, track.is_enabled, sounds=tuple(one for one in sounds if one.frames > 0))
    for dub in dubs:
        begin = max(Fraction(0), dub.record_start_seconds)
        first = ceil(begin * edit.rate)
        head = first / edit.rate - dub.record_start_seconds
        last = min(dub.record_start_seconds + dub.duration_seconds, edit.duration_frames / edit.rate)
        frames = int(last * edit.rate) - first
        if frames > 0:
            laid = Sound(
                name=dub.path.name,
                path=str(dub.path),
                first_frame=first,
                frames=frames,
                start_seconds=head,
                channel=None,
                length_seconds=dub.duration_seconds,
                clock_seconds=Fraction(0),
                is_enabled=True,
            )
            yield CutTrack(dub.name, True, sounds=(laid,))


def _sound(use: AudioUse, media: ShotMedia, rate: Fraction) -> Sound:
    first = nearest_frame(use.record_start_seconds, rate)
    end = nearest_frame(use.record_end_seconds, rate)
    held = media.available
    return Sound(
        name=media.name,
        path=str(media.path) if media.path is not None else media.url,
        first_frame=first,
        frames=end - first,
        start_seconds=max(Fraction(0), use.media_start_seconds + first / rate - use.record_start_seconds),
        channel=use.channels[0] if len(use.channels) == 1 else None,
        length_seconds=held.duration_frames / media.rate if held is not None else None,
        clock_seconds=media.start_seconds,
        is_enabled=use.is_enabled,
    )


def _size(replaced: Mapping[int, Replacement]) -> tuple[int, int] | None:
    from plosive.media import open_plate

    for done in replaced.values():
        with suppress(PlosiveError), open_plate(done.path) as plate:
            return plate.info.width, plate.info.height
    return None
