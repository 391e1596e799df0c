# SPDX-License-Identifier: Apache-2.0
"""Patched ProRes frames: exact outside the touched blocks, close to what was asked for inside."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plosive.errors import NotPatchableError
from plosive.geometry import Box
from plosive.media.prores import PatchedFrame, ProResFrame, changed_blocks, parse_frame, patch_frame

PROFILES = ("proxy", "lt", "standard", "hq", "4444", "4444xq")
# The floor for new content is set by the matrix at quantiser 2: steps of the proxy matrix reach 63/2 in
# the highest frequencies, those of HQ 9/2. Measured on the noisy picture used here, less about 1 dB.
FLOOR_DB = {"proxy": 48, "lt": 54, "standard": 58, "hq": 64, "4444": 64, "4444xq": 63}
KINDS = [
    (profile, alpha, fields)
    for profile in PROFILES
    for alpha in ((0, 8, 16) if profile.startswith("4444") else (0,))
    for fields in ("", "tff", "bff")
]


def worst_block(frame: ProResFrame, plane: int) -> float:
    """The largest norm of a block's error: each coefficient off by half a step of quantiser 2, pixels of the
    plate counting four times, and 1.5 code values for the decoder's own rounding.
    """
    matrix = frame.chroma_matrix if plane else frame.luma_matrix
    steps = matrix.astype(np.float64) * 2 / 4 * (4 if frame.depth == 12 else 1)
    return float(2 * np.linalg.norm(steps / 2) + 1.5 * 8)


def check(
    samples: ModuleType, sample: bytes, tag: str, before: Any, after: Any, box: Box, floor: float
) -> PatchedFrame:
    """Patch, then hold FFmpeg's decode, the slices' bytes and the coefficients to what was promised."""
    frame = parse_frame(sample)
    patched = patch_frame(sample, before, after, box)
    again = parse_frame(patched.data)
    for old, new in zip(frame.slices, again.slices, strict=True):
        if (old.picture, old.index) not in patched.touched_slices:
            kept = sample[old.offset : old.offset + old.size]
            assert patched.data[new.offset : new.offset + new.size] == kept
        else:
            assert new.qscale in (old.qscale, 2 - old.qscale % 2)
    shown = samples.decoded(patched.data, tag, frame.width, frame.height)
    marked = changed_blocks(frame, again)
    count = 0
    for plane, (was, asked, now) in enumerate(zip(before, after, shown, strict=True)):
        if plane == 3:
            assert np.array_equal(was, now)
            continue
        allowed = np.zeros(was.shape, np.bool_)
        for picture, maps in zip(frame.pictures, marked, strict=True):
            rows = slice(picture.top_row, None, picture.row_step)
            may = samples.in_blocks((was != asked)[rows]).any(axis=(1, 3))
            count += int(may.sum())
            assert not (maps[plane][: may.shape[0], : may.shape[1]] & ~may).any()
            allowed[rows] = np.kron(may, np.ones((8, 8), np.bool_))[: len(was[rows]), : was.shape[1]]
        assert np.array_equal(was[~allowed], now[~allowed])
        error = (now.astype(np.float64) - asked) * allowed
        if (was != asked).any():
            noise = max(1e-9, float(np.mean(error[was != asked] ** 2)))
            assert 10 * np.log10((2**frame.depth - 1) ** 2 / noise) > floor
        for picture in frame.pictures:
            largest = (
                samples.in_blocks(error[picture.top_row :: picture.row_step] ** 2).sum(axis=(1, 3)).max()
            )
            assert largest <= worst_block(frame, plane) ** 2
    assert patched.touched_blocks == count
    return patched


@pytest.mark.parametrize(("profile", "alpha", "fields"), KINDS)
def test_profiles(samples: ModuleType, profile: str, alpha: int, fields: str) -> None:
    kind = samples.Kind(profile, alpha_bits=alpha, fields=fields)
    sample, before = samples.made(kind)
    frame = parse_frame(sample)
    assert (frame.interlaced, frame.top_field_first) == (bool(fields), fields == "tff")
    assert (frame.alpha_bits, frame.depth) == (alpha, kind.depth)
    assert frame.rebuilt() == sample
    box = Box(91, 41, 231, 190)
    assert patch_frame(sample, before, [plane.copy() for plane in before], box).data is sample
    after = samples.with_mouth(kind, before, box)
    patched = check(samples, sample, kind.tag, before, after, box, FLOOR_DB[profile])
    assert patched.touched_slices and patched.data != sample


@pytest.mark.parametrize(("profile", "width", "height"), [("hq", 1998, 1080), ("hq", 3840, 2160)])
def test_large_pictures(samples: ModuleType, profile: str, width: int, height: int) -> None:
    kind = samples.Kind(profile, width, height)
    sample, before = samples.made(kind)
    box = Box(width - 300, height - 250, width, height)
    after = samples.with_mouth(kind, before, box)
    check(samples, sample, kind.tag, before, after, box, FLOOR_DB[profile])


@pytest.mark.parametrize("name", ["proxy", "lt", "", "hq"])
def test_apple_frames(samples: ModuleType, material: Path, name: str) -> None:
    """Files of Apple's own encoder: rebuilt to the byte, their tails keep Apple's rule when they grow."""
    import av

    path = material / "prores" / f"fc_apple-prores-422{'-' * bool(name)}{name}.mov"
    if not path.is_file():
        pytest.skip(f"{path.name} is not here")
    with av.open(str(path)) as container:
        tag = container.streams.video[0].codec_context.codec_tag
        frames = [bytes(packet) for packet in container.demux(video=0) if packet.size]
    kind, box = samples.Kind(name or "standard", 320, 240), Box(90, 40, 231, 140)
    assert all(parse_frame(sample).rebuilt() == sample for sample in frames)
    for sample in frames[::10]:
        before = samples.decoded(sample, tag, 320, 240)
        after = samples.with_mouth(kind, before, box)
        patched = check(samples, sample, tag, before, after, box, FLOOR_DB[kind.profile] - 3)
        tail = parse_frame(patched.data).tail
        assert len(tail) >= 50 and not any(tail) and len(patched.data) % 16 == 0


@pytest.mark.parametrize(
    ("code", "new_qscale"), [(1, 1), (2, 2), (3, 1), (4, 2), (99, 1), (128, 2), (130, 2)]
)
def test_exact_divisor_of_the_quantiser(samples: ModuleType, code: int, new_qscale: int) -> None:
    """The slice of the patch is brought to 1 or 2, the others decode as before; codes above 128 mean more."""
    kind = samples.Kind("hq", 256, 32)
    made = samples.encoded(kind, [np.full((32, 256 // n), 514, np.uint16) for n in (1, 2, 2)])
    slices = list(parse_frame(made).slices)
    assert len(slices) == 4
    sample = bytearray(made)
    for one in slices:
        sample[one.offset + 1] = code
    before = samples.decoded(bytes(sample), kind.tag, 256, 32)
    after = [plane.copy() for plane in before]
    after[0][20:30, 20:30] = 600
    patched = check(samples, bytes(sample), kind.tag, before, after, Box(0, 0, 256, 32), 60)
    assert patched.touched_slices == ((0, 2),)
    assert [one.qscale for one in parse_frame(patched.data).slices][2] == new_qscale


def test_values_outside_the_decoders_range(samples: ModuleType) -> None:
    """0 and 1023 are brought to 4 and 1019, and a block that differs only by that is not touched."""
    kind = samples.Kind("hq", 128, 64)
    sample, before = samples.made(kind)
    after = [plane.copy() for plane in before]
    after[0][8:16, 8:16], after[0][8:16, 16:24] = 0, 1023
    patched = patch_frame(sample, before, after, Box(8, 8, 24, 16))
    shown = samples.decoded(patched.data, kind.tag, 128, 64)
    assert set(shown[0][8:16, 8:16].flat) == {4} and set(shown[0][8:16, 16:24].flat) == {1019}
    clipped = [plane.copy() for plane in shown]
    clipped[0][8:16, 8:16] = 0
    assert patch_frame(patched.data, shown, clipped, Box(0, 0, 128, 64)).data is patched.data


def test_only_what_meets_the_box(samples: ModuleType) -> None:
    kind = samples.Kind("hq", 256, 128)
    sample, before = samples.made(kind)
    after = [plane + np.uint16(9) for plane in before]
    assert patch_frame(sample, before, after, Box(50, 50, 50, 60)).data is sample
    assert patch_frame(sample, before, after, Box(-90, -90, -1, -1)).data is sample
    patched = patch_frame(sample, before, after, Box(16, 16, 32, 32))
    assert patched.touched_slices == ((0, 2),) and patched.touched_blocks == 8


def test_again_from_the_result(samples: ModuleType) -> None:
    """The old picture put back over a patch: the frame stays exact around it, again."""
    kind, box = samples.Kind("hq"), Box(91, 41, 231, 150)
    sample, before = samples.made(kind)
    first = patch_frame(sample, before, samples.with_mouth(kind, before, box), box).data
    shown = samples.decoded(first, kind.tag, kind.width, kind.height)
    check(samples, first, kind.tag, shown, before, box, FLOOR_DB["hq"])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_mouth_in_any_frame(samples: ModuleType, data: st.DataObject) -> None:
    profile = data.draw(st.sampled_from(PROFILES))
    kind = samples.Kind(
        profile,
        width=data.draw(st.integers(1, 161)) * (1 if profile.startswith("4444") else 2),
        height=data.draw(st.integers(2, 100)),
        alpha_bits=data.draw(st.sampled_from((0, 8, 16))) if profile.startswith("4444") else 0,
        fields=data.draw(st.sampled_from(("", "tff", "bff"))),
    )
    sample = samples.encoded(kind, samples.picture(kind, 10, data.draw(st.integers(0, 9)), noise=20.0))
    before = samples.decoded(sample, kind.tag, kind.width, kind.height)
    left, top = data.draw(st.integers(-20, kind.width)), data.draw(st.integers(-20, kind.height))
    box = Box(left, top, left + data.draw(st.integers(0, 200)), top + data.draw(st.integers(0, 90)))
    inside = box.clipped(kind.width, kind.height)
    random = np.random.default_rng(data.draw(st.integers(0, 99)))
    new = samples.picture(kind, kind.depth, 7, noise=data.draw(st.sampled_from((0.0, 3.0, 400.0))))
    dense = data.draw(st.sampled_from((0.02, 0.5, 1.0)))
    after = [plane.copy() for plane in before]
    for plane in range(3):
        across = 1 if before[plane].shape[1] == kind.width else 2
        # The whole of a chroma sample lies in the box, or it would differ outside of it.
        columns = slice(-(-inside.left // across), inside.right_exclusive // across)
        rows = slice(inside.top, inside.bottom_exclusive)
        matte = random.random(after[plane][rows, columns].shape) < dense
        after[plane][rows, columns][matte] = new[plane][rows, columns][matte]
    check(samples, sample, kind.tag, before, after, box, 0)


def test_planes_padded_with_zeros(samples: ModuleType) -> None:
    """Up to three zero bytes after a plane mean nothing to a decoder; more than that are refused."""
    kind, box = samples.Kind("hq", 256, 64), Box(20, 10, 200, 60)
    sample, before = samples.made(kind)
    after = samples.with_mouth(kind, before, box)
    frame = parse_frame(sample)

    def padded(by: tuple[int, int, int]) -> bytes:
        new = {}
        for one in frame.slices:
            parts = [
                sample[at : at + size] + bytes(more) for (at, size), more in zip(one.planes, by, strict=True)
            ]
            header = bytearray(sample[one.offset : one.offset + one.header_size])
            header[2:6] = len(parts[0]).to_bytes(2, "big") + len(parts[1]).to_bytes(2, "big")
            new[0, one.index] = bytes(header) + b"".join(parts)
        return frame.rebuilt(new)

    for by in ((1, 0, 0), (0, 2, 1), (3, 3, 3)):
        made = padded(by)
        assert all(map(np.array_equal, samples.decoded(made, kind.tag, 256, 64), before))
        check(samples, made, kind.tag, before, after, box, FLOOR_DB["hq"])
    with pytest.raises(NotPatchableError):
        patch_frame(padded((0, 5, 0)), before, after, box)
