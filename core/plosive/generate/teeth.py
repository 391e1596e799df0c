# SPDX-License-Identifier: Apache-2.0
"""Rows of teeth drawn from mean human proportions: for mouths that no picture shows from inside."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["CELL_IOD", "TeethRow", "lower_row", "upper_row"]

CELL_IOD = 0.004
"""Size of a cell of a drawn row, in inter-ocular distances (outer eye corners, about 90 mm)."""

_UPPER_WIDTHS = (0.093, 0.070, 0.074, 0.054, 0.040, 0.026)
_UPPER_LENGTHS = (0.112, 0.098, 0.106, 0.090, 0.080, 0.070)
_LOWER_WIDTHS = (0.058, 0.063, 0.067, 0.054, 0.042, 0.028)
_LOWER_LENGTHS = (0.092, 0.094, 0.100, 0.090, 0.080, 0.070)
_EDGE_RISE = (0.0, 0.008, 0.0, 0.010, 0.018, 0.026)
"""From the middle outwards, as seen from the front: crowns of premolars and molars are turned away.
After mean crown sizes in Ash and Nelson, Wheeler's Dental Anatomy, 2003."""

_HALF_WIDTH, _HEIGHT = 0.38, 0.18
_ROOT, _GUM_FROM = 0.085, 0.06
_CORNER = 0.014
_GAP_SHADE = 0.82


@dataclass(frozen=True)
class TeethRow:
    """A row of teeth: `cover`, `shade` and the `gum` around them (h, w) float32, 0..1, cells of 0.004
    inter-ocular distances; the incisors' edge lies `edge_row` cells from the top, the middle in the middle.
    """

    cover: NDArray[np.float32]
    shade: NDArray[np.float32]
    gum: NDArray[np.float32]
    edge_row: float


def upper_row() -> TeethRow:
    """The teeth of the skull: edges below."""
    return _row(_UPPER_WIDTHS, _UPPER_LENGTHS, 1.0)


def lower_row() -> TeethRow:
    """The teeth of the jaw: edges above."""
    row = _row(_LOWER_WIDTHS, _LOWER_LENGTHS, -1.0)
    cover, shade, gum = (np.ascontiguousarray(part[::-1]) for part in (row.cover, row.shade, row.gum))
    return TeethRow(cover, shade, gum, len(cover) - 1 - row.edge_row)


def _row(widths: tuple[float, ...], lengths: tuple[float, ...], rises: float) -> TeethRow:
    """Edges below; towards the sides they rise (1) or, of lower teeth that bite on them, sink (-1)."""
    columns = 2 * round(_HALF_WIDTH / CELL_IOD) + 1
    rows = round(_HEIGHT / CELL_IOD)
    x = np.abs(np.arange(columns) - columns // 2) * CELL_IOD
    edge = rows - 9
    above = (edge - np.arange(rows, dtype=np.float64))[:, None] * CELL_IOD
    cover, shade = np.zeros((rows, columns)), np.zeros((rows, columns))
    start, rise_at = 0.0, np.zeros(columns)
    for width, length, risen in zip(widths, lengths, _EDGE_RISE, strict=True):
        rise = rises * risen
        own = _tooth(x[None] - (start + width / 2), above - rise, width, length)
        # Round from side to side and from neck to edge, and darker the further back it stands.
        round_off = 1 - 0.14 * np.abs((x[None] - start - width / 2) / (width / 2)) ** 3
        along = np.clip((above - rise) / length, 0, 1)
        form = (0.97 + 0.12 * along - 0.20 * along**2) * round_off * (1 - 1.5 * (start + width / 2) ** 1.5)
        shade = np.where(own > cover, form, shade)
        cover = np.maximum(cover, own)
        rise_at[(x >= start) & (x < start + width)] = rise
        start += width
    between = np.where(cover > 0, shade, shade.max(axis=0)[None])
    # The chinks between teeth are dark, not see-through, above the edge.
    known = (cover.max(axis=0) > 0)[None]
    high = above - rise_at
    filled = np.where(known & (high > 0.012) & (high < _ROOT), np.maximum(cover, 0.95), cover)
    shown = between * (_GAP_SHADE + (1 - _GAP_SHADE) * np.clip(cover, 0, 1))
    gum = known * np.clip((above - _GUM_FROM) / 0.02, 0, 1)
    return TeethRow(
        filled.astype(np.float32),
        np.clip(shown, 0, 1).astype(np.float32),
        gum.astype(np.float32),
        float(edge),
    )


def _tooth(
    across: NDArray[np.float64], above: NDArray[np.float64], width: float, length: float
) -> NDArray[np.float64]:
    """Cover of one tooth: a rectangle with round corners, its sides narrowing to the neck."""
    half = width / 2 * (1 - 0.10 * np.clip(above / length, 0, 1)) - 0.0005
    aside = np.abs(across) - (half - _CORNER)
    below = np.abs(above - length / 2) - (length / 2 - _CORNER)
    outside = np.hypot(np.maximum(aside, 0), np.maximum(below, 0)) + np.minimum(np.maximum(aside, below), 0)
    return np.asarray(np.clip(0.5 - (outside - _CORNER) / CELL_IOD, 0, 1))
