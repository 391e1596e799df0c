# SPDX-License-Identifier: Apache-2.0
"""How samples lie in the words of a DPX picture (SMPTE 268M-2003, 8.3 and annex C)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["DpxWords", "dpx_words"]

Codes = NDArray[Any]

_PACKED, _FILLED_A, _FILLED_B = 0, 1, 2


@dataclass(frozen=True)
class DpxWords:
    """`places` has (word, lowest bit) of each sample of a group of `group_words` words of `word_bytes`.

    `bits` is the size of a sample. A sample of packed data may run on into the next word of its group.
    `stretches`: OpenImageIO repeats the top bits of samples at the bottom of 16; else it shows them bare.
    """

    word_bytes: int
    group_words: int
    places: tuple[tuple[int, int], ...]
    bits: int
    stretches: bool = False

    def row_bytes(self, samples: int) -> int:
        """Size of a row of `samples`, without the padding a file's header tells of."""
        if self.group_words == 1:
            return -(-samples // len(self.places)) * self.word_bytes
        return -(-samples * self.bits // 32) * 4  # packed: rows begin at words

    def decoded(self, words: Codes) -> Codes:
        """Samples (rows, n) of whole rows of words (rows, m) in this machine's byte order; n counts unused
        places at the end of a row, too.
        """
        if len(self.places) == 1 and not self.places[0][1] and self.bits == 8 * self.word_bytes:
            return words.copy()
        groups = self._groups(words)
        mask = words.dtype.type((1 << self.bits) - 1)
        samples = np.empty((*groups.shape[:2], len(self.places)), words.dtype)
        for index, (word, shift) in enumerate(self.places):
            value = groups[..., word] >> words.dtype.type(shift)
            over = shift + self.bits - 8 * self.word_bytes
            if over > 0:
                value = value | (groups[..., word + 1] << words.dtype.type(self.bits - over))
            samples[..., index] = value & mask
        return samples.reshape(words.shape[0], -1)

    def encoded(self, samples: Codes, words: Codes) -> Codes:
        """`words` (rows, m) with `samples` (rows, n) in their places; the bits between samples are kept."""
        if len(self.places) == 1 and not self.places[0][1] and self.bits == 8 * self.word_bytes:
            return samples
        groups = self._groups(words)
        kind = words.dtype.type
        spread = samples.reshape(*groups.shape[:2], len(self.places))
        mask, full = (1 << self.bits) - 1, (1 << 8 * self.word_bytes) - 1
        used = [0] * self.group_words
        for word, shift in self.places:
            used[word] |= (mask << shift) & full
            if shift + self.bits > 8 * self.word_bytes:
                used[word + 1] |= mask >> (8 * self.word_bytes - shift)
        for word, bits in enumerate(used):
            groups[..., word] &= kind(full & ~bits)
        for index, (word, shift) in enumerate(self.places):
            groups[..., word] |= spread[..., index] << kind(shift)
            over = shift + self.bits - 8 * self.word_bytes
            if over > 0:
                groups[..., word + 1] |= spread[..., index] >> kind(self.bits - over)
        return groups.reshape(words.shape[0], -1)[:, : words.shape[1]]

    def shown(self, samples: Codes) -> Codes:
        """What OpenImageIO reads for `samples`."""
        if not self.stretches:
            return samples
        wide = samples.astype(np.uint16)
        return (wide << (16 - self.bits)) | (wide >> (2 * self.bits - 16))

    def _groups(self, words: Codes) -> Codes:
        """A copy (rows, groups, words of a group), the last group filled up with zeros."""
        rows, count = words.shape
        groups = -(-count // self.group_words)
        filled = np.zeros((rows, groups * self.group_words), words.dtype)
        filled[:, :count] = words
        return filled.reshape(rows, groups, self.group_words)


def dpx_words(bits: int, packing: int, components: int) -> DpxWords | None:
    """The words of samples of `bits` with a `packing` of the header; None where they are not known here."""
    if bits == 8:  # bytes in the order of samples, whatever the byte order of the file
        return DpxWords(1, 1, ((0, 0),), 8)
    if bits == 16:
        return DpxWords(2, 1, ((0, 0),), 16)
    if bits == 32:
        return DpxWords(4, 1, ((0, 0),), 32)
    if packing == _PACKED and bits in (10, 12):
        count = 16 if bits == 10 else 8
        places = tuple(divmod(index * bits, 32) for index in range(count))
        return DpxWords(4, count * bits // 32, places, bits, stretches=True)
    if bits == 10 and packing in (_FILLED_A, _FILLED_B):
        low = 2 if packing == _FILLED_A else 0
        shifts = (0, 10, 20) if components == 1 else (20, 10, 0)  # one component: in the order of its bits
        return DpxWords(4, 1, tuple((0, shift + low) for shift in shifts), 10, stretches=True)
    if bits == 12 and packing == _FILLED_B:
        return DpxWords(2, 1, ((0, 0),), 12, stretches=True)
    if bits == 12 and packing == _FILLED_A:
        return DpxWords(2, 1, ((0, 0),), 16)  # with the four bits below, which a patch keeps
    return None
