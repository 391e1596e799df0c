# SPDX-License-Identifier: Apache-2.0
"""`plosive serve --check`: does a daemon run and answer, and if none does, could one?"""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from plosive.errors import PlosiveError
from plosive_daemon.settings import DaemonSettings
from plosive_daemon.shown_certificate import ShownCertificate
from plosive_daemon.state_folder import AlreadyRunning, Endpoint, StateFolder
from plosive_daemon.workers.confinement import sentence_of

if TYPE_CHECKING:
    import grpc

__all__ = ["Finding", "findings", "tell_check"]

_ANSWER_SECONDS = 3.0


@dataclass(frozen=True)
class Finding:
    """One thing looked at; `says` is a sentence."""

    name: str
    is_right: bool
    says: str


def tell_check(folder: StateFolder, settings: DaemonSettings, as_json: bool) -> int:
    """Print the findings. 0: a daemon answers, or could start; 1: something is wrong; 3: none runs, one
    could.
    """
    is_running, found = findings(folder, settings)
    is_right = all(finding.is_right for finding in found)
    if as_json:
        facts = {"ok": is_right, "running": is_running, "findings": [asdict(finding) for finding in found]}
        click.echo(json.dumps(facts, indent=1))
    else:
        for finding in found:
            click.echo(f"{'ok ' if finding.is_right else 'BAD'} {finding.name}: {finding.says}")
    if not is_right:
        return 1
    return 0 if is_running else 3


def findings(folder: StateFolder, settings: DaemonSettings) -> tuple[bool, list[Finding]]:
    """Whether a daemon runs, and what there is to say of it or of what it would need."""
    endpoint = folder.running_endpoint() if folder.root.is_dir() else None
    if endpoint is not None:
        return True, [_answer(folder, endpoint, settings)]
    found = [Finding("daemon", True, "none runs")]
    try:
        folder.prepare()
        folder.hold()
        folder.let_go()
        found.append(Finding("folder", True, f"{folder.root} can be used, and nobody holds it"))
    except AlreadyRunning as error:
        found.append(Finding("folder", False, str(error)))
    except (PlosiveError, OSError) as error:
        found.append(Finding("folder", False, str(error)))
    found.append(_address(folder, settings))
    found.append(_room(folder.root, settings))
    found += [_root(root) for root in (*settings.read_roots, *settings.write_roots)]
    if held := sentence_of(settings):
        found.append(Finding("roots", True, held))
    found.append(_devices())
    return False, found


def _answer(folder: StateFolder, endpoint: Endpoint, settings: DaemonSettings) -> Finding:
    where = f"process {endpoint.pid} at {endpoint.address}"
    try:
        shown = None
        if not endpoint.address.startswith("unix:"):
            shown = ShownCertificate.at(endpoint.address, _ANSWER_SECONDS)
        if shown is not None:
            return _answer_with_tls(folder, where, shown, settings)
        import grpc

        with grpc.insecure_channel(endpoint.address) as channel:
            return Finding("daemon", True, f"{where} answers: {_asked(folder, channel)}")
    except (OSError, ValueError) as error:
        return Finding("daemon", False, f"{where} runs but does not answer: {error}")


def _answer_with_tls(
    folder: StateFolder, where: str, shown: ShownCertificate, settings: DaemonSettings
) -> Finding:
    """As far as it can be asked: its own certificate may not be one that it takes from a client."""
    until = f"valid until {shown.valid_until:%Y-%m-%d}"
    if settings.tls_certificate is None or settings.tls_key is None:
        says = f"{where} answers with TLS, its certificate is {until}; name it with --tls-cert to compare"
        return Finding("daemon", True, says)
    if not shown.is_of(settings.tls_certificate):
        says = f"{where} shows another certificate than {settings.tls_certificate}; start it again"
        return Finding("daemon", False, says)
    import grpc

    credentials = grpc.ssl_channel_credentials(
        shown.pem.encode("ascii"), settings.tls_key.read_bytes(), settings.tls_certificate.read_bytes()
    )
    options = [("grpc.ssl_target_name_override", shown.name)] if shown.name else []
    try:
        with grpc.secure_channel(shown.address, credentials, options=options) as channel:
            said = _asked(folder, channel)
    except ValueError:
        said = "more is told to clients with a certificate of their own"
    return Finding("daemon", True, f"{where} answers with TLS, its certificate is {until}: {said}")


def _asked(folder: StateFolder, channel: grpc.Channel) -> str:
    """What it tells of itself. Raises OSError where its token cannot be read, ValueError where it refuses."""
    import grpc

    from plosive_proto.v1 import info_pb2, plosive_pb2_grpc

    token = folder.token_path.read_text(encoding="ascii").strip()
    stub = plosive_pb2_grpc.PlosiveStub(channel)  # type: ignore[no-untyped-call]
    try:
        info: info_pb2.GetInfoResponse = stub.GetInfo(
            info_pb2.GetInfoRequest(),
            timeout=_ANSWER_SECONDS,
            metadata=(("authorization", f"Bearer {token}"), ("plosive-client", "serve --check")),
        )
    except grpc.RpcError as error:
        raise ValueError(error.details() if isinstance(error, grpc.Call) else str(error)) from error
    devices = ", ".join(device.name for device in info.devices) or "not known yet"
    return (
        f"Plosive {info.plosive_version}, {info.jobs_waiting} jobs wait, {info.jobs_running} run; "
        f"devices: {devices}"
    )


def _address(folder: StateFolder, settings: DaemonSettings) -> Finding:
    from plosive_daemon.service.tls import credentials, place_of

    try:
        place = place_of(settings.address, folder.socket_path)
        credentials(place, settings)
    except PlosiveError as error:
        return Finding("address", False, str(error))
    return Finding("address", True, f"it would listen at {place.address}")


def _room(folder: Path, settings: DaemonSettings) -> Finding:
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    reserve = settings.disk_reserve_bytes
    says = f"{free / 2**30:.1f} GiB are free, {reserve / 2**30:.1f} GiB are left free by jobs"
    return Finding("disk", free >= reserve, says)


def _root(root: Path) -> Finding:
    return Finding("root", root.is_dir(), f"{root} {'is there' if root.is_dir() else 'does not exist'}")


def _devices() -> Finding:
    from importlib.util import find_spec

    if find_spec("torch") is None:
        return Finding("devices", False, "torch is missing; install plosive[core]")
    import torch

    names = [f"cuda:{number}" for number in range(torch.cuda.device_count())]
    return Finding("devices", True, ", ".join(["cpu", *names]))
