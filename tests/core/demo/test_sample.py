# SPDX-License-Identifier: Apache-2.0
"""The demo's plate: what it is made of, and that it comes out the same every time."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from plosive.bench.material import write_material
from plosive.demo.sample import SamplePlate, spoken_line, write_sample
from plosive.errors import MediaWriteError
from plosive.progress import SilentProgress

SMALL = SamplePlate(6, width=320, height=180)


def test_frames_are_repeatable_and_differ_from_each_other() -> None:
    once, again = list(SMALL.frames()), list(SMALL.frames())
    assert len(once) == 6
    assert once[0].shape == (180, 320, 3)
    for one, other in zip(once, again, strict=True):
        np.testing.assert_array_equal(one, other)
    assert not np.array_equal(once[0], once[1])


def test_plate_is_prores_hq_with_timecode(tmp_path: Path) -> None:
    path = tmp_path / "plate.mov"
    write_sample(path, SMALL, SilentProgress())
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert stream.codec_context.name == "prores"
        assert stream.profile == "HQ"
        assert stream.codec_context.pix_fmt == "yuv422p10le"
        assert stream.metadata["timecode"] == "01:00:00:00"
        assert stream.average_rate == 24
        assert stream.codec_context.color_primaries == 1
        assert len(list(container.decode(stream))) == 6
    assert [file.name for file in tmp_path.iterdir()] == ["plate.mov"]


def test_unwritable_place_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(MediaWriteError, match="cannot be written"):
        write_sample(tmp_path / "missing" / "plate.mov", SMALL, SilentProgress())


def test_spoken_line_is_there() -> None:
    dub, words = spoken_line()
    assert dub.is_file()
    assert words == "Maybe Bob prefers fluffy purple muffins."


def test_bench_material_is_as_long_as_asked(tmp_path: Path) -> None:
    plate, dub = write_material(tmp_path, 3.0, 90, SilentProgress())
    with av.open(str(plate)) as container:
        frames = list(container.decode(video=0))
    times = [frame.pts * frame.time_base for frame in frames if frame.pts is not None]
    assert times == [Fraction(index, 24) for index in range(72)]
    with av.open(str(dub)) as container:
        stream = container.streams.audio[0]
        assert stream.duration is not None and stream.time_base is not None
        assert stream.duration * stream.time_base == 3
