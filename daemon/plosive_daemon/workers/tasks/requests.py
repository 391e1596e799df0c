# SPDX-License-Identifier: Apache-2.0
"""Requests of the contract as a worker takes them: unpacked, their sources held, as options of the core."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from google.protobuf.message import Message  # type: ignore[import-untyped]

from plosive.sync_options import SyncOptions
from plosive_daemon.service.conversion import sync_options_of
from plosive_daemon.service.guard import held
from plosive_daemon.service.paths import Roots
from plosive_daemon.service.request_paths import sources_of, with_real_paths
from plosive_daemon.workers.session import Session
from plosive_proto.v1 import sync_pb2

__all__ = ["held_sources", "options_of", "preview_options_of", "request_in"]

_M = TypeVar("_M", bound=Message)
_NOWHERE = "plosive-preview-that-is-never-written"


def request_in(payload: dict[str, Any], message: _M) -> _M:
    """`message` filled from the base64 under `request`. Raises ValueError or KeyError where it is none."""
    message.ParseFromString(base64.b64decode(payload["request"], validate=True))
    return message


@contextmanager
def held_sources(message: _M, session: Session) -> Iterator[_M]:
    """`message` with every path real and within the daemon's roots; its sources are held while the block runs
    (`plosive_daemon.service.guard.held`).
    """
    roots = Roots(session.read_roots, session.write_roots)
    real = with_real_paths(message, roots)
    with held(sources_of(real), roots):
        yield real


def options_of(request: sync_pb2.SyncRequest, session: Session) -> SyncOptions:
    """What the core is asked for, on this worker's device. Raises PlosiveError subclasses."""
    return sync_options_of(request, device=session.device)


def preview_options_of(request: sync_pb2.SyncRequest, session: Session) -> SyncOptions:
    """The same of a job that is never run, whatever output it names."""
    media = Path(request.clip.media_path)
    plain = sync_pb2.SyncRequest()
    plain.CopyFrom(request)
    for name in ("output", "elements", "score"):
        plain.ClearField(name)
    return sync_options_of(plain, device=session.device, out=media.with_name(f"{_NOWHERE}{media.suffix}"))
