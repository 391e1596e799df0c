# SPDX-License-Identifier: Apache-2.0
"""Paths of this machine <-> paths of the daemon's machine, by ordered pairs of prefixes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from plosive_client.errors import InvalidRequest

__all__ = ["PathMapping"]

_DRIVE = re.compile(r"[A-Za-z]:(?=[\\/]|$)")


@dataclass(frozen=True)
class PathMapping:
    r"""`pairs` of (prefix here, prefix of the daemon's machine); the first that fits counts.

    A prefix fits whole folder names only. One that begins with a drive (S:) or with two slashes (a share) is
    a Windows path: either slash separates, and case does not count. What follows the prefix is kept to the
    letter, with the slashes of its machine. Paths that no prefix fits stay as they are. Raises InvalidRequest
    for a prefix that is not absolute.

    >>> PathMapping((("S:/show", "/mnt/show"),)).to_daemon(r"s:\Show\a\b.mov")
    '/mnt/show/a/b.mov'
    """

    pairs: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        for prefix in (prefix for pair in self.pairs for prefix in pair):
            if not prefix.startswith("/") and not _is_windows(prefix):
                raise InvalidRequest(
                    f"'{prefix}' in the path mapping is not absolute; write it from the root or drive on.",
                    "path_mapping",
                )

    def to_daemon(self, path: str) -> str:
        """The daemon's name of a path here. Raises InvalidRequest where it would not come back the same."""
        there = _mapped(path, self.pairs)
        back = self.to_here(there)
        if _folded(back) != _folded(path):
            raise InvalidRequest(
                f"The path mapping turns '{path}' into '{there}', which comes back as '{back}'; "
                "put the longer prefix first or take out the pair that is in the way.",
                "path_mapping",
            )
        return there

    def to_here(self, path: str) -> str:
        """The name here of a path that the daemon told; the exact inverse of `to_daemon`."""
        return _mapped(path, ((there, here) for here, there in self.pairs))


def _mapped(path: str, pairs: Iterable[tuple[str, str]]) -> str:
    for prefix, other in pairs:
        rest = _rest(path, prefix)
        if rest is None:
            continue
        stem = other.rstrip("/\\") if _is_windows(other) else other.rstrip("/")
        if _is_windows(other):
            separator = "/" if "/" in other and "\\" not in other else "\\"
            rest = rest.replace("\\", separator).replace("/", separator)
        elif _is_windows(prefix):
            rest = rest.replace("\\", "/")
        return stem + rest if rest else other
    return path


def _rest(path: str, prefix: str) -> str | None:
    """What follows `prefix`, with its leading separator; empty: the path is the prefix; None: it does not
    fit.
    """
    is_windows = _is_windows(prefix)
    separators = "/\\" if is_windows else "/"
    stem = prefix.rstrip(separators)
    if _folded(path[: len(stem)], is_windows) != _folded(stem, is_windows):
        return None
    rest = path[len(stem) :]
    return rest if not rest or rest[0] in separators else None


def _is_windows(path: str) -> bool:
    return bool(_DRIVE.match(path)) or path.startswith(("\\\\", "//"))


def _folded(path: str, is_windows: bool | None = None) -> str:
    """For comparison: on Windows neither case nor the kind of slash counts."""
    if _is_windows(path) if is_windows is None else is_windows:
        return path.replace("\\", "/").lower()
    return path
