# SPDX-License-Identifier: Apache-2.0
"""The colours of the preview, RGB."""

from __future__ import annotations

__all__ = [
    "AMBER", "BACKGROUND", "CAVITY", "CLOSED", "CURVE", "DIM", "EYES", "INK", "LIPS", "PANEL", "RULE", "SKIN",
    "TEETH", "TEXT", "TONGUE", "WAVE",
]  # fmt: skip

BACKGROUND = (25, 25, 25)
PANEL = (33, 35, 38)
RULE = (58, 61, 66)
DIM = (134, 139, 147)
TEXT = (226, 228, 231)
WAVE = (112, 126, 143)
CURVE = (150, 190, 226)
CLOSED = (255, 92, 72)
AMBER = (240, 176, 72)
SKIN = (200, 200, 200)
INK = (16, 17, 18)
EYES = (92, 93, 96)
LIPS = (176, 140, 138)
CAVITY = (20, 14, 16)
TEETH = (236, 234, 226)
TONGUE = (140, 74, 76)
