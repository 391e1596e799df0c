# SPDX-License-Identifier: Apache-2.0
"""Columns of the table that says where each slice of a picture lies: one row of int64 per slice.

A table and not objects: a UHD frame has 4080 slices, and compiled code reads it.
"""

from __future__ import annotations

__all__ = [
    "BATCH",
    "COEFFICIENTS",
    "COLUMNS",
    "HEADER",
    "MB_COUNT",
    "MB_X",
    "MB_Y",
    "MOST_BLOCKS",
    "OFFSET",
    "PLANES",
    "QSCALE",
    "SIZE",
]

OFFSET, SIZE = 0, 1
"""Bytes of the slice in the sample."""
HEADER = 2
"""Bytes of the slice header."""
QSCALE = 3
"""The quantiser in force, 1 to 512 (not its code in the header)."""
PLANES = 4
"""Columns 4, 5, 6: bytes of the Y, Cb and Cr data, which follow the header in this order."""
MB_X, MB_Y, MB_COUNT = 7, 8, 9
"""First macroblock (16x16 luma pixels of the picture) and how many lie side by side: 1, 2, 4 or 8."""
COLUMNS = 10

MOST_BLOCKS = 32
"""Blocks of one plane of a slice: 4 in each of 8 macroblocks."""
COEFFICIENTS = 64 * MOST_BLOCKS
BATCH = 64
"""Slices whose coefficients are held at a time: few megabytes, however large the picture."""
