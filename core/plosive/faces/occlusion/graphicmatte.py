# SPDX-License-Identifier: Apache-2.0
"""The exact shape of a graphic before a face: one matte for as long as it stands."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from plosive.faces.occlusion.graphic import GraphicRun
from plosive.faces.occlusion.matte import colour_bins, colour_histogram
from plosive.faces.occlusion.placed import PlacedPictures

__all__ = ["graphic_matte"]

_SAMPLED = 16
_MARGIN_FACES = 0.1
_COLOUR_WEIGHT, _COLOUR_MOST = 1.0, 2.5
_SURE_WEIGHT = 1.5
_STEP_LEVELS, _STEP_UNIT = 14.0, 6.0
_RESTLESS_UNIT = 3.0
_BIAS = -0.5
_TOUCHING = 4
_BESIDE = 6
_EDGE_SLOPE = 4.0  # of 255


def graphic_matte(
    pictures: PlacedPictures, run: GraphicRun, faces: dict[int, NDArray[np.float32]]
) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    """First grid pixel and matte (h, w) 0..255 of `run`.

    `faces` are outlines (N, 2) in frame pixels of the face in some rows, from which its colours are learnt:
    those without a graphic, or any.
    """
    import cv2

    margin = round(_MARGIN_FACES * pictures.face_width)
    corner = run.corner - margin
    sure = np.pad(run.sure, margin)
    size = (sure.shape[0], sure.shape[1])
    span = run.last_inclusive - run.first
    rows = np.unique(np.linspace(run.first, run.last_inclusive, min(span + 1, _SAMPLED)).round().astype(int))
    mean, restless = _averaged(pictures, rows.tolist(), corner, size)
    picture = np.asarray(np.clip(np.rint(mean), 0, 255), dtype=np.uint8)
    cover = colour_histogram(colour_bins(picture)[sure])
    bare = _face_colours(pictures, faces, run)
    ratio = np.clip(np.log(cover) - np.log(colour_histogram(bare)), -_COLOUR_MOST, _COLOUR_MOST)
    usual = float(np.median(restless[sure]))
    vote = _COLOUR_WEIGHT * ratio[colour_bins(picture)] + _SURE_WEIGHT * sure + _BIAS
    vote -= np.clip((restless - 2.5 * usual - 2) / _RESTLESS_UNIT, 0, 4)
    stepped = _stepped(pictures, run, corner, size)
    if stepped is not None:
        vote += np.clip((stepped - _STEP_LEVELS) / _STEP_UNIT, -2, 2)
    guide = mean.astype(np.float32)
    vote = cv2.ximgproc.guidedFilter(guide, vote.astype(np.float32), 1, _EDGE_SLOPE**2)
    solid = (vote > 0).astype(np.uint8)
    count, labels = cv2.connectedComponents(solid)
    kept = np.bincount(labels[sure], minlength=count) >= _TOUCHING
    kept[0] = False
    soft = cv2.ximgproc.guidedFilter(guide, kept[labels].astype(np.float32), 1, _EDGE_SLOPE**2)
    return corner, np.asarray(np.rint(np.clip((soft - 0.1) / 0.8, 0, 1) * 255), dtype=np.uint8)


def _averaged(
    pictures: PlacedPictures, rows: list[int], corner: NDArray[np.int64], size: tuple[int, int]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Mean (h, w, 3) of what `rows` show, and how far they lie from it (h, w)."""
    placed = [pictures.placed(row, corner, size) for row in rows]
    seen = np.maximum(np.sum([valid for _, valid in placed], axis=0), 1)[..., None]
    mean = np.sum([picture * valid[..., None] for picture, valid in placed], axis=0) / seen
    off = np.sum(
        [np.abs(picture - mean) * valid[..., None] for picture, valid in placed], axis=0, dtype=np.float32
    )
    return mean.astype(np.float32), np.asarray((off / seen).max(axis=2), dtype=np.float32)


def _stepped(
    pictures: PlacedPictures, run: GraphicRun, corner: NDArray[np.int64], size: tuple[int, int]
) -> NDArray[np.float32] | None:
    """How much each pixel changes when the graphic comes or goes (h, w); None where it does neither."""
    pairs = [(run.first, run.first - 1), (run.last_inclusive, run.last_inclusive + 1)]
    steps = []
    for shown, gone in pairs:
        if not 0 <= gone < len(pictures):
            continue
        one, other = pictures.placed(shown, corner, size), pictures.placed(gone, corner, size)
        steps.append(np.abs(one[0] - other[0]).max(axis=2) * (one[1] & other[1]))
    return np.asarray(np.max(steps, axis=0), dtype=np.float32) if steps else None


def _face_colours(
    pictures: PlacedPictures, faces: dict[int, NDArray[np.float32]], run: GraphicRun
) -> NDArray[np.int32]:
    """Colours of the faces; in rows of the run only those above and below it."""
    import cv2

    lines = np.flatnonzero(run.sure.any(axis=1)) + run.corner[1]

    found = []
    for row, outline in faces.items():
        picture = pictures.read(row)
        points = (outline + 0.5) / pictures.step - 0.5 - pictures.corners[row]
        solid = np.zeros(picture.shape[:2], dtype=np.uint8)
        cv2.fillConvexPoly(solid, cv2.convexHull(np.round(points).astype(np.int32)), 1)
        if run.first <= row <= run.last_inclusive:
            top = int(pictures.corners[row][1])
            solid[max(lines[0] - _BESIDE - top, 0) : max(lines[-1] + 1 + _BESIDE - top, 0)] = 0
        found.append(colour_bins(picture)[solid > 0])
    return np.concatenate(found) if found else np.zeros(0, dtype=np.int32)
