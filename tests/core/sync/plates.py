# SPDX-License-Identifier: Apache-2.0
"""Descriptions of plates that no file stands behind."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from plosive.colour.transfer import Transfer
from plosive.media.plate import PlateInfo, PlateKind


def a_plate(frames: int, start_timecode: str | None = None) -> PlateInfo:
    """A plate of 25 frames a second from frame 1001 on."""
    return PlateInfo(
        path=Path("plate.mov"), kind=PlateKind.VIDEO, width=640, height=360, frame_count=frames,
        frame_rate=Fraction(25), first_frame=1001, start_timecode=start_timecode, pixel_aspect=Fraction(1),
        codec="ffv1", pixel_format="yuv444p", bit_depth=8, is_float=False, is_variable_rate=False,
        is_interlaced=False, has_alpha=False, has_audio=False, rotation_degrees=0, transfer=Transfer.BT1886,
    )  # fmt: skip
