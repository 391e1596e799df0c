# SPDX-License-Identifier: Apache-2.0
"""Blurs and sizes on the CPU are those of any other device."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from plosive.composite.blur import doubled, gaussian_blurred, halved

PICTURE = torch.rand((91, 76, 4), generator=torch.Generator().manual_seed(1))


class Elsewhere(torch.Tensor):
    """A tensor that says it lies on a GPU, so that the path of GPUs is taken."""

    @property
    def device(self) -> torch.device:  # type: ignore[override]
        return torch.device("cuda")


@pytest.mark.parametrize("sigma", [0.5, 1.0, 3.9, 4.0, 7.7, 16.0, 35.0, 70.0])
def test_blurs_agree(sigma: float, monkeypatch: pytest.MonkeyPatch) -> None:
    made = torch.arange
    monkeypatch.setattr(torch, "arange", lambda *a, device=None, **k: made(*a, **k))
    there = gaussian_blurred(PICTURE.as_subclass(Elsewhere), sigma)
    assert torch.allclose(gaussian_blurred(PICTURE, sigma), there.as_subclass(torch.Tensor), atol=2e-6)


@pytest.mark.parametrize("change", [halved, doubled])
@pytest.mark.parametrize("shape", [(40, 36), (41, 37), (5, 4)])
def test_sizes_agree(change: Callable[[torch.Tensor], torch.Tensor], shape: tuple[int, int]) -> None:
    picture = PICTURE[: shape[0], : shape[1]]
    there = change(picture.as_subclass(Elsewhere)).as_subclass(torch.Tensor)
    here = change(picture)
    assert here.shape == there.shape
    assert torch.allclose(here, there, atol=1e-6)


def test_one_channel_stays_one() -> None:
    assert halved(PICTURE[..., :1]).shape == (46, 38, 1)
    assert doubled(PICTURE[..., :1]).shape == (182, 152, 1)
    assert gaussian_blurred(PICTURE[..., :1], 9.0).shape == (91, 76, 1)
