# SPDX-License-Identifier: Apache-2.0
"""Where what scoring found may be written."""

from __future__ import annotations

from pathlib import Path

from plosive.errors import MediaWriteError
from plosive.media.staging import require_writable_target

__all__ = ["FLAGS_SUFFIXES", "MARKERS_SUFFIXES", "require_output"]

FLAGS_SUFFIXES = (".json",)
MARKERS_SUFFIXES = (".otio",)


def require_output(path: Path, what: str, suffixes: tuple[str, ...], overwrite: bool) -> None:
    """Raise MediaWriteError now when `what` (such as 'the report') could not be written to `path` later: its
    ending is none of `suffixes`, it exists unasked, or its folder is missing or closed.
    """
    if path.suffix.lower() not in suffixes:
        raise MediaWriteError(f"{path} must end in {' or '.join(suffixes)} to hold {what}.")
    require_writable_target(path, (), overwrite)
