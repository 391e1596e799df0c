# SPDX-License-Identifier: Apache-2.0
"""Pose-free faces smoothed in time without lag, and only among frames that show the same shape.

Each part of a face (mouth, jaw, each eye, brows, the rest) is averaged over the frames about it, forward and
backward alike, weighted by how alike its shapes are beyond their noise (a bilateral filter along time:
Tomasi and Manduchi 1998, Aurich and Weule 1995). A rest averages over many frames; a closing lip, unlike its
neighbours, keeps itself.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from plosive.faces.measure import INNER_LIP_PAIRS
from plosive.faces.stable.canonical import canonical_vertices
from plosive.faces.topology import INNER_LIPS, OUTER_LIPS

__all__ = ["PARTS", "face_parts", "smoothed"]

PARTS = ("mouth", "jaw", "left eye", "right eye", "brows", "rest")

_REACH_FRAMES = 8
_SPREAD_FRAMES = 4.0
_MOVING_SPREAD_FRAMES = 0.6
_STILL_TIMES, _MOVING_TIMES = 2.0, 4.0  # of its noise: a mouth that changes more over four frames speaks
_ACTIVITY_FRAMES = 4
_TOLERANCE = 2.0  # of the noise's own mean square difference, beyond which shapes count as other ones
_QUIET_QUANTILE = 0.3  # frames that hardly move tell the noise
_LEAST_NOISE, _MOST_NOISE = 3e-4, 7e-3  # inter-ocular distances
_GUIDE_NOISE = 0.5  # what a first pass leaves of the noise
_IRISES = range(468, 478)


def face_parts() -> dict[str, NDArray[np.int64]]:
    """Landmarks of each part of a face; every landmark is in one."""
    x, y = canonical_vertices()[:, :2].T
    part = np.full(478, "rest", dtype=object)
    part[:468][y > 1.7] = "jaw"
    part[:468][y < -3.9] = "brows"
    for name, side in (("left eye", -1.0), ("right eye", 1.0)):
        part[:468][((x - side * 3.15) / 2.4) ** 2 + ((y + 2.6) / 1.5) ** 2 < 1] = name
    part[list(_IRISES)[:5]], part[list(_IRISES)[5:]] = "left eye", "right eye"
    lips = (np.abs(x) < 3.1) & (y > 2.6) & (y < 6.2)
    part[:468][lips] = "mouth"
    part[np.concatenate([OUTER_LIPS, INNER_LIPS])] = "mouth"
    return {name: np.flatnonzero(part == name) for name in PARTS}


def smoothed(
    upright: NDArray[np.float32],
    indices: NDArray[np.int64],
    *,
    reach_frames: int = _REACH_FRAMES,
) -> NDArray[np.float32]:
    """Upright faces (T, 478, 3) at plate frames `indices` (T,), smoothed over `reach_frames` to each side but
    never across missing frames: (T, 478, 3) float32, inter-ocular distances.
    """
    parts = face_parts()
    result = np.empty_like(upright)
    seen = {name: _looks(upright, points, name) for name, points in parts.items()}
    noise = _noises(seen, indices)
    for name, points in parts.items():
        look, flat = seen[name], upright[:, points].reshape(len(upright), -1)
        spread = np.full(len(upright), _SPREAD_FRAMES)
        if name == "mouth":
            spread = _spreads(look, noise[name], indices)
        # Twice: shapes are told apart better once most of their noise is gone.
        guide = _averaged(look, look, noise[name], indices, reach_frames, spread)
        steady = _averaged(flat, guide, noise[name] * _GUIDE_NOISE, indices, reach_frames, spread)
        result[:, points] = steady.reshape(len(upright), -1, 3)
    return result


def _looks(upright: NDArray[np.float32], points: NDArray[np.int64], name: str) -> NDArray[np.float32]:
    """What shapes of a part are compared by: its points (T, P * 2), and for the mouth its gaps as well, which
    a closure changes most.
    """
    look = upright[:, points, :2].reshape(len(upright), -1)
    if name != "mouth":
        return look
    gaps = upright[:, INNER_LIP_PAIRS[:, 1], 1] - upright[:, INNER_LIP_PAIRS[:, 0], 1]
    return np.concatenate([look, np.repeat(gaps, len(points) // len(INNER_LIP_PAIRS), axis=1)], axis=1)


def _noises(seen: dict[str, NDArray[np.float32]], indices: NDArray[np.int64]) -> dict[str, float]:
    """Mean square noise of each part's look, from second differences, each of which holds six times it.

    What the nose and cheekbones do in the usual frame is noise, for they do not move; other parts are taken
    to be as noisy, within what their quiet and their usual frames show.
    """
    whole = indices[2:] - indices[:-2] == 2
    powers = {}
    for name, look in seen.items():
        second = look[2:] - 2 * look[1:-1] + look[:-2]
        powers[name] = (second**2).mean(axis=1)[whole] / 6
    if not whole.any():
        return dict.fromkeys(seen, _LEAST_NOISE**2)
    still = float(np.median(powers["rest"]))
    noises = {}
    for name, power in powers.items():
        quiet, usual = np.quantile(power, [_QUIET_QUANTILE, 0.5]).tolist()
        noises[name] = float(np.clip(min(max(quiet, still), usual), _LEAST_NOISE**2, _MOST_NOISE**2))
    return noises


def _spreads(look: NDArray[np.float32], noise: float, indices: NDArray[np.int64]) -> NDArray[np.float64]:
    """Over how many frames (one sigma) to average a mouth (T,): few while it speaks, for landmarks follow
    speech truly and any average would blunt it.
    """
    change, count = np.zeros(len(look)), np.zeros(len(look))
    for step in range(-_ACTIVITY_FRAMES, _ACTIVITY_FRAMES + 1):
        other, there = _beside(indices, step)
        change += there * ((look[other] - look) ** 2).mean(axis=1)
        count += there
    activity = change / np.maximum(count, 1) / (2 * noise)
    still = np.clip((_MOVING_TIMES - activity) / (_MOVING_TIMES - _STILL_TIMES), 0, 1)
    return np.asarray(_MOVING_SPREAD_FRAMES + (_SPREAD_FRAMES - _MOVING_SPREAD_FRAMES) * still)


def _averaged(
    values: NDArray[np.float32],
    look: NDArray[np.float32],
    noise: float,
    indices: NDArray[np.int64],
    reach: int,
    spread: NDArray[np.float64],
) -> NDArray[np.float32]:
    """`values` (T, N) averaged over frames whose `look` (T, M) is the same within `noise`, a mean square."""
    total = np.ones(len(values), dtype=np.float32)
    result = values.copy()
    for step in range(-reach, reach + 1):
        other, there = _beside(indices, step)
        apart = ((look[other] - look) ** 2).mean(axis=1)
        beyond = np.maximum(apart - 2 * noise, 0) / (2 * noise * _TOLERANCE)
        weight = (np.exp(-beyond - step**2 / (2 * spread**2)) * there).astype(np.float32)
        total += weight
        result += weight[:, None] * values[other]
    return result / total[:, None]


def _beside(indices: NDArray[np.int64], step: int) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """The rows `step` frames from each row (T,), and whether they are there: not itself, no frame missing."""
    place = np.arange(len(indices))
    other = place + step
    there = (other >= 0) & (other < len(indices)) & (step != 0)
    other = np.where(there, other, place)
    return other, there & (indices[other] - indices[place] == step)
