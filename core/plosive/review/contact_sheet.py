# SPDX-License-Identifier: Apache-2.0
"""Many pictures on one page, each with its label."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plosive.errors import OptionError

__all__ = ["SheetRow", "contact_sheet", "labelled", "titled_sheet"]

_BACKGROUND = 28
_TEXT = 235
_QUIET = 160
_RULE = 70
_GAP_PIXELS = 8
_TITLE_PIXELS, _SUBTITLE_PIXELS = 26, 17
_LEAST_COLUMNS = 4


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


@dataclass(frozen=True)
class SheetRow:
    """One row of a titled sheet: pictures (h, w, 3) of one size with their labels, under a title."""

    title: str
    subtitle: str
    images: tuple[NDArray[np.uint8], ...]
    labels: tuple[str, ...]


def titled_sheet(rows: Sequence[SheetRow]) -> NDArray[np.uint8]:
    """Rows of pictures of different lengths, each with a title and a line of text over it: (H, W, 3) uint8.

    All pictures are of one size. A line too long for the sheet is broken after a comma.
    """
    if not rows or not all(row.images and len(row.images) == len(row.labels) for row in rows):
        raise OptionError("A titled sheet needs at least one row, and in each row a label for each picture.")
    cell = labelled(rows[0].images[0], "")
    columns = max(_LEAST_COLUMNS, *(len(row.images) for row in rows))
    width = columns * (cell.shape[1] + _GAP_PIXELS) + _GAP_PIXELS
    parts = []
    for row in rows:
        parts.append(_title(row.title, row.subtitle, width))
        strip = np.full((cell.shape[0] + _GAP_PIXELS, width, 3), _BACKGROUND, np.uint8)
        for place, (image, label) in enumerate(zip(row.images, row.labels, strict=True)):
            left = _GAP_PIXELS + place * (cell.shape[1] + _GAP_PIXELS)
            strip[: cell.shape[0], left : left + cell.shape[1]] = labelled(image, label)
        parts.append(strip)
    return np.concatenate(parts)


def _title(title: str, subtitle: str, width: int) -> NDArray[np.uint8]:
    from PIL import Image, ImageDraw, ImageFont

    large, small = ImageFont.load_default(_TITLE_PIXELS), ImageFont.load_default(_SUBTITLE_PIXELS)
    indent = _GAP_PIXELS + int(large.getlength(title)) + 2 * _GAP_PIXELS
    room = max(width - indent - _GAP_PIXELS, width // 3)
    lines = [""]
    for part in subtitle.replace(", ", ",\n").split("\n"):
        longer = f"{lines[-1]} {part}".strip()
        if lines[-1] and small.getlength(longer) > room:
            lines.append(part)
        else:
            lines[-1] = longer
    step = _SUBTITLE_PIXELS + 6
    picture = Image.new("RGB", (width, max(_TITLE_PIXELS + 16, step * len(lines) + 14)), (_BACKGROUND,) * 3)
    draw = ImageDraw.Draw(picture)
    draw.line((_GAP_PIXELS, 2, width - _GAP_PIXELS, 2), fill=(_RULE,) * 3)
    draw.text((_GAP_PIXELS, 6), title, fill=(_TEXT,) * 3, font=large)
    for number, line in enumerate(lines):
        draw.text((indent, 6 + _TITLE_PIXELS - _SUBTITLE_PIXELS + number * step), line, (_QUIET,) * 3, small)
    return np.asarray(picture, dtype=np.uint8)
