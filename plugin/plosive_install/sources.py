# SPDX-License-Identifier: Apache-2.0
"""What a host gets: read from this installation of Plosive."""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from plosive_install.errors import InstallError, cannot

__all__ = [
    "HOSTS",
    "HOST_NAMES",
    "HostFiles",
    "host_files",
    "hosts_source",
    "package_name",
    "plosive_version",
]

HOSTS = ("resolve", "nuke")
HOST_NAMES = {"resolve": "DaVinci Resolve", "nuke": "Nuke"}
_ENTRY_FOLDERS = {"resolve": "Scripts/", "nuke": "Python/Startup/"}
"""What lies in these folders goes into the host's own; all else is the package."""


@dataclass(frozen=True)
class HostFiles:
    """Contents by path (with /): `package` relative to the folder that goes on the host's sys.path, `entries`
    relative to the host's own folder.
    """

    host: str
    package: Mapping[str, bytes]
    entries: Mapping[str, bytes]

    def digest(self) -> str:
        """Changes whenever a path or a byte does."""
        whole = hashlib.sha256()
        for kind, files in (("package", self.package), ("entries", self.entries)):
            for path in sorted(files):
                whole.update(f"{kind}\0{path}\0{len(files[path])}\0".encode())
                whole.update(files[path])
        return whole.hexdigest()


def package_name(files: HostFiles, version: str) -> str:
    """Of the folder in which they are installed: the same for the same files only."""
    return f"{version}-{files.digest()[:12]}"


def plosive_version() -> str:
    """Of the distribution; "unknown" in a source tree that was never installed."""
    try:
        return importlib.metadata.version("plosive")
    except importlib.metadata.PackageNotFoundError:
        return "unknown"


def hosts_source() -> Path:
    """The folder `hosts`: beside this module in a wheel, at the repository's top otherwise. Raises
    InstallError where it is missing.
    """
    here = Path(__file__).resolve().parent
    for folder in (here / "hosts", here.parents[1] / "hosts"):
        if folder.is_dir():
            return folder
    raise InstallError(
        f"This Plosive was installed without its host files ({here / 'hosts'}); install it anew."
    )


def host_files(host: str, python: str, source: Path | None = None) -> HostFiles:
    """All of them; `python` is the one that runs Plosive, told to the host in a host.json of its package.

    Raises InstallError where files are missing or cannot be read.
    """
    folder = (source or hosts_source()) / host
    entry_folder = _ENTRY_FOLDERS[host]
    try:
        files = dict(_read(folder))
    except OSError as error:
        raise cannot("read", folder, error) from error
    entries = {path: text for path, text in files.items() if path.startswith(entry_folder)}
    if not files:
        raise InstallError(f"This Plosive has no files for {HOST_NAMES[host]} in {folder}; install it anew.")
    package = {path: text for path, text in files.items() if path not in entries}
    package.update({f"plosive_host/{path}": text for path, text in _read(_plosive_host())})
    package["host.json"] = json.dumps({"python": python}, indent=1).encode("ascii")
    return HostFiles(host, package, entries)


def _plosive_host() -> Path:
    found = importlib.util.find_spec("plosive_host")
    assert found is not None and found.origin is not None, "plosive_host comes with plosive_install"
    return Path(found.origin).parent


def _read(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        is_ours = not any(part == "__pycache__" or part.startswith(".") for part in parts)
        if is_ours and path.is_file():
            yield "/".join(parts), path.read_bytes()
