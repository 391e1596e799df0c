# SPDX-License-Identifier: Apache-2.0
"""The boxes of a MOV that holds some frames of the plate, against the plate's (ISO/IEC 14496-12, QTFF).

Boxes that tell times, sizes and places of samples are those of the frames in it; all others must have the
plate's very bytes. What the samples are is compared elsewhere: pictures, sound and timecode one by one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from plosive.errors import MediaReadError
from plosive.media.mov.box import Box
from plosive.media.mov.file import MovFile, read_mov
from plosive.media.mov.track import MovTrack
from plosive.verify.boxrules import without_duration, without_references
from plosive.verify.check import Check, Status
from plosive.verify.container import box_name, made_anew, shown_list
from plosive.verify.cuttables import faults
from plosive.verify.mediagaps import gap_digest

__all__ = ["compare_cut_containers"]

_OF_SAMPLES = frozenset(
    {"stts", "stsz", "stsc", "stco", "co64", "stss", "stps", "sdtp", "sbgp", "ctts", "edts", "elst"}
)
_HEADERS = frozenset({"mvhd", "tkhd", "mdhd"})
_MEDIA = frozenset({"mdat", "free", "skip", "wide"})


@dataclass
class _Tally:
    """`wrong` are (box, what is other about it); `same` and `told` count boxes."""

    wrong: list[tuple[str, str]] = field(default_factory=list)
    lost: list[MovTrack] = field(default_factory=list)
    new: list[MovTrack] = field(default_factory=list)
    switched: list[int] = field(default_factory=list)
    same: int = 0
    told: int = 0


def compare_cut_containers(
    plate: Path,
    out: Path,
    is_intra: bool,
    may_differ: str | None,
    may_drop: int | None,
    admitted: Sequence[str],
) -> Check:
    """`may_differ` is why boxes may differ, None when they may not. `may_drop` is how many audio tracks may
    be missing, None for all; `admitted` are sentences of OUT's report on what is lost, of which those on a
    track excuse that it is missing.
    """
    try:
        ours = read_mov(plate)
    except MediaReadError as error:
        return Check("container", Status.SKIPPED, f"Boxes are not compared: {error}")
    try:
        theirs = read_mov(out)
        found = _compared(ours, theirs)
        if not is_intra or len(found.wrong) > found.same:
            return made_anew(ours, theirs)
        _check_times(found, ours, theirs)
        return _judged(found, may_differ, may_drop, admitted)
    except MediaReadError as error:
        return Check("container", Status.FAIL, f"OUT's boxes cannot be read: {error}")


def _compared(ours: MovFile, theirs: MovFile) -> _Tally:
    found = _Tally()
    ids = [{track.track_id for track in file.tracks} for file in (ours, theirs)]
    found.lost = [track for track in ours.tracks if track.track_id not in ids[1]]
    found.new = [track for track in theirs.tracks if track.track_id not in ids[0]]
    lost = {track.track_id for track in found.lost}
    mine, its = _boxes(ours, ids[1]), _boxes(theirs, ids[0])
    for name in dict.fromkeys((*mine, *its)):
        fourcc = re.sub(r"\[\d+\]$", "", name.rpartition("/")[2])
        if name not in mine or name not in its:
            if fourcc in _OF_SAMPLES and "trak(" in name:
                found.told += 1
            else:
                found.wrong.append((name, "is missing" if name in mine else "is new"))
            continue
        data = mine[name], its[name]
        if data[0] == data[1]:
            found.same += 1
        elif fourcc in _OF_SAMPLES and "trak(" in name:
            found.told += 1
        elif fourcc in _HEADERS:
            _compare_header(found, name, fourcc, data)
        elif fourcc == "tref" and without_references(data[0], lost) == data[1]:
            found.told += 1
        else:
            found.wrong.append((name, "differs"))
    return found


def _boxes(file: MovFile, wanted: set[int]) -> dict[str, bytes]:
    """All boxes but media and tracks that are not `wanted`, each whole, or what comes before the boxes in
    it.
    """
    inside = {track.index: track.track_id in wanted for track in file.tracks}
    made: dict[str, bytes] = {}

    def add(box: Box) -> None:
        if box.fourcc in _MEDIA and "/" not in box.path:
            return
        if box.fourcc == "trak" and not inside.get(_number(box), True):
            return
        if not box.children or box.fourcc == "tref":
            made[box_name(file, box)] = file.read(box)
            return
        if box.fourcc != "edts":
            made[box_name(file, box)] = file.read(box)[box.header_size : box.children[0].offset - box.offset]
        for child in box.children:
            add(child)

    for box in file.top:
        add(box)
    return made


def _number(box: Box) -> int:
    match = re.search(r"\[(\d+)\]$", box.path)
    return int(match[1]) if match else 0


def _compare_header(found: _Tally, name: str, fourcc: str, data: tuple[bytes, bytes]) -> None:
    mine, its = (without_duration(one, fourcc) for one in data)
    if fourcc == "mvhd" and found.new:
        mine, its = mine[:-4], its[:-4]  # the next track's number follows a new track
    if mine != its and fourcc == "tkhd" and any(track.handler == "soun" for track in found.new):
        flags = mine[11], its[11]
        if flags[0] ^ flags[1] == 1 and mine[:11] + mine[12:] == its[:11] + its[12:]:
            found.switched.append(int(name.split("(")[1].split(")")[0]))
            found.told += 1
            return
    if mine == its:
        found.told += 1
    else:
        found.wrong.append((name, "differs in more than a duration"))


def _check_times(found: _Tally, ours: MovFile, theirs: MovFile) -> None:
    """Tables must fit each other, durations the samples, and the media must hold nothing else."""
    by_id = {track.track_id: track for track in ours.tracks}
    for track in theirs.tracks:
        if track.track_id in by_id:
            for kind, what in faults(by_id[track.track_id], track, theirs):
                found.wrong.append((f"{kind} of track {track.track_id}", what))
    longest = max((track.duration for track in theirs.tracks), default=0)
    if theirs.duration != longest:
        found.wrong.append(("moov/mvhd", f"tells {theirs.duration} ticks, its longest track {longest}"))
    unused, _ = gap_digest(theirs, {track.track_id for track in theirs.tracks})
    if unused:
        found.wrong.append(("mdat", f"holds {unused} bytes that belong to no sample"))


def _judged(found: _Tally, may_differ: str | None, may_drop: int | None, admitted: Sequence[str]) -> Check:
    status, said = Status.PASS, []
    for track in found.new:
        if track.handler != "soun":
            found.wrong.append((f"track {track.track_id} ({track.handler})", "is new"))
    told: list[str] = []
    sounds = [track for track in found.lost if track.handler == "soun"]
    for track in found.lost:
        if track in sounds and (may_drop is None or len(sounds) <= may_drop):
            continue  # the check of sound tells it
        if any(sentence.startswith(f"Track {track.track_id} ") for sentence in admitted):
            told.append(f"track {track.track_id} ({track.handler})")
        else:
            found.wrong.append((f"track {track.track_id} ({track.handler})", "is missing"))
    if found.wrong:
        status = Status.FAIL if may_differ is None else Status.REPORTED
        why = f" ({may_differ})" if may_differ else ""
        listed = shown_list([f"{name} {what}" for name, what in found.wrong])
        said.append(f"Boxes differ that must not{why}: {listed}.")
    else:
        said.append(
            f"The file is cut from the plate's: {found.same} boxes have its bytes, {found.told} tell times "
            "and places of the frames in it."
        )
    if told:
        status = max(status, Status.REPORTED, key=lambda one: one.weight)
        said.append(f"Missing is {', '.join(told)}, as the report beside OUT says.")
    count = sum(track.handler == "soun" for track in found.new)
    if count:
        said.append(f"{count} audio track{'s are' if count > 1 else ' is'} new.")
    if found.switched:
        said.append(f"{len(found.switched)} audio tracks are switched on or off.")
    figures = {
        "is_patched": True,
        "is_cut": True,
        "same": found.same,
        "wrong": [{"box": name, "why": what} for name, what in found.wrong],
        "new_tracks": [track.track_id for track in found.new],
        "lost_tracks": [track.track_id for track in found.lost],
        "switched_tracks": found.switched,
    }
    return Check("container", status, " ".join(said), figures)
