# SPDX-License-Identifier: Apache-2.0
"""Gathering what a job can know of an actor: from the plate, other takes, and their own sound."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from plosive.faces.track import FaceTrack
from plosive.media import Dub
from plosive.media.plate import PlateInfo
from plosive.motion import ActorRange, MouthFootage, actor_range
from plosive.motion.mood import slow_width
from plosive.motion.residual import (
    LEAST_SECONDS,
    HeardFootage,
    LearntResidual,
    learn_residual,
    sound_features,
)
from plosive.speech import PhoneSource, Speech
from plosive.speech.sound.mel import mel_energies
from plosive.sync.known_actor import KnownActor
from plosive.sync.own_sound import OwnSound, SoundMatch, heard_footage, listen_to, match_sound
from plosive.sync.same_person import same_person_odds, takes_of
from plosive.sync.takes import ActorTake, footage_of

__all__ = ["ActorSources", "know_actors", "plate_sound"]

# Of one file, of all: hearing takes nearly as long.
_LISTENED_SECONDS, _MOST_LISTENED_SECONDS = 60.0, 120.0
_SOUNDLESS = "it has no sound"
_TOO_SHORT = f"enough was heard before it, or it is shorter than {LEAST_SECONDS:g} s"


@dataclass(frozen=True)
class _Heard:
    footage: HeardFootage
    phones_from: PhoneSource


@dataclass(frozen=True)
class ActorSources:
    """What there is to know actors from. `synced` are the faces of the plate that get a new mouth,
    `dub_centres` the T frame centres of the result in the dub's time, `speech` is what is said in
    `dub`. Where `why_rules` says why, nothing is learnt from any sound. `everybody` are the faces that takes
    may be of, where others of the plate are synced too. `is_cached`: sounds heard before are known.
    """

    info: PlateInfo
    frame_times: Sequence[Fraction]
    synced: Sequence[FaceTrack]
    takes: Sequence[ActorTake]
    dub_centres: Sequence[Fraction]
    dub: Dub
    speech: Speech
    why_rules: str = ""
    everybody: Sequence[FaceTrack] = ()
    is_cached: bool = False

    @property
    def faces(self) -> Sequence[FaceTrack]:
        """The faces that takes may be of."""
        return self.everybody or self.synced

    @cached_property
    def take_odds(self) -> NDArray[np.float64]:
        """That each of `faces` (A) is each face in the takes (B): see `same_person_odds`."""
        return same_person_odds(self.faces, [track for take in self.takes for track, _ in take.shots])

    @cached_property
    def why_not_learn(self) -> str:
        """Why no sound is listened to; '' where it is worth it: not when the words of the dub are known."""
        if self.why_rules or self.speech.source in (PhoneSource.RECOGNISED, PhoneSource.DECODED):
            return self.why_rules
        if self.speech.is_silent:
            return "nobody speaks in the dub"
        return "the words of the dub are known, and the rules do best with them"

    @cached_property
    def sounds(self) -> tuple[OwnSound | str, ...]:
        """What is said in the plate and in each take, or why nothing can be learnt from it."""
        plate = _listened_seconds(self.info)
        found: list[OwnSound | str] = [plate_sound(self.info, self.speech.language, self.is_cached)]
        left = _MOST_LISTENED_SECONDS - (plate if plate >= LEAST_SECONDS else 0.0)
        for take in self.takes:
            listened = min(take.seconds, left, _LISTENED_SECONDS)
            if not take.info.has_audio:
                found.append(_SOUNDLESS)
            elif listened < LEAST_SECONDS:
                found.append(_TOO_SHORT)
            else:
                found.append(listen_to(take.path, listened, self.speech.language, is_cached=self.is_cached))
                left -= listened
        return tuple(found)

    @cached_property
    def dub_features(self) -> NDArray[np.float64]:
        """The dub's sound at every frame of the result: (T, F)."""
        seconds = np.array([float(centre) for centre in self.dub_centres])
        return sound_features(mel_energies(self.dub.speech_samples()), seconds)


def plate_sound(info: PlateInfo, language: str, is_cached: bool = False) -> OwnSound | str:
    """What is said in a plate, as far as an actor is known by it, or why nothing can be learnt from it;
    `is_cached` as in `listen_to`.
    """
    listened = _listened_seconds(info)
    if not info.has_audio:
        return _SOUNDLESS
    if listened < LEAST_SECONDS:
        return _TOO_SHORT
    start = float(info.start_seconds)
    return listen_to(info.path, listened, language, start_seconds=start, is_cached=is_cached)


def _listened_seconds(info: PlateInfo) -> float:
    return min(float(info.frame_count / info.frame_rate), _LISTENED_SECONDS) if info.has_audio else 0.0


def know_actors(sources: ActorSources) -> dict[int, KnownActor]:
    """Measure the actor of each synced face, by its number, and learn from footage whose sound fits it."""
    return {track.number: _known(track, sources) for track in sources.synced}


def _known(track: FaceTrack, sources: ActorSources) -> KnownActor:
    plate = footage_of(track, sources.frame_times, sources.info.frame_rate)
    others, warnings = takes_of(track, sources.faces, sources.takes, sources.take_odds)
    own = actor_range([plate, *(footage for take in others.values() for _, footage in take.shots)])
    matches: list[tuple[str, SoundMatch]] = []
    heard: list[_Heard] = []
    if not sources.why_not_learn:
        _hear(sources.info.path.name, [plate], sources.sounds[0], own, matches, heard)
        for place, take in others.items():
            shots = [footage for _, footage in take.shots]
            _hear(take.path.name, shots, sources.sounds[1 + place], own, matches, heard)
    learnt = learn_residual([one.footage for one in heard], own.open[2] - own.open[0]) if heard else None
    heard_from = [one.phones_from for one in heard]
    correction, why = _correction(learnt, sources, matches, heard_from)
    mood = np.interp(np.arange(len(sources.dub_centres)), track.indices, slow_width(plate))
    return KnownActor(
        track.number,
        own,
        mood,
        correction,
        why,
        learnt,
        tuple(matches),
        tuple(warnings),
        tuple(others.values()),
    )


def _hear(
    name: str,
    shots: Sequence[MouthFootage],
    sound: OwnSound | str,
    own: ActorRange,
    matches: list[tuple[str, SoundMatch]],
    heard: list[_Heard],
) -> None:
    if isinstance(sound, str):
        matches.append((name, SoundMatch(sound)))
        return
    for footage in shots:
        match = match_sound(footage, sound)
        matches.append((name, match))
        if match.is_match and match.lag is not None:
            heard.append(_Heard(heard_footage(footage, sound, match.lag, own), sound.speech.source))


def _correction(
    learnt: LearntResidual | None,
    sources: ActorSources,
    matches: Sequence[tuple[str, SoundMatch]],
    heard_from: Sequence[PhoneSource],
) -> tuple[NDArray[np.float64] | None, str]:
    """What was learnt, for the dub; else None and why. On real footage learning paid only where sounds were
    heard wrongly; what makes up for that would spoil rightly heard ones.
    """
    if sources.why_not_learn:
        return None, sources.why_not_learn
    if learnt is None:
        if any(match.is_match for _, match in matches):
            return None, "too little is spoken where sound and picture match"
        return None, "; ".join(f"{name}: {match.reason}" for name, match in matches)
    if not learnt.is_used:
        return None, "on held-back parts of the footage the rules did as well alone"
    trust = list(PhoneSource)
    if trust.index(sources.speech.source) < max(trust.index(source) for source in heard_from):
        return None, "the sounds of the dub are known better than those of the footage"
    return learnt.correction(sources.dub_features), ""
