# SPDX-License-Identifier: Apache-2.0
"""The grey face drawn: shaded triangles, fine mesh lines, lips, and what shows between them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from plosive.preview.face_mesh import LIP_COUNT, FaceMesh
from plosive.preview.lip_pose import MouthPose
from plosive.preview.palette import AMBER, BACKGROUND, CAVITY, CLOSED, EYES, LIPS, SKIN, TEETH, TONGUE

__all__ = ["FacePicture"]

_SHIFT = 4  # binary digits below a pixel for OpenCV's drawing
_YAW = np.radians(-9.0)
_LIGHT = np.array([-0.30, -0.50, -0.80]) / np.linalg.norm([0.30, 0.50, 0.80])
_AMBIENT = 0.2
_MESH_DEPTH = 9  # how much darker mesh lines are
_LEVELS = 256
_POINTS = 468
_BLUR = 2.2  # pixels: facets become a surface
_STILL_PIXELS = 0.4
_EYES = (  # upper lid from the outer corner, then the lower one back
    np.array([33, 246, 161, 160, 159, 158, 157, 173, 133, 155, 154, 153, 145, 144, 163, 7]),
    np.array([263, 466, 388, 387, 386, 385, 384, 398, 362, 382, 381, 380, 374, 373, 390, 249]),
)


class FacePicture:
    """Draws one face after the other, `width` x `height` pixels; what never moves is drawn once.

    `scale` is pixels per inter-ocular distance.
    """

    def __init__(self, mesh: FaceMesh, width: int, height: int, scale: float) -> None:
        self._mesh, self._size, self._scale = mesh, (width, height), scale
        self._origin = np.array([width * 0.44 + 0.06 * scale, height * 0.56])
        self._turn = np.array(
            [[np.cos(_YAW), 0, np.sin(_YAW)], [0, 1, 0], [-np.sin(_YAW), 0, np.cos(_YAW)]]
        ).T
        moving = mesh.moved(_STILL_PIXELS / scale)[mesh.triangles].any(axis=1)
        self._skin = mesh.triangles[moving & ~mesh.lips]
        self._lips = mesh.triangles[mesh.lips]
        self._edges = _edges(self._skin)
        self._skin_points = np.unique(self._skin)
        self._skin_shades = [shade[0] for shade in _ramp(SKIN)]
        self._lip_colours = _ramp(LIPS)
        still = mesh.triangles[~moving & ~mesh.lips]
        self._still_normals = _corner_normals(_facets(mesh.points @ self._turn, still), still)
        self._rest = self._still(still)

    def draw(self, points: NDArray[np.float64], pose: MouthPose) -> NDArray[np.uint8]:
        """The face whose mesh lies at `points` (468, 3) in `pose`: (height, width, 3) RGB."""
        import cv2

        turned = points @ self._turn
        pixels = self._pixels(turned)
        light = self._light(turned, self._skin, self._still_normals)
        grey = self._rest.copy()
        self._fill(grey, pixels, self._skin, light, self._skin_shades)
        left, top, right, bottom = self._around(pixels[self._skin_points])
        part = grey[top:bottom, left:right]
        part[:] = cv2.GaussianBlur(part, (0, 0), _BLUR)
        self._lines(part, pixels - np.array([left, top]) * (1 << _SHIFT))
        picture = np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB), np.uint8)
        self._mouth(picture, pose, points, pixels)
        self._fill(picture, pixels, self._lips, self._light(turned, self._lips), self._lip_colours)
        self._lip_edges(picture, pose, pixels)
        return picture

    def _still(self, triangles: NDArray[np.int32]) -> NDArray[np.uint8]:
        """What no mouth moves, (height, width): forehead, eyes and nose."""
        import cv2

        grey = np.full((self._size[1], self._size[0]), BACKGROUND[0], np.uint8)
        turned = self._mesh.points @ self._turn
        pixels = self._pixels(turned)
        every = self._mesh.triangles[~self._mesh.lips]
        self._fill(grey, pixels, every, self._light(turned, every), self._skin_shades)
        grey = cv2.GaussianBlur(grey, (0, 0), _BLUR)
        for eye in _EYES:
            cv2.fillPoly(grey, [pixels[eye]], EYES[0], cv2.LINE_AA, _SHIFT)
            cv2.polylines(grey, [pixels[eye[:9]]], False, CAVITY[0], 1, cv2.LINE_AA, _SHIFT)
        lines = np.zeros_like(grey)
        cv2.polylines(lines, list(pixels[_edges(triangles)]), False, _MESH_DEPTH, 1, cv2.LINE_AA, _SHIFT)
        return np.asarray(cv2.subtract(grey, lines), np.uint8)

    def _mouth(
        self,
        picture: NDArray[np.uint8],
        pose: MouthPose,
        points: NDArray[np.float64],
        pixels: NDArray[np.int32],
    ) -> None:
        """The dark of the mouth, tongue and teeth, seen through the inner lips."""
        import cv2

        if pose.is_closed:
            return
        ring = self._ring(pixels, LIP_COUNT)
        left, top, right, bottom = self._around(ring)
        part = picture[top:bottom, left:right]
        hole = np.zeros(part.shape[:2], np.uint8)
        shift = np.array([left, top]) * (1 << _SHIFT)
        cv2.fillPoly(hole, [ring - shift], 255, cv2.LINE_AA, _SHIFT)
        inside = np.full_like(part, CAVITY)
        above, below = float(points[13, 1]), float(points[14, 1])
        if pose.tongue > 0:
            low, high = below + 0.03, below - 0.02 - 0.75 * pose.tongue * (below - pose.teeth_y)
            tongue = _oval(0.0, (low + high) / 2, 0.15, max((low - high) / 2, 0.005))
            self._shape(inside, tongue, TONGUE, shift)
        if pose.teeth > 0:
            bright = min(0.25 + 0.75 * pose.teeth, 1)
            colour = [round(c + (t - c) * bright) for c, t in zip(CAVITY, TEETH, strict=True)]
            self._shape(inside, _teeth(max(pose.teeth_y, above + 0.028)), colour, shift)
        amount = hole[..., None].astype(np.uint16)
        part[:] = ((inside * amount + part * (255 - amount)) // 255).astype(np.uint8)

    def _shape(
        self, inside: NDArray[np.uint8], outline: NDArray[np.float64], colour: object, shift: NDArray[np.int_]
    ) -> None:
        import cv2

        pixels = self._pixels(outline @ self._turn) - shift
        cv2.fillPoly(inside, [pixels.astype(np.int32)], colour, cv2.LINE_AA, _SHIFT)

    def _lip_edges(self, picture: NDArray[np.uint8], pose: MouthPose, pixels: NDArray[np.int32]) -> None:
        import cv2

        inner = self._ring(pixels, LIP_COUNT)
        if pose.is_sealed:
            cv2.polylines(picture, [inner[:11]], False, CLOSED, 2, cv2.LINE_AA, _SHIFT)
        elif pose.is_tucked:
            cv2.polylines(picture, [inner], True, CAVITY, 1, cv2.LINE_AA, _SHIFT)
            cv2.polylines(picture, [inner[10:]], False, AMBER, 2, cv2.LINE_AA, _SHIFT)
        else:
            cv2.polylines(picture, [inner], True, CAVITY, 1, cv2.LINE_AA, _SHIFT)

    def _ring(self, pixels: NDArray[np.int32], first: int) -> NDArray[np.int32]:
        return np.asarray(pixels[self._mesh.handles[first : first + LIP_COUNT]])

    def _lines(self, part: NDArray[np.uint8], pixels: NDArray[np.int32]) -> None:
        import cv2

        lines = np.zeros(part.shape[:2], np.uint8)
        edges = list(pixels[self._edges].astype(np.int32))
        cv2.polylines(lines, edges, False, _MESH_DEPTH, 1, cv2.LINE_AA, _SHIFT)
        cv2.subtract(part, lines, dst=part)

    def _pixels(self, turned: NDArray[np.float64]) -> NDArray[np.int32]:
        """Picture coordinates (P, 2) in sixteenths of a pixel."""
        flat = turned[:, :2] * self._scale + self._origin
        return np.asarray(np.rint(flat * (1 << _SHIFT)), np.int32)

    def _around(self, pixels: NDArray[np.int32]) -> tuple[int, int, int, int]:
        low = np.maximum(pixels.min(axis=0) // (1 << _SHIFT) - 4, 0)
        high = np.minimum(pixels.max(axis=0) // (1 << _SHIFT) + 5, self._size)
        return int(low[0]), int(low[1]), int(high[0]), int(high[1])

    def _light(
        self,
        turned: NDArray[np.float64],
        triangles: NDArray[np.int32],
        beside: NDArray[np.float64] | float = 0.0,
    ) -> NDArray[np.intp]:
        """Shade of each triangle, 0..255: its normal, smoothed over its corners, against the light.

        `beside` (468, 3) is what triangles that are not drawn add to the corners.
        """
        normal = (_corner_normals(_facets(turned, triangles), triangles) + beside)[triangles].sum(axis=1)
        normal /= np.linalg.norm(normal, axis=1, keepdims=True) + 1e-12
        shade = _AMBIENT + (1 - _AMBIENT) * np.clip(normal @ _LIGHT, 0, 1) ** 0.9
        return np.asarray(np.clip(shade * (_LEVELS - 1), 0, _LEVELS - 1), np.intp)

    def _fill(
        self,
        picture: NDArray[np.uint8],
        pixels: NDArray[np.int32],
        triangles: NDArray[np.int32],
        light: NDArray[np.intp],
        colours: Sequence[object],
    ) -> None:
        import cv2

        for corners, level in zip(pixels[triangles], light.tolist(), strict=True):
            cv2.fillConvexPoly(picture, corners, colours[level], cv2.LINE_8, _SHIFT)


def _facets(turned: NDArray[np.float64], triangles: NDArray[np.int32]) -> NDArray[np.float64]:
    """Normals (N, 3) as long as the triangles are large, all towards the viewer."""
    corners = turned[triangles]
    across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    return np.asarray(across * np.where(across[:, 2] > 0, -1.0, 1.0)[:, None])


def _corner_normals(facets: NDArray[np.float64], triangles: NDArray[np.int32]) -> NDArray[np.float64]:
    """Sum of the normals around each point: (468, 3)."""
    corners = triangles.ravel()
    sums = [np.bincount(corners, np.repeat(column, 3), _POINTS) for column in facets.T]
    return np.stack(sums, axis=1)


def _ramp(colour: tuple[int, int, int]) -> list[tuple[int, int, int]]:
    """Shades of `colour` from dark to light, one a level."""
    return [
        (int(colour[0] * level), int(colour[1] * level), int(colour[2] * level))
        for level in np.linspace(0, 1, _LEVELS).tolist()
    ]


def _edges(triangles: NDArray[np.int32]) -> NDArray[np.intp]:
    """Every side of `triangles` once: (E, 2)."""
    sides = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [0, 2]]])
    return np.asarray(np.unique(np.sort(sides, axis=1), axis=0), np.intp)


def _oval(x: float, y: float, half_width: float, half_height: float) -> NDArray[np.float64]:
    turn = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    return np.stack(
        [x + half_width * np.cos(turn), y + half_height * np.sin(turn), np.full(24, 0.12)], axis=1
    )


def _teeth(edge: float) -> NDArray[np.float64]:
    """The upper row of teeth, its lower edge at `edge`, bent like the jaw."""
    x = np.linspace(-0.22, 0.22, 15)
    y = edge - 0.25 * x**2
    below = np.stack([x, y, 0.1 + 2.2 * x**2], axis=1)
    above = below[::-1] - np.array([0, 0.2, 0])
    return np.concatenate([below, above])
