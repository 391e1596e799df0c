# SPDX-License-Identifier: Apache-2.0
"""Looks before the job: who is in the plate, and one frame as it would become."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nuke
from plosive_host import PlosiveHostError
from plosive_host.log import log_path
from plosive_nuke.desk import LOG_NAME, desk
from plosive_nuke.frame_rate import script_rate
from plosive_nuke.knobs import set_choices
from plosive_nuke.panel import AUTOMATIC_FACE, PLACED_FACE
from plosive_nuke.plan import plate_of, plate_size
from plosive_nuke.request import clip_of, sync_of
from plosive_nuke.settings import Settings, read_settings
from plosive_nuke.showing import inner, is_alive, tell

__all__ = ["analyse", "preview"]

_MOST_PIXELS = 2048  # what a daemon makes at most


def analyse(node: nuke.Node) -> None:
    """Look for faces in the range; the choice of faces then lists the people. Raises PlosiveHostError."""
    settings = read_settings(node, is_dub_needed=False)
    session = desk().session(settings.python)
    plate = plate_of(node, settings, settings.views[0])
    tell(node, "status", "Looking for faces.")

    def found(message: dict[str, Any]) -> None:
        people = (message.get("faces") or {}).get("people") or []
        told = [_person(person, plate.shift) for person in people]
        was = str(node["face"].value())
        choices = [AUTOMATIC_FACE, PLACED_FACE, *told]
        with nuke.Undo("Faces of Lip Sync"):
            set_choices(node, "face", choices)
            number = was.split(" ", 1)[0]
            kept = [one for one in choices if one == was or one.split(" ", 1)[0] == number]
            node["face"].setValue(kept[0] if kept else AUTOMATIC_FACE)
        who = (
            f"{len(told)} {'person' if len(told) == 1 else 'people'}: {'; '.join(told)}."
            if told
            else "No face was found."
        )
        tell(node, "status", who)

    session.request(
        "faces",
        {"clip": clip_of(settings, plate, script_rate())},
        on_event=lambda event: _progress(node, "Looking for faces", event),
        on_done=lambda message: _alive(node, found, message),
        on_error=lambda error: _failed(node, error),
    )


def preview(node: nuke.Node) -> None:
    """Make the current frame and show it. Raises PlosiveHostError."""
    settings = read_settings(node)
    frame = int(nuke.frame())
    if not settings.first <= frame <= settings.last_inclusive:
        raise PlosiveHostError(
            f"Frame {frame} is not in the range {settings.first} to {settings.last_inclusive}.", "NUKE"
        )
    session = desk().session(settings.python)
    plate = plate_of(node, settings, settings.views[0])
    width, height = plate_size(node)
    picture = _place(settings, node.name(), frame)
    tell(node, "status", f"Making frame {frame}.")

    def made(message: dict[str, Any]) -> None:
        told = message.get("frame") or {}
        with nuke.Undo("Preview of Lip Sync"):
            read = inner(node, "Preview")
            read["file"].setValue(picture)
            for name in ("first", "last", "origfirst", "origlast"):
                read[name].setValue(frame)
            read["raw"].setValue(False)
            size = inner(node, "PreviewSize")
            size["box_width"].setValue(width)
            size["box_height"].setValue(height)
            node["preview_frame"].setValue(frame)
            node["has_preview"].setValue(1)
            node["show"].setValue("preview")
        reason = str(told.get("reason") or "")
        tell(
            node,
            "status",
            f"Frame {frame} is shown."
            if told.get("is_synced")
            else f"Frame {frame} keeps the plate: {reason}",
        )

    session.request(
        "frame",
        {
            "frame": frame + plate.shift,
            "largest_side_pixels": min(max(width, height), _MOST_PIXELS),
            "image_path": picture,
            "sync": sync_of(settings, plate, script_rate(), height, "", ""),
        },
        on_event=lambda event: _progress(node, f"Making frame {frame}", event),
        on_done=lambda message: _alive(node, made, message),
        on_error=lambda error: _failed(node, error),
    )


def _place(settings: Settings, name: str, frame: int) -> str:
    """A new name each time, as Nuke keeps pictures by name; earlier ones of this node go."""
    folder = Path(settings.folder) / "previews"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob(f"{name}_*.jpg"):
            old.unlink()
    except OSError as error:
        raise PlosiveHostError(f"{folder} cannot be written to: {error.strerror}.", "MEDIA_WRITE") from error
    return os.path.join(str(folder), f"{name}_{frame}_{time.time_ns()}.jpg").replace("\\", "/")


def _person(person: dict[str, Any], shift: int) -> str:
    name = str(person.get("name") or "").replace('"', "'")
    ranges = [track.get("range") or {} for track in person.get("tracks") or []]
    frames = ""
    if ranges:
        first = min(int(one.get("first_frame", 0)) for one in ranges) - shift
        last = max(int(one.get("last_frame_inclusive", 0)) for one in ranges) - shift
        frames = f" (frames {first} to {last})"
    return f"{person.get('number')}{' ' + name if name else ''}{frames}"


def _progress(node: nuke.Node, what: str, event: dict[str, Any]) -> None:
    told = event.get("progress") or {}
    if told.get("frames_total"):
        text = f"{what}: {told.get('frames_done')} of {told['frames_total']}."
        _alive(node, lambda _: tell(node, "status", text), {})


def _failed(node: nuke.Node, error: PlosiveHostError) -> None:
    desk().log.warning("%s (%s)", error, error.code)
    _alive(node, lambda _: tell(node, "status", str(error)), {})
    if nuke.GUI:
        nuke.message(f"{error}\n\nLog: {log_path(LOG_NAME)}")


def _alive(node: nuke.Node, action: Callable[[dict[str, Any]], object], message: dict[str, Any]) -> None:
    """Do it unless the node was deleted meanwhile; whatever goes wrong is told."""
    if not is_alive(node):
        return
    try:
        action(message)
    except PlosiveHostError as error:
        tell(node, "status", str(error))
    except Exception as error:
        desk().log.exception("%s", node.fullName())
        tell(node, "status", f"Lip Sync failed unexpectedly ({type(error).__name__}); the log tells more.")
