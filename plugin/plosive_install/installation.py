# SPDX-License-Identifier: Apache-2.0
"""From what a machine has to the steps that put a host's files there, or take them away."""

from __future__ import annotations

import dataclasses
import os
from dataclasses import dataclass
from pathlib import Path

from plosive_install.entry_file import baked, marker_of, sealed
from plosive_install.errors import InstallError, cannot
from plosive_install.machine import Machine
from plosive_install.manifest import Manifest, read_manifest
from plosive_install.places import (
    host_config,
    nuke_user_folder,
    resolve_user_fusion_folder,
    store_folder,
)
from plosive_install.sources import HostFiles, package_name
from plosive_install.startup_block import is_torn, with_block, wrong_line
from plosive_install.steps import KeepList, MakePackage, RemoveFile, RemovePackage, Step, WriteFile

__all__ = ["Target", "install_steps", "target"]

_BAKED_OF_PACKAGE = ("init.py", "menu.py")  # what Nuke runs of the package itself


@dataclass(frozen=True)
class Target:
    """`entry_folder` is the host's own (Resolve's Fusion folder, .nuke), `store` holds the packages;
    `host_config` is the user's host.json, or None where a folder for many users is filled.
    """

    host: str
    entry_folder: Path
    store: Path
    host_config: Path | None

    @property
    def startup_file(self) -> Path | None:
        """The file that gets a block; None: the host needs none."""
        return self.entry_folder / "init.py" if self.host == "nuke" else None


def target(machine: Machine, host: str, folder: Path | None = None) -> Target:
    """The user's own places; with `folder` (--dir) that one in their stead, which then holds everything."""
    if folder is not None:
        folder = Path(os.path.abspath(folder))
        return Target(host, folder, folder / "Plosive" / host, None)
    own = resolve_user_fusion_folder(machine) if host == "resolve" else nuke_user_folder(machine)
    return Target(host, own, store_folder(machine, host), host_config(machine))


def install_steps(to: Target, files: HostFiles, version: str, python: str) -> tuple[Step, ...]:
    """None where everything is in place already. Raises InstallError where a file that is not ours, or that
    somebody changed, is in the way; nothing has been touched then.
    """
    before = read_manifest(to.store)
    current = package_name(files, version)
    folder = to.store / current
    package = {
        name: baked(content, folder) if name in _BAKED_OF_PACKAGE else content
        for name, content in files.package.items()
    }
    entries = {
        to.entry_folder / name: sealed(baked(content, folder), version)
        for name, content in files.entries.items()
    }
    writes = [WriteFile(path, content) for path, content in entries.items() if _is_to_write(path, content)]
    started: list[Step] = []
    if to.startup_file is not None:
        content = _startup_content(to.startup_file, folder, version)
        if content is not None:
            started.append(WriteFile(to.startup_file, content, "one marked block, all else as it was"))
    gone = sorted(set(before.entries if before else ()) - set(entries))
    removed = [RemoveFile(path) for path in gone if _is_intact(path)]
    is_made = folder.is_dir() and all(_holds(folder / name, content) for name, content in package.items())
    configured: list[Step] = []
    if to.host_config is not None and not _names(to.host_config, files.package["host.json"]):
        configured.append(WriteFile(to.host_config, files.package["host.json"], f"the Python is {python}"))
    making: list[Step] = [] if is_made else _making(folder, package)
    wanted = _manifest(to, before, current, version, python, package, entries)
    dropped = [
        RemovePackage(to.store / name, listed)
        for name, listed in (before.packages if before else {}).items()
        if name not in wanted.packages
    ]
    steps: list[Step] = [*making, *configured, *writes, *started, *removed, *dropped]
    if not steps and before == wanted:
        return ()
    held = wanted if before is None else _with_dropped(wanted, before)
    last = [KeepList(to.store, wanted)] if held != wanted else []
    return (KeepList(to.store, held), *steps, *last)


def _making(folder: Path, package: dict[str, bytes]) -> list[Step]:
    """A folder of that name whose files are not as they were written is mended file by file."""
    if not folder.is_dir():
        return [MakePackage(folder, package)]
    return [
        WriteFile(folder / name, text) for name, text in package.items() if not _holds(folder / name, text)
    ]


def _manifest(
    to: Target,
    before: Manifest | None,
    current: str,
    version: str,
    python: str,
    package: dict[str, bytes],
    entries: dict[Path, bytes],
) -> Manifest:
    """The version before this one is kept: a host that runs may still load parts of it."""
    previous = "" if before is None else before.previous if before.current == current else before.current
    packages = {current: tuple(package)}
    if before is not None and previous in before.packages:
        packages[previous] = before.packages[previous]
    startup = (to.startup_file,) if to.startup_file is not None else ()
    made = list(before.made_folders if before else ())
    for path in [*(entry.parent for entry in (*entries, *startup)), to.store]:
        made += [folder for folder in _missing(path) if folder not in made]
    return Manifest(
        to.host,
        version,
        python,
        current,
        previous,
        packages,
        tuple(entries),
        startup,
        tuple(made),
        to.host_config,
    )


def _with_dropped(wanted: Manifest, before: Manifest) -> Manifest:
    """What is to be listed until the old is gone."""
    return dataclasses.replace(
        wanted,
        packages={**before.packages, **wanted.packages},
        entries=tuple(dict.fromkeys((*wanted.entries, *before.entries))),
    )


def _missing(folder: Path) -> list[Path]:
    missing: list[Path] = []
    while not folder.is_dir() and folder.parent != folder:
        missing.append(folder)
        folder = folder.parent
    return missing


def _is_to_write(path: Path, content: bytes) -> bool:
    """Raises InstallError where what is there is not ours to replace."""
    there = _content(path)
    if there is None or there == content:
        return there is None
    marker = marker_of(there)
    if marker is None or not marker.is_intact:
        done = "was changed since Plosive wrote it" if marker else "was not written by plosive install"
        raise InstallError(f"{path} {done}; move it away and install again.")
    return True


def _startup_content(path: Path, folder: Path, version: str) -> bytes | None:
    """The new content of a user's init.py; None: it is right as it is. Raises InstallError."""
    there = _content(path)
    if there is not None:
        if is_torn(there):
            raise InstallError(
                f"The block of Plosive in {path} lost its first or last line; remove what is left of it and "
                "install again."
            )
        wrong = wrong_line(there, path)
        if wrong:
            raise InstallError(
                f"{path} has an error in {wrong}, at which Nuke stops; mend it and install again, or install "
                "with --dir into a folder of its own and put that on NUKE_PATH."
            )
    content = with_block(there, folder, version)
    return None if content == there else content


def _is_intact(path: Path) -> bool:
    there = _content(path)
    marker = marker_of(there) if there is not None else None
    return marker is not None and marker.is_intact


def _holds(path: Path, content: bytes) -> bool:
    return _content(path) == content


def _names(path: Path, content: bytes) -> bool:
    """A host.json that cannot be read is written anew."""
    try:
        return path.read_bytes() == content
    except OSError:
        return False


def _content(path: Path) -> bytes | None:
    """None: no such file. Raises InstallError."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise cannot("read", path, error) from error
