# SPDX-License-Identifier: Apache-2.0
"""`plosive motion`: what it tells, writes, converts and refuses."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

import plosive.preview
from plosive.cli import main
from plosive.demo.sample import SamplePlate, write_sample
from plosive.motion import load_motion
from plosive.preview import Scene
from plosive.progress import SilentProgress

WORDS = "Maybe Bob prefers fluffy purple muffins"


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    code = main(["motion", *(str(argument) for argument in arguments)])
    told = capsys.readouterr()
    return code, told.out, told.err


@pytest.fixture(scope="module")
def written(spoken_line: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the line's motion in all formats, 25 fps from frame 1001."""
    folder = tmp_path_factory.mktemp("cli_motion")
    outputs = [f"-o{folder / 'line'}{suffix}" for suffix in (".json", ".csv", ".nk", ".TextGrid")]
    options = ["--transcript", WORDS, "--rate", "25", "--first-frame", "1001"]
    assert main(["motion", str(spoken_line), *options, *outputs]) == 0
    return folder


def test_all_formats_are_written(written: Path) -> None:
    assert sorted(path.name for path in written.iterdir()) == [
        "line.TextGrid", "line.csv", "line.json", "line.nk",
    ]  # fmt: skip
    track = load_motion(written / "line.json")
    assert (track.frame_rate, track.first_frame) == (Fraction(25), 1001)
    assert track.curves is not None and len(track.curves.symbols) == 89
    assert "x1001 " in (written / "line.nk").read_text(encoding="utf-8")


def test_a_summary_without_outputs(
    capsys: pytest.CaptureFixture[str], spoken_line: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    code, told, _ = run(capsys, spoken_line, "--transcript", WORDS)
    assert code == 0
    assert "maybe_bob.wav: 3.538 s, 29 phones" in told
    assert "forced alignment of the transcript" in told
    assert "Frames 0-84 at 24 a second; lips sealed" in told and "\n  m " in told
    assert list(tmp_path.iterdir()) == []


def test_json_facts(capsys: pytest.CaptureFixture[str], spoken_line: Path, written: Path) -> None:
    code, told, _ = run(capsys, spoken_line, "--motion", written / "line.json", "--json")
    facts = json.loads(told)
    assert code == 0
    assert (facts["first_frame"], facts["last_frame_inclusive"]) == (1001, 1089)
    assert [one["phones"] for one in facts["closures"]][:2] == ["M", "B"]
    assert facts["motion"] == [] and facts["preview"] is None


def test_files_are_converted(
    capsys: pytest.CaptureFixture[str], spoken_line: Path, written: Path, tmp_path: Path
) -> None:
    code, _, _ = run(
        capsys, spoken_line, "--motion", written / "line.TextGrid", "--rate", "25", "-o", tmp_path / "a.json"
    )
    assert code == 0
    made, first = load_motion(tmp_path / "a.json"), load_motion(written / "line.json")
    assert made.curves is not None and first.curves is not None
    assert np.abs(made.curves.values - first.curves.values).max() < 0.05, "loudness was measured again"


def test_a_plate_gives_rate_and_frame_numbers(
    capsys: pytest.CaptureFixture[str], spoken_line: Path, written: Path, tmp_path: Path
) -> None:
    plate, out = tmp_path / "plate.mov", tmp_path / "a.json"
    write_sample(plate, SamplePlate(30, 320, 180, Fraction(30000, 1001)), SilentProgress())
    arguments = ["--motion", written / "line.TextGrid", "--plate", plate, "--audio-start", "0.1"]
    assert run(capsys, spoken_line, *arguments, "-o", out)[0] == 0
    track = load_motion(out)
    assert track.curves is not None and len(track.curves.symbols) == 30
    assert track.frame_rate == Fraction(30000, 1001)
    assert track.curves.centre_seconds[0] == Fraction(1001, 60000) - Fraction(1, 10)


def test_gains_are_in_the_curves(
    capsys: pytest.CaptureFixture[str], spoken_line: Path, written: Path, tmp_path: Path
) -> None:
    out = tmp_path / "wide.json"
    assert run(capsys, spoken_line, "--motion", written / "line.json", "--jaw", 1.5, "-o", out)[0] == 0
    wide, first = load_motion(out), load_motion(written / "line.json")
    assert wide.jaw_gain == 1.5
    assert wide.curves is not None and first.curves is not None
    assert np.ptp(wide.curves.channel("jaw")) == pytest.approx(
        1.5 * np.ptp(first.curves.channel("jaw")), 1e-3
    )


def test_preview_is_drawn_from_the_curves(
    capsys: pytest.CaptureFixture[str],
    spoken_line: Path,
    written: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[Scene] = []

    def write_preview(path: Path, scene: Scene, *others: object) -> None:
        path.touch()
        seen.append(scene)

    monkeypatch.setattr(plosive.preview, "write_preview", write_preview)
    arguments = ["--motion", written / "line.json", "--preview", tmp_path / "a.mp4"]
    code, told, _ = run(capsys, spoken_line, *arguments)
    assert code == 0 and f"Preview: {tmp_path / 'a.mp4'}" in told
    assert (seen[0].first_frame, seen[0].frame_count, seen[0].frame_rate) == (1001, 89, Fraction(25))
    assert seen[0].dub_starts_seconds == 0 and len(seen[0].samples) == 56613


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["-o", "a.xml"], "must end in .json, .csv, .nk, .TextGrid"),
        (["--preview", "a.avi"], "must end in .mp4, .mov, .mkv"),
        (["-o", "nowhere/a.json"], "does not exist"),
        (["-o", "a.json", "-o", "a.json"], "Two outputs have the same name"),
        (["--motion", "gone.json"], "cannot be read"),
        (["--motion", "gone.json", "--transcript", "Bob"], "leave --transcript and --language out"),
        (["--motion", "gone.json", "-o", "gone.json"], "may not be one of the inputs"),
        (["--jaw", "3"], "--jaw must be between 0 and 2"),
        (["--rate", "often"], "is not a frame rate"),
        (["--audio-start", "1"], "name the plate with --plate"),
        (["--audio-channel", "0"], "counts from 1"),
        (["--plate", "gone.mov"], "does not exist"),
    ],
)
def test_refused(
    capsys: pytest.CaptureFixture[str],
    spoken_line: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    code, told, error = run(capsys, spoken_line, *arguments)
    assert (code, told) == (2, "")
    assert said in error and error.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_an_existing_file_is_kept(
    capsys: pytest.CaptureFixture[str], spoken_line: Path, written: Path, tmp_path: Path
) -> None:
    out = tmp_path / "a.csv"
    out.write_text("precious", encoding="utf-8")
    arguments = [spoken_line, "--motion", written / "line.json", "-o", out]
    code, _, error = run(capsys, *arguments)
    assert code == 2 and "exists already" in error and out.read_text(encoding="utf-8") == "precious"
    assert run(capsys, *arguments, "--overwrite")[0] == 0
    assert out.read_text(encoding="utf-8").startswith("frame,")
    code, _, error = run(capsys, tmp_path / "gone.wav")
    assert code == 2 and "does not exist" in error
