# SPDX-License-Identifier: Apache-2.0
"""Other machines get in with a certificate of the named authority, and the token, and not otherwise."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import grpc
import pytest

from plosive.errors import OptionError
from plosive_daemon.checking import findings
from plosive_daemon.service.server import PlosiveServer
from plosive_daemon.service.tls import credentials, place_of
from plosive_daemon.settings import DaemonSettings
from plosive_daemon.state_folder import Endpoint, StateFolder
from plosive_proto.v1 import info_pb2, plosive_pb2_grpc

OPENSSL = shutil.which("openssl")
pytestmark = pytest.mark.skipif(OPENSSL is None, reason="openssl is not here to make certificates with")


def openssl(*arguments: object) -> None:
    subprocess.run([str(OPENSSL), *map(str, arguments)], check=True, capture_output=True, timeout=60)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An authority, `daemon` and `client` signed by it, and a `stranger` signed by another."""
    folder = tmp_path_factory.mktemp("tls")
    (folder / "names").write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\n")
    for authority in ("ca", "other"):
        openssl(
            *("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
            *("-keyout", folder / f"{authority}.key", "-out", folder / f"{authority}.pem"),
            *("-days", "2", "-subj", f"/CN={authority}"),
        )
    for name, authority in (("daemon", "ca"), ("client", "ca"), ("stranger", "other")):
        openssl(
            *("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
            *("-keyout", folder / f"{name}.key", "-out", folder / f"{name}.csr", "-subj", f"/CN={name}"),
        )
        openssl(
            *("x509", "-req", "-in", folder / f"{name}.csr", "-out", folder / f"{name}.pem", "-days", "2"),
            *("-CA", folder / f"{authority}.pem", "-CAkey", folder / f"{authority}.key", "-CAcreateserial"),
            *("-extfile", folder / "names"),
        )
    return folder


def settings_of(made: Path) -> DaemonSettings:
    return DaemonSettings(
        watchers=5,
        tls_certificate=made / "daemon.pem",
        tls_key=made / "daemon.key",
        tls_client_authority=made / "ca.pem",
    )


@pytest.fixture
def address(running: Any, made: Path) -> Iterator[str]:
    place = place_of("0.0.0.0:0", None)
    settings = settings_of(made)
    server = PlosiveServer(running.parts, "t" * 43, settings, place, credentials(place, settings))
    server.start()
    yield f"localhost:{server.address.rpartition(':')[2]}"
    server.stop(1.0)


def ask(address: str, channel_credentials: Any, metadata: Any) -> Any:
    channel = (
        grpc.insecure_channel(address)
        if channel_credentials is None
        else grpc.secure_channel(address, channel_credentials)
    )
    with channel:
        stub = plosive_pb2_grpc.PlosiveStub(channel)  # type: ignore[no-untyped-call]
        return stub.GetInfo(info_pb2.GetInfoRequest(), metadata=metadata, timeout=5)


def shown(made: Path, name: str | None) -> Any:
    authority = (made / "ca.pem").read_bytes()
    if name is None:
        return grpc.ssl_channel_credentials(authority)
    key, chain = (made / f"{name}.key").read_bytes(), (made / f"{name}.pem").read_bytes()
    return grpc.ssl_channel_credentials(authority, key, chain)


def test_a_certificate_and_the_token(address: str, made: Path, running: Any) -> None:
    assert ask(address, shown(made, "client"), running.metadata).protocol_major == 1
    with pytest.raises(grpc.RpcError) as caught:
        ask(address, shown(made, "client"), ())
    assert caught.value.code() is grpc.StatusCode.UNAUTHENTICATED


@pytest.mark.parametrize("who", ["stranger", None, "plain"])
def test_nobody_else(address: str, made: Path, running: Any, who: str | None) -> None:
    told = None if who == "plain" else shown(made, who)
    with pytest.raises(grpc.RpcError) as caught:
        ask(address, told, running.metadata)
    assert caught.value.code() is grpc.StatusCode.UNAVAILABLE


def test_files_that_are_no_certificates(made: Path, tmp_path: Path) -> None:
    place = place_of("0.0.0.0:0", None)
    (tmp_path / "text.pem").write_text("hello")
    for bad in (tmp_path / "text.pem", tmp_path / "none.pem"):
        settings = DaemonSettings(
            tls_certificate=bad, tls_key=made / "daemon.key", tls_client_authority=made / "ca.pem"
        )
        with pytest.raises(OptionError, match="PEM"):
            credentials(place, settings)


def test_check_asks_a_daemon_with_tls(address: str, made: Path, tmp_path: Path) -> None:
    """Both ends are this process: the state folder names it, and holds the token."""
    folder = StateFolder(tmp_path / "state")
    folder.prepare()
    folder.hold()
    (folder.root / "token").write_text("t" * 43)
    port = address.rpartition(":")[2]
    folder.write_endpoint(Endpoint(f"0.0.0.0:{port}", os.getpid(), 1, 0))
    try:
        known = settings_of(made)
        is_running, (told,) = findings(folder, known)
        assert is_running and told.is_right, told
        assert "answers with TLS, its certificate is valid until 2" in told.says and ": Plosive " in told.says
        (_, (told,)) = findings(folder, replace(known, tls_certificate=made / "stranger.pem"))
        assert not told.is_right and "shows another certificate than" in told.says
        # Whoever does not know the daemon's flags is told what can be seen.
        (_, (told,)) = findings(folder, DaemonSettings())
        assert told.is_right and "name it with --tls-cert to compare" in told.says
        # Its own certificate is not one that it takes from clients.
        lonely = replace(known, tls_key=made / "stranger.key")
        (_, (told,)) = findings(folder, lonely)
        assert told.is_right and "told to clients with a certificate of their own" in told.says
        folder.write_endpoint(Endpoint("127.0.0.1:9", os.getpid(), 1, 0))
        (_, (told,)) = findings(folder, known)
        assert not told.is_right and "does not answer" in told.says
    finally:
        folder.let_go()
