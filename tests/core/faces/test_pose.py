# SPDX-License-Identifier: Apache-2.0
"""Zones of a turning head, and the matte that stops at the far cheek."""

from __future__ import annotations

import numpy as np
import pytest

from plosive.faces.pose import PoseZone, pose_zones, turnedness, zone_ranges
from plosive.faces.track import FaceTrack
from plosive.generate.matte import mouth_matte
from plosive.generate.sources import mouth_box


def angles(yaw: list[float], pitch: float = 0.0) -> np.ndarray:
    return np.array([[one, pitch, 0.0] for one in yaw], dtype=np.float32)


def test_zones_follow_the_yaw_of_either_side() -> None:
    zones = pose_zones(angles([0, 14.9, -16, 29, -31, 44.9, 46, -50]))
    assert [zone.value for zone in zones] == [
        "frontal", "frontal", "turned", "turned", "three-quarter", "three-quarter", "away", "away",
    ]  # fmt: skip


def test_a_head_near_the_limit_does_not_flicker() -> None:
    zones = pose_zones(angles([44, 45.5, 44, 43, 44.5, 41.9, 44]))
    away = [zone is PoseZone.AWAY for zone in zones]
    assert away == [False, True, True, True, True, False, False]


def test_a_face_turned_up_is_away() -> None:
    assert pose_zones(angles([0, 0], pitch=41)) == (PoseZone.AWAY, PoseZone.AWAY)


def test_ranges_are_in_the_plates_own_numbers_and_end_at_gaps() -> None:
    zones = (PoseZone.TURNED, PoseZone.TURNED, PoseZone.TURNED, PoseZone.AWAY)
    ranges = zone_ranges(zones, np.array([3, 4, 8, 9]), 1001)
    assert ranges == (
        (1004, 1005, PoseZone.TURNED), (1009, 1009, PoseZone.TURNED), (1010, 1010, PoseZone.AWAY),
    )  # fmt: skip


def test_turnedness_rises_from_15_to_25_degrees() -> None:
    assert turnedness(-15) == 0
    assert turnedness(20) == pytest.approx(0.5)
    assert turnedness(-40) == 1


def test_the_matte_of_a_turned_head_stays_inside_its_outline(track: FaceTrack) -> None:
    face_width = float(track.face_widths[0])
    points = track.landmarks[0, :, :2].copy()
    middle = points[1, 0]
    # A head turned to the left of the picture: that side is foreshortened to a third.
    points[:, 0] = np.where(points[:, 0] < middle, middle + (points[:, 0] - middle) / 3, points[:, 0])
    box = mouth_box(points, face_width, track.frame_width, track.frame_height)
    plain, turned = (mouth_matte(points, face_width, box, share) for share in (0.0, 1.0))
    rows, columns = np.mgrid[: box.height, : box.width]
    left_edge = points[:, 0].min() - box.left
    beyond = columns < left_edge
    assert plain[beyond].max() > 0.2
    assert turned[beyond].max() == 0
    mouth = points[[13, 14, 0, 17, 61, 291]].mean(axis=0) - (box.left, box.top)
    near = (np.abs(columns - mouth[0]) < 3) & (np.abs(rows - mouth[1]) < 3)
    assert turned[near].min() > 0.95
    assert (turned <= plain).all()
