# SPDX-License-Identifier: Apache-2.0
"""Taking away what `plosive install` wrote, and nothing else."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path

from plosive_install.entry_file import marker_of
from plosive_install.errors import cannot
from plosive_install.installation import Target
from plosive_install.manifest import Manifest, read_manifest
from plosive_install.startup_block import block_of, is_torn, without_block
from plosive_install.steps import KeepList, RemoveFile, RemovePackage, RemoveStore, Step, WriteFile

__all__ = ["Removal", "removal"]


@dataclass(frozen=True)
class Removal:
    """`left` tells what stays and why, one sentence each."""

    steps: tuple[Step, ...]
    left: tuple[str, ...]


def removal(of: Target, other_stores: tuple[Path, ...] = ()) -> Removal | None:
    """None: nothing is installed there. The user's host.json stays as long as a host in `other_stores` uses
    it. Raises InstallError where the list of what is installed cannot be read.
    """
    manifest = read_manifest(of.store)
    if manifest is None:
        return None
    steps: list[Step] = []
    left: list[str] = []
    for path in manifest.entries:
        content = _content(path)
        marker = marker_of(content) if content is not None else None
        if marker is not None and marker.is_intact:
            steps.append(RemoveFile(path))
        elif content is not None:
            left.append(f"{path} was changed since Plosive wrote it and stays.")
    for path in manifest.startup_files:
        _take_out_block(path, steps, left)
    steps += [RemovePackage(of.store / name, files) for name, files in manifest.packages.items()]
    others = [(store, other) for store in other_stores if (other := read_manifest(store)) is not None]
    if manifest.host_config is not None and not others:
        steps += _config_steps(manifest, manifest.host_config)
    if others:  # the folders that both use are the other's to remove now
        store, other = others[0]
        made = tuple(dict.fromkeys((*other.made_folders, *manifest.made_folders)))
        steps.append(KeepList(store, dataclasses.replace(other, made_folders=made)))
    steps.append(RemoveStore(of.store, manifest.made_folders))
    return Removal(tuple(steps), tuple(left))


def _take_out_block(path: Path, steps: list[Step], left: list[str]) -> None:
    content = _content(path)
    if content is None:
        return
    if is_torn(content):
        left.append(f"The block of Plosive in {path} lost its first or last line; remove what is left of it.")
        return
    block = block_of(content)
    if block is None:
        return
    rest = without_block(content)
    if block.made_the_file and not rest.strip() and not path.is_symlink():
        steps.append(RemoveFile(path))
    else:
        steps.append(WriteFile(path, rest, "without the block of Plosive, all else as it is"))


def _config_steps(manifest: Manifest, path: Path) -> list[Step]:
    """Somebody may have named another Python since."""
    try:
        told = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return []
    return [RemoveFile(path)] if told == {"python": manifest.python} else []


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise cannot("read", path, error) from error
