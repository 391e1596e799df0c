# SPDX-License-Identifier: Apache-2.0
"""The mouth shape of every phone, as data.

Targets are in range units, fitted on the open recordings of the motion trials (11 clips, GRID with exact
words and broadcast speech; leave-one-speaker-out r of aperture 0.73), with the hand corrections named
there: `ao` by its measured aperture, `aa` and `ae` less extreme than their few tokens. Lips and jaw are
separate columns because alveolars and sibilants keep the jaw high with the lips well open.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

__all__ = [
    "LABIALS",
    "LABIODENTALS",
    "OPENING",
    "PARTS",
    "REST",
    "SEALED",
    "SHOWN",
    "VISEMES",
    "VOWELS",
    "Viseme",
]


@dataclass(frozen=True)
class Viseme:
    """One mouth shape: per channel of `plosive.motion.CHANNELS` a target and how much it dominates.

    `reach` scales how far the shape spreads into its neighbours' time.
    """

    target: tuple[float, float, float, float, float]
    dominance: tuple[float, float, float, float, float]
    reach: float


def _viseme(
    aperture: tuple[float, float],
    width: tuple[float, float],
    jaw: tuple[float, float],
    outer: tuple[float, float],
    rounding: float,
    reach: float,
) -> Viseme:
    columns = (aperture, width, jaw, outer, (rounding, outer[1]))
    targets = tuple(target for target, _ in columns)
    dominances = tuple(dominance for _, dominance in columns)
    return Viseme(targets, dominances, reach)  # type: ignore[arg-type]


VISEMES: Mapping[str, Viseme] = MappingProxyType(
    {
        #                  aperture     width        jaw          outer height  round reach
        "sealed": _viseme((0.15, 0.32), (0.48, 0.32), (0.15, 0.32), (0.15, 0.32), 0.15, 1.2),
        "opening": _viseme((0.63, 0.34), (0.49, 0.34), (0.41, 0.34), (0.59, 0.34), 0.68, 1.2),
        "pbm": _viseme((-0.08, 3.1), (0.35, 2.4), (0.38, 2.5), (-0.07, 3.0), -0.06, 1.06),
        "fv": _viseme((-0.13, 1.7), (0.53, 2.0), (-0.12, 1.4), (-0.17, 1.7), -0.13, 0.94),
        "th": _viseme((0.52, 0.9), (0.74, 0.8), (0.32, 0.9), (0.56, 0.9), 0.50, 1.15),
        "tdnl": _viseme((0.35, 0.55), (0.74, 0.46), (0.14, 0.56), (0.30, 0.54), 0.13, 0.94),
        "sz": _viseme((0.48, 1.1), (0.77, 1.6), (0.19, 1.7), (0.46, 1.2), 0.42, 2.1),
        "sh": _viseme((0.62, 1.1), (0.29, 1.1), (0.27, 1.3), (0.81, 1.2), 0.94, 1.2),
        "kg": _viseme((0.62, 0.51), (0.57, 0.40), (0.60, 0.59), (0.72, 0.53), 0.82, 1.3),
        "r": _viseme((0.29, 1.9), (0.34, 1.9), (0.19, 1.1), (0.41, 1.6), 0.51, 1.5),
        "w": _viseme((-0.03, 1.1), (0.17, 1.3), (0.45, 1.0), (0.23, 1.0), 0.39, 0.9),
        "uw": _viseme((0.24, 2.3), (0.10, 1.1), (0.16, 2.0), (0.36, 2.6), 0.45, 1.5),
        "ao": _viseme((0.25, 1.3), (-0.10, 1.6), (0.55, 1.0), (0.44, 1.2), 0.86, 1.15),
        "uh": _viseme((0.30, 1.0), (0.30, 1.0), (0.30, 1.0), (0.35, 1.0), 0.50, 1.2),
        "aa": _viseme((1.05, 1.0), (0.65, 1.7), (1.12, 1.0), (1.15, 1.0), 1.18, 1.8),
        "ae": _viseme((1.03, 1.0), (0.76, 0.9), (1.04, 1.1), (1.14, 1.0), 0.94, 1.7),
        "ah": _viseme((0.57, 0.85), (0.39, 0.8), (0.48, 1.2), (0.60, 0.8), 0.65, 1.3),
        "eh": _viseme((1.07, 1.0), (0.86, 0.7), (0.92, 1.1), (0.98, 1.05), 0.82, 1.25),
        "iy": _viseme((0.69, 0.78), (0.77, 0.9), (0.42, 0.7), (0.67, 0.9), 0.53, 1.3),
    }
)

SHOWN: Mapping[str, tuple[float, float, float, float]] = MappingProxyType(
    {
        #          protrusion, upper raise, teeth, tongue
        "sealed": (0.0, 0.0, 0.0, 0.0),
        "opening": (0.1, 0.1, 0.3, 0.1),
        "pbm": (0.1, 0.0, 0.0, 0.0),
        "fv": (0.0, 0.5, 0.7, 0.0),
        "th": (0.0, 0.2, 0.6, 1.0),
        "tdnl": (0.0, 0.2, 0.6, 0.6),
        "sz": (0.0, 0.3, 1.0, 0.0),
        "sh": (0.8, 0.5, 0.9, 0.0),
        "kg": (0.0, 0.2, 0.5, 0.2),
        "r": (0.5, 0.2, 0.3, 0.2),
        "w": (1.0, 0.0, 0.0, 0.0),
        "uw": (0.9, 0.0, 0.0, 0.0),
        "ao": (0.7, 0.1, 0.1, 0.1),
        "uh": (0.5, 0.1, 0.2, 0.1),
        "aa": (0.1, 0.3, 0.5, 0.4),
        "ae": (0.0, 0.5, 0.8, 0.4),
        "ah": (0.1, 0.2, 0.4, 0.2),
        "eh": (0.0, 0.4, 0.7, 0.4),
        "iy": (0.0, 0.4, 0.9, 0.3),
    }
)
"""What of lips, teeth and tongue each viseme shows, 0..1, columns as `plosive.motion.curves.ARTICULATORS`."""

SEALED = "sealed"
OPENING = "opening"
REST = (0.0, 0.48, 0.10, 0.08, 0.10)
"""A mouth at rest, lips together: aperture, width, jaw, outer height, rounding in range units."""

PARTS: Mapping[str, tuple[tuple[str, float], ...]] = MappingProxyType(
    {
        **{phone: (("pbm", 1.0),) for phone in ("P", "B", "M")},
        **{phone: (("fv", 1.0),) for phone in ("F", "V")},
        **{phone: (("th", 1.0),) for phone in ("TH", "DH")},
        **{phone: (("tdnl", 1.0),) for phone in ("T", "D", "N", "L", "DX")},
        **{phone: (("sz", 1.0),) for phone in ("S", "Z")},
        **{phone: (("sh", 1.0),) for phone in ("SH", "ZH", "CH", "JH")},
        **{phone: (("kg", 1.0),) for phone in ("K", "G", "NG")},
        **{phone: (("r", 1.0),) for phone in ("R", "ER")},
        **{phone: (("iy", 1.0),) for phone in ("IY", "IH", "Y")},
        "W": (("w", 1.0),),
        "UW": (("uw", 1.0),),
        "UH": (("uh", 1.0),),
        "AO": (("ao", 1.0),),
        "AA": (("aa", 1.0),),
        "AE": (("ae", 1.0),),
        "AH": (("ah", 1.0),),
        "EH": (("eh", 1.0),),
        "AY": (("aa", 0.55), ("iy", 0.45)),
        "AW": (("aa", 0.65), ("w", 0.35)),  # 0.5 in the trials; the lips of three more speakers close later
        "OY": (("ao", 0.5), ("iy", 0.5)),
        "OW": (("ao", 0.5), ("uw", 0.5)),
        "EY": (("eh", 0.5), ("iy", 0.5)),
        "HH": (),  # breath shapes no mouth: its neighbours do
    }
)
"""ARPAbet phone to its visemes and the share of its time each takes (two for a diphthong)."""

LABIALS = frozenset({"P", "B", "M"})
LABIODENTALS = frozenset({"F", "V"})
VOWELS = frozenset({"AA", "AE", "AH", "AO", "AW", "AY", "EH", "ER", "EY", "IH", "IY", "OW", "OY", "UH", "UW"})
