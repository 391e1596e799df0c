# SPDX-License-Identifier: Apache-2.0
"""Which frames of a track show something in front of the lower face.

Frames are first compared with each other, so that the usual state of the face is found even where it is not
the usual state of any one pixel. From there the likeness grows over the track; what it never comes to
explain, and what came or went within a few frames, is covering. A turn of the head or a change of light
comes slowly.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plosive.faces.occlusion.layout import FaceLayout
from plosive.faces.occlusion.likeness import Likeness, LitFace, learn_likeness

__all__ = ["Suspicion", "runs_of", "suspect"]

_MOST_LEARNT = 96
_COMPARED = 30
_FIRST_SHARE = 0.3
_DIRECTIONS = (3, 5, 8, 8, 8)
_STRANGE = 1.8
_STRANGE_MOST = 5.0
_COVERED_SCORE = 2.0
_UNCOVERED_SCORE = 0.7
_NEAR_SCORE = 2.0
_MILDER = 1.4
_STRETCH = 12
_NEAR_PLACES = 2
_STEP = 2.5
_STEP_MOST = 6.0
_ABRUPT_SCORE = 1.3  # head turns of 22 plates stay below 0.7, hands begin at 1.8
_STEP_ROWS = 2
_ENDS_BEFORE, _ENDS_AFTER = 2, 5
_BRIDGED_FRAMES = 2
_FEWEST_FRAMES = 3
_DETAIL_WEIGHT = 2.0
_AT_ONCE = 32


@dataclass(frozen=True)
class Suspicion:
    """`covered` (first row, last row inclusive) runs; `uncovered` rows that were learnt from; both rising."""

    covered: tuple[tuple[int, int], ...]
    uncovered: NDArray[np.int64]
    likeness: Likeness


def suspect(layout: FaceLayout, count: int, face_of: Callable[[int], LitFace]) -> Suspicion:
    """Judge `count` rows of a track, `face_of(row)` each laid out."""
    learnt = _learnt_rows(count)
    faces = [face_of(int(row)) for row in learnt]
    good = _usual(layout, faces)
    likeness = _learnt(layout, faces, good, _DIRECTIONS[0])
    # Frames between which something came or went: the likeness does not grow across.
    abrupt = np.array(
        [False]
        + [_step_score(likeness, *pair) > _ABRUPT_SCORE for pair in zip(faces[1:], faces, strict=False)]
    )
    for directions in _DIRECTIONS[1:]:
        scores = _scores(likeness, faces)
        grown = good | (scores < _UNCOVERED_SCORE) | (_reached(good, abrupt) & (scores < _NEAR_SCORE))
        settled = bool((grown == good).all())
        good = grown
        likeness = _learnt(layout, faces, good, directions)
        if settled:
            break
    for _ in range(2):  # what came slowly is the face itself: learn it and look again
        scores = _scores(likeness, faces)
        slow = _slow(~good & (scores >= _COVERED_SCORE), abrupt, scores)
        if not (slow | (scores < _COVERED_SCORE))[~good].any():
            break
        good |= slow | (scores < _COVERED_SCORE)
        likeness = _learnt(layout, faces, good, _DIRECTIONS[-1])
    strange = (
        np.concatenate(
            [
                _scores(likeness, [face_of(row) for row in range(start, min(start + _AT_ONCE, count))])
                for start in range(0, count, _AT_ONCE)
            ]
        )
        >= _COVERED_SCORE
    )
    if len(learnt) == count:
        strange &= ~good
    covered = [
        run
        for run in _bridged(runs_of(strange))
        if run[1] - run[0] + 1 >= _FEWEST_FRAMES and _is_abrupt(likeness, face_of, *run, count)
    ]
    return Suspicion(tuple(covered), learnt[good], likeness)


def _learnt_rows(count: int) -> NDArray[np.int64]:
    """All rows, or 8 stretches of 12 spread over a long track."""
    if count <= _MOST_LEARNT:
        return np.arange(count)
    starts = np.linspace(0, count - _STRETCH, _MOST_LEARNT // _STRETCH).round().astype(np.int64)
    return np.unique(starts[:, None] + np.arange(_STRETCH))


def _learnt(layout: FaceLayout, faces: list[LitFace], good: NDArray[np.bool_], directions: int) -> Likeness:
    return learn_likeness(layout, [faces[place] for place in np.flatnonzero(good)], directions)


def _reached(good: NDArray[np.bool_], abrupt: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Frames up to two places from a good one with nothing abrupt between: `abrupt[i]` is before frame i."""
    reached = good.copy()
    for _ in range(_NEAR_PLACES):
        later = np.concatenate([[False], reached[:-1]]) & ~abrupt
        earlier = np.concatenate([reached[1:] & ~abrupt[1:], [False]])
        reached = reached | later | earlier
    return reached


def _slow(
    strange: NDArray[np.bool_], abrupt: NDArray[np.bool_], scores: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Of strange frames, those that nothing abrupt parts from the rest.

    At either end of the track also what lies beyond a stretch that both came and went abruptly and is
    stranger: a face in another pose before a hand came.
    """
    slow = np.zeros(len(strange), dtype=np.bool_)
    count = len(strange)
    for first, last in runs_of(strange):
        cuts = [at for at in range(first, last + 2) if at < count and abrupt[at]]
        if not cuts:
            slow[first : last + 1] = True
            continue
        middle = scores[cuts[0] : max(cuts[-1], cuts[0] + 1)].mean()
        if first == 0 and cuts[0] > _FEWEST_FRAMES and scores[: cuts[0]].mean() < _MILDER * middle:
            slow[: cuts[0]] = True
        if (
            last == count - 1
            and count - cuts[-1] > _FEWEST_FRAMES
            and scores[cuts[-1] :].mean() < _MILDER * middle
        ):
            slow[cuts[-1] :] = True
    return slow


def _usual(layout: FaceLayout, faces: list[LitFace]) -> NDArray[np.bool_]:
    """The frames most like the most typical one: (T,).

    Typical is that to which a third of a sample is nearest; text and objects add detail, which counts
    against a frame where numbers are even.
    """
    middle = np.median([face.values for face in faces], axis=0).astype(np.float32)
    spread = np.median(np.abs(np.stack([face.values for face in faces]) - middle).max(axis=2), axis=0)
    plain = Likeness(
        layout,
        middle,
        np.zeros((0, *middle.shape), dtype=np.float32),
        np.zeros(0, dtype=np.float32),
        (1.4826 * spread + 3).astype(np.float32),
    )
    sample = np.unique(np.linspace(0, len(faces) - 1, min(len(faces), _COMPARED)).round().astype(int))
    apart = np.zeros((len(sample), len(sample)))
    for i in range(len(sample)):
        for j in range(i):
            apart[i, j] = apart[j, i] = _apart(plain, faces[sample[i]], faces[sample[j]])
    detail = np.array([_detail(layout, faces[place]) for place in sample])
    nearest = np.percentile(apart, 100 * _FIRST_SHARE, axis=1)
    doubt = nearest * (1 + _DETAIL_WEIGHT * (detail / detail.min() - 1))
    chosen = faces[sample[int(doubt.argmin())]]
    distance = np.array([_apart(plain, face, chosen) for face in faces])
    return np.asarray(distance <= np.percentile(distance, 100 * _FIRST_SHARE))


def _apart(likeness: Likeness, one: LitFace, other: LitFace) -> float:
    """Mean of the fifth of the lower face where two frames differ most."""
    step = likeness.step(one, other)[likeness.layout.cheeks]
    return float(np.sort(step)[-len(step) // 5 :].mean())


def _detail(layout: FaceLayout, face: LitFace) -> float:
    """Mean slope of the lower face without the mouth, over its light."""
    import cv2

    picture = np.zeros((layout.size, layout.size), dtype=np.float32)
    picture[layout.skin] = face.values.mean(axis=1)
    slope = np.hypot(cv2.Sobel(picture, cv2.CV_32F, 1, 0), cv2.Sobel(picture, cv2.CV_32F, 0, 1)) / 8
    where = layout.cheeks
    return float(slope[where].mean() / (picture[where].mean() + 12))


def _scores(likeness: Likeness, faces: Sequence[LitFace]) -> NDArray[np.float64]:
    """How much of the lower face is strange, about percent, in N frames: (N,)."""
    cheeks = likeness.layout.cheeks
    strange = np.array([likeness.strangeness(left)[cheeks] for left in likeness.left(faces)])
    return np.asarray(100 * np.clip(strange - _STRANGE, 0, _STRANGE_MOST).mean(axis=1), dtype=np.float64)


def _is_abrupt(
    likeness: Likeness, face_of: Callable[[int], LitFace], first: int, last: int, count: int
) -> bool:
    """Whether what rows `first` to `last` show came or went within two frames."""
    rows = [
        *range(first - _ENDS_BEFORE, first + _ENDS_AFTER),
        *range(last - _ENDS_BEFORE, last + _ENDS_AFTER),
    ]
    for row in sorted(set(rows)):
        if row - _STEP_ROWS >= 0 and row < count:
            now, before = face_of(row), face_of(row - _STEP_ROWS)
            if _step_score(likeness, now, before) > _ABRUPT_SCORE:
                return True
    return False


def _step_score(likeness: Likeness, one: LitFace, other: LitFace) -> float:
    """How much of the lower face, mouth left out, differs between two frames: about percent."""
    step = likeness.step(one, other)[likeness.layout.cheeks]
    return 100 * float(np.clip(step - _STEP, 0, _STEP_MOST).mean())


def runs_of(strange: NDArray[np.bool_]) -> tuple[tuple[int, int], ...]:
    """Runs of True: (first, last inclusive)."""
    edges = np.diff(np.concatenate([[0], strange.astype(np.int8), [0]]))
    return tuple(
        zip(np.flatnonzero(edges == 1).tolist(), (np.flatnonzero(edges == -1) - 1).tolist(), strict=True)
    )


def _bridged(runs: tuple[tuple[int, int], ...]) -> list[tuple[int, int]]:
    """Runs with gaps of up to two frames closed."""
    joined: list[tuple[int, int]] = []
    for first, last in runs:
        if joined and first - joined[-1][1] - 1 <= _BRIDGED_FRAMES:
            joined[-1] = (joined[-1][0], last)
        else:
            joined.append((first, last))
    return joined
