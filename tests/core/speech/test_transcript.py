# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: RUF001  (other scripts look like Latin letters)
"""Transcripts: files, subtitles, numbers, signs."""

from __future__ import annotations

from pathlib import Path

import pytest

from plosive.errors import OptionError
from plosive.speech import read_transcript
from plosive.speech.transcript import words_of

SRT = """1
00:00:01,000 --> 00:00:02,500
<i>Maybe Bob</i>

2
00:00:03,000 --> 00:00:04,000
{\\an8}- prefers [laughs]
muffins.
"""

VTT = """WEBVTT

NOTE nobody says this

STYLE
::cue { color: red }

00:01.000 --> 00:02.500 align:start
<v Ann>Maybe Bob

00:00:03.000 --> 00:00:04.000
prefers muffins.
"""


def test_text_stays_text() -> None:
    assert read_transcript("Maybe  Bob\nprefers") == "Maybe Bob prefers"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_plain_files_in_any_usual_encoding(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "line.txt"
    path.write_bytes("Ça va, Bob?".encode(encoding))
    assert read_transcript(path) == "Ça va, Bob?"


@pytest.mark.parametrize(
    ("name", "text"), [("a.srt", SRT), ("a.vtt", VTT), ("b.srt", SRT.replace("\n", "\r\n"))]
)
def test_subtitles_lose_numbers_times_and_tags(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_bytes(text.encode())
    assert words_of(read_transcript(str(path)), "en") == ("Maybe", "Bob", "prefers", "muffins")


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match=r"gone\.srt cannot be read"):
        read_transcript(tmp_path / "gone.srt")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("in 1999", "in nineteen ninety nine"),
        ("42 muffins", "forty two muffins"),
        ("the 21st", "the twenty first"),
        ("$5", "five dollars"),
        ("50%", "fifty percent"),
        ("Mr. Bob & Dr Ann", "mister Bob and doctor Ann"),
        ("it\u2019s well-known", "it's well known"),
        ("wait\u2026 (sighs) what?!", "wait what"),
    ],
)
def test_english_is_spelled_out(text: str, words: str) -> None:
    assert " ".join(words_of(text, "en")) == words


def test_other_scripts_are_words_too() -> None:
    assert words_of("où vas-tu, l'été ?", "fr") == ("où", "vas", "tu", "l'été")
    assert words_of("你好，中国", "zh") == ("你", "好", "中", "国")
    assert words_of("नमस्ते दुनिया!", "hi") == ("नमस्ते", "दुनिया")
    assert words_of("Привет, мир", "ru") == ("Привет", "мир")
