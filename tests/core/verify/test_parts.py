# SPDX-License-Identifier: Apache-2.0
"""An OUT of `sync --only-range` is held against its own frames of the plate."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.core.verify.pairs import check, failed, matte, verified
from tests.core.verify.prores_pairs import HEIGHT, WIDTH, movie

from plosive.errors import OptionError
from plosive.geometry import Box
from plosive.media import DubTrack, FrameRange, PlateFrame, open_plate, open_writer, read_dub
from plosive.media.mov import read_mov
from plosive.media.plateaudio import PlateAudio
from plosive.verify.check import FrameState, Status

BOX = Box(61, 21, 90, 43)
FIRST, LAST, CHANGED = 2, 6, 4


def lighter(frame: PlateFrame) -> PlateFrame:
    y, x = np.mgrid[-1 : 1 : BOX.height * 1j, -1 : 1 : BOX.width * 1j]
    return frame.merged(BOX, np.full((BOX.height, BOX.width, 3), 0.1, np.float32), x * x + y * y < 1)


def part(plate: Path, out: Path, first: int = FIRST, last: int = LAST, **options: Any) -> Path:
    """Frames of `plate` as a job writes them, CHANGED with an ellipse."""
    with open_plate(plate) as reader:
        some = reader.part(FrameRange(first, last))
        with open_writer(out, some, **options) as writer:
            for frame in some.frames():
                is_changed = some.info.first_frame + frame.index == CHANGED
                writer.write(lighter(frame) if is_changed else frame)
    return out


def tone(path: Path) -> Path:
    """A tenth of a second of sound."""
    import wave

    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(48000)
        file.writeframes((8000 * np.sin(np.arange(4800) / 7)).astype("<i2").tobytes())
    return path


def free(tmp_path: Path) -> Path:
    box = (BOX.left, BOX.top, BOX.right_exclusive, BOX.bottom_exclusive)
    return matte(tmp_path / "m.exr", WIDTH, HEIGHT, box)


def report(out: Path, first: int, last: int, lost: tuple[str, ...] = ()) -> None:
    facts = {
        "schema": "plosive.report.v1",
        "options": {"plate_audio": "auto"},
        "exactness": {"frames": {"patched": 1, "copied": last - first}, "lost": list(lost)},
        "out_range": {"first_frame": first, "last_frame_inclusive": last},
    }
    out.with_name("out.plosive.json").write_text(json.dumps(facts))


@pytest.mark.parametrize(
    ("known", "status"), [("timecode", Status.INFO), ("report", Status.REPORTED), ("range", Status.PASS)]
)
def test_a_cut_movie(tmp_path: Path, known: str, status: Status) -> None:
    plate = movie(tmp_path / "plate.mov", frames=9)
    dub = DubTrack(read_dub(tone(tmp_path / "d.wav")), Fraction(1, 24))
    out = part(plate, tmp_path / "out.mov", dub=dub, plate_audio=PlateAudio.MUTE)
    if known == "report":
        report(out, FIRST, LAST)
    options: dict[str, Any] = {"part": (FIRST, LAST)} if known == "range" else {}
    found = verified(plate, out, matte=free(tmp_path), **options)
    assert found.has_passed, found.checks
    assert found.first_frame == FIRST and found.numbers(FrameState.PATCHED) == [CHANGED]
    frames = check(found, "frames")
    assert frames.status is status and "OUT holds frames 2-6 of the plate alone" in frames.sentence
    container = check(found, "container")
    assert container.status is Status.PASS and "cut from the plate's" in container.sentence
    assert "1 audio track is new. 1 audio tracks are switched" in container.sentence
    assert check(found, "audio").sentence.startswith("1 of 1 audio tracks have the plate's sound of these")
    assert "OUT starts at 01:00:00:02" in check(found, "timecode").sentence


def test_without_a_word_on_it_a_cut_end_fails(tmp_path: Path) -> None:
    plate = movie(tmp_path / "plate.mov", frames=9)
    out = part(plate, tmp_path / "out.mov", 0, 6)
    found = verified(plate, out)
    assert "frames" in failed(found) and "name it with --range" in check(found, "frames").sentence
    assert verified(plate, out, part=(0, 6)).has_passed
    report(out, 0, 8)  # says that all is there
    assert "frames" in failed(verified(plate, out))


def test_other_frames_than_those_named_fail(tmp_path: Path) -> None:
    plate = movie(tmp_path / "plate.mov", frames=9)
    out = part(plate, tmp_path / "out.mov")
    assert {"patch", "audio", "timecode"} <= set(failed(verified(plate, out, part=(1, 5))))
    assert "frames" in failed(verified(plate, out, part=(2, 7)))
    with pytest.raises(OptionError, match="leaves the plate, whose frames are 0-8"):
        verified(plate, out, part=(4, 9))


def test_a_matte_of_the_whole_plate_and_one_of_the_part(tmp_path: Path) -> None:
    plate = movie(tmp_path / "plate.mov", frames=9)
    out = part(plate, tmp_path / "out.mov")
    for start, count, at in ((0, 9, 4), (1001, 9, 1005), (1001, 5, 1003), (2, 5, 4)):
        folder = tmp_path / f"m{start}_{count}"
        folder.mkdir()
        for number in range(start, start + count):
            box = (BOX.left, BOX.top, BOX.right_exclusive, BOX.bottom_exclusive)
            matte(folder / f"m.{number:04d}.exr", WIDTH, HEIGHT, box if number == at else (0, 0, 0, 0))
        assert verified(plate, out, matte=folder).has_passed, (start, count)


def test_every_byte_of_the_index_counts(tmp_path: Path) -> None:
    plate = movie(tmp_path / "plate.mov", frames=9)
    out = part(plate, tmp_path / "out.mov")
    whole, index = out.read_bytes(), read_mov(out).moov
    for place in range(index.offset + 4, index.end, 11):
        data = bytearray(whole)
        data[place] ^= 0x08
        out.write_bytes(data)
        assert not verified(plate, out, part=(FIRST, LAST)).has_passed, (place, whole[place - 16 : place + 4])


def test_other_sound_fails_and_missing_sound_may_be_allowed(tmp_path: Path) -> None:
    plate = movie(tmp_path / "plate.mov", frames=9)
    out = part(plate, tmp_path / "out.mov")
    sound = read_mov(out).tracks[1].table
    data = bytearray(out.read_bytes())
    data[int(sound.chunk_offsets[0]) + 400] ^= 1
    (tmp_path / "other.mov").write_bytes(data)
    assert failed(verified(plate, tmp_path / "other.mov")) == ["audio"]
    silent = part(plate, tmp_path / "silent.mov", plate_audio=PlateAudio.DROP)
    assert failed(verified(plate, silent)) == ["container", "audio"]
    found = verified(plate, silent, allows_dropped_audio=True)
    assert found.has_passed and check(found, "audio").status is Status.REPORTED


def test_another_codec_is_compared_with_its_own_frames(tmp_path: Path) -> None:
    plate = movie(tmp_path / "plate.mov", frames=9)
    out = part(plate, tmp_path / "out.mkv", codec="ffv1", plate_audio=PlateAudio.KEEP)
    found = verified(plate, out, matte=free(tmp_path), part=(FIRST, LAST))
    assert found.has_passed, found.checks
    assert check(found, "picture").figures["equal"] == [{"first_frame": 2, "last_frame_inclusive": 6}]


def test_a_part_of_a_sequence(tmp_path: Path) -> None:
    import OpenImageIO as oiio

    folder = tmp_path / "plate"
    folder.mkdir()
    random = np.random.default_rng(1)
    for number in range(9):
        output = oiio.ImageOutput.create("x.exr")
        assert output.open(
            str(folder / f"shot.{number:04d}.exr"), oiio.ImageSpec(WIDTH, HEIGHT, 3, oiio.HALF)
        )
        output.write_image(random.random((HEIGHT, WIDTH, 3), np.float32))
        output.close()
    out = part(folder, tmp_path / "out" / "shot.####.exr")
    assert failed(verified(folder, out)) == ["frames"]
    found = verified(folder, out, matte=free(tmp_path), part=(FIRST, LAST))
    assert found.has_passed and found.numbers(FrameState.PATCHED) == [CHANGED] and found.first_frame == FIRST
    (out.parent / "shot.0003.exr").unlink()
    assert "lacks frame 3" in check(verified(folder, out, part=(FIRST, LAST)), "frames").sentence
    with pytest.raises(OptionError, match="leaves the plate"):
        verified(folder, out, part=(5, 12))
