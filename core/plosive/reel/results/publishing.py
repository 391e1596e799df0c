# SPDX-License-Identifier: Apache-2.0
"""Several files that appear together: all of them or none, also where a run is killed between two."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from plosive.media.staging import write_new, write_whole

__all__ = ["clear_unpublished", "publish"]

_SCHEMA = "plosive.publishing.v1"


def publish(folder: Path, name: str, contents: Mapping[str, bytes]) -> None:
    """Write `contents` (by file name) into `folder`, in their order, under names that nothing has. The last
    of them stands for all: where it is, they are there. `name` tells this lot from others. Raises
    MediaWriteError, OSError; then none is there.
    """
    plan = _plans(folder) / f"{name}.json"
    plan.parent.mkdir(parents=True, exist_ok=True)
    prints = {file: _print(content) for file, content in contents.items()}
    write_whole(plan, json.dumps({"schema": _SCHEMA, "files": prints}))
    try:
        for file, content in contents.items():
            write_new(folder / file, content)
    finally:
        _settle(folder, plan)


def clear_unpublished(folder: Path) -> None:
    """Remove what a killed run had published of a lot whose last file is missing."""
    for plan in sorted(_plans(folder).glob("*.json")):
        with suppress(OSError, ValueError, KeyError, AttributeError):
            _settle(folder, plan)


def _settle(folder: Path, plan: Path) -> None:
    told = json.loads(plan.read_text(encoding="utf-8"))
    if told["schema"] != _SCHEMA:
        return
    files = {folder / Path(file).name: known for file, known in told["files"].items()}
    if files and not list(files)[-1].exists():
        for path, known in files.items():
            with suppress(OSError):  # what was put there by somebody else stays
                if _print(path.read_bytes()) == known:
                    path.unlink()
    plan.unlink(missing_ok=True)


def _plans(folder: Path) -> Path:
    return folder / ".plosive" / "publishing"


def _print(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=16).hexdigest()
