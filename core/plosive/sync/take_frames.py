# SPDX-License-Identifier: Apache-2.0
"""Which frames of other takes are worth having as sources: those whose mouths the shot lacks come first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from plosive.faces.head import HeadFit, fit_head, head_shape
from plosive.faces.measure import mouth_channels
from plosive.faces.track import FaceTrack
from plosive.generate.pool import SourcePool
from plosive.generate.protocol import MouthWish
from plosive.sync.takes import ActorTake

__all__ = ["TakeShot", "laid_on", "wanted_frames"]

_TYPICAL_RANGE = np.array([0.25, 0.12, 0.09, 0.28], dtype=np.float32)
_FASTER = Fraction(5, 4)  # from here on frames are left out, so that a take moves at the plate's pace
_POSE_REACH_DEGREES = 15.0
_LEAST_SCALE = 0.25
_ALIKE_SHARE, _LEAST_ALIKE = 0.1, 8
_BLOCK_FRAMES = 6
_MOST_ASKED = 400
_LEAST_GAIN = 0.1
_FILLING_BLOCK_FRAMES = 24


@dataclass(frozen=True)
class TakeShot:
    """One shot of a take, K rows, seen as the plate sees its actor.

    `landmarks` (K, 478, 3) are pixels of the plate's pixel shape; `head` is fitted to the plate's actor;
    `scale` (K,) is how many pixels of the plate one of the take is worth; `ticks` (K,) rise by 1 from one
    frame to the next at the plate's pace, -1 for frames to leave out; `squeeze` is how many of the plate's
    pixels one of the take's is wide.
    """

    take: ActorTake
    track: FaceTrack
    landmarks: NDArray[np.float32]
    head: HeadFit
    scale: NDArray[np.float32]
    ticks: NDArray[np.int64]
    squeeze: float = 1.0

    @cached_property
    def channels(self) -> NDArray[np.float32]:
        """`mouth_channels` of every row: (K, 4)."""
        return mouth_channels(self.head.upright)[:, :4]


def laid_on(own: SourcePool, take: ActorTake, track: FaceTrack, rate: Fraction, aspect: Fraction) -> TakeShot:
    """`track` of `take` beside the sources a shot has of its `own`, whose plate has this frame `rate` and
    pixel `aspect`. Frames turned further than 15 degrees from any of the plate, covered, or with a tiny
    face are left out.
    """
    squeeze = float(take.info.pixel_aspect / aspect)
    landmarks = track.landmarks * np.array([squeeze, 1, 1], dtype=np.float32)
    head = fit_head(landmarks, head_shape(own.track.landmarks))
    scale = np.percentile(own.track.head.scale, 90) / np.maximum(head.scale, 1e-3)
    ticks = _ticks(take, track, rate)
    turned = _spread(own.track.head.angles_degrees()[:, :2], _MOST_ASKED)
    angles = head.angles_degrees()[:, :2]
    nearest = np.array([float(((turned - one) ** 2).sum(axis=1).min()) for one in angles])
    left_out = (nearest > _POSE_REACH_DEGREES**2) | (scale > 1 / _LEAST_SCALE)
    if track.occlusion is not None:
        left_out |= track.occlusion.is_covered(np.arange(len(landmarks)))
    ticks = np.where(left_out, -1, ticks)
    shot = TakeShot(take, track, landmarks, head, scale.astype(np.float32), ticks, squeeze)
    moved = head.upright + _offset(own, shot)
    return replace(shot, head=replace(head, upright=moved.astype(np.float32)))


def wanted_frames(
    own: SourcePool, wish: MouthWish, shots: Sequence[TakeShot], most: int
) -> list[NDArray[np.int64]]:
    """Rows of each shot (rising) that the mouths of `wish` gain most by, at most `most` of them in all; what
    room is left goes to stretches from all along the takes.
    """
    places = np.concatenate(
        [
            np.stack([np.full(len(shot.ticks), at), np.arange(len(shot.ticks))], 1)
            for at, shot in enumerate(shots)
        ]
    )
    usable = np.concatenate([shot.ticks >= 0 for shot in shots])
    known = np.concatenate([shot.channels for shot in shots]) / _TYPICAL_RANGE
    asked = _spread(wish.values[:, :4], _MOST_ASKED) / _TYPICAL_RANGE
    best = _distances(asked, mouth_channels(own.upright)[:, :4] / _TYPICAL_RANGE).min(axis=1)
    away = _distances(asked, known)
    away[:, ~usable] = np.inf
    taken = np.zeros(len(places), dtype=np.bool_)
    while taken.sum() < most:
        gains = np.clip(best[:, None] - away, 0, None).sum(axis=0)
        found = int(gains.argmax())
        if gains[found] < _LEAST_GAIN:
            break
        block = _beside(found, places, usable, _BLOCK_FRAMES)
        taken[block] = True
        best = np.minimum(best, away[:, block].min(axis=1))
    room = most - int(taken.sum())
    if room > 0:
        taken |= _evenly(places, usable & ~taken, room)
    return [places[taken & (places[:, 0] == at), 1] for at in range(len(shots))]


def _ticks(take: ActorTake, track: FaceTrack, rate: Fraction) -> NDArray[np.int64]:
    """Counts frames at the plate's pace: (K,), -1 for those a faster take has too many."""
    if take.info.frame_rate <= rate * _FASTER:
        return track.indices.astype(np.int64)
    times = [
        take.frame_times[min(index, len(take.frame_times) - 1)] * rate for index in track.indices.tolist()
    ]
    ticks = np.array([round(time) for time in times], dtype=np.int64)
    away = np.array([float(abs(time - tick)) for time, tick in zip(times, ticks.tolist(), strict=True)])
    nearest: dict[int, int] = {}
    for row in np.argsort(away, kind="stable").tolist():
        nearest.setdefault(int(ticks[row]), row)
    kept = np.isin(np.arange(len(ticks)), list(nearest.values()))
    return np.where(kept, ticks, -1)


def _offset(own: SourcePool, shot: TakeShot) -> NDArray[np.float32]:
    """What the take's upright faces lack to lie as the plate's do (478, 3): lens and distance differ, so the
    same mouth is not quite found at the same place. From pairs of frames with the most alike mouths.
    """
    mine = mouth_channels(own.upright)[:, :4] / _TYPICAL_RANGE
    away = _distances(shot.channels / _TYPICAL_RANGE, mine)
    nearest, distance = away.argmin(axis=1), away.min(axis=1)
    count = max(_LEAST_ALIKE, round(_ALIKE_SHARE * len(distance)))
    alike = np.argsort(distance, kind="stable")[:count]
    return np.asarray(np.median(own.upright[nearest[alike]] - shot.head.upright[alike], axis=0), np.float32)


def _distances(one: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.float32]:
    """Between all rows of (A, C) and (B, C): (A, B)."""
    squared = (one**2).sum(axis=1)[:, None] + (other**2).sum(axis=1)[None] - 2 * one @ other.T
    return np.asarray(np.sqrt(np.clip(squared, 0, None)), dtype=np.float32)


def _spread(values: NDArray[np.float32], most: int) -> NDArray[np.float32]:
    return np.asarray(values[np.unique(np.linspace(0, len(values) - 1, min(most, len(values))).astype(int))])


def _beside(
    found: int, places: NDArray[np.int64], usable: NDArray[np.bool_], reach: int
) -> NDArray[np.int64]:
    """`found` and the usable frames before and after it in its shot."""
    first, last = max(0, found - reach), min(len(places), found + reach + 1)
    near = np.arange(first, last)
    return np.asarray(near[(places[near, 0] == places[found, 0]) & usable[near]])


def _evenly(places: NDArray[np.int64], free: NDArray[np.bool_], room: int) -> NDArray[np.bool_]:
    """Blocks of consecutive frames from all along what is `free`, about `room` frames in all."""
    rows = np.flatnonzero(free)
    stride = max(1, -(-len(rows) // room))
    kept = (np.arange(len(rows)) // _FILLING_BLOCK_FRAMES) % stride == 0
    chosen = np.zeros(len(places), dtype=np.bool_)
    chosen[rows[kept][:room]] = True
    return chosen
