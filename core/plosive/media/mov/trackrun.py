# SPDX-License-Identifier: Apache-2.0
"""The samples of one track that lie in a stretch of a movie's time.

Boxes stts, stsz, stsc and elst of ISO/IEC 14496-12; timecode samples and their description from QTFF,
"Timecode media". All times are exact fractions; ticks are those of the track.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil, floor

import numpy as np
from numpy.typing import NDArray

from plosive.errors import MediaReadError, NotPatchableError
from plosive.media.mov.file import MovFile
from plosive.media.mov.track import MovTrack

__all__ = ["Stretch", "TrackRun", "run_of_samples", "run_of_time", "shown_from", "stretch_of"]

Integers = NDArray[np.int64]
_DROP_FRAME, _COUNTER = 1, 8  # flags of a timecode description
_UNCUT = frozenset({"stz2", "cslg", "padb", "saio", "saiz", "stdp", "stsh", "subs"})
"""Tables that tell something of single samples; boxes nobody knows are kept as they are."""
_SECONDS_A_DAY = 86400


@dataclass(frozen=True)
class Stretch:
    """From `start` up to `end`, in seconds of the movie."""

    start: Fraction
    end: Fraction


@dataclass(frozen=True)
class TrackRun:
    """Samples `first` to `end_exclusive` of a track. `offsets`, `counts`, `sizes` (bytes) and `descriptions`
    are those of what is left of its chunks, int64 (k,). `durations` (runs, 2) is the new stts: samples and
    ticks.

    `lead_seconds` pass in the result before anything of the track is shown, `media_time` ticks of the run are
    not shown, then `shown_seconds` are. `head` replaces the bytes of the first sample; `notes` are sentences.
    """

    track: MovTrack
    first: int
    end_exclusive: int
    offsets: Integers
    counts: Integers
    sizes: Integers
    descriptions: Integers
    durations: Integers
    media_time: int
    lead_seconds: Fraction
    shown_seconds: Fraction
    head: bytes | None = None
    notes: tuple[str, ...] = ()

    @property
    def media_duration(self) -> int:
        """Ticks of all its samples."""
        return int((self.durations[:, 0] * self.durations[:, 1]).sum())

    @property
    def needs_edit(self) -> bool:
        """Whether an edit list must say what is shown."""
        is_all = self.media_duration == self.shown_seconds * self.track.timescale
        return bool(self.track.edits) or self.media_time > 0 or self.lead_seconds > 0 or not is_all


def shown_from(track: MovTrack, movie_timescale: int) -> tuple[Fraction, int, Fraction | None]:
    """(seconds of the movie before the track is shown, tick of its media shown then, seconds it is shown;
    None where nothing limits it). Raises NotPatchableError for edit lists that say more.
    """
    edits = [edit for edit in track.edits if edit.duration or edit.media_time >= 0]
    empty = [edit for edit in edits if edit.media_time < 0]
    if not edits:
        return Fraction(0), 0, None
    if len(edits) != len(empty) + 1 or edits[-1].media_time < 0 or edits[-1].rate != 1:
        raise NotPatchableError(
            f"{track.file_name} has an edit list of several parts, which is not cut to a range."
        )
    lead = Fraction(sum(edit.duration for edit in empty), movie_timescale)
    length = Fraction(edits[-1].duration, movie_timescale) if edits[-1].duration else None
    return lead, edits[-1].media_time, length


def run_of_samples(track: MovTrack, first: int, end_exclusive: int) -> TrackRun:
    """A run of pictures, shown whole. Raises MediaReadError, NotPatchableError."""
    _require_plain(track)
    runs = track.duration_runs()
    begin, end = _tick_of(runs, first), _tick_of(runs, end_exclusive)
    shown = Fraction(end - begin, track.timescale)
    return _run(track, runs, first, end_exclusive, 0, Fraction(0), shown)


def stretch_of(run: TrackRun, movie_timescale: int) -> Stretch:
    """When the pictures of `run` are shown in the file they come from."""
    lead, media_time, _ = shown_from(run.track, movie_timescale)
    tick = _tick_of(run.track.duration_runs(), run.first)
    start = lead + Fraction(tick - media_time, run.track.timescale)
    return Stretch(start, start + run.shown_seconds)


def run_of_time(file: MovFile, track: MovTrack, stretch: Stretch) -> TrackRun | None:
    """What of a track sounds or shows in `stretch`; None where nothing does. PCM sound is cut to the sample
    nearest to the stretch's ends; of other tracks whole samples are kept, of compressed sound one more before
    them (decoders need it), and an edit list tells what is shown. Raises MediaReadError, NotPatchableError.
    """
    _require_plain(track)
    lead, media_time, length = shown_from(track, file.timescale)
    runs, scale = track.duration_runs(), track.timescale
    if not scale or not len(runs):
        return None
    shown_end = Fraction(int((runs[:, 0] * runs[:, 1]).sum()))
    if length is not None and media_time + length * scale < shown_end - Fraction(scale, file.timescale):
        shown_end = media_time + length * scale  # a tick of the movie is the grain of an edit list
    begin = media_time + max(Fraction(0), stretch.start - lead) * scale
    end = min(shown_end, media_time + (stretch.end - lead) * scale)
    late = max(Fraction(0), lead - stretch.start)
    if track.is_uniform_sound:
        each = int(runs[0, 1]) or 1
        first, last = (floor(tick / each + Fraction(1, 2)) for tick in (begin, end))
        last = min(last, track.table.sample_count)
        if first >= last:
            return None
        return _run(track, runs, first, last, 0, late, Fraction((last - first) * each, scale))
    if begin >= end:
        return None
    first, last = _sample_at(runs, begin), _sample_after(runs, end)
    if track.handler == "tmcd":
        return _timecode_run(file, track, runs, first, last, begin, end, late)
    if track.handler == "soun":
        first = max(0, first - 1)
    first = _sync_at(track, first)
    hidden = max(0, round(begin - _tick_of(runs, first)))
    return _run(track, runs, first, last, hidden, late, (end - begin) / scale)


def _run(
    track: MovTrack,
    runs: Integers,
    first: int,
    end_exclusive: int,
    media_time: int,
    lead_seconds: Fraction,
    shown_seconds: Fraction,
) -> TrackRun:
    table = track.table
    chunk_ends = np.cumsum(table.chunk_counts)
    chunk_firsts = chunk_ends - table.chunk_counts
    low, high = np.maximum(chunk_firsts, first), np.minimum(chunk_ends, end_exclusive)
    is_in = low < high
    low, high, chunk_firsts = low[is_in], high[is_in], chunk_firsts[is_in]
    before = _bytes_before(track)
    start_bytes = before(low) - before(chunk_firsts)
    return TrackRun(
        track,
        first,
        end_exclusive,
        np.asarray(table.chunk_offsets[is_in] + start_bytes),
        np.asarray(high - low),
        np.asarray(before(high) - before(low)),
        table.chunk_descriptions[is_in],
        _durations(runs, first, end_exclusive),
        media_time,
        lead_seconds,
        shown_seconds,
    )


def _bytes_before(track: MovTrack) -> Callable[[Integers], Integers]:
    """Bytes of all samples before a sample, as a function of an int64 array."""
    table = track.table
    if table.sizes is not None:
        sums = np.concatenate([np.zeros(1, np.int64), np.cumsum(table.sizes)])
        return lambda numbers: np.asarray(sums[numbers])
    each = track.bytes_of_each
    if each is None or each.denominator != 1:
        raise NotPatchableError(
            f"{track.file_name} packs the sound of track {track.track_id} in packets of several samples, "
            "which are not cut to a range."
        )
    whole = int(each)
    return lambda numbers: np.asarray(numbers * whole)


def _timecode_run(
    file: MovFile,
    track: MovTrack,
    runs: Integers,
    first: int,
    last: int,
    begin: Fraction,
    end: Fraction,
    late: Fraction,
) -> TrackRun:
    """Timecode samples name their first frame: that of the first is counted on to the run's."""
    run = _run(track, runs, first, last, 0, late, (end - begin) / track.timescale)
    stsd = track.payload("mdia", "minf", "stbl", "stsd")
    samples = track.samples
    size = int(samples.sizes[first])
    if len(stsd) < 41 or size not in (4, 8):
        raise NotPatchableError(f"{track.file_name} holds a timecode of an unknown form.")
    flags, scale, frame_ticks, base = struct.unpack(">IIIB", stsd[28:41])
    if not scale or not frame_ticks or not base:
        raise NotPatchableError(f"{track.file_name} holds a timecode without a rate.")
    number = int.from_bytes(file.read_at(int(samples.offsets[first]), size), "big")
    passed = (begin - _tick_of(runs, first)) / track.timescale * Fraction(scale, frame_ticks)
    notes: tuple[str, ...] = ()
    if passed.denominator != 1:
        notes = (
            "The plate's timecode counts other frames than its pictures: it begins with the frame before.",
        )
    number += floor(passed)
    if not flags & _COUNTER:
        day = base * _SECONDS_A_DAY
        if flags & _DROP_FRAME:
            day = 144 * (600 * base - 9 * (base // 15))
        number %= day
    durations = [[1, int(count)] for count in _single_durations(runs, first, last)]
    durations[0][1] -= floor(begin) - _tick_of(runs, first)
    durations[-1][1] -= max(0, _tick_of(runs, last) - ceil(end))
    return replace(
        run, durations=np.array(durations, np.int64), head=number.to_bytes(size, "big"), notes=notes
    )


def _require_plain(track: MovTrack) -> None:
    kinds = {box.fourcc for box in track.stbl.children}
    if kinds & _UNCUT:
        raise NotPatchableError(
            f"{track.file_name} holds tables of track {track.track_id} ({', '.join(sorted(kinds & _UNCUT))}) "
            "that are not cut to a range."
        )
    if "ctts" in kinds and (track.composition_times() != track.decode_times()).any():
        raise NotPatchableError(f"{track.file_name} shows its frames in another order than it holds them.")


def _durations(runs: Integers, first: int, end_exclusive: int) -> Integers:
    ends = np.cumsum(runs[:, 0])
    counts = np.minimum(ends, end_exclusive) - np.maximum(ends - runs[:, 0], first)
    return np.asarray(np.stack([counts, runs[:, 1]], 1)[counts > 0])


def _single_durations(runs: Integers, first: int, end_exclusive: int) -> Integers:
    part = _durations(runs, first, end_exclusive)
    return np.asarray(np.repeat(part[:, 1], part[:, 0]))


def _tick_of(runs: Integers, sample: int) -> int:
    """The tick at which a sample begins."""
    part = _durations(runs, 0, sample)
    return int((part[:, 0] * part[:, 1]).sum())


def _sample_at(runs: Integers, tick: Fraction) -> int:
    """The last sample that begins at or before `tick`."""
    ends = np.cumsum(runs[:, 0] * runs[:, 1])
    run = min(int(np.searchsorted(ends, floor(tick), side="right")), len(runs) - 1)
    before, begin = int(runs[:run, 0].sum()), int(ends[run - 1]) if run else 0
    each = max(1, int(runs[run, 1]))
    return before + min(int(runs[run, 0]) - 1, floor((tick - begin) / each))


def _sample_after(runs: Integers, tick: Fraction) -> int:
    """The first sample that begins at or after `tick`, or their number."""
    last = _sample_at(runs, tick)
    return last + (_tick_of(runs, last) < tick)


def _sync_at(track: MovTrack, sample: int) -> int:
    """The last sample at or before `sample` that stands alone."""
    stss = track.payload("mdia", "minf", "stbl", "stss")
    if len(stss) < 8:
        return sample
    count = min(int.from_bytes(stss[4:8], "big"), (len(stss) - 8) // 4)
    numbers = np.frombuffer(stss, ">u4", count, 8).astype(np.int64) - 1
    earlier = numbers[(numbers >= 0) & (numbers <= sample)]
    if not len(earlier):
        raise MediaReadError(f"{track.file_name} is damaged: a track has no frame that stands alone.")
    return int(earlier.max())
