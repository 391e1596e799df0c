# SPDX-License-Identifier: Apache-2.0
"""Two people who change sides at a cut: all is found again in the last picture, and yet it is a cut."""

from __future__ import annotations

import cv2
import numpy as np

from plosive.faces.finding.cuts import CutDetector


def texture(seed: int) -> np.ndarray:
    """A picture full of soft shapes, (180, 160, 3) uint8."""
    noise = np.random.default_rng(seed).uniform(0, 255, (180, 160, 3)).astype(np.float32)
    soft = cv2.GaussianBlur(noise, (0, 0), 6)
    return np.clip((soft - soft.mean()) * 6 + 128, 0, 255).astype(np.uint8)


def test_sides_that_change_are_a_cut_and_a_pan_is_none() -> None:
    one, other = texture(1), texture(2)
    detector = CutDetector()
    shots = [detector.see(np.hstack([one, other])) for _ in range(6)]
    shots += [detector.see(np.hstack([other, one])) for _ in range(6)]
    assert shots == [0] * 6 + [1] * 6

    wide = np.hstack([texture(3), texture(4), texture(5)])
    pan = CutDetector()
    lefts = [0, 0, 0, 40, 80, 120, 120, 120]
    assert {pan.see(np.ascontiguousarray(wide[:, left : left + 320])) for left in lefts} == {0}
