# SPDX-License-Identifier: Apache-2.0
"""Where somebody was found to speak in a stretch of sound, kept for the next run with the same dub."""

from __future__ import annotations

import hashlib
import importlib.metadata
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from plosive.cache_folder import CacheFolder
from plosive.reel.dub.sound import Stretch
from plosive.user_folders import cache_root

__all__ = ["VoiceCache"]

_VERSION = 1
"""Counts up whenever `plosive.speech.sound.voice` finds something else in the same sound."""

_MOST_BYTES = 64 << 20  # nearly two days of sound
_HOPS_A_SECOND = 100


class VoiceCache:
    """The likelihoods of `voice_likelihood` by the sound they are of. Nothing here fails a job."""

    def __init__(self) -> None:
        self._folder = CacheFolder(cache_root() / "voices", ".npy", _MOST_BYTES)
        self._versions = [_version(name) for name in ("av", "silero-vad", "torch")]

    def find(self, sound: Stretch) -> NDArray[np.float32] | None:
        """Likelihood of speech (hops,) float32 in each 10 ms of `sound`; None where it is not known."""
        key = self._key(sound)
        path = self._folder.find(key)
        if path is None:
            return None
        try:
            known = np.load(path, allow_pickle=False)
        except (OSError, ValueError, EOFError):
            known = None
        length = len(sound.samples) * _HOPS_A_SECOND / sound.sample_rate
        if known is None or known.ndim != 1 or known.dtype != np.float32 or abs(len(known) - length) > 2:
            self._folder.drop(key)
            return None
        return np.asarray(known)

    def keep(self, sound: Stretch, likelihood: NDArray[np.float32]) -> None:
        """Keep what was found in `sound`."""
        self._folder.keep(self._key(sound), lambda path: _write(path, likelihood))

    def _key(self, sound: Stretch) -> str:
        digest = hashlib.blake2b(np.ascontiguousarray(sound.samples).tobytes(), digest_size=16)
        digest.update(repr((_VERSION, self._versions, sound.sample_rate)).encode())
        return digest.hexdigest()


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:  # whoever needs it says so
        return ""


def _write(path: Path, likelihood: NDArray[np.float32]) -> None:
    with path.open("wb") as file:
        np.save(file, likelihood, allow_pickle=False)
