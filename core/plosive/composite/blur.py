# SPDX-License-Identifier: Apache-2.0
"""Gaussian blur on any device, at a cost that does not grow with its width."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

__all__ = ["gaussian_blurred"]

_WIDEST_DIRECT_SIGMA = 4.0


def gaussian_blurred(picture: torch.Tensor, sigma: float) -> torch.Tensor:
    """Blur (h, w, c) float32 by a Gaussian of `sigma` pixels; beyond its edges the picture counts as 0.

    Wide blurs run on a reduced picture: what they remove cannot be seen there.
    """
    import torch
    import torch.nn.functional as functional

    planes = picture.permute(2, 0, 1)[None]
    factor = 2 ** max(0, math.floor(math.log2(max(sigma, 1e-3) / _WIDEST_DIRECT_SIGMA)) + 1)
    height, width = planes.shape[-2:]
    if factor > 1:
        padded = functional.pad(planes, (0, -width % factor, 0, -height % factor))
        planes = functional.avg_pool2d(padded, factor)
    small_sigma = sigma / factor
    radius = max(1, math.ceil(3.5 * small_sigma))
    offsets = torch.arange(-radius, radius + 1, dtype=torch.float32, device=picture.device)
    kernel = torch.exp(-(offsets**2) / (2 * small_sigma**2))
    kernel = kernel / kernel.sum()
    channels = planes.shape[1]
    across = kernel.view(1, 1, 1, -1).expand(channels, 1, 1, -1)
    down = kernel.view(1, 1, -1, 1).expand(channels, 1, -1, 1)
    planes = functional.conv2d(planes, across, padding=(0, radius), groups=channels)
    planes = functional.conv2d(planes, down, padding=(radius, 0), groups=channels)
    if factor > 1:
        size = (padded.shape[-2], padded.shape[-1])
        planes = functional.interpolate(planes, size=size, mode="bilinear", align_corners=False)
        planes = planes[..., :height, :width]
    return planes[0].permute(1, 2, 0)
