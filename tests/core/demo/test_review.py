# SPDX-License-Identifier: Apache-2.0
"""Contact sheets, pictures on disk, side-by-side files, and the moments a demo shows."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from plosive.demo.phone_sheet import moments, phone_sheet
from plosive.demo.sample import SamplePlate, spoken_line, write_sample
from plosive.errors import MediaWriteError, OptionError
from plosive.progress import SilentProgress
from plosive.review.contact_sheet import contact_sheet
from plosive.review.picture_file import require_writable, write_picture
from plosive.review.side_by_side import write_side_by_side
from plosive.speech.model import Phone


def test_contact_sheet_holds_every_picture() -> None:
    images = [np.full((40, 60, 3), value, np.uint8) for value in (50, 100, 150, 200, 250)]
    sheet = contact_sheet(images, [f"frame {number}" for number in range(5)], columns=2)
    assert sheet.dtype == np.uint8
    assert sheet.shape[1] == 2 * 60 + 3 * 8
    for value in (50, 100, 150, 200, 250):
        assert np.count_nonzero(np.all(sheet == value, axis=2)) >= 40 * 60


def test_contact_sheet_of_nothing_is_refused() -> None:
    with pytest.raises(OptionError):
        contact_sheet([], [], 3)


def test_picture_comes_back_and_nothing_half_done_stays(tmp_path: Path) -> None:
    picture = np.random.default_rng(1).integers(0, 256, (20, 30, 3), np.uint8)
    write_picture(tmp_path / "a.png", picture)
    np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / "a.png")), picture)
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]
    with pytest.raises(MediaWriteError, match="exists already"):
        require_writable(tmp_path / "a.png", overwrite=False)
    with pytest.raises(MediaWriteError, match="does not exist"):
        require_writable(tmp_path / "no" / "a.png", overwrite=False)


def test_moments_fall_on_their_frames() -> None:
    phones = [
        Phone("SIL", Fraction(0), Fraction(1, 2)),
        Phone("M", Fraction(1, 2), Fraction(3, 5)),
        Phone("N", Fraction(3, 5), Fraction(4, 5)),
        Phone("B", Fraction(4, 5), Fraction(1)),
        Phone("P", Fraction(9), Fraction(10)),
    ]
    face = {
        "frames": [float(1001 + index) for index in range(30)],
        "nose_x_pixels": [10.0] * 30,
        "nose_y_pixels": [20.0] * 30,
        "face_width_pixels": [30.0] * 30,
    }
    chosen = moments(phones, face, first_frame=1001, frame_rate=Fraction(24))
    assert [(moment.index, moment.label) for moment in chosen] == [
        (6, "1007  silence"),
        (13, "1014  m"),
        (21, "1022  b"),
    ]
    assert len(moments(phones, face, 1001, Fraction(24), most=2)) == 2


def test_pairs_and_side_by_side_of_a_plate_with_itself(tmp_path: Path) -> None:
    plate, out = tmp_path / "plate.mov", tmp_path / "both.mp4"
    write_sample(plate, SamplePlate(12, width=320, height=180), SilentProgress())
    face = {
        "frames": [float(index) for index in range(12)],
        "nose_x_pixels": [160.0] * 12,
        "nose_y_pixels": [90.0] * 12,
        "face_width_pixels": [80.0] * 12,
    }
    chosen = moments([Phone("M", Fraction(0), Fraction(1, 4))], face, 0, Fraction(24))
    sheet = phone_sheet(plate, plate, chosen)
    assert sheet.ndim == 3

    write_side_by_side(plate, plate, spoken_line()[0], out, SilentProgress())
    with av.open(str(out)) as container:
        frames = list(container.decode(video=0))
        assert len(frames) == 12
        assert (frames[0].width, frames[0].height) == (640, 180)
        assert [frame.pts * frame.time_base for frame in frames if frame.pts is not None] == [
            Fraction(index, 24) for index in range(12)
        ]
        assert len(container.streams.audio) == 1
