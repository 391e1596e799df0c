# SPDX-License-Identifier: Apache-2.0
"""The people of one plate: who each track is, and the artist's changes to that."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from plosive.errors import FaceError, OptionError
from plosive.faces.people.appearance import Appearance, no_appearance, pooled
from plosive.faces.people.cast import Cast, CastPerson, CastPlate, CastTrack, require_name
from plosive.faces.people.consistency import Change, changes_within
from plosive.faces.people.joining import Doubt, join, sighting_of
from plosive.faces.track import FaceTrack
from plosive.media.plate import PlateInfo

__all__ = ["Roll", "call_roll"]

_SPLIT = re.compile(r"^(.+)@\s*(-?\d+)\s*$")


@dataclass(frozen=True)
class Roll:
    """Everybody in a plate.

    `tracks` have their person and name; `decided` are the numbers of tracks that an artist merged or split;
    `changes` are tracks that seem to change person; `cast` knows everybody; `embedder` is the SHA-256 of the
    model used, if any.
    """

    tracks: tuple[FaceTrack, ...]
    info: PlateInfo
    cast: Cast
    doubts: tuple[Doubt, ...] = ()
    decided: frozenset[int] = frozenset()
    changes: tuple[Change, ...] = ()
    embedder: str = ""

    @property
    def persons(self) -> dict[int, tuple[FaceTrack, ...]]:
        """Tracks by person, persons rising, tracks in order of time."""
        ordered = sorted(self.tracks, key=lambda track: (track.first_frame_index, track.number))
        return {
            person: tuple(track for track in ordered if track.person == person)
            for person in sorted({track.person for track in ordered})
        }

    def title(self, person: int) -> str:
        """`Anna` or `face 2`."""
        return self.cast.name_of(person) or f"face {person}"

    def frames_of(self, track: FaceTrack) -> str:
        """`frames 12-40`, in the plate's own numbers."""
        first = self.info.first_frame + track.first_frame_index
        return f"frames {first}-{self.info.first_frame + track.last_frame_index_inclusive}"

    def change_sentences(self, persons: Collection[int] | None = None) -> list[str]:
        """What the artist should know of tracks that seem to change person; of `persons` only, or of all."""
        by_number, start = {track.number: track for track in self.tracks}, self.info.first_frame
        return [
            f"Not sure: {self.frames_of(track)} ({self.title(track.person)}) seem to show someone else from "
            f"a frame between {start + change.before_index} and {start + change.index} on; if there is a "
            "cut, treat each side by itself with --range."
            for change in self.changes
            for track in [by_number[change.number]]
            if persons is None or track.person in persons
        ]

    def merged(self, wish: str) -> Roll:
        """`1,3`: all of them become the first. Raises OptionError or FaceError."""
        numbers = [self._number(part, "--merge") for part in wish.split(",")]
        if len(set(numbers)) < 2:
            raise OptionError(f"--merge {wish!r} names one face only: give two or more, such as 1,3.")
        kept, gone = numbers[0], set(numbers[1:]) - {numbers[0]}
        apart = self._seen_together(set(numbers))
        if apart is not None:
            raise OptionError(
                f"--merge {wish!r} cannot be: two of them are both in frame {apart}, and one person is not "
                "twice in a frame; --split what is wrong there first."
            )
        people = {person.number: person for person in self.cast.people}
        names = [people[number].name for number in numbers if people[number].name]
        looks = [people[number].appearance for number in dict.fromkeys(numbers)]
        people[kept] = CastPerson(kept, names[0] if names else "", pooled(looks))
        plates = tuple(
            replace(
                plate,
                tracks=tuple(
                    replace(track, person=kept) if track.person in gone else track for track in plate.tracks
                ),
            )
            for plate in self.cast.plates
        )
        cast = replace(
            self.cast,
            people=tuple(people[number] for number in sorted(people) if number not in gone),
            plates=plates,
        )
        moved = {track.number: kept for track in self.tracks if track.person in numbers}
        return self._decided(moved, cast)

    def split(self, wish: str) -> Roll:
        """`2@FRAME`: what face 2 is from the track at that frame on becomes someone new. Raises OptionError
        or FaceError.
        """
        found = _SPLIT.match(wish)
        if found is None:
            raise OptionError(f"--split {wish!r} is not understood: give a face and a frame, such as 2@140.")
        number, frame = self._number(found[1], "--split"), int(found[2])
        index = frame - self.info.first_frame
        own = [track for track in self.tracks if track.person == number]
        later = [track for track in own if track.last_frame_index_inclusive >= index]
        if not later or len(later) == len(own):
            side = "no track from there on" if not later else "nothing before it"
            raise FaceError(
                f"{self.title(number)} cannot be split at frame {frame}: there is {side}; 'plosive faces' "
                "lists the frames of each track."
            )
        new = max(person.number for person in self.cast.people) + 1
        moved = {track.number: new if track in later else number for track in own}
        # What was known of the two together is of no use for either.
        people = [person for person in self.cast.people if person.number != number]
        for person, tracks in (number, [track for track in own if track not in later]), (new, later):
            name = self.cast.name_of(number) if person == number else ""
            people.append(CastPerson(person, name, pooled([_look(track) for track in tracks])))
        people.sort(key=lambda person: person.number)
        return self._decided(moved, replace(self.cast, people=tuple(people)))

    def named(self, wish: str) -> Roll:
        """`1=Anna`. Raises OptionError or FaceError."""
        who, mark, name = wish.partition("=")
        if not mark:
            raise OptionError(f"--name {wish!r} is not understood: give a face and a name, such as 1=Anna.")
        number, name = self._number(who, "--name"), require_name(name)
        for person in self.cast.people:
            if person.number != number and person.name.casefold() == name.casefold():
                raise OptionError(
                    f"Face {person.number} is {person.name} already; give face {number} another name, or "
                    f"--merge {person.number},{number} if they are one."
                )
        people = tuple(
            replace(person, name=name) if person.number == number else person for person in self.cast.people
        )
        cast = replace(self.cast, people=people)
        return replace(self, cast=cast, tracks=_renamed(self.tracks, {}, cast))

    def saved(self) -> Cast:
        """The cast with this plate in it."""
        width, start = self.info.width, self.info.first_frame
        tracks = []
        for track in sorted(self.tracks, key=lambda track: (track.first_frame_index, track.number)):
            row = len(track.indices) // 2
            x, y = (round(float(value), 2) for value in track.landmarks[row, 1, :2])
            tracks.append(
                CastTrack(
                    person=track.person,
                    shot=track.shot,
                    first_frame=start + track.first_frame_index,
                    last_frame_inclusive=start + track.last_frame_index_inclusive,
                    at=(start + int(track.indices[row]), x, y),
                    is_decided=track.number in self.decided,
                )
            )
        plate = CastPlate(
            self.info.path.name, width, self.info.height, self.info.frame_count, start, tuple(tracks)
        )
        others = tuple(one for one in self.cast.plates if one.file != plate.file)
        return replace(self.cast, plates=(*others, plate), embedder=self.embedder or self.cast.embedder)

    def _number(self, wish: str, option: str) -> int:
        number = self.cast.number_of(wish)
        if number is None:
            known = ", ".join(
                f"{one.number} ({one.name})" if one.name else str(one.number) for one in self.cast.people
            )
            raise FaceError(f"{option}: there is no face {wish.strip()!r}; there are {known or 'none'}.")
        return number

    def _seen_together(self, numbers: set[int]) -> int | None:
        """A frame that shows two of these people."""
        seen: set[int] = set()
        for track in (track for track in self.tracks if track.person in numbers):
            both = seen.intersection(track.indices.tolist())
            if both:
                return self.info.first_frame + min(both)
            seen.update(track.indices.tolist())
        return None

    def _decided(self, moved: Mapping[int, int], cast: Cast) -> Roll:
        return replace(
            self,
            tracks=_renamed(self.tracks, moved, cast),
            cast=cast,
            decided=self.decided | frozenset(moved),
            doubts=tuple(
                doubt for doubt in self.doubts if doubt.one not in moved and doubt.other not in moved
            ),
        )


def call_roll(
    tracks: Sequence[FaceTrack],
    info: PlateInfo,
    cast: Cast | None = None,
    embedder: str = "",
    embedding_threshold: float | None = None,
) -> Roll:
    """Tell the people of a plate apart. People of `cast` keep their numbers and names, and what it
    says about this plate's tracks stays. Tracks without an appearance are told apart by frames alone.
    """
    cast = cast or Cast()
    pins = cast.pins(tracks, info)
    sightings = [sighting_of(track, _look(track)) for track in tracks]
    joined = join(sightings, cast.known(embedder), pins, embedding_threshold)
    people = {person.number: person for person in cast.people}
    for number in sorted(set(joined.persons.values())):
        looks = [_look(track) for track in tracks if joined.persons[track.number] == number]
        people[number] = _with_looks(people.get(number), number, looks, cast, embedder)
    known = replace(cast, people=tuple(people[number] for number in sorted(people)))
    return Roll(
        tracks=_renamed(tracks, joined.persons, known),
        info=info,
        cast=known,
        doubts=joined.doubts,
        changes=changes_within(sightings),
        decided=cast.decided(tracks, info),
        embedder=embedder,
    )


def _look(track: FaceTrack) -> Appearance:
    return no_appearance() if track.appearance is None else track.appearance


def _with_looks(
    held: CastPerson | None, number: int, looks: Sequence[Appearance], cast: Cast, embedder: str
) -> CastPerson:
    before = [] if held is None else [cast.comparable(held, embedder)]
    return CastPerson(number, "" if held is None else held.name, pooled([*before, *looks]))


def _renamed(tracks: Sequence[FaceTrack], persons: Mapping[int, int], cast: Cast) -> tuple[FaceTrack, ...]:
    made = []
    for track in tracks:
        person = persons.get(track.number, track.person)
        made.append(replace(track, person=person, name=cast.name_of(person)))
    return tuple(made)
