# SPDX-License-Identifier: Apache-2.0
"""Patch over plate: light matched to the skin around, merged in linear light, handed back as a change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from plosive.colour.transfer import Transfer, finite_working, to_linear, to_working
from plosive.composite.grain import CarriedGrain, GrainMatcher
from plosive.composite.light import light_difference
from plosive.composite.sharpness import blur_between, blurred_like
from plosive.generate.protocol import Patch
from plosive.geometry import Box, box_around

if TYPE_CHECKING:
    import torch

__all__ = ["Layers", "Merger"]

_FILTERED_AROUND = 8


@dataclass(frozen=True)
class Layers:
    """One frame's composite inside `box`; a compositor can rebuild the final from it exactly.

    `patch` (h, w, 3) float32 working is what Plosive made, light matched; `matte` (h, w) float32 says where
    it counts (exactly 0 where the plate stays); final = plate over-blended with patch by matte x blend, in
    linear light. `change` (h, w, 3) float32 is final minus plate in working units and `touched` (h, w)
    where it applies.
    """

    box: Box
    patch: NDArray[np.float32]
    matte: NDArray[np.float32]
    blend: float
    change: NDArray[np.float32]
    touched: NDArray[np.bool_]


class Merger:
    """Merges patches on one device (`cpu` or `cuda`) in float32. Light is worked out for `most_pixels` at
    once (None: all of a patch), in multiples of 64: fewer take less memory, and make the same bits.
    """

    def __init__(self, device: str = "cpu", most_pixels: int | None = None) -> None:
        self._device = device
        self._most_pixels = None if most_pixels is None else max(64, most_pixels - most_pixels % 64)

    def merge(
        self,
        plate: NDArray[np.float32],
        patch: Patch,
        transfer: Transfer,
        blend: float,
        grain: GrainMatcher | None = None,
        frame_index: int = 0,
    ) -> Layers:
        """Lay `patch` over `plate` (h, w, 3) working values of `patch.box`; `blend` 0 keeps the plate, 1 is
        new. `grain` is that of the shot, made new for plate frame `frame_index`; None where there is none.
        """
        import torch

        with torch.inference_mode():
            plate = finite_working(plate)
            below = self._tensor(plate)
            made, mouth_matte = self._tensor(patch.base), self._tensor(patch.mouth_matte)
            near = _support(patch.mouth_matte, patch.face_width)
            carried = _as_sharp(plate[near], patch, near, grain)
            under, mouth = made[near], self._tensor(carried.mouth)
            cover = None if patch.cover is None else self._tensor(patch.cover)
            unseen = mouth_matte[near] if cover is None else torch.maximum(mouth_matte, cover)[near]
            lit = mouth + light_difference(under, mouth, unseen, patch.face_width)
            made = made.clone()
            made[near] = _blended(under, lit, mouth_matte[near], transfer, self._most_pixels)
            if grain is not None:
                made = grain.matched(made, patch, carried, near, frame_index)
            matte = torch.maximum(self._tensor(patch.base_matte), mouth_matte)
            if cover is not None:
                matte = matte * (1 - cover)
            touched = matte * blend > 0
            change = _blended(below, made, matte * blend, transfer, self._most_pixels) - below
            return Layers(
                box=patch.box,
                patch=made.cpu().numpy(),
                matte=matte.cpu().numpy(),
                blend=blend,
                change=change.cpu().numpy(),
                touched=touched.cpu().numpy(),
            )

    def _tensor(self, array: NDArray[np.float32]) -> torch.Tensor:
        import torch

        return torch.from_numpy(np.ascontiguousarray(array)).to(self._device)


def _blended(
    under: torch.Tensor,
    over: torch.Tensor,
    matte: torch.Tensor,
    transfer: Transfer,
    most_pixels: int | None = None,
) -> torch.Tensor:
    """`over` laid over `under` (..., 3) by `matte` (...), in linear light; working values in and out.

    Where the matte is 0 or 1 nothing is mixed: that is most of a face, and light is costly to work out. It is
    worked out for `most_pixels` at once; in multiples of 64 these begin where the processor's vectors do.
    """
    import torch

    share, pixels = matte.reshape(-1), over.reshape(-1, 3)
    result = _laid(under, over, matte >= 1).reshape(-1, 3)
    mixed = ((share > 0) & (share < 1)).nonzero()[:, 0]
    for some in torch.split(mixed, most_pixels or max(1, len(mixed))):
        bottom, top = result.index_select(0, some), pixels.index_select(0, some)
        below, above = to_linear(bottom, transfer), to_linear(top, transfer)
        light = below + share.index_select(0, some)[:, None] * (above - below)
        # To light and back is not to the bit, and what is the same must stay.
        result.index_copy_(0, some, torch.where(top == bottom, bottom, to_working(light, transfer)))
    return result.reshape(under.shape)


def _laid(under: torch.Tensor, over: torch.Tensor, where: torch.Tensor) -> torch.Tensor:
    """A copy of `under` (h, w, 3) that shows `over` `where` (h, w) says."""
    import cv2
    import torch

    if under.device.type != "cpu":
        return torch.where(where[..., None], over, under)
    laid = under.numpy().copy()  # OpenCV copies by a mask three times as fast as PyTorch
    cv2.copyTo(np.ascontiguousarray(over.numpy()), where.numpy().astype(np.uint8), laid)
    return torch.from_numpy(laid)


def _as_sharp(
    plate: NDArray[np.float32], patch: Patch, near: tuple[slice, slice], grain: GrainMatcher | None
) -> CarriedGrain:
    """The mouth at `near`, as sharp as `plate` (h, w, 3) is there, without grain that was shown already."""
    mouth, unseen = patch.mouth[near], patch.mouth_matte[near]
    if patch.cover is not None:
        unseen = np.maximum(unseen, patch.cover[near])
    blur = blur_between(mouth, plate, unseen, None if grain is None else grain.slopes(plate))
    if grain is not None:
        return grain.carried(mouth, patch.is_repeated, blur, _seen(patch.mouth_matte[near]))
    return CarriedGrain(mouth if blur.is_none else blurred_like(mouth, blur))


def _seen(matte: NDArray[np.float32]) -> tuple[slice, slice]:
    """Rows and columns where `matte` shows anything, and what filters need around them."""
    height, width = matte.shape
    seen = box_around(matte > 0, Box(0, 0, width, height))
    return seen.grown(_FILTERED_AROUND).clipped(width, height).slices


def _support(matte: NDArray[np.float32], face_width: float) -> tuple[slice, slice]:
    """Rows and columns where light is matched: the matte and the band around it."""
    height, width = matte.shape
    seen = box_around(matte > 0, Box(0, 0, width, height))
    if seen.is_empty:
        return slice(0, 0), slice(0, 0)
    margin = round(0.15 * face_width) + 2
    return seen.grown(margin).clipped(width, height).slices
