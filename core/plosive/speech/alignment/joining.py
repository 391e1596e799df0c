# SPDX-License-Identifier: Apache-2.0
"""Parts of a dub put together: phones that cover it, with their loudness and pitch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from plosive.speech.alignment.aligner import AlignedPhone
from plosive.speech.alignment.ladder import Part
from plosive.speech.model import HOP_SECONDS, SILENCE, Phone, PhoneSource, Sound, Speech, Word
from plosive.speech.text.script import Script

__all__ = ["joined", "of_given_phones", "silence", "silences_joined"]


def silence(duration: Fraction, sound: Sound, language: str, warnings: Sequence[str]) -> Speech:
    """A dub in which nobody speaks."""
    phones = (Phone("SIL", Fraction(0), duration),) if duration else ()
    return Speech(duration, phones, (), sound, PhoneSource.NONE, language, 1.0, tuple(warnings))


def joined(
    parts: Sequence[Part], sound: Sound, duration: Fraction, language: str, warnings: Sequence[str]
) -> Speech:
    """`parts`, which tile the dub, put end to end."""
    tiles: list[Phone] = []
    words: list[Word] = []
    for part in parts:
        for phone in part.phones or (AlignedPhone("SIL", 0, part.end - part.start),):
            start, end = (part.start + phone.start) * HOP_SECONDS, (part.start + phone.end) * HOP_SECONDS
            tiles.append(Phone(phone.symbol, start, min(end, duration)))
        words += [
            Word(word.text, (part.start + word.start) * HOP_SECONDS, (part.start + word.end) * HOP_SECONDS)
            for word in part.words
        ]
    phones = _measured(silences_joined(tiles), sound)
    if all(phone.symbol == "SIL" for phone in phones):
        return silence(duration, sound, language, warnings)
    used = [part for part in parts if part.phones]
    confidence = float(
        np.average([part.confidence for part in used], weights=[part.end - part.start for part in used])
    )
    return Speech(duration, phones, tuple(words), sound, _source(used), language, confidence, tuple(warnings))


def of_given_phones(
    script: Script, sound: Sound, duration: Fraction, language: str, warnings: Sequence[str]
) -> Speech:
    """The phones of `script` as they are, cut or filled up with silence to the length of the dub."""
    tiles: list[Phone] = []
    at = Fraction(0)
    for phone in sorted(script.phones, key=lambda phone: phone.start_seconds):
        start, end = max(phone.start_seconds, at), min(phone.end_seconds, duration)
        if end <= start:
            continue
        if start > at:
            tiles.append(Phone("SIL", at, start))
        tiles.append(Phone(phone.symbol, start, end))
        at = end
    if at < duration:
        tiles.append(Phone("SIL", at, duration))
    phones = _measured(silences_joined(tiles), sound)
    if all(phone.symbol == "SIL" for phone in phones):
        return silence(duration, sound, language, warnings)
    words = tuple(
        Word(word.text, max(word.start_seconds, Fraction(0)), min(word.end_seconds, duration))
        for word in script.words
        if word.start_seconds < duration
    )
    return Speech(duration, phones, words, sound, PhoneSource.GIVEN, language, 1.0, tuple(warnings))


def _source(parts: Sequence[Part]) -> PhoneSource:
    """The least trustworthy one that made more than a twentieth of the phones."""
    order = list(PhoneSource)
    spoken = {source: 0 for source in order}
    for part in parts:
        spoken[part.source] += sum(phone.end - phone.start for phone in part.phones if phone.symbol != "SIL")
    least = sum(spoken.values()) / 20
    return max((source for source in order if spoken[source] > least), key=order.index)


def silences_joined(tiles: Sequence[Phone]) -> list[Phone]:
    """Silences that touch made one."""
    merged: list[Phone] = []
    for phone in tiles:
        if merged and merged[-1].symbol == phone.symbol == SILENCE:
            merged[-1] = replace(merged[-1], end_seconds=phone.end_seconds)
        else:
            merged.append(phone)
    return merged


def _measured(tiles: Sequence[Phone], sound: Sound) -> tuple[Phone, ...]:
    """Phones with their loudness and pitch against the dub's own."""
    levels, heights = np.zeros(len(tiles)), np.full(len(tiles), np.nan)
    for row, phone in enumerate(tiles):
        first = min(int(phone.start_seconds / HOP_SECONDS), max(len(sound.loudness_db) - 1, 0))
        last = max(-int(-phone.end_seconds // HOP_SECONDS), first + 1)
        levels[row] = float(sound.loudness_db[first:last].mean())
        pitch = sound.pitch_hz[first:last]
        if phone.symbol != "SIL" and np.count_nonzero(pitch) * 2 > len(pitch):
            heights[row] = float(np.median(np.log(pitch[pitch > 0])))
    spoken = np.array([phone.symbol != "SIL" for phone in tiles], bool)
    loudness = _standard(np.where(spoken, levels, np.nan), 1.0)
    pitches = _standard(heights, 0.03)
    return tuple(
        replace(phone, loudness=float(loud), pitch=float(high))
        for phone, loud, high in zip(tiles, loudness, pitches, strict=True)
    )


def _standard(values: NDArray[np.float64], least_spread: float) -> NDArray[np.float64]:
    """`values` in standard deviations of those that are numbers, within -3..3; 0 for those that are not."""
    known = values[~np.isnan(values)]
    if not len(known):
        return np.zeros(len(values))
    standard = (values - known.mean()) / max(float(known.std()), least_spread)
    return np.asarray(np.nan_to_num(np.clip(standard, -3, 3)), np.float64)
