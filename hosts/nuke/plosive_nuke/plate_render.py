# SPDX-License-Identifier: Apache-2.0
"""Writes what comes into the node as EXR, through the Write inside it. Main thread only."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import nuke
from plosive_host import PlosiveHostError
from plosive_nuke.colour import working_colour
from plosive_nuke.picture_files import frame_files
from plosive_nuke.plate import Plate
from plosive_nuke.showing import inner
from plosive_nuke.upstream import upstream_key

__all__ = ["rendered_plate"]

_READ_KNOBS: tuple[tuple[str, str | bool], ...] = (("raw", True), ("premultiplied", False))


def rendered_plate(group: nuke.Node, folder: str, first: int, last_inclusive: int, view: str) -> Plate:
    """The input of `group` (a LipSync node) for these frames of the script, as EXR in `folder`: working
    space, no proxy, red, green and blue as 32-bit floats, with data window and metadata. No alpha: an empty
    one would say that there is nothing to sync. What was written before from the same nodes and files is used
    again. The folder gets its name when all frames are there.

    Raises PlosiveHostError where nothing is connected, or the rendering failed or was cancelled.
    """
    source = group.input(0)
    if source is None:
        raise PlosiveHostError(
            f"Nothing is connected to {group.name()}; connect the plate to its first input.", "NUKE"
        )
    key = upstream_key(source, first, last_inclusive, view)[:12]
    place = os.path.join(folder, f"plate_{view}_{first}-{last_inclusive}_{key}")
    pattern = os.path.join(place, "plate.%04d.exr").replace("\\", "/")
    files = frame_files(pattern)
    if files is None or files.missing(first, last_inclusive):
        _write(group, place, first, last_inclusive, view)
    return Plate(
        pattern, False, 0, first, last_inclusive, working_colour(), _READ_KNOBS, "", is_rendered=True
    )


def _write(group: nuke.Node, place: str, first: int, last_inclusive: int, view: str) -> None:
    part = f"{place}.{os.getpid()}.part"
    shutil.rmtree(part, ignore_errors=True)
    try:
        os.makedirs(part)
        with _ready(group, os.path.join(part, "plate.%04d.exr").replace("\\", "/")) as write:
            nuke.execute(write, first, last_inclusive, 1, [view])
        files = frame_files(os.path.join(part, "plate.%04d.exr"))
        if files is None or files.missing(first, last_inclusive):
            raise PlosiveHostError(f"Nuke did not write all frames of the plate to {part}.", "NUKE")
        if os.path.isdir(place):
            shutil.rmtree(place)  # ours, of the same key, and not whole
        os.rename(part, place)
    except RuntimeError as error:
        told = str(error).strip().rstrip(".")
        if "cancel" in told.lower():
            raise PlosiveHostError("The plate's rendering was cancelled.", "CANCELLED") from error
        raise PlosiveHostError(
            f"The plate above {group.name()} cannot be rendered: {told}.", "NUKE"
        ) from error
    except OSError as error:
        raise PlosiveHostError(
            f"The plate cannot be written to {place}: {error.strerror}; choose another folder.", "NUKE"
        ) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)


@contextmanager
def _ready(group: nuke.Node, path: str) -> Iterator[nuke.Node]:
    """The Write switched on, proxy off; all as before afterwards, and nothing of it to be undone."""
    write = inner(group, "PlateWrite")
    proxy = nuke.root()["proxy"]
    was_proxy = bool(proxy.value())
    nuke.Undo.disable()
    try:
        if was_proxy:
            proxy.setValue(False)
        write["file"].setValue(path)
        write["disable"].setValue(False)
        yield write
    finally:
        write["disable"].setValue(True)
        write["file"].setValue("")
        if was_proxy:
            proxy.setValue(True)
        nuke.Undo.enable()
