# SPDX-License-Identifier: Apache-2.0
"""Numbers that tell one frontal face from another whatever the light: local binary patterns and gradients.

Both are classical and need no weights: uniform local binary patterns after Ahonen, Hadid and Pietikainen
2006, histograms of oriented gradients after Dalal and Triggs 2005, on a picture whose light was evened out
first (Tan and Triggs 2010). Both are histograms in a fixed grid of cells.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from plosive.faces.people.texture import HEIGHT, WIDTH, FrontalFace

__all__ = ["CELLS", "GRADIENT_BINS", "PATTERN_BINS", "describe", "mirrored"]

_CELL = 8
_ROWS, _COLUMNS = HEIGHT // _CELL, WIDTH // _CELL
CELLS = _ROWS * _COLUMNS
"""Cells of the grid, row by row."""

PATTERN_BINS = 59
GRADIENT_BINS = 8

_LEAST_SEEN = 0.05
_DARKEST = 8.0
_LONGEST_STEP = 3.0
_RADIUS = 2.0
_DIAGONAL = _RADIUS / 2**0.5
_NEIGHBOURS = (  # right, then clockwise, in pixels
    (_RADIUS, 0.0),
    (_DIAGONAL, _DIAGONAL),
    (0.0, _RADIUS),
    (-_DIAGONAL, _DIAGONAL),
    (-_RADIUS, 0.0),
    (-_DIAGONAL, -_DIAGONAL),
    (0.0, -_RADIUS),
    (_DIAGONAL, -_DIAGONAL),
)


def describe(face: FrontalFace) -> tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.uint8]]:
    """Patterns (72, 59), gradients (72, 8) and how much of each cell was seen (72,), all uint8 of 255.

    A cell's patterns are the square roots of a histogram of sum 1, its gradients have length 1 at most, so
    differences of both lie between 0 and 2 (squared).
    """
    import cv2

    grey = cv2.cvtColor(face.texture, cv2.COLOR_RGB2GRAY).astype(np.float32)
    logarithm = np.log(grey + np.float32(_DARKEST))
    mask = (face.seen > _LEAST_SEEN).astype(np.float32)
    smooth = _blurred(logarithm, mask, 0.8)
    seen = face.seen.reshape(_ROWS, _CELL, _COLUMNS, _CELL).mean(axis=(1, 3)).ravel()
    return (
        _to_bytes(_patterns(smooth, mask, logarithm)),
        _to_bytes(_gradients(smooth, mask)),
        _to_bytes(seen),
    )


def mirrored(cells: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """What `describe` gives for the mirrored face: (..., 72, bins) or (..., 72) in, the same shape out."""
    bins = cells.shape[-1]
    if bins == CELLS:
        return np.ascontiguousarray(cells[..., _cell_mirror()])
    order = _pattern_mirror() if bins == PATTERN_BINS else (GRADIENT_BINS // 2 - np.arange(bins)) % bins
    return np.ascontiguousarray(cells[..., _cell_mirror(), :][..., order])


def _blurred(values: NDArray[np.float32], mask: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    """Gaussian blur that takes nothing from outside the mask."""
    import cv2

    weight = cv2.GaussianBlur(mask, (0, 0), sigma)
    return np.asarray(cv2.GaussianBlur(values * mask, (0, 0), sigma) / np.maximum(weight, 1e-3))


def _patterns(
    smooth: NDArray[np.float32], mask: NDArray[np.float32], logarithm: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Square roots of the histograms of uniform patterns per cell, (72, 59)."""
    import cv2

    even = (smooth - _blurred(logarithm, mask, 6.0)) * mask
    usual = np.sqrt(
        cv2.GaussianBlur(even * even, (0, 0), 6) / np.maximum(cv2.GaussianBlur(mask, (0, 0), 6), 0.01)
    )
    even = np.clip(even / (usual + 0.01), -_LONGEST_STEP, _LONGEST_STEP) * mask
    code = np.zeros((HEIGHT, WIDTH), dtype=np.uint8)
    for bit, (right, down) in enumerate(_NEIGHBOURS):
        move = np.array([[1, 0, right], [0, 1, down]], dtype=np.float32)
        beside = cv2.warpAffine(even, move, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
        code |= (beside > even).astype(np.uint8) << np.uint8(bit)
    rows, columns = np.nonzero(mask)
    cell = rows // _CELL * _COLUMNS + columns // _CELL
    place = cell * PATTERN_BINS + _uniform()[code[rows, columns]]
    counts = np.bincount(place, minlength=CELLS * PATTERN_BINS).reshape(CELLS, PATTERN_BINS)
    return np.asarray(np.sqrt(counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)), dtype=np.float32)


def _gradients(smooth: NDArray[np.float32], mask: NDArray[np.float32]) -> NDArray[np.float32]:
    """Gradient directions (all around, eight) per cell, cells overlapping: (72, 8)."""
    import cv2

    inner = cv2.erode(mask, np.ones((3, 3), dtype=np.uint8))
    across = cv2.Sobel(smooth, cv2.CV_32F, 1, 0) * inner
    down = cv2.Sobel(smooth, cv2.CV_32F, 0, 1) * inner
    length = np.hypot(across, down)
    angle = np.arctan2(down, across) / (2 * np.pi) * GRADIENT_BINS % GRADIENT_BINS
    lower = np.floor(angle)
    rest = angle - lower
    planes = np.empty((HEIGHT, WIDTH, GRADIENT_BINS), dtype=np.float32)
    first = lower.astype(int) % GRADIENT_BINS
    for bin_number in range(GRADIENT_BINS):
        after = (first + 1) % GRADIENT_BINS == bin_number
        share = np.where(first == bin_number, 1 - rest, 0) + np.where(after, rest, 0)
        planes[..., bin_number] = length * share
    # Cell centres lie between pixels: the mean of the four around them keeps a mirrored face mirrored.
    spread = cv2.GaussianBlur(planes, (0, 0), 0.45 * _CELL)
    middle = _CELL // 2
    sampled = sum(
        spread[middle - up :: _CELL, middle - left :: _CELL] for up in (0, 1) for left in (0, 1)
    ) / np.float32(4)
    cells = np.asarray(sampled, dtype=np.float32).reshape(CELLS, GRADIENT_BINS)
    return np.asarray(cells / (np.linalg.norm(cells, axis=1, keepdims=True) + np.float32(0.02)))


def _to_bytes(values: NDArray[np.float32]) -> NDArray[np.uint8]:
    return np.asarray(np.rint(np.clip(values, 0, 1) * 255), dtype=np.uint8)


@lru_cache(maxsize=1)
def _uniform() -> NDArray[np.int64]:
    """Bin of each code: one of its own for the 58 with at most two changes around, the last for the rest."""
    bins = np.full(256, PATTERN_BINS - 1, dtype=np.int64)
    bins[_uniform_codes()] = np.arange(PATTERN_BINS - 1)
    return bins


def _uniform_codes() -> list[int]:
    return [code for code in range(256) if bin(code ^ (code >> 1 | (code & 1) << 7)).count("1") <= 2]


@lru_cache(maxsize=1)
def _pattern_mirror() -> NDArray[np.int64]:
    """For each bin, the bin it is in the mirrored picture."""
    flipped = [sum(1 << (4 - bit) % 8 for bit in range(8) if code >> bit & 1) for code in _uniform_codes()]
    return np.array([*_uniform()[flipped], PATTERN_BINS - 1], dtype=np.int64)


@lru_cache(maxsize=1)
def _cell_mirror() -> NDArray[np.int64]:
    return np.arange(CELLS).reshape(_ROWS, _COLUMNS)[:, ::-1].ravel()
