# SPDX-License-Identifier: Apache-2.0
"""Asking a verification, and pictures that say where OUT may differ."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from plosive.progress import SilentProgress
from plosive.verify.check import Check, Status, Verification
from plosive.verify.job import verify_files
from plosive.verify.options import VerifyOptions


def verified(plate: Path, out: Path, **options: Any) -> Verification:
    """What a verification finds."""
    return verify_files(VerifyOptions(plate, out, **options), SilentProgress())


def check(found: Verification, name: str) -> Check:
    """The check of a name."""
    return next(one for one in found.checks if one.name == name)


def failed(found: Verification) -> list[str]:
    """Names of checks that failed."""
    return [one.name for one in found.checks if one.status is Status.FAIL]


def matte(path: Path, width: int, height: int, box: tuple[int, int, int, int]) -> Path:
    """A picture of one channel that is above 0 in `box` (left, top, right, bottom; the last two excluded)."""
    import OpenImageIO as oiio

    left, top, right, bottom = box
    pixels = np.zeros((height, width, 1), np.float32)
    pixels[top:bottom, left:right] = 0.25
    output = oiio.ImageOutput.create(str(path))
    assert output.open(str(path), oiio.ImageSpec(width, height, 1, oiio.FLOAT))
    assert output.write_image(pixels)
    output.close()
    return path
