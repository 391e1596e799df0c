# SPDX-License-Identifier: Apache-2.0
"""Who says what in a render, for the report of the reel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from plosive.reel.dub.job_voice import JobVoice

__all__ = ["RenderedVoice", "planned_voices", "rendered_voices"]


@dataclass(frozen=True)
class RenderedVoice:
    """One voice. `speaker` is '' where it is not known by name. `chosen` is the face that was asked for, ''
    for none; `faces` are those that were moved, as the cast calls them, else by number within the render.
    `found` says how they were found: `chosen`, by the `cast`, the `only` face there is, by moving `lips`,
    `auto` as of a job with one speaker; '' where none was. `words` is where its words come from, '' where
    they were listened for. `note` is why no face is moved.
    """

    speaker: str
    chosen: str
    faces: tuple[str, ...]
    words: str
    note: str = ""
    found: str = ""

    def __str__(self) -> str:
        face = f"face {', '.join(self.faces)}" if self.faces else "no face"
        who = f"{self.speaker}: " if self.speaker else ""
        how = f" ({self.chosen})" if self.chosen and (self.chosen,) != self.faces else ""
        how = " (told by its lips)" if self.found == "lips" else how
        if self.note:
            return f"{who}{face}, {self.note}"
        return f"{who}{face}{how}, words {f'from {self.words}' if self.words else 'as heard'}"


def planned_voices(voices: Sequence[JobVoice]) -> tuple[RenderedVoice, ...]:
    """Those of a job that nobody ran."""
    return tuple(RenderedVoice(one.speaker, one.face, (), one.told, one.note) for one in voices)


def rendered_voices(voices: Sequence[JobVoice], record: dict[str, Any]) -> tuple[RenderedVoice, ...]:
    """Those of a job, by the record of what it did."""
    titles = {one["number"]: one["name"] or str(one["person"]) for one in record.get("faces") or []}
    told = record.get("speakers") or []
    made = []
    for place, voice in enumerate(voices):
        same = [one for one in told if (one["name"] or "").casefold() == voice.speaker.casefold()]
        numbers = same[0]["faces"] if same else told[place]["faces"] if place < len(told) else []
        faces = tuple(dict.fromkeys(titles[number] for number in numbers if number in titles))
        found = _found(voice, faces, len({one["person"] for one in record.get("faces") or []}))
        made.append(RenderedVoice(voice.speaker, voice.face, faces, voice.told, voice.note, found))
    return tuple(made)


def _found(voice: JobVoice, faces: tuple[str, ...], people: int) -> str:
    if not faces:
        return ""
    if voice.face:
        return "chosen"
    if not voice.speaker:
        return "auto"
    if voice.speaker.casefold() in (face.casefold() for face in faces):
        return "cast"
    return "only" if people == 1 else "lips"
