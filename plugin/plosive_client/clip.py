# SPDX-License-Identifier: Apache-2.0
"""What is synced: a range of a clip, and the speech that comes on it (clip.proto says units and bounds)."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

__all__ = ["ClipRange", "Curve", "CurveKey", "FrameRange", "Retime", "RetimeKey", "Voice"]


@dataclass(frozen=True)
class FrameRange:
    """Frames in the media's own numbers: file numbers of an image sequence, from 0 in a video."""

    first_frame: int
    last_frame_inclusive: int


@dataclass(frozen=True)
class RetimeKey:
    """The media's frame (its own numbers) that is seen so many seconds after the clip's first moment."""

    media_frame: Fraction
    timeline_seconds: Fraction


@dataclass(frozen=True)
class Retime:
    """At least two keys with rising frames; time runs straight between them."""

    keys: tuple[RetimeKey, ...]


@dataclass(frozen=True)
class ClipRange:
    """A piece of media as an edit uses it. None and empty: not said, the daemon's default holds.

    `sequence_rate` is in frames a second, `handle_frames` None means that the whole media is written.
    """

    media_path: str
    range: FrameRange | None = None
    sequence_rate: Fraction | None = None
    handle_frames: int | None = None
    retime: Retime | None = None
    view: str = ""
    colorspace: str = ""
    ocio_config_path: str = ""


@dataclass(frozen=True)
class Voice:
    """Speech that one face shall say. `dub_start_seconds` counts from the media's first frame; `dub_channel`
    from 1, 0 mixes all; `face` is a number or name of `Faces`, X,Y@FRAME or X,Y,W,H@FRAME.
    """

    dub_path: str = ""
    dub_start_seconds: Fraction | None = None
    dub_channel: int = 0
    transcript: str = ""
    transcript_path: str = ""
    language: str = ""
    motion_path: str = ""
    face: str = ""


@dataclass(frozen=True)
class CurveKey:
    """A value at a frame, in the media's own numbers."""

    media_frame: Fraction
    value: float


@dataclass(frozen=True)
class Curve:
    """A value over time. One key: it is constant."""

    keys: tuple[CurveKey, ...]
