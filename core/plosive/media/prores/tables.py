# SPDX-License-Identifier: Apache-2.0
"""Fixed tables of the ProRes coder: scan orders, codebooks, the cosine basis (RDD 36, clause 7)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "AC_LEVEL_BOOKS",
    "AC_RUN_BOOKS",
    "BOOKS",
    "COSINES",
    "DC_BOOKS",
    "FIRST_DC_BOOK",
    "INTERLACED_SCAN",
    "LONGEST_CODE_BITS",
    "PROGRESSIVE_SCAN",
    "SHORT_BITS",
    "SHORT_LEVELS",
    "SHORT_RUNS",
    "SHORT_WORDS",
    "SMALL_VALUES",
    "SMALL_WORDS",
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


# Codebook bytes, and which of them a context uses (RDD 36, clause 7.1.1).
_CODEBOOKS = bytes.fromhex("B8 04 28 4D 70 06 05 29 4C 0A")


def _numbers(codebooks: str) -> NDArray[np.int64]:
    """The places of codebook bytes in `_CODEBOOKS`."""
    return np.array([_CODEBOOKS.index(one) for one in bytes.fromhex(codebooks)], dtype=np.int64)


BOOKS: NDArray[np.int64] = np.array([((one & 3) + 1, one >> 5, one >> 2 & 7) for one in _CODEBOOKS])
"""(n, 3): below switch << rice order a value is coded by Rice's code, above by an exponential Golomb code."""
FIRST_DC_BOOK = 0
DC_BOOKS = _numbers("04 28 28 4D 4D 70 70")
AC_RUN_BOOKS = _numbers("06 06 05 05 04 29 29 29 29 28 28 28 28 28 28 4C")
AC_LEVEL_BOOKS = _numbers("04 0A 05 06 04 28 28 28 28 4C")

SHORT_BITS = 9
SMALL_VALUES = 64


def _word(value: int, switch: int, rice: int, exponent: int) -> tuple[int, int]:
    """(code word, bits) of a value."""
    if value < switch << rice:
        return 1 << rice | value & ((1 << rice) - 1), (value >> rice) + 1 + rice
    rest = value - (switch << rice) + (1 << exponent)
    return rest, 2 * rest.bit_length() - 1 - exponent + switch


def _small_words() -> NDArray[np.int32]:
    """(books, SMALL_VALUES): code word << 8 | bits of small values."""
    rows = [[_word(value, *book) for value in range(SMALL_VALUES)] for book in BOOKS.tolist()]
    return np.array([[word << 8 | bits for word, bits in row] for row in rows], dtype=np.int32)


def _short_words() -> NDArray[np.int16]:
    """(books, 2**SHORT_BITS): value << 8 | bits of the word that the bits start with; 0: it is longer."""
    table = np.zeros((len(BOOKS), 1 << SHORT_BITS), dtype=np.int16)
    for row, small in zip(table, SMALL_WORDS.tolist(), strict=True):
        for value, (word, bits) in enumerate((one >> 8, one & 255) for one in small):
            if bits <= SHORT_BITS:
                unused = SHORT_BITS - bits
                row[word << unused : (word + 1) << unused] = value << 8 | bits
    return table


SMALL_WORDS = _small_words()
SHORT_WORDS = _short_words()


def _with_next(books: NDArray[np.int64], added: int) -> NDArray[np.int32]:
    """SHORT_WORDS as value << 16 | next book << 8 | bits: the next one follows from the value (+ `added`)."""
    values = SHORT_WORDS.astype(np.int32) >> 8
    following = books[np.minimum(values + added, len(books) - 1)].astype(np.int32)
    known: NDArray[np.int32] = values << 16 | following << 8 | SHORT_WORDS & 255
    return np.where(SHORT_WORDS > 0, known, 0).astype(np.int32)


SHORT_RUNS = _with_next(AC_RUN_BOOKS, 0)
SHORT_LEVELS = _with_next(AC_LEVEL_BOOKS, 1)


def _cosines() -> NDArray[np.float32]:
    """(8, 8) float32: row k is the k-th basis function of the orthonormal DCT-II."""
    place = np.arange(8)
    basis: NDArray[np.float64] = np.cos((2 * place[None, :] + 1) * place[:, None] * np.pi / 16) / 2
    basis[0] /= np.sqrt(2)
    rounded: NDArray[np.float32] = basis.astype(np.float32)
    return rounded


COSINES = _cosines()
