# SPDX-License-Identifier: Apache-2.0
"""One voice of a render, and what the sync job is told of all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from plosive.keyed import KeyedValue
from plosive.speakers import Speaker
from plosive.speech.text.script import Script

__all__ = ["HeardFiles", "JobVoice", "voice_options"]


@dataclass(frozen=True)
class JobVoice:
    """One voice of a render. `speaker` is '' where it is not known by name; `face` is '' where it is to be
    found out. `script` is what is said, times counted from where the render's sound begins. `sound` is which
    of the language's sounds holds it, from 0. For the artist, `told` is where the words come from, `note`
    why no face is moved.
    """

    speaker: str = ""
    face: str = ""
    script: Script | None = None
    sound: int = 0
    told: str = ""
    note: str = ""


@dataclass(frozen=True)
class HeardFiles:
    """The sound and words of a render as files: one of each for each voice, or one for all voices of a mix.
    `starts_seconds` are the moments of the edit at which the sounds begin.
    """

    sounds: tuple[Path, ...]
    starts_seconds: tuple[Fraction, ...]
    scripts: tuple[Path | None, ...]


def voice_options(
    voices: Sequence[JobVoice],
    is_mix: bool,
    files: HeardFiles,
    start_seconds: Fraction,
    audio_start: Fraction | None,
    styles: Sequence[tuple[str, KeyedValue]] = (),
) -> dict[str, Any]:
    """What `SyncOptions` says of dubs, faces, words and style. A stem begins on a sample of its own, which
    may lie before `start_seconds`, where the render's sound begins on the plate's second `audio_start`.
    """
    script = files.scripts[0] if files.scripts else None
    told: dict[str, Any] = {name: value for name, value in styles}
    told["audio_start"] = None if audio_start is None else str(audio_start)
    if is_mix:
        cast = tuple(Speaker(voice.face, voice.speaker) for voice in voices)
        return told | {
            "dub": files.sounds[0],
            "speakers": cast,
            "turns": script,
            "transcript": str(script) if script is not None else None,
        }
    if len(voices) == 1 and not voices[0].speaker:
        return told | {
            "dub": files.sounds[0],
            "face": voices[0].face or "auto",
            "transcript": str(script) if script is not None else None,
        }
    speakers = []
    for voice, sound, start, words in zip(
        voices, files.sounds, files.starts_seconds, files.scripts, strict=True
    ):
        own = (
            None
            if audio_start is None or start == start_seconds
            else str(audio_start + start - start_seconds)
        )
        speakers.append(
            Speaker(voice.face, str(sound), own, str(words) if words is not None else None, voice.speaker)
        )
    return told | {"dub": None, "speakers": tuple(speakers)}
