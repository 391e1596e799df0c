# SPDX-License-Identifier: Apache-2.0
"""Tracks become persons: through cuts, behind others, and back into the shot."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.core.faces.people.strangers import seen, sighting

from plosive.faces.people.appearance import Appearance, no_appearance
from plosive.faces.people.descriptors import mirrored
from plosive.faces.people.joining import KnownPerson, Sighting, join
from plosive.faces.track import FaceTrack


@pytest.fixture(scope="module")
def people(track: FaceTrack) -> dict[str, Appearance]:
    """Anna and Ben in several stretches of frames, and a stranger."""
    face = track.landmarks[0]
    return {
        f"{name}{part}": seen(face, seed, range(40 * part, 40 * part + 30), gain)
        for name, seed in (("anna", 1), ("ben", 2), ("eve", 3))
        for part, gain in ((0, 1.0), (1, 0.6), (2, 0.8))
    }


def edit(people: dict[str, Appearance]) -> list[Sighting]:
    """Anna | Ben, cut to Ben | Anna, cut to Anna, cut to Ben."""
    return [
        sighting(1, 0, (0, 29), people["anna0"], 0.3),
        sighting(2, 0, (0, 29), people["ben0"], 0.7),
        sighting(3, 1, (30, 59), people["ben1"], 0.3),
        sighting(4, 1, (30, 59), people["anna1"], 0.7),
        sighting(5, 2, (60, 89), people["anna2"]),
        sighting(6, 3, (90, 119), people["ben2"]),
    ]


def test_people_stay_themselves_when_a_cut_swaps_them(people: dict[str, Appearance]) -> None:
    joined = join(edit(people))
    assert joined.persons == {1: 1, 2: 2, 3: 2, 4: 1, 5: 1, 6: 2}
    assert joined.doubts == ()


def test_the_order_of_tracks_does_not_matter(people: dict[str, Appearance]) -> None:
    assert join(edit(people)[::-1]) == join(edit(people))


def test_who_leaves_and_returns_is_the_same(people: dict[str, Appearance]) -> None:
    tracks = [
        sighting(1, 0, (0, 99), people["ben0"]),
        sighting(2, 0, (0, 29), people["anna0"]),
        sighting(3, 0, (70, 99), people["anna1"]),
    ]
    assert join(tracks).persons == {1: 1, 2: 2, 3: 2}


def test_two_faces_of_one_frame_are_two_people_however_alike(people: dict[str, Appearance]) -> None:
    twins = [sighting(1, 0, (0, 29), people["anna0"]), sighting(2, 0, (29, 60), people["anna0"])]
    assert join(twins).persons == {1: 1, 2: 2}


def test_a_mirrored_shot_shows_the_same_person(people: dict[str, Appearance]) -> None:
    anna = people["anna1"]
    flopped = replace(
        anna,
        patterns=mirrored(anna.patterns),
        gradients=mirrored(anna.gradients),
        seen=mirrored(anna.seen),
    )
    assert join([sighting(1, 0, (0, 29), people["anna0"]), sighting(2, 1, (30, 59), flopped)]).persons == {
        1: 1,
        2: 1,
    }


def test_an_artists_word_comes_first(people: dict[str, Appearance]) -> None:
    tracks = edit(people)
    assert join(tracks, pins={1: 1, 6: 1}).persons[6] == 1, "merged, although they look different"
    apart = join(tracks, pins={1: 1, 5: 7}).persons
    assert apart[1] == 1
    assert apart[5] == 7, "split, although they look alike"


def test_known_people_keep_their_numbers(people: dict[str, Appearance]) -> None:
    known = [KnownPerson(4, people["ben1"]), KnownPerson(9, people["eve0"])]
    tracks = [sighting(1, 0, (0, 29), people["anna0"]), sighting(2, 1, (30, 59), people["ben0"])]
    assert join(tracks, known).persons == {1: 1, 2: 4}


def test_faces_nobody_looked_at_are_told_apart_by_frames_alone() -> None:
    tracks = [sighting(1, 0, (0, 9), no_appearance()), sighting(2, 0, (0, 9), no_appearance())]
    assert join(tracks).persons == {1: 1, 2: 2}
    assert join([]).persons == {}


def test_a_pair_in_between_is_owned_up_to(people: dict[str, Appearance]) -> None:
    """Half of the cells of Anna, half of the stranger's: neither surely her nor surely not."""
    anna, eve = people["anna1"], people["eve1"]
    count = min(len(anna), len(eve))
    anna, eve = anna.rows(np.arange(count)), eve.rows(np.arange(count))
    doubtful = []
    for share in range(8, 64, 4):
        patterns, gradients = anna.patterns.copy(), anna.gradients.copy()
        patterns[:, :share], gradients[:, :share] = eve.patterns[:, :share], eve.gradients[:, :share]
        mixed = replace(anna, patterns=patterns, gradients=gradients)
        joined = join([sighting(1, 0, (0, 29), people["anna0"]), sighting(2, 1, (30, 59), mixed)])
        doubtful += [(doubt.is_joined, joined.persons[2] == 1) for doubt in joined.doubts]
    assert doubtful, "somewhere between the two it is not sure"
    assert all(said == was for said, was in doubtful)
