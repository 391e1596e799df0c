# SPDX-License-Identifier: Apache-2.0
"""Where to listen, and what other machines must show."""

from __future__ import annotations

import ipaddress
import os
import re
import socket
import stat
from dataclasses import dataclass
from pathlib import Path

import grpc

from plosive.errors import OptionError
from plosive_daemon.settings import DaemonSettings

__all__ = ["Place", "clear_dead_socket", "credentials", "place_of"]

_HOST_AND_PORT = re.compile(r"(?:\[([0-9A-Fa-f:.%]+)\]|([^:\[\]]+)):(\d{1,5})")
_LOOPBACK = "127.0.0.1"
_MOST_PEM_BYTES = 1 << 20


@dataclass(frozen=True)
class Place:
    """An address as gRPC takes it: unix:PATH, or HOST:PORT with port 0 for a free one."""

    address: str
    is_loopback: bool

    @property
    def socket(self) -> Path | None:
        """The socket's path, None for an address with a port."""
        return Path(self.address.removeprefix("unix:")) if self.address.startswith("unix:") else None

    @property
    def host(self) -> str:
        """The host, with brackets where it is IPv6; empty for a socket."""
        return "" if self.socket else self.address.rpartition(":")[0]

    def with_port(self, port: int) -> str:
        """The address once the port is known."""
        return self.address if self.socket else f"{self.host}:{port}"


def place_of(address: str, socket: Path | None) -> Place:
    """Where `address` (settings) is; empty: the user's own `socket`, where there is none any port of
    127.0.0.1.

    Only addresses told in numbers, and localhost, count as loopback: any other name may lead elsewhere
    tomorrow. Raises OptionError.
    """
    if not address:
        return Place(f"unix:{socket}", True) if socket is not None else Place(f"{_LOOPBACK}:0", True)
    if address.startswith("unix:"):
        path = Path(address.removeprefix("unix:"))
        if os.name == "nt":
            raise OptionError("Unix sockets are not for Windows here; give --port, or nothing.")
        if not path.is_absolute() or not path.parent.is_dir():
            raise OptionError(f"The socket {path} must be an absolute path in a folder that exists.")
        if len(os.fsencode(path)) > 100:
            raise OptionError(f"The socket's path {path} is too long for this system; choose a shorter one.")
        return Place(address, True)
    match = _HOST_AND_PORT.fullmatch(address)
    if match is None or int(match[3]) > 65_535:
        raise OptionError(f"'{address}' is no address; give HOST:PORT, [IPv6]:PORT or unix:PATH.")
    host = match[1] or match[2]
    if host == "localhost":
        return Place(f"{_LOOPBACK}:{match[3]}", True)
    try:
        is_loopback = ipaddress.ip_address(host).is_loopback
    except ValueError:
        is_loopback = False
    return Place(address, is_loopback)


def clear_dead_socket(path: Path) -> None:
    """Make room for a socket where a daemon that died left its own. Raises OptionError where something else
    lies there, or somebody listens.
    """
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(mode):
        raise OptionError(f"{path} exists and is no socket; choose another name for the socket.")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1.0)
        try:
            probe.connect(str(path))
        except OSError:
            path.unlink(missing_ok=True)
            return
    raise OptionError(f"Another program listens at {path} already; choose another socket.")


def credentials(place: Place, settings: DaemonSettings) -> grpc.ServerCredentials | None:
    """What the server shows and asks for; None where nothing leaves this machine and no certificate was
    given.

    Raises OptionError where other machines could connect without client certificates, or a file cannot be
    read.
    """
    files = (settings.tls_key, settings.tls_certificate, settings.tls_client_authority)
    if not any(files) and place.is_loopback:
        return None
    if not all(files):
        raise OptionError(
            f"{place.address} can be reached from other machines, or TLS was asked for: give --tls-cert, "
            "--tls-key and --tls-client-ca, so that only clients with a certificate get in."
        )
    if place.socket is not None:
        raise OptionError("TLS is for addresses with a port; a socket is for this machine's user alone.")
    key, certificate, authority = (_pem(path) for path in files if path is not None)
    try:
        return grpc.ssl_server_credentials(
            [(key, certificate)], root_certificates=authority, require_client_auth=True
        )
    except ValueError as error:
        raise OptionError(f"The certificates cannot be used: {error}.") from error


def _pem(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_PEM_BYTES)
    except OSError as error:
        raise OptionError(f"{path} cannot be read: {error.strerror}; give a PEM file.") from error
    if b"-----BEGIN" not in data:
        raise OptionError(f"{path} is no PEM file.")
    return data
