# SPDX-License-Identifier: Apache-2.0
"""A track that turns into somebody else, at a cut nobody saw, is told."""

from __future__ import annotations

from tests.core.faces.people.strangers import seen, sighting

from plosive.faces.people.appearance import no_appearance, pooled
from plosive.faces.people.consistency import changes_within
from plosive.faces.track import FaceTrack


def test_a_change_of_person_within_a_track_is_found(track: FaceTrack) -> None:
    face = track.landmarks[0]
    before, after = seen(face, 1, range(0, 40)), seen(face, 2, range(40, 80))
    (change,) = changes_within([sighting(7, 0, (0, 79), pooled([before, after]))])
    assert change.number == 7
    assert change.before_index < 40 == change.index


def test_one_person_in_changing_light_is_one(track: FaceTrack) -> None:
    face = track.landmarks[0]
    looks = [seen(face, 1, range(40 * part, 40 * part + 30), gain) for part, gain in enumerate((1.0, 0.5))]
    tracks = [sighting(1, 0, (0, 79), pooled(looks)), sighting(2, 0, (0, 79), no_appearance())]
    assert changes_within(tracks) == ()
