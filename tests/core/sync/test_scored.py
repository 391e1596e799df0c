# SPDX-License-Identifier: Apache-2.0
"""`sync --report`: the result is scored after the job, and a job never fails for that."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from plosive.colour.plate_colour import ColourChoice
from plosive.colour.transfer import Transfer
from plosive.demo.sample import SamplePlate, write_sample
from plosive.errors import FaceError, JobCancelled, MediaWriteError, PlosiveError
from plosive.media import Dub
from plosive.media.placement import Placement
from plosive.media.plate import PlateInfo, PlateKind
from plosive.media.timecode import FrameRange
from plosive.motion import motion_curves
from plosive.progress import Progress, SilentProgress
from plosive.quality.dub_time import KnownDub
from plosive.quality.flags_file import read_flags
from plosive.quality.scorecard import Scorecard
from plosive.quality.watched_plate import WatchedPlates
from plosive.score_options import ScoreOptions
from plosive.speakers import Speaker
from plosive.speech import Speech, analyse_speech
from plosive.sync import SyncOptions, sync_plate
from plosive.sync.scored import require_page, score_finished, write_records
from plosive.sync.span import JobSpan
from plosive.sync.voices.casting import CastVoice
from plosive.sync.voices.line import Line
from plosive.sync.voices.voice import Voice

OPTIONS = SyncOptions(
    plate=Path("plate.mov"),
    dub=Path("dub.wav"),
    out=Path("out.%04d.png"),
    audio_start="01:00:00:12",
    audio_channel=2,
    transcript="Maybe Bob",
    language="de",
    face="2",
    report=Path("page.html"),
)
INFO = PlateInfo(
    path=Path("plate.mov"),
    kind=PlateKind.VIDEO,
    width=640,
    height=360,
    frame_count=12,
    frame_rate=Fraction(25),
    first_frame=0,
    start_timecode="01:00:00:00",
    pixel_aspect=Fraction(1),
    codec="prores",
    pixel_format="yuv422p10le",
    bit_depth=10,
    is_float=False,
    is_variable_rate=False,
    is_interlaced=False,
    has_alpha=False,
    has_audio=False,
    rotation_degrees=0,
    transfer=Transfer.BT1886,
)
PART = JobSpan(FrameRange(0, 11), FrameRange(0, 11), FrameRange(2, 11), FrameRange(3, 10), True)
PLACEMENT = Placement(Fraction(12, 25), 0, (), (), ())


def said(options: SyncOptions, placement: Placement = PLACEMENT) -> list[CastVoice]:
    """The one voice of a job."""
    assert options.dub is not None
    dub = Dub(options.dub, 0, None, 48000, 1, "mono", 48000, 16, 0.5)
    speech = analyse_speech(np.zeros(16000, np.float32), script=None, language="en")
    curves = motion_curves(speech, [Fraction(1, 2)], frame_seconds=Fraction(1, 25))
    return [CastVoice(Voice(Line(options, dub), placement, speech, curves), ())]


class Scoring:
    """In place of `score_result` and `write_report`: gives `outcome`, keeps what was asked for."""

    def __init__(self, outcome: Scorecard | BaseException) -> None:
        self.outcome = outcome
        self.later: list[Scorecard] = []
        self.seen: list[ScoreOptions] = []
        self.moments: list[Sequence[Fraction] | None] = []
        self.speech: list[Speech | None] = []

    def score_result(
        self,
        options: ScoreOptions,
        progress: Progress,
        known: KnownDub | None = None,
        plates: WatchedPlates | None = None,
    ) -> Scorecard:
        assert plates is not None
        del progress
        assert known is not None
        self.moments.append(known.moments)
        self.speech.append(known.speech)
        self.seen.append(options.validated())
        if isinstance(self.outcome, BaseException):
            raise self.outcome
        told = self.outcome
        if self.later:
            self.outcome = self.later.pop(0)
        return told

    def write_report(
        self,
        card: Scorecard,
        path: Path,
        overwrite: bool = False,
        sequence_rate: Fraction | None = None,
        progress: Progress | None = None,
        colour: ColourChoice | None = None,
        view: str | None = None,
    ) -> None:
        assert isinstance(self.outcome, Scorecard) and card.result == self.outcome.result
        assert progress is not None
        if path.exists() and not overwrite:
            raise MediaWriteError(f"{path} exists already.")
        path.write_text(f"<html>{sequence_rate}", encoding="utf-8")


@pytest.fixture
def scoring(monkeypatch: pytest.MonkeyPatch, small_card: Scorecard) -> Scoring:
    fake = Scoring(small_card)
    job, report = ModuleType("plosive.quality.job"), ModuleType("plosive.quality.report")
    job.score_result = fake.score_result  # type: ignore[attr-defined]
    report.write_report = fake.write_report  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, job.__name__, job)
    monkeypatch.setitem(sys.modules, report.__name__, report)
    return fake


def test_page_flags_and_record_are_written(scoring: Scoring) -> None:
    record: dict[str, object] = {"schema": "plosive.report.v1"}
    notes, warnings = write_records(OPTIONS, INFO, said(OPTIONS), record, SilentProgress())
    assert notes == ("Scored 1.5 of 2: page.html", "2 ranges are worth doing again: out.flags.json")
    assert warnings == ["The dub is quiet."]
    assert Path("page.html").read_text() == "<html>25"
    flags = read_flags(Path("out.flags.json"))
    assert (flags.transcript, flags.language) == ("Maybe Bob", "de")
    written = json.loads(Path("out.plosive.json").read_text(encoding="utf-8"))
    assert written["schema"] == "plosive.report.v1"
    assert written["score"]["total"] == 1.525
    assert record["score"] == written["score"]


def test_a_retimed_result_is_measured_in_the_dubs_time(scoring: Scoring) -> None:
    """Backwards at double speed; the first two frames are looked at, and not written."""
    moments = tuple(Fraction(2) - Fraction(index, 50) for index in range(12))
    starts = tuple(Fraction(index, 25) for index in range(12))
    placement = Placement(Fraction(3), 0, starts, moments, (), shown_gaps=(Fraction(1, 25),) * 12)
    options = replace(OPTIONS, retime="-2")
    notes, _ = write_records(options, INFO, said(options, placement), {}, SilentProgress(), PART)
    assert scoring.moments == [moments[2:]] and scoring.seen[0].audio_start is None
    assert len(notes) == 1 and not Path("out.flags.json").exists(), "--redo cannot make it again"


def test_a_part_is_compared_with_what_it_holds_of_the_plate(scoring: Scoring) -> None:
    starts = tuple(Fraction(index, 25) for index in range(12))
    options = replace(OPTIONS, frame_range="3-10", only_range=True, handles=1)
    placement = replace(PLACEMENT, frame_starts=starts)
    _, warnings = write_records(options, INFO, said(options, placement), {}, SilentProgress(), PART)
    (seen,) = scoring.seen
    assert (seen.plate, seen.plate_range) == (Path("plate.mov"), "2-11")
    assert seen.audio_start == f"{12 / 25 - 2 / 25:.9f}", "counted from the first frame of OUT"
    assert warnings == ["The dub is quiet."]


def test_the_result_is_measured_as_it_was_made(scoring: Scoring) -> None:
    cast = said(OPTIONS)
    write_records(OPTIONS, INFO, cast, {}, SilentProgress())
    assert scoring.moments == [None]
    assert scoring.speech[0] is cast[0].voice.speech, "the dub was listened to before"
    assert scoring.seen == [
        ScoreOptions(
            result=Path("out.%04d.png"),
            dub=Path("dub.wav"),
            plate=Path("plate.mov"),
            audio_start="0.480000000",
            audio_channel=2,
            transcript="Maybe Bob",
            language="de",
            face="2",
            sequence_rate=Fraction(25),
        )
    ]


def test_a_held_result_is_not_compared_with_its_plate(scoring: Scoring) -> None:
    placement = replace(PLACEMENT, dub_start_seconds=Fraction(0), held_frames=3)
    _, warnings = write_records(OPTIONS, INFO, said(OPTIONS, placement), {}, SilentProgress())
    (seen,) = scoring.seen
    assert (seen.plate, seen.audio_start) == (None, None)
    assert any("compares nothing with the plate" in sentence for sentence in warnings)


def test_without_flags_an_earlier_flags_file_goes(scoring: Scoring, small_card: Scorecard) -> None:
    write_records(OPTIONS, INFO, said(OPTIONS), {}, SilentProgress())
    assert Path("out.flags.json").is_file()
    scoring.outcome = replace(small_card, flags=())
    again = replace(OPTIONS, overwrite=True)
    notes, _ = write_records(again, INFO, said(again), {}, SilentProgress())
    assert notes == ("Scored 1.5 of 2: page.html",)
    assert not Path("out.flags.json").exists()


def test_what_cannot_be_scored_is_a_warning(scoring: Scoring) -> None:
    scoring.outcome = FaceError("No face is in out.")
    progress = SilentProgress()
    notes, warnings = write_records(OPTIONS, INFO, said(OPTIONS), {}, progress)
    assert notes == ()
    assert warnings == ["The result is done, but there is no page.html: No face is in out."]
    assert progress.warnings == warnings
    written = json.loads(Path("out.plosive.json").read_text(encoding="utf-8"))
    assert written["score"] == {"reason": "No face is in out."}
    assert not Path("page.html").exists()


@pytest.mark.parametrize("error", [JobCancelled("Cancelled."), KeyboardInterrupt(), ZeroDivisionError()])
def test_being_stopped_and_defects_are_not_swallowed(scoring: Scoring, error: BaseException) -> None:
    scoring.outcome = error
    with pytest.raises(type(error)):
        write_records(OPTIONS, INFO, said(OPTIONS), {"schema": "plosive.report.v1"}, SilentProgress())
    assert json.loads(Path("out.plosive.json").read_text(encoding="utf-8"))["schema"] == "plosive.report.v1"


def test_a_json_report_is_the_record_alone(scoring: Scoring) -> None:
    options = replace(OPTIONS, report=Path("r.json"))
    Path("r.json").write_text("old")
    require_page(options)
    assert write_records(options, INFO, said(options), {"a": Fraction(1, 3)}, SilentProgress()) == ((), [])
    assert json.loads(Path("r.json").read_text()) == {"a": "1/3"}
    assert write_records(
        replace(options, report=None),
        INFO,
        said(replace(options, report=None), PLACEMENT),
        {},
        SilentProgress(),
    ) == ((), [])
    assert sorted(path.name for path in Path().iterdir()) == ["out.plosive.json", "r.json"]
    assert scoring.seen == []


@pytest.mark.parametrize(
    ("page", "said"), [("page.html", "exists already"), ("nowhere/page.htm", "make it first")]
)
def test_a_page_that_cannot_be_written_is_refused_before_the_work(page: str, said: str) -> None:
    Path("page.html").touch()
    options = replace(OPTIONS, report=Path(page))
    with pytest.raises(PlosiveError, match=said):
        sync_plate(options, SilentProgress())  # its plate does not exist, and was not looked for


def test_a_whole_job_is_scored_when_it_is_done(scoring: Scoring, spoken_line: Path) -> None:
    write_sample(Path("plate.mov"), SamplePlate(6, 320, 180), SilentProgress())
    options = SyncOptions(
        Path("plate.mov"), spoken_line, Path("out.mov"), transcript="Maybe Bob", report=Path("page.html")
    )
    dry = sync_plate(replace(options, dry_run=True), SilentProgress())
    assert (dry.notes, scoring.seen) == ((), [])
    assert sorted(path.name for path in Path().iterdir()) == ["plate.mov"]
    result = sync_plate(options, SilentProgress())
    assert [seen.result for seen in scoring.seen] == [Path("out.mov")]
    assert "Scored 1.5 of 2: page.html" in result.notes
    assert "The dub is quiet." in result.warnings
    assert result.report["score"]["total"] == 1.525  # type: ignore[index]
    names = ["out.flags.json", "out.motion.json", "out.mov", "out.plosive.json", "page.html", "plate.mov"]
    assert sorted(path.name for path in Path().iterdir()) == names


def test_of_several_speakers_the_page_of_the_lowest_score_is_told(
    scoring: Scoring, small_card: Scorecard, spoken_line: Path
) -> None:
    write_sample(Path("plate.mov"), SamplePlate(6, 320, 180), SilentProgress())
    options = SyncOptions(
        Path("plate.mov"),
        None,
        Path("out.mov"),
        frame_range="2-5",
        only_range=True,
        speakers=(Speaker("1", str(spoken_line)), Speaker("2", str(spoken_line))),
        report=Path("page.html"),
    )
    speakers = [{"name": name, "faces": [int(name)]} for name in "12"]
    faces = [
        {"number": int(name), "frames": [3, 4, 5], "nose_x_pixels": [9, 9, 9], "nose_y_pixels": [7, 7, 7]}
        for name in "12"
    ]
    Path("out.plosive.json").write_text(json.dumps({"options": {}, "speakers": speakers, "faces": faces}))
    low = tuple(replace(point, value=point.value and point.value / 2) for point in small_card.points)
    scoring.later = [replace(small_card, points=low)]
    score, _, page = score_finished(options, SilentProgress())
    assert score["total"] == pytest.approx(small_card.total / 2)
    assert page == Path("page.2.html") and page.is_file() and Path("page.1.html").is_file()
    assert [seen.plate_range for seen in scoring.seen] == ["2-5", "2-5"]
