# SPDX-License-Identifier: Apache-2.0
"""What a job knows of the actor whose mouth it moves: from the plate, other takes, and their own sound."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from plosive.faces.track import FaceTrack
from plosive.media.plate import PlateInfo
from plosive.motion import CHANNELS, ActorRange, MouthFootage, actor_range
from plosive.motion.mood import slow_width
from plosive.motion.residual import HeardFootage, LearntResidual, learn_residual, sound_features
from plosive.sync.own_sound import OwnSound, SoundMatch, heard_footage, listen_to, match_sound
from plosive.sync.takes import LONGEST_SECONDS, ActorTake, footage_of, head_distance

__all__ = ["ActorSources", "KnownActor", "know_actor"]

Shot = tuple[FaceTrack, MouthFootage]

_OTHER_HEAD = 0.045
_NO_SOUND = "it has no sound"


@dataclass(frozen=True)
class KnownActor:
    """One actor. `width_offset` (T,) is the mood of the plate and `correction` (T, 5) what was learnt, both
    for every frame of the result, in the actor's units; `correction` is None where the rules stand alone,
    and `why_rules` says why. `matches` tells, take by take, whether its sound fits its picture.
    """

    number: int
    range: ActorRange
    width_offset: NDArray[np.float64]
    correction: NDArray[np.float64] | None
    why_rules: str
    learnt: LearntResidual | None
    matches: tuple[tuple[str, SoundMatch], ...]
    warnings: tuple[str, ...] = ()

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


class ActorSources:
    """What there is to know actors from; sounds are listened to when first asked for, and once.

    `synced` are the faces of the plate that get a new mouth, `dub_centres` the T frame centres of the result
    in the dub's time, and `dub_energies` gives `speech.mel.mel_energies` of the dub.
    """

    def __init__(
        self,
        info: PlateInfo,
        frame_times: Sequence[Fraction],
        synced: Sequence[FaceTrack],
        takes: Sequence[ActorTake],
        dub_centres: Sequence[Fraction],
        dub_energies: Callable[[], NDArray[np.float32]],
    ) -> None:
        self.info, self.frame_times, self.synced, self.takes = info, frame_times, synced, takes
        self.dub_seconds = np.array([float(centre) for centre in dub_centres])
        self._dub_energies = dub_energies
        self._sounds: dict[Path, OwnSound | str] = {}
        self._dub: NDArray[np.float64] | None = None

    def plate_sound(self) -> OwnSound | str:
        """The plate's own sound, or why there is none to learn from."""
        seconds = self.info.frame_count / float(self.info.frame_rate)
        return self._sound(self.info.path, seconds) if self.info.has_audio else _NO_SOUND

    def take_sound(self, take: ActorTake) -> OwnSound | str:
        """The same for another take."""
        return self._sound(take.path, take.seconds) if take.has_sound else _NO_SOUND

    def dub_features(self) -> NDArray[np.float64]:
        """The dub's sound at every frame of the result: (T, F)."""
        if self._dub is None:
            self._dub = sound_features(self._dub_energies(), self.dub_seconds)
        return self._dub

    def _sound(self, path: Path, seconds: float) -> OwnSound | str:
        if path not in self._sounds:
            self._sounds[path] = listen_to(path, min(seconds, LONGEST_SECONDS))
        return self._sounds[path]


def know_actor(track: FaceTrack, sources: ActorSources) -> KnownActor:
    """Measure the actor of `track` from the plate and the takes, and learn from those whose sound fits."""
    plate = footage_of(track, sources.frame_times, sources.info.frame_rate)
    others, warnings = _takes_of(track, sources.synced, sources.takes)
    own = actor_range([plate, *(footage for take in others for _, footage in take.shots)])
    matches: list[tuple[str, SoundMatch]] = []
    heard: list[HeardFootage] = []
    _hear(sources.info.path.name, [plate], sources.plate_sound(), own, matches, heard)
    for take in others:
        shots = [footage for _, footage in take.shots]
        _hear(take.path.name, shots, sources.take_sound(take), own, matches, heard)
    learnt = learn_residual(heard, own.open[2] - own.open[0]) if heard else None
    correction, why = _correction(learnt, sources, matches)
    mood = np.interp(np.arange(len(sources.dub_seconds)), track.indices, slow_width(plate))
    return KnownActor(track.number, own, mood, correction, why, learnt, tuple(matches), tuple(warnings))


def _takes_of(
    track: FaceTrack, synced: Sequence[FaceTrack], takes: Sequence[ActorTake]
) -> tuple[list[ActorTake], list[str]]:
    """The takes to use for `track`: of those that fit one of the `synced` faces, its own. What fits none is
    used all the same, as it was asked for, with a warning.
    """
    used: list[ActorTake] = []
    warnings: list[str] = []
    for take in takes:
        if not take.shots:
            warnings.append(f"--actor-footage {take.path.name} shows no face, so it is not used.")
            continue
        mine: list[Shot] = []
        for shot in take.shots:
            away = [head_distance(one, shot[0]) for one in synced]
            is_strange = min(away) > _OTHER_HEAD
            if is_strange:
                warnings.append(
                    f"--actor-footage {take.path.name} seems to show another person than the plate does; "
                    "leave it out if that is so."
                )
            if is_strange or head_distance(track, shot[0]) <= _OTHER_HEAD:
                mine.append(shot)
        if mine:
            used.append(replace(take, shots=tuple(mine)))
    return used, warnings


def _hear(
    name: str,
    shots: Sequence[MouthFootage],
    sound: OwnSound | str,
    own: ActorRange,
    matches: list[tuple[str, SoundMatch]],
    heard: list[HeardFootage],
) -> None:
    if isinstance(sound, str):
        matches.append((name, SoundMatch(sound)))
        return
    for footage in shots:
        match = match_sound(footage, sound)
        matches.append((name, match))
        if match.is_match and match.lag is not None:
            heard.append(heard_footage(footage, sound, match.lag, own))


def _correction(
    learnt: LearntResidual | None, sources: ActorSources, matches: Sequence[tuple[str, SoundMatch]]
) -> tuple[NDArray[np.float64] | None, str]:
    if learnt is None:
        if any(match.is_match for _, match in matches):
            return None, "too little is spoken where sound and picture match"
        return None, "; ".join(f"{name}: {match.reason}" for name, match in matches)
    if not learnt.is_used:
        return None, "on held-back parts of the footage the rules did as well alone"
    features = sources.dub_features()
    if learnt.is_foreign(features):
        return None, "the dub sounds too unlike the footage's own sound"
    return learnt.correction(features), ""


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
