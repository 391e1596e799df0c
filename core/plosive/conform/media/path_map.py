# SPDX-License-Identifier: Apache-2.0
"""Paths of another machine, as an edit has them, made paths of this one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from plosive.errors import OptionError

__all__ = ["PathMap", "is_windows_path", "parse_path_map"]

_WINDOWS = re.compile(r"[A-Za-z]:[\\/]|\\\\")
_EXAMPLE = r"Z:\reel=/mnt/reel"
_UNQUOTED = re.compile(r"[A-Za-z]:[^\\/]")


def is_windows_path(text: str) -> bool:
    """Whether a path begins with a drive letter or a share of Windows."""
    return bool(_WINDOWS.match(text))


@dataclass(frozen=True)
class PathMap:
    """`pairs` of (beginning there, folder here); the first that fits is taken. Whole folders fit only:
    `/vol/a` is no beginning of `/vol/ab`. Both kinds of slash are one; of Windows paths upper and lower case
    are, too.
    """

    pairs: tuple[tuple[str, str], ...] = ()

    def here(self, path: str) -> Path | None:
        """The path on this machine, None where no beginning fits."""
        for there, folder in self.pairs:
            rest = _rest(path, there)
            if rest is not None:
                return Path(folder, *(part for part in rest.split("/") if part))
        return None


def parse_path_map(texts: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Pairs from `THERE=HERE` as typed, such as `Z:/reel=/mnt/reel`. Raises OptionError."""
    pairs = []
    for text in texts:
        there, mark, here = text.partition("=")
        if not mark or not there.strip() or not here.strip():
            raise OptionError(
                f"--map '{text}' names no two folders; write it as 'Z:\\reel=/mnt/reel', in quotes."
            )
        if _UNQUOTED.match(there.strip()):
            raise OptionError(
                f"--map '{text}' has no \\ after the drive, which shells take away: quote '{_EXAMPLE}'."
            )
        pairs.append((there.strip(), here.strip()))
    return tuple(pairs)


def _rest(path: str, there: str) -> str | None:
    slashed, begins = path.replace("\\", "/"), there.replace("\\", "/").rstrip("/")
    is_windows = is_windows_path(there) or is_windows_path(path)
    compared, sought = (slashed.lower(), begins.lower()) if is_windows else (slashed, begins)
    if compared == sought or compared.startswith(sought + "/"):
        return slashed[len(begins) :]
    return None
