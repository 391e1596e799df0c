# SPDX-License-Identifier: Apache-2.0
"""Many pictures on one page, each with its label."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from plosive.errors import OptionError

__all__ = ["contact_sheet", "labelled"]

_BACKGROUND = 28
_TEXT = 235
_GAP_PIXELS = 8


def contact_sheet(
    images: Sequence[NDArray[np.uint8]], labels: Sequence[str], columns: int
) -> NDArray[np.uint8]:
    """`images` (h, w, 3) of one size, row by row, `columns` in each, over their labels: (H, W, 3) uint8."""
    if not images or len(images) != len(labels) or columns < 1:
        raise OptionError(
            "A contact sheet needs at least one picture, a label for each, and one column or more."
        )
    cells = [labelled(image, label) for image, label in zip(images, labels, strict=True)]
    height, width = cells[0].shape[:2]
    columns = min(columns, len(cells))
    rows = -(-len(cells) // columns)
    sheet = np.full(
        (
            rows * (height + _GAP_PIXELS) + _GAP_PIXELS,
            columns * (width + _GAP_PIXELS) + _GAP_PIXELS,
            3,
        ),
        _BACKGROUND,
        np.uint8,
    )
    for position, cell in enumerate(cells):
        top = _GAP_PIXELS + position // columns * (height + _GAP_PIXELS)
        left = _GAP_PIXELS + position % columns * (width + _GAP_PIXELS)
        sheet[top : top + height, left : left + width] = cell
    return sheet


def labelled(image: NDArray[np.uint8], label: str) -> NDArray[np.uint8]:
    """`image` with a strip under it that holds `label`."""
    from PIL import Image, ImageDraw, ImageFont

    width = image.shape[1]
    size = max(11, min(22, width // 14))
    strip = Image.new("RGB", (width, size + 10), (_BACKGROUND,) * 3)
    ImageDraw.Draw(strip).text((4, 3), label, fill=(_TEXT,) * 3, font=ImageFont.load_default(size))
    return np.concatenate([image, np.asarray(strip)], axis=0)
