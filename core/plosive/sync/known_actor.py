# SPDX-License-Identifier: Apache-2.0
"""What a job knows of the actor whose mouth it moves."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from plosive.motion import CHANNELS, ActorRange
from plosive.motion.residual import LearntResidual
from plosive.sync.own_sound import SoundMatch
from plosive.sync.takes import ActorTake

__all__ = ["KnownActor"]


@dataclass(frozen=True)
class KnownActor:
    """One actor. `width_offset` (T,) is the mood of the plate and `correction` (T, 5) what was learnt, both
    for every frame of the result, in the actor's units; `correction` is None where the rules stand alone,
    and `why_rules` says why. `matches` tells, take by take, whether its sound fits its picture. `takes` are
    those that show this actor, with no other face in them.
    """

    number: int
    range: ActorRange
    width_offset: NDArray[np.float64]
    correction: NDArray[np.float64] | None
    why_rules: str
    learnt: LearntResidual | None
    matches: tuple[tuple[str, SoundMatch], ...]
    warnings: tuple[str, ...] = ()
    takes: tuple[ActorTake, ...] = ()

    def taken(self, rows: NDArray[np.int64]) -> KnownActor:
        """The same actor with the frames `rows` (N,) alone, in that order."""
        correction = None if self.correction is None else self.correction[rows]
        return replace(self, width_offset=self.width_offset[rows], correction=correction)

    def facts(self) -> dict[str, object]:
        """All of it as JSON-ready facts in plain numbers; units as `faces.measure.mouth_channels`."""
        own = self.range
        return {
            "face": self.number,
            "frames_measured": own.frames,
            "takes_measured": own.takes,
            "range_of_other_people_for": list(own.generic),
            "channels": {
                name: {
                    "closed": _plain(own.closed[column]),
                    "open_p10_p50_p90": [_plain(value) for value in own.open[:, column]],
                    "peak_speed_per_second": _plain(own.peak_speeds[column]),
                }
                for column, name in enumerate(CHANNELS)
            },
            "lips_parted_share": _plain(own.parted_share),
            "aperture_when_still": None if own.still_aperture is None else _plain(own.still_aperture),
            "right_corner_higher_by": None if own.sides is None else _plain(own.sides[0]),
            "right_side_opens_wider_by": None if own.sides is None else _plain(own.sides[1]),
            "mood_width_from_to": [_plain(self.width_offset.min()), _plain(self.width_offset.max())],
            "own_sound": [_match_facts(name, match) for name, match in self.matches],
            "motion_from": "the rules" if self.correction is None else "the rules and what was learnt here",
            "why_rules_alone": self.why_rules or None,
            "learnt": None if self.learnt is None else _learnt_facts(self.learnt),
        }


def _match_facts(name: str, match: SoundMatch) -> dict[str, object]:
    lag = match.lag
    return {
        "take": name,
        "matches_picture": match.is_match,
        "why_not": match.reason or None,
        "lag_ms": None if lag is None else round(lag.seconds * 1000),
        "confidence": None if lag is None else _plain(lag.confidence),
        "correlation": None if lag is None else _plain(lag.correlation),
    }


def _learnt_facts(learnt: LearntResidual) -> dict[str, object]:
    return {
        "spoken_seconds": _plain(learnt.spoken_seconds),
        "held_back": [
            {
                "channel": trial.channel,
                "used": trial.used,
                "correlation_rules": _plain(trial.rules_correlation),
                "correlation_learnt": _plain(trial.learnt_correlation),
                "error_rules": _plain(trial.rules_error),
                "error_learnt": _plain(trial.learnt_error),
            }
            for trial in learnt.trials
        ],
    }


def _plain(value: float) -> float:
    return round(float(value), 4)
