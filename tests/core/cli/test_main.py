# SPDX-License-Identifier: Apache-2.0
"""Exit codes and sentences of the command line, with the pipeline replaced by a short one."""

from __future__ import annotations

import importlib.metadata
import json
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import click
import numpy as np
import pytest
from tests.core.sync.plates import a_plate

import plosive.faces.survey
import plosive.sync
from plosive.cli import elsewhere, main
from plosive.errors import JobCancelled, MediaReadError
from plosive.faces.people.cast import Cast
from plosive.faces.people.roll import call_roll
from plosive.faces.survey import FaceSurvey, Thumbnail
from plosive.faces.track import FaceTrack
from plosive.keyed import KeyedValue
from plosive.media.plateaudio import PlateAudio
from plosive.progress import Progress
from plosive.sync_options import SyncOptions, SyncResult

ARGUMENTS = ["sync", "plate.mov", "--audio", "dub.wav", "-o", "out.mov"]
Pipeline = Callable[[Callable[[SyncOptions], SyncResult]], None]


@pytest.fixture
def pipeline(monkeypatch: pytest.MonkeyPatch) -> Pipeline:
    """Replaces `sync_plate` by a function of the options alone."""

    def replace(job: Callable[[SyncOptions], SyncResult]) -> None:
        def run(options: SyncOptions, progress: Progress) -> SyncResult:
            del progress
            return job(options)

        monkeypatch.setattr(plosive.sync, "sync_plate", run)

    return replace


def done(options: SyncOptions) -> SyncResult:
    return SyncResult(
        options.out,
        frames_total=96,
        frames_synced=90,
        kept_ranges=((0, 4, "no face"), (95, 95, "mouth hidden")),
        warnings=("The dub is longer than the plate; its end is cut.",),
        stage_seconds={"faces": 3.0, "render": 7.0},
        wall_seconds=8.0,
        report={"plate": Path("plate.mov"), "rate": Fraction(24)},
        notes=("Scored 4.3 of 5: page.html",),
    )


def test_result_is_told(pipeline: Pipeline, capsys: pytest.CaptureFixture[str]) -> None:
    pipeline(done)
    assert main(ARGUMENTS) == 0
    told = capsys.readouterr()
    assert "Plate kept in frames 0-4: no face" in told.out
    assert "Plate kept in frame 95: mouth hidden" in told.out
    assert "Synced 90 of 96 frames in 8.0 s (12.0 fps): out.mov" in told.out
    assert told.out.endswith("\nScored 4.3 of 5: page.html\n")
    assert told.err.count("The dub is longer") == 1


def test_json_alone_on_standard_output(pipeline: Pipeline, capsys: pytest.CaptureFixture[str]) -> None:
    pipeline(done)
    assert main([*ARGUMENTS, "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["frames_synced"] == 90
    assert facts["kept_ranges"][0] == {"first_frame": 0, "last_frame_inclusive": 4, "reason": "no face"}


def test_every_option_reaches_the_job(pipeline: Pipeline) -> None:
    seen: list[SyncOptions] = []

    def job(options: SyncOptions) -> SyncResult:
        seen.append(options)
        return done(options)

    pipeline(job)
    text = (
        "--audio-start 01:00:00:12 --audio-channel 2 --on-length-mismatch hold --transcript words.txt"
        " --language de --range 10-20 --face 3 --strength 0.5 --jaw 1.2 --lip 0=0,9=0.8 --articulation 1.3"
        " --generator plate --seed 7"
        " --device cpu --elements layers --report r.json --dry-run --overwrite --plate-audio keep"
        " --codec ffv1 --rate 23.976"
    )
    assert main([*ARGUMENTS, *text.split()]) == 0
    assert seen == [
        SyncOptions(
            plate=Path("plate.mov"),
            dub=Path("dub.wav"),
            out=Path("out.mov"),
            audio_start="01:00:00:12",
            audio_channel=2,
            on_length_mismatch="hold",
            transcript="words.txt",
            language="de",
            frame_range="10-20",
            face="3",
            strength=0.5,
            jaw=1.2,
            lip=KeyedValue(((Fraction(0), 0.0), (Fraction(9), 0.8))),
            articulation=1.3,
            generator="plate",
            seed=7,
            device="cpu",
            elements=Path("layers"),
            report=Path("r.json"),
            dry_run=True,
            overwrite=True,
            plate_audio=PlateAudio.KEEP,
            codec="ffv1",
            sequence_rate=Fraction(24000, 1001),
        ).validated()
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["sync"], "Missing argument 'PLATE'"),
        (["dance"], "No such command 'dance'"),
        ([*ARGUMENTS, "--strength", "much"], "--strength: 'much' is no value"),
        ([*ARGUMENTS, "--strength", "2"], "--strength must be between 0 and 1"),
        ([*ARGUMENTS, "--strength", "1=0,9=2"], "--strength must be between 0 and 1, not 2 at frame 9"),
        ([*ARGUMENTS, "--articulation", "2.1"], "--articulation must be between 0 and 2, not 2.1"),
        ([*ARGUMENTS, "--rate", "often"], "--rate 'often' is not a frame rate"),
        ([*ARGUMENTS, "--device", "abacus"], "'abacus' is not one of"),
        (["sync", "a.mov", "--audio", "b.wav", "-o", "a.mov"], "may not be the plate"),
        ([*ARGUMENTS, "--report", "r.pdf"], "--report r.pdf must end in .html"),
        (["bench", "--plate", "a.mov"], "--plate and --audio belong together"),
        (["bench", "--seconds", "-1"], "--seconds and --long-seconds"),
        (["faces", "a.mov", "-o", "sheet.doc"], "it is a picture"),
    ],
)
def test_wrong_use_is_one_sentence_and_exit_code_2(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert said in told.err
    assert len(told.err.splitlines()) == 1


def test_expected_failure_is_its_sentence(pipeline: Pipeline, capsys: pytest.CaptureFixture[str]) -> None:
    def job(options: SyncOptions) -> SyncResult:
        raise MediaReadError(f"{options.plate} does not exist; check the path.")

    pipeline(job)
    assert main(ARGUMENTS) == 2
    assert capsys.readouterr().err == "plate.mov does not exist; check the path.\n"


@pytest.mark.parametrize("error", [KeyboardInterrupt(), JobCancelled("Cancelled.")])
def test_being_stopped_is_130(
    error: BaseException, pipeline: Pipeline, capsys: pytest.CaptureFixture[str]
) -> None:
    def job(options: SyncOptions) -> SyncResult:
        raise error

    pipeline(job)
    assert main(ARGUMENTS) == 130
    assert "Traceback" not in capsys.readouterr().err


def test_defect_goes_to_the_log(
    pipeline: Pipeline, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def job(options: SyncOptions) -> SyncResult:
        raise ZeroDivisionError("division by zero")

    pipeline(job)
    assert main(ARGUMENTS) == 1
    logs = list((tmp_path / "logs").iterdir())
    assert len(logs) == 1
    assert "Traceback" in logs[0].read_text()
    told = capsys.readouterr().err
    assert str(logs[0]) in told
    assert len(told.splitlines()) == 1
    monkeypatch.setenv("PLOSIVE_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        main(ARGUMENTS)


@pytest.fixture
def couple(track: FaceTrack, monkeypatch: pytest.MonkeyPatch) -> None:
    """Replaces `survey_faces`: two people side by side, ten frames from 1001 on."""
    beside = replace(track, number=2, landmarks=track.landmarks + np.array([200, 0, 0], np.float32))

    def survey(path: Path, progress: Progress, cast: Cast | None, *embedder: object) -> FaceSurvey:
        del path, progress, embedder
        picture = Thumbnail(4, np.full((20, 30, 3), 90, np.uint8))
        roll = call_roll([replace(track, number=1), beside], a_plate(10), cast)
        return FaceSurvey(roll, {1: (picture, picture), 2: (picture,)})

    monkeypatch.setattr(plosive.faces.survey, "survey_faces", survey)


@pytest.mark.usefixtures("couple")
def test_faces_are_listed_with_a_sheet(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["faces", "plate.mov", "-o", "sheet.png"]) == 0
    told = capsys.readouterr().out
    assert "face 1:\n  shot 0, frames 1001-1010 (10 seen), " in told
    assert Path("sheet.png").is_file()
    assert main(["faces", "plate.mov", "-o", "sheet.png"]) == 2
    assert "exists already" in capsys.readouterr().err
    assert main(["faces", "plate.mov", "-o", "sheet.png", "--overwrite", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert [person["number"] for person in facts["people"]] == [1, 2]
    assert facts["tracks"][1]["person"] == 2
    assert facts["unsure"] == []


@pytest.mark.usefixtures("couple")
def test_people_are_named_and_saved(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["faces", "plate.mov", "--name", "2=Ben", "--save-cast", "cast.json"]) == 0
    assert "face 2 (Ben):" in capsys.readouterr().out
    assert main(["faces", "plate.mov", "--save-cast", "cast.json"]) == 2
    assert "exists already" in capsys.readouterr().err
    assert main(["faces", "plate.mov", "--cast", "cast.json", "--merge", "1,Ben"]) == 2
    assert "frame 1001" in capsys.readouterr().err
    assert main(["faces", "plate.mov", "--cast", "missing.json"]) == 2
    assert "missing.json" in capsys.readouterr().err


def test_doctor_finds_this_environment_complete(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["ok"] is True
    names = {finding["name"] for finding in facts["findings"]}
    assert {"Python", "av", "torch", "ProRes", "openexr", "espeak-ng", "scratch"} <= names


def test_doctor_tells_which_edits_cannot_be_read(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = importlib.metadata.version

    def version(name: str) -> str:
        if name == "otio-aaf-adapter":
            raise importlib.metadata.PackageNotFoundError(name)
        return real(name)

    monkeypatch.setattr("importlib.metadata.version", version)
    monkeypatch.setattr("opentimelineio.adapters.available_adapter_names", lambda: ["otio_json", "fcp_xml"])
    assert main(["doctor", "--json"]) == 0  # none of them is essential
    facts = json.loads(capsys.readouterr().out)
    edits = {one["name"]: one for one in facts["findings"] if one["area"] == "edits"}
    missing = {name for name, one in edits.items() if not one["is_present"]}
    assert missing == {"AAF", "EDL (CMX 3600)", "OTIO bundle"}
    assert edits["AAF"]["remedy"].endswith("pip install otio-aaf-adapter")
    assert edits["FCPXML"]["is_present"]


def test_doctors_of_other_packages(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    @click.command(short_help="Of a host.")
    def host() -> int:
        click.echo("looked")
        return 1

    monkeypatch.setattr("plosive.tests_host_doctor", host, raising=False)
    point = importlib.metadata.EntryPoint("host", "plosive:tests_host_doctor", "plosive.doctors")
    monkeypatch.setattr(elsewhere, "entry_points", lambda group: [point] if group == point.group else [])
    assert main(["doctor", "host"]) == 1
    assert capsys.readouterr().out == "looked\n"
    assert main(["doctor", "--help"]) == 0
    assert "Of a host." in capsys.readouterr().out
    assert main(["doctor", "nobody"]) == 2
