# SPDX-License-Identifier: Apache-2.0
"""The daemon's SyncRequest for a clip, in the JSON form of plosive_client/PROTOCOL.md."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from plosive_hiero.choices import Choices, VoiceChoice
from plosive_hiero.clip_use import ClipUse
from plosive_hiero.voices import VoiceFound
from plosive_host import PlosiveHostError

__all__ = ["Dub", "clip_of", "request_of", "result_stem", "safe_name", "used_voices"]

_UNSAFE = re.compile(r'[\x00-\x1f<>:"/\\|?*%#@\[\]]+')
_FRAMES = re.compile(r"[._-]?(#+|%0?\d*d)$")
_VERSION = re.compile(r"_v(\d{3,})(?=\.|$)")
_LONGEST_STEM = 150


@dataclass(frozen=True)
class Dub:
    """A file whose first sample sounds `start_seconds` after the timeline's frame 0; `channel` from 1, 0: all
    of them."""

    path: str
    start_seconds: Fraction
    face: str = ""
    channel: int = 0


def used_voices(voices: Sequence[VoiceFound], choices: Choices) -> tuple[VoiceFound, ...]:
    """The voices that the choices take; a chosen file stands in place of all. Raises PlosiveHostError
    (NO_DUB, CHOICE) where none is left, one cannot be read, or nobody can tell who says what.
    """
    if choices.dub_path:
        return ()
    used = tuple(one for one in voices if _choice(one, choices).is_used)
    if not used:
        why = next((one.why_not for one in voices if one.why_not), "")
        told = f" ({why})" if why else ""
        raise PlosiveHostError(
            f"No dub lies under the clip{told}; choose a file, or lay the dub on an audio track.", "NO_DUB"
        )
    unready = next((one.why_not for one in used if one.why_not), "")
    if unready:
        raise PlosiveHostError(f"{unready}, or choose a file as the dub.", "NO_DUB")
    faces = [_choice(one, choices).face for one in used]
    if len(used) > 1 and (not all(faces) or len(set(faces)) < len(faces)):
        raise PlosiveHostError(
            f"Several voices speak: choose a face of its own for each of {', '.join(v.key for v in used)}, "
            "or leave tracks out.",
            "CHOICE",
            "face",
        )
    return used


def request_of(use: ClipUse, dubs: Sequence[Dub], choices: Choices) -> dict[str, Any]:
    """What `submit` takes as `sync`. The dubs of a retimed clip begin together: its time is made to begin
    with them, so that none needs to say when (docs/ranges.md).
    """
    origin = dubs[0].start_seconds if use.has_other_time else None
    assert origin is None or all(dub.start_seconds == origin for dub in dubs)
    output = {"versioned": {"folder_path": choices.folder, "stem": result_stem(use, choices)}}
    request: dict[str, Any] = {
        "clip": clip_of(use, choices.written_handles, origin),
        "voices": [_voice(use, dub, choices, len(dubs) == 1) for dub in dubs],
        "output": output,
    }
    style = {
        name: {"keys": [{"media_frame": use.shown_numbers[0], "value": value}]}
        for name, value in (("strength", choices.strength), ("jaw", choices.jaw), ("lip", choices.lip))
        if value != 1
    }
    if style:
        request["style"] = style
    if choices.generator:
        request["generator"] = choices.generator
    if choices.elements:
        request["elements"] = {"folder_path": _elements_folder(use, choices)}
    if choices.score and not use.has_other_time:
        request["score"] = True
    return request


def clip_of(
    use: ClipUse, handle_frames: int | None, origin_seconds: Fraction | None = None
) -> dict[str, Any]:
    """The `clip` of a request. `origin_seconds` is when the time of a retime begins, in seconds after the
    timeline's frame 0; None: with the clip.
    """
    first, last = use.shown_numbers
    fields: dict[str, Any] = {
        "media_path": use.media.path,
        "range": {"first_frame": first, "last_frame_inclusive": last},
    }
    if handle_frames is not None:
        fields["handle_frames"] = handle_frames
    if use.media.is_sequence:
        fields["sequence_rate"] = str(use.timeline_rate)
    if use.media.colorspace:
        fields["colorspace"] = use.media.colorspace
    if use.has_other_time:
        origin = use.start_seconds if origin_seconds is None else origin_seconds
        fields["retime"] = {
            "keys": [
                {"media_frame": end, "timeline_seconds": str(use.moment_seconds(Fraction(end)) - origin)}
                for end in (first, last + 1)
            ]
        }
    return fields


def result_stem(use: ClipUse, choices: Choices) -> str:
    """Such as sh010_1040-1079_de: media, the frames the clip plays, language. A clip that is run again goes
    on with its versions, which the daemon counts.
    """
    name = _FRAMES.sub("", os.path.splitext(use.media.path.rpartition("/")[2])[0])
    stem = _VERSION.sub(r"_from_v\1", safe_name(name)[:_LONGEST_STEM])
    first, last = use.shown_numbers
    language = f"_{safe_name(choices.language)}" if choices.language else ""
    return f"{stem}_{first}-{last}{language}"


def safe_name(text: str) -> str:
    """As the name of a file on all systems."""
    return _UNSAFE.sub("_", text).strip(" .") or "untitled"


def _choice(voice: VoiceFound, choices: Choices) -> VoiceChoice:
    return choices.voices.get(voice.key, VoiceChoice(voice.is_suggested))


def _voice(use: ClipUse, dub: Dub, choices: Choices, is_alone: bool) -> dict[str, Any]:
    fields: dict[str, Any] = {"dub_path": dub.path}
    if not use.has_other_time:
        zero = use.moment_seconds(Fraction(use.media.first_number))
        fields["dub_start_seconds"] = str(dub.start_seconds - zero)
    for name, value in (
        ("dub_channel", dub.channel),
        ("face", dub.face),
        ("transcript", choices.transcript if is_alone else ""),  # one voice's words are not another's
        ("language", choices.language),
    ):
        if value:
            fields[name] = value
    return fields


def _elements_folder(use: ClipUse, choices: Choices) -> str:
    """A new folder beside the result for every run."""
    stem, number = os.path.join(choices.folder, result_stem(use, choices)), 1
    while os.path.exists(f"{stem}_elements_v{number:03d}"):
        number += 1
    return f"{stem}_elements_v{number:03d}"
