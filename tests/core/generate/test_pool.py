# SPDX-License-Identifier: Apache-2.0
"""The pool of all sources of one shot."""

from __future__ import annotations

import numpy as np

from plosive.faces.track import FaceTrack
from plosive.generate.pool import SourcePool, source_keys, taken_apart
from plosive.generate.sources import SourceLibrary


def test_own_sources_are_the_tracks_own_frames(track: FaceTrack, sources: SourceLibrary) -> None:
    pool = SourcePool.of(track, sources)
    rows = sources.rows
    assert len(pool) == len(rows)
    assert np.array_equal(pool.landmarks, track.landmarks[rows])
    assert np.array_equal(pool.upright, track.head.upright[rows])
    assert np.array_equal(pool.frame_indices, track.indices[rows])
    assert not pool.take.any() and not pool.levels.any()
    assert (np.diff(pool.order) == 1).all()
    pixels, box = pool.pixels(3)
    assert pixels.shape == (box.height, box.width, 3)
    lit, where = pool.lit_pixels(3, 0)
    assert where == box and np.array_equal(lit, pixels), "nothing covers it, and its light never changes"


def test_a_part_of_a_pool_breaks_its_runs(track: FaceTrack, sources: SourceLibrary) -> None:
    pool = SourcePool.of(track, sources).only(np.array([0, 1, 4, 5]))
    assert len(pool) == len(pool.tickets) == 4
    assert pool.pixels(2)[1] == sources.pixels(4)[1]
    assert [pool.followed(0, 1), pool.followed(1, 1), pool.followed(3, -1)] == [1, 1, 2]


def test_takes_and_frames_in_one_number() -> None:
    takes, frames = np.array([0, 0, 3]), np.array([0, 99, 99])
    keys = source_keys(takes, frames)
    assert keys[1] == 99 and len(set(keys.tolist())) == 3
    assert all(
        np.array_equal(one, other) for one, other in zip(taken_apart(keys), (takes, frames), strict=True)
    )
