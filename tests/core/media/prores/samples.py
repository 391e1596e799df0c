# SPDX-License-Identifier: Apache-2.0
"""ProRes frames made with prores_ks, decoded with FFmpeg, and a mouth to put into them. A plain module:
the fuzzer runs without pytest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plosive.geometry import Box
from plosive.media.fields import FieldMarker

Planes = list[NDArray[np.uint16]]
TAGS = {"proxy": "apco", "lt": "apcs", "standard": "apcn", "hq": "apch", "4444": "ap4h", "4444xq": "ap4x"}
FIELDS = {"tff": 2, "bff": 3}  # FFmpeg's field orders


@dataclass(frozen=True)
class Kind:
    """What one made frame is: profile of prores_ks, size, bits of alpha (0, 8, 16), fields ("", tff, bff)."""

    profile: str
    width: int = 330
    height: int = 190
    alpha_bits: int = 0
    fields: str = ""
    options: dict[str, str] = field(default_factory=dict)

    @property
    def is_444(self) -> bool:
        return self.profile.startswith("4444")

    @property
    def depth(self) -> int:
        return 12 if self.is_444 else 10

    @property
    def tag(self) -> str:
        return TAGS[self.profile]

    def __str__(self) -> str:
        parts = (self.profile, f"{self.width}x{self.height}", f"a{self.alpha_bits}" * bool(self.alpha_bits))
        return "-".join(part for part in (*parts, self.fields) if part)


def picture(kind: Kind, depth: int, seed: int, noise: float = 6.0) -> Planes:
    """Y, Cb, Cr[, A] of `depth` bits: waves, an edge and noise (code values of 10 bits); alpha with edges."""
    if kind.width * kind.height > 1 << 20:  # tiles are quicker
        part = picture(replace(kind, width=640, height=360), depth, seed, noise)
        times = (-(-kind.height // 360), -(-kind.width // 640))
        whole = [np.tile(plane, times)[: kind.height] for plane in part]
        widths = [kind.width if one.shape[1] >= kind.width else (kind.width + 1) // 2 for one in whole]
        return [one[:, :width] for one, width in zip(whole, widths, strict=True)]
    random = np.random.default_rng(seed)
    planes = []
    for plane in range(3):
        width = kind.width if plane == 0 or kind.is_444 else (kind.width + 1) // 2
        y, x = np.mgrid[0 : kind.height, 0:width].astype(np.float32)
        wave = 0.5 + 0.25 * np.sin(x / 37 + plane + seed) * np.cos(y / 29 - plane)
        wave = (wave + 0.15 * np.sin((x + y) / 7 + plane)) * (2**depth - 1)
        wave += random.normal(0, noise * 2 ** (depth - 10), wave.shape)
        wave[kind.height // 3 : kind.height // 3 + 5] *= 0.3
        planes.append(np.clip(wave, 16 << (depth - 8), 235 << (depth - 8)).astype(np.uint16))
    if kind.alpha_bits:
        alpha = np.zeros((kind.height, kind.width), np.uint16)
        alpha[kind.height // 4 : -kind.height // 4, kind.width // 4 :] = 2**depth - 1
        soft = alpha[:, kind.width // 2 : kind.width // 2 + 9]
        soft[:] = random.integers(0, 2**depth, soft.shape)
        planes.append(alpha)
    return planes


def encoded(kind: Kind, planes: Sequence[NDArray[np.uint16]]) -> bytes:
    """One frame of 10-bit planes, compressed by prores_ks."""
    import av

    pixel_format = "yuva444p10le" if kind.alpha_bits else "yuv444p10le" if kind.is_444 else "yuv422p10le"
    context: Any = av.CodecContext.create("prores_ks", "w")
    context.width, context.height, context.pix_fmt = kind.width, kind.height, pixel_format
    context.time_base = Fraction(1, 24)
    options = {"profile": str(list(TAGS).index(kind.profile)), "vendor": "apl0", "threads": "1"}
    if kind.alpha_bits:
        options["alpha_bits"] = str(kind.alpha_bits)
    if kind.fields:
        options["flags"] = "+ildct"
    context.options = options | kind.options
    frame: Any = av.VideoFrame(kind.width, kind.height, pixel_format)
    for target, plane in zip(frame.planes, planes, strict=True):
        rows = np.frombuffer(target, np.uint16).reshape(-1, target.line_size // 2)
        rows[: plane.shape[0], : plane.shape[1]] = plane
    frame.pts, frame.time_base = 0, context.time_base
    if kind.fields:
        frame = FieldMarker(FIELDS[kind.fields], context.time_base).marked(frame)
    (packet,) = [*context.encode(frame), *context.encode(None)]
    return bytes(packet)


def decoded(sample: bytes, tag: str, width: int, height: int) -> Planes:
    """The planes FFmpeg's decoder gives."""
    import av

    context: Any = av.CodecContext.create("prores", "r")
    context.codec_tag, context.width, context.height = tag, width, height
    (frame,) = [*context.decode(av.Packet(sample)), *context.decode(None)]
    return [
        np.frombuffer(plane, np.uint16)
        .reshape(-1, plane.line_size // 2)[: plane.height, : plane.width]
        .copy()
        for plane in frame.planes
    ]


def made(kind: Kind, seed: int = 1) -> tuple[bytes, Planes]:
    """(sample, its planes as decoded)."""
    sample = encoded(kind, picture(kind, 10, seed))
    return sample, decoded(sample, kind.tag, kind.width, kind.height)


def with_mouth(kind: Kind, before: Sequence[NDArray[np.uint16]], box: Box, seed: int = 5) -> Planes:
    """`before` with another picture in the ellipse that fills the box."""
    y, x = np.mgrid[0 : kind.height, 0 : kind.width] + 0.5
    across = (x - (box.left + box.right_exclusive) / 2) / max(1, box.width / 2)
    down = (y - (box.top + box.bottom_exclusive) / 2) / max(1, box.height / 2)
    matte = across**2 + down**2 <= 1
    new = picture(kind, kind.depth, seed, noise=2.0)
    after = [plane.copy() for plane in before]
    for plane in range(3):
        inside = matte if after[plane].shape == matte.shape else matte[:, ::2]
        after[plane][inside] = new[plane][inside]
    return after


def in_blocks(plane: NDArray[Any]) -> NDArray[Any]:
    """(rows, 8, columns, 8): the 8x8 blocks of a picture, zeros beyond it."""
    height, width = (-(-size // 8) * 8 for size in plane.shape)
    whole = np.zeros((height, width), plane.dtype)
    whole[: plane.shape[0], : plane.shape[1]] = plane
    return whole.reshape(height // 8, 8, width // 8, 8)
