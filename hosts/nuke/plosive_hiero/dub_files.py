# SPDX-License-Identifier: Apache-2.0
"""The files that the daemon reads as the dub: those of the timeline, or cut together from them."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence

from plosive_hiero.choices import Choices, VoiceChoice
from plosive_hiero.clip_use import ClipUse
from plosive_hiero.request import Dub, result_stem, used_voices
from plosive_hiero.voices import VoiceFound
from plosive_host import PlosiveHostError
from plosive_host.wave_pieces import assemble

__all__ = ["dubs_of"]


def dubs_of(use: ClipUse, voices: Sequence[VoiceFound], choices: Choices) -> tuple[Dub, ...]:
    """What is cut together lies in the folder of the results; the same sound is written once. Raises
    PlosiveHostError (NO_DUB, CHOICE, WAVE, FOLDER).
    """
    if choices.dub_path:
        return (Dub(choices.dub_path, use.start_seconds, choices.dub_face, choices.dub_channel),)
    used = used_voices(voices, choices)
    starts = {voice.dub_start_seconds for voice in used}
    together = use.has_other_time and (len(starts) > 1 or any(voice.needs_assembling for voice in used))
    dubs = []
    for voice in used:
        face = choices.voices.get(voice.key, VoiceChoice()).face
        if voice.needs_assembling or (together and len(used) > 1):
            dubs.append(Dub(_assembled(use, voice, choices), use.start_seconds, face, choices.dub_channel))
        else:
            dubs.append(Dub(voice.dub_path, voice.dub_start_seconds, face, choices.dub_channel))
    return tuple(dubs)


def _assembled(use: ClipUse, voice: VoiceFound, choices: Choices) -> str:
    """A WAV that lasts as long as the clip."""
    told = [f"{use.start_seconds} {use.end_seconds}"]
    try:
        for piece in voice.pieces:
            there = os.stat(piece.path)
            told.append(f"{piece} {there.st_size} {there.st_mtime_ns}")
    except OSError as error:
        raise PlosiveHostError(f"{error.filename} cannot be read: {error.strerror}.", "WAVE") from error
    name = hashlib.sha256("\n".join(told).encode("utf-8")).hexdigest()[:10]
    path = os.path.join(choices.folder, f"{result_stem(use, choices)}_{voice.key}_{name}.wav")
    if not os.path.exists(path):
        try:
            assemble(voice.pieces, path, use.start_seconds, use.end_seconds)
        except OSError as error:
            raise PlosiveHostError(
                f"{path} could not be written ({error.strerror}); choose another folder.", "FOLDER", "folder"
            ) from error
    return path
