# SPDX-License-Identifier: Apache-2.0
"""Light carried from the skin around the matte onto the new mouth: a membrane without a solver.

The difference plate minus patch is known in the band around the matte; inside it is the Gaussian-weighted
mean of the band (normalised convolution, Knutsson 1993), at several widths so that it reaches everywhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from plosive.composite.blur import doubled, gaussian_blurred, halved

if TYPE_CHECKING:
    import torch

__all__ = ["light_difference"]

_WIDTHS_FACES = (0.03, 0.08, 0.25)
_LIMIT = 30 / 255
_OUTLIER = 14 / 255
_BAND_MATTE = 0.05
_MEDIAN_STEP = 5
_LITTLE = 1e-3
_HALVED_FROM_FACE_WIDTH = 100.0


def light_difference(
    under: torch.Tensor, mouth: torch.Tensor, matte: torch.Tensor, face_width: float
) -> torch.Tensor:
    """What to add to `mouth` (h, w, 3) so that it meets `under` around `matte` (h, w): working units, (h,
    w, 3). `matte` also holds what covers the face: its light is not the skin's.

    Differences count less the further they lie from the band's median (hair, a collar, teeth are not
    light), and the result stays within +-30/255.
    """
    import torch

    if min(mouth.shape[:2]) < 4:
        return torch.zeros_like(mouth)
    height, width = mouth.shape[:2]
    if face_width >= _HALVED_FROM_FACE_WIDTH:
        # Light is smooth: half the resolution shows the same at a quarter of the cost.
        spread = _spread(halved(under - mouth), halved(matte[..., None])[..., 0], face_width / 2)
        return doubled(spread)[:height, :width]
    return _spread(under - mouth, matte, face_width)


def _spread(difference: torch.Tensor, matte: torch.Tensor, face_width: float) -> torch.Tensor:
    """`difference` (h, w, 3) in the band around `matte` (h, w), carried over it."""
    import torch

    band = (matte < _BAND_MATTE).float()
    if float(band.sum()) < 16:
        return torch.zeros_like(difference)
    usual = difference[band > 0][::_MEDIAN_STEP].median(dim=0).values
    trust = band[..., None] * torch.exp(-(((difference - usual).abs() / _OUTLIER) ** 2)).amin(
        dim=-1, keepdim=True
    )
    known = torch.cat([difference.clamp(-_LIMIT, _LIMIT) * trust, trust], dim=-1)
    result = usual.clamp(-_LIMIT, _LIMIT).expand_as(difference)
    for width in reversed(_WIDTHS_FACES):
        spread = gaussian_blurred(known, max(1.0, width * face_width))
        # The mean spread[:3] / weight, laid over what is there by weight / (weight + 0.001).
        result = (spread[..., :3] + _LITTLE * result) / (spread[..., 3:] + _LITTLE)
    return result.clamp(-_LIMIT, _LIMIT)
