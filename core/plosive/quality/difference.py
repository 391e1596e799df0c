# SPDX-License-Identifier: Apache-2.0
"""What differs between a result's frame and the plate's: where, how much, and what its edge looks like."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plosive.faces.measure import width_of_face
from plosive.faces.topology import OUTER_LIPS
from plosive.geometry import Box
from plosive.media.plate import PlateFrame
from plosive.quality.pixels import lower_face_box
from plosive.quality.watching import WatchedFrame

__all__ = ["EdgeMeasure", "OutsideMeasure", "measure_edge", "measure_face_edge", "measure_outside"]

_NOISE_TIMES = 5.0
_LEAST_DIFFERENCE = 1.5 / 255  # 8-bit pictures round
_MASK_BLUR_FACES = 0.012
_LEAST_AREA_FACES = 0.003  # of the face width squared
_RING_FACES = 0.04
_LIP_MARGIN_FACES = 0.03
_WINDOW_MARGIN_FACES = 0.06
_LARGEST_FACE_PIXELS = 240.0
_SURELY_LOSSY_FRAMES, _LOSSY_STEP = 24, 4
_SECTORS = 12
_LEAST_SECTOR_PIXELS = 8
_TEXTURE_FLOOR = 1.0  # 8-bit levels a pixel: below it a gradient is noise


@dataclass(frozen=True)
class EdgeMeasure:
    """The edge of what was changed in one face. `gradient_ratio`: slope of luma across it over the plate's, 1
    where no border was added. `ring_colour`: CIE76 difference just inside it. Both are the median of 12
    directions.
    """

    gradient_ratio: float
    ring_colour: float


@dataclass
class OutsideMeasure:
    """Samples outside the lower faces, summed over frames. `largest` is in the file's own code values, or
    8-bit levels where the two files store pictures differently (`is_native` False).
    """

    samples: int = 0
    different: int = 0
    absolute_sum: float = 0.0
    largest: float = 0.0
    is_native: bool = True
    frames: int = 0
    changed_indices: list[int] = field(default_factory=list)


def measure_outside(
    total: OutsideMeasure, result: WatchedFrame, plate: WatchedFrame, lower_faces: Sequence[Box]
) -> None:
    """Add one pair of frames of one size to `total`. `lower_faces` are left out.

    Where a codec encoded the picture again and 24 frames have all changed, every fourth is looked at.
    """
    import cv2

    is_lossy = len(total.changed_indices) == total.frames >= _SURELY_LOSSY_FRAMES
    if is_lossy and result.frame.index % _LOSSY_STEP:
        return

    ours, theirs = _samples(result.frame), _samples(plate.frame)
    comparable = len(ours) == len(theirs) and all(
        one.shape == other.shape and one.dtype == other.dtype for one, other in zip(ours, theirs, strict=True)
    )
    if not comparable or not ours:
        total.is_native = False
        ours, theirs = [result.rgb], [plate.rgb]
    total.frames += 1
    changed = False
    for one, other in zip(ours, theirs, strict=True):
        step = cv2.absdiff(np.ascontiguousarray(one), np.ascontiguousarray(other))
        if one.dtype.kind == "f":
            step[np.isnan(one) & np.isnan(other)] = 0
        area = one.shape[0] * one.shape[1]
        for box in _apart(lower_faces):
            rows, columns = _scaled(box, result.frame, step.shape)
            area -= step[rows, columns].shape[0] * step[rows, columns].shape[1]
            step[rows, columns] = 0
        total.samples += area * (1 if one.ndim == 2 else one.shape[2])
        flat = step.reshape(step.shape[0], -1)
        count = int(cv2.countNonZero(flat))
        if count:
            changed = True
            total.different += count
            total.absolute_sum += float(cv2.sumElems(flat)[0])
            total.largest = max(total.largest, float(np.nanmax(flat)))
    if changed:
        total.changed_indices.append(result.frame.index)


def measure_face_edge(
    result: NDArray[np.uint8],
    plate: NDArray[np.uint8],
    face: NDArray[np.float32],
    plate_face: NDArray[np.float32] | None,
) -> EdgeMeasure | None:
    """`measure_edge` of the face with landmarks `face` (478, 3) pixels in the result, `plate_face` in the
    plate (None where it was not found there).
    """
    height, width = result.shape[:2]
    faces = [face] if plate_face is None else [face, plate_face]
    box = lower_face_box(face, width, height)
    for other in faces[1:]:
        box = box.united(lower_face_box(other, width, height))
    face_width = float(width_of_face(face))
    return measure_edge(result, plate, box, face_width, [one[OUTER_LIPS, :2] for one in faces])


def measure_edge(
    result: NDArray[np.uint8],
    plate: NDArray[np.uint8],
    lower_face: Box,
    face_width: float,
    lips: Sequence[NDArray[np.float32]],
) -> EdgeMeasure | None:
    """The edge of the changed region in one face, or None where nothing but the mouth itself was changed.

    `result`, `plate` (H, W, 3) uint8. Changed is what differs, blurred over 0.012 face widths, by more than
    5 times what the two differ along the border of the window (a codec's noise) and 1.5 of 255 levels. `lips`
    are outlines (N, 2) in pixels, of both pictures: a new mouth differs there, so they do not count. Faces
    wider than 240 pixels are looked at at a half, a third, ... of their size.
    """
    import cv2

    margin = max(4, int(_WINDOW_MARGIN_FACES * face_width))
    box = Box(
        lower_face.left - margin, lower_face.top - margin,
        lower_face.right_exclusive + margin, lower_face.bottom_exclusive + margin,
    ).clipped(result.shape[1], result.shape[0])  # fmt: skip
    before, after = plate[box.slices], result[box.slices]
    if np.array_equal(before, after):
        return None
    outlines = [outline - np.array([box.left, box.top], dtype=np.float32) for outline in lips]
    if face_width > _LARGEST_FACE_PIXELS:
        # A border that only a microscope shows is none; and close-ups would take most of the time.
        parts = int(np.ceil(face_width / _LARGEST_FACE_PIXELS))  # whole pixels: many times faster
        scale = 1 / parts
        size = max(8, box.width // parts), max(8, box.height // parts)
        before, after = (crop[: size[1] * parts, : size[0] * parts] for crop in (before, after))
        before, after = (cv2.resize(crop, size, interpolation=cv2.INTER_AREA) for crop in (before, after))
        outlines = [(outline + 0.5) * scale - 0.5 for outline in outlines]
        face_width, margin = face_width * scale, max(4, int(margin * scale))
    theirs, ours = before.astype(np.float32), after.astype(np.float32)
    red, green, blue = cv2.split(cv2.absdiff(ours, theirs))
    difference = cv2.max(cv2.max(red, green), blue) / 255
    blurred = cv2.GaussianBlur(difference, (0, 0), max(0.8, _MASK_BLUR_FACES * face_width))
    border = margin // 2
    frame = np.ones(blurred.shape, dtype=bool)
    frame[border:-border, border:-border] = False
    noise = float(np.median(blurred[frame]))
    mask = (blurred > max(_LEAST_DIFFERENCE, _NOISE_TIMES * noise)).astype(np.uint8)
    mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((5, 5), dtype=np.uint8))
    if mask.sum() < _LEAST_AREA_FACES * face_width**2:
        return None
    mask = _largest_filled(mask)
    inside = cv2.distanceTransform(mask, cv2.DIST_L2, 3)
    depth = np.rint(inside - cv2.distanceTransform(1 - mask, cv2.DIST_L2, 3))
    depth[_mouth(depth.shape, outlines, face_width)] = -np.inf
    depth[:2], depth[-2:], depth[:, :2], depth[:, -2:] = -np.inf, -np.inf, -np.inf, -np.inf
    ring = max(3.0, _RING_FACES * face_width)
    rows, columns = np.nonzero((depth >= -2) & (depth <= 1.5 * ring))
    if len(rows) == 0:
        return None
    deep = depth[rows, columns]
    added, usual = (slope[rows, columns] for slope in _slopes(ours, theirs, inside))
    # The edge lies somewhere within the ring: where a feather is steepest, not where it is first seen.
    steps = [
        _added_slope(added[line], usual[line], rows[line], columns[line])
        for line in ((deep >= first) & (deep < first + 2) for first in range(-2, int(ring), 2))
    ]
    known = [step for step in steps if step is not None]
    band = deep > ring / 2
    if not known or np.count_nonzero(band) < _LEAST_SECTOR_PIXELS:
        return None
    return EdgeMeasure(1 + max(known), _ring_colour(ours, theirs, rows[band], columns[band]))


def _slopes(
    ours: NDArray[np.float32], theirs: NDArray[np.float32], inside: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Slope of luma towards the inside, levels a pixel, each (h, w): what was added, and the plate's own."""
    import cv2

    weights = np.array([[0.2126, 0.7152, 0.0722]], dtype=np.float32)
    before = cv2.transform(theirs, weights)
    added = cv2.transform(ours, weights) - before
    normal_x, normal_y = cv2.Sobel(inside, cv2.CV_32F, 1, 0), cv2.Sobel(inside, cv2.CV_32F, 0, 1)
    length = np.maximum(np.hypot(normal_x, normal_y), 1e-6)

    def towards(luma: NDArray[np.float32]) -> NDArray[np.float32]:
        x, y = cv2.Sobel(luma, cv2.CV_32F, 1, 0, scale=1 / 8), cv2.Sobel(luma, cv2.CV_32F, 0, 1, scale=1 / 8)
        return np.asarray((x * normal_x + y * normal_y) / length, dtype=np.float32)

    return towards(added), towards(before)


def _added_slope(
    added: NDArray[np.float32],
    usual: NDArray[np.float32],
    rows: NDArray[np.int64],
    columns: NDArray[np.int64],
) -> float | None:
    """Slope across a line that the result has and the plate has not, over the plate's own slope there; all
    (N,), a value per pixel of the line. None where it is too short.

    Slopes are signed and averaged in each of 12 directions, so that texture cancels and a border does not;
    then the median is taken: a border goes around, a cheek that moved does not.
    """
    if len(rows) < _SECTORS * 4:
        return None
    steps = _by_direction(added[:, None], rows, columns)
    return float(np.median(np.abs(steps)) / (np.abs(usual).mean() + _TEXTURE_FLOOR)) if len(steps) else None


def _ring_colour(
    ours: NDArray[np.float32],
    theirs: NDArray[np.float32],
    rows: NDArray[np.int64],
    columns: NDArray[np.int64],
) -> float:
    """Mean colour shift in each direction seen from the middle; the median of their lengths."""
    import cv2

    shift = (
        cv2.cvtColor((ours[rows, columns] / 255)[None], cv2.COLOR_RGB2Lab)
        - cv2.cvtColor((theirs[rows, columns] / 255)[None], cv2.COLOR_RGB2Lab)
    )[0]
    shifts = np.linalg.norm(_by_direction(shift, rows, columns), axis=1)
    return float(np.median(shifts)) if len(shifts) else 0.0


def _by_direction(
    values: NDArray[np.float32], rows: NDArray[np.int64], columns: NDArray[np.int64]
) -> NDArray[np.float32]:
    """Means of `values` (N, C) in each of 12 directions from the middle of their places: (up to 12, C)."""
    angle = np.arctan2(rows - rows.mean(), columns - columns.mean())
    sector = ((angle + np.pi) / (2 * np.pi) * _SECTORS).astype(int) % _SECTORS
    means = [
        values[sector == number].mean(axis=0)
        for number in range(_SECTORS)
        if np.count_nonzero(sector == number) >= _LEAST_SECTOR_PIXELS
    ]
    return np.array(means, dtype=np.float32).reshape(-1, values.shape[1])


def _mouth(
    shape: tuple[int, ...], outlines: Sequence[NDArray[np.float32]], face_width: float
) -> NDArray[np.bool_]:
    import cv2

    mask = np.zeros(shape, dtype=np.uint8)
    for outline in outlines:
        cv2.fillConvexPoly(mask, cv2.convexHull(np.rint(outline).astype(np.int32)), 1)
    size = 2 * max(1, int(_LIP_MARGIN_FACES * face_width)) + 1
    return np.asarray(cv2.dilate(mask, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))) > 0)


def _largest_filled(mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The largest connected region of `mask` with its holes filled."""
    import cv2

    outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    largest = max(outlines, key=cv2.contourArea)
    filled = np.zeros_like(mask)
    cv2.drawContours(filled, [largest], -1, 1, thickness=cv2.FILLED)
    return filled


def _samples(frame: PlateFrame) -> list[NDArray[Any]]:
    """The stored planes of an unrotated video; the upright working values of anything else."""
    from plosive.media.videoframe import VideoPlateFrame

    if isinstance(frame, VideoPlateFrame) and frame.samples.orientation.is_upright:
        return frame.planes()
    return [frame.working(Box(0, 0, frame.width, frame.height))]


def _apart(boxes: Sequence[Box]) -> list[Box]:
    """The same area in boxes that do not overlap: those that touch become one."""
    joined: list[Box] = []
    for box in boxes:
        while touching := [other for other in joined if _overlap(box, other)]:
            for other in touching:
                joined.remove(other)
                box = box.united(other)
        joined.append(box)
    return joined


def _overlap(one: Box, other: Box) -> bool:
    return (
        one.left < other.right_exclusive
        and other.left < one.right_exclusive
        and one.top < other.bottom_exclusive
        and other.top < one.bottom_exclusive
    )


def _scaled(box: Box, frame: PlateFrame, shape: tuple[int, ...]) -> tuple[slice, slice]:
    """`box` in a plane of another size (subsampled chroma), rounded outwards."""
    down, right = shape[0] / frame.height, shape[1] / frame.width
    rows = slice(int(box.top * down), int(np.ceil(box.bottom_exclusive * down)))
    return rows, slice(int(box.left * right), int(np.ceil(box.right_exclusive * right)))
