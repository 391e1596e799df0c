# SPDX-License-Identifier: Apache-2.0
"""The worker's own look at the paths of a request, against links that change between check and use.

The libraries that read media open files by name. So every source is opened here first, without following a
link, and what was opened is held to the roots and kept open while the job runs; at its end each name must
still lead to what is held. A file that was swapped for another in between fails the job before its result
gets its name.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from plosive.errors import MediaReadError
from plosive_daemon.service.errors import PathRefused
from plosive_daemon.service.paths import PICTURE_SUFFIXES, Roots, is_pattern

__all__ = ["HeldSources", "held"]

_MOST_HELD = 512  # descriptors; the rest is held to its identity alone


class HeldSources:
    """A context manager; more sources may be held while the block runs, from any one thread."""

    def __init__(self, roots: Roots) -> None:
        self._roots = roots
        self._stack = contextlib.ExitStack()
        self._kept: dict[Path, tuple[int, int]] = {}
        self._frames: dict[tuple[Path, str], None] = {}

    def __enter__(self) -> HeldSources:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._stack:
            if error is None:
                self._require_unchanged()

    def add(self, source: Path) -> None:
        """Hold a real path (`request_paths.sources_of`). Raises PathRefused where it leads out of the roots,
        or is no plain file or folder; MediaReadError where it is gone.
        """
        name = source.parent if is_pattern(source) and not source.exists() else source
        if name not in self._kept:
            target = Path(os.path.realpath(name))  # another only for links that keep their names
            self._kept[name] = _opened(target, self._stack, is_kept=len(self._kept) < _MOST_HELD)
        if self._roots.readable(str(name), "media") != name:  # it, or a folder on the way to it
            raise PathRefused(f"{name} leads elsewhere since it was checked; run the job again.", "media")
        if name.is_dir():
            ending = source.suffix.lower() if name != source else ""
            frames = (name, "" if is_pattern(Path(ending)) else ending)
        elif name.suffix.lower() in PICTURE_SUFFIXES:  # it stands for its numbered neighbours, too
            frames = (name.parent, name.suffix.lower())
        else:
            return
        if frames not in self._frames:
            _require_links_inside(frames[0], self._roots, frames[1])
            self._frames[frames] = None

    def _require_unchanged(self) -> None:
        for folder, suffix in self._frames:
            with contextlib.suppress(OSError):  # gone, too
                _require_links_inside(folder, self._roots, suffix)
        for name, identity in self._kept.items():
            try:
                state = os.stat(name)
            except OSError:
                continue  # gone, as a card that was pulled: what was read is in the result
            if (state.st_dev, state.st_ino) != identity:
                raise PathRefused(f"{name} was replaced while the job ran; run it again.", "media")


@contextmanager
def held(sources: Iterable[Path], roots: Roots) -> Iterator[HeldSources]:
    """Hold real paths while the block reads them. Raises as `HeldSources.add`, and PathRefused at the end
    where one became another file meanwhile.
    """
    with HeldSources(roots) as holding:
        for source in sources:
            holding.add(source)
        yield holding


def _opened(path: Path, stack: contextlib.ExitStack, *, is_kept: bool) -> tuple[int, int]:
    """(device, number) of the file or folder that `path` is, which is held open until `stack` ends."""
    if os.name == "nt":  # no such flags, and folders cannot be opened: told by number alone
        state = os.lstat(path)
        if not (stat.S_ISREG(state.st_mode) or stat.S_ISDIR(state.st_mode)):
            raise PathRefused(f"{path} is no plain file or folder; give another.", "media")
        return state.st_dev, state.st_ino
    try:
        # NONBLOCK: a pipe must not make the worker wait
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    except OSError as error:
        if path.is_symlink():
            raise PathRefused(
                f"{path} became a link after it was checked; run the job again.", "media"
            ) from None
        raise MediaReadError(f"{path} cannot be read: {error.strerror}.") from None
    state = os.fstat(descriptor)
    if is_kept:
        stack.callback(os.close, descriptor)
    else:
        os.close(descriptor)
    if not (stat.S_ISREG(state.st_mode) or stat.S_ISDIR(state.st_mode)):
        raise PathRefused(f"{path} is no plain file or folder; give another.", "media")
    return state.st_dev, state.st_ino


def _require_links_inside(folder: Path, roots: Roots, suffix: str) -> None:
    """Frames of a sequence that are links are held to the roots, too; of all files those that end so."""
    with os.scandir(folder) as entries:
        for entry in entries:
            is_one = entry.name.lower().endswith(suffix)
            if is_one and entry.is_symlink() and os.path.exists(entry.path):
                roots.readable(entry.path, "media")
