# SPDX-License-Identifier: Apache-2.0
"""The mesh warp: exact where nothing moves, affine where all does, without stray pixels."""

from __future__ import annotations

import numpy as np
import pytest

from plosive.faces.measure import INNER_LIP_PAIRS
from plosive.faces.topology import skin_triangles
from plosive.faces.track import FaceTrack
from plosive.generate.lips import bared_contour, closing_share, opened_contour
from plosive.generate.mesh import WarpMesh, affine_between, build_mesh, torn_pixels, with_ring
from plosive.geometry import Box

STILL = np.array([[1, 0, 0], [0, 1, 0]], dtype=np.float32)
BOX = Box(230, 150, 430, 300)


@pytest.fixture
def mesh(track: FaceTrack) -> WarpMesh:
    return build_mesh(track.head.upright.mean(axis=0))


def grid(box: Box) -> np.ndarray:
    rows, columns = np.mgrid[box.top : box.bottom_exclusive, box.left : box.right_exclusive]
    return np.stack([columns, rows], axis=-1).astype(np.float32)


def test_the_surface_has_no_edge_shared_by_three() -> None:
    counts: dict[tuple[int, int], int] = {}
    for triangle in skin_triangles().tolist():
        for one, other in ((0, 1), (1, 2), (0, 2)):
            edge = (triangle[one], triangle[other])
            counts[edge] = counts.get(edge, 0) + 1
    assert max(counts.values()) == 2
    holes_and_rim = sum(count == 1 for count in counts.values())
    assert holes_and_rim == 36 + 20 + 2 * 16, "face oval, mouth, eyes"


def test_same_shape_maps_every_pixel_to_itself(mesh: WarpMesh, track: FaceTrack) -> None:
    points = with_ring(track.landmarks[0, :, :2])
    assert np.abs(mesh.map(points, points, STILL, BOX) - grid(BOX)).max() < 0.01


def test_an_affine_move_is_affine_everywhere(mesh: WarpMesh, track: FaceTrack) -> None:
    own = track.landmarks[0, :, :2]
    target = own * np.float32(1.04) + np.array([-9, -7], dtype=np.float32)
    outside = affine_between(target, own)
    found = mesh.map(with_ring(target), with_ring(own), outside, BOX)
    expected = (grid(BOX) - np.array([-9, -7])) / 1.04
    assert np.abs(found - expected).max() < 0.05


def test_fine_map_samples_each_pixel_twice_around_its_centre(mesh: WarpMesh, track: FaceTrack) -> None:
    points = with_ring(track.landmarks[0, :, :2])
    fine = mesh.fine_map(points, points, STILL, BOX)
    averaged = fine.reshape(BOX.height, 2, BOX.width, 2, 2).mean(axis=(1, 3))
    assert np.abs(averaged - grid(BOX)).max() < 0.02


def test_no_pixel_of_a_closing_mouth_looks_far_away(mesh: WarpMesh, track: FaceTrack) -> None:
    own = track.landmarks[0, :, :2]
    target = own.copy()
    lower, upper = [14, 317, 87, 402, 178, 318, 88, 324, 95], [13, 312, 82, 311, 81, 310, 80, 415, 191]
    target[lower] = own[upper]
    found = mesh.map(with_ring(target), with_ring(own), STILL, BOX)
    assert np.abs(found - grid(BOX)).max() < 20
    assert torn_pixels(found).any(), "closed lips are a tear in the map"


def test_only_a_mouth_that_must_close_gives_up_its_lip_edges(track: FaceTrack) -> None:
    own = track.landmarks[0, :, :2]
    closed = own.copy()
    closed[[14, 317, 87]] = own[[13, 312, 82]]
    assert closing_share(own, closed) == pytest.approx(1)
    assert closing_share(own, own) == 0
    assert closing_share(closed, own) == 0
    assert opened_contour(own, own) is own
    moved = opened_contour(own, closed)
    assert moved[13, 1] < own[13, 1] and moved[14, 1] > own[14, 1], "inner lips move apart"
    untouched = np.setdiff1d(np.arange(478), np.flatnonzero(np.abs(moved - own).max(axis=1)))
    assert {1, 33, 152, 234} <= set(untouched.tolist()), "only lips move"


def test_lips_give_up_no_more_than_shows_teeth(track: FaceTrack) -> None:
    own = track.landmarks[0, :, :2]
    closed = own.copy()
    for upper, lower in INNER_LIP_PAIRS:
        closed[[upper, lower]] = (own[upper] + own[lower]) / 2
    lips = np.full((360, 640, 3), (0.6, 0.3, 0.3), dtype=np.float32)
    teeth = np.full((360, 640, 3), (0.9, 0.88, 0.85), dtype=np.float32)

    shows_teeth = lips.copy()
    corner = own[78].astype(int)
    shows_teeth[:, : corner[0] + 6] = teeth[:, : corner[0] + 6]

    at_most = np.abs(opened_contour(own, closed) - own).max(axis=1)
    red = np.abs(opened_contour(own, closed, lips) - own).max(axis=1)
    white = np.abs(opened_contour(own, closed, shows_teeth) - own).max(axis=1)
    beside = 191  # next to the corner
    assert red[beside] < 0.4 * at_most[beside], "lips stay lips to their corners"
    assert white[beside] == pytest.approx(at_most[beside], rel=0.05), "teeth do not stay on the lip line"
    assert red.max() <= at_most.max()


def test_teeth_seen_through_lips_called_closed_are_no_lips(track: FaceTrack) -> None:
    own = track.landmarks[0, :, :2].copy()
    for upper, lower in INNER_LIP_PAIRS:
        own[[upper, lower]] = (own[upper] + own[lower]) / 2
    picture = np.full((360, 640, 3), (0.6, 0.3, 0.3), dtype=np.float32)
    assert np.array_equal(bared_contour(own, picture), own), "nothing but lips"
    line = int(own[13, 1])
    picture[line - 3 : line + 4] = (0.9, 0.88, 0.85)
    moved = bared_contour(own, picture)
    assert moved[13, 1] < line - 1.5 and moved[14, 1] > line + 1.5
    outer = [0, 17, 61, 291]
    assert np.array_equal(moved[outer], own[outer])
