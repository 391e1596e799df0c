# SPDX-License-Identifier: Apache-2.0
"""The mouth shape of every phone, as data.

Targets are in range units. They come from the motion trials (11 recordings) and were fitted anew, drawn back
to those, on 14 recordings of 14 people: six of GRID with exact words, eight of broadcast speech with
recognised or decoded ones. Leaving each speaker out in turn, r of aperture is 0.82 on GRID, 0.68 on the
other eight (docs/motion-accuracy.md; tests/core/motion/fit_visemes.py prints the rows). Lips and jaw are
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
        "sealed": _viseme((0.10, 0.31), (0.40, 0.33), (0.16, 0.31), (0.15, 0.30), 0.16, 1.10),
        "opening": _viseme((0.62, 0.30), (0.38, 0.32), (0.54, 0.34), (0.62, 0.32), 0.69, 1.22),
        "pbm": _viseme((-0.02, 2.79), (0.39, 2.44), (0.36, 2.44), (0.01, 2.68), -0.01, 0.99),
        "fv": _viseme((-0.13, 1.66), (0.51, 2.06), (-0.10, 1.34), (-0.21, 1.80), -0.16, 0.87),
        "th": _viseme((0.58, 0.87), (0.67, 0.81), (0.40, 0.86), (0.62, 0.88), 0.56, 1.14),
        "tdnl": _viseme((0.26, 0.57), (0.65, 0.47), (0.15, 0.64), (0.30, 0.56), 0.19, 0.91),
        "sz": _viseme((0.46, 1.13), (0.70, 1.29), (0.13, 1.69), (0.42, 1.28), 0.38, 1.93),
        "sh": _viseme((0.62, 1.11), (0.32, 1.08), (0.27, 1.26), (0.78, 1.17), 0.91, 1.16),
        "kg": _viseme((0.58, 0.49), (0.56, 0.39), (0.51, 0.57), (0.71, 0.52), 0.79, 1.29),
        "r": _viseme((0.29, 1.88), (0.34, 1.90), (0.23, 1.10), (0.43, 1.65), 0.54, 1.43),
        "onset_r": _viseme((0.11, 2.27), (0.23, 1.96), (0.22, 1.05), (0.31, 1.76), 0.46, 1.65),
        "w": _viseme((-0.07, 1.11), (0.06, 1.49), (0.42, 1.05), (0.19, 1.03), 0.39, 0.85),
        "uw": _viseme((0.17, 2.42), (0.11, 1.11), (0.09, 2.12), (0.32, 2.71), 0.43, 1.61),
        "uw_off": _viseme((-0.08, 1.17), (0.15, 1.32), (0.40, 0.98), (0.21, 1.02), 0.38, 0.92),
        "ao": _viseme((0.18, 1.29), (-0.10, 1.60), (0.56, 1.04), (0.42, 1.21), 0.85, 1.20),
        "uh": _viseme((0.26, 1.02), (0.35, 0.98), (0.27, 1.00), (0.34, 1.01), 0.46, 1.22),
        "aa": _viseme((1.11, 1.00), (0.58, 1.83), (1.16, 0.98), (1.16, 0.94), 1.17, 1.87),
        "ae": _viseme((1.10, 0.95), (0.75, 0.92), (1.06, 1.01), (1.16, 0.95), 0.98, 1.95),
        "ah": _viseme((0.59, 0.85), (0.44, 0.79), (0.49, 1.31), (0.62, 0.81), 0.66, 1.37),
        "eh": _viseme((1.07, 1.01), (0.82, 0.67), (0.88, 1.07), (0.99, 1.06), 0.85, 1.15),
        "iy": _viseme((0.67, 0.82), (0.72, 0.89), (0.37, 0.74), (0.66, 0.89), 0.53, 1.29),
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
        "onset_r": (0.7, 0.2, 0.2, 0.1),
        "w": (1.0, 0.0, 0.0, 0.0),
        "uw": (0.9, 0.0, 0.0, 0.0),
        "uw_off": (1.0, 0.0, 0.0, 0.0),
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
        "UW": (("uw", 0.5), ("uw_off", 0.5)),  # lips go on closing: "two", "blue in"
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
        "BREATH": (("opening", 1.0),),
        "HH": (),  # breath shapes no mouth: its neighbours do
    }
)
"""ARPAbet phone to its visemes and the share of its time each takes (two for a diphthong)."""

ONSET_R = "onset_r"
"""`R` before a vowel: rounder and nearly closed ("red"), where an `R` after one is slack ("here")."""

LABIALS = frozenset({"P", "B", "M"})
LABIODENTALS = frozenset({"F", "V"})
SIBILANTS = frozenset({"S", "Z", "SH", "ZH", "CH", "JH"})
VOWELS = frozenset({"AA", "AE", "AH", "AO", "AW", "AY", "EH", "ER", "EY", "IH", "IY", "OW", "OY", "UH", "UW"})
