# SPDX-License-Identifier: Apache-2.0
"""The default generator: new mouths from the plate's own pixels, at plate resolution, without any weights.

For each frame: the plate is moved to the new jaw by a smooth mesh warp; a source frame of the same actor,
chosen over the whole shot, is warped triangle by triangle to the exact lips asked for, registered by optical
flow outside the mouth, and handed over with its matte.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from plosive import __version__
from plosive.colour.transfer import finite_working
from plosive.faces.pose import turnedness
from plosive.generate.choice import own_sources, sources_for
from plosive.generate.facts import GeneratorFacts
from plosive.generate.jaw import JawMover
from plosive.generate.matte import mouth_matte
from plosive.generate.mesh import build_mesh
from plosive.generate.mouth import MouthWarper
from plosive.generate.place import MouthPlace
from plosive.generate.protocol import MouthWish, Patch, Plan, Shot
from plosive.generate.shape import ActorShapes
from plosive.generate.sources import mouth_box
from plosive.geometry import Box
from plosive.licence import Licence
from plosive.media.plate import PlateFrame

__all__ = ["PlateGenerator"]

_FADE_FRAMES = 2
_BYTES_PER_SQUARE_FACE = 400
_GRAIN_MEMORY_FRAMES = 3  # grain that comes back later is not seen to come back


class PlateGenerator:
    """Generator `plate`."""

    facts = GeneratorFacts("plate", __version__, protocol_version=1, licence=Licence("Apache-2.0", True))

    def memory_bytes(self, face_width: float, device: str) -> int:
        """Three times what a frame was seen to take: 98 bytes for each pixel of a square as wide as a face of
        285 pixels, 141 at 569; a long jaw wants more.
        """
        del device
        return round(_BYTES_PER_SQUARE_FACE * face_width**2)

    def plan(self, shot: Shot) -> Plan:
        """Shapes and sources for every frame of one shot."""
        return _PlatePlan(shot)


class _PlatePlan:
    def __init__(self, shot: Shot) -> None:
        self._track = shot.track
        self._sources = shot.sources
        head = shot.track.head
        shapes = ActorShapes(shot.sources.upright, shot.sources.angles_degrees)
        mesh = build_mesh(head.upright.mean(axis=0))
        self._jaw = JawMover(mesh)
        self._warper = MouthWarper(shot.sources, mesh)
        self._shapes = shapes.shapes(head.upright, head.angles_degrees(), _with_closures(shot.wish))
        self._yaw_degrees = head.angles_degrees()[:, 0]
        self._chosen = sources_for(shot, self._shapes)
        self._own = own_sources(shot.sources, len(self._shapes))

    def choices(self) -> dict[str, object]:
        order = self._sources.order[self._chosen]
        jumps = sum(_is_jump(order, before) for before in range(len(order) - 1))
        return {
            "source_frame_indices": self._sources.frame_indices[self._chosen].tolist(),
            "source_takes": self._sources.take[self._chosen].tolist(),
            "library_frames": len(self._sources),
            "mean_run_frames": round(len(order) / (jumps + 1), 2),
            **self._warper.inside_choices(self._shapes, self._chosen),
        }

    def render(self, row: int, frame: PlateFrame) -> Patch | None:
        own = self._track.landmarks[row]
        offsets = self._track.head.picture_offsets(row, self._shapes[row] - self._track.head.upright[row])
        target = own[:, :2] + offsets
        face_width = float(self._track.face_widths[row])
        mouth_area = mouth_box(target, face_width, frame.width, frame.height)
        jaw = self._jaw.move(
            frame, own[:, :2], target, face_width, mouth_area, lambda area: self._cover(row, frame, area)
        )
        box, base = jaw.box, jaw.base
        matte = mouth_matte(target, face_width, mouth_area, turnedness(float(self._yaw_degrees[row])))
        inner = mouth_area.moved(-box.left, -box.top)
        under = base[inner.slices]
        # What covers the face tells nothing of where the mouth lies.
        unseen = matte if jaw.cover is None else np.maximum(matte, jaw.cover[inner.slices])
        place = MouthPlace(target, mouth_area, under, unseen, face_width, row)
        neighbour, share = self._fade(row)
        source = int(self._chosen[row])
        warped = self._warper.mouth(source, place, neighbour, share)
        mouth = base.copy()
        mouth[inner.slices] = warped
        full_matte = np.zeros(base.shape[:2], dtype=np.float32)
        full_matte[inner.slices] = matte
        return Patch(
            box=box,
            base=base,
            base_matte=jaw.matte,
            mouth=mouth,
            mouth_matte=full_matte,
            plate_map=jaw.plate_map,
            face_width=face_width,
            source_index=int(self._sources.frame_indices[source]),
            cover=jaw.cover,
            source_take=int(self._sources.take[source]),
            target=target,
            is_repeated=source in self._chosen[max(0, row - _GRAIN_MEMORY_FRAMES) : row],
        )

    def _cover(self, row: int, frame: PlateFrame, area: Box) -> NDArray[np.float32] | None:
        occlusion = self._track.occlusion
        if occlusion is None or not occlusion.is_covered(np.array([row]))[0]:
            return None
        return occlusion.alpha(row, area, finite_working(frame.working(area)))

    def _fade(self, row: int) -> tuple[int | None, float]:
        """The source on the other side of the nearest jump within two frames, and its share (< 0.5)."""
        order = self._sources.order[self._chosen]
        for away in range(1, _FADE_FRAMES + 1):
            share = 0.5 - (away - 0.5) / (2 * _FADE_FRAMES)
            if row - away >= 0 and _is_jump(order, row - away):
                return self._beside(row, row - away, away), share
            if row + away < len(order) and _is_jump(order, row + away - 1):
                return self._beside(row, row + away, -away), share
        return None, 0.0

    def _beside(self, row: int, other: int, steps: int) -> int | None:
        """What the run of row `other` would show `steps` on, unless that is the plate's own mouth."""
        source = self._sources.followed(int(self._chosen[other]), steps)
        return None if source == self._own[row] else source


def _is_jump(order: NDArray[np.int64], before: int) -> bool:
    return order[before + 1] - order[before] not in (-1, 0, 1)


def _with_closures(wish: MouthWish) -> NDArray[np.float32]:
    values = wish.values.copy()
    values[wish.closure >= 0.99, 0] = 0.0
    return values
