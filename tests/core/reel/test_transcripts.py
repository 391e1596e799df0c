# SPDX-License-Identifier: Apache-2.0
"""A reel's transcript: which time its lines have in the edit, which of them a render hears, and when."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.reel.test_planning import NTSC, a_clip, an_edit

from plosive.conform import Edit
from plosive.errors import OptionError, RangeError
from plosive.reel.dub.transcripts import edit_script, heard_part, moved, shot_script, write_script
from plosive.speech import read_script
from plosive.speech.model import Phone, Word
from plosive.speech.text.script import Cue, Script

F = Fraction


@pytest.fixture(scope="module")
def edit(tmp_path_factory: pytest.TempPathFactory) -> Edit:
    """Four seconds and a bit from 01:00:00:00 at 23.976."""
    return an_edit(tmp_path_factory.mktemp("edit"), a_clip(0, 60), a_clip(60, 40))


def srt(folder: Path, *lines: tuple[str, str]) -> str:
    path = folder / "lines.srt"
    path.write_text(
        "".join(
            f"{row}\n{start} --> {start[:-3]}900\n{text}\n\n" for row, (start, text) in enumerate(lines, 1)
        )
    )
    return str(path)


def starts(script: Script) -> list[Fraction | None]:
    return [cue.start_seconds for cue in script.cues]


def test_record_time_and_time_from_the_first_frame_are_told_apart(edit: Edit, tmp_path: Path) -> None:
    from_first = srt(tmp_path, ("00:00:01,250", "a"), ("00:00:03,000", "b"))
    assert starts(edit_script(from_first, None, edit).script) == [F(5, 4), F(3)]
    record = srt(tmp_path, ("01:00:01,250", "a"), ("01:00:03,000", "b"))
    assert starts(edit_script(record, None, edit).script) == [F(5, 4), F(3)]
    hours = edit_script(srt(tmp_path, ("10:00:02,000", "a")), None, edit)
    assert starts(hours.script) == [F(2)]
    assert hours.warnings == ("The times in lines.srt begin at hour 10, taken as the edit's first frame.",)


def test_where_its_zero_stands_can_be_said(edit: Edit, tmp_path: Path) -> None:
    lines = srt(tmp_path, ("00:00:01,000", "a"))
    assert starts(edit_script(lines, "-1/2", edit).script) == [F(1, 2)]
    assert starts(edit_script(lines, "01:00:01:00", edit).script) == [1 + F(24) / NTSC]
    with pytest.raises(RangeError):
        edit_script(lines, "1:2:3:4:5", edit)


def test_timecode_of_a_drop_frame_edit_is_drop_frame_however_it_is_written(edit: Edit) -> None:
    dropping = replace(edit, rate=F(30000, 1001), is_drop_frame=True, start_frame=107892)
    assert str(dropping.timecode(0)) == "01:00:00;00"
    for text in ("01:01:00:02", "01:01:00;02"):
        assert dropping.seconds_of(text) == 1800 * F(1001, 30000)
    assert dropping.seconds_of("90") == dropping.seconds_of("00:01:30") == 90
    assert edit.seconds_of("01:00:01:00") == 24 / NTSC


def test_what_cannot_be_told_is_asked(edit: Edit, tmp_path: Path) -> None:
    both = srt(tmp_path, *((f"0{hour}:00:0{second},000", "a") for hour in (0, 1) for second in (1, 2)))
    with pytest.raises(OptionError, match=r"lines.srt@0 for the first frame or lines.srt@-3600 for timecode"):
        edit_script(both, None, edit)
    with pytest.raises(
        OptionError, match=r"No line of lines\.srt falls into the edit, which runs from 01:00:00:00"
    ):
        edit_script(srt(tmp_path, ("00:10:00,000", "a")), None, edit)
    plain = edit_script("Hello there.", None, edit)
    assert not plain.is_timed and plain.script.text == "Hello there."


moments = st.fractions(0, 20, max_denominator=48000)
spoken_lines = st.lists(st.tuples(moments, st.fractions(F(1, 100), 3, max_denominator=1001)), max_size=6)


@settings(max_examples=80, deadline=None)
@given(spoken_lines, moments, st.fractions(F(1, 2), 8, max_denominator=1000), spoken_lines)
def test_lines_come_back_in_the_edits_time_to_the_fraction(
    tmp_path_factory: pytest.TempPathFactory,
    lines: list[tuple[Fraction, Fraction]],
    start: Fraction,
    length: Fraction,
    spoken: list[tuple[Fraction, Fraction]],
) -> None:
    cues = tuple(Cue(f"word{row}", at, at + long, "Anna") for row, (at, long) in enumerate(sorted(lines)))
    begins = sorted({at for at, _ in spoken})
    lengths = [long for _, long in spoken]
    spans = tuple(
        (at, min(at + long, *begins[row + 1 : row + 2], at + long))
        for row, (at, long) in enumerate(zip(begins, lengths, strict=False))
    )
    part = heard_part(Script(cues, language="de"), start, start + length, spans)
    if part is None:
        return
    back = read_script(write_script(part, tmp_path_factory.mktemp("part"), "de_1"))
    assert back.cues == part.cues and back.language == "de"
    assert all(0 <= (cue.start_seconds or 0) < (cue.end_seconds or 0) <= length for cue in back.cues)
    again = {cue.text: cue for cue in moved(back, start).cues}
    for cue in cues:
        if cue.text not in again:
            continue
        own = again[cue.text]
        assert cue.start_seconds is not None and cue.end_seconds is not None
        assert own.start_seconds == max(cue.start_seconds, start)
        assert own.end_seconds == min(cue.end_seconds, start + length)


def test_a_line_goes_where_most_of_it_is_spoken() -> None:
    """It stands from 1 s to 4 s, and is spoken from 1.2 s to 2 s: a subtitle that stays on."""
    script = Script((Cue("early", F(1), F(4)), Cue("late", F(5), F(6))))
    spans = ((F(6, 5), F(2)), (F(5), F(6)))
    first = heard_part(script, F(0), F(5, 2), spans)
    assert first is not None and first.cues == (Cue("early", F(1), F(5, 2)),)
    second = heard_part(script, F(5, 2), F(7), spans)
    assert second is not None and second.cues == (Cue("late", F(5, 2), F(7, 2)),)
    assert heard_part(script, F(7), F(9), spans) is None


def test_timed_words_and_phones_are_moved_too(tmp_path: Path) -> None:
    words = (Word("hi", F(1), F(3, 2)), Word("there", F(2), F(5, 2)))
    script = Script(tuple(Cue(one.text, one.start_seconds, one.end_seconds) for one in words), words)
    part = heard_part(script, F(1, 3), F(9, 5), ())
    assert part is not None
    back = read_script(write_script(part, tmp_path, "words"))
    assert back.words == (Word("hi", F(2, 3), F(7, 6)),)
    phones = (Phone("HH", F(1), F(11, 10)), Phone("AY", F(11, 10), F(3, 2)), Phone("SIL", F(3, 2), F(2)))
    part = heard_part(Script(script.cues[:1], words[:1], phones), F(1, 2), F(3), ())
    assert part is not None
    back = read_script(write_script(part, tmp_path, "phones"))
    sounds = [one for one in back.phones if one.symbol != "SIL"]
    assert [(one.symbol, one.start_seconds, one.end_seconds) for one in sounds] == [
        ("HH", F(1, 2), F(3, 5)), ("AY", F(3, 5), F(1)),
    ]  # fmt: skip
    assert back.words == (Word("hi", F(1, 2), F(1)),)


def test_words_of_one_shot_may_be_longer_than_any_name_of_a_file(edit: Edit) -> None:
    words = " ".join(["Donaudampfschiff"] * 30)
    script = shot_script(words, edit.shots[0], (), edit).script
    assert [cue.text for cue in script.cues] == [words]


def test_words_of_one_shot_last_as_long_as_it_is_seen(edit: Edit) -> None:
    shot = edit.shots[1]
    script = shot_script("Anna: Guten Tag.\nBEN: Na: ja.\nund", shot, ("Anna", "Ben"), edit).script
    assert [(cue.text, cue.speaker) for cue in script.cues] == [
        ("Guten Tag.", "Anna"), ("Na: ja.", "Ben"), ("und", None),
    ]  # fmt: skip
    assert {(cue.start_seconds, cue.end_seconds) for cue in script.cues} == {(60 / NTSC, 100 / NTSC)}
