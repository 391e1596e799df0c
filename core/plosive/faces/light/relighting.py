# SPDX-License-Identifier: Apache-2.0
"""Light in stops: read from a picture, and put on one."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from plosive.colour.transfer import Transfer

__all__ = ["relit", "stops_of", "working_of_view"]

_DARKEST, _DARKEST_ACESCCT, _BRIGHTEST = 6 / 255, 0.1, 1.6
_SHOULDER = 0.8
_ACESCCT_STOP = 1 / 17.52
_GAMMA = 2.4


def stops_of(working: NDArray[np.float32], transfer: Transfer) -> NDArray[np.float32]:
    """log2 of the light of working values, any shape. Below 6/255 (ACEScct: 0.1) all counts as black."""
    values, stops = _table(transfer)
    return np.interp(working, values, stops).astype(np.float32)


@cache
def _table(transfer: Transfer) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    values = np.linspace(_DARKEST_ACESCCT if transfer is Transfer.ACESCCT else _DARKEST, _BRIGHTEST, 800)
    if transfer is Transfer.BT1886:  # without torch, which takes a second to import
        return values, _GAMMA * np.log2(values)
    import torch

    from plosive.colour.transfer import to_linear

    return values, np.log2(to_linear(torch.from_numpy(values), transfer).numpy())


@cache
def working_of_view() -> NDArray[np.float32]:
    """The SCENE value that each code of `rgb8` shows of a linear picture: (256,). Of light above 0.97 the
    view tells little, above 1.6 nothing.
    """
    import torch

    from plosive.colour.transfer import scene_from_linear, to_linear

    # Shown as sRGB with a shoulder above 0.8: the inverse of media.imageframe.view_of_linear.
    shown = to_linear(torch.arange(256) / 255, Transfer.SRGB).numpy()
    span = 1 - _SHOULDER
    above = _SHOULDER - span * np.log(np.clip(1 - (shown - _SHOULDER) / span, 0.02, 1))
    return scene_from_linear(np.where(shown <= _SHOULDER, shown, above).astype(np.float32))


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
