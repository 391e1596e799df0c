# SPDX-License-Identifier: Apache-2.0
"""`sync --redo`: flagged ranges are tried again and measured from their pictures; only the better is kept."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import plosive.sync.opened
from plosive.cli import main
from plosive.demo.sample import SamplePlate, write_sample
from plosive.errors import MediaReadError, OptionError, PlosiveError, RangeError
from plosive.faces.track import FaceTrack
from plosive.faces.visibility import Visibility, mouth_visibility
from plosive.generate.plate import PlateGenerator
from plosive.generate.pool import SourcePool
from plosive.generate.protocol import Generator, MouthWish, Patch, Plan, Shot
from plosive.generate.sources import SourceLibrary
from plosive.keyed import KeyedValue
from plosive.media import open_plate
from plosive.media.plate import PlateFrame
from plosive.progress import SilentProgress
from plosive.quality.flags_file import read_flags
from plosive.quality.scorecard import Flag
from plosive.sync import SyncOptions, SyncResult, sync_plate
from plosive.sync.badness import Badness, is_clearly_better
from plosive.sync.candidates import candidates_of, range_weight
from plosive.sync.earlier import differences
from plosive.sync.flagged import RedoRange, redo_ranges
from plosive.sync.outcome import Outcome, Tried
from plosive.sync.render import Part
from plosive.sync.switched import Switch, SwitchedPlan, join_rows

FRAMES = 28
WORDS = "Maybe Bob prefers fluffy purple muffins"
SPOILED_ALWAYS = range(3, 7)
SPOILED_BY_SEED_0 = range(18, 22)


def flag(first: int, last: int, figure: str = "popping", severity: float = 0.5, face: int = 1) -> Flag:
    return Flag(first, last, figure, severity, float("nan"), float("nan"), face, f"{figure} is bad.")


def write_flags(path: Path, *flags: Flag, **changed: object) -> Path:
    """A flags file as an artist may write it, for the sample's result."""
    document: dict[str, object] = {
        "schema": "plosive.flags.v1",
        "result": "/jobs/first.mkv",
        "plate": None,
        "dub": "/jobs/line.wav",
        "frame_rate": "24",
        "first_frame": 0,
        "frame_count": FRAMES,
        "start_timecode": "01:00:00:00",
        "flags": [{**vars(one), "value": None, "reference": None} for one in flags],
    }
    path.write_text(json.dumps({**document, **changed}), encoding="utf-8")
    return path


@dataclass(frozen=True)
class FlickeringPlan:
    """Another plan, every other of whose `rows` comes out too bright."""

    plan: Plan
    rows: frozenset[int]

    def render(self, row: int, frame: PlateFrame) -> Patch | None:
        patch = self.plan.render(row, frame)
        if patch is None or row not in self.rows or row % 2:
            return patch
        return replace(patch, base=patch.base * np.float32(1.3), mouth=patch.mouth * np.float32(1.3))

    def choices(self) -> dict[str, object]:
        return self.plan.choices()


class SpoiledGenerator:
    """The plate generator; some rows flicker whatever is asked for, others with seed 0 only."""

    facts = PlateGenerator.facts

    def memory_bytes(self, face_width: float, device: str) -> int:
        return 1

    def plan(self, shot: Shot) -> Plan:
        rows = {*SPOILED_ALWAYS, *(SPOILED_BY_SEED_0 if shot.seed == 0 else ())}
        return FlickeringPlan(PlateGenerator().plan(shot), frozenset(rows))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("redo")


@pytest.fixture(scope="module")
def options(folder: Path, spoken_line: Path) -> SyncOptions:
    """The demo's portrait, 28 frames at 640 x 360, to be synced without loss."""
    write_sample(folder / "plate.mov", SamplePlate(FRAMES, 640, 360), SilentProgress())
    return SyncOptions(
        folder / "plate.mov", spoken_line, folder / "first.mkv", transcript=WORDS, codec="ffv1"
    )


@pytest.fixture(scope="module")
def flags(folder: Path) -> Path:
    """Two ranges that can be tried again, and two flags that cannot."""
    return write_flags(
        folder / "flags.json",
        flag(3, 6, "flicker"),
        flag(18, 19, "flicker"),
        flag(20, 21, "seam", 0.3),
        flag(0, 27, "lag"),
        flag(24, 24, "untouched", 1.0, face=0),
    )


@dataclass(frozen=True)
class Job:
    first: SyncResult
    second: SyncResult

    @property
    def told(self) -> dict[str, Any]:
        """`redo` in the report on disk."""
        record = self.second.out.with_suffix(".plosive.json").read_text(encoding="utf-8")
        told: dict[str, Any] = json.loads(record)["redo"]
        return told


@pytest.fixture(scope="module")
def job(options: SyncOptions, flags: Path) -> Job:
    """The spoiled first render, and the second that tries its flags again."""
    with pytest.MonkeyPatch.context() as patch:
        spoil(patch)
        first = run(options)
        return Job(first, run(replace(options, out=options.out.with_name("second.mkv"), redo=flags)))


def spoil(patch: pytest.MonkeyPatch) -> None:
    def found(name: str) -> Generator:
        del name
        return SpoiledGenerator()

    patch.setattr(plosive.sync.opened, "find_generator", found)


def run(options: SyncOptions) -> SyncResult:
    return sync_plate(options.validated(), SilentProgress())


def planes(path: Path) -> list[list[NDArray[np.uint16]]]:
    with open_plate(path) as reader:
        return [[plane.copy() for plane in frame.planes()] for frame in reader.frames()]  # type: ignore[attr-defined]


def changed_frames(one: Path, other: Path) -> list[int]:
    return [
        index
        for index, (ours, theirs) in enumerate(zip(planes(one), planes(other), strict=True))
        if not all(np.array_equal(a, b) for a, b in zip(ours, theirs, strict=True))
    ]


def test_only_what_is_better_changes_and_only_there(job: Job) -> None:
    changed = changed_frames(job.first.out, job.second.out)
    kept, mended = job.told["ranges"]
    assert set(range(18, 22, 2)) <= set(changed), "the flickering frames are new"
    taken = next(tried for tried in mended["tried"] if tried["choice"] == mended["kept"])
    assert 11 <= taken["first_frame"] <= changed[0], "and no other, but for short joins"
    assert changed[-1] <= taken["last_frame_inclusive"] <= 27
    assert kept["kept"] == "first choice"


def test_the_report_tells_what_was_tried(job: Job, flags: Path) -> None:
    kept, mended = job.told["ranges"]
    assert job.told["flags_file"] == str(flags)
    assert (mended["first_frame"], mended["last_frame_inclusive"], mended["face"]) == (17, 21, 1)
    assert mended["figures"] == ["flicker", "seam"]
    names = [tried["choice"] for tried in mended["tried"]]
    assert names[:3] == ["first choice", "seed 1", "seed 2"] and len(names) == 7
    assert {tried["seed"] for tried in mended["tried"]} >= {0, 1, 2}
    by_name = {tried["choice"]: tried for tried in mended["tried"]}
    assert by_name["strength 0.85"]["strength"] == 0.85
    assert by_name["first choice"]["by_figure"]["flicker"] > 0.1
    assert any("flickers" in sentence for sentence in by_name["first choice"]["flags"])
    assert by_name[mended["kept"]]["badness"] < by_name["first choice"]["badness"] - 0.1
    assert by_name[mended["kept"]]["seed"] != 0, "every choice with seed 0 flickers as much"
    assert kept["tried"][0]["by_figure"]["flicker"] > 0.1
    assert kept["why"].startswith("kept (") and kept["why"].endswith("nothing clearly better among 6")
    assert [left["figure"] for left in job.told["left"]] == ["lag", "untouched"]
    (face,) = job.second.report["synced_faces"]  # type: ignore[misc]
    (switch,) = face["choices"]["switches"]
    assert switch["choice"] == mended["kept"]
    assert len(face["choices"]["source_frame_indices"]) == FRAMES


def test_one_sentence_a_range(job: Job) -> None:
    first, second, lag, untouched, *_ = job.second.notes  # how exact it is comes after
    assert first.startswith("frames 2-7: kept (flicker 1.00")
    assert second.startswith("frames 17-21: flicker 1.00") and "-> " in second and "with seed " in second
    assert "lag is not tried again: another choice does not move the mouth in time" in lag
    assert untouched == "frame 24: untouched is not tried again: it lies outside the new mouth"
    assert "redo" in job.second.stage_seconds


def test_again_gives_the_same_bits_and_a_page(
    job: Job, options: SyncOptions, flags: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoil(monkeypatch)
    again = run(replace(options, out=tmp_path / "again.mkv", redo=flags, report=tmp_path / "page.html"))
    assert again.out.read_bytes() == job.second.out.read_bytes()
    assert again.notes[: len(job.second.notes)] == job.second.notes
    assert again.notes[len(job.second.notes)].startswith("Scored ")
    record = json.loads((tmp_path / "again.plosive.json").read_text(encoding="utf-8"))
    assert record["redo"]["ranges"] == job.told["ranges"] and "total" in record["score"]


def test_a_dry_run_says_what_would_be_tried(
    options: SyncOptions, flags: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [str(options.plate), "--audio", str(options.dub), "--transcript", WORDS, "--redo", str(flags)]
    assert main(["sync", *arguments, "-o", str(tmp_path / "out.mkv"), "--dry-run"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "frames 2-7: would be tried again for flicker"
    assert lines[1] == "frames 17-21: would be tried again for flicker, seam"
    assert lines[2].startswith("frames 0-27: lag is not tried again")
    assert lines[-1].endswith("nothing was written.")
    assert not (tmp_path / "out.mkv").exists()


def test_flags_that_nothing_can_mend_leave_the_first_render(
    job: Job, options: SyncOptions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoil(monkeypatch)
    only_lag = write_flags(tmp_path / "lag.json", flag(0, 27, "lag"))
    result = run(replace(options, out=tmp_path / "same.mkv", redo=only_lag))
    assert result.out.read_bytes() == job.first.out.read_bytes()
    assert [sentence for sentence in result.notes if "again" in sentence] == list(result.notes[:1])


def test_other_options_than_the_first_time_are_told(job: Job, options: SyncOptions, tmp_path: Path) -> None:
    again = replace(options, redo=Path("flags.json"))
    read = read_flags(write_flags(tmp_path / "one.json", flag(1, 2), result=str(job.first.out)))
    assert differences(read, again) == []
    seed, span = differences(read, replace(again, seed=4, frame_range="3-9"))[::-1]
    assert seed.startswith("first.mkv was made with --seed 0, this job has 4: frames outside")
    assert "--range none, this job has '3-9'" in span
    read = read_flags(write_flags(tmp_path / "two.json", flag(1, 2), result=str(job.second.out)))
    ramp = KeyedValue(((Fraction(3), 0.0), ("01:00:00:09", 1.0)))
    faded, _ = differences(read, replace(again, strength=ramp))
    assert faded.startswith("second.mkv was made with --strength 1.0, this job has '3=0, 01:00:00:09=1'")
    (chained,) = differences(read, again)
    assert chained.startswith("second.mkv was itself made with --redo flags.json")
    assert differences(read_flags(write_flags(tmp_path / "three.json", flag(1, 2))), again) == []


@pytest.mark.parametrize(
    ("flagged", "changed", "error", "said"),
    [
        (
            [flag(1, 2)],
            {"frame_count": 96},
            RangeError,
            "first.mkv, which has 96 frames, and this job makes 28",
        ),
        ([flag(1, 2)], {"frame_rate": "25"}, RangeError, "at 25 frames a second, and plate.mov has 24"),
        (
            [flag(1001, 1002)],
            {"first_frame": 1001},
            RangeError,
            "begins at frame 1001, and plate.mov begins at 0",
        ),
        ([flag(1, 2)], {"start_timecode": "02:00:00:00"}, RangeError, "and plate.mov begins at 01:00:00:00"),
        ([flag(20, 30)], {}, RangeError, "leaves the frames of first.mkv, which are 0-27"),
        ([flag(1, 2)], {"schema": "plosive.report.v1"}, MediaReadError, "not plosive.flags.v1"),
        ([], {}, MediaReadError, "flags no range: there is nothing to do again"),
    ],
)
def test_flags_of_something_else_are_refused_before_the_work(
    options: SyncOptions,
    tmp_path: Path,
    flagged: list[Flag],
    changed: dict[str, object],
    error: type[PlosiveError],
    said: str,
) -> None:
    path = write_flags(tmp_path / "flags.json", *flagged, **changed)
    with pytest.raises(error) as raised:
        run(replace(options, out=tmp_path / "out.mkv", redo=path))
    assert said in str(raised.value) and "\n" not in str(raised.value)
    assert [one.name for one in tmp_path.iterdir()] == ["flags.json"]


def test_missing_flags_are_said(options: SyncOptions, tmp_path: Path) -> None:
    with pytest.raises(MediaReadError, match=r"nowhere\.json cannot be read"):
        run(replace(options, out=tmp_path / "out.mkv", redo=tmp_path / "nowhere.json"))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"out": Path("flags.json")}, "may not be the flags file itself"),
        ({"report": Path("flags.json")}, "would overwrite the flags"),
        ({"strength": 0.0}, "nothing to render again at --strength 0"),
    ],
)
def test_options_that_make_no_sense(changed: dict[str, Any], said: str) -> None:
    good = SyncOptions(Path("plate.mov"), Path("dub.wav"), Path("out.mov"), redo=Path("flags.json"))
    assert good.validated() is good
    with pytest.raises(OptionError, match=said):
        replace(good, **changed).validated()


class ToldPlan:
    """A plan that says where its mouths come from, and makes none."""

    def __init__(self, sources: list[int] | None, name: str = "") -> None:
        self.sources = sources
        self.name = name
        self.rendered: list[int] = []

    def render(self, row: int, frame: PlateFrame) -> Patch | None:
        del frame
        self.rendered.append(row)
        return None

    def choices(self) -> dict[str, object]:
        return {} if self.sources is None else {"source_frame_indices": self.sources}


def part_of(track: FaceTrack, sources: SourceLibrary, visibility: Visibility | None = None) -> Part:
    count = len(track.indices)
    zero = np.zeros(count, np.float32)
    wish = MouthWish(np.full((count, 5), 0.3, np.float32), zero, zero, zero)
    shown = visibility or mouth_visibility(track, count)
    return Part(Shot(track, wish, SourcePool.of(track, sources), 0), shown, ToldPlan(list(range(count))))


def test_flags_near_each_other_make_one_range(track: FaceTrack, sources: SourceLibrary) -> None:
    long = replace(
        track,
        indices=np.arange(60) + 5,
        landmarks=np.resize(track.landmarks, (60, *track.landmarks.shape[1:])),
    )
    visibility = Visibility(np.r_[np.zeros(5), np.ones(45), np.zeros(20)].astype(np.float32), ("",) * 70)
    part = part_of(long, sources, visibility)
    flags = [
        flag(1030, 1031, "seam", 0.2),
        flag(1000, 1008, "flicker"),
        flag(1014, 1016, "popping", 0.9),
        flag(1016, 1020, "flicker"),
        flag(1042, 1042, "popping", face=7),  # a number that only the result's score knows
        flag(1055, 1056),
        flag(1001, 1002),
        flag(1030, 1033, "brightness"),
        flag(1030, 1033, face=2),
    ]
    other = replace(long, number=2)
    ranges, left = redo_ranges(flags, [part], [long, other], 1000)
    assert [(one.first_index, one.last_index_inclusive) for one in ranges] == [(5, 21), (30, 31), (41, 42)]
    assert ranges[0].figures == ("popping", "flicker") and len(ranges[0].flags) == 3
    assert ranges[0].frame_count == 17
    reasons = {(one.flag.first_frame, one.flag.figure): one.reason for one in left}
    assert reasons == {
        (1001, "popping"): "no synced face is there",
        (1030, "popping"): "no synced face is there",
        (1030, "brightness"): "this version knows no such figure",
        (1055, "popping"): "the plate is kept there",
    }


def test_plans_are_joined_where_they_show_the_same() -> None:
    first = ToldPlan([10, 11, 12, 13, 14, 15, 16, 17, 18, 19])
    other = ToldPlan([10, 11, 40, 41, 42, 43, 44, 17, 18, 19])
    assert join_rows(first, other, (3, 5), (0, 9)) == (1, 7)
    assert join_rows(first, other, (3, 5), (2, 6)) == (3, 6), "out of reach: as near as can be"
    assert join_rows(first, other, (0, 9), (0, 9)) == (0, 9), "nothing to join at a shot's ends"
    assert join_rows(first, ToldPlan(None), (3, 5), (0, 9)) == (3, 5)
    away = np.array([0, 0.2, 0.8, 1, 1, 1, 0.8, 0.5, 0.2, 0], np.float32)
    assert join_rows(first, first, (3, 5), (0, 9), away) == (0, 9), "where they ask for the same mouth"


def test_a_switched_plan_is_the_first_everywhere_else() -> None:
    first, other = ToldPlan([0, 1, 2, 3, 4]), ToldPlan([9, 9, 9, 9, 9])
    plan = SwitchedPlan(first, [Switch(1, 2, other, "seed 1")])
    frame: Any = None
    for row in range(5):
        plan.render(row, frame)
    assert (first.rendered, other.rendered) == ([0, 3, 4], [1, 2])
    assert [plan.is_switched(row) for row in range(5)] == [False, True, True, False, False]
    told = plan.choices()
    assert told["source_frame_indices"] == [0, 9, 9, 3, 4]
    assert told["switches"] == [{"first_row": 1, "last_row_inclusive": 2, "choice": "seed 1"}]
    assert first.choices()["source_frame_indices"] == [0, 1, 2, 3, 4]
    assert "source_frame_indices" not in SwitchedPlan(ToldPlan(None), []).choices()


class RecordingGenerator:
    """Keeps the shots it is given; every plan shows other sources, but for `twins` that all show the same."""

    facts = PlateGenerator.facts

    def memory_bytes(self, face_width: float, device: str) -> int:
        return 1

    def __init__(self, twins: bool = False) -> None:
        self.shots: list[Shot] = []
        self.twins = twins

    def plan(self, shot: Shot) -> Plan:
        self.shots.append(shot)
        step = 0 if self.twins else len(self.shots)
        return ToldPlan([index + step for index in range(len(shot.track.indices))])


def names_for(
    part: Part, figures: set[str], generator: RecordingGenerator, strength: KeyedValue | float = 1.0
) -> list[str]:
    made = candidates_of(generator, part.shot, part.plan, [(3, 4)], [(4, 4)], figures, strength)
    return [candidate.name for candidate in made]


def wider(sources: SourceLibrary) -> SourceLibrary:
    """The sources three times over, so that some may be left out."""
    return replace(
        sources,
        rows=np.tile(sources.rows, 3),
        inside=np.tile(sources.inside, (3, 1, 1, 1)),
        light=np.tile(sources.light, (3, 1, 1, 1)),
        sharpness=np.arange(3 * len(sources), dtype=np.float32),
        redness=np.tile(sources.redness, 3),
        tickets=sources.tickets * 3,
    )


def test_what_is_tried_depends_on_what_is_flagged(track: FaceTrack, sources: SourceLibrary) -> None:
    part = part_of(track, wider(sources))
    others = ["other plate frames", "plate frames further off"]
    seeds = ["seed 1", "seed 2"]
    generator = RecordingGenerator()
    assert names_for(part, {"popping"}, generator) == [
        *seeds,
        "sharper plate frames",
        *others,
        "strength 0.85",
    ]
    assert names_for(part, {"closures"}, RecordingGenerator()) == [
        *seeds,
        *others,
        "lips pressed",
        "strength 0.85",
    ]
    assert names_for(part, {"amplitude_aperture"}, RecordingGenerator())[4:] == [
        "larger movement",
        "seed 3",
    ]
    assert names_for(part, {"seam"}, RecordingGenerator(), 0.5)[-1] == "strength 0.42"
    ramp = KeyedValue(((Fraction(0), 0.0), (Fraction(9), 1.0)))
    assert names_for(part, {"seam"}, RecordingGenerator(), ramp)[-1] == "0.85 of the strength"
    own = part.track.indices
    assert not (own[generator.shots[3].sources.rows] == 4).any()
    assert not (np.abs(own[generator.shots[4].sources.rows] - 4) <= 2).any()
    calm = generator.shots[5].wish.values
    away, near = (np.abs(calm[row] - part.shot.wish.values[row]).max() for row in (9, 3))
    assert away < near / 2, "away from the range hardly anything else is asked for"
    assert not np.allclose(calm[3], part.shot.wish.values[3])


def test_what_comes_to_the_same_is_not_tried(track: FaceTrack, sources: SourceLibrary) -> None:
    generator = RecordingGenerator(twins=True)
    assert names_for(part_of(track, sources), {"popping"}, generator) == ["strength 0.85"]


def test_another_wish_sets_in_beside_the_range() -> None:
    weight = range_weight(20, [(8, 9)])
    assert weight[[8, 9]].tolist() == [1, 1]
    assert not weight[[*range(2), *range(16, 20)]].any()
    assert weight[2:8] == pytest.approx(np.arange(1, 7) / 7)


def badness(total: float, *flags: Flag) -> Badness:
    return Badness({"popping": total} if flags else {}, 0.0 if flags else total, flags)


def outcome(*totals: float | None) -> Outcome:
    tried = [
        Tried(
            f"seed {seed}",
            seed,
            KeyedValue.of(1.0),
            (3, 6),
            None if total is None else badness(total, flag(3, 4)),
        )
        for seed, total in enumerate(totals)
    ]
    return Outcome(RedoRange(1, 3, 4, (flag(3, 4),)), tuple(tried), 1000)


def test_the_first_choice_stays_unless_another_is_clearly_better() -> None:
    assert is_clearly_better(badness(0.5), badness(0.7))
    assert not is_clearly_better(badness(0.61), badness(0.7))
    assert not is_clearly_better(badness(1.8), badness(2.0))
    assert outcome(0.5, 0.45, 0.42).kept == 0
    assert outcome(0.5, 0.32, 0.2, 0.18).kept == 2, "of those as good as the best the first"
    assert outcome(0.5, None, 0.2).kept == 2
    assert outcome(None, None, 2.0).kept == 2


def test_asking_for_less_must_be_clearly_better_than_all_that_does_as_asked() -> None:
    def with_last_asking_else(*totals: float) -> int:
        made = outcome(*totals)
        return replace(made, tried=(*made.tried[:-1], replace(made.tried[-1], is_as_asked=False))).kept

    assert with_last_asking_else(0.5, 0.3, 0.25) == 1
    assert with_last_asking_else(0.5, 0.3, 0.15) == 2
    assert with_last_asking_else(0.5, 0.45, 0.35) == 2
    assert with_last_asking_else(0.5, 0.45, 0.42) == 0


def test_with_nothing_else_to_try_it_says_so() -> None:
    assert outcome(0.5).note() == "frames 1003-1004: kept (popping 0.50): there is nothing else to try"


def test_a_range_that_measures_well_stays() -> None:
    quiet = Tried("first choice", 0, KeyedValue.of(1.0), (3, 4), badness(0.4))
    other = Tried("seed 1", 1, KeyedValue.of(1.0), (3, 4), badness(0.1))
    found = Outcome(RedoRange(1, 3, 4, (flag(3, 4),)), (quiet, other), 0)
    assert found.kept == 0
    assert found.note() == "frames 3-4: kept: measured again, nothing is flagged here"


def test_rate_is_exact(options: SyncOptions, tmp_path: Path) -> None:
    path = write_flags(tmp_path / "flags.json", flag(1, 2), frame_rate=str(Fraction(24000, 1001)))
    with pytest.raises(RangeError, match=r"23\.976"):
        run(replace(options, out=tmp_path / "out.mkv", redo=path))
