# SPDX-License-Identifier: Apache-2.0
"""Looks at this machine once."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator

from plosive_host.environment import child_environment
from plosive_install.doctor.processes import processes
from plosive_install.doctor.python_told import python_told
from plosive_install.doctor.view import ClientSeen, DaemonSeen, View
from plosive_install.errors import InstallError
from plosive_install.installation import Target
from plosive_install.machine import Machine
from plosive_install.manifest import read_manifest
from plosive_install.sources import host_files, package_name, plosive_version

__all__ = ["client_of", "look"]

_PROBE = (
    "import sys, plosive_client.versions as of; "
    "print('.'.join(map(str, sys.version_info[:3])), of.client_version())"
)
_PROBE_SECONDS = 30.0
_DAEMON_SECONDS = 5.0


def look(machine: Machine, at: Target) -> View:
    """Asks the Python that the host would start, the daemon, the system and, on Windows, the registry."""
    try:
        manifest = read_manifest(at.store)
    except InstallError:
        manifest = None
    told = python_told(machine, at.store / manifest.current if manifest else None)
    clients = {told.python: client_of(told.python)} if told is not None and told.is_readable else {}
    return View(
        machine,
        plosive_version(),
        sys.executable,
        _package(at.host, manifest.python if manifest else sys.executable),
        processes(),
        dict(_registry()),
        clients,
        _daemon(),
    )


def client_of(python: str) -> ClientSeen:
    """What a Python has of Plosive, asked as a host would: with the environment that its child gets."""
    found = shutil.which(os.path.expanduser(python))
    if found is None:
        return ClientSeen(problem="it is not there or cannot be run")
    try:
        done = subprocess.run(
            [found, "-c", _PROBE],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env=child_environment(os.environ),
            cwd=os.path.expanduser("~"),
            timeout=_PROBE_SECONDS,
        )
    except (OSError, subprocess.SubprocessError) as error:
        return ClientSeen(problem=f"it cannot be run ({error})")
    words = done.stdout.decode("utf-8", "replace").split()
    if done.returncode == 0 and len(words) == 2:
        return ClientSeen(words[0], words[1])
    said = done.stderr.decode("utf-8", "replace").strip().splitlines()
    return ClientSeen(problem=f"it has no Plosive that works ({said[-1] if said else 'it said nothing'})")


def _package(host: str, python: str) -> str:
    try:
        return package_name(host_files(host, python), plosive_version())
    except InstallError:
        return ""


def _daemon() -> DaemonSeen:
    try:
        from plosive_client import PlosiveClientError, connect
        from plosive_client.state_folder import daemon_folder, is_daemon_alive, read_endpoint
    except Exception as error:  # whatever a broken binary raises
        return DaemonSeen(False, problem=f"it cannot be asked: Plosive's client does not load ({error})")
    folder = daemon_folder()
    if not is_daemon_alive(folder):
        return DaemonSeen(False)
    endpoint = read_endpoint(folder)
    pid = endpoint.pid if endpoint is not None else 0
    log = str(folder / "logs")
    try:
        with connect(client_name="plosive doctor", is_started=False, start_seconds=_DAEMON_SECONDS) as client:
            info = client.info(timeout_seconds=_DAEMON_SECONDS)
    except PlosiveClientError as error:
        return DaemonSeen(True, problem=str(error), pid=pid, log=log)
    return DaemonSeen(True, info.plosive_version, pid=pid, log=log)


def _registry() -> Iterator[tuple[str, str]]:
    """The Pythons that Windows knows (PEP 514), as HKLM\\SOFTWARE\\Python\\PythonCore\\3.11\\InstallPath."""
    if sys.platform != "win32":
        return
    import winreg

    below = r"SOFTWARE\Python\PythonCore"
    for name, root in (("HKLM", winreg.HKEY_LOCAL_MACHINE), ("HKCU", winreg.HKEY_CURRENT_USER)):
        with contextlib.suppress(OSError), winreg.OpenKey(root, below) as core:
            for index in range(winreg.QueryInfoKey(core)[0]):
                version = winreg.EnumKey(core, index)
                with contextlib.suppress(OSError):
                    path = winreg.QueryValue(core, version + r"\InstallPath")
                    yield rf"{name}\{below}\{version}\InstallPath", path
