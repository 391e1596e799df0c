# SPDX-License-Identifier: Apache-2.0
"""A MOV of a run of pictures, cut out of a longer one: samples, sample descriptions and all that is no time
and no place keep their bytes.

What is written for the run: stts, stsz, stsc, stco or co64, stss, stps, sdtp, sbgp (ISO/IEC 14496-12, 8.6 to
8.9), elst, the durations of mvhd, tkhd and mdhd, and the frame number in timecode samples (QTFF).
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

from plosive.errors import MediaReadError, NotPatchableError
from plosive.media.mov.file import MovFile, read_mov
from plosive.media.mov.indexedit import MOST_32_BITS, IndexEdit
from plosive.media.mov.mediabox import media_box_header
from plosive.media.mov.ownsound import forget_references
from plosive.media.mov.pieces import Piece, Pieces
from plosive.media.mov.refusal import require_patchable
from plosive.media.mov.track import MovTrack
from plosive.media.mov.trackrun import TrackRun, run_of_samples, run_of_time, stretch_of

__all__ = ["MovCut", "cut_mov"]

_ROOM = ("wide", "free", "skip")


@dataclass(frozen=True)
class MovCut:
    """`file` is read as any other, but exists nowhere: it is made of stretches of the plate. `lost` are
    sentences on what is not in it.
    """

    file: MovFile
    lost: tuple[str, ...]


def cut_mov(
    file: MovFile, track: MovTrack, first: int, end_exclusive: int, without_sound: bool = False
) -> MovCut:
    """Pictures `first` to `end_exclusive` of `track`, with what of the other tracks belongs to them. Nothing
    is written. Raises NotPatchableError when the file cannot be cut this way, MediaReadError when it is
    damaged.
    """
    require_patchable(file, track)
    if not file.timescale or not track.timescale:
        raise NotPatchableError(f"{file.path.name} tells no time.")
    if not 0 <= first < end_exclusive <= track.table.sample_count:
        raise NotPatchableError(f"{file.path.name} has no pictures {first} to {end_exclusive - 1}.")
    pictures = run_of_samples(track, first, end_exclusive)
    stretch = stretch_of(pictures, file.timescale)
    runs: list[TrackRun] = []
    lost: list[str] = []
    for one in file.tracks:
        if one.track_id == track.track_id:
            runs.append(pictures)
            continue
        if one.handler == "soun" and without_sound:
            continue
        try:
            run = run_of_time(file, one, stretch)
        except NotPatchableError as refusal:
            lost.append(f"Track {one.track_id} ({one.handler.strip() or 'unknown'}) is left out: {refusal}")
            continue
        if run is None:
            lost.append(f"Track {one.track_id} ({one.handler.strip()}) has nothing in these frames.")
            continue
        runs.append(run)
        lost += run.notes
    return MovCut(_assembled(file, runs), tuple(lost))


def _assembled(file: MovFile, runs: Sequence[TrackRun]) -> MovFile:
    """The boxes of the plate in their order; all media in one box, where the plate's first one was."""
    media, offsets = _media(runs)
    media_size = sum(piece.size for piece in media)
    header = Piece.of(media_box_header(media_size))
    first_media = next(box for box in file.top if box.fourcc == "mdat")
    top = [
        box for box in file.top if box.fourcc not in _ROOM and (box.fourcc != "mdat" or box is first_media)
    ]
    is_wide = media_size + sum(box.size for box in top if box is not first_media) * 2 > MOST_32_BITS
    index_size = len(_index(file, runs, offsets, is_wide))
    place = 0
    for box in top:
        if box is first_media:
            break
        place += index_size if box is file.moov else box.size
    index = _index(file, runs, [one + place + header.size for one in offsets], is_wide)
    pieces: list[Piece] = []
    for box in top:
        if box is first_media:
            pieces += [header, *media]
        elif box is file.moov:
            pieces.append(Piece.of(index))
        else:
            pieces.append(Piece(box.size, box.offset))
    try:
        return read_mov(file.path, Pieces(file.path, pieces))
    except MediaReadError as error:
        raise NotPatchableError(f"{file.path.name} cannot be cut to a range: {error}") from error


def _media(runs: Sequence[TrackRun]) -> tuple[list[Piece], list[NDArray[np.int64]]]:
    """All chunks in the plate's order, so interleaved as they were; and where those of each run lie there."""
    places = sorted(
        (int(offset), number, chunk)
        for number, run in enumerate(runs)
        for chunk, offset in enumerate(run.offsets.tolist())
    )
    media: list[Piece] = []
    offsets = [np.zeros(len(run.offsets), np.int64) for run in runs]
    at = 0
    for offset, number, chunk in places:
        size, head = int(runs[number].sizes[chunk]), runs[number].head
        offsets[number][chunk] = at
        at += size
        if head is not None and chunk == 0:
            media.append(Piece.of(head))
            offset, size = offset + len(head), size - len(head)
        media.append(Piece(size, offset))
    return media, offsets


def _index(
    file: MovFile, runs: Sequence[TrackRun], offsets: Sequence[NDArray[np.int64]], is_wide: bool
) -> bytes:
    """The plate's moov with the tables of `runs`, whose chunks lie at `offsets`."""
    edit = IndexEdit(file.moov, file.moov_bytes, file.moov.offset)
    kept = {run.track.track_id for run in runs}
    dropped = frozenset(track.track_id for track in file.tracks) - kept
    for track in file.tracks:
        if track.track_id in dropped:
            edit.replace(track.box, b"")
        elif dropped:
            forget_references(edit, track, dropped)
    longest = 0
    for run, places in zip(runs, offsets, strict=True):
        longest = max(longest, _put_times(edit, run, file.timescale))
        _put_tables(edit, run, places, is_wide)
    mvhd = file.moov.child("mvhd")
    assert mvhd is not None
    wide = bool(edit.read(mvhd.payload_offset, 1)[0])
    edit.put(mvhd.payload_offset + (24 if wide else 16), _ticks(longest, wide))
    return edit.result()


def _put_times(edit: IndexEdit, run: TrackRun, movie_timescale: int) -> int:
    """Durations and edit list of a track; returns how long it lasts in ticks of the movie."""
    box = run.track.box
    lead = round(run.lead_seconds * movie_timescale)
    shown = ceil(run.shown_seconds * movie_timescale)
    tkhd, mdhd = box.child("tkhd"), box.child("mdia", "mdhd")
    assert tkhd is not None and mdhd is not None
    wide = bool(edit.read(tkhd.payload_offset, 1)[0])
    edit.put(tkhd.payload_offset + (28 if wide else 20), _ticks(lead + shown, wide))
    wide = bool(edit.read(mdhd.payload_offset, 1)[0])
    edit.put(mdhd.payload_offset + (24 if wide else 16), _ticks(run.media_duration, wide))
    edts, mdia = box.child("edts"), box.child("mdia")
    assert mdia is not None
    if run.needs_edit:
        entries = [(lead, -1)] if lead else []
        entries.append((shown, run.media_time))
        is_long = max(shown, lead, run.media_time) >= MOST_32_BITS >> 1
        body = struct.pack(">B3xI", is_long, len(entries)) + b"".join(
            struct.pack(">QqI" if is_long else ">IiI", duration, start, 1 << 16)
            for duration, start in entries
        )
        made = _box(b"edts", _box(b"elst", body))
        if edts is not None:
            edit.replace(edts, made)
        else:
            edit.insert_before(mdia, made)
    return lead + shown


def _put_tables(edit: IndexEdit, run: TrackRun, places: NDArray[np.int64], is_wide: bool) -> None:
    stbl, table = run.track.stbl, run.track.table
    count = run.end_exclusive - run.first
    if table.sizes is None:
        sizes = struct.pack(">4xII", table.constant_size, count)
    else:
        sizes = struct.pack(">8xI", count) + _big(table.sizes[run.first : run.end_exclusive])
    changes = np.flatnonzero(
        (np.diff(run.counts, prepend=-1) != 0) | (np.diff(run.descriptions, prepend=-1) != 0)
    )
    chunks = np.stack([changes + 1, run.counts[changes], run.descriptions[changes]], 1)
    for box in stbl.children:
        if box.fourcc == "stts":
            edit.replace(box, _table(b"stts", run.durations))
        elif box.fourcc == "stsz":
            edit.replace(box, _box(b"stsz", sizes))
        elif box.fourcc == "stsc":
            edit.replace(box, _table(b"stsc", chunks))
        elif box.fourcc in ("stco", "co64"):
            wide = is_wide or box.fourcc == "co64"
            entries = places.astype(">u8" if wide else ">u4").tobytes()
            head = struct.pack(">4xI", len(places))
            edit.replace(box, _box(b"co64" if wide else b"stco", head + entries))
        elif box.fourcc in ("stss", "stps", "sdtp", "sbgp", "ctts"):
            edit.replace(
                box, _cut_table(box.fourcc, edit.read(box.payload_offset, box.end - box.payload_offset), run)
            )


def _cut_table(fourcc: str, payload: bytes, run: TrackRun) -> bytes:
    """A table that tells something of single samples."""
    name = fourcc.encode("latin-1")
    if fourcc == "sdtp":
        return _box(name, payload[:4] + payload[4 + run.first : 4 + run.end_exclusive])
    if fourcc == "ctts":
        return b""  # of zeros alone, see `run_of_time`
    if fourcc == "sbgp":
        head = 12 if payload[:1] == b"\1" else 8
        rows = _rows(payload, head, 2)
        ends = np.minimum(np.cumsum(rows[:, 0]), run.end_exclusive)
        starts = np.maximum(np.cumsum(rows[:, 0]) - rows[:, 0], run.first)
        left = np.stack([ends - starts, rows[:, 1]], 1)[ends > starts]
        return _box(name, payload[:head] + struct.pack(">I", len(left)) + _big(left))
    numbers = _rows(payload, 4, 1)[:, 0]
    inside = numbers[(numbers > run.first) & (numbers <= run.end_exclusive)] - run.first
    return _table(name, inside[:, None])


def _rows(payload: bytes, count_offset: int, columns: int) -> NDArray[np.int64]:
    start = count_offset + 4
    count = int.from_bytes(payload[count_offset:start], "big")
    count = min(count, max(0, len(payload) - start) // (4 * columns))
    return (
        np.frombuffer(payload, ">u4", count * columns, start if count else 0)
        .reshape(-1, columns)
        .astype(np.int64)
    )


def _table(fourcc: bytes, rows: NDArray[np.int64]) -> bytes:
    return _box(fourcc, struct.pack(">4xI", len(rows)) + _big(rows))


def _box(fourcc: bytes, payload: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(payload), fourcc) + payload


def _big(values: NDArray[np.int64]) -> bytes:
    return values.astype(">u4").tobytes()


def _ticks(value: int, wide: bool) -> bytes:
    return min(value, MOST_32_BITS if not wide else (1 << 64) - 1).to_bytes(8 if wide else 4, "big")
