# SPDX-License-Identifier: Apache-2.0
"""Runs over a reel with choices: what the sync job is asked for, what is rendered again when they change."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from tests.core.reel.copying import Copier

from plosive.errors import MediaReadError, OptionError
from plosive.keyed import KeyedValue
from plosive.progress import SilentProgress
from plosive.reel import ConformOptions, ConformResult, DubWish, TranscriptWish, conform_edit, planning

LINES = """1
00:00:00,000 --> 00:00:00,500
Maybe

2
00:00:01,300 --> 00:00:01,800
purple
"""


@pytest.fixture(autouse=True)
def spoken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody speaks in each shot, and in none of the gaps."""
    spans = tuple((Fraction(first, 24), Fraction(first + 8, 24)) for first in (0, 16, 32))
    monkeypatch.setattr(planning, "spoken_spans", lambda sound: spans)


def names(copier: Copier) -> list[str]:
    found = [job.out.parent.name for job in copier.jobs]
    copier.jobs.clear()
    return found


def conformed(options: ConformOptions) -> ConformResult:
    return conform_edit(options, SilentProgress())


def fill(sheet: Path, out: Path, cells: dict[str, dict[str, str]]) -> Path:
    rows = list(csv.DictReader(io.StringIO(sheet.read_text(encoding="utf-8-sig"))))
    for row in rows:
        row.update(cells.get(row["name"], {}))
    with out.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, rows[0].keys(), delimiter=";")
        table.writeheader()
        table.writerows(rows)
    return out


@pytest.fixture
def sheet(options: ConformOptions, tmp_path: Path) -> Path:
    made = conformed(replace(options, dry_run=True, write_sheet=tmp_path / "reel.csv"))
    assert made.sheet == tmp_path / "reel.csv" and not options.out.exists()
    return tmp_path / "reel.csv"


def test_a_changed_choice_is_rendered_again_and_no_other(
    options: ConformOptions, copier: Copier, sheet: Path, tmp_path: Path
) -> None:
    conformed(options)
    assert len(names(copier)) == 3
    conformed(replace(options, sheet=sheet))
    assert names(copier) == [], "an empty sheet chooses nothing"
    chosen = {
        "one": {"sync": "no"}, "two": {"face": "80,60@22", "strength": "50%"}, "three": {"note": "look"},
    }  # fmt: skip
    first = replace(options, sheet=fill(sheet, tmp_path / "first.csv", chosen))
    (german,) = conformed(first).languages
    (job,) = copier.jobs
    assert job.out.parent.name == "002_two_de_v003"
    assert job.face == "80,60@22" and job.strength == KeyedValue.of(0.5)
    assert names(copier) == ["002_two_de_v003"]
    assert [one.state for one in german.shots] == ["original", "synced", "synced"]
    assert "first.csv, line 2" in german.shots[0].reason
    assert [str(voice) for voice in german.shots[1].voices] == ["no face (80,60@22), words as heard"]
    report = json.loads(german.edits[0].with_suffix(".json").read_text(encoding="utf-8"))
    assert report["shots"][1]["voices"][0]["chosen"] == "80,60@22"
    conformed(replace(first, sheet=fill(sheet, tmp_path / "again.csv", chosen | {"three": {"note": "done"}})))
    assert names(copier) == []
    chosen["two"]["strength"] = "0.6"
    conformed(replace(first, sheet=fill(sheet, tmp_path / "stronger.csv", chosen)))
    assert names(copier) == ["002_two_de_v005"]
    conformed(options)
    assert names(copier) == [], "what was made without choices is still there"


def test_a_changed_line_is_rendered_where_it_is_heard(
    options: ConformOptions, copier: Copier, tmp_path: Path
) -> None:
    (tmp_path / "lines.srt").write_text(LINES)
    options = replace(options, transcripts=(TranscriptWish("de", str(tmp_path / "lines.srt")),))
    conformed(options)
    told = [job.transcript is not None for job in copier.jobs]
    assert told == [True, False, True] and len(names(copier)) == 3
    conformed(options)
    assert names(copier) == []
    (tmp_path / "lines.srt").write_text(LINES.replace("purple", "violet"))
    (german,) = conformed(options).languages
    assert names(copier) == ["003_three_de_v003"]
    assert "lines.srt" in str(german.shots[2].voices[0])


def test_stems_are_one_job_with_both_and_tracks_of_their_own(
    options: ConformOptions, copier: Copier, media: Path
) -> None:
    import opentimelineio as otio

    stems = tuple(DubWish("de", str(media / "mix.wav"), "-1/2", speaker=name) for name in ("Anna", "Ben"))
    (german,) = conformed(replace(options, dubs=stems)).languages
    assert german.dub == "Anna: mix.wav, Ben: mix.wav"
    assert {tuple(one.name for one in job.speakers) for job in copier.jobs} == {("Anna", "Ben")}
    assert all(job.dub is None and len(job.dubs) == 2 for job in copier.jobs)
    timeline = otio.adapters.read_from_file(str(german.edits[0]))
    assert [track.name for track in timeline.audio_tracks()] == ["Dub de Anna", "Dub de Ben"]
    names(copier)
    conformed(replace(options, dubs=tuple(replace(one, speaker=f"{one.speaker}a") for one in stems)))
    assert len(names(copier)) == 3, "whose face it is, is found by the name"


def test_what_cannot_be_read_is_told_before_anything_is_made(
    options: ConformOptions, copier: Copier, sheet: Path, tmp_path: Path
) -> None:
    with pytest.raises(OptionError, match="exists already"):
        conformed(replace(options, dry_run=True, write_sheet=sheet))
    with pytest.raises(OptionError, match="give --dry-run, too"):
        conformed(replace(options, write_sheet=tmp_path / "new.csv"))
    with pytest.raises(MediaReadError, match="cast"):
        conformed(replace(options, cast=tmp_path / "none.json"))
    with pytest.raises(OptionError, match="language without a dub"):
        conformed(replace(options, transcripts=(TranscriptWish("fr", "a.srt"),)))
    with pytest.raises(OptionError, match="speaker who has no dub"):
        conformed(replace(options, transcripts=(TranscriptWish("de", "Hallo", None, "Anna"),)))
    assert not copier.jobs
