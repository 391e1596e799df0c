# SPDX-License-Identifier: Apache-2.0
"""What installing and removing consist of: made first, shown by --dry-run, carried out in order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from plosive_install.manifest import Manifest, manifest_path, write_manifest
from plosive_install.writing import (
    make_folder,
    make_whole_folder,
    remove_empty_folders,
    remove_file,
    write_file,
)

__all__ = [
    "KeepList",
    "MakePackage",
    "RemoveFile",
    "RemovePackage",
    "RemoveStore",
    "Step",
    "WriteFile",
]


@dataclass(frozen=True)
class MakePackage:
    """A version's folder, with its files by path (with /)."""

    folder: Path
    files: Mapping[str, bytes]

    def sentence(self) -> str:
        return f"makes {self.folder} ({len(self.files)} files)"

    def run(self) -> None:
        make_whole_folder(self.folder, self.files)


@dataclass(frozen=True)
class WriteFile:
    """A whole file; `what` says why where its name does not."""

    path: Path
    content: bytes
    what: str = ""

    def sentence(self) -> str:
        return f"writes {self.path}" + (f" ({self.what})" if self.what else "")

    def run(self) -> None:
        make_folder(self.path.parent)
        write_file(self.path, self.content)


@dataclass(frozen=True)
class KeepList:
    """What is installed is noted before it is written: what a crash leaves can be removed."""

    store: Path
    manifest: Manifest

    def sentence(self) -> str:
        return f"writes {manifest_path(self.store)}"

    def run(self) -> None:
        write_manifest(self.store, self.manifest)


@dataclass(frozen=True)
class RemoveFile:
    path: Path

    def sentence(self) -> str:
        return f"removes {self.path}"

    def run(self) -> None:
        remove_file(self.path)


@dataclass(frozen=True)
class RemovePackage:
    """The named files of a version's folder and what Python compiled of them; what others put there stays."""

    folder: Path
    files: tuple[str, ...]

    def sentence(self) -> str:
        return f"removes {self.folder}"

    def run(self) -> None:
        folders = {self.folder}
        for name in self.files:
            path = self.folder / name
            remove_file(path)
            folders.update(parent for parent in path.parents if self.folder in parent.parents)
            if path.suffix == ".py":
                folders.add(path.parent / "__pycache__")
                for compiled in path.parent.glob(f"__pycache__/{path.stem}.*.pyc*"):
                    remove_file(compiled)
        remove_empty_folders(sorted(folders))


@dataclass(frozen=True)
class RemoveStore:
    """The list itself, last, and the folders that were made and are empty now."""

    store: Path
    made_folders: tuple[Path, ...]

    def sentence(self) -> str:
        return f"removes {manifest_path(self.store)} and the folders that were made and are empty"

    def run(self) -> None:
        remove_file(manifest_path(self.store))
        remove_empty_folders([self.store, self.store.parent, *self.made_folders])


Step = MakePackage | WriteFile | KeepList | RemoveFile | RemovePackage | RemoveStore
