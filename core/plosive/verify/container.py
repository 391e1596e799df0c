# SPDX-License-Identifier: Apache-2.0
"""Two MOV or MP4 files compared box by box (ISO/IEC 14496-12, QTFF): what differs, and whether a patch may.

A patch changes sizes of changed samples, places of chunks, sizes of boxes around them; it may add a track for
the dub, and then leave out or switch off the plate's sound. Any other box must have its very bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from plosive.errors import MediaReadError
from plosive.media.mov.box import Box
from plosive.media.mov.file import MovFile, read_mov
from plosive.media.mov.track import MovTrack
from plosive.verify.boxrules import judged_leaf, judged_movie_header, without_references
from plosive.verify.check import Check, Status
from plosive.verify.mediagaps import gap_digest

__all__ = ["box_name", "compare_containers", "made_anew", "shown_list"]

_FILLERS = frozenset({"free", "skip", "wide"})
_MOST_NAMED = 6


@dataclass
class _Differences:
    """Paths of boxes, each with what is other about it."""

    allowed: list[tuple[str, str]] = field(default_factory=list)
    wrong: list[tuple[str, str]] = field(default_factory=list)
    new_tracks: list[MovTrack] = field(default_factory=list)
    lost_tracks: list[MovTrack] = field(default_factory=list)
    muted: list[int] = field(default_factory=list)
    same: int = 0


def compare_containers(
    plate: Path,
    out: Path,
    is_changed: Sequence[bool] | None,
    may_drop_sound: str | None,
    is_intra: bool,
    may_differ: str | None,
) -> Check:
    """`is_intra` tells that pictures stand alone, so that some can be exchanged in a file that is kept; where
    they lean on each other, another sample description is a file made anew. `is_changed` says for every
    sample of the video, in decoding order, whether its bytes differ (None: not known, sizes of all may).
    `may_drop_sound` is why sound may be missing; None when it may not.
    """
    try:
        ours = read_mov(plate)
    except MediaReadError as error:
        return Check("container", Status.SKIPPED, f"Boxes are not compared: {error}")
    try:
        theirs = read_mov(out)
    except MediaReadError as error:
        return Check("container", Status.FAIL, f"OUT's boxes cannot be read: {error}")
    found = _Differences()
    if not _is_same_layout(ours, theirs, is_intra):
        return made_anew(ours, theirs)
    _compare_top(ours, theirs, is_changed, found)
    if is_intra:
        _compare_gaps(ours, theirs, found)
    return _judged(found, may_drop_sound, may_differ)


def _is_same_layout(ours: MovFile, theirs: MovFile, is_intra: bool) -> bool:
    """Whether OUT keeps the plate's pieces of video: as many, with as many pictures each."""
    pairs = list(zip(ours.video_tracks, theirs.video_tracks, strict=False))
    if not pairs:
        return bool(ours.video_tracks)  # FFmpeg found OUT's picture, so its boxes are damaged
    try:
        return all(
            np.array_equal(one.table.chunk_counts, other.table.chunk_counts)
            and (is_intra or _description(one) == _description(other))
            for one, other in pairs
        )
    except MediaReadError:
        return True  # compared box by box, the damage is found


def _description(track: MovTrack) -> tuple[bytes, ...]:
    """Sample descriptions, key frames and reordering of a track."""
    return tuple(track.payload("mdia", "minf", "stbl", kind) for kind in ("stsd", "stss", "ctts"))


def made_anew(ours: MovFile, theirs: MovFile) -> Check:
    """The check of a container that has nothing of the plate's."""
    names = [{box_name(file, box) for box in file.boxes()} for file in (ours, theirs)]
    lost, new = sorted(names[0] - names[1]), sorted(names[1] - names[0])
    said = f" It lacks {shown_list(lost)}." if lost else ""
    text = f"The container was made anew, so its boxes differ; streams and tags are compared instead.{said}"
    return Check("container", Status.INFO, text, {"is_patched": False, "lost": lost, "new": new})


def box_name(file: MovFile, box: Box) -> str:
    """A box's path with the tracks' ids for their numbers."""
    name = box.path
    for track in file.tracks:
        name = name.replace(f"trak[{track.index}]", f"trak({track.track_id})")
    return name


def _compare_top(
    ours: MovFile, theirs: MovFile, is_changed: Sequence[bool] | None, found: _Differences
) -> None:
    mine = [box for box in ours.top if box.fourcc not in _FILLERS]
    its = [box for box in theirs.top if box.fourcc not in _FILLERS]
    with_sound = [box for box in its if box.fourcc == "mdat"]
    extra_media = max(0, len(with_sound) - sum(box.fourcc == "mdat" for box in mine))
    for one, other in _matched(mine, its, found, extra_media):
        if one.fourcc == "mdat":
            if one.size != other.size:
                found.allowed.append((one.path, "its size follows the samples in it"))
        elif one.fourcc == "moov":
            _compare_index(ours, theirs, is_changed, found)
        else:
            _compare_boxes(ours, theirs, one, other, found)
    room = [[(box.fourcc, box.size) for box in file.top if box.fourcc in _FILLERS] for file in (ours, theirs)]
    if room[0] != room[1]:
        found.allowed.append(("free", "room between boxes"))


def _compare_gaps(ours: MovFile, theirs: MovFile, found: _Differences) -> None:
    """What lies between samples. Media of tracks that were left out may stay there, or go."""
    if found.lost_tracks:
        return
    try:
        mine = gap_digest(ours, {track.track_id for track in ours.tracks})
        its = gap_digest(theirs, {track.track_id for track in theirs.tracks})
    except MediaReadError as error:
        found.wrong.append(("mdat", f"cannot be read ({error})"))
        return
    if mine != its:
        found.wrong.append(("mdat", f"holds {its[0]} other bytes than samples, the plate's {mine[0]}"))


def _matched(
    mine: Sequence[Box], its: Sequence[Box], found: _Differences, extra_media: int = 0
) -> Iterator[tuple[Box, Box]]:
    """Boxes of one kind go together in order; what is left over is wrong, but for media of a new track."""
    kinds = dict.fromkeys(box.fourcc for box in (*mine, *its))
    for kind in kinds:
        ours = [box for box in mine if box.fourcc == kind]
        theirs = [box for box in its if box.fourcc == kind]
        yield from zip(ours, theirs, strict=False)
        for box in ours[len(theirs) :]:
            found.wrong.append((box.path, "is missing"))
        for box in theirs[len(ours) :]:
            if kind == "mdat" and extra_media:
                found.allowed.append((box.path, "holds the media of a new track"))
            else:
                found.wrong.append((box.path, "is new"))


def _compare_index(
    ours: MovFile, theirs: MovFile, is_changed: Sequence[bool] | None, found: _Differences
) -> None:
    by_id = {track.track_id: track for track in theirs.tracks}
    found.lost_tracks += [track for track in ours.tracks if track.track_id not in by_id]
    for track in ours.tracks:
        other = by_id.pop(track.track_id, None)
        if other is not None:
            _compare_boxes(ours, theirs, track.box, other.box, found, (track, other), is_changed)
    found.new_tracks += by_id.values()
    kept = [
        [box for box in file.moov.children if box.fourcc != "trak" and box.fourcc not in _FILLERS]
        for file in (ours, theirs)
    ]
    _compare_room(ours, theirs, found)
    for one, other_box in _matched(kept[0], kept[1], found):
        if one.fourcc == "mvhd":
            _compare_movie_header(ours, theirs, one, other_box, found)
        else:
            _compare_boxes(ours, theirs, one, other_box, found)


def _compare_movie_header(ours: MovFile, theirs: MovFile, one: Box, other: Box, found: _Differences) -> None:
    mine, its = ours.read(one), theirs.read(other)
    if mine == its:
        found.same += 1
        return
    may_last = max([ours.duration, *(one.duration for one in found.new_tracks if one.handler == "soun")])
    why, is_allowed = judged_movie_header((mine, its), one.header_size, bool(found.new_tracks), may_last)
    (found.allowed if is_allowed else found.wrong).append((one.path, why))


def _compare_room(ours: MovFile, theirs: MovFile, found: _Differences) -> None:
    """Unused boxes of the index. A track that was left out may leave one of its size."""
    room = [
        [file.read(one) for one in file.moov.children if one.fourcc in _FILLERS] for file in (ours, theirs)
    ]
    left_by = [track.box.size for track in found.lost_tracks]
    for data in room[0]:
        if data in room[1]:
            room[1].remove(data)
        else:
            found.wrong.append(("moov/free", "is missing or holds other bytes"))
    for data in room[1]:
        if len(data) in left_by:
            left_by.remove(len(data))
            found.allowed.append(("moov/free", "is where a track was left out"))
        else:
            found.wrong.append(("moov/free", "is new"))


def _compare_boxes(
    ours: MovFile,
    theirs: MovFile,
    one: Box,
    other: Box,
    found: _Differences,
    tracks: tuple[MovTrack, MovTrack] | None = None,
    is_changed: Sequence[bool] | None = None,
) -> None:
    """`tracks` are those the boxes lie in."""
    lost = {track.track_id for track in found.lost_tracks}
    if one.fourcc == "tref" and lost and ours.read(one) != theirs.read(other):
        is_allowed = without_references(ours.read(one), lost) == theirs.read(other)
        (found.allowed if is_allowed else found.wrong).append((one.path, "points to other tracks"))
        return
    if one.children and other.children:
        heads = [
            file.read(box)[box.header_size : box.children[0].offset - box.offset]
            for file, box in ((ours, one), (theirs, other))
        ]
        if heads[0] != heads[1]:
            found.wrong.append((one.path, "differs before its first box"))
        for mine, its in _matched(one.children, other.children, found):
            _compare_boxes(ours, theirs, mine, its, found, tracks, is_changed)
        return
    data = ours.read(one), theirs.read(other)
    if data[0] == data[1]:
        found.same += 1
        return
    why, is_allowed = judged_leaf(one, data, tracks, is_changed)
    if is_allowed:
        found.allowed.append((one.path, why))
        if one.fourcc == "tkhd" and tracks is not None:
            found.muted.append(tracks[0].track_id)
    else:
        found.wrong.append((one.path, why))


def _judged(found: _Differences, may_drop_sound: str | None, may_differ: str | None) -> Check:
    status, said = Status.PASS, []
    lost_sound = [track for track in found.lost_tracks if track.handler == "soun"]
    other_lost = [track for track in found.lost_tracks if track.handler != "soun"]
    new_sound = [track for track in found.new_tracks if track.handler == "soun"]
    wrong = list(found.wrong)
    wrong += [(f"track {track.track_id} ({track.handler})", "is missing") for track in other_lost]
    wrong += [
        (f"track {track.track_id} ({track.handler})", "is new")
        for track in found.new_tracks
        if track.handler != "soun"
    ]
    if found.muted and not new_sound:
        wrong += [(f"track {number} (soun)", "is switched on or off") for number in found.muted]
    if wrong:
        status = Status.FAIL if may_differ is None else Status.REPORTED
        why = f" ({may_differ})" if may_differ else ""
        listed = shown_list([f"{path} {what}" for path, what in wrong])
        said.append(f"Boxes differ that must not{why}: {listed}.")
    if lost_sound:
        if may_drop_sound is None:
            status = Status.FAIL
        elif status is Status.PASS:
            status = Status.REPORTED
        why = f" ({may_drop_sound})" if may_drop_sound else ""
        said.append(f"{len(lost_sound)} audio tracks are left out{why}.")
    if new_sound:
        said.append(f"{len(new_sound)} audio track{'s are' if len(new_sound) > 1 else ' is'} new.")
    if found.muted and new_sound:
        said.append(f"{len(found.muted)} audio tracks are switched on or off.")
    if not wrong:
        said.append(
            f"{found.same} boxes have the plate's bytes; {len(found.allowed)} differ where the new samples "
            "make them."
        )
    figures = {
        "is_patched": True,
        "same": found.same,
        "allowed": [{"box": path, "why": why} for path, why in found.allowed],
        "wrong": [{"box": path, "why": why} for path, why in wrong],
        "new_tracks": [track.track_id for track in found.new_tracks],
        "lost_tracks": [track.track_id for track in found.lost_tracks],
        "switched_tracks": found.muted,
    }
    return Check("container", status, " ".join(said), figures)


def shown_list(names: Sequence[str]) -> str:
    """The first of `names`, and how many more there are."""
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return ", ".join(names[:_MOST_NAMED]) + more
