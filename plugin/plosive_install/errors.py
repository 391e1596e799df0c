# SPDX-License-Identifier: Apache-2.0
"""What can go wrong while host files are put in place or removed."""

from __future__ import annotations

from pathlib import Path

__all__ = ["InstallError", "cannot"]


class InstallError(Exception):
    """An expected failure; `str(error)` is one sentence that says what, where and what to do."""


def cannot(do: str, path: Path, error: OSError) -> InstallError:
    """`do` with a participle (written, removed, read): what the system said of `path`."""
    if isinstance(error, PermissionError):
        return InstallError(
            f"{path} cannot be {do}: you have no permission there; change the folder's permissions, or name "
            "another place with --dir."
        )
    return InstallError(f"{path} cannot be {do}: {error.strerror or error}.")
