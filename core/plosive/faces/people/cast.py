# SPDX-License-Identifier: Apache-2.0
"""The cast: who is in the plates of a job, by number and name, and what an artist decided about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from plosive.errors import OptionError
from plosive.faces.people.appearance import Appearance
from plosive.faces.people.joining import KnownPerson
from plosive.media.plate import PlateInfo

__all__ = ["Cast", "CastPerson", "CastPlate", "CastTrack", "Placed", "require_name"]

_WORDS_TAKEN = ("auto",)
_MARKS_TAKEN = "@,=\n"


@dataclass(frozen=True)
class CastPerson:
    """`number` stays theirs in every plate; `name` may be empty."""

    number: int
    name: str
    appearance: Appearance

    @property
    def title(self) -> str:
        """How to speak of them: `Anna` or `face 2`."""
        return self.name or f"face {self.number}"


@dataclass(frozen=True)
class CastTrack:
    """One person's stretch of a shot, frames in the plate's own numbers, the last one included.

    `at` is a moment of it, frame and nose (x, y) in pixels, by which it is found again. `is_decided`: an
    artist said who it is, by a merge or a split.
    """

    person: int
    shot: int
    first_frame: int
    last_frame_inclusive: int
    at: tuple[int, float, float]
    is_decided: bool = False


@dataclass(frozen=True)
class CastPlate:
    """A plate the cast was seen in: the file's name without its folder, and what else tells it from others.

    Its tracks are found again at their places, so numbers stay from one command to the next.
    """

    file: str
    width: int
    height: int
    frame_count: int
    first_frame: int
    tracks: tuple[CastTrack, ...]

    def fits(self, info: PlateInfo) -> bool:
        """Whether a clip has this plate's frames: the plate itself, or a result made from it."""
        return (self.width, self.height, self.frame_count, self.first_frame) == (
            info.width,
            info.height,
            info.frame_count,
            info.first_frame,
        )


class Placed(Protocol):
    """A track, as far as finding it again needs it."""

    @property
    def number(self) -> int: ...

    def covers(self, frame_index: int, x: float, y: float) -> bool: ...


@dataclass(frozen=True)
class Cast:
    """`people` by number, rising. `embedder` is the SHA-256 of the model their embeddings come from, ''
    without one.
    """

    people: tuple[CastPerson, ...] = ()
    plates: tuple[CastPlate, ...] = ()
    embedder: str = ""

    def known(self, embedder: str = "") -> list[KnownPerson]:
        """For `join`; embeddings of another model than `embedder` are left out."""
        return [KnownPerson(person.number, self.comparable(person, embedder)) for person in self.people]

    def comparable(self, person: CastPerson, embedder: str) -> Appearance:
        """How a person looks, with embeddings only if they are of the model `embedder`."""
        if embedder and embedder == self.embedder:
            return person.appearance
        none = np.zeros((len(person.appearance), 0), dtype=np.float32)
        return replace(person.appearance, embedding=none)

    def name_of(self, number: int) -> str:
        """'' for a person without a name, or unknown."""
        return next((person.name for person in self.people if person.number == number), "")

    def number_of(self, wish: str) -> int | None:
        """The person of a number or a name as typed; None where the cast has none."""
        wish = wish.strip()
        for person in self.people:
            if wish.casefold() == person.name.casefold() != "" or wish == str(person.number):
                return person.number
        return None

    def plate_of(self, info: PlateInfo, made_from: str = "") -> CastPlate | None:
        """This clip's entry, by its frames and its file's name, or `made_from`, the name of the plate that a
        result was made from.
        """
        names = [name for name in (info.path.name, made_from) if name]
        fitting = [plate for plate in self.plates if plate.file in names and plate.fits(info)]
        return min(fitting, key=lambda plate: names.index(plate.file), default=None)

    def pins(self, tracks: Sequence[Placed], info: PlateInfo, made_from: str = "") -> dict[int, int]:
        """What the cast says about `tracks` of this plate: track number to person."""
        plate = self.plate_of(info, made_from)
        return self._found(tracks, info, plate.tracks if plate is not None else ())

    def decided(self, tracks: Sequence[Placed], info: PlateInfo) -> frozenset[int]:
        """Those of `tracks` about which an artist decided, by number."""
        plate = self.plate_of(info)
        decisions = [track for track in plate.tracks if track.is_decided] if plate is not None else []
        return frozenset(self._found(tracks, info, decisions))

    def _found(self, tracks: Sequence[Placed], info: PlateInfo, said: Sequence[CastTrack]) -> dict[int, int]:
        found: dict[int, int] = {}
        for one in said:
            frame, x, y = one.at
            for track in tracks:
                if track.number not in found and track.covers(frame - info.first_frame, x, y):
                    found[track.number] = one.person
                    break
        return found


def require_name(name: str) -> str:
    """A name that can stand wherever a face is named. Raises OptionError for one that cannot."""
    name = name.strip()
    if not name or name.isdigit() or name.casefold() in _WORDS_TAKEN or set(name) & set(_MARKS_TAKEN):
        raise OptionError(
            f"{name!r} cannot be a person's name: give one that is no number, not 'auto' and has no @, comma "
            "or equals sign."
        )
    return name
