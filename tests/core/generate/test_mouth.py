# SPDX-License-Identifier: Apache-2.0
"""What a source shows beside the face never comes along."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from plosive.contract.picture import PictureFrame
from plosive.faces.measure import width_of_face
from plosive.faces.track import FaceTrack
from plosive.generate.crops import CropFile
from plosive.generate.matte import inside_outline
from plosive.generate.mesh import build_mesh
from plosive.generate.mouth import MouthWarper
from plosive.generate.place import MouthPlace
from plosive.generate.pool import SourcePool
from plosive.generate.sources import SourceLibrary
from plosive.geometry import Box

GREEN = np.array([0, 1, 0], dtype=np.float32)


def test_background_of_a_source_turned_otherwise_stays_behind(
    portrait: list[PictureFrame], track: FaceTrack, sources: SourceLibrary, tmp_path: Path
) -> None:
    own = SourcePool.of(track, sources)
    points, width = own.landmarks[3], float(width_of_face(own.landmarks[3]))
    left, top = np.floor(points[:468, :2].min(axis=0) - 0.2 * width).astype(int)
    right, bottom = np.ceil(points[:468, :2].max(axis=0) + 0.2 * width).astype(int)
    box = Box(int(left), int(top), int(right), int(bottom)).clipped(portrait[3].width, portrait[3].height)
    painted = portrait[3].working(box)
    beside = inside_outline(points[:, :2], width, box) == 0
    assert beside.mean() > 0.1
    painted[beside] = GREEN
    with CropFile(str(tmp_path)) as crops:
        pool = replace(own.only(np.array([3])), tickets=(crops.add(painted, box),), crops=crops)
        place = _place(portrait, track, box)
        straight = MouthWarper(pool, build_mesh(track.head.upright.mean(axis=0)))
        assert _greenness(straight.mouth(0, place, None, 0.0)) > 0.5, "the same head shows the same beside it"
        turned = replace(pool, angles_degrees=pool.angles_degrees + np.array([10, 0, 0], np.float32))
        warper = MouthWarper(turned, build_mesh(track.head.upright.mean(axis=0)))
        assert _greenness(warper.mouth(0, place, None, 0.0)) < 0.1


def _place(portrait: list[PictureFrame], track: FaceTrack, box: Box) -> MouthPlace:
    matte = np.ones((box.height, box.width), dtype=np.float32)
    face_width = float(track.face_widths[6])
    return MouthPlace(track.landmarks[6, :, :2], box, portrait[6].working(box), matte, face_width, 6)


def _greenness(picture: NDArray[np.float32]) -> float:
    return float((picture[..., 1] - picture[..., [0, 2]].max(axis=-1)).max())
