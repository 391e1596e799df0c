# SPDX-License-Identifier: Apache-2.0
"""What daemon and worker say to each other: one JSON object a line, UTF-8, at most `MOST_LINE_BYTES` long.

The daemon writes to the worker's stdin, the worker to its stdout (which nothing else in it reaches: what
libraries print goes to its stderr, and so to the job's log). Every object has `v` (`VERSION`) and `say`.

    daemon -> worker
    start     id, kind, payload     do this; only after `ready` or the end of the one before
    cancel    id                    stop it; ignored where it has ended already
    (stdin closes)                  end, with all children; also when the daemon was killed

    worker -> daemon
    hello     pid                   first of all, before anything heavy is imported
    ready     memory_bytes          what is heavy is imported; requests are taken from `hello` on
    progress  id, stage, frames_done, frames_total, frames_per_second, seconds_left, preview_path,
              reel                  empty but in conforms
    writes    id, folders           where output grows from now on
    warning   id, sentence
    done      id, result, memory_bytes
    failed    id, code, sentence, field, is_retryable, memory_bytes

`kind` is one of `KINDS`; payloads and results are told in the modules of `tasks`. `done` or `failed` ends a
request; a cancelled one fails with CANCELLED. `code` is a name of ErrorCode (errors.proto) without prefix.
Bytes are base64. `memory_bytes` is what the worker holds of main memory then, 0 where it is not known.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, fields
from typing import Any, BinaryIO

__all__ = [
    "KINDS",
    "MOST_LINE_BYTES",
    "VERSION",
    "Cancel",
    "Done",
    "Failed",
    "Hello",
    "Message",
    "ProgressTold",
    "ProtocolError",
    "Ready",
    "Start",
    "WarningTold",
    "Writes",
    "decoded",
    "encoded",
    "read_line",
]

VERSION = 1
MOST_LINE_BYTES = 64 << 20
KINDS = ("sync", "faces", "motion", "frame", "score", "listen", "generators", "devices")


class ProtocolError(Exception):
    """The other side said what nobody understands. A defect: it reaches a log, never an artist."""


@dataclass(frozen=True)
class Start:
    """Do `kind` with `payload`, known as `id` from now on."""

    id: str
    kind: str
    payload: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Cancel:
    """Stop request `id`."""

    id: str


@dataclass(frozen=True)
class Hello:
    """The worker is there."""

    pid: int


@dataclass(frozen=True)
class Ready:
    """What is heavy is imported."""

    memory_bytes: int = 0


@dataclass(frozen=True)
class ProgressTold:
    """How far request `id` is; fields as those of `plosive_daemon.job.JobProgress`."""

    id: str
    stage: str
    frames_done: int = 0
    frames_total: int = 0
    frames_per_second: float = 0.0
    seconds_left: float = -1.0
    preview_path: str = ""
    reel: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Writes:
    """Request `id` writes into `folders`: their disks are watched, and cleaned up after a kill."""

    id: str
    folders: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class WarningTold:
    """One sentence for the artist."""

    id: str
    sentence: str


@dataclass(frozen=True)
class Done:
    """Request `id` came to `result`."""

    id: str
    result: dict[str, Any] = field(default_factory=dict)
    memory_bytes: int = 0


@dataclass(frozen=True)
class Failed:
    """Request `id` came to nothing; fields as those of `plosive_daemon.job.JobError`."""

    id: str
    code: str
    sentence: str
    field: str = ""
    is_retryable: bool = False
    memory_bytes: int = 0


Message = Start | Cancel | Hello | Ready | ProgressTold | Writes | WarningTold | Done | Failed

_SAID: dict[str, type[Message]] = {
    "start": Start,
    "cancel": Cancel,
    "hello": Hello,
    "ready": Ready,
    "progress": ProgressTold,
    "writes": Writes,
    "warning": WarningTold,
    "done": Done,
    "failed": Failed,
}
_WORDS = {kind: word for word, kind in _SAID.items()}
_TYPES: dict[str, tuple[type, ...]] = {
    "str": (str,),
    "int": (int,),
    "float": (int, float),
    "bool": (bool,),
    "dict[str, Any]": (dict,),
    "list[str]": (list,),
}


def encoded(message: Message) -> bytes:
    """As a line with its end. Raises ProtocolError where it is too long or no JSON."""
    told = {"v": VERSION, "say": _WORDS[type(message)], **vars(message)}
    try:
        line = json.dumps(told, separators=(",", ":"), allow_nan=False).encode("ascii") + b"\n"
    except (TypeError, ValueError) as error:
        raise ProtocolError(f"a message that is no JSON: {error}") from error
    if len(line) > MOST_LINE_BYTES:
        raise ProtocolError(f"a line of {len(line)} bytes; {MOST_LINE_BYTES} may be said at once")
    return line


def decoded(line: bytes) -> Message:
    """What a line says. Raises ProtocolError for anything but a whole message of this version; fields of a
    message that are not known here are an error too: both sides are of one release.
    """
    try:
        told = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ProtocolError(f"no JSON: {line[:100]!r}") from error
    if not isinstance(told, dict) or told.pop("v", None) != VERSION:
        raise ProtocolError(f"no message of version {VERSION}: {line[:100]!r}")
    word = told.pop("say", None)
    kind = _SAID.get(word) if isinstance(word, str) else None
    if kind is None:
        raise ProtocolError(f"an unknown message: {line[:100]!r}")
    known = {each.name: _TYPES[str(each.type)] for each in fields(kind)}
    for name, value in told.items():
        if name not in known or type(value) not in known[name]:
            raise ProtocolError(f"'{word}' has no such {name}: {line[:100]!r}")
    try:
        return kind(**told)
    except TypeError as error:
        raise ProtocolError(f"'{word}' lacks something: {error}") from error


def read_line(stream: BinaryIO) -> bytes:
    """The next line with its end, b"" at the end of the stream. Raises ProtocolError where it is too long, or
    the stream ends within it.
    """
    line = stream.readline(MOST_LINE_BYTES + 1)
    if len(line) > MOST_LINE_BYTES:
        raise ProtocolError(f"a line of more than {MOST_LINE_BYTES} bytes")
    if line and not line.endswith(b"\n"):
        raise ProtocolError(f"an end within a line: {line[:100]!r}")
    return line
