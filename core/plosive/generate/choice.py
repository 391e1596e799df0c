# SPDX-License-Identifier: Apache-2.0
"""The sources of a whole shot: mouths asked for and mouths there are, made comparable."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plosive.faces.measure import INNER_LIP_PAIRS
from plosive.faces.topology import INNER_LIPS, OUTER_LIPS
from plosive.faces.track import FaceTrack
from plosive.generate.byshape import usual_for_shape
from plosive.generate.interior import Interiors, asked_interiors, see_interiors, tuckedness
from plosive.generate.pool import SourcePool
from plosive.generate.protocol import Shot
from plosive.generate.retrieval import MouthAsk, SourceLooks, choose_sources

__all__ = ["own_sources", "relative_sharpness", "skin_around", "sources_for"]

_LIP_POINTS = np.concatenate([OUTER_LIPS, INNER_LIPS])
_LEVEL_WEIGHT = 0.52  # a stop of light to be made up costs as much as 0.07 difference in the thumbnails
_MOUTH_CELLS = slice(2, 6)  # of the eight each way of a thumbnail, the mouth and what its matte covers


@dataclass(frozen=True)
class _Shapes:
    """As in `MouthAsk`."""

    lips: NDArray[np.float32]
    gap: NDArray[np.float32]
    chin: NDArray[np.float32]
    lip_heights: NDArray[np.float32]


def sources_for(shot: Shot, shapes: NDArray[np.float32]) -> NDArray[np.int64]:
    """Source (0..N-1 of the shot's pool) for each row of its track, whose mouths shall be `shapes`
    (T, 478, 3) upright. A row's own frame is never its source.
    """
    pool, track = shot.sources, shot.track
    known = _measured(pool.upright)
    lips, gap = known.lips, known.gap
    shown = see_interiors(pool.inside, pool.light, pool.redness, gap, gap * _eye_pixels(pool))
    tucks = tuckedness(known.lip_heights[:, 1], pool.redness, gap, shown)
    sources = _mouths(known, pool.angles_degrees, pool.light, pool.levels, shown, tucks)
    new = _measured(shapes)
    wanted = asked_interiors(new.lips, new.gap, shot.wish.interior, lips, pool.order, shown)
    asked = _mouths(
        new,
        track.head.angles_degrees(),
        _light_of_rows(pool, len(shapes)),
        _levels(track),
        wanted,
        shot.wish.tuck,
    )
    looks = SourceLooks(pool.order, pool.inside, relative_sharpness(pool), pool.redness, pool.cost)
    return choose_sources(asked, sources, looks, own_sources(pool, len(shapes)), shot.seed)


def own_sources(pool: SourcePool, count: int) -> NDArray[np.int64]:
    """The source that is the very frame of each of `count` rows of the shot's track; -1 for none."""
    found = np.full(count, -1, dtype=np.int64)
    own = np.flatnonzero(pool.rows >= 0)
    found[pool.rows[own]] = own
    return found


def relative_sharpness(pool: SourcePool) -> NDArray[np.float32]:
    """How sharp the lips of each source are, of what this actor's usually are in that shape: (N,), about 1.

    Closed lips have less detail than teeth; motion smears both.
    """
    lips = _measured(pool.upright).lips
    usual = usual_for_shape(lips, lips, pool.sharpness[:, None])[:, 0]
    return np.asarray(pool.sharpness / np.maximum(usual, 1e-6), dtype=np.float32)


def skin_around(thumbnails: NDArray[np.float32]) -> NDArray[np.float32]:
    """Thumbnails (M, 8, 8, 3) without the mouth: (M, 144). A plate's own mouth must not ask for mouths that
    look like it.
    """
    around = np.ones(thumbnails.shape[1:3], dtype=np.bool_)
    around[_MOUTH_CELLS, _MOUTH_CELLS] = False
    return thumbnails[:, around].reshape(len(thumbnails), -1)


def _measured(upright: NDArray[np.float32]) -> _Shapes:
    """Shapes of M mouths from `upright` (M, 478, 3)."""
    lips = upright[:, _LIP_POINTS] - upright[:, 2:3]
    upper, lower = INNER_LIP_PAIRS[:3, 0], INNER_LIP_PAIRS[:3, 1]
    gap = (upright[:, lower, 1] - upright[:, upper, 1]).mean(axis=1)
    return _Shapes(
        lips=np.ascontiguousarray(lips.reshape(len(upright), -1)),
        gap=np.maximum(gap, 0),
        chin=upright[:, 152, 1] - upright[:, 2, 1],
        lip_heights=upright[:, [13, 17], 1] - upright[:, [0, 14], 1],
    )


def _mouths(
    shapes: _Shapes,
    angles: NDArray[np.float32],
    thumbnails: NDArray[np.float32],
    levels: NDArray[np.float32],
    interiors: Interiors,
    tuck: NDArray[np.float32],
) -> MouthAsk:
    light = np.concatenate([skin_around(thumbnails), _LEVEL_WEIGHT * levels], axis=1)
    own = shapes.lips, shapes.gap, shapes.chin, shapes.lip_heights
    return MouthAsk(*own, angles, light, interiors.shown, interiors.trust, tuck)


def _eye_pixels(pool: SourcePool) -> NDArray[np.float32]:
    """Distance of the outer corners of the eyes, turned away or not: (N,) pixels."""
    eyes = np.linalg.norm(pool.landmarks[:, 33] - pool.landmarks[:, 263], axis=-1)
    return np.asarray(eyes, dtype=np.float32)


def _levels(track: FaceTrack) -> NDArray[np.float32]:
    """Mean light of every row: (T, 3) stops."""
    if track.light is None:
        return np.zeros((len(track.indices), 3), dtype=np.float32)
    return track.light.levels


def _light_of_rows(sources: SourcePool, count: int) -> NDArray[np.float32]:
    """Thumbnail of each row of the track: its own, or the nearest one kept."""
    own = np.flatnonzero(sources.rows >= 0)
    rows = sources.rows[own]
    wanted = np.arange(count)
    after = np.searchsorted(rows, wanted).clip(0, len(rows) - 1)
    before = np.maximum(after - 1, 0)
    earlier = wanted - rows[before] <= np.abs(rows[after] - wanted)
    nearest = np.where(earlier & (rows[before] <= wanted), before, after)
    return np.asarray(sources.light[own[nearest]], dtype=np.float32)
