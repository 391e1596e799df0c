# SPDX-License-Identifier: Apache-2.0
"""The Python API: how to get a client."""

from __future__ import annotations

from pathlib import Path

from plosive_client.channel import TlsOptions
from plosive_client.client import Client
from plosive_client.connection import Connection, ConnectOptions
from plosive_client.path_mapping import PathMapping
from plosive_client.state_folder import daemon_folder

__all__ = ["connect"]


def connect(
    *,
    state_folder: Path | None = None,
    address: str = "",
    token: str = "",
    tls: TlsOptions | None = None,
    client_name: str = "python",
    is_started: bool = True,
    start_seconds: float = 30.0,
    reconnect_seconds: float = 60.0,
    path_mapping: PathMapping | None = None,
) -> Client:
    """A client of the user's own daemon, which is started when it is absent and `is_started`; of another
    where `address` (HOST:PORT or unix:PATH) and its `token` are given. Other machines want `tls`.

    `client_name` (at most 64 characters) is told to the daemon, which is fair between names. `start_seconds`
    is the limit for a daemon that starts, `reconnect_seconds` for one that went away under a `watch`. Raises
    DaemonAbsent, ConnectionLost, VersionMismatch, NotAllowed, InvalidRequest.
    """
    options = ConnectOptions(
        state_folder=(state_folder or daemon_folder()).absolute(),
        address=address,
        token=token,
        tls=tls,
        client_name=client_name,
        is_started=is_started,
        start_seconds=start_seconds,
        reconnect_seconds=reconnect_seconds,
        path_mapping=path_mapping or PathMapping(),
    )
    client = Client(Connection(options))
    try:
        client.open()
    except BaseException:
        client.close()
        raise
    return client
