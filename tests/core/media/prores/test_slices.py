# SPDX-License-Identifier: Apache-2.0
"""Slices of ProRes frames: how they tile the picture, what has no space, and what is refused."""

from __future__ import annotations

import itertools
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from plosive.errors import NotPatchableError
from plosive.geometry import Box
from plosive.media.prores import parse_frame, patch_frame
from plosive.media.prores.slicecoder import SliceCoder


def test_slices_that_get_too_large(samples: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """First the slice's own quantiser, then coarser new blocks, then a refusal; other blocks stay exact."""
    kind, box = samples.Kind("hq", 256, 64), Box(16, 16, 240, 48)
    sample, before = samples.made(kind)
    after = [plane.copy() for plane in before]
    for plane, noise in zip(after, samples.picture(kind, 10, 3, noise=300.0), strict=True):
        columns = slice(16 * plane.shape[1] // 256, 240 * plane.shape[1] // 256)
        plane[16:48, columns] = noise[16:48, columns]
    frame = parse_frame(sample)
    sizes = []
    for largest in (65535, 5500, 5000):
        monkeypatch.setattr("plosive.media.prores.slicecoder.LARGEST_SLICE", largest)
        patched = patch_frame(sample, before, after, box)
        again = parse_frame(patched.data)
        slices = [again.slice(*which) for which in patched.touched_slices]
        assert max(one.size for one in slices) <= largest
        if largest < 65535:
            assert [one.qscale for one in slices] == [frame.slice(*w).qscale for w in patched.touched_slices]
        shown = samples.decoded(patched.data, kind.tag, 256, 64)
        for was, asked, now in zip(before, after, shown, strict=True):
            touched = np.kron(samples.in_blocks(was != asked).any(axis=(1, 3)), np.ones((8, 8), np.bool_))
            assert np.array_equal(was[~touched], now[~touched])
        sizes.append(len(patched.data))
    assert sizes == sorted(sizes, reverse=True) and len(set(sizes)) == 3
    monkeypatch.setattr("plosive.media.prores.slicecoder.LARGEST_SLICE", 4000)
    with pytest.raises(NotPatchableError, match="more data than a ProRes slice can hold"):
        patch_frame(sample, before, after, box)


def test_refusals(samples: ModuleType) -> None:
    kind = samples.Kind("4444", 64, 32, alpha_bits=16)
    sample, before = samples.made(kind)
    box = Box(0, 0, 64, 32)

    def refused(data: bytes, after: Any = None) -> str:
        with pytest.raises(NotPatchableError) as caught:
            patch_frame(data, before, before if after is None else after, box)
        return str(caught.value)

    def changed(at: int, value: int) -> bytes:
        return sample[:at] + bytes([value]) + sample[at + 1 :]

    assert "does not begin like" in refused(b"")
    assert "does not begin like" in refused(changed(5, 0))
    assert "says it has" in refused(sample + b"\0")
    assert "bitstream version 2" in refused(changed(11, 2))
    assert "header has values" in refused(changed(20, 0x40))
    assert "header has values" in refused(changed(20, 0xCC))
    assert "luma or chroma only" in refused(changed(27, 2))
    assert "holds a zero" in refused(changed(28, 0))
    assert "size of a picture" in refused(changed(156, 0x38))
    assert "shape" in refused(changed(163, 0x31))
    assert "number of its slices" in refused(changed(162, 77))
    assert "sizes of its slices" in refused(changed(164, 255))
    first = next(iter(parse_frame(sample).slices)).offset
    assert "unknown size" in refused(changed(first, 0x30))
    assert "impossible quantiser" in refused(changed(first + 1, 0))
    assert "planes of a slice" in refused(changed(first + 2, 255))
    other = [plane.copy() for plane in before]
    other[3][4, 4] ^= 1
    assert "alpha" in refused(sample, other)
    assert "another size" in refused(sample, [plane[1:] for plane in before])
    other = [plane.copy() for plane in before]
    other[0][4, 4] ^= 1
    start, _ = next(iter(parse_frame(sample).slices)).planes[0]
    damaged = sample[:start] + bytes(30) + sample[start + 30 :]
    assert "cannot be read" in refused(damaged, other)


def test_slices_follow_one_another(samples: ModuleType) -> None:
    """8, 8, ... then 4, 2, 1 macroblocks, row by row; luma boxes tile the picture."""
    kind = samples.Kind("hq", 1998, 64)
    frame = parse_frame(samples.encoded(kind, samples.picture(kind, 10, 1)))
    slices = list(frame.slices)
    assert [one.mb_count for one in slices[: len(slices) // 4]] == [8] * 15 + [4, 1]
    for one, following in itertools.pairwise(slices):
        assert one.offset + one.size == following.offset
        assert one.planes[2][0] + one.planes[2][1] == one.offset + one.size
    shown = np.zeros((64, 1998), np.int64)
    for one in slices:
        shown[one.luma.slices] += 1
    assert (shown == 1).all()


def test_own_check(samples: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """A coder that changed more than it was asked to is found out: other blocks, other alpha."""
    kind = samples.Kind("4444", 256, 32, alpha_bits=16)
    sample, before = samples.made(kind)
    after = [plane.copy() for plane in before]
    after[0][8:12, :] ^= 5
    box, coded = Box(0, 8, 256, 12), SliceCoder.patched

    def swapped(coder: SliceCoder, *how: Any) -> dict[int, bytes]:
        one, other = coded(coder, *how).values()
        return {0: other, 1: one}

    def with_other_alpha(coder: SliceCoder, *how: Any) -> dict[int, bytes]:
        made = coded(coder, *how)
        return made | {0: made[0][:-1] + bytes([made[0][-1] ^ 1])}

    assert len(patch_frame(sample, before, after, box).touched_slices) == 2
    for wrong in (swapped, with_other_alpha):
        monkeypatch.setattr(SliceCoder, "patched", wrong)
        with pytest.raises(NotPatchableError, match="did not pass its own check"):
            patch_frame(sample, before, after, box)
