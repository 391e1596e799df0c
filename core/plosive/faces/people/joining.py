# SPDX-License-Identifier: Apache-2.0
"""Which tracks are one person: clusters of tracks, the same on every run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from plosive.faces.people.appearance import Appearance
from plosive.faces.people.evidence import (
    JOINED_LOG_ODDS,
    SURE_APART_LOG_ODDS,
    SURE_JOINED_LOG_ODDS,
    Span,
    log_odds,
    probability,
)
from plosive.faces.people.likeness import distances
from plosive.faces.track import FaceTrack

__all__ = ["Doubt", "Joined", "KnownPerson", "Sighting", "join", "sighting_of"]

_SAME_PLACE_FRAMES = 0.15
_SAME_SIZE = 1.3
_PLACE_LOG_ODDS = {1: 0.2, 2: 0.7}  # by how many shots lie between: cutting there and back
_SAME_SHOT_LOG_ODDS = 0.7
_NEVER = -1e6


@dataclass(frozen=True)
class Sighting:
    """One track, as far as joining needs it.

    `number` is the track's own; `indices` (T,) plate frames, rising; `place` (x, y) of its nose in frame
    widths and `size` its width in frame widths, both medians; `width_pixels` the median width.
    """

    number: int
    shot: int
    indices: NDArray[np.int64]
    prominence: float
    place: tuple[float, float]
    size: float
    width_pixels: float
    appearance: Appearance


@dataclass(frozen=True)
class KnownPerson:
    """Someone of an earlier plate, with a number that stays theirs."""

    number: int
    appearance: Appearance


@dataclass(frozen=True)
class Doubt:
    """Two tracks, by number, that may or may not be one person; `is_joined` says how they were taken.
    `known` is the number of a known person in place of `other`, else 0.
    """

    one: int
    other: int
    probability: float
    is_joined: bool
    known: int = 0


@dataclass(frozen=True)
class Joined:
    """`persons` maps a track's number to its person's (from 1); `doubts` are the least sure first."""

    persons: Mapping[int, int]
    doubts: tuple[Doubt, ...] = ()


@dataclass
class _Group:
    """Tracks taken as one person so far; `known` is the person's number in the cast, 0 for nobody known."""

    members: list[int]
    known: int = 0
    pinned: int = 0
    frames: set[int] = field(default_factory=set)


def sighting_of(track: FaceTrack, appearance: Appearance) -> Sighting:
    """What `join` needs of a track."""
    width = float(np.median(track.face_widths))
    nose = np.median(track.landmarks[:, 1, :2], axis=0) / track.frame_width
    return Sighting(
        number=track.number,
        shot=track.shot,
        indices=track.indices,
        prominence=track.prominence,
        place=(float(nose[0]), float(nose[1])),
        size=width / track.frame_width,
        width_pixels=width,
        appearance=appearance,
    )


def join(
    sightings: Sequence[Sighting],
    known: Sequence[KnownPerson] = (),
    pins: Mapping[int, int] | None = None,
    embedding_threshold: float | None = None,
) -> Joined:
    """Give every track its person: agglomerative clustering of the odds that two are one.

    Two faces of one frame are never one person. `known` people keep their numbers and are never one another;
    new ones count on by prominence. `pins` (track to person) are what an artist decided, or an earlier
    run: they come before everything. A group's odds against another are halfway between the mean over its
    tracks and the best two, so that a profile shot can hang on by one three-quarter view.
    """
    pins = dict(pins or {})
    ordered = sorted(sightings, key=lambda one: one.number)
    groups = _first_groups(ordered, known, pins)
    odds = _all_odds(ordered, known, embedding_threshold)
    linked = _linkage(groups, odds)
    while True:
        best = np.unravel_index(int(np.argmax(linked)), linked.shape) if linked.size else (0, 0)
        if not linked.size or linked[best] < JOINED_LOG_ODDS:
            break
        one, other = sorted((int(best[0]), int(best[1])))
        _unite(groups[one], groups[other])
        del groups[other]
        linked = np.delete(np.delete(linked, other, axis=0), other, axis=1)
        row = np.array([_group_odds(groups[one], group, odds) for group in groups])
        row[one] = _NEVER
        linked[one], linked[:, one] = row, row
    persons = _numbered(groups, ordered, known, pins)
    return Joined(persons, _doubts(groups, ordered, known, odds, pins))


def _first_groups(
    ordered: list[Sighting], known: Sequence[KnownPerson], pins: dict[int, int]
) -> list[_Group]:
    """Known people (members from len(ordered) on), and tracks pinned together, before any joining."""
    groups: list[_Group] = []
    by_person: dict[int, _Group] = {}
    for place, person in enumerate(known):
        by_person[person.number] = _Group([len(ordered) + place], known=person.number, pinned=person.number)
        groups.append(by_person[person.number])
    for place, one in enumerate(ordered):
        mine = _Group([place], pinned=pins.get(one.number, 0), frames=set(one.indices.tolist()))
        held = by_person.get(mine.pinned) if mine.pinned else None
        if held is not None:
            _unite(held, mine)
            continue
        if mine.pinned:
            by_person[mine.pinned] = mine
        groups.append(mine)
    return groups


def _unite(one: _Group, other: _Group) -> None:
    one.members = sorted(one.members + other.members)
    one.known, one.pinned = one.known or other.known, one.pinned or other.pinned
    one.frames |= other.frames


def _all_odds(
    ordered: list[Sighting], known: Sequence[KnownPerson], embedding_threshold: float | None
) -> NDArray[np.float64]:
    """Log-odds (N + K, N + K) between tracks, and known people after them."""
    looks = [one.appearance for one in ordered] + [person.appearance for person in known]
    count, total = len(ordered), len(ordered) + len(known)
    if total < 2:
        return np.full((total, total), _NEVER)
    apart = distances(looks, looks)
    spans = [[_span(one, other, ordered) for other in range(total)] for one in range(total)]
    widths = np.array([one.width_pixels for one in ordered] + [_usual_width(person) for person in known])
    odds = log_odds(apart, spans, (widths, widths), embedding_threshold)
    for one in range(count):
        for other in range(one + 1, count):
            odds[one, other] += _cutting(ordered[one], ordered[other])
    upper = np.triu(odds, 1)
    return np.asarray(upper + upper.T)


def _span(one: int, other: int, ordered: list[Sighting]) -> Span:
    if max(one, other) >= len(ordered):
        return Span.OTHER_PLATE
    return Span.SHOT if ordered[one].shot == ordered[other].shot else Span.PLATE


def _usual_width(person: KnownPerson) -> float:
    return float(np.median(person.appearance.widths)) if len(person.appearance) else 0.0


def _cutting(one: Sighting, other: Sighting) -> float:
    """What the edit itself says: someone of the same size at the same place two shots on is likely the same
    (shot and reverse shot), and few people share a shot.
    """
    between = abs(one.shot - other.shot)
    if between == 0:
        return _SAME_SHOT_LOG_ODDS
    away = float(np.hypot(one.place[0] - other.place[0], one.place[1] - other.place[1]))
    ratio = max(one.size, other.size) / max(min(one.size, other.size), 1e-6)
    is_alike = away <= _SAME_PLACE_FRAMES and ratio <= _SAME_SIZE
    return _PLACE_LOG_ODDS.get(between, 0.0) if is_alike else 0.0


def _linkage(groups: list[_Group], odds: NDArray[np.float64]) -> NDArray[np.float64]:
    linked = np.full((len(groups), len(groups)), _NEVER)
    for one in range(len(groups)):
        for other in range(one + 1, len(groups)):
            linked[one, other] = linked[other, one] = _group_odds(groups[one], groups[other], odds)
    return linked


def _group_odds(one: _Group, other: _Group, odds: NDArray[np.float64]) -> float:
    if (one.pinned and other.pinned) or not one.frames.isdisjoint(other.frames):
        return _NEVER
    if len(one.members) == len(other.members) == 1:  # most pairs, most of the time
        return float(odds[one.members[0], other.members[0]])
    between = odds[np.ix_(one.members, other.members)]
    return float((between.mean() + between.max()) / 2)


def _numbered(
    groups: list[_Group], ordered: list[Sighting], known: Sequence[KnownPerson], pins: dict[int, int]
) -> dict[int, int]:
    """Known and pinned people keep their numbers; the rest take the next free ones by prominence."""
    count = len(ordered)

    def weight(group: _Group) -> tuple[float, int]:
        tracks = [place for place in group.members if place < count]
        return -sum(ordered[place].prominence for place in tracks), min(tracks, default=count)

    taken = {person.number for person in known} | set(pins.values())
    persons: dict[int, int] = {}
    following = 1
    for group in sorted((group for group in groups if min(group.members) < count), key=weight):
        number = group.pinned
        if not number:
            while following in taken:
                following += 1
            number = following
            taken.add(number)
        persons.update({ordered[place].number: number for place in group.members if place < count})
    return persons


def _doubts(
    groups: list[_Group],
    ordered: list[Sighting],
    known: Sequence[KnownPerson],
    odds: NDArray[np.float64],
    pins: dict[int, int],
) -> tuple[Doubt, ...]:
    """Pairs of groups near the threshold, by their likest tracks; and tracks their own group hardly holds."""
    count = len(ordered)
    found: list[Doubt] = []
    looks = [one.appearance for one in ordered] + [person.appearance for person in known]
    is_seen = [len(look) > 0 for look in looks]

    def doubt(one: int, other: int, value: float, is_joined: bool) -> None:
        if (one < count or other < count) and is_seen[one] and is_seen[other]:
            one, other = min(one, other), max(one, other)
            person = known[other - count].number if other >= count else 0
            second = 0 if person else ordered[other].number
            found.append(Doubt(ordered[one].number, second, probability(value), is_joined, person))

    for place, group in enumerate(groups):
        for other_group in groups[place + 1 :]:
            value = _group_odds(group, other_group, odds)
            if SURE_APART_LOG_ODDS < value < JOINED_LOG_ODDS:
                between = odds[np.ix_(group.members, other_group.members)]
                row, column = np.unravel_index(int(np.argmax(between)), between.shape)
                doubt(group.members[int(row)], other_group.members[int(column)], value, False)
        for member in group.members if len(group.members) > 1 else ():
            if member >= count or ordered[member].number in pins:
                continue
            rest = [other for other in group.members if other != member]
            held = odds[member, rest]
            value = float((held.mean() + held.max()) / 2)
            if value < SURE_JOINED_LOG_ODDS:
                doubt(member, rest[int(np.argmax(held))], value, True)
    distinct = {(one.one, one.other, one.known): one for one in found}
    return tuple(sorted(distinct.values(), key=lambda one: (abs(one.probability - 0.73), one.one, one.other)))
