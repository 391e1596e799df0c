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
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from plosive.errors import MediaReadError
from plosive_daemon.service.errors import PathRefused
from plosive_daemon.service.paths import PICTURE_SUFFIXES, Roots, is_pattern

__all__ = ["held"]

_MOST_HELD = 512  # descriptors; the rest is held to its identity alone


@contextmanager
def held(sources: Iterator[Path], roots: Roots) -> Iterator[None]:
    """Hold real paths (`request_paths.sources_of`) while the block reads them. Raises PathRefused where one
    leads out of the roots, is no plain file or folder, or became another file meanwhile; MediaReadError where
    one is gone.
    """
    with contextlib.ExitStack() as stack:
        kept: list[tuple[Path, tuple[int, int]]] = []
        frames: list[tuple[Path, str]] = []
        for source in sources:
            name = source.parent if is_pattern(source) and not source.exists() else source
            target = Path(os.path.realpath(name))  # another only for links that keep their names
            kept.append((name, _opened(target, stack, is_kept=len(kept) < _MOST_HELD)))
            if roots.readable(str(name), "media") != name:  # it, or a folder on the way to it
                raise PathRefused(f"{name} leads elsewhere since it was checked; run the job again.", "media")
            if name.is_dir():
                ending = source.suffix.lower() if name != source else ""
                frames.append((name, "" if is_pattern(Path(ending)) else ending))
            elif name.suffix.lower() in PICTURE_SUFFIXES:  # it stands for its numbered neighbours, too
                frames.append((name.parent, name.suffix.lower()))
        for folder, suffix in frames:
            _require_links_inside(folder, roots, suffix)
        yield
        for folder, suffix in frames:
            with contextlib.suppress(OSError):  # gone, too
                _require_links_inside(folder, roots, suffix)
        for name, identity in kept:
            try:
                state = os.stat(name)
            except OSError:
                continue  # gone, as a card that was pulled: what was read is in the result
            if (state.st_dev, state.st_ino) != identity:
                raise PathRefused(f"{name} was replaced while the job ran; run it again.", "media")


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
