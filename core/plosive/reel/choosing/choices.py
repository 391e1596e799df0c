# SPDX-License-Identifier: Apache-2.0
"""What an artist chose for single shots of a reel."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, fields, replace

from plosive.keyed import KeyedValue

__all__ = ["STYLES", "ReelChoices", "ShotChoice"]

STYLES = ("strength", "jaw", "lip", "articulation")


@dataclass(frozen=True)
class ShotChoice:
    """All that may be chosen for one shot; empty (None) is as it comes.

    `sync` False leaves it alone, True syncs it although nobody speaks in it. `faces` are (speaker, face),
    faces as `--face` names them, or `NO_FACE` for a speaker who is heard and not seen; the speaker is ''
    where only one is heard. `speakers` are those who are heard in it, or the one who speaks in it.
    `transcript` is what is said, words or a file. `strength`, `jaw`, `lip` and `articulation` are as of
    `SyncOptions`. `told` says where it was chosen.
    """

    sync: bool | None = None
    faces: tuple[tuple[str, str], ...] = ()
    speakers: tuple[str, ...] = ()
    transcript: str = ""
    strength: KeyedValue | None = None
    jaw: KeyedValue | None = None
    lip: KeyedValue | None = None
    articulation: KeyedValue | None = None
    note: str = ""
    told: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing is chosen; a note is no choice."""
        return self == ShotChoice(note=self.note, told=self.told)

    @property
    def render_key(self) -> Hashable:
        """Shots with equal keys may be one render."""
        styles = tuple(repr(getattr(self, name)) for name in STYLES)
        return (self.faces, self.speakers, self.transcript, styles)

    @property
    def styles(self) -> tuple[tuple[str, KeyedValue], ...]:
        """(name, value) of what is chosen of `STYLES`."""
        return tuple((name, getattr(self, name)) for name in STYLES if getattr(self, name) is not None)

    def face_of(self, speaker: str) -> str:
        """The face chosen for a speaker; '' for none."""
        return next((face for name, face in self.faces if name.casefold() == speaker.casefold()), "")

    def over(self, general: ShotChoice) -> ShotChoice:
        """This one's choices, and where it has none those of `general`."""
        empty = ShotChoice()
        own = {one.name: getattr(self, one.name) for one in fields(self)}
        return replace(
            general, **{name: value for name, value in own.items() if value != getattr(empty, name)}
        )


@dataclass(frozen=True)
class ReelChoices:
    """Choices by (number of a shot, language); language '' is for all of them. `warnings` are sentences for
    the artist.
    """

    by_shot: Mapping[tuple[int, str], ShotChoice] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    def of(self, number: int, language: str) -> ShotChoice:
        """What is chosen for a shot in a language."""
        general = self.by_shot.get((number, ""), ShotChoice())
        own = self.by_shot.get((number, language.casefold())) if language else None
        return general if own is None else own.over(general)
