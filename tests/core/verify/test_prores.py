# SPDX-License-Identifier: Apache-2.0
"""ProRes movies: frames spliced slice by slice by the tests themselves, inside and outside a matte."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.core.verify.pairs import check, failed, matte, verified
from tests.core.verify.prores_pairs import FRAMES, HEIGHT, WIDTH, movie, replaced, samples_of, spliced

from plosive.errors import MediaReadError, OptionError
from plosive.verify.check import FrameState, Status

# 256 x 96 in slices of 128 x 16: two in a row, so slice 3 shows x 128 to 256, y 16 to 32.
SLICE = 3
SLICE_BOX = (128, 16, 256, 32)
INTERLACED_BOX = (128, 32, 256, 64)  # the same slice of a field

KINDS = {
    "hq": {"pixel_format": "yuv422p10le", "profile": "3"},
    "proxy": {"pixel_format": "yuv422p10le", "profile": "0"},
    "4444 alpha": {"pixel_format": "yuva444p10le", "profile": "4"},
    "interlaced": {"pixel_format": "yuv422p10le", "profile": "2", "is_interlaced": True},
}


@pytest.fixture(scope="module", params=KINDS)
def pair(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, bool]:
    """(plate, OUT with slice 3 of frame 1 from another picture, whether it is interlaced)."""
    folder = tmp_path_factory.mktemp("prores")
    kind = KINDS[request.param]
    plate, other = (movie(folder / f"{seed}.mov", seed=seed, **kind) for seed in (0, 1))  # type: ignore[arg-type]
    ours, theirs = samples_of(plate)[1], samples_of(other)[1]
    made = spliced(ours, theirs, lambda picture, index: index == SLICE)
    return plate, replaced(plate, folder / "out.mov", {1: made}), "is_interlaced" in kind


def test_a_slice_where_the_matte_is_passes(pair: tuple[Path, Path, bool], tmp_path: Path) -> None:
    plate, out, is_interlaced = pair
    box = INTERLACED_BOX if is_interlaced else SLICE_BOX
    found = verified(plate, out, matte=matte(tmp_path / "m.exr", WIDTH, HEIGHT, box))
    assert found.has_passed, failed(found)
    assert found.states == (
        FrameState.IDENTICAL,
        FrameState.PATCHED,
        FrameState.IDENTICAL,
        FrameState.IDENTICAL,
    )
    assert check(found, "samples").figures["changed"] == [{"first_frame": 1, "last_frame_inclusive": 1}]
    pictures = 2 if is_interlaced else 1
    assert check(found, "slices").figures["touched"] == pictures
    assert check(found, "slices").status is Status.PASS
    assert check(found, "slices").figures["frames"][0]["changed_box"] == list(box)  # type: ignore[index]
    assert check(found, "container").figures["wrong"] == []
    assert check(found, "audio").status is check(found, "timecode").status is Status.PASS
    names = {one["box"] for one in check(found, "container").figures["allowed"]}  # type: ignore[attr-defined]
    assert {name.rsplit("/", 1)[-1] for name in names} <= {"stsz", "stco", "mdat"}


def test_a_slice_outside_the_matte_fails(pair: tuple[Path, Path, bool], tmp_path: Path) -> None:
    plate, out, _ = pair
    found = verified(plate, out, matte=matte(tmp_path / "m.exr", WIDTH, HEIGHT, (0, 0, 127, 96)))
    assert set(failed(found)) == {"slices", "blocks"}
    assert check(found, "slices").sentence.startswith("Frame 1: ")
    assert "otherwise outside the matte" in check(found, "blocks").sentence


def test_without_a_matte_boxes_are_told_and_the_rest_must_be_equal(pair: tuple[Path, Path, bool]) -> None:
    plate, out, is_interlaced = pair
    found = verified(plate, out)
    assert found.has_passed
    assert check(found, "blocks").status is Status.SKIPPED
    told = check(found, "slices").figures["frames"]
    assert told[0]["changed_box"] == list(INTERLACED_BOX if is_interlaced else SLICE_BOX)  # type: ignore[index]


def test_one_pixel_of_matte_frees_its_block_alone(tmp_path: Path) -> None:
    plate, other = (movie(tmp_path / f"{seed}.mov", seed=seed) for seed in (0, 1))
    made = spliced(samples_of(plate)[0], samples_of(other)[0], lambda _, index: index == SLICE)
    out = replaced(plate, tmp_path / "out.mov", {0: made})
    found = verified(plate, out, matte=matte(tmp_path / "m.exr", WIDTH, HEIGHT, (130, 18, 131, 19)))
    assert failed(found) == ["blocks"]  # the slice meets the matte, most of its blocks do not
    whole = 2 * 16 + 2 * 2 * 8  # of the slice: luma 16 x 2, each chroma 8 x 2
    assert check(found, "blocks").figures["blocks"] == whole
    assert check(found, "blocks").figures["stray"] == whole - 3  # a luma block, and one of each chroma


def test_a_frame_compressed_anew_whole_fails_unless_allowed(tmp_path: Path) -> None:
    plate, other = (movie(tmp_path / f"{seed}.mov", seed=seed) for seed in (0, 1))
    out = replaced(plate, tmp_path / "out.mov", {2: samples_of(other)[2]})
    found = verified(plate, out)
    assert failed(found) == ["patch"]
    assert "Frame 2: compressed anew whole" in check(found, "patch").sentence
    assert found.states[2] is FrameState.REENCODED
    allowed = verified(plate, out, allowed_reencoded=((2, 2),))
    assert allowed.has_passed and check(allowed, "patch").status is Status.REPORTED
    assert not verified(plate, out, allowed_reencoded=((0, 1),)).has_passed
    assert not verified(plate, out, allowed_reencoded=((2, 2),), is_strict=True).has_passed


def test_the_report_beside_out_may_admit_it(tmp_path: Path) -> None:
    plate, other = (movie(tmp_path / f"{seed}.mov", seed=seed) for seed in (0, 1))
    out = replaced(plate, tmp_path / "out.mov", {2: samples_of(other)[2]})
    ranges = [{"first_frame": 2, "last_frame_inclusive": 2, "reason": "its slices were too large"}]
    report = {
        "schema": "plosive.report.v1",
        "exactness": {"frames": {"patched": 0}, "rewritten_ranges": ranges},
    }
    (tmp_path / "out.plosive.json").write_text(json.dumps(report))
    found = verified(plate, out)
    assert found.has_passed
    assert "its slices were too large" in check(found, "patch").sentence
    assert not verified(plate, out, uses_report=False).has_passed
    report["exactness"]["rewritten_ranges"] = []  # type: ignore[index]
    (tmp_path / "out.plosive.json").write_text(json.dumps(report))
    assert failed(verified(plate, out)) == ["patch"]  # what it does not admit it cannot excuse


def test_alpha_must_keep_its_bytes(tmp_path: Path) -> None:
    plate = movie(tmp_path / "plate.mov", pixel_format="yuva444p10le", profile="4")
    sample = bytearray(samples_of(plate)[1])
    other = bytearray(samples_of(plate)[2])
    made = spliced(bytes(sample), bytes(other), lambda _, index: index == 6)
    out = replaced(plate, tmp_path / "out.mov", {1: made})
    assert check(verified(plate, out), "alpha").status is Status.PASS  # one alpha in all frames
    broken = bytearray(made)
    broken[-3] ^= 0x10  # the end of the last slice is its alpha
    found = verified(plate, replaced(plate, tmp_path / "broken.mov", {1: bytes(broken)}))
    assert "alpha" in failed(found) or "decoding" in failed(found)


def test_a_header_that_differs_is_no_patch(tmp_path: Path) -> None:
    plate = movie(tmp_path / "plate.mov")
    sample = bytearray(samples_of(plate)[0])
    sample[12:16] = b"Lavc"
    found = verified(plate, replaced(plate, tmp_path / "out.mov", {0: bytes(sample)}))
    assert failed(found) == ["patch"]
    assert "its frame header is not the plate's" in check(found, "patch").sentence


def test_damaged_slices_are_told(tmp_path: Path) -> None:
    plate = movie(tmp_path / "plate.mov")
    sample = bytearray(samples_of(plate)[3])
    sample[156 + 8 : 156 + 16] = bytes(8)  # sizes of the first slices
    found = verified(plate, replaced(plate, tmp_path / "out.mov", {3: bytes(sample)}))
    assert not found.has_passed
    assert found.states[3] in (FrameState.DAMAGED, FrameState.REENCODED)


def test_equal_files_need_no_reading(tmp_path: Path) -> None:
    plate = movie(tmp_path / "plate.mov")
    out = tmp_path / "out.mov"
    out.write_bytes(plate.read_bytes())
    found = verified(plate, out)
    assert [(one.name, one.status) for one in found.checks] == [("file", Status.PASS)]
    assert found.has_passed and found.states == ()  # nothing was read frame by frame


def test_a_matte_of_another_size_is_refused(tmp_path: Path) -> None:
    plate, other = (movie(tmp_path / f"{seed}.mov", seed=seed) for seed in (0, 1))
    with pytest.raises(OptionError, match="is 64x64, but the plate 256x96"):
        verified(plate, other, matte=matte(tmp_path / "m.exr", 64, 64, (0, 0, 1, 1)))


def test_a_cut_plate_cannot_be_verified_a_cut_out_fails(tmp_path: Path) -> None:
    plate = movie(tmp_path / "plate.mov", options={"movflags": "+faststart"})
    whole = plate.read_bytes()
    cut = tmp_path / "cut.mov"
    cut.write_bytes(whole[: len(whole) // 2])
    found = verified(plate, cut)
    assert failed(found) == ["readable"]
    assert not found.has_passed
    with pytest.raises(MediaReadError):
        verified(cut, plate)


def test_fewer_frames_fail(tmp_path: Path) -> None:
    plate = movie(tmp_path / "plate.mov", tone=None)
    found = verified(plate, movie(tmp_path / "out.mov", frames=FRAMES - 1, tone=None))
    assert "frames" in failed(found)
    assert "it lacks frame 3" in check(found, "frames").sentence
    assert found.states[-1] is FrameState.MISSING


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    slices=st.sets(st.integers(0, 11), min_size=1, max_size=4),
    left=st.integers(0, WIDTH - 1),
    top=st.integers(0, HEIGHT - 1),
    width=st.integers(1, WIDTH),
    height=st.integers(1, HEIGHT),
)
def test_it_passes_where_every_changed_block_meets_the_matte(
    two: tuple[Path, list[bytes], list[bytes]], slices: set[int], left: int, top: int, width: int, height: int
) -> None:
    plate, ours, theirs = two
    made = spliced(ours[0], theirs[0], lambda _, index: index in slices)
    out = replaced(plate, plate.with_name("made.mov"), {0: made})
    box = (left, top, min(WIDTH, left + width), min(HEIGHT, top + height))
    free = matte(plate.with_name("free.exr"), WIDTH, HEIGHT, box)
    wanted = all(
        x + 8 > box[0] and x < box[2] and y + 8 > box[1] and y < box[3]
        for index in slices
        for x in range(128 * (index % 2), 128 * (index % 2) + 128, 8)
        for y in range(16 * (index // 2), 16 * (index // 2) + 16, 8)
    )
    assert verified(plate, out, matte=free).has_passed == wanted


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[bytes], list[bytes]]:
    """A plate, its samples, and those of another picture."""
    folder = tmp_path_factory.mktemp("two")
    plate, other = (movie(folder / f"{seed}.mov", seed=seed, tone=None) for seed in (0, 1))
    return plate, samples_of(plate), samples_of(other)
