# SPDX-License-Identifier: Apache-2.0
"""From a file of flags to the few ranges of this plate that are worth rendering again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from plosive.errors import RangeError
from plosive.faces.choice import person_of
from plosive.faces.track import FaceTrack
from plosive.media.plate import PlateInfo
from plosive.quality.flags_file import FlagsFile, read_flags
from plosive.quality.scorecard import Flag
from plosive.sync.render import Part

__all__ = ["MENDABLE", "LeftFlag", "RedoRange", "frames_named", "redo_ranges", "require_flags"]

MENDABLE = (
    "closures", "tucks", "popping", "flicker", "sharpness", "silence_aperture", "amplitude_aperture",
    "seam", "ring_colour",
)  # fmt: skip
"""Figures that another choice of mouths can change."""

_NEARBY_FRAMES = 8
_ALSO_SEEN = {"popping": (1, 0), "flicker": (1, 1)}  # measured between frames: those before and after count
_WHY_LEFT = {
    "lag": "another choice does not move the mouth in time; see --audio-start and --transcript",
    "untouched": "it lies outside the new mouth",
}


@dataclass(frozen=True)
class RedoRange:
    """Frame indices of the plate, both ends included, in which one face is flagged."""

    face: int
    first_index: int
    last_index_inclusive: int
    flags: tuple[Flag, ...]

    @property
    def frame_count(self) -> int:
        return self.last_index_inclusive - self.first_index + 1

    @property
    def figures(self) -> tuple[str, ...]:
        """What it is flagged for, the worst first."""
        ranked = sorted(self.flags, key=lambda flag: (-flag.severity, flag.figure))
        return tuple(dict.fromkeys(flag.figure for flag in ranked))


@dataclass(frozen=True)
class LeftFlag:
    """A flag that is not tried again, and why."""

    flag: Flag
    reason: str


def require_flags(path: Path, info: PlateInfo, frame_count: int) -> FlagsFile:
    """The flags in `path`, with frames numbered as the plate's, of a result that has `frame_count` frames.

    Raises MediaReadError for a file that is none, RangeError where it belongs to another clip.
    """
    found = read_flags(path)
    about = f"The flags in {path.name} are of {found.result.name}"
    if found.frame_count != frame_count:
        raise RangeError(
            f"{about}, which has {found.frame_count} frames, and this job makes {frame_count}: give the "
            "flags of this plate's own result."
        )
    if found.frame_rate != info.frame_rate:
        raise RangeError(
            f"{about} at {float(found.frame_rate):g} frames a second, and {info.path.name} has "
            f"{float(info.frame_rate):g}: give the flags of this plate's own result."
        )
    # A video made from an image sequence counts from 0.
    if found.first_frame not in (info.first_frame, 0):
        raise RangeError(
            f"{about}, which begins at frame {found.first_frame}, and {info.path.name} begins at "
            f"{info.first_frame}: give the flags of this plate's own result."
        )
    if (
        None not in (found.start_timecode, info.start_timecode)
        and found.start_timecode != info.start_timecode
    ):
        raise RangeError(
            f"{about}, which begins at {found.start_timecode}, and {info.path.name} begins at "
            f"{info.start_timecode}: give the flags of this plate's own result."
        )
    step = info.first_frame - found.first_frame
    flags = tuple(
        replace(
            flag,
            first_frame=flag.first_frame + step,
            last_frame_inclusive=flag.last_frame_inclusive + step,
        )
        for flag in found.flags
    )
    return replace(found, first_frame=info.first_frame, flags=flags)


def redo_ranges(
    flags: Sequence[Flag], parts: Sequence[Part], tracks: Sequence[FaceTrack], first_frame: int
) -> tuple[list[RedoRange], list[LeftFlag]]:
    """Ranges to try again, in order of face and frame, and the flags that are left as they are.

    Flags of one face that overlap or lie within 8 frames of each other make one range, inside the face's
    shot. `tracks` are all faces of the plate; those of `parts` are synced.
    """
    ranges: dict[int, list[RedoRange]] = {}
    left: list[LeftFlag] = []
    for flag in sorted(flags, key=lambda flag: (flag.first_frame, flag.last_frame_inclusive, flag.figure)):
        if flag.figure not in MENDABLE:
            why = _WHY_LEFT.get(flag.figure, "this version knows no such figure")
            left.append(LeftFlag(flag, why))
            continue
        first, last = flag.first_frame - first_frame, flag.last_frame_inclusive - first_frame
        part = _part_of(flag, first, last, parts, tracks)
        if part is None:
            left.append(LeftFlag(flag, "no synced face is there"))
            continue
        before, after = _ALSO_SEEN.get(flag.figure, (0, 0))
        first = max(first - before, part.track.first_frame_index)
        last = min(last + after, part.track.last_frame_index_inclusive)
        if not any(part.blend(index) > 0 for index in range(first, last + 1)):
            left.append(LeftFlag(flag, "the plate is kept there"))
            continue
        made = ranges.setdefault(part.track.number, [])
        if made and first - made[-1].last_index_inclusive <= _NEARBY_FRAMES:
            known = made[-1]
            made[-1] = replace(
                known,
                first_index=min(known.first_index, first),
                last_index_inclusive=max(known.last_index_inclusive, last),
                flags=(*known.flags, flag),
            )
        else:
            made.append(RedoRange(part.track.number, first, last, (flag,)))
    return [found for number in sorted(ranges) for found in ranges[number]], left


def frames_named(first_frame: int, last_frame_inclusive: int) -> str:
    """`frame 7`, or `frames 7-12`."""
    if first_frame == last_frame_inclusive:
        return f"frame {first_frame}"
    return f"frames {first_frame}-{last_frame_inclusive}"


def _part_of(
    flag: Flag, first: int, last: int, parts: Sequence[Part], tracks: Sequence[FaceTrack]
) -> Part | None:
    """The synced face a flag is about: the one of its number, else, if no face there has that number (scoring
    counts the result's faces), the one that is there.
    """

    def is_there(track: FaceTrack) -> bool:
        return track.first_frame_index <= last and track.last_frame_index_inclusive >= first

    there = [part for part in parts if is_there(part.track)]
    for part in there:
        if person_of(part.track) == flag.face:
            return part
    if any(person_of(track) == flag.face and is_there(track) for track in tracks):
        return None
    return there[0] if there else None
