# SPDX-License-Identifier: Apache-2.0
"""Red, green, blue and white of a picture, and the matrix to linear Rec.709 for showing it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["REC709", "chromaticities_from", "named_primaries", "rec709_matrix"]

REC709 = (0.64, 0.33, 0.30, 0.60, 0.15, 0.06, 0.3127, 0.3290)

_NAMED = {  # CIE xy of red, green, blue, white
    "Rec.709": REC709,
    "ACEScg (AP1)": (0.713, 0.293, 0.165, 0.830, 0.128, 0.044, 0.32168, 0.33767),
    "ACES2065-1 (AP0)": (0.7347, 0.2653, 0.0, 1.0, 0.0001, -0.0770, 0.32168, 0.33767),
    "Rec.2020": (0.708, 0.292, 0.170, 0.797, 0.131, 0.046, 0.3127, 0.3290),
    "P3-D65": (0.680, 0.320, 0.265, 0.690, 0.150, 0.060, 0.3127, 0.3290),
    "ARRI Wide Gamut 3": (0.684, 0.313, 0.221, 0.848, 0.0861, -0.102, 0.3127, 0.3290),
    "ARRI Wide Gamut 4": (0.7347, 0.2653, 0.1424, 0.8576, 0.0991, -0.0308, 0.3127, 0.3290),
    "S-Gamut3": (0.730, 0.280, 0.140, 0.855, 0.100, -0.050, 0.3127, 0.3290),
    "S-Gamut3.Cine": (0.766, 0.275, 0.225, 0.800, 0.089, -0.087, 0.3127, 0.3290),
}
_CLOSE = 0.002

# Bradford cone responses (Lam 1985), as in ICC profiles and OpenColorIO.
_BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])


def named_primaries(chromaticities: Sequence[float]) -> str | None:
    """The name of CIE xy of red, green, blue and white (8,), or None where they are no usual ones."""
    for name, known in _NAMED.items():
        if np.abs(np.subtract(known, chromaticities)).max() < _CLOSE:
            return name
    return None


def rec709_matrix(chromaticities: Sequence[float]) -> NDArray[np.float64] | None:
    """Linear RGB of these primaries (CIE xy of red, green, blue, white) to linear Rec.709: (3, 3), white to
    white (Bradford). None where they span no colours.

    SMPTE RP 177: the columns of RGB to XYZ are the primaries, scaled to add up to white.
    """
    try:
        found = np.linalg.inv(_xyz(REC709)) @ _adapted(chromaticities) @ _xyz(chromaticities)
    except (np.linalg.LinAlgError, ZeroDivisionError):
        return None
    return found if np.isfinite(found).all() and np.abs(found).max() < 100 else None


def chromaticities_from(to_rec709: NDArray[np.float64]) -> tuple[float, ...]:
    """CIE xy of red, green, blue and white of light that `to_rec709` (3, 3) turns into linear Rec.709: seen
    under Rec.709's white, so those of ACES differ from their published ones by the adaptation.
    """
    columns = _xyz(REC709) @ to_rec709
    spots = np.concatenate([columns, columns.sum(axis=1, keepdims=True)], axis=1)
    return tuple(float(value) for value in (spots[:2] / spots.sum(axis=0)).T.ravel())


def _white(chromaticities: Sequence[float]) -> NDArray[np.float64]:
    x, y = (float(value) for value in chromaticities[6:8])
    return np.array([x / y, 1.0, (1 - x - y) / y])


def _xyz(chromaticities: Sequence[float]) -> NDArray[np.float64]:
    x, y = np.array(chromaticities[:6], np.float64).reshape(3, 2).T
    columns = np.stack([x, y, 1 - x - y])
    return np.asarray(columns * np.linalg.solve(columns, _white(chromaticities)), np.float64)


def _adapted(chromaticities: Sequence[float]) -> NDArray[np.float64]:
    cones = (_BRADFORD @ _white(REC709)) / (_BRADFORD @ _white(chromaticities))
    return np.asarray(np.linalg.inv(_BRADFORD) @ np.diag(cones) @ _BRADFORD, np.float64)
