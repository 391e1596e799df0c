# SPDX-License-Identifier: Apache-2.0
"""Subtitles and other graphics before a face: what stands still in the picture while the face does not.

Two signs tell one. It comes or goes from one frame to the next and stands on the very same pixels after or
before; or, over a longer block, edges add up in the frame's own pixels that blur when the face is held still
instead. Either gives pixels to watch for in all frames, which tells from when to when it is there.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plosive.faces.occlusion.opening import beside_lips
from plosive.faces.occlusion.placed import PlacedPictures
from plosive.faces.occlusion.placedface import STEADY_LOWER, PlacedFace, slope

__all__ = ["GraphicRun", "find_graphics"]

_KEPT_STILL = 4
_STEP_LEVELS = 22.0
_STILL_LEVELS = 12.0
_LEAST_STEP_SHARE = 0.01  # of the face width squared
_MOST_STEP_SHARE = 0.35  # of the face: more is a change of light or of the picture
_BLOCK, _BLOCK_STEP = 32, 16
_LEAST_MOTION = 0.9
_EDGE_LEVELS = 12.0
_STILL_EDGE, _MOVED_EDGE = 0.75, 0.7
_LEAST_EDGE_SHARE = 0.003
_MATCHES = 0.7
_FEWEST_FRAMES = 10
_BESIDE_SHARE, _LEAST_BESIDE_SHARE = 0.15, 0.004  # of the step; of the face width squared
_STANDING, _GONE = 0.85, 0.5
_FIGURE_SHARE, _FIGURE_LEVELS = 0.5, 8.0
_STANDS_MOSTLY = 0.8
_MOST_LOOKS = 32
_MOVED_PIXELS, _MOVED_BETTER = 1.5, 0.4


@dataclass(frozen=True)
class GraphicRun:
    """Rows `first` to `last_inclusive`; `sure` (h, w) the pixels it was told by, from grid pixel `corner`."""

    first: int
    last_inclusive: int
    corner: NDArray[np.int64]
    sure: NDArray[np.bool_]


@dataclass(frozen=True)
class _Clue:
    """Pixels `sure` (h, w) from grid pixel `corner` that show `shown` (h, w, 3) in rows `first`..`last`."""

    first: int
    last: int
    corner: NDArray[np.int64]
    sure: NDArray[np.bool_]
    shown: NDArray[np.float32]


def find_graphics(pictures: PlacedPictures, landmarks: NDArray[np.float32]) -> list[GraphicRun]:
    """What stands before the face of `landmarks` (T, 478, 3) frame pixels, shown in T `pictures`."""
    look = PlacedFace(pictures, landmarks)
    runs: list[GraphicRun] = []
    for clue in filter(_is_figure, _stepped(look)):
        run = _run(look, clue)
        if run is None:
            continue
        # What it only came before, or only went, may as well be skin that something else then covered.
        bounded = run.first > 0 and run.last_inclusive < look.count - 1
        if bounded or _outlasts_motion(look, clue, run):
            runs.append(run)
    for clue in _stood(look):
        run = _run(look, clue)
        if run is not None and _outlasts_motion(look, clue, run):
            runs.append(run)
    return _joined(runs)


def _stepped(look: PlacedFace) -> list[_Clue]:
    """What comes or goes from one frame to the next."""
    import cv2

    clues = []
    grey: dict[int, NDArray[np.uint8]] = {}

    def seen(row: int, corner: NDArray[np.int64], size: tuple[int, int]) -> NDArray[np.int16]:
        if row not in grey:
            grey[row] = np.asarray(cv2.cvtColor(look.pictures.read(row), cv2.COLOR_RGB2GRAY), dtype=np.uint8)
        left, top = (corner - look.corners[row]).tolist()
        return grey[row][top : top + size[0], left : left + size[1]].astype(np.int16)

    for row in range(1, look.count):
        grey.pop(row - _KEPT_STILL - 2, None)
        corner, size = look.common([row - 1, row])
        if min(size) < 8:
            continue
        change = np.abs(seen(row, corner, size) - seen(row - 1, corner, size))
        if (change > _STEP_LEVELS).sum() < _LEAST_STEP_SHARE * look.face**2:
            continue
        for rows, edge in (
            (range(row, min(row + _KEPT_STILL, look.count)), row - 1),
            (range(row - 1, max(row - 1 - _KEPT_STILL, -1), -1), row),
        ):
            if len(rows) < 3:
                continue
            corner, size = look.common([*rows, edge])
            if min(size) < 8:
                continue
            values = np.stack([seen(one, corner, size) for one in rows])
            before = seen(edge, corner, size)
            still = values.max(axis=0) - values.min(axis=0) <= _STILL_LEVELS
            middle = values.mean(axis=0)
            stepped = still & (np.abs(before - middle) > _STEP_LEVELS)
            face = look.inside(row, corner, size)
            if (stepped & face).sum() < _LEAST_STEP_SHARE * look.face**2:
                continue
            held = cv2.warpAffine(
                before.astype(np.float32),
                look.follow(rows[0], edge, corner),
                size[::-1],
                borderMode=cv2.BORDER_REPLICATE,
            )
            # What the face's own motion or speech explains, give or take a pixel, is no step.
            around = np.ones((3, 3), dtype=np.uint8)
            spoken = look.spoken(before.astype(np.uint8), rows[0], edge, corner)
            for told in (held, spoken):
                low, high = cv2.erode(told, around), cv2.dilate(told, around)
                stepped &= (middle > high + _STEP_LEVELS / 2) | (middle < low - _STEP_LEVELS / 2)
            beside = beside_lips(stepped, face, look.mouth([*rows, edge], corner, size))
            stepped &= face
            if not (
                stepped.sum() >= _LEAST_STEP_SHARE * look.face**2
                and beside >= max(_BESIDE_SHARE * stepped.sum(), _LEAST_BESIDE_SHARE * look.face**2)
                and stepped.sum() <= _MOST_STEP_SHARE * face.sum()
            ):
                continue
            shown = np.stack([look.part(one, corner, size) for one in rows]).mean(axis=0, dtype=np.float32)
            clues.append(_Clue(min(rows), max(rows), corner, stepped, shown))
    return clues


def _stood(look: PlacedFace) -> list[_Clue]:
    """Edges that stay on the frame's pixels over a block in which the face moves."""
    clues = []
    for start in range(0, max(look.count - _BLOCK // 2, 1), _BLOCK_STEP):
        rows = list(range(start, min(start + _BLOCK, look.count), 2))
        if len(rows) < 4 or _motion(look, rows) < _LEAST_MOTION:
            continue
        corner, size = look.common(rows)
        if min(size) < 8:
            continue
        sure = _still_edges(look, rows, corner, size)
        if sure.sum() < _LEAST_EDGE_SHARE * look.face**2:
            continue
        parts = np.stack([look.part(row, corner, size) for row in rows])
        shown = np.median(parts, axis=0).astype(np.float32)
        near = (np.abs(parts - shown).max(axis=3) <= _STILL_LEVELS + 4).mean(axis=0)
        sure &= near >= _STANDS_MOSTLY
        if sure.sum() < _LEAST_EDGE_SHARE * look.face**2:
            continue
        clues.append(_Clue(rows[0], rows[-1], corner, sure, shown))
    return clues


def _motion(look: PlacedFace, rows: list[int]) -> float:
    """How far the face wanders over `rows`, in grid pixels."""
    lower = look.points[rows][:, STEADY_LOWER, :2]
    return float(np.linalg.norm((lower - lower.mean(axis=0)).std(axis=0), axis=1).mean())


def _still_edges(
    look: PlacedFace, rows: list[int], corner: NDArray[np.int64], size: tuple[int, int]
) -> NDArray[np.bool_]:
    import cv2

    middle = rows[len(rows) // 2]
    usual = np.zeros(size, dtype=np.float32)
    stood, held = np.zeros((*size, 3), dtype=np.float32), np.zeros((*size, 3), dtype=np.float32)
    face = np.zeros(size, dtype=np.float32)
    for row in rows:
        picture = look.part(row, corner, size).astype(np.float32)
        usual += slope(picture)
        stood += picture
        held += cv2.warpAffine(
            picture, look.follow(middle, row, corner), size[::-1], borderMode=cv2.BORDER_REPLICATE
        )
        face += look.inside(row, corner, size)
    count = len(rows)
    usual, in_stood, in_held = usual / count, slope(stood / count), slope(held / count)
    # An edge that is merely sharper somewhere near when the face is held still belongs to the face.
    in_held = cv2.dilate(in_held, np.ones((3, 3), dtype=np.uint8))
    sure = (in_stood > _EDGE_LEVELS) & (in_stood > _STILL_EDGE * usual) & (in_held < _MOVED_EDGE * in_stood)
    return np.asarray(sure & (face >= 0.9 * count))


def _is_figure(clue: _Clue) -> bool:
    """Whether what stands there has an outline: bare skin between two subtitles stands as still."""
    import cv2

    solid = clue.sure.astype(np.uint8)
    around = np.ones((3, 3), dtype=np.uint8)
    outline = (cv2.dilate(solid, around) > 0) & (cv2.erode(solid, around) == 0)
    return bool((slope(clue.shown)[outline] > _FIGURE_LEVELS).mean() >= _FIGURE_SHARE)


def _run(look: PlacedFace, clue: _Clue) -> GraphicRun | None:
    """The rows around those of `clue` that show the same on its pixels; None where it does not stand, or
    leaves by degrees.
    """
    places = np.argwhere(clue.sure)[:, ::-1] + clue.corner
    values = clue.shown[clue.sure]
    size = np.array([look.pictures.wide, look.pictures.tall])

    def share(row: int) -> float:
        at = places - look.corners[row]
        within = np.all((at >= 0) & (at < size), axis=1)
        if within.mean() < 0.3:
            return 0.0
        off = np.abs(look.pictures.read(row)[at[within, 1], at[within, 0]] - values[within]).max(axis=1)
        return float((off <= _STILL_LEVELS + 4).mean())

    shares = {row: share(row) for row in range(clue.first, clue.last + 1)}
    ends = []
    for start, step, end in ((clue.first, -1, -1), (clue.last, 1, look.count)):
        last, row = start, start + step
        while row != end and abs(row - last) <= 2:
            shares[row] = share(row)
            if shares[row] >= _MATCHES:
                last = row
            row += step
        ends.append(last)
    first, last = ends
    if last - first + 1 < _FEWEST_FRAMES:
        return None
    stands = float(np.mean([shares[row] for row in range(first, last + 1)])) >= _STANDING
    gone = all(shares.get(row, 0.0) <= _GONE for row in (first - 1, last + 1))
    return GraphicRun(first, last, clue.corner, clue.sure) if stands and gone else None


def _outlasts_motion(look: PlacedFace, clue: _Clue, run: GraphicRun) -> bool:
    """Whether its pixels fit frames as they are better than frames moved to hold the face still."""
    import cv2

    middle = (clue.first + clue.last) // 2
    across = np.argwhere(clue.sure).mean(axis=0)[::-1]
    still: list[float] = []
    held: list[float] = []
    size = (clue.sure.shape[0], clue.sure.shape[1])
    span = range(run.first, run.last_inclusive + 1)
    for row in span[:: max(1, len(span) // _MOST_LOOKS)]:
        follow = look.follow(middle, row, clue.corner)
        low = clue.corner - look.corners[row]
        if (low < 0).any() or (low + size[::-1] > (look.pictures.wide, look.pictures.tall)).any():
            continue
        if np.linalg.norm(follow[:, :2] @ across + follow[:, 2] - across) < _MOVED_PIXELS:
            continue
        picture = look.part(row, clue.corner, size).astype(np.float32)
        moved = cv2.warpAffine(picture, follow, size[::-1], borderMode=cv2.BORDER_REPLICATE)
        for shown, shares in ((picture, still), (moved, held)):
            off = np.abs(shown - clue.shown)[clue.sure].max(axis=1)
            shares.append(float((off <= _STILL_LEVELS + 4).mean()))
    return len(still) >= 3 and float(np.mean(still) - np.mean(held)) > _MOVED_BETTER


def _joined(runs: list[GraphicRun]) -> list[GraphicRun]:
    """Runs of the same rows, give or take two, made one: told by all their pixels."""
    joined: list[GraphicRun] = []
    for run in sorted(runs, key=lambda run: (run.first, run.last_inclusive)):
        same = [
            at
            for at, other in enumerate(joined)
            if abs(other.first - run.first) <= 2 and abs(other.last_inclusive - run.last_inclusive) <= 2
        ]
        if same:
            joined[same[0]] = _both(joined[same[0]], run)
        else:
            joined.append(run)
    return [run for run in joined if not any(_is_part(run, other) for other in joined)]


def _is_part(run: GraphicRun, other: GraphicRun) -> bool:
    """Whether `run` is a piece that a larger one, or two after each other, share by chance."""
    if run is other or other.sure.sum() < 2 * run.sure.sum():
        return False
    shared = min(run.last_inclusive, other.last_inclusive) - max(run.first, other.first) + 1
    return shared > 0.4 * (run.last_inclusive - run.first + 1)


def _both(one: GraphicRun, other: GraphicRun) -> GraphicRun:
    low = np.minimum(one.corner, other.corner)
    ends = [run.corner + np.array(run.sure.shape[::-1]) for run in (one, other)]
    wide, tall = (np.maximum(*ends) - low).tolist()
    sure = np.zeros((tall, wide), dtype=np.bool_)
    for run in (one, other):
        left, top = (run.corner - low).tolist()
        sure[top : top + run.sure.shape[0], left : left + run.sure.shape[1]] |= run.sure
    return GraphicRun(min(one.first, other.first), max(one.last_inclusive, other.last_inclusive), low, sure)
