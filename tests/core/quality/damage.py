# SPDX-License-Identifier: Apache-2.0
"""Real footage damaged in known ways: the table of truth of `plosive score`.

Every damage has a mild level, which a finishing artist notices at 1:1 and a viewer may let pass, and a bad
one, which anybody sees. Both levels of one damage take the same random numbers, so bad is mild but more.
Lengths are in face widths (FW, cheek edge to cheek edge); colour differences are CIE 1976. Only pixels under
the damage's matte change: everywhere else a damaged file keeps the clip's own Y'CbCr codes.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from plosive.faces.finding.tracker import FaceTracker
from plosive.faces.head import RIGID_POINTS
from plosive.faces.measure import aperture_iod, inter_ocular
from plosive.faces.track import FaceTrack
from plosive.geometry import Box
from plosive.media import DubTrack, PlateFrame, PlateReader, open_plate, open_writer, read_dub

Floats = NDArray[np.float32]

OUTER_LIPS = (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291, 375, 321, 405, 314, 17, 84, 181, 91, 146)
INNER_LIPS = (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308, 324, 318, 402, 317, 14, 87, 178, 88, 95)
LOWER_FACE = (
    *(58, 172, 136, 150, 149, 176, 148, 152, 377, 400, 378, 379, 365, 397, 288),  # along the jaw
    *(411, 425, 391, 164, 165, 205, 187),  # back over the cheeks, below the nose
)
AROUND_MOUTH = (2, 164, 206, 216, 212, 202, 204, 200, 424, 422, 432, 436, 426)

_PATCH_LAB = np.array([0.60, 0.62, -0.50], np.float32)  # lighter and pinker; about unit length
_DRIFT_LAB = np.array([0.45, 0.45, 0.77], np.float32)  # lighter and warmer


@dataclass(frozen=True)
class Clip:
    """A talking plate with its own sound. `file` is below `material/plates`; `transcript` holds its words.

    The picture shows what is heard `picture_lag_frames` earlier: negative where the picture leads.
    """

    name: str
    file: str
    transcript: str | None = None
    picture_lag_frames: int = 0

    def path(self, material: Path) -> Path:
        """Where it lies, given the folder of the fixture `material`."""
        return material / "plates" / self.file


@dataclass(frozen=True)
class Damage:
    """One way to spoil a mouth, at one level (`mild` or `bad`).

    What `amount` counts depends on `name`: blur: sigma, FW; patch: dE; frozen: part of the clip; jitter:
    sigma of the offsets, FW; teeth: part of the open frames; flicker: sigma of the gain; drift: dE at the
    end.
    `least_pixels` bounds lengths from below, `feather` is the softness of the edge in FW.
    """

    name: str
    level: str
    amount: float
    feather: float
    least_pixels: float = 0.0

    @property
    def label(self) -> str:
        """For file names and tables: `blur__mild`."""
        return f"{self.name}__{self.level}"


CLIPS = (
    Clip("grid_bbaf2n", "grid_bbaf2n.mpg", "bin blue at F two now"),
    Clip("grid_brbk7n", "grid_brbk7n.mpg", "bin red by K seven now"),
    Clip("grid_lbbc2a", "grid_lbbc2a.mpg", "lay blue by C two again"),
    Clip("grid_lrwp9a", "grid_lrwp9a.mpg", "lay red with P nine again"),
    Clip("grid_sbia1a", "grid_sbia1a.mpg", "set blue in A one again"),
    Clip("grid_sbwe5n", "grid_sbwe5n.mpg", "set blue with E five now"),
    Clip("vr_face2", "vr_face2.mp4"),
    Clip("vr_face3", "vr_face3.mp4"),
    Clip("vr_face5", "vr_face5.mp4"),
    Clip("sad_khill", "sad_khill.mp4", picture_lag_frames=-2),
    Clip("pcavs_00086", "pcavs_00086.mp4"),
    Clip("pcavs_00373", "pcavs_00373.mp4"),
    Clip("pcavs_00473", "pcavs_00473.mp4"),
    Clip("pcavs_620900105", "pcavs_620900105.mp4"),
    Clip("pcavs_681100216", "pcavs_681100216.mp4"),
    Clip("ve_RD_Radio10", "ve_RD_Radio10.mp4"),
)

PICTURE_DAMAGES = (
    Damage("blur", "mild", amount=0.008, feather=0.06, least_pixels=0.7),
    Damage("blur", "bad", amount=0.03, feather=0.06, least_pixels=0.7),
    Damage("patch", "mild", amount=3.0, feather=0.03),
    Damage("patch", "bad", amount=9.0, feather=0.01),
    Damage("frozen", "mild", amount=1 / 3, feather=0.06),
    Damage("frozen", "bad", amount=1.0, feather=0.06),
    Damage("jitter", "mild", amount=0.005, feather=0.06, least_pixels=0.5),
    Damage("jitter", "bad", amount=0.02, feather=0.06, least_pixels=1.2),
    Damage("teeth", "mild", amount=0.25, feather=0.006),
    Damage("teeth", "bad", amount=0.40, feather=0.006),
    Damage("flicker", "mild", amount=0.01, feather=0.06),
    Damage("flicker", "bad", amount=0.04, feather=0.06),
    Damage("drift", "mild", amount=3.0, feather=0.06),
    Damage("drift", "bad", amount=10.0, feather=0.06),
)


def damaged_frames(clip: Path, damage: Damage) -> Iterator[NDArray[np.uint8]]:
    """Every frame of `clip` with the damage: (H, W, 3) uint8 display-referred RGB, all of one size."""
    with open_plate(clip) as reader:
        for frame in _damaged(reader, clip, damage):
            yield frame.rgb8()


def write_damaged(clip: Path, damage: Damage, out: Path) -> None:
    """Write the damaged clip with its own sound as FFV1 with FLAC, over whatever `out` (`.mkv`) was.

    Frames, size, rate and every sample outside the damage are the clip's own; the sound is cut or padded to
    the picture's length.
    """
    with open_plate(clip) as reader:
        sound = DubTrack(read_dub(clip))
        with open_writer(out, reader, dub=sound, codec="ffv1", overwrite=True) as writer:
            for frame in _damaged(reader, clip, damage):
                writer.write(frame)


@dataclass(frozen=True)
class _Paint:
    """What lies over the plate: `pixels` (h, w, 3) working values by `matte` (h, w), 0 where nothing does."""

    box: Box
    pixels: Floats
    matte: Floats


_Painter = Callable[[PlateFrame, int], _Paint | None]
"""Given a frame and its row in the track, what to lay over it."""


@dataclass(frozen=True)
class _Face:
    """The most prominent face of a clip, and where to place mattes on it."""

    clip: Path
    track: FaceTrack

    @cached_property
    def points(self) -> Floats:
        """(T, 478, 2) pixels, smoothed a little: the edge of a matte shall not tremble."""
        smoothed = gaussian_filter1d(self.track.landmarks[..., :2], 1.0, axis=0, mode="nearest")
        return np.asarray(smoothed, np.float32)

    @cached_property
    def width(self) -> float:
        """Face width in pixels, one for the whole clip."""
        return float(np.median(self.track.face_widths))

    @cached_property
    def aperture(self) -> Floats:
        """(T,) gap of the inner lips over inter-ocular distance."""
        return aperture_iod(self.track.landmarks)

    @cached_property
    def open_rows(self) -> NDArray[np.intp]:
        """Rows of the track whose mouth is open enough to show what is inside."""
        pixels = self.aperture * inter_ocular(self.track.landmarks)
        return np.flatnonzero((self.aperture > 0.045) & (pixels > 2.5))

    def random(self, damage: Damage) -> np.random.Generator:
        """The same numbers for both levels of a damage, others for each clip."""
        return np.random.default_rng(zlib.crc32(f"{self.clip.stem} {damage.name}".encode()))

    def box(self, points: Floats, margin_faces: float) -> Box:
        """The part of the picture around `points` (P, 2)."""
        margin = margin_faces * self.width + 4
        left, top = np.floor(points.min(axis=0) - margin).astype(int)
        right, bottom = np.ceil(points.max(axis=0) + margin).astype(int)
        around = Box(int(left), int(top), int(right), int(bottom))
        return around.clipped(self.track.frame_width, self.track.frame_height)

    def plate_pixels(self, row: int) -> Floats:
        """The whole picture that row `row` of the track shows."""
        with open_plate(self.clip) as reader:
            frames: Iterator[PlateFrame] = reader.frames(int(self.track.indices[row]))
            frame = next(frames)
            return frame.working(Box(0, 0, frame.width, frame.height))


def _damaged(reader: PlateReader, clip: Path, damage: Damage) -> Iterator[PlateFrame]:
    face = _face(clip)
    painter = _PAINTERS[damage.name](face, damage)
    for frame in reader.frames():
        row = face.track.row(frame.index)
        paint = None if row is None else painter(frame, row)
        yield frame if paint is None else _painted(frame, paint)


def _painted(frame: PlateFrame, paint: _Paint) -> PlateFrame:
    plate = frame.working(paint.box)
    change = (paint.pixels - plate) * paint.matte[..., None]
    return frame.merged(paint.box, change, paint.matte > 0)


@lru_cache(maxsize=32)
def _face(clip: Path) -> _Face:
    with open_plate(clip) as reader, FaceTracker() as tracker:
        for frame in reader.frames():
            tracker.see(frame.index, frame.rgb8())
    return _Face(clip, min(tracker.tracks().values(), key=lambda track: track.number))


def _blur(face: _Face, damage: Damage) -> _Painter:
    sigma = max(damage.least_pixels, damage.amount * face.width)

    def paint(frame: PlateFrame, row: int) -> _Paint:
        box, matte = _mouth_matte(face, face.points[row], damage.feather)
        soft = cv2.GaussianBlur(frame.working(box), (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)
        return _Paint(box, soft, matte)

    return paint


def _patch(face: _Face, damage: Damage) -> _Painter:
    def paint(frame: PlateFrame, row: int) -> _Paint:
        box, matte = _lower_face_matte(face, row, damage.feather)
        return _Paint(box, _lab_shifted(frame.working(box), damage.amount * _PATCH_LAB), matte)

    return paint


def _drift(face: _Face, damage: Damage) -> _Painter:
    last = max(1, len(face.track.indices) - 1)

    def paint(frame: PlateFrame, row: int) -> _Paint:
        box, matte = _lower_face_matte(face, row, damage.feather)
        offset = damage.amount * row / last * _DRIFT_LAB
        return _Paint(box, _lab_shifted(frame.working(box), offset), matte)

    return paint


def _flicker(face: _Face, damage: Damage) -> _Painter:
    noise = face.random(damage).standard_normal(len(face.track.indices))

    def paint(frame: PlateFrame, row: int) -> _Paint:
        box, matte = _lower_face_matte(face, row, damage.feather)
        return _Paint(box, frame.working(box) * np.float32(1 + damage.amount * noise[row]), matte)

    return paint


def _jitter(face: _Face, damage: Damage) -> _Painter:
    sigma = max(damage.least_pixels, damage.amount * face.width)
    offsets = sigma * face.random(damage).standard_normal((len(face.track.indices), 2))

    def paint(frame: PlateFrame, row: int) -> _Paint:
        box, matte = _mouth_matte(face, face.points[row], damage.feather)
        shift = np.column_stack([np.eye(2), offsets[row]])
        return _Paint(box, _warped(frame.working(box), shift, box), matte)

    return paint


def _frozen(face: _Face, damage: Damage) -> _Painter:
    """The mouth of one frame on the moving head: placed by an affinity through the pose, lit as the skin
    around it. A run that does not take the whole clip fades in and out over two frames.
    """
    still = _still_row(face)
    picture = face.plate_pixels(still)
    weights = _frozen_weights(face, damage.amount)

    def paint(frame: PlateFrame, row: int) -> _Paint | None:
        if weights[row] == 0:
            return None
        placing = _placing(face, still, row)
        lips = face.points[still][list(OUTER_LIPS)] @ placing[:, :2].T + placing[:, 2]
        both = np.concatenate([face.points[row][list(OUTER_LIPS)], lips.astype(np.float32)])
        box, matte = _ellipse_matte(face, both, face.points[row], damage.feather)
        placing[:, 2] -= (box.left, box.top)
        size = (box.width, box.height)
        held = cv2.warpAffine(picture, placing, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
        ring = (matte > 0.02) & (matte < 0.6)
        held = held + (frame.working(box) - held)[ring].mean(axis=0)
        return _Paint(box, np.asarray(held, np.float32), matte * np.float32(weights[row]))

    return paint


def _teeth(face: _Face, damage: Damage) -> _Painter:
    """What is inside the mouth jumps in brightness for runs of one to three frames."""
    gains = _pop_gains(face, damage)

    def paint(frame: PlateFrame, row: int) -> _Paint | None:
        if gains[row] == 1:
            return None
        # Not smoothed: an edge off by a pixel would light up the lips.
        inside = np.asarray(face.track.landmarks[row][list(INNER_LIPS), :2], np.float32)
        box = face.box(inside, 0.03)
        matte = _polygon_matte(inside, box, max(0.6, damage.feather * face.width))
        return _Paint(box, frame.working(box) * gains[row], matte)

    return paint


_PAINTERS: dict[str, Callable[[_Face, Damage], _Painter]] = {
    "blur": _blur,
    "patch": _patch,
    "frozen": _frozen,
    "jitter": _jitter,
    "teeth": _teeth,
    "flicker": _flicker,
    "drift": _drift,
}


def _mouth_matte(face: _Face, points: Floats, feather: float) -> tuple[Box, Floats]:
    return _ellipse_matte(face, points[list(OUTER_LIPS)], points, feather)


def _ellipse_matte(face: _Face, inside: Floats, points: Floats, feather: float) -> tuple[Box, Floats]:
    """1 on an ellipse along the lips that holds `inside` (P, 2), falling to 0 over `feather` FW."""
    along = points[291] - points[61]
    along = along / np.linalg.norm(along)
    axes = np.stack([along, np.array([-along[1], along[0]], np.float32)])
    spread = inside @ axes.T
    low, high = spread.min(axis=0), spread.max(axis=0)
    centre, half = (low + high) / 2 @ axes, (high - low) / 2 + 0.03 * face.width
    box = face.box(inside, 0.03 + feather + 0.1)
    y, x = np.mgrid[box.top : box.bottom_exclusive, box.left : box.right_exclusive]
    offsets = np.stack([x - centre[0], y - centre[1]], axis=-1) @ axes.T
    inner, outer = (np.linalg.norm(offsets / (half + grown), axis=-1) for grown in (0, feather * face.width))
    # Between the two ellipses (inner > 1, outer < 1): how far along the way from one to the other.
    way = np.clip((1 - outer) / np.maximum(inner - outer, 1e-6), 0, 1)
    return box, _clean(way * way * (3 - 2 * way))


def _lower_face_matte(face: _Face, row: int, feather: float) -> tuple[Box, Floats]:
    """The face below the nose, a little inside the jaw; its edge ends at the jaw, however soft it is."""
    outline = face.points[row][list(LOWER_FACE)]
    middle = face.points[row][[13, 14, 17]].mean(axis=0)
    box = face.box(outline, 0.0)
    within = np.asarray(middle + 0.9 * (outline - middle), np.float32)
    matte = _polygon_matte(within, box, max(0.5, feather * face.width))
    depth = cv2.distanceTransform(_filled(outline, box), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return box, np.minimum(matte, _clean(depth / (max(0.02, feather) * face.width)))


def _polygon_matte(outline: Floats, box: Box, sigma: float) -> Floats:
    """A filled polygon (P, 2) in picture coordinates with an edge of Gaussian `sigma` pixels."""
    solid = _filled(outline, box).astype(np.float32) / 255
    return _clean(cv2.GaussianBlur(solid, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE))


def _filled(outline: Floats, box: Box) -> NDArray[np.uint8]:
    """A polygon (P, 2) in picture coordinates as 255 on 0, inside `box`."""
    solid = np.zeros((box.height, box.width), np.uint8)
    corners = np.round((outline - (box.left, box.top)) * 16).astype(np.int32)
    cv2.fillPoly(solid, [corners], 255, lineType=cv2.LINE_AA, shift=4)
    return solid


def _clean(matte: NDArray[np.float32 | np.float64]) -> Floats:
    """The faintest part of an edge made nothing, so that a matte ends."""
    return np.asarray(np.clip((matte - 1 / 128) / (1 - 2 / 128), 0, 1), np.float32)


def _lab_shifted(pixels: Floats, offset: Floats) -> Floats:
    """R'G'B' with `offset` added in CIE L*a*b* (read as sRGB); excursions beyond 0..1 are kept."""
    inside = np.clip(pixels, 0, 1)
    shifted = cv2.cvtColor(cv2.cvtColor(inside, cv2.COLOR_RGB2Lab) + offset, cv2.COLOR_Lab2RGB)
    return np.asarray(pixels + (shifted - inside), np.float32)


def _warped(pixels: Floats, move: NDArray[np.float32 | np.float64], box: Box) -> Floats:
    size = (box.width, box.height)
    moved = cv2.warpAffine(pixels, move, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(moved, np.float32)


def _still_row(face: _Face) -> int:
    """The row to freeze: lips (nearly) closed, the head as it mostly is."""
    closed = np.flatnonzero(face.aperture <= max(0.003, float(np.percentile(face.aperture, 3))))
    angles = face.track.head.angles_degrees()
    away = np.linalg.norm(angles - np.median(angles, axis=0), axis=1)
    return int(closed[np.argmin(away[closed])])


def _frozen_weights(face: _Face, part: float) -> Floats:
    """(T,) how much of the frozen mouth is seen: all of it over `part` of the clip, where lips move most."""
    count = len(face.aperture)
    length = round(part * count)
    if length >= count:
        return np.ones(count, np.float32)
    travel = np.abs(np.diff(face.aperture, prepend=face.aperture[0]))
    first = int(np.argmax(np.convolve(travel, np.ones(length), "valid")))
    to_edge = np.minimum(np.arange(count) - first, first + length - 1 - np.arange(count)) + 1
    return np.clip(to_edge / 3, 0, 1).astype(np.float32)


def _placing(face: _Face, still: int, row: int) -> NDArray[np.float64]:
    """Affinity (2, 3) that carries the mouth of row `still` to where the head of row `row` would have it."""
    head, around = face.track.head, [*OUTER_LIPS, *AROUND_MOUTH]
    middle = face.track.landmarks[row, RIGID_POINTS, :2].mean(axis=0)
    offsets = head.upright[still, around] - head.upright[row, RIGID_POINTS].mean(axis=0)
    there = middle + head.picture_offsets(row, offsets)
    here = face.track.landmarks[still, around, :2]
    padded = np.column_stack([here, np.ones(len(here))]).astype(np.float64)
    solved, *_ = np.linalg.lstsq(padded, there.astype(np.float64), rcond=None)
    return np.asarray(solved.T)


def _pop_gains(face: _Face, damage: Damage) -> Floats:
    """(T,) gain of the mouth's inside: 1 but on random runs of open frames, up to `amount` of them."""
    gains = np.ones(len(face.aperture), np.float32)
    is_open = np.zeros(len(gains), np.bool_)
    is_open[face.open_rows] = True
    wanted = round(damage.amount * len(face.open_rows))
    random = face.random(damage)
    pops = 0
    for first in random.permutation(face.open_rows):
        run = np.arange(first, min(first + int(random.integers(1, 4)), len(gains)))
        near = np.arange(max(0, first - 1), min(run[-1] + 2, len(gains)))
        if pops >= wanted:
            break
        if not is_open[run].all() or (gains[near] != 1).any():
            continue
        gains[run] = 1.25 if damage.level == "mild" else (1.8, 0.5)[int(random.integers(2))]
        pops += len(run)
    return gains
