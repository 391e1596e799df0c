# SPDX-License-Identifier: Apache-2.0
"""Who is in a clip, from the daemon's answer to `faces`, for the dialog."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["Person", "people_of"]


@dataclass(frozen=True)
class Person:
    """`face` is what a voice's `face` takes; `picture_path` a JPEG, empty: none; `frames_seen` in it."""

    face: str
    name: str
    frames_seen: int
    width_pixels: int
    picture_path: str = ""

    @property
    def label(self) -> str:
        """Such as "1: Anna, 96 frames, 210 pixels wide"."""
        who = f"{self.face}: {self.name}" if self.name else f"Face {self.face}"
        return f"{who}, {self.frames_seen} frames, {self.width_pixels} pixels wide"


def people_of(faces: Mapping[str, Any], folder: Path) -> tuple[Person, ...]:
    """The people of a `faces` answer, those seen longest first; pictures go to `folder`, which exists."""
    people = []
    for told in faces.get("people") or ():
        number = int(told["number"])
        tracks = told.get("tracks") or ()
        spans = [
            int(track["range"]["last_frame_inclusive"]) - int(track["range"]["first_frame"]) + 1
            for track in tracks
        ]
        widths = [float(track.get("face_width_pixels") or 0) for track in tracks]
        people.append(
            Person(
                str(number),
                str(told.get("name") or ""),
                sum(spans),
                round(max(widths, default=0.0)),
                _picture(told.get("thumbnail_jpeg"), folder / f"face{number}.jpg"),
            )
        )
    return tuple(sorted(people, key=lambda person: -person.frames_seen))


def _picture(told: object, path: Path) -> str:
    """A dialog without a picture is better than none: what can't be written is left out."""
    if not told or not isinstance(told, str):
        return ""
    try:
        path.write_bytes(base64.b64decode(told, validate=True))
    except (OSError, binascii.Error):
        return ""
    return str(path)
