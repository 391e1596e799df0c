# SPDX-License-Identifier: Apache-2.0
"""Tracks beside the picture of an OUT that holds a part of the plate: each against its stretch of the
plate's.

PCM sound is compared sample by sample, all else packet by packet: what is in OUT must be one run of the
plate's, begin at the same moment of the picture and cover it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plosive.errors import PlosiveError
from plosive.media.audio import decoded_blocks
from plosive.media.videoreader import VideoReader
from plosive.media.videosource import open_video
from plosive.verify.check import Check, Status
from plosive.verify.sound import described
from plosive.verify.streams import Movie, Track

__all__ = ["Stretch", "other_tracks_in", "sound_in", "stretch_of"]

_SAME_MOMENT = Fraction(1, 500)
"""A tick of most movies (1/600 s) is the grain of an edit list."""

_HEAD = 4096  # samples that must be equal before the whole stretch is compared
_MOST_TRIED = 3


@dataclass(frozen=True)
class Stretch:
    """Where the first picture lies in the plate's time and in OUT's, and how long the pictures are shown, in
    seconds.
    """

    plate_start: Fraction
    out_start: Fraction
    length: Fraction


@dataclass(frozen=True)
class _Packet:
    start: Fraction
    end: Fraction
    digest: bytes


def stretch_of(plate: VideoReader, out: VideoReader) -> Stretch:
    """`plate` is the part of it that OUT holds."""
    mine, its = plate.presentation, out.presentation
    length = (mine.pts[-1] - mine.pts[0]) * mine.time_base + 1 / mine.frame_rate
    return Stretch(mine.pts[0] * mine.time_base, its.pts[0] * its.time_base, length)


def sound_in(
    movies: tuple[Movie, Movie], stretch: Stretch, may_drop: str | None, admitted: Sequence[str]
) -> Check:
    """The plate's audio tracks in OUT. `may_drop` is why they may be missing, None when they may not;
    `admitted` are sentences of OUT's report on what is lost.
    """
    plate, out = movies
    left = list(out.of_kind("audio"))
    told: list[dict[str, object]] = []
    missing: list[str] = []
    same = silent = 0
    for track in plate.of_kind("audio"):
        packets = _packets(plate.path, track.index)
        found = next((one for one in left if _is_same((plate, track, packets), (out, one), stretch)), None)
        if found is not None:
            left.remove(found)
            same += 1
        elif _within(packets, stretch):
            missing.append(track.title)
        else:
            silent += 1
        told.append({"plate": track.index, "out": None if found is None else found.index})
    status, said = Status.PASS, []
    if same:
        said.append(f"{same} of {len(told)} audio tracks have the plate's sound of these frames.")
    if silent:
        said.append(f"{silent} of the plate's have none there.")
    if missing:
        why = may_drop or ("the report beside OUT says so" if _admits_sound(admitted) else None)
        status = Status.FAIL if why is None else Status.REPORTED
        gone = "is missing or was changed" if why is None else f"is missing ({why})"
        said.append(f"Of the plate's sound {', '.join(missing[:4])} {gone}.")
    if left:
        told += [{"plate": None, "out": track.index, "same": "new"} for track in left]
        said.append(f"New in OUT: {', '.join(described(track) for track in left[:4])}.")
    if not said:
        return Check("audio", Status.SKIPPED, "Neither file has sound.", {"tracks": []})
    return Check("audio", status, " ".join(said), {"tracks": told, "silent": silent})


def other_tracks_in(movies: tuple[Movie, Movie], stretch: Stretch, admitted: Sequence[str]) -> Check | None:
    """Second videos, subtitles and pictures; None where neither file has any."""
    plate, out = movies
    ours = [track for track in plate.others if track.kind not in ("audio", "data")]
    left = [track for track in out.others if track.kind not in ("audio", "data")]
    if not ours and not left:
        return None
    missing: list[str] = []
    for track in ours:
        packets = _packets(plate.path, track.index)
        found = next((one for one in left if _is_run(packets, _packets(out.path, one.index), stretch)), None)
        if found is not None:
            left.remove(found)
        elif _within(packets, stretch):
            missing.append(track.title)
    figures = {"plate": len(ours), "missing": missing, "new": [track.title for track in left]}
    if missing or left:
        names = ", ".join([*missing, *(track.title for track in left)][:4])
        text = f"Other tracks (subtitles, pictures) are not the plate's of these frames: {names}."
        is_told = not left and any(sentence.startswith("Track ") for sentence in admitted)
        return Check("other tracks", Status.REPORTED if is_told else Status.FAIL, text, figures)
    text = f"{len(ours)} other tracks (subtitles, pictures) have the plate's bytes of these frames."
    return Check("other tracks", Status.PASS, text, figures)


def _packets(path: Path, index: int) -> list[_Packet]:
    found = []
    with open_video(path) as container:
        stream: Any = container.streams[index]
        for packet in container.demux(stream):
            if packet.size and packet.pts is not None:
                start = packet.pts * packet.time_base
                end = start + (packet.duration or 0) * packet.time_base
                found.append(_Packet(start, end, hashlib.sha256(packet).digest()))
    return found


def _within(packets: Sequence[_Packet], stretch: Stretch) -> bool:
    """Whether anything of a track belongs to these pictures: more than an edit list can tell."""
    end = stretch.plate_start + stretch.length
    return any(
        one.start < end - _SAME_MOMENT and one.end > stretch.plate_start + _SAME_MOMENT for one in packets
    )


def _is_run(ours: Sequence[_Packet], theirs: Sequence[_Packet], stretch: Stretch) -> bool:
    """Whether `theirs` are the packets of `ours` that belong to these pictures; more of them may stand
    before and after: decoders need them.
    """
    if not theirs:
        return False
    digests = [one.digest for one in theirs]
    begin = max(stretch.plate_start, ours[0].start) if ours else stretch.plate_start
    end = min(stretch.plate_start + stretch.length, ours[-1].end) if ours else begin
    for first, one in enumerate(ours):
        if one.digest != digests[0]:
            continue
        run = ours[first : first + len(digests)]
        shift = (run[0].start - stretch.plate_start) - (theirs[0].start - stretch.out_start)
        is_covered = run[0].start <= begin + _SAME_MOMENT and run[-1].end >= end - _SAME_MOMENT
        if [two.digest for two in run] == digests and is_covered and abs(shift) <= _SAME_MOMENT:
            return True
    return False


def _is_same(ours: tuple[Movie, Track, list[_Packet]], theirs: tuple[Movie, Track], stretch: Stretch) -> bool:
    (plate, mine, packets), (out, its) = ours, theirs
    if (mine.rate, mine.channels) != (its.rate, its.channels) or not packets:
        return False
    others = _packets(out.path, its.index)
    if mine.codec == its.codec and _is_run(packets, others, stretch):
        return True
    if "pcm" not in mine.codec or not others:
        return False
    # Sample k of these pictures is number `at` + k of the track, in the plate and in OUT.
    at, counts = [], []
    for movie, track, start, some in (
        (plate, mine, stretch.plate_start, packets),
        (out, its, stretch.out_start, others),
    ):
        begin = _begin(movie.path, track.index, some[0].start)
        at.append(round((start - begin) * track.rate))
        decoded = sum(block.shape[1] for block in _blocks(movie.path, track.index))
        counts.append(min(decoded, round((some[-1].end - begin) * track.rate)))
    first, end = max(0, -at[0]), min(round(stretch.length * mine.rate), counts[0] - at[0])
    is_ticked = all("mov" in movie.container.split(",") for movie in (plate, out))
    grain = 1 if is_ticked else -(-mine.rate // 1000)  # other containers round times to a millisecond
    if at[1] + first < -grain or end - grain > counts[1] - at[1]:
        return False  # it begins too late or ends too early
    first, end = max(first, -at[1]), min(end, counts[1] - at[1])
    heads = [_samples(plate.path, mine.index, at[0] + first - grain, at[0] + first + grain + _HEAD)]
    heads.append(_samples(out.path, its.index, at[1] + first, min(at[1] + end, at[1] + first + _HEAD)))
    steps = sorted(range(-grain, grain + 1), key=abs)
    wanted = heads[1].shape[1]
    skipped = max(0, grain - at[0] - first)  # there is nothing before the track's first sample
    likely = [
        step
        for step in steps
        if step + grain >= skipped
        and np.array_equal(heads[0][:, step + grain - skipped :][:, :wanted], heads[1])
    ]
    heard = _heard(out.path, its.index, at[1] + first, at[1] + end)
    return end > first and any(
        _heard(plate.path, mine.index, at[0] + first + step, at[0] + end + step) == heard
        for step in likely[:_MOST_TRIED]
    )


def _begin(path: Path, index: int, first_packet: Fraction) -> Fraction:
    """When the first sample that is decoded sounds: an edit list may hide packets before it."""
    with open_video(path) as container:
        stream = container.streams[index]
        if stream.start_time is None or stream.time_base is None:
            return first_packet
        return max(first_packet, Fraction(stream.start_time * stream.time_base))


def _heard(path: Path, index: int, first: int, end: int) -> bytes:
    """A digest of the samples `first` to `end` of a track, of as many as there are."""
    made = hashlib.sha256()
    for block in _between(path, index, first, end):
        made.update(block.T.tobytes())
    return made.digest()


def _samples(path: Path, index: int, first: int, end: int) -> NDArray[np.float32]:
    """The samples `first` to `end` of a track (channels, n)."""
    blocks = list(_between(path, index, first, end))
    return np.concatenate(blocks, axis=1) if blocks else np.zeros((0, 0), np.float32)


def _between(path: Path, index: int, first: int, end: int) -> Iterator[NDArray[np.float32]]:
    at = 0
    for block in _blocks(path, index):
        inside = block[:, max(0, first - at) : max(0, end - at)]
        at += block.shape[1]
        if inside.shape[1]:
            yield inside
        if at >= end:
            return


def _blocks(path: Path, index: int) -> Iterator[NDArray[np.float32]]:
    """What can be decoded of a track."""
    with suppress(PlosiveError):
        yield from decoded_blocks(path, index)


def _admits_sound(sentences: Sequence[str]) -> bool:
    return any(sentence.startswith("Track ") and "(soun)" in sentence for sentence in sentences)
