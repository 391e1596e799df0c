# SPDX-License-Identifier: Apache-2.0
"""Pictures of one file in the working encoding of another."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from plosive.colour.plate_colour import PlateColour
from plosive.colour.transfer import finite_working
from plosive.media.plate import PlateInfo

__all__ = ["as_in"]


def as_in(pixels: NDArray[np.float32], given: PlateInfo, wanted: PlateInfo) -> NDArray[np.float32]:
    """Working values (h, w, 3) of one file as those of another: its transfer function and primaries."""
    primaries = _primaries(given.colour, wanted.colour)
    if given.transfer is wanted.transfer and primaries is None:
        return pixels
    import torch

    from plosive.colour.transfer import to_linear, to_working

    linear = to_linear(torch.from_numpy(pixels), given.transfer)
    if primaries is not None:
        linear = linear @ torch.from_numpy(primaries.T.astype(np.float32))
    return finite_working(to_working(linear, wanted.transfer).numpy())


def _primaries(given: PlateColour | None, wanted: PlateColour | None) -> NDArray[np.float64] | None:
    """The matrix (3, 3) from the light of one file to that of another; None where it is the same.

    Those whose primaries are not known are taken to be Rec.709.
    """
    one, other = (
        np.eye(3) if colour is None or colour.to_rec709 is None else colour.to_rec709
        for colour in (given, wanted)
    )
    if np.allclose(one, other, atol=1e-4):
        return None
    return np.asarray(np.linalg.solve(other, one))
