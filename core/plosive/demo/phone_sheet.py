# SPDX-License-Identifier: Apache-2.0
"""A contact sheet of mouths: the plate above, the result below, at chosen sounds of the dub."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from plosive.geometry import Box
from plosive.media import open_plate
from plosive.review.contact_sheet import contact_sheet
from plosive.speech.model import Phone

__all__ = ["Moment", "moments", "phone_sheet"]

_SHOWN = ("P", "B", "M", "F", "V", "AA", "AE", "AH", "AY", "EH", "ER", "EY", "IY", "OW", "UW", "SIL")
_CELL_WIDTH = 200


@dataclass(frozen=True)
class Moment:
    """One frame to look at: what is said in it and where the face is (pixels)."""

    index: int
    label: str
    nose_x: float
    nose_y: float
    face_width: float


def moments(
    phones: Sequence[Phone],
    face: Mapping[str, Sequence[float]],
    first_frame: int,
    frame_rate: Fraction,
    most: int = 18,
) -> tuple[Moment, ...]:
    """The frame at the middle of each telling phone, at most `most`, spread over the dub.

    The dub starts with the plate. `face` is one track of a job's report: `frames`, `nose_x_pixels`,
    `nose_y_pixels`, `face_width_pixels`.
    """
    rows = {int(frame) - first_frame: row for row, frame in enumerate(face["frames"])}
    found: list[Moment] = []
    for phone in phones:
        index = int((phone.start_seconds + phone.end_seconds) / 2 * frame_rate)
        if phone.symbol not in _SHOWN or index not in rows:
            continue
        row = rows[index]
        sound = "silence" if phone.symbol == "SIL" else phone.symbol.lower()
        place = (face["nose_x_pixels"][row], face["nose_y_pixels"][row], face["face_width_pixels"][row])
        found.append(Moment(index, f"{first_frame + index}  {sound}", *place))
    if len(found) <= most:
        return tuple(found)
    return tuple(found[round(step * (len(found) - 1) / (most - 1))] for step in range(most))


def phone_sheet(plate: Path, result: Path, chosen: Sequence[Moment], columns: int = 6) -> NDArray[np.uint8]:
    """The sheet: (H, W, 3) uint8. Raises OptionError when `chosen` is empty."""
    before, after = _mouths(plate, chosen), _mouths(result, chosen)
    pairs = [np.concatenate([above, below]) for above, below in zip(before, after, strict=True)]
    return contact_sheet(pairs, [moment.label for moment in chosen], columns)


def _mouths(path: Path, chosen: Sequence[Moment]) -> Iterator[NDArray[np.uint8]]:
    """The lower face at each moment, in the order of `chosen`."""
    found: dict[int, NDArray[np.uint8]] = {}
    wanted = {moment.index: moment for moment in chosen}
    with open_plate(path) as reader:
        for frame in reader.frames():
            if frame.index in wanted:
                found[frame.index] = _lower_face(frame.rgb8(), wanted[frame.index])
            if len(found) == len(wanted):
                break
    return (found[moment.index] for moment in chosen)


def _lower_face(picture: NDArray[np.uint8], moment: Moment) -> NDArray[np.uint8]:
    from PIL import Image

    half = max(8, round(moment.face_width * 0.42))
    box = Box(
        round(moment.nose_x) - half,
        round(moment.nose_y) - round(half * 0.35),
        round(moment.nose_x) + half,
        round(moment.nose_y) + round(half * 1.45),
    )
    rows = np.clip(np.arange(box.top, box.bottom_exclusive), 0, picture.shape[0] - 1)
    columns = np.clip(np.arange(box.left, box.right_exclusive), 0, picture.shape[1] - 1)
    crop = np.ascontiguousarray(picture[np.ix_(rows, columns)])
    height = round(_CELL_WIDTH * 1.8 / 2)
    return np.asarray(Image.fromarray(crop).resize((_CELL_WIDTH, height), Image.Resampling.LANCZOS))
