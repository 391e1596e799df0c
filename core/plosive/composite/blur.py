# SPDX-License-Identifier: Apache-2.0
"""Gaussian blur on any device, at a cost that does not grow with its width."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import torch

__all__ = ["doubled", "gaussian_blurred", "halved"]

_WIDEST_DIRECT_SIGMA = 4.0


def gaussian_blurred(picture: torch.Tensor, sigma: float) -> torch.Tensor:
    """Blur (h, w, c) float32 by a Gaussian of `sigma` pixels; beyond its edges the picture counts as 0.

    Wide blurs run on a reduced picture: what they remove cannot be seen there.
    """
    import torch
    import torch.nn.functional as functional

    factor = 2 ** max(0, math.floor(math.log2(max(sigma, 1e-3) / _WIDEST_DIRECT_SIGMA)) + 1)
    if picture.device.type == "cpu":
        return torch.from_numpy(_blurred_on_cpu(picture.numpy(), sigma, factor))
    planes = picture.permute(2, 0, 1)[None]
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


def halved(picture: torch.Tensor) -> torch.Tensor:
    """(h, w, c) float32 at half size, rounded up: means of 2 by 2 pixels, at odd edges of those there are."""
    import torch
    import torch.nn.functional as functional

    if picture.device.type == "cpu":
        import cv2

        height, width, depth = picture.shape
        even = cv2.copyMakeBorder(picture.numpy(), 0, height % 2, 0, width % 2, cv2.BORDER_REPLICATE)
        size = (even.shape[1] // 2, even.shape[0] // 2)
        small = cv2.resize(even, size, interpolation=cv2.INTER_AREA)
        return torch.from_numpy(small.reshape(size[1], size[0], depth))
    return functional.avg_pool2d(picture.permute(2, 0, 1)[None], 2, ceil_mode=True)[0].permute(1, 2, 0)


def doubled(picture: torch.Tensor) -> torch.Tensor:
    """(h, w, c) float32 at twice the size, straight between pixel centres."""
    import torch
    import torch.nn.functional as functional

    if picture.device.type == "cpu":
        import cv2

        height, width, depth = picture.shape
        large = cv2.resize(picture.numpy(), (2 * width, 2 * height), interpolation=cv2.INTER_LINEAR)
        return torch.from_numpy(large.reshape(2 * height, 2 * width, depth))
    planes = picture.permute(2, 0, 1)[None]
    large = functional.interpolate(planes, scale_factor=2, mode="bilinear", align_corners=False)
    return large[0].permute(1, 2, 0)


def _blurred_on_cpu(picture: NDArray[np.float32], sigma: float, factor: int) -> NDArray[np.float32]:
    """The same by OpenCV, which does small pictures five times as fast as PyTorch: equal but for the order in
    which numbers are added up.
    """
    import cv2

    height, width = picture.shape[:2]
    blurred = np.ascontiguousarray(picture)
    if factor > 1:
        padded = cv2.copyMakeBorder(blurred, 0, -height % factor, 0, -width % factor, cv2.BORDER_CONSTANT)
        size = (padded.shape[1] // factor, padded.shape[0] // factor)
        blurred = cv2.resize(padded, size, interpolation=cv2.INTER_AREA)
    length = 2 * max(1, math.ceil(3.5 * sigma / factor)) + 1
    kernel = cv2.getGaussianKernel(length, sigma / factor, cv2.CV_32F)
    blurred = cv2.sepFilter2D(blurred, -1, kernel, kernel, borderType=cv2.BORDER_CONSTANT)
    if factor > 1:
        size = (padded.shape[1], padded.shape[0])
        blurred = cv2.resize(blurred, size, interpolation=cv2.INTER_LINEAR)[:height, :width]
    return np.asarray(blurred, dtype=np.float32).reshape(picture.shape)
