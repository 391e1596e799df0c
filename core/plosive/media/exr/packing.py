# SPDX-License-Identifier: Apache-2.0
"""How a changed chunk is stored: by ZIP where the file is, else as it is.

A reader takes a chunk as uncompressed wherever its data are as long as its samples, whatever the header says
(OpenEXRCore, decoding.c): so no lossy codec ever sees a sample again.
"""

from __future__ import annotations

import zlib

import numpy as np
from numpy.typing import NDArray

__all__ = ["packed"]

_ZIP = ("zip", "zips")
_LEVEL = 4
_NOISY = 0.4  # share of its size that ZIP leaves of a photographed picture, and hardly ever of a drawn one


def packed(raw: NDArray[np.uint8], compression: str, was_bytes: int) -> bytes:
    """`raw` samples of a chunk as they are to be stored, never longer than they are; they took `was_bytes`
    before they were changed.
    """
    if compression not in _ZIP or raw.size < 2:
        return raw.tobytes()
    # ImfZip.cpp: even bytes, then odd ones; then each as its difference to the one before, plus 128.
    parted = np.concatenate([raw[0::2], raw[1::2]])
    differences = np.empty_like(parted)
    differences[0] = parted[0]
    np.subtract(parted[1:], parted[:-1], out=differences[1:])
    differences[1:] += np.uint8(128)
    # Grain repeats nothing: there a search for runs alone gives smaller files in half the time.
    strategy = zlib.Z_RLE if was_bytes > _NOISY * raw.size else zlib.Z_DEFAULT_STRATEGY
    packer = zlib.compressobj(_LEVEL, strategy=strategy)
    found = packer.compress(differences) + packer.flush()
    return found if len(found) < raw.size else raw.tobytes()
