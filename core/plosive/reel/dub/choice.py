# SPDX-License-Identifier: Apache-2.0
"""Which sound is the dub of a language: one long mix, or the clips of an audio track of the edit."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from plosive.conform import AudioUse, Edit, EditTrack
from plosive.errors import DubError, OptionError
from plosive.reel.options import DubWish

__all__ = ["DubPiece", "ReelDub", "reel_dub", "track_dubs"]

_NAMES = {
    "arabic": "ar", "chinese": "zh", "danish": "da", "dutch": "nl", "english": "en", "finnish": "fi",
    "french": "fr", "german": "de", "greek": "el", "hindi": "hi", "hungarian": "hu", "italian": "it",
    "japanese": "ja", "korean": "ko", "mandarin": "zh", "norwegian": "no", "polish": "pl",
    "portuguese": "pt", "russian": "ru", "spanish": "es", "swedish": "sv", "turkish": "tr",
}  # fmt: skip


_NO_SPEAKERS = frozenset(
    {"audio", "dia", "dialog", "dialogs", "dialogue", "dub", "dubs", "dx", "effects", "fx", "language", "m",
     "me", "mix", "mono", "music", "stem", "stems", "stereo", "track", "vo", "voice", "voices"}
)  # fmt: skip


@dataclass(frozen=True)
class DubPiece:
    """A stretch of a sound file: from `record_start_seconds` of the edit (after its first frame, may be below
    0) to `record_end_seconds` (None: to the file's end) its sound from `source_start_seconds` (after its
    first sample) on. `channels` count from 1; empty for all.
    """

    path: Path
    channels: tuple[int, ...]
    record_start_seconds: Fraction
    record_end_seconds: Fraction | None
    source_start_seconds: Fraction


@dataclass(frozen=True)
class ReelDub:
    """The dub of one language. `is_mix` says that it is a file of its own, which the edit does not have.
    `told` names it for the artist; `speaker` is whose it is, '' for everyone's.
    """

    language: str
    told: str
    pieces: tuple[DubPiece, ...]
    is_mix: bool
    warnings: tuple[str, ...] = ()
    speaker: str = ""


def reel_dub(wish: DubWish, edit: Edit) -> ReelDub:
    """What `wish` means for `edit`. Raises OptionError where it names neither a file nor a track, RangeError
    for a start that is no time, DubError where the track holds no sound that is there.
    """
    path = Path(wish.source)
    channels = (wish.channel,) if wish.channel is not None else ()
    if os.path.isfile(path):  # not of the path: a long name of a track is no error
        start = Fraction(0) if wish.start is None else edit.seconds_of(wish.start)
        piece = DubPiece(path, channels, start, None, Fraction(0))
        return ReelDub(wish.language, path.name, (piece,), True, speaker=wish.speaker)
    if wish.start is not None:
        raise OptionError(
            f"--dub {wish.language}: the sound file {wish.source} does not exist; check the path."
        )
    uses = _named(wish.source, edit)
    if not uses:
        names = ", ".join(f"A{track.index} '{track.name}'" for track in edit.tracks if track.kind == "audio")
        raise OptionError(
            f"--dub {wish.language}={wish.source} is no sound file, track or role of {edit.path.name}, "
            f"which has {names or 'no audio tracks'}."
        )
    pieces, warnings = [], []
    for use in uses:
        if not use.is_enabled and not use.is_on_muted_track:
            continue
        if use.media is None or use.media.path is None:
            warnings.append(use.offline or f"The sound of '{use.name}' is offline.")
        elif use.speed != 1:
            warnings.append(f"'{use.name}' plays at another speed, which a dub cannot; it is left out.")
        else:
            pieces.append(
                DubPiece(
                    use.media.path,
                    channels or use.channels,
                    use.record_start_seconds,
                    use.record_end_seconds,
                    use.media_start_seconds,
                )
            )
    if not pieces:
        told = warnings[0] if warnings else "all of it is switched off."
        raise DubError(f"--dub {wish.language}={wish.source}: nothing of that track can be heard: {told}")
    return ReelDub(
        wish.language,
        f"track {wish.source}",
        tuple(pieces),
        False,
        tuple(dict.fromkeys(warnings)),
        wish.speaker,
    )


def track_dubs(edit: Edit, known: Sequence[str]) -> tuple[DubWish, ...]:
    """A dub for each language that is not in `known` and that the name or role of an audio track says. Where
    several tracks say one, and each who speaks on it (`DE Anna`, `DE Ben`), they are stems; else it is the
    first of them.
    """
    taken = {language.casefold() for language in known}
    found: dict[str, list[EditTrack]] = {}
    for track in edit.tracks:
        language = _language_in(track) if track.kind == "audio" else None
        if language is not None and language not in taken:
            found.setdefault(language, []).append(track)
    wishes: list[DubWish] = []
    for language, tracks in found.items():
        speakers = [_speaker_in(track, language) for track in tracks]
        is_each_named = all(speakers) and len({name.casefold() for name in speakers}) == len(tracks)
        if len(tracks) > 1 and is_each_named:
            wishes += [
                DubWish(language, f"A{track.index}", speaker=name)
                for track, name in zip(tracks, speakers, strict=True)
            ]
        else:
            wishes.append(DubWish(language, f"A{tracks[0].index}"))
    return tuple(wishes)


def _named(source: str, edit: Edit) -> list[AudioUse]:
    """What an index, else a name, else a role stands for."""
    number = re.fullmatch(r"[Aa]?(\d+)", source)
    if number is not None:
        return [use for use in edit.audio if use.track_index == int(number[1])]
    wanted = source.casefold()
    by_name = [use for use in edit.audio if use.track_name.casefold() == wanted]
    if by_name:
        return by_name
    return [
        use
        for use in edit.audio
        if use.role.casefold() == wanted or use.role.casefold().startswith(f"{wanted}.")
    ]


def _speaker_in(track: EditTrack, language: str) -> str:
    """Who speaks on a track, by its name; '' where that is not said."""
    words = re.findall(r"[^\W\d_]+", track.name)
    said = [word for word in words if _NAMES.get(word.lower(), word.lower()) != language]
    return " ".join(word for word in said if word.lower() not in _NO_SPEAKERS)


def _language_in(track: EditTrack) -> str | None:
    from plosive.speech.text.languages import VOICES

    for text in (track.name, *track.roles):
        for word in re.findall(r"[A-Za-z]+", text):
            low: str = word.lower()
            if low in _NAMES:
                return _NAMES[low]
            if low in VOICES and (
                word.isupper() or word == text.strip() or re.search(rf"[._ -]{word}$", text)
            ):
                return low
    return None
