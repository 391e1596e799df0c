# SPDX-License-Identifier: Apache-2.0
"""Who is in a clip (faces.proto)."""

from __future__ import annotations

from dataclasses import dataclass

from plosive_client.clip import FrameRange

__all__ = ["FaceTrack", "Faces", "Person"]


@dataclass(frozen=True)
class FaceTrack:
    """One person through one stretch of frames. `boxes` holds left, top, width, height in upright pixels, one
    box for every `box_step_frames` frames.
    """

    range: FrameRange
    face_width_pixels: float = 0.0
    box_step_frames: int = 0
    boxes: tuple[float, ...] = ()


@dataclass(frozen=True)
class Person:
    """`number` or `name` is what `Voice.face` takes. `thumbnail_jpeg` may be empty."""

    number: int
    name: str = ""
    thumbnail_jpeg: bytes = b""
    tracks: tuple[FaceTrack, ...] = ()


@dataclass(frozen=True)
class Faces:
    """Everybody in the clip; `shot_cut_frames` are first frames of new shots."""

    people: tuple[Person, ...] = ()
    width: int = 0
    height: int = 0
    shot_cut_frames: tuple[int, ...] = ()
    warnings: tuple[str, ...] = ()
