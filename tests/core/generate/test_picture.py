# SPDX-License-Identifier: Apache-2.0
"""A real mouth rebuilt from its own curves and other frames of its clip looks like the real one."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.core.generate.picture_figures import PictureFigures, figures_of
from tests.core.generate.reenactment import self_reenactment


@pytest.fixture(scope="module")
def figures(material: Path) -> PictureFigures:
    return figures_of(self_reenactment(material / "plates" / "sad_khill.mp4", frames=50), has_truth=True)


def test_outside_the_matte_every_sample_is_the_plates(figures: PictureFigures) -> None:
    assert figures.kept_outside


def test_as_sharp_as_the_plate(figures: PictureFigures) -> None:
    assert 0.85 <= figures.sharp <= 1.15


def test_no_seam_no_flicker_no_popping_teeth(figures: PictureFigures) -> None:
    assert 0.9 <= figures.seam <= 1.1
    assert figures.flicker < 1.25
    assert 0.8 <= figures.popping <= 1.2


def test_lips_and_chin_go_where_they_are_asked(figures: PictureFigures) -> None:
    assert figures.aperture_r > 0.95
    assert figures.aperture_mae_iod < 0.02
    assert figures.chin_r > 0.95


def test_a_picture_of_the_truth(figures: PictureFigures) -> None:
    """19.4 dB; with a library whose mouths never open wide, 15.4."""
    assert figures.psnr_db > 18
