# SPDX-License-Identifier: Apache-2.0
"""The mouth shape of every phone, as data.

Targets are in range units. They come from the motion trials (11 recordings) and were fitted anew, drawn back
to those, on 15 recordings of 15 people: six of GRID with exact words, nine of broadcast speech with
recognised words or decoded sounds. Leaving each speaker out in turn, r of aperture is 0.82 on GRID, 0.66 on
the others (docs/motion-accuracy.md; tests/core/motion/fit_visemes.py prints the rows). Lips and jaw are
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
        "sealed": _viseme((0.12, 0.30), (0.41, 0.32), (0.18, 0.30), (0.16, 0.30), 0.17, 1.11),
        "opening": _viseme((0.61, 0.30), (0.38, 0.32), (0.54, 0.34), (0.61, 0.32), 0.69, 1.22),
        "pbm": _viseme((-0.01, 2.71), (0.39, 2.45), (0.35, 2.33), (0.01, 2.64), -0.01, 0.93),
        "fv": _viseme((-0.14, 1.68), (0.51, 2.06), (-0.10, 1.37), (-0.22, 1.84), -0.17, 0.88),
        "th": _viseme((0.60, 0.85), (0.69, 0.82), (0.43, 0.85), (0.62, 0.86), 0.55, 1.14),
        "tdnl": _viseme((0.25, 0.57), (0.65, 0.47), (0.14, 0.66), (0.29, 0.57), 0.19, 0.92),
        "sz": _viseme((0.46, 1.13), (0.70, 1.30), (0.15, 1.68), (0.41, 1.28), 0.37, 1.87),
        "sh": _viseme((0.61, 1.11), (0.32, 1.08), (0.26, 1.28), (0.77, 1.17), 0.90, 1.16),
        "kg": _viseme((0.56, 0.49), (0.56, 0.39), (0.50, 0.58), (0.69, 0.52), 0.77, 1.30),
        "r": _viseme((0.29, 1.88), (0.36, 1.89), (0.24, 1.11), (0.43, 1.63), 0.53, 1.42),
        "onset_r": _viseme((0.12, 2.24), (0.23, 1.95), (0.22, 1.04), (0.32, 1.75), 0.47, 1.65),
        "w": _viseme((-0.07, 1.13), (0.06, 1.52), (0.44, 1.06), (0.20, 1.04), 0.44, 0.87),
        "uw": _viseme((0.17, 2.43), (0.12, 1.10), (0.10, 2.11), (0.32, 2.71), 0.45, 1.65),
        "uw_off": _viseme((-0.08, 1.18), (0.15, 1.33), (0.39, 0.98), (0.21, 1.02), 0.38, 0.93),
        "ao": _viseme((0.18, 1.29), (-0.11, 1.60), (0.56, 1.04), (0.43, 1.21), 0.87, 1.21),
        "uh": _viseme((0.25, 1.03), (0.35, 0.99), (0.27, 1.00), (0.34, 1.01), 0.47, 1.23),
        "aa": _viseme((1.12, 1.04), (0.57, 1.84), (1.17, 1.00), (1.17, 0.96), 1.18, 1.65),
        "ae": _viseme((1.11, 0.96), (0.75, 0.92), (1.06, 0.99), (1.17, 0.95), 0.97, 1.97),
        "ah": _viseme((0.59, 0.85), (0.47, 0.78), (0.45, 1.27), (0.61, 0.80), 0.64, 1.35),
        "eh": _viseme((1.07, 1.01), (0.82, 0.67), (0.88, 1.07), (1.00, 1.07), 0.85, 1.16),
        "iy": _viseme((0.64, 0.82), (0.72, 0.89), (0.36, 0.76), (0.65, 0.89), 0.52, 1.27),
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
