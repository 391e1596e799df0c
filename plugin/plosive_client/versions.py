# SPDX-License-Identifier: Apache-2.0
"""The version of the contract this client speaks, and what is said to a daemon of another."""

from __future__ import annotations

import importlib.metadata
import sys

from plosive_client.errors import VersionMismatch
from plosive_client.info import DaemonInfo

__all__ = ["PROTOCOL_MAJOR", "PROTOCOL_MINOR", "client_version", "require_same_major"]

PROTOCOL_MAJOR = 1
PROTOCOL_MINOR = 0


def client_version() -> str:
    """The version of the package that this client came with."""
    try:
        return importlib.metadata.version("plosive")
    except importlib.metadata.PackageNotFoundError:
        return "unknown"


def require_same_major(info: DaemonInfo) -> None:
    """Raises VersionMismatch, which says which side to update."""
    if info.protocol_major == PROTOCOL_MAJOR:
        return
    told = (
        f"The Plosive daemon (Plosive {info.plosive_version}) speaks version {info.protocol_major} of the "
        f"protocol and this client (Plosive {client_version()}) version {PROTOCOL_MAJOR}; "
    )
    if info.protocol_major > PROTOCOL_MAJOR:
        raise VersionMismatch(f"{told}update the client: the Plosive of {sys.executable}.")
    raise VersionMismatch(f"{told}update Plosive where the daemon runs and start the daemon again.")
