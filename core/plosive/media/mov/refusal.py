# SPDX-License-Identifier: Apache-2.0
"""Files in which pictures cannot be exchanged with all other bytes kept, each with its reason.

The index must name every place in the file that moves, in boxes whose meaning is known.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from plosive.errors import MediaReadError, NotPatchableError
from plosive.media.mov.file import MovFile
from plosive.media.mov.samples import SampleTable
from plosive.media.mov.track import MovTrack

__all__ = ["refusal", "require_patchable"]

_FRAGMENTS = frozenset({"moof", "sidx", "ssix", "mfra", "mvex", "styp"})
_PLACES = {
    "saio": "holds places of sample data beside the sample tables (saio)",
    "iloc": "holds pictures as items with places of their own (iloc)",
    "cmov": "has a compressed index (cmov)",
    "gps ": "holds places of position data (gps)",
    "rmra": "points to other movies (rmra)",
}
_MOST_TRACKS = 1000
_ENCRYPTED = frozenset({"encv", "enca", "enct", "encs", "drmi", "drms"})


def refusal(file: MovFile, track: MovTrack) -> str | None:
    """Why samples of the video `track` cannot be exchanged in `file`: one sentence; None when they can."""
    try:
        reason = _structure(file) or _track(track) or _placement(file, track)
    except MediaReadError as error:
        return str(error)
    return f"{file.path.name} {reason}." if reason else None


def require_patchable(file: MovFile, track: MovTrack) -> None:
    """Raises NotPatchableError with the sentence of `refusal`."""
    reason = refusal(file, track)
    if reason is not None:
        raise NotPatchableError(reason)


def _structure(file: MovFile) -> str | None:
    boxes = {box.fourcc: box for box in file.boxes()}
    if not _FRAGMENTS.isdisjoint(boxes):
        return "is a fragmented MP4"
    for fourcc, reason in _PLACES.items():
        if fourcc in boxes:
            return reason
    if sum(box.fourcc == "moov" for box in file.top) != 1:
        return "has more than one index (moov)"
    if any(box.fourcc == "meta" and not box.children for box in file.top):
        return "has user data that cannot be read (meta)"
    ids = [track.track_id for track in file.tracks]
    if len(set(ids)) < len(ids) or 0 in ids:
        return "has tracks that share one number"
    if len(ids) > _MOST_TRACKS:
        return f"has {len(ids)} tracks"
    if sum(box.fourcc in ("stco", "co64") for box in file.boxes()) != len(ids):
        return "has a track without one list of places (stco or co64)"
    for track in file.tracks:
        if not _ENCRYPTED.isdisjoint(track.sample_entries):
            return "is encrypted"
        if not all(is_own for _, is_own in track.data_references):
            return "keeps the media of a track in another file"
        kinds = [box.fourcc for box in track.stbl.children]
        if kinds.count("stsc") != 1 or kinds.count("stsz") + kinds.count("stz2") != 1:
            return "has a track with two sample tables, of which one would no longer be true"
        if kinds.count("stco") + kinds.count("co64") != 1:
            return "has a track without one list of places (stco or co64)"
    return None


def _track(track: MovTrack) -> str | None:
    kinds = [box.fourcc for box in track.stbl.children]
    if track.handler != "vide":
        return f"has no picture in track {track.track_id}"
    if "stz2" in kinds:
        return "holds the sizes of its pictures in a compact table (stz2) with no room for others"
    if "subs" in kinds:
        return "holds the sizes of parts of its pictures (subs), which would no longer be true"
    return None


def _placement(file: MovFile, track: MovTrack) -> str | None:
    for other in file.tracks:
        for kind, ids in other.references:
            if kind == "hint" and track.track_id in ids:
                return "has a track of streaming hints (hint), which point into its pictures"
    starts, ends = _extents(track.table)
    if not len(starts):
        return "has no pictures"
    if (starts[1:] < ends[:-1]).any():
        return "stores its pictures in another order than they are played, or on top of each other"
    if not _lie_in(starts, ends, [(box.payload_offset, box.end) for box in file.top if box.fourcc == "mdat"]):
        return "stores pictures outside its media boxes (mdat)"
    outside_index = [(box.payload_offset, box.end) for box in file.top if box.fourcc != "moov"]
    for other in file.tracks:
        if other.index == track.index:
            continue
        other_starts, other_ends = _extents(other.table)
        if not _lie_in(other_starts, other_ends, outside_index):
            return f"stores media of track {other.track_id} across its boxes"
        before = np.searchsorted(starts, other_ends, side="left") - 1
        if ((before >= 0) & (ends[before] > other_starts)).any():
            return f"stores its pictures and track {other.track_id} in the same bytes"
    return None


def _extents(table: SampleTable) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Starts and ends of the chunks that hold anything."""
    is_full = table.chunk_sizes > 0
    return table.chunk_offsets[is_full], table.chunk_ends[is_full]


def _lie_in(starts: NDArray[np.int64], ends: NDArray[np.int64], boxes: list[tuple[int, int]]) -> bool:
    """Whether each piece lies whole in one of `boxes`, (start, end) ascending."""
    if not len(starts):
        return True
    if not boxes:
        return False
    box_starts, box_ends = np.array(boxes, np.int64).T
    box = np.searchsorted(box_starts, starts, side="right") - 1
    return bool(((box >= 0) & (box_ends[box] >= ends)).all())
