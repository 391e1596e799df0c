# SPDX-License-Identifier: Apache-2.0
"""Which DaVinci Resolve is played, and how it behaves where nobody has settled it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["EDITIONS", "FakeBehaviour", "FakeEdition"]

Version = tuple[int, ...]


@dataclass(frozen=True)
class FakeEdition:
    """A version and edition: `version` as (major, minor, patch), `is_studio` for Studio.

    [P+M] Free 21.1 and later run no Python script at all; Free since 19.1 has no UIManager and refuses
    scripts from outside (hosts.md A0).
    """

    version: Version = (21, 0, 4)
    is_studio: bool = True

    def has(self, since: Version) -> bool:
        """Whether something that came with version `since` is there."""
        return (*self.version, 0, 0)[:3] >= (*since, 0, 0)[:3]

    @property
    def product_name(self) -> str:
        """[M] what GetProductName answers."""
        return "DaVinci Resolve Studio" if self.is_studio else "DaVinci Resolve"

    @property
    def runs_python_scripts(self) -> bool:
        """[M] whether .py files are listed in Workspace > Scripts."""
        return self.is_studio or not self.has((21, 1))

    @property
    def has_user_interface(self) -> bool:
        """[M] UIManager: Studio only since 19.1."""
        return self.is_studio

    def __str__(self) -> str:
        return f"{'studio' if self.is_studio else 'free'}-{'.'.join(map(str, self.version))}"


EDITIONS = tuple(
    FakeEdition(version, is_studio)
    for is_studio in (True, False)
    for version in ((19, 1), (20, 0), (20, 2), (21, 0), (21, 0, 4), (21, 1))
)
"""All that tests should run through; the last of them runs no scripts."""


@dataclass
class FakeBehaviour:
    """Switches. Those named [?] are settled by nobody: run a test both ways. The rest are measured traps.

    `source_start_shift`        [M] GetSourceStartFrame of video items reads this many frames off (0, 1 or -1)
    `video_left_offset_rate`    [?] unit of GetLeftOffset on a video item whose rate is not the timeline's
    `source_end_short`          [M] GetSourceEndFrame (measurements differ): None: exclusive at the timeline's
                                rate, inclusive at another; else so many frames short of exclusive (1 to 3)
    `source_times`              [?] GetSourceStartTime and GetSourceEndTime: exact, rounded to milliseconds or
                                not told (None)
    `sequence_numbers`          [?] whether Start, GetSourceStartFrame and startFrame of an image sequence
                                count from 0 or in file numbers
    `take_end_is_inclusive`     [?] bound of AddTake's endFrame
    `new_take_is_selected`      [?] whether AddTake selects the take
    `take_keeps_speed`          [?] whether the clip's speed is that of its takes, too
    `current_item`              [?] GetCurrentVideoItem: topmost or lowest enabled item at the playhead
    `first_delete_fails`        [M] DeleteClips of a timeline fails the first time (once)
    `next_append_errors`        [M] the next AppendToTimeline answers None; its items stay until SaveProject
    `job_status_language`       [M] JobStatus is in the language of the program
    `is_headless`               [M] -nogui
    """

    source_start_shift: int = 0
    video_left_offset_rate: Literal["media", "timeline"] = "media"
    source_end_short: int | None = None
    source_times: Literal["exact", "milliseconds", "none"] = "exact"
    sequence_numbers: Literal["from_zero", "file_numbers"] = "from_zero"
    take_end_is_inclusive: bool = True
    new_take_is_selected: bool = False
    take_keeps_speed: bool = True
    current_item: Literal["topmost", "lowest"] = "topmost"
    first_delete_fails: bool = False
    next_append_errors: bool = False
    job_status_language: Literal["en", "it"] = "en"
    is_headless: bool = False
