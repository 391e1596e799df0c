# SPDX-License-Identifier: Apache-2.0
"""What was heard in a dub, kept for the next job with the same words, to the bit."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plosive import __version__
from plosive.cache_folder import CacheFolder
from plosive.media.fingerprint import fingerprint
from plosive.speech import Phone, PhoneSource, Sound, Speech, Word, hear
from plosive.speech.hearing import heard_samples
from plosive.speech.text.espeak import espeak_program
from plosive.user_folders import cache_root

__all__ = ["SpeechCache", "hear_known", "transcript_content"]

_VERSION = 2
"""Counts up whenever something else is heard in the same sound."""

_MOST_BYTES = 64 << 20
_LONGEST_NAME = 1000
_ARRAYS = "loudness_db", "pitch_hz", "activity"


class SpeechCache:
    """The place of one dub among those that were heard: `samples` (N,) float32 with all that `hear` is told.
    Clips of any length that hear the same of it share it. Nothing here fails a job.
    """

    def __init__(
        self,
        samples: NDArray[np.float32],
        transcript: str | None,
        language: str,
        last_centre_seconds: Fraction,
        speaker: str | None,
    ) -> None:
        self._folder = CacheFolder(cache_root() / "speech", ".json", _MOST_BYTES)
        count = heard_samples(len(samples), transcript, last_centre_seconds)
        digest = hashlib.blake2b(np.ascontiguousarray(samples[:count]).tobytes(), digest_size=16)
        versions = [importlib.metadata.version(name) for name in ("numpy", "pocketsphinx", "scipy")]
        told = (transcript_content(transcript), language, speaker)
        digest.update(repr((_VERSION, __version__, versions, _espeak(), told)).encode())
        self._key = digest.hexdigest()

    def heard(self, hear: Callable[[], Speech]) -> Speech:
        """What was heard before; else what `hear` hears, which is kept."""
        known = self.find()
        if known is not None:
            return known
        with self._folder.alone(self._key):  # another process may be listening to the same
            known = self.find()
            if known is not None:
                return known
            speech = hear()
            self._keep(speech)
        return speech

    def _keep(self, speech: Speech) -> None:
        text = json.dumps(_facts(speech))
        if repr(_speech(json.loads(text))) == repr(speech):  # numbers of other kinds would reckon otherwise
            self._folder.keep(self._key, lambda path: _write(path, text))

    def find(self) -> Speech | None:
        """What was heard before, None where nothing was."""
        path = self._folder.find(self._key)
        if path is None:
            return None
        try:
            known = _speech(json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError):
            known = None
        if known is None:
            self._folder.drop(self._key)
        return known


def hear_known(
    samples: NDArray[np.float32],
    transcript: str | None,
    language: str,
    last_centre_seconds: Fraction,
    speaker: str | None = None,
) -> Speech:
    """`hear`, of what was not heard before."""
    told = transcript, language, last_centre_seconds, speaker
    return SpeechCache(samples, *told).heard(lambda: hear(samples, *told))


def transcript_content(transcript: str | None) -> object:
    """What is said, as far as it can be compared: the words, or what their file holds; the file's endings
    tell its kind and language (`line.de.srt`). Raises MediaReadError where it cannot be read.
    """
    if transcript is None:
        return None
    try:
        path = Path(transcript)
        is_file = len(transcript) < _LONGEST_NAME and path.is_file()
    except (OSError, ValueError):
        is_file = False
    return ("file", path.suffixes[-3:], fingerprint([path])) if is_file else transcript


def _espeak() -> object:
    """The program that reads other languages, as far as it can be told without running it."""
    program = espeak_program()
    try:
        state = None if program is None else Path(program).stat()
    except OSError:
        return program
    return None if state is None else (program, state.st_size, state.st_mtime_ns)


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def _facts(speech: Speech) -> dict[str, Any]:
    """Ready for JSON; Python writes every float so that it reads back the same."""
    return {
        "duration": str(speech.duration_seconds),
        "phones": [
            [one.symbol, str(one.start_seconds), str(one.end_seconds), float(one.loudness), float(one.pitch)]
            for one in speech.phones
        ],
        "words": [[one.text, str(one.start_seconds), str(one.end_seconds)] for one in speech.words],
        "sound": {name: getattr(speech.sound, name).tolist() for name in _ARRAYS},
        "source": speech.source.name,
        "language": speech.language,
        "confidence": float(speech.confidence),
        "warnings": list(speech.warnings),
        "voice_confidence": float(speech.voice_confidence),
    }


def _speech(facts: Any) -> Speech | None:
    """What `_facts` told; None for anything else."""
    try:
        arrays = [np.array(facts["sound"][name], dtype=np.float32).reshape(-1) for name in _ARRAYS]
        if len({len(array) for array in arrays}) != 1:
            return None
        return Speech(
            Fraction(facts["duration"]),
            tuple(
                Phone(str(symbol), Fraction(start), Fraction(end), float(loudness), float(pitch))
                for symbol, start, end, loudness, pitch in facts["phones"]
            ),
            tuple(Word(str(text), Fraction(start), Fraction(end)) for text, start, end in facts["words"]),
            Sound(*arrays),
            PhoneSource[facts["source"]],
            str(facts["language"]),
            float(facts["confidence"]),
            tuple(map(str, facts["warnings"])),
            float(facts["voice_confidence"]),
        )
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None
