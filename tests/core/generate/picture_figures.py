# SPDX-License-Identifier: Apache-2.0
"""Figures of a picture whose truth, or whose plate, is known. Definitions follow the first trials of the
generator, so that figures can be laid beside theirs.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from tests.core.generate.reenactment import CLOSED_GAP, Made, Rebuilt

from plosive.faces.head import RIGID_POINTS
from plosive.faces.measure import aperture_iod
from plosive.generate.look import INNER_LOWER, INNER_UPPER

__all__ = ["PictureFigures", "figures_of"]

_LIPS = (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291, 375, 321, 405, 314, 17, 84, 181, 91, 146)
_BOX_MARGIN_IOD = 0.12
_OPEN_GAP = 0.03

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class PictureFigures:
    """`psnr_db` of the lips' box grown by .12 inter-ocular distances, `inside_db` of the mouth opening
    straightened (both nan where there is no truth); `sharp` variance of the Laplacian in the box, result over
    plate; `flicker` mean second difference in time of the registered lower face, `popping` mean change from
    frame to frame of the straightened openings, `seam` mean slope across the matte's edge, all over the
    plate's; `aperture_r`, `aperture_mae_iod` gap found in the result against the gap found in the truth
    (asked, where there is none); `aperture_ratio` sum of one over the other; `closed_share` of the frames
    asked closed found so; `jaw_r` of the jaw found anew,
    `chin_r` of the chin's way in pixels, told by optical flow, both against what was asked; `run`
    mean frames of a source run; CPU milliseconds a frame.
    """

    name: str
    frames: int
    psnr_db: float
    inside_db: float
    sharp: float
    flicker: float
    popping: float
    seam: float
    aperture_r: float
    aperture_mae_iod: float
    aperture_ratio: float
    closed_share: float
    jaw_r: float
    chin_r: float
    run: float
    face_width: float
    generate_ms: float
    composite_ms: float
    kept_outside: bool

    def row(self) -> str:
        """One line of a Markdown table."""
        cells = asdict(self)
        return "| " + " | ".join(_told(value) for value in cells.values()) + " |"

    @staticmethod
    def head() -> str:
        """The head of that table."""
        names = list(PictureFigures.__dataclass_fields__)
        return "| " + " | ".join(names) + " |\n|" + "---|" * len(names)


def figures_of(rebuilt: Rebuilt, has_truth: bool) -> PictureFigures:
    """All figures of `rebuilt`; `has_truth` where its plates are what the results should be."""
    lips = [_lip_box(one, points) for one, points in zip(rebuilt.made, rebuilt.landmarks, strict=True)]
    error = [
        _squared(one.plate[part], one.result[part]) for one, part in zip(rebuilt.made, lips, strict=True)
    ]
    inside_plate = [_inside(one.plate, one, points) for one, points in _seen(rebuilt, rebuilt.seen_plate)]
    inside_result = [_inside(one.result, one, points) for one, points in _seen(rebuilt, rebuilt.seen_result)]
    inside_truth = [_inside(one.result, one, points) for one, points in _seen(rebuilt, rebuilt.seen_plate)]
    inner = [_squared(a, b) for a, b in zip(inside_plate, inside_truth, strict=True)]
    gap_plate, gap_result = aperture_iod(rebuilt.seen_plate), aperture_iod(rebuilt.seen_result)
    reached = gap_result if has_truth else rebuilt.channels_result[:, 0] * rebuilt.height_iod
    wanted = gap_plate if has_truth else rebuilt.asked[:, 0] * rebuilt.height_iod
    closed = rebuilt.closed & (gap_plate <= CLOSED_GAP) if has_truth else rebuilt.closed
    jaw = rebuilt.channels_plate[:, 2] if has_truth else rebuilt.asked[:, 2]
    chin = np.array([_chin_moved(one, asked) for one, asked in _seen(rebuilt, rebuilt.landmarks)])
    choices = rebuilt.choices
    return PictureFigures(
        name=rebuilt.name,
        frames=len(rebuilt.made),
        psnr_db=_decibels(error) if has_truth else float("nan"),
        inside_db=_decibels(inner) if has_truth else float("nan"),
        sharp=_ratio(
            [_detail(one.result[part]) for one, part in zip(rebuilt.made, lips, strict=True)],
            [_detail(one.plate[part]) for one, part in zip(rebuilt.made, lips, strict=True)],
        ),
        flicker=_ratio(*(_flicker(rebuilt, of) for of in ("result", "plate"))),
        popping=_ratio(
            _changes(rebuilt, inside_result, gap_result), _changes(rebuilt, inside_plate, gap_plate)
        ),
        seam=_ratio(
            [_slope(one.result, one.mouth_matte) for one in rebuilt.made],
            [_slope(one.plate, one.mouth_matte) for one in rebuilt.made],
        ),
        aperture_r=_correlation(reached, wanted),
        aperture_mae_iod=float(np.abs(reached - wanted).mean()),
        aperture_ratio=float(reached.sum() / max(float(wanted.sum()), 1e-6)),
        closed_share=float((gap_result[closed] <= CLOSED_GAP).mean()) if closed.any() else float("nan"),
        jaw_r=_correlation(rebuilt.channels_result[:, 2], jaw),
        chin_r=_correlation(rebuilt.chin_asked[:, 1], chin),
        run=float(str(choices.get("mean_run_frames", "nan"))),
        face_width=rebuilt.face_width,
        generate_ms=rebuilt.generate_ms,
        composite_ms=rebuilt.composite_ms,
        kept_outside=all(one.kept_outside for one in rebuilt.made),
    )


def _seen(rebuilt: Rebuilt, landmarks: Floats) -> list[tuple[Made, Floats]]:
    return list(zip(rebuilt.made, landmarks, strict=True))


def _lip_box(made: Made, points: Floats) -> tuple[slice, slice]:
    margin = _BOX_MARGIN_IOD * float(np.linalg.norm(points[33, :2] - points[263, :2]))
    lips = points[_LIPS, :2] - np.array([made.box.left, made.box.top], dtype=np.float32)
    left, top = np.maximum(np.floor(lips.min(axis=0) - margin), 0).astype(int)
    right, bottom = np.ceil(lips.max(axis=0) + margin).astype(int)
    return slice(int(top), int(bottom)), slice(int(left), int(right))


def _squared(one: Floats, other: Floats) -> float:
    return float(((np.clip(one, 0, 1) - np.clip(other, 0, 1)) ** 2).mean())


def _decibels(errors: list[float]) -> float:
    """Mean over frames of 10 log10(1 / error)."""
    return float(np.mean([10 * np.log10(1 / max(error, 1e-9)) for error in errors]))


def _detail(pixels: Floats) -> float:
    return float(cv2.Laplacian(_grey(pixels), cv2.CV_32F).var())


def _grey(pixels: Floats) -> Floats:
    return np.asarray(np.ascontiguousarray(pixels) @ np.float32([0.2126, 0.7152, 0.0722]), dtype=np.float32)


def _ratio(result: list[float], plate: list[float]) -> float:
    return float(np.mean(result) / max(float(np.mean(plate)), 1e-9)) if result and plate else float("nan")


def _inside(pixels: Floats, made: Made, points: Floats) -> Floats:
    """The opening straightened: (24, 48, 3)."""
    local = points[:, :2] - np.array([made.box.left, made.box.top], dtype=np.float32)
    upper, lower = local[INNER_UPPER], local[INNER_LOWER]
    at = np.linspace(0.5, len(upper) - 1.5, 48)
    known = np.arange(len(upper))
    above, below = (
        np.stack([np.interp(at, known, line[:, axis]) for axis in (0, 1)], axis=-1) for line in (upper, lower)
    )
    down = ((np.arange(24) + 0.5) / 24)[:, None, None]
    grid = (above * (1 - down) + below * down).astype(np.float32)
    return np.asarray(cv2.remap(pixels, grid, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))


def _changes(rebuilt: Rebuilt, inside: list[Floats], gap: Floats) -> list[float]:
    """Mean change of each two consecutive openings, where both are open."""
    found = []
    for place in range(1, len(inside)):
        follows = rebuilt.made[place].index == rebuilt.made[place - 1].index + 1
        if follows and min(gap[place], gap[place - 1]) > _OPEN_GAP:
            found.append(float(np.abs(inside[place] - inside[place - 1]).mean()))
    return found


def _flicker(rebuilt: Rebuilt, of: str) -> list[float]:
    """Mean second difference in time of the lower face, laid on the first frame's by its rigid points."""
    home = rebuilt.landmarks[0, :, :2]
    unit = float(np.linalg.norm(home[33] - home[263]))
    lips = home[list(_LIPS)]
    left, top = lips.min(axis=0) - 0.3 * unit
    right, bottom = lips.max(axis=0) + 0.3 * unit
    size = (96, max(8, round(96 * (bottom - top) / (right - left))))
    zoom = 96 / (right - left)
    steady = []
    for one, points in zip(rebuilt.made, rebuilt.landmarks, strict=True):
        matrix, _ = cv2.estimateAffinePartial2D(
            (points[RIGID_POINTS, :2] - [one.box.left, one.box.top]).astype(np.float32),
            ((home[RIGID_POINTS] - [left, top]) * zoom).astype(np.float32),
            method=cv2.LMEDS,
        )
        pixels = one.result if of == "result" else one.plate
        steady.append(cv2.warpAffine(pixels, matrix, size, flags=cv2.INTER_AREA))
    found = []
    for place in range(1, len(steady) - 1):
        if rebuilt.made[place + 1].index - rebuilt.made[place - 1].index == 2:
            second = steady[place - 1] - 2 * steady[place] + steady[place + 1]
            found.append(float(np.abs(second).mean()))
    return found


def _slope(pixels: Floats, matte: Floats) -> float:
    """Mean slope of the picture along the matte's own, in its outer part."""
    grey = cv2.GaussianBlur(_grey(pixels), (0, 0), 1.0)
    along_x, along_y = (cv2.Sobel(matte, cv2.CV_32F, *axis) for axis in ((1, 0), (0, 1)))
    length = np.sqrt(along_x**2 + along_y**2)
    edge = (matte > 0.02) & (matte < 0.5) & (length > 1e-5)
    if not edge.any():
        return float("nan")
    grey_x, grey_y = (cv2.Sobel(grey, cv2.CV_32F, *axis) for axis in ((1, 0), (0, 1)))
    return float((np.abs(grey_x * along_x + grey_y * along_y)[edge] / length[edge]).mean())


def _chin_moved(made: Made, points: Floats) -> float:
    """By how many pixels down the skin of the chin went, as optical flow from plate to result tells."""
    before, after = (
        (np.clip(pixels[..., 1], 0, 1) * 255).astype(np.uint8) for pixels in (made.plate, made.result)
    )
    engine = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    flow = engine.calc(before, after, None)
    x, y = np.round(points[175, :2] - [made.box.left, made.box.top]).astype(int)
    return float(flow[max(y - 1, 0) : y + 2, max(x - 1, 0) : x + 2, 1].mean())


def _correlation(one: Floats, other: Floats) -> float:
    if len(one) < 3 or np.std(one) < 1e-9 or np.std(other) < 1e-9:
        return float("nan")
    return float(np.corrcoef(one, other)[0, 1])


def _told(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.3f}" if abs(value) < 10 else f"{value:.1f}"
    return str(value)
