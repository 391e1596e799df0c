# SPDX-License-Identifier: Apache-2.0
"""Measuring a reel in two languages against the same in one, each from scratch in a process of its own.

`python -m plosive.bench.conforming PLATE DUB FOLDER LANGUAGES` prints the figures as JSON on its last line.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from plosive.bench.measuring import Clock, answered, run_apart
from plosive.progress import SilentProgress

__all__ = ["MeasuredLanguages", "MeasuredReel", "conforming_lines", "measure_languages_apart", "measure_reel"]

_STARTS = ("0", "-21/200")  # apart by no whole hop: the second language hears nothing that is known


@dataclass(frozen=True)
class MeasuredReel:
    """A reel of `shots`, all of them synced in each of `languages`."""

    languages: int
    shots: int
    wall_seconds: float
    cpu_seconds: float


@dataclass(frozen=True)
class MeasuredLanguages:
    """The same reel in one language, and in two."""

    one: MeasuredReel
    two: MeasuredReel

    @property
    def wall_ratio(self) -> float:
        """By the clock."""
        return self.two.wall_seconds / self.one.wall_seconds

    @property
    def cpu_ratio(self) -> float:
        """Of the processor's time."""
        return self.two.cpu_seconds / self.one.cpu_seconds


def measure_languages_apart(plate: Path, dub: Path, folder: Path) -> MeasuredLanguages:
    """In `folder`, which gets a folder for each run. Failures are raised here as PlosiveError."""
    found = []
    for count in (1, 2):
        own = folder / f"reel_{count}"
        own.mkdir()
        found.append(
            MeasuredReel(**run_apart("plosive.bench.conforming", str(plate), str(dub), str(own), str(count)))
        )
    return MeasuredLanguages(found[0], found[1])


def measure_reel(plate: Path, dub: Path, folder: Path, languages: int) -> MeasuredReel:
    """Conform an edit of two shots of `plate`, its thirds at both ends, under `dub`; nothing is scored."""
    clock = Clock()
    from plosive.reel import ConformOptions, DubWish, conform_edit
    from plosive.reel.results.outcome import SYNCED

    edit = folder / "reel.otio"
    _write_edit(plate, edit)
    wishes = tuple(
        DubWish(name, str(dub), start) for name, start in zip(("l1", "l2")[:languages], _STARTS, strict=False)
    )
    result = conform_edit(ConformOptions(edit, folder / "out", wishes, score=False), SilentProgress())
    wall, cpu = clock.read()
    shots = min(one.count(SYNCED) for one in result.languages)
    return MeasuredReel(len(result.languages), shots, wall, cpu)


def conforming_lines(measured: MeasuredLanguages) -> Iterator[str]:
    """Lines for the terminal."""
    yield f"  conform of {measured.one.shots} shots        seconds        CPU"
    for reel in (measured.one, measured.two):
        name = "one language" if reel.languages == 1 else f"{reel.languages} languages"
        yield f"    {name:<22}{reel.wall_seconds:>11.2f}{reel.cpu_seconds:>11.2f}"
    yield f"    {'two / one':<22}{measured.wall_ratio:>11.2f}{measured.cpu_ratio:>11.2f}"


def _write_edit(plate: Path, edit: Path) -> None:
    import opentimelineio as otio

    from plosive.media import open_plate

    with open_plate(plate) as reader:
        info = reader.info
    rate, third = float(info.frame_rate), info.frame_count // 3
    start = 0
    if info.start_timecode is not None:
        from plosive.media.timecode import parse_time

        start = int(parse_time(info.start_timecode, info.frame_rate) * info.frame_rate)

    def frames(first: int, count: int) -> otio.opentime.TimeRange:
        time = otio.opentime.RationalTime
        return otio.opentime.TimeRange(time(start + first, rate), time(count, rate))

    media = otio.schema.ExternalReference(str(plate.resolve()), frames(0, info.frame_count))
    track = otio.schema.Track("Video 1")
    for name, first in (("first", 0), ("last", info.frame_count - third)):
        track.append(otio.schema.Clip(name, media.deepcopy(), frames(first, third)))
    timeline = otio.schema.Timeline("reel")
    timeline.global_start_time = otio.opentime.RationalTime(float(Fraction(start)), rate)
    timeline.tracks.append(track)
    otio.adapters.write_to_file(timeline, str(edit))


def _main(arguments: list[str]) -> int:
    plate, dub, folder, languages = arguments
    os.environ["PLOSIVE_CACHE"] = str(Path(folder) / "cache")
    return answered(lambda: measure_reel(Path(plate), Path(dub), Path(folder), int(languages)))


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1:]))
