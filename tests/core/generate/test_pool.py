# SPDX-License-Identifier: Apache-2.0
"""The pool of all sources of one shot."""

from __future__ import annotations

from dataclasses import replace

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


def test_takes_join_behind_the_shots_own(track: FaceTrack, sources: SourceLibrary) -> None:
    own = SourcePool.of(track, sources)
    take = replace(
        own.only(np.array([2, 3, 4])),
        take=np.ones(3, dtype=np.int64),
        rows=np.full(3, -1),
        cost=np.full(3, 0.01, dtype=np.float32),
    )
    pool = own.joined(take)
    assert len(pool) == len(own) + 3
    assert (np.diff(pool.order)[len(own) :] == 1).all()
    assert np.diff(pool.order)[len(own) - 1] > 2, "no run goes from the shot to a take"
    assert pool.followed(len(own) - 1, 1) == len(own) - 1
    assert len(set(pool.keys.tolist())) == len(pool)
    lit, box = pool.lit_pixels(len(own), 0)
    pixels, same = own.pixels(2)
    assert box == same and np.array_equal(lit, pixels)
    assert pool.cost[: len(own)].max() == 0
