# SPDX-License-Identifier: Apache-2.0
"""One conform: what is wanted of it, and what it has made (conform.proto says units and bounds)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from fractions import Fraction

__all__ = [
    "ConformDub",
    "ConformRequest",
    "ConformResult",
    "ConformTranscript",
    "ConformedEdit",
    "ConformedShot",
    "MovedFolder",
    "ShotState",
]


@dataclass(frozen=True)
class ConformDub:
    """The speech of one language: `dub_path` is a mix along the edit, `track` an audio track of the edit by
    number, name or role; one of the two. `dub_start_seconds` counts from the edit's first frame, None: 0;
    `dub_start_timecode` says it as the edit counts, instead. `channel` 0: all that are heard. `speaker`:
    whose stem it is, empty: everybody's.
    """

    language: str
    dub_path: str = ""
    track: str = ""
    dub_start_seconds: Fraction | None = None
    channel: int = 0
    dub_start_timecode: str = ""
    speaker: str = ""


@dataclass(frozen=True)
class ConformTranscript:
    """What is said in one language, by `speaker` (empty: by all): subtitles, a script or timed words, in the
    edit's time. Their 0 stands at `start_seconds` after the edit's first frame, or at `start_timecode`; None
    and empty: that is found by their times.
    """

    language: str
    transcript_path: str
    speaker: str = ""
    start_seconds: Fraction | None = None
    start_timecode: str = ""


@dataclass(frozen=True)
class MovedFolder:
    """`folder_path` stands for the `beginning` of paths in the edit, whole folders only."""

    beginning: str
    folder_path: str


@dataclass(frozen=True)
class ConformRequest:
    """An edit, its dubs, and the folder for what is made. `edit_rate` None: the edit's own; `handle_frames`
    None: 12; `only` as `plosive conform --only` has it; `score` None: yes; `priority` 0 to 100, None: 50;
    `device` auto, cpu, cuda or cuda:N.
    """

    edit_path: str
    out_folder_path: str
    dubs: tuple[ConformDub, ...] = ()
    named_tracks: bool = False
    timeline: str = ""
    edit_rate: Fraction | None = None
    handle_frames: int | None = None
    only: tuple[str, ...] = ()
    media_folder_paths: tuple[str, ...] = ()
    moved_folders: tuple[MovedFolder, ...] = ()
    extra_formats: tuple[str, ...] = ()
    rests_in_pauses: bool = False
    score: bool | None = None
    generator: str = ""
    seed: int = 0
    label: str = ""
    priority: int | None = None
    idempotency_key: str = ""
    device: str = ""
    transcripts: tuple[ConformTranscript, ...] = ()
    cast_path: str = ""
    sheet_path: str = ""


class ShotState(Enum):
    """What became of a shot. UNSPECIFIED: a state that only newer clients know."""

    UNSPECIFIED = "unspecified"
    SYNCED = "synced"
    TAKEN_UP = "taken_up"
    LEFT_ALONE = "left_alone"
    FAILED = "failed"


@dataclass(frozen=True)
class ConformedEdit:
    """The edit in one language, and its reports."""

    language: str
    edit_path: str
    extra_paths: tuple[str, ...] = ()
    page_path: str = ""
    record_path: str = ""


@dataclass(frozen=True)
class ConformedShot:
    """A shot in one language; `reason` is a sentence, empty where there is nothing to say."""

    number: int
    name: str
    language: str
    state: ShotState
    reason: str = ""
    out_path: str = ""


@dataclass(frozen=True)
class ConformResult:
    """What a conform has made; counts go over all languages. `shots` holds 2000 at most, none in lists."""

    edits: tuple[ConformedEdit, ...] = ()
    shots: tuple[ConformedShot, ...] = ()
    shots_synced: int = 0
    shots_taken_up: int = 0
    shots_left_alone: int = 0
    shots_failed: int = 0
