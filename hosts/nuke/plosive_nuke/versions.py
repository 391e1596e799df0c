# SPDX-License-Identifier: Apache-2.0
"""Folders of versions: FOLDER/STEM_v001 holds STEM_v001.%04d.exr (or a movie), elements and a note."""

from __future__ import annotations

import json
import os
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from plosive_host import PlosiveHostError

__all__ = ["NOTE_NAME", "Shown", "Version", "claim_version", "read_note", "version_folder", "write_note"]

NOTE_NAME = "lipsync.json"
_MOST = 9_999


@dataclass(frozen=True)
class Version:
    """A version's folder, which is there."""

    number: int
    stem: str
    folder: str

    def out(self, extension: str, view: str = "") -> str:
        """The result's path; `extension` such as .mov or .%04d.exr, `view` where there are several."""
        return f"{self.folder}/{self.stem}_v{self.number:03d}{'_' + view if view else ''}{extension}"

    def elements(self, view: str = "") -> str:
        """Its elements' folder."""
        return f"{self.folder}/elements{'_' + view if view else ''}"


@dataclass(frozen=True)
class Shown:
    """What a Read inside the node needs to show a version, as its note keeps it: paths are relative to its
    folder and may hold %V. Frames are file frames; `starts_at` is the frame of the script that shows the
    first. `layers_from` as PlateColour has it. `views` that were made; empty: the script had one.
    """

    result: str
    first: int
    last_inclusive: int
    starts_at: int
    elements: str
    elements_first: int
    read_knobs: tuple[tuple[str, str | bool], ...]
    layers_from: str | None
    views: tuple[str, ...]
    dub: str
    job: str


def version_folder(folder: str, stem: str, number: int) -> str:
    """Where a version lies."""
    return f"{folder}/{stem}_v{number:03d}"


def claim_version(folder: str, stem: str, number: int = 0) -> Version:
    """A new version's folder, made now so that nobody else gets it: the one after the highest there, or
    `number`.

    Raises PlosiveHostError where it is taken or cannot be made.
    """
    try:
        os.makedirs(folder, exist_ok=True)
        wanted = number or 1 + max(_numbers(folder, stem), default=0)
        while wanted <= _MOST:
            path = version_folder(folder, stem, wanted)
            try:
                os.mkdir(path)
            except FileExistsError:
                if number:
                    raise PlosiveHostError(
                        f"Version {number} of {stem} is there already; choose another number.",
                        "ALREADY_EXISTS",
                    ) from None
                wanted += 1
                continue
            return Version(wanted, stem, path)
    except OSError as error:
        raise PlosiveHostError(
            f"{folder} cannot be written to: {error.strerror}; choose another output folder.", "MEDIA_WRITE"
        ) from error
    raise PlosiveHostError(f"{folder} holds {_MOST} versions of {stem}; choose another name.", "MEDIA_WRITE")


def write_note(version: Version, shown: Shown) -> None:
    """Whole or not at all. Raises OSError."""
    path = Path(version.folder) / NOTE_NAME
    part = path.with_name(f".{NOTE_NAME}.{os.getpid()}.part")
    part.write_text(json.dumps(asdict(shown), indent=1), encoding="utf-8")
    os.replace(part, path)


def read_note(folder: str) -> Shown:
    """Raises PlosiveHostError where there is none, or none of ours."""
    path = Path(folder) / NOTE_NAME
    try:
        told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        told["read_knobs"] = tuple((str(name), value) for name, value in told["read_knobs"])
        told["views"] = tuple(told["views"])
        return Shown(**told)
    except FileNotFoundError:
        raise PlosiveHostError(f"There is no finished version in {folder}.", "NUKE") from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise PlosiveHostError(f"{path} cannot be understood; sync again.", "NUKE") from error


def _numbers(folder: str, stem: str) -> list[int]:
    like = re.compile(re.escape(stem) + r"_v(\d{3,6})(?:\D.*)?", re.IGNORECASE)
    found = (like.fullmatch(name) for name in os.listdir(folder))
    return [int(match[1]) for match in found if match]
