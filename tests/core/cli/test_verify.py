# SPDX-License-Identifier: Apache-2.0
"""`plosive verify`: exit codes, lines, JSON."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from tests.core.verify.pairs import matte
from tests.core.verify.prores_pairs import HEIGHT, WIDTH, movie, replaced, samples_of, spliced

from plosive.cli import main


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A plate, and an OUT with one other slice in frame 1 (x 128 to 256, y 16 to 32)."""
    folder = tmp_path_factory.mktemp("pair")
    plate, other = (movie(folder / f"{seed}.mov", seed=seed) for seed in (0, 1))
    made = spliced(samples_of(plate)[1], samples_of(other)[1], lambda _, index: index == 3)
    return plate, replaced(plate, folder / "out.mov", {1: made})


def test_pass(pair: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    free = matte(tmp_path / "m.exr", WIDTH, HEIGHT, (128, 16, 256, 32))
    before = [path.read_bytes() for path in pair]
    assert main(["verify", *map(str, pair), "--matte", str(free)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [path.read_bytes() for path in pair] == before
    assert all(re.match(r"[a-z]+ +pass {6}\S", line) for line in lines[:-2])
    assert lines[2] == "samples    pass      3 of 4 frames have the plate's very bytes; frame 1 differs."
    assert lines[-1] == "PASS: nothing but what may differ does in out.mov."


def test_pass_without_a_matte_says_what_is_open(
    pair: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", *map(str, pair), "--frames"]) == 0
    told = capsys.readouterr().out
    assert "\n0  identical\n1  patched\n2-3  identical\n" in told
    assert '"changed_box": [128, 16, 256, 32]' in told
    assert told.splitlines()[-1].startswith("PASS, but for what out.mov shows in the changed boxes")


def test_fail(pair: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    free = matte(tmp_path / "m.exr", WIDTH, HEIGHT, (0, 0, 64, 96))
    assert main(["verify", *map(str, pair), "--matte", str(free)]) == 1
    told = capsys.readouterr().out
    assert "slices     FAIL      Frame 1: 1 slice that does not meet the matte has other bytes." in told
    assert told.splitlines()[-1] == "FAIL: out.mov is not what it should be (slices, blocks)."


def test_json(pair: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    free = matte(tmp_path / "m.exr", WIDTH, HEIGHT, (0, 0, 64, 96))
    assert main(["verify", *map(str, pair), "--matte", str(free), "--json"]) == 1
    facts = json.loads(capsys.readouterr().out)
    assert facts["schema"] == "plosive.verify.v1" and facts["passed"] is False
    assert facts["matte"] == str(free)
    assert facts["frames"] == [
        {"first_frame": 0, "last_frame_inclusive": 0, "state": "identical"},
        {"first_frame": 1, "last_frame_inclusive": 1, "state": "patched"},
        {"first_frame": 2, "last_frame_inclusive": 3, "state": "identical"},
    ]
    by_name = {check["name"]: check for check in facts["checks"]}
    assert by_name["slices"]["status"] == "fail"
    assert by_name["slices"]["figures"]["found"][0]["frames"] == [
        {"first_frame": 1, "last_frame_inclusive": 1}
    ]
    assert by_name["samples"]["figures"]["identical"] == 3
    assert by_name["audio"]["figures"]["tracks"][0]["same"] == "bytes"


def test_cannot_be_verified(
    pair: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plate, out = pair
    cut = tmp_path / "cut.mov"
    cut.write_bytes(plate.read_bytes()[:2000])
    for arguments, said in (
        ([cut, out], "cut.mov"),
        ([plate, tmp_path / "no.mov"], "does not exist"),
        ([plate], "Missing argument"),
        ([plate, out, "--allow-reencoded", "ten"], "names no frames"),
        ([plate, out, "--matte", tmp_path / "no.exr"], "does not exist"),
        ([tmp_path, out], "nor samples of the two can be compared"),
    ):
        assert main(["verify", *map(str, arguments)]) == 2
        told = capsys.readouterr()
        assert said in told.err and told.out == ""


def test_a_damaged_out_fails(
    pair: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plate, _ = pair
    cut = tmp_path / "cut.mov"
    cut.write_bytes(plate.read_bytes()[:2000])
    assert main(["verify", str(plate), str(cut)]) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "FAIL: cut.mov is not what it should be (readable)."


def test_a_copy_passes(pair: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copy(pair[0], tmp_path / "copy.mov")
    assert main(["verify", str(pair[0]), str(tmp_path / "copy.mov"), "--strict"]) == 0
    assert capsys.readouterr().out.startswith("file  pass      The two files are equal byte for byte.")
