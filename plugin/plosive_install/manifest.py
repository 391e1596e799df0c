# SPDX-License-Identifier: Apache-2.0
"""installed.json: all that `plosive install` wrote for one host, which is all that it may remove."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from plosive_install.errors import InstallError, cannot
from plosive_install.writing import make_folder, write_file

__all__ = ["Manifest", "manifest_path", "read_manifest", "write_manifest"]

_FORMAT = 1


@dataclass(frozen=True)
class Manifest:
    """`packages` holds the files (with /) of each version's folder, by the folder's name in the store;
    `current` is the one that the entries use, `previous` the one before: a host that runs may still use it.
    """

    host: str
    version: str
    python: str
    current: str
    previous: str = ""
    packages: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    entries: tuple[Path, ...] = ()
    startup_files: tuple[Path, ...] = ()
    made_folders: tuple[Path, ...] = ()
    host_config: Path | None = None


def manifest_path(store: Path) -> Path:
    return store / "installed.json"


def read_manifest(store: Path) -> Manifest | None:
    """None: nothing is installed. Raises InstallError where the list cannot be understood."""
    path = manifest_path(store)
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        if told["format"] != _FORMAT:
            raise InstallError(f"{path} was written by a newer Plosive; use that one.")
        return Manifest(
            str(told["host"]),
            str(told["version"]),
            str(told["python"]),
            str(told["current"]),
            str(told["previous"]),
            {_name(name): tuple(map(_inside, files)) for name, files in told["packages"].items()},
            tuple(Path(entry) for entry in told["entries"]),
            tuple(Path(entry) for entry in told["startup_files"]),
            tuple(Path(entry) for entry in told["made_folders"]),
            Path(told["host_config"]) if told["host_config"] else None,
        )
    except FileNotFoundError:
        return None
    except OSError as error:
        raise cannot("read", path, error) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InstallError(f"{path} is damaged; move it away and install again.") from error


def write_manifest(store: Path, manifest: Manifest) -> None:
    """Raises InstallError."""
    told: dict[str, Any] = {
        "format": _FORMAT,
        "host": manifest.host,
        "version": manifest.version,
        "python": manifest.python,
        "current": manifest.current,
        "previous": manifest.previous,
        "packages": {name: list(files) for name, files in manifest.packages.items()},
        "entries": [str(path) for path in manifest.entries],
        "startup_files": [str(path) for path in manifest.startup_files],
        "made_folders": [str(path) for path in manifest.made_folders],
        "host_config": str(manifest.host_config or ""),
    }
    make_folder(store)
    write_file(manifest_path(store), json.dumps(told, indent=1).encode("ascii"))


def _name(name: Any) -> str:
    """A damaged list must not lead out of the store."""
    if not isinstance(name, str) or name in ("", ".", "..") or "/" in name or "\\" in name:
        raise ValueError(name)
    return name


def _inside(path: Any) -> str:
    if not isinstance(path, str) or path.startswith("/") or ".." in path.split("/") or "\\" in path:
        raise ValueError(path)
    return path
