# SPDX-License-Identifier: Apache-2.0
"""What a host may say in each request (PROTOCOL.md): fields that are missing have these values."""

from __future__ import annotations

from dataclasses import dataclass

from plosive_client.clip import ClipRange, FrameRange, Voice
from plosive_client.conform import ConformRequest
from plosive_client.job import JobState
from plosive_client.sync import Style, SyncRequest

__all__ = [
    "AboutJob",
    "Conform",
    "Faces",
    "Frame",
    "Hello",
    "Jobs",
    "Log",
    "Motion",
    "Nothing",
    "PathPair",
    "Score",
    "Submit",
    "Tls",
    "Watch",
]


@dataclass(frozen=True)
class PathPair:
    """One pair of a path mapping."""

    here: str
    daemon: str


@dataclass(frozen=True)
class Tls:
    """PEM files."""

    authority_path: str = ""
    certificate_path: str = ""
    key_path: str = ""
    server_name: str = ""


@dataclass(frozen=True)
class Hello:
    """Who the host is, which version of this protocol it speaks, and which daemon it means."""

    protocol: int
    client_name: str = "host"
    start: bool = True
    state_folder: str = ""
    address: str = ""
    token: str = ""
    tls: Tls | None = None
    path_mapping: tuple[PathPair, ...] = ()
    start_seconds: float = 30.0
    reconnect_seconds: float = 60.0


@dataclass(frozen=True)
class Nothing:
    """Requests that say no more than their type."""


@dataclass(frozen=True)
class Submit:
    """A job, and whether it is watched to its end."""

    sync: SyncRequest
    label: str = ""
    priority: int | None = None
    idempotency_key: str = ""
    device: str = ""
    watch: bool = True


@dataclass(frozen=True)
class Conform:
    """A conform, and whether it is watched to its end."""

    conform: ConformRequest
    watch: bool = True


@dataclass(frozen=True)
class Watch:
    """A job that is there already."""

    job_id: str
    after_sequence: int = 0


@dataclass(frozen=True)
class AboutJob:
    """Requests about one job."""

    job_id: str


@dataclass(frozen=True)
class Log:
    """How much of a job's log."""

    job_id: str
    last_lines: int = 200


@dataclass(frozen=True)
class Jobs:
    """Which jobs; `mine` are those of this client's name."""

    states: tuple[JobState, ...] = ()
    mine: bool = False
    limit: int = 100


@dataclass(frozen=True)
class Faces:
    """Whose faces."""

    clip: ClipRange
    cast_path: str = ""
    timeout_seconds: float = 600.0


@dataclass(frozen=True)
class Motion:
    """Which motion."""

    clip: ClipRange
    voice: Voice
    style: Style | None = None
    timeout_seconds: float = 600.0


@dataclass(frozen=True)
class Frame:
    """Which frame; where `image_path` is said the JPEG is written there, else it comes in the answer."""

    sync: SyncRequest
    frame: int
    largest_side_pixels: int = 0
    device: str = ""
    image_path: str = ""
    timeout_seconds: float = 600.0


@dataclass(frozen=True)
class Score:
    """Which result."""

    result_path: str
    voice: Voice | None = None
    plate_path: str = ""
    plate_range: FrameRange | None = None
    report_path: str = ""
    timeout_seconds: float = 600.0
