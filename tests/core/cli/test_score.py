# SPDX-License-Identifier: Apache-2.0
"""`plosive score`: what it tells, writes and refuses, with the measuring replaced by a made-up score."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from plosive.cli import main
from plosive.colour.plate_colour import ColourChoice
from plosive.errors import FaceError, OptionError
from plosive.media.staging import write_whole
from plosive.progress import Progress
from plosive.quality.flags_file import read_flags
from plosive.quality.scorecard import Scorecard
from plosive.score_options import ScoreOptions

Scoring = Callable[[Callable[[ScoreOptions], Scorecard]], list[ScoreOptions]]


@pytest.fixture
def scoring(monkeypatch: pytest.MonkeyPatch) -> Scoring:
    """Replaces `score_result` by a function of the options alone, `write_report` by a page with the total.

    Gives the list of what was asked for.
    """
    seen: list[ScoreOptions] = []

    def use(measure: Callable[[ScoreOptions], Scorecard]) -> list[ScoreOptions]:
        def score_result(options: ScoreOptions, progress: Progress) -> Scorecard:
            seen.append(options.validated())
            progress.start("watch", 1)
            card = measure(options)
            progress.finish()
            return card

        job, report = ModuleType("plosive.quality.job"), ModuleType("plosive.quality.report")
        job.score_result = score_result  # type: ignore[attr-defined]
        report.write_report = write_report  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, job.__name__, job)
        monkeypatch.setitem(sys.modules, report.__name__, report)
        return seen

    return use


def write_report(
    card: Scorecard,
    path: Path,
    overwrite: bool = False,
    sequence_rate: Fraction | None = None,
    progress: Progress | None = None,
    colour: ColourChoice | None = None,
    view: str | None = None,
) -> None:
    """The page's signature and its promise: written whole, an existing one only when asked."""
    assert progress is not None
    assert overwrite or not path.exists()
    write_whole(path, f"<html>{card.total} {sequence_rate}")


def test_the_score_is_told(
    scoring: Scoring, small_card: Scorecard, capsys: pytest.CaptureFixture[str]
) -> None:
    assert scoring(lambda options: small_card) == []
    assert main(["score", "result.mov"]) == 0
    told = capsys.readouterr()
    assert told.err == "Note: The dub is quiet.\n"
    assert told.out.splitlines() == [
        "Lips     [######----] 0.62  5 of 8 closures are there.",
        "Picture  [#########-] 0.90  It is sharp.",
        "Kept     [??????????]    -  There is no plate.",
        "",
        "1.5 of 2",
        "",
        "figure    value  unit  real footage  measured on",
        "Closures  0.625        0.85 to 1     8 phones",
        "Drift         -  ms                  There is no plate.",
        "",
        "frames 2-4  01:00:00:02  severity 0.75  The lips stay open on b.",
        "frame 9  01:00:00:09  severity 0.20  The picture flickers.",
    ]


def test_nothing_judged_and_nothing_flagged_is_said(
    scoring: Scoring, small_card: Scorecard, capsys: pytest.CaptureFixture[str]
) -> None:
    card = replace(small_card, points=small_card.points[2:], flags=(), warnings=())
    scoring(lambda options: card)
    assert main(["score", "result.mov"]) == 0
    told = capsys.readouterr()
    assert "Nothing could be judged." in told.out
    assert told.out.endswith("No range is flagged.\n")
    assert told.err == ""


def test_a_result_without_timecode_shows_frame_numbers(
    scoring: Scoring, small_card: Scorecard, capsys: pytest.CaptureFixture[str]
) -> None:
    scoring(lambda options: replace(small_card, start_timecode=None))
    assert main(["score", "result.mov"]) == 0
    assert "frames 2-4  severity 0.75  The lips" in capsys.readouterr().out


def test_every_option_reaches_the_measuring(scoring: Scoring, small_card: Scorecard) -> None:
    seen = scoring(lambda options: small_card)
    text = (
        "--audio dub.wav --plate plate.mov --plate-range 5-16 --transcript Bob --language de"
        " --audio-start 01:00:00:12 --audio-channel 2 --face 3 --rate 23.976"
    )
    assert main(["score", "result.mov", *text.split()]) == 0
    assert main(["score", "result.mov"]) == 0
    assert seen == [
        ScoreOptions(
            result=Path("result.mov"),
            dub=Path("dub.wav"),
            plate=Path("plate.mov"),
            plate_range="5-16",
            audio_start="01:00:00:12",
            audio_channel=2,
            transcript="Bob",
            language="de",
            face="3",
            sequence_rate=Fraction(24000, 1001),
        ),
        ScoreOptions(result=Path("result.mov")),
    ]


def test_report_flags_and_markers_are_written(
    scoring: Scoring, small_card: Scorecard, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scoring(lambda options: small_card)
    (tmp_path / "words.txt").write_text("Maybe\nBob", encoding="utf-8")
    outputs = ["-o", "r.html", "--flags", "f.json", "--markers", "m.otio"]
    more = ["--transcript", "words.txt", "--language", "fr", "--rate", "25"]
    assert main(["score", "result.mov", *outputs, *more]) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[-3:] == ["Flags: f.json", "Markers: m.otio", "Report: r.html"]
    assert Path("r.html").read_text(encoding="utf-8") == "<html>1.525 25"
    flags = read_flags(Path("f.json"))
    assert (flags.transcript, flags.language, len(flags.flags)) == ("Maybe Bob", "fr", 2)
    assert '"Marker.2"' in Path("m.otio").read_text(encoding="utf-8")
    assert main(["score", "result.mov", *outputs]) == 2
    assert main(["score", "result.mov", *outputs, "--overwrite"]) == 0
    assert read_flags(Path("f.json")).transcript is None


def test_json_alone_on_standard_output(
    scoring: Scoring, small_card: Scorecard, capsys: pytest.CaptureFixture[str]
) -> None:
    scoring(lambda options: small_card)
    assert main(["score", "result.mov", "--json", "--flags", "f.json"]) == 0

    def refused(constant: str) -> Any:
        raise AssertionError(constant)

    facts = json.loads(capsys.readouterr().out, parse_constant=refused)
    assert facts["schema"] == "plosive.score.v1"
    assert facts["total"] == 1.525
    assert facts["flags"][1]["value"] is None
    assert Path("f.json").is_file()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["-o", "there.html"], "there.html exists already"),
        (["-o", "page.pdf"], "page.pdf must end in .html or .htm to hold the report"),
        (["-o", "nowhere/page.html"], "The folder nowhere for page.html does not exist"),
        (["-o", "folder.html"], "folder.html is a folder"),
        (["--flags", "flags.txt"], "flags.txt must end in .json to hold flags"),
        (["--markers", "m.xml"], "m.xml must end in .otio to hold markers"),
        (["--audio-channel", "0"], "--audio-channel counts from 1"),
        (["--audio-start", "1.5"], "name the dub with --audio"),
        (["--rate", "often"], "--rate 'often' is not a frame rate"),
        (["--face", ""], "--face must not be empty"),
        (["--language", " "], "--language must not be empty"),
    ],
)
def test_wrong_use_is_told_before_the_long_work(
    arguments: list[str],
    said: str,
    scoring: Scoring,
    small_card: Scorecard,
    capsys: pytest.CaptureFixture[str],
) -> None:
    seen = scoring(lambda options: small_card)
    Path("there.html").touch()
    Path("folder.html").mkdir()
    before = sorted(Path().iterdir())
    assert main(["score", "result.mov", *arguments]) == 2
    told = capsys.readouterr()
    assert said in told.err
    assert (told.out, len(told.err.splitlines())) == ("", 1)
    assert seen == []
    assert sorted(Path().iterdir()) == before


def test_what_cannot_be_scored_is_a_sentence_and_no_file(
    scoring: Scoring, capsys: pytest.CaptureFixture[str]
) -> None:
    def measure(options: ScoreOptions) -> Scorecard:
        raise FaceError(f"No face was seen in {options.result}; there is nothing to score.")

    scoring(measure)
    assert main(["score", "black.mov", "-o", "r.html", "--flags", "f.json", "--json"]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err == "No face was seen in black.mov; there is nothing to score.\n"
    assert not Path("r.html").exists() and not Path("f.json").exists()


def test_a_plate_may_be_scored_against_itself() -> None:
    options = ScoreOptions(result=Path("plate.mov"), plate=Path("plate.mov"))
    assert options.validated() is options
    with pytest.raises(OptionError, match="--rate must be above zero"):
        replace(options, sequence_rate=Fraction(0)).validated()
