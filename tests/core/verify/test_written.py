# SPDX-License-Identifier: Apache-2.0
"""What Plosive writes, verified: a plate opened, some pixels merged, written by the writer of the job."""

from __future__ import annotations

import dataclasses
import shutil
import wave
from pathlib import Path

import numpy as np
import pytest
from tests.core.verify.pairs import check, failed, matte, verified
from tests.core.verify.prores_pairs import HEIGHT, WIDTH, movie, samples_of

from plosive.geometry import Box
from plosive.media import DubTrack, read_dub
from plosive.media.mov import read_mov
from plosive.media.plate import PlateFrame
from plosive.media.plateaudio import PlateAudio
from plosive.media.reading import open_plate
from plosive.media.writing import open_writer
from plosive.verify.check import FrameState, Status

BOX = Box(61, 21, 90, 43)


def merged(frame: PlateFrame) -> PlateFrame:
    """A brighter ellipse in BOX."""
    y, x = np.mgrid[-1 : 1 : BOX.height * 1j, -1 : 1 : BOX.width * 1j]
    inside = x * x + y * y < 1
    change = np.where(inside[..., None], np.float32(0.1), np.float32(0)).repeat(3, axis=2)
    return frame.merged(BOX, change.astype(np.float32), inside)


def synced(plate: Path, out: Path, changed: tuple[int, ...]) -> Path:
    """`plate` with the ellipse in some frames, written as a job does."""
    with open_plate(plate) as reader, open_writer(out, reader) as writer:
        for frame in reader.frames():
            writer.write(merged(frame) if frame.index in changed else frame)
    return out


@pytest.mark.parametrize(
    ("pixel_format", "profile", "is_interlaced"),
    [("yuv422p10le", "3", False), ("yuva444p10le", "4", False), ("yuv422p10le", "2", True)],
)
def test_a_patched_movie(tmp_path: Path, pixel_format: str, profile: str, is_interlaced: bool) -> None:
    plate = movie(
        tmp_path / "plate.mov", pixel_format=pixel_format, profile=profile, is_interlaced=is_interlaced
    )
    out = synced(plate, tmp_path / "out.mov", (1, 2))
    free = matte(
        tmp_path / "m.exr", WIDTH, HEIGHT, (BOX.left, BOX.top, BOX.right_exclusive, BOX.bottom_exclusive)
    )
    found = verified(plate, out, matte=free)
    assert found.has_passed, [one for one in found.checks if one.status is not Status.PASS]
    assert found.numbers(FrameState.PATCHED) == [1, 2]
    assert check(found, "container").figures["is_patched"] is True
    assert check(found, "audio").status is check(found, "timecode").status is Status.PASS

    data = bytearray(out.read_bytes())
    ours = samples_of(plate)
    for place, names in (
        (data.index(ours[0]) + len(ours[0]) // 2, {"slices", "decoding", "patch", "blocks"}),
        (data.index(ours[0]) + len(ours[0]) + 300, {"audio"}),  # sound follows the first picture
        (data.index(b"mdhd") + 26, {"container"}),  # the language of the picture
    ):
        broken = bytearray(data)
        broken[place] ^= 0x08
        (tmp_path / "broken.mov").write_bytes(broken)
        again = verified(plate, tmp_path / "broken.mov", matte=free)
        assert set(failed(again)) & names, (place, again.checks)


def test_a_movie_without_a_change_is_the_plate(tmp_path: Path) -> None:
    plate = movie(tmp_path / "plate.mov")
    out = synced(plate, tmp_path / "out.mov", ())
    found = verified(plate, out)
    assert [one.name for one in found.checks] == ["file"] and found.has_passed


@pytest.mark.parametrize("compression", ["zip", "dwaa", "piz", "b44"])
def test_a_patched_exr_sequence(tmp_path: Path, compression: str) -> None:
    import OpenImageIO as oiio

    folder = tmp_path / "plate"
    folder.mkdir()
    random = np.random.default_rng(1)
    for number in (1, 2, 3):
        spec = oiio.ImageSpec(WIDTH, HEIGHT, 4, oiio.HALF)
        spec.channelnames = ("R", "G", "B", "Z")
        spec.attribute("compression", compression)
        spec.attribute("comment", "kept")
        path = folder / f"shot.{number:04d}.exr"
        output = oiio.ImageOutput.create(str(path))
        assert output.open(str(path), spec)
        assert output.write_image(random.random((HEIGHT, WIDTH, 4), np.float32))
        output.close()
    out = synced(folder, tmp_path / "out" / "shot.####.exr", (1,))
    free = matte(
        tmp_path / "m.exr", WIDTH, HEIGHT, (BOX.left, BOX.top, BOX.right_exclusive, BOX.bottom_exclusive)
    )
    found = verified(folder, out, matte=free)
    assert found.has_passed, found.checks
    assert found.numbers(FrameState.PATCHED) == [2]
    assert check(found, "header").status is check(found, "chunks").status is Status.PASS
    small = matte(tmp_path / "s.exr", WIDTH, HEIGHT, (BOX.left, BOX.top, BOX.left + 4, BOX.bottom_exclusive))
    assert failed(verified(folder, out, matte=small)) == ["values"]
    assert not verified(folder, out, matte=small, allowed_reencoded=((1, 1),)).has_passed


@pytest.mark.parametrize("name", ["fc_apple-prores-422-hq.mov", "fc_apple-prores-422-proxy.mov"])
def test_apple_s_own_files(tmp_path: Path, material: Path, name: str) -> None:
    plate = tmp_path / name
    shutil.copy(material / "prores" / name, plate)
    plate.chmod(0o644)
    out = synced(plate, tmp_path / "out.mov", (3,))
    box = (BOX.left, BOX.top, BOX.right_exclusive, BOX.bottom_exclusive)
    with open_plate(plate) as reader:
        size = reader.info.width, reader.info.height
    found = verified(plate, out, matte=matte(tmp_path / "m.exr", *size, box))
    assert found.has_passed, found.checks
    assert found.numbers(FrameState.PATCHED) == [3]
    assert dataclasses.replace(found, is_strict=True).has_passed


@pytest.mark.parametrize("plate_audio", [PlateAudio.MUTE, PlateAudio.DROP])
@pytest.mark.parametrize("seconds", [0.1, 2.0])
def test_a_dub_in_a_patched_movie(tmp_path: Path, plate_audio: PlateAudio, seconds: float) -> None:
    """Also where it ends after what the index calls the movie's end, which then follows it."""
    plate = movie(tmp_path / "plate.mov", frames=6)
    file = read_mov(plate)
    data = bytearray(plate.read_bytes())
    at = file.moov.children[0].payload_offset + 16
    if seconds > 1:
        data[at : at + 4] = (file.duration // 2).to_bytes(4, "big")
        plate.write_bytes(data)
    sound = tmp_path / "d.wav"
    with wave.open(str(sound), "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(2)
        wav.setframerate(48000)
        wav.writeframes(np.full(int(48000 * seconds), 500, "<i2").tobytes())
    out = tmp_path / "out.mov"
    dub = DubTrack(read_dub(sound))
    with open_plate(plate) as reader, open_writer(out, reader, dub=dub, plate_audio=plate_audio) as writer:
        for frame in reader.frames():
            writer.write(merged(frame) if frame.index == 1 else frame)
    found = verified(plate, out, allows_dropped_audio=plate_audio is PlateAudio.DROP)
    assert found.has_passed, found.checks
    if plate_audio is PlateAudio.DROP:
        assert failed(verified(plate, out)) == ["container", "audio"]
    whole = out.read_bytes()
    at = whole.rindex(b"mvhd") + 4 + 17
    (tmp_path / "longer.mov").write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
    assert "container" in failed(
        verified(plate, tmp_path / "longer.mov", allows_dropped_audio=plate_audio is PlateAudio.DROP)
    )
