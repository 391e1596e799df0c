# SPDX-License-Identifier: Apache-2.0
"""Daemons on other machines: TLS with certificates of both sides, and the token."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import grpc
import pytest
from click.testing import CliRunner

from plosive_client import ConnectionLost, InvalidRequest, NotAllowed, TlsOptions, connect
from plosive_client.commands import jobs

OPENSSL = shutil.which("openssl")
pytestmark = pytest.mark.skipif(OPENSSL is None, reason="openssl is not here to make certificates with")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Certificates that sign themselves: `daemon` (for the name render1) and `client`."""
    folder = tmp_path_factory.mktemp("tls")
    for name, host in (("daemon", "render1"), ("client", "desk7")):
        command = (
            f"req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN={host}"
        )
        own = ["-addext", f"subjectAltName=DNS:{host}", "-keyout", folder / f"{name}.key", "-out"]
        subprocess.run(
            [str(OPENSSL), *command.split(), *map(str, own), str(folder / f"{name}.pem")],
            check=True,
            capture_output=True,
            timeout=60,
        )
    return folder


@pytest.fixture
def address(daemon: Any, made: Path) -> str:
    """The fake daemon at a port that wants TLS, too."""
    pair = ((made / "daemon.key").read_bytes(), (made / "daemon.pem").read_bytes())
    authority = (made / "client.pem").read_bytes()
    credentials = grpc.ssl_server_credentials([pair], authority, require_client_auth=True)
    daemon.stop()
    daemon.credentials = credentials
    daemon.start()
    return f"127.0.0.1:{daemon.secure_port}"


def own(made: Path) -> TlsOptions:
    return TlsOptions(made / "daemon.pem", made / "client.pem", made / "client.key", "render1")


def test_with_certificates_and_token(daemon: Any, address: str, made: Path) -> None:
    with connect(address=address, token=daemon.token, tls=own(made), start_seconds=10.0) as client:
        assert client.info().plosive_version == "0.1.0"
        job_id = daemon.add_job("job")
        daemon.tell_state(job_id, 3)
        assert [event.sequence for event in client.watch(job_id)] == [1, 2]
    with pytest.raises(NotAllowed):
        connect(address=address, token="wrong", tls=own(made), start_seconds=10.0)


@pytest.mark.parametrize("case", ["no certificate", "another name", "another authority"])
def test_who_is_not_let_in(daemon: Any, address: str, made: Path, case: str) -> None:
    tls = {
        "no certificate": TlsOptions(made / "daemon.pem", server_name="render1"),
        "another name": TlsOptions(made / "daemon.pem", made / "client.pem", made / "client.key", "render2"),
        "another authority": TlsOptions(
            made / "client.pem", made / "client.pem", made / "client.key", "render1"
        ),
    }[case]
    calls = len(daemon.calls)
    with pytest.raises(ConnectionLost):
        connect(address=address, token=daemon.token, tls=tls, start_seconds=1.0)
    assert len(daemon.calls) == calls


def test_files_that_are_not_there(made: Path) -> None:
    with pytest.raises(InvalidRequest, match="cannot be read"):
        connect(address="render1:1", token="t", tls=TlsOptions(made / "missing.pem"))


def test_from_the_command_line(daemon: Any, made: Path) -> None:
    address = (daemon.folder / "daemon.json").read_text().split('"')[3]
    daemon.add_job("job")
    done = CliRunner().invoke(
        jobs, ["--address", address, "--token-file", str(daemon.folder / "token"), "list"]
    )
    assert done.exit_code == 0 and "job  waiting" in done.output
    assert "--token-file" in CliRunner().invoke(jobs, ["--address", address, "list"]).output
