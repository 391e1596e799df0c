# SPDX-License-Identifier: Apache-2.0
"""The table of a reel's shots: written, filled in, saved by a spreadsheet, read; the edit changed."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path

import opentimelineio as otio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.core.reel.test_planning import a_clip, an_edit

from plosive.conform import Edit
from plosive.errors import OptionError
from plosive.keyed import KeyedValue
from plosive.reel.choosing.choices import STYLES, ReelChoices, ShotChoice
from plosive.reel.choosing.sheet import COLUMNS, read_sheet, sheet_text
from plosive.reel.dub.job_voice import JobVoice
from plosive.reel.renders.voice import planned_voices
from plosive.reel.results.outcome import KEPT, SYNCED, LanguageResult, ShotOutcome

HEARD = (JobVoice(), JobVoice("Anna"), JobVoice("Ben"))
FIRSTS = (0, 10, 40, 70)


def clips(*firsts: int, names: str = "abcdefgh") -> list[otio.schema.Clip]:
    made = [a_clip(first, 10) for first in firsts]
    for clip, name in zip(made, names, strict=False):
        clip.name = name
    return made


@pytest.fixture(scope="module")
def edit(tmp_path_factory: pytest.TempPathFactory) -> Edit:
    return an_edit(tmp_path_factory.mktemp("edit"), *clips(*FIRSTS))


def written(edit: Edit, choices: ReelChoices | None = None) -> str:
    told = [
        LanguageResult(
            language,
            "mix.wav",
            tuple(
                ShotOutcome(shot, KEPT, "Why.") if shot.number == 1 else ShotOutcome(
                    shot, SYNCED, voices=planned_voices(HEARD if language == "de" else HEARD[:1])
                )
                for shot in edit.shots
            ),
        )
        for language in ("de", "fr")
    ]  # fmt: skip
    return sheet_text(edit, told, choices or ReelChoices())


def filled(edit: Edit, cells: Mapping[int, Mapping[str, str]]) -> str:
    """The sheet of `edit` with `cells` filled in, by number of the shot."""
    rows = list(csv.DictReader(io.StringIO(written(edit))))
    for row in rows:
        row.update(cells.get(int(row["number"]), {}))
    return as_csv(rows)


def as_csv(rows: list[dict[str, str]], names: tuple[str, ...] = COLUMNS, mark: str = ",") -> str:
    text = io.StringIO()
    table = csv.DictWriter(text, names, delimiter=mark, extrasaction="ignore", restval="")
    table.writeheader()
    table.writerows(rows)
    return text.getvalue()


def read(text: str, edit: Edit, folder: Path, encoding: str = "utf-8-sig") -> ReelChoices:
    path = folder / "reel.csv"
    path.write_bytes(text.encode(encoding))
    return read_sheet(path, edit)


def test_it_says_of_every_shot_what_would_be_done(edit: Edit) -> None:
    rows = list(csv.DictReader(io.StringIO(written(edit))))
    assert [row["number"] for row in rows] == ["1", "2", "3", "4"]
    assert [row["record_in"] for row in rows][:3] == ["01:00:00:00", "01:00:00:10", "01:00:00:20"]
    assert (rows[2]["first_frame"], rows[2]["last_frame"], rows[2]["media"]) == ("40", "49", "a.mov")
    assert rows[0]["plan"] == "de: leave; fr: leave" and rows[0]["why"] == "de: Why. fr: Why."
    assert rows[1]["plan"] == "de: sync; fr: sync" and not rows[1]["why"]
    assert rows[1]["heard"] == "de: Anna, Ben" and not rows[0]["heard"]
    assert not any(row[name] for row in rows for name in COLUMNS[11:])


words = st.text(st.characters(blacklist_categories=("Cs", "Cc", "Zl", "Zp", "Zs")), min_size=1, max_size=12)
names = st.from_regex(r"[A-Za-z][A-Za-z .]{0,8}[a-z]", fullmatch=True).map(
    lambda text: " ".join(text.split())
)
faces = st.one_of(
    st.integers(1, 9).map(str), st.just("off"), st.just("310.5,200@1004"), st.just("1,2,30,40@0"), names
)
strengths = st.one_of(
    st.floats(0, 1).map(KeyedValue.of),
    st.just(KeyedValue(((Fraction(10), 0.25), (Fraction(20), 1.0)))),
)
choices_made = st.builds(
    ShotChoice,
    sync=st.sampled_from([None, True, False]),
    faces=st.one_of(
        faces.map(lambda face: (("", face),)),
        st.dictionaries(names.map(str.capitalize), faces, max_size=3).map(lambda one: tuple(one.items())),
    ),
    speakers=st.lists(names, max_size=3).map(tuple),
    transcript=st.lists(words, max_size=3).map(" ".join),
    strength=st.one_of(st.none(), strengths),
    jaw=st.one_of(st.none(), st.floats(0, 2).map(KeyedValue.of)),
    note=words,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    made=st.dictionaries(st.tuples(st.integers(1, 4), st.sampled_from(["", "de", "fr"])), choices_made),
    mark=st.sampled_from([",", ";", "\t"]),
    ends=st.sampled_from(["\r\n", "\n"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    order=st.randoms(use_true_random=False),
)
def test_what_is_chosen_comes_back_however_it_is_saved(
    made: dict[tuple[int, str], ShotChoice], mark: str, ends: str, encoding: str, order: object, edit: Edit,
    tmp_path: Path,
) -> None:  # fmt: skip
    rows = list(csv.DictReader(io.StringIO(written(edit, ReelChoices(made)))))
    columns = [*COLUMNS, "who does it"]
    order.shuffle(rows)  # type: ignore[attr-defined]
    order.shuffle(columns)  # type: ignore[attr-defined]
    text = as_csv(rows, tuple(columns), mark).replace("\r\n", ends)
    back = read(text, edit, tmp_path, encoding)
    assert not back.warnings
    for number in range(1, 5):
        for language in ("", "de", "fr"):
            own = made.get((number, language), ShotChoice())
            found = back.by_shot.get((number, language), ShotChoice())
            for name in ("sync", "faces", "speakers", "transcript", *STYLES, "note"):
                assert getattr(found, name) == getattr(own, name), name


def test_cells_as_people_write_them(edit: Edit, tmp_path: Path) -> None:
    (tmp_path / "line.srt").write_text("1\n00:00:00,000 --> 00:00:01,000\nHi\n")
    text = filled(
        edit,
        {
            1: {"sync": "No", "note": "wide shot"},
            2: {"face": "Anna=1 ; Ben=off", "speaker": "Anna;Ben", "strength": "50 %"},
            3: {"sync": "x", "strength": "0,5", "jaw": "1001=0, 1003=2", "transcript": "line.srt"},
        },
    )  # fmt: skip
    german = read("sep=,\r\n" + text, edit, tmp_path, "cp1252")
    assert german.of(1, "de").sync is False and german.of(1, "de").note == "wide shot"
    two, three = german.of(2, "de"), german.of(3, "fr")
    assert two.faces == (("Anna", "1"), ("Ben", "off")) and two.speakers == ("Anna", "Ben")
    assert two.strength == three.strength == KeyedValue.of(0.5) and three.sync is True
    assert three.transcript == str(tmp_path / "line.srt") and two.face_of("anna") == "1"
    assert three.jaw is not None and three.jaw.constant is None
    assert german.of(4, "de").is_empty and "line 3, shot 2 'b'" in two.told


def test_a_language_of_its_own_goes_over_all_languages(edit: Edit, tmp_path: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(filled(edit, {2: {"face": "1", "strength": "0.5"}}))))
    rows.append({**rows[1], "language": "FR", "face": "2", "strength": ""})
    found = read(as_csv(rows), edit, tmp_path)
    assert found.of(2, "de").face_of("") == "1" and found.of(2, "fr").face_of("") == "2"
    assert found.of(2, "fr").strength == KeyedValue.of(0.5)


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"sync": "maybe"}, "line 3, shot 2 'b': the column sync says 'maybe'"),
        ({"face": "Anna="}, "the column face"),
        ({"face": "1;2"}, "names a face twice"),
        ({"strength": "2"}, "shot 2 'b': strength must be between 0 and 1"),
        ({"strength": "a lot"}, "line 3, shot 2 'b': strength"),
    ],
)
def test_what_is_not_understood_is_told_with_its_line(
    cells: dict[str, str], said: str, edit: Edit, tmp_path: Path
) -> None:
    with pytest.raises(OptionError, match=said):
        read(filled(edit, {2: cells}), edit, tmp_path)


def test_other_tables_and_double_lines_are_told(edit: Edit, tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="is no sheet of a reel"):
        read("a,b\n1,2\n", edit, tmp_path)
    with pytest.raises(OptionError, match="is no sheet of a reel"):
        read("", edit, tmp_path)
    with pytest.raises(OptionError, match="two columns face"):
        read("number,face,face\n1,2,3\n", edit, tmp_path)
    with pytest.raises(OptionError, match="lines 2 and 3 are both for shot 1"):
        read("number,face\n1,2\n1,3\n", edit, tmp_path)
    with pytest.raises(OptionError, match="line 2 does not say of which shot"):
        read("number,face\n,2\n", edit, tmp_path)
    with pytest.raises(OptionError, match="cannot be read"):
        read_sheet(tmp_path / "none.csv", edit)
    assert read("Number;Face;mine\n3;2;x\n", edit, tmp_path).of(3, "de").face_of("") == "2"


def test_a_name_is_never_a_formula(tmp_path: Path) -> None:
    odd = clips(0, 20)
    odd[0].name, odd[1].name = '=HYPERLINK("x")', "'-b"
    edit = an_edit(tmp_path, *odd)
    made = ReelChoices({(1, ""): ShotChoice(sync=True), (2, ""): ShotChoice(transcript="=1+1")})
    text = written(edit, made)
    assert "\r\n1,\"'=HYPERLINK" in text and ",=1+1," not in text
    back = read(text, edit, tmp_path)
    assert back.of(1, "de").sync is True and back.of(2, "de").transcript == "=1+1" and not back.warnings


def test_shots_are_found_again_in_a_changed_edit(edit: Edit, tmp_path: Path) -> None:
    """One shot more in front, one gone, one trimmed: by name and timecode, by frames, by name."""
    text = filled(edit, {number: {"face": str(number)} for number in (1, 2, 3, 4)})
    made = clips(90, 0, 10, 72, names="zabd")  # c is gone, d begins two frames later
    found = read(text, an_edit(tmp_path, *made), tmp_path)
    assert {number: one.face_of("") for (number, _), one in found.by_shot.items()} == {2: "1", 3: "2", 4: "4"}
    told = "\n".join(found.warnings)
    assert "line 2 (shot 1 'a' at 01:00:00:00) is shot 2 at 01:00:00:10 now" in told
    assert "line 4 (shot 3 'c' at 01:00:00:20) is not in the edit any more" in told
    assert len(found.warnings) == 3, "d was only trimmed"


def test_takes_of_one_name_are_told_apart_by_their_frames(tmp_path: Path) -> None:
    """Two shots change places; all clips are called alike, as cameras call them."""
    before = an_edit(tmp_path, *clips(0, 20, 40, names="sss"))
    text = filled(before, {number: {"face": str(number)} for number in (1, 2, 3)})
    (tmp_path / "after").mkdir()
    after = an_edit(tmp_path / "after", *clips(40, 60, 0, names="sss"))
    rows = read(text, after, tmp_path)
    assert not rows.warnings, "number, name and timecode are as they were: nothing tells that they changed"
    shifted = an_edit(tmp_path / "after", *clips(80, 0, 20, 40, names="ssss"))
    found = read(text.replace(",01:00:00:", ",01:00:09:"), shifted, tmp_path)
    assert {number: one.face_of("") for (number, _), one in found.by_shot.items()} == {2: "1", 3: "2", 4: "3"}


@pytest.mark.parametrize("steps", [0, 150], ids=["short", "long"])
def test_files_that_it_names_are_asked_for_however_they_are_written(
    edit: Edit, tmp_path: Path, steps: int
) -> None:
    secret = tmp_path / "secret.srt"
    secret.write_text("1\n00:00:00,000 --> 00:00:01,000\nHello.\n", encoding="utf-8")
    told = f"{tmp_path}/{'./' * steps}secret.srt"
    path = tmp_path / "reel.csv"
    path.write_text(filled(edit, {2: {"transcript": told}}), encoding="utf-8-sig")
    asked: list[Path] = []

    def may_open(place: Path) -> None:
        asked.append(place)
        raise OptionError("outside")

    with pytest.raises(OptionError, match="outside"):
        read_sheet(path, edit, may_open)
    assert asked[0].samefile(secret)
