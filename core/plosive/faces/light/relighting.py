# SPDX-License-Identifier: Apache-2.0
"""Light in stops: read from a picture, and put on one."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from plosive.colour.transfer import Transfer

__all__ = ["relit", "stops_of_view"]

_DARKEST_CODE = 6.0
_SHOULDER = 0.8
_ACESCCT_STOP = 1 / 17.52
_GAMMA = 2.4


def stops_of_view(codes: NDArray[np.float32], transfer: Transfer) -> NDArray[np.float32]:
    """log2 of the light that shows as `codes` (0..255, any shape) in `PlateFrame.rgb8` of a plate of
    `transfer`.

    Below 6 nothing is told apart from black.
    """
    table = _stops_of_codes(transfer)
    return np.interp(codes, np.arange(256), table).astype(np.float32)


@cache
def _stops_of_codes(transfer: Transfer) -> NDArray[np.float64]:
    import torch

    from plosive.colour.transfer import to_linear

    codes = torch.from_numpy(np.maximum(np.arange(256), _DARKEST_CODE) / 255)
    if transfer is not Transfer.ACESCCT:
        return np.asarray(np.log2(to_linear(codes, transfer).numpy()))
    # Linear pictures are shown as sRGB with a shoulder above 0.8 (media.imageframe.view_of_linear).
    shown = to_linear(codes, Transfer.SRGB).numpy()
    span = 1 - _SHOULDER
    above = _SHOULDER - span * np.log(np.clip(1 - (shown - _SHOULDER) / span, 0.02, 1))
    return np.asarray(np.log2(np.where(shown <= _SHOULDER, shown, above)))


def relit(pixels: NDArray[np.float32], stops: NDArray[np.float32], transfer: Transfer) -> NDArray[np.float32]:
    """Working values (h, w, 3) in light that is `stops` (broadcast to them) brighter; finite if they are."""
    if transfer is Transfer.BT1886:
        return np.asarray(pixels * np.exp2(stops / np.float32(_GAMMA)), dtype=np.float32)
    if transfer is Transfer.ACESCCT:
        return _relit_acescct(pixels, stops)
    import torch

    from plosive.colour.transfer import to_linear, to_working

    gain = torch.from_numpy(np.asarray(np.exp2(stops), dtype=np.float32))
    linear = to_linear(torch.from_numpy(np.ascontiguousarray(pixels)), transfer)
    return to_working(linear * gain, transfer).numpy()


def _relit_acescct(pixels: NDArray[np.float32], stops: NDArray[np.float32]) -> NDArray[np.float32]:
    from plosive.colour.transfer import acescct_from_linear, linear_from_acescct

    moved = pixels + stops * np.float32(_ACESCCT_STOP)
    dark = np.minimum(pixels, moved) < 0.2  # the toe is linear
    if dark.any():
        through = acescct_from_linear(linear_from_acescct(np.minimum(pixels, 0.5)) * np.exp2(stops))
        moved = np.where(dark, through, moved)
    return np.asarray(moved, dtype=np.float32)
