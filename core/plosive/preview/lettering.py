# SPDX-License-Identifier: Apache-2.0
"""Words drawn once and pasted often."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

__all__ = ["Digits", "paste", "word"]

Colour = tuple[int, int, int]


@lru_cache(maxsize=512)
def word(text: str, size: int) -> NDArray[np.uint16]:
    """How much of each pixel `text` covers, 0..255, (h, w); all texts of a size share a baseline."""
    from PIL import Image, ImageDraw, ImageFont

    font = ImageFont.load_default(size)
    width = max(1, round(font.getlength(text)) + 2)
    mask = Image.new("L", (width, round(size * 1.35)))
    ImageDraw.Draw(mask).text((1, 0), text, fill=255, font=font)
    return np.asarray(mask, np.uint16)


def paste(picture: NDArray[np.uint8], text: str, size: int, left: int, top: int, colour: Colour) -> int:
    """Put `text` into `picture` (h, w, 3), cut at its edges; the column after it is returned."""
    mask = word(text, size)
    height, width = mask.shape
    x, y = max(left, 0), max(top, 0)
    right, bottom = min(left + width, picture.shape[1]), min(top + height, picture.shape[0])
    if right > x and bottom > y:
        share = mask[y - top : bottom - top, x - left : right - left, None]
        part = picture[y:bottom, x:right]
        part[:] = (part * (255 - share) + np.array(colour, np.uint16) * share) // 255
    return left + width


class Digits:
    """Numbers that change every frame: each sign is drawn once, on its ground, all equally wide."""

    def __init__(self, size: int, colour: Colour, ground: Colour) -> None:
        width = max(word(sign, size).shape[1] for sign in "0123456789")
        height = word("0", size).shape[0]
        self._signs: dict[str, NDArray[np.uint8]] = {}
        for sign in "0123456789:;-. ":
            cell = np.full((height, width if sign.isdigit() else width * 6 // 10, 3), ground, np.uint8)
            paste(cell, sign, size, (cell.shape[1] - word(sign, size).shape[1]) // 2, 0, colour)
            self._signs[sign] = cell

    def put(self, picture: NDArray[np.uint8], text: str, left: int, top: int) -> None:
        """Write `text` (digits and `:;-. `) inside `picture`."""
        for sign in text:
            cell = self._signs[sign]
            picture[top : top + cell.shape[0], left : left + cell.shape[1]] = cell
            left += cell.shape[1]
