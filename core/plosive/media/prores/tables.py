# SPDX-License-Identifier: Apache-2.0
"""Fixed tables of the ProRes coder: scan orders, codebooks, the cosine basis (RDD 36, clause 7)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "AC_LEVEL_BOOKS",
    "AC_RUN_BOOKS",
    "COSINES",
    "DC_BOOKS",
    "FIRST_DC_BOOK",
    "INTERLACED_SCAN",
    "LONGEST_CODE_BITS",
    "PROGRESSIVE_SCAN",
]

# Scan position -> place in the 8x8 block, counted row by row.
PROGRESSIVE_SCAN = (
    *(0, 1, 8, 9, 2, 3, 10, 11, 16, 17, 24, 25, 18, 19, 26, 27),
    *(4, 5, 12, 20, 13, 6, 7, 14, 21, 28, 29, 22, 15, 23, 30, 31),
    *(32, 33, 40, 48, 41, 34, 35, 42, 49, 56, 57, 50, 43, 36, 37, 44),
    *(51, 58, 59, 52, 45, 38, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63),
)
INTERLACED_SCAN = (
    *(0, 8, 1, 9, 16, 24, 17, 25, 2, 10, 3, 11, 18, 26, 19, 27),
    *(32, 40, 33, 34, 41, 48, 56, 49, 42, 35, 43, 50, 57, 58, 51, 59),
    *(4, 12, 5, 6, 13, 20, 28, 21, 14, 7, 15, 22, 29, 36, 44, 37),
    *(30, 23, 31, 38, 45, 52, 60, 53, 46, 39, 47, 54, 61, 62, 55, 63),
)

LONGEST_CODE_BITS = 31
"""FFmpeg's decoder takes no longer code word. Apple's encoder was seen to write some of 27."""


def _book(codebook: int) -> tuple[int, int, int]:
    """(switch, rice order, exponential order) of a codebook byte."""
    return (codebook & 3) + 1, codebook >> 5, (codebook >> 2) & 7


def _books(codebooks: bytes) -> NDArray[np.int64]:
    """(n, 3) int64: one row of `_book` per context."""
    return np.array([_book(one) for one in codebooks], dtype=np.int64)


FIRST_DC_BOOK = _books(bytes.fromhex("B8"))
DC_BOOKS = _books(bytes.fromhex("0428284D4D7070"))
AC_RUN_BOOKS = _books(bytes.fromhex("060605050429292929282828282828 4C"))
AC_LEVEL_BOOKS = _books(bytes.fromhex("040A050604282828284C"))


def _cosines() -> NDArray[np.float32]:
    """(8, 8) float32: row k is the k-th basis function of the orthonormal DCT-II."""
    place = np.arange(8)
    basis: NDArray[np.float64] = np.cos((2 * place[None, :] + 1) * place[:, None] * np.pi / 16) / 2
    basis[0] /= np.sqrt(2)
    rounded: NDArray[np.float32] = basis.astype(np.float32)
    return rounded


COSINES = _cosines()
