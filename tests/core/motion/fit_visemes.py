# SPDX-License-Identifier: Apache-2.0
"""The numbers of `plosive.motion.visemes` fitted to real clips, and how well they predict people left out.

    python tests/core/motion/fit_visemes.py MATERIAL > fitted.txt

Targets, dominances and reaches start from the motion trials' (`trial_visemes.json`) and are drawn back to
them; rules, breaths, gains of loudness, pitch and length stay as they are. What is maximised is the
correlation of each channel, clips counting alike, with a little weight on the error in range units. First
each clip is predicted by numbers fitted on all others, then the numbers fitted on all are printed as rows of
the table. Takes about four minutes on two cores.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from tests.core.motion.accuracy import OUT_OF_SYNC, Measured, measured
from tests.core.quality.damage import CLIPS

from plosive.motion.blend import _REACH, blended, pulls_of
from plosive.motion.curves import CHANNELS
from plosive.motion.visemes import REST, VISEMES

NAMES = tuple(VISEMES)
_CHANNELS = len(CHANNELS)
_WEIGHTS = torch.tensor([1.0, 0.5, 0.8, 0.6, 0.5], dtype=torch.float64)
_ERROR_WEIGHT = 0.3
_STEPS, _RATE, _DRAW_BACK = 150, 0.02, 0.06
_SPREAD = {"target": 0.25, "dominance": 0.5, "reach": 0.3}  # how far a number may stray, as a deviation

Numbers = dict[str, torch.Tensor]


@dataclass(frozen=True)
class Sample:
    """One clip made ready: its pulls, its rules as factors of the curve, and what was measured."""

    viseme: torch.Tensor  # (P,) row of NAMES
    distance: torch.Tensor  # (T, P) seconds from each pull
    quarter: torch.Tensor  # (P,) half of half its length, and the least reach
    emphasis: torch.Tensor  # (P, 5) what loudness, pitch and length add
    gain: torch.Tensor  # (T, 5) the rules: values = gain * drawn + offset
    offset: torch.Tensor
    real: torch.Tensor  # (T, 5) range units


def sample(one: Measured) -> Sample:
    times = np.array([float(centre) for centre in one.centre_seconds])
    pulls = pulls_of(one.speech.phones)
    start, end = np.array([p.start for p in pulls]), np.array([p.end for p in pulls])
    own = np.array([VISEMES[p.viseme].target for p in pulls])
    drawn = blended(pulls, times)[:, :_CHANNELS]
    ruled = one.curves.values.astype(np.float64)
    # Rules pull towards a fixed shape: how far is told by how far they moved the curve that is.
    rest = np.array(REST)
    away = np.where(np.abs(drawn - rest) < 1e-3, 1e-3, drawn - rest)
    gain = np.clip((ruled - rest) / away, 0, 1)
    gain[:, 0] = np.clip(ruled[:, 0] / np.maximum(drawn[:, 0], 1e-3), 0, 1)
    offset = (1 - gain) * rest
    offset[:, 0] = 0
    low, high = np.percentile(one.channels, (5, 95), axis=0)
    return Sample(
        torch.tensor([NAMES.index(p.viseme) for p in pulls]),
        torch.tensor(np.maximum(np.maximum(start - times[:, None], times[:, None] - end), 0)),
        torch.tensor((end - start) / 4 + 0.035),
        torch.tensor(np.array([p.target[:_CHANNELS] for p in pulls]) - own),
        torch.tensor(gain),
        torch.tensor(offset),
        torch.tensor((one.channels - low) / (high - low)),
    )


def of_trials() -> Numbers:
    rows = json.loads((Path(__file__).parent / "trial_visemes.json").read_text(encoding="utf-8"))
    pick = {key: torch.tensor([rows[name][key] for name in NAMES], dtype=torch.float64) for key in _SPREAD}
    return {"target": pick["target"], "dominance": pick["dominance"].log(), "reach": pick["reach"].log()}


def predicted(numbers: Numbers, clip: Sample) -> torch.Tensor:
    """`blend.blended` with other numbers, and the rules."""
    scale = _REACH * numbers["reach"][clip.viseme].exp() * clip.quarter + 0.01
    weight = torch.exp(-((clip.distance / scale + 1e-9) ** 1.6)) + 1e-12
    dominance = numbers["dominance"][clip.viseme].exp()
    target = numbers["target"][clip.viseme] + clip.emphasis
    drawn = (weight @ (dominance * target)) / (weight @ dominance)
    return torch.cat([drawn[:, :1].clamp(min=0), drawn[:, 1:]], 1) * clip.gain + clip.offset


def correlation(one: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
    a, b = one - one.mean(0), other - other.mean(0)
    return (a * b).sum(0) / ((a**2).sum(0) * (b**2).sum(0) + 1e-9).sqrt()


def fitted(clips: Sequence[Sample]) -> Numbers:
    prior = of_trials()
    numbers = {key: value.clone().requires_grad_(True) for key, value in prior.items()}
    optimiser = torch.optim.Adam(numbers.values(), lr=_RATE)
    for _ in range(_STEPS):
        optimiser.zero_grad()
        loss = torch.zeros((), dtype=torch.float64)
        for clip in clips:
            drawn = predicted(numbers, clip)
            error = ((drawn - clip.real) ** 2).mean(0)
            loss = loss + ((1 - correlation(drawn, clip.real) + _ERROR_WEIGHT * error) * _WEIGHTS).sum()
        for key, spread in _SPREAD.items():
            loss = loss + _DRAW_BACK * (((numbers[key] - prior[key]) / spread) ** 2).sum()
        (loss / len(clips)).backward()
        optimiser.step()
    return {key: value.detach() for key, value in numbers.items()}


def main(material: Path) -> None:
    torch.set_num_threads(1)
    clips = [measured(clip, material) for clip in CLIPS if clip.name not in OUT_OF_SYNC]
    samples = {one.clip.name: sample(one) for one in clips}
    print("left out            r of", *CHANNELS)
    found = {}
    for name, left_out in samples.items():
        others = [clip for other, clip in samples.items() if other != name]
        found[name] = correlation(predicted(fitted(others), left_out), left_out.real).numpy()
        print(f"{name:20s}", *(f"{value:.2f}" for value in found[name]))
    for label, known in (("words known", True), ("words recognised", False)):
        group = [found[one.clip.name] for one in clips if bool(one.clip.transcript) is known]
        print(f"mean, {label} ({len(group)}):", *(f"{value:.3f}" for value in np.mean(group, axis=0)))
    numbers = fitted(list(samples.values()))
    dominance, reach = numbers["dominance"].exp(), numbers["reach"].exp()
    print("\nviseme: target and dominance of each channel, reach")
    for row, name in enumerate(NAMES):
        pairs = zip(numbers["target"][row].tolist(), dominance[row].tolist(), strict=True)
        print(f"{name:8s}", *(f"({a:.2f}, {b:.2f})" for a, b in pairs), f"{float(reach[row]):.2f}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
