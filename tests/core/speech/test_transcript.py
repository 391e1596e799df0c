# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: RUF001  (other scripts look like Latin letters)
"""Transcripts: files of words, numbers, signs, what was written for each word."""

from __future__ import annotations

from pathlib import Path

import pytest

from plosive.errors import OptionError
from plosive.speech import read_script, read_transcript
from plosive.speech.text.numerals import in_words, plain_number
from plosive.speech.text.transcript import words_of
from plosive.speech.text.wording import wordings_of


def test_text_stays_text() -> None:
    assert read_transcript("Maybe  Bob\nprefers") == "Maybe Bob prefers"
    assert read_script(" ").cues == ()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_plain_files_in_any_usual_encoding(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "line.txt"
    path.write_bytes("Ça va, Bob?".encode(encoding))
    assert read_transcript(path) == "Ça va, Bob?"


def test_a_script_in_a_text_file_loses_names_and_sounds(tmp_path: Path) -> None:
    path = tmp_path / "scene.txt"
    path.write_text("BOB: Maybe. (laughs)\n♪ la la ♪\nANN: - No, at 10:30.\n", encoding="utf-8")
    assert read_transcript(path) == "Maybe. No, at 10:30."


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match=r"gone\.srt cannot be read"):
        read_script(tmp_path / "gone.srt")


def test_a_file_of_another_kind_is_not_taken_for_words(tmp_path: Path) -> None:
    path = tmp_path / "script.docx"
    path.write_bytes(b"PK")
    with pytest.raises(OptionError, match=r"save it as \.txt"):
        read_script(str(path))


@pytest.mark.parametrize(
    ("name", "language"),
    [
        ("line.de.txt", "de"),
        ("line.pt-BR.txt", "pt"),
        ("line.fr.forced.txt", "fr"),
        ("line.txt", None),
        ("take.3.txt", None),
    ],
)
def test_a_file_name_may_claim_a_language(tmp_path: Path, name: str, language: str | None) -> None:
    path = tmp_path / name
    path.write_text("Bob", encoding="utf-8")
    assert read_script(path).language == language


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("in 1999", "in nineteen ninety nine"),
        ("in 2010 100 people", "in twenty ten one hundred people"),
        ("42 muffins", "forty two muffins"),
        ("1,234.5", "one thousand two hundred and thirty four point five"),
        ("the 21st", "the twenty first"),
        ("$5", "five dollars"),
        ("$5.50", "five dollars fifty"),
        ("50%", "fifty percent"),
        ("10:30 or 9:00", "ten thirty or nine o'clock"),
        ("80 km/h", "eighty kilometers per hour"),
        ("007", "zero zero seven"),
        ("3D", "three D"),
        ("U.S.A.", "USA"),
        ("Mr. Bob & Dr Ann", "mister Bob and doctor Ann"),
        ("it\u2019s well-known", "it's well known"),
        ("wait\u2026 (sighs) what?!", "wait what"),
    ],
)
def test_english_is_spelled_out(text: str, words: str) -> None:
    assert " ".join(words_of(text, "en")) == words


@pytest.mark.parametrize(
    ("language", "text", "words"),
    [
        ("de", "Z. B. am 3. Mai", "zum Beispiel am dritte Mai"),
        ("de", "um 10:30 Uhr", "um zehn Uhr dreißig"),
        ("de", "1.234,50 €", "eintausendzweihundertvierunddreißig Euro fünfzig"),
        ("es", "Sr. García, 25 %", "señor García veinticinco por ciento"),
        ("fr", "M. Dupont, le 1er mai", "monsieur Dupont le premier mai"),
        ("fr", "où vas-tu, l'été ?", "où vas tu l'été"),
        ("it", "3,5 kg", "tre virgola cinque chili"),
        ("nl", "de 3de keer", "de derde keer"),
        ("pl", "np. 25", "na przykład dwadzieścia pięć"),
        ("pt", "São 25", "São vinte e cinco"),
        ("ru", "1-й раз, т.е. 25", "первый раз то есть двадцать пять"),
        ("ru", "Привет, мир", "Привет мир"),
        ("ko", "25명", "이십오 명"),
        ("zh", "你好，Bob 50%", "你 好 Bob 百 分 之 五 十"),
        ("zh", "1999年 105", "一 九 九 九 年 一 百 五"),
        ("hi", "नमस्ते दुनिया! २५", "नमस्ते दुनिया 25"),  # eSpeak NG reads digits itself
        ("ar", "٢٥ %", "25 بالمئة"),
    ],
)
def test_other_languages_are_spelled_out(language: str, text: str, words: str) -> None:
    assert " ".join(words_of(text, language)) == words


def test_japanese_is_read_in_kana_as_it_sounds() -> None:
    pytest.importorskip("janome")
    assert words_of("今日は", "ja") == ("キョー", "ワ")
    assert [wording.written for wording in wordings_of("今日は", "ja")] == ["今日", "は"]


def test_each_word_knows_what_was_written() -> None:
    wordings = wordings_of("Mr. Bob has 42.", "en")
    assert [(wording.spoken, wording.written) for wording in wordings] == [
        ("mister", "Mr."),
        ("Bob", "Bob"),
        ("has", "has"),
        ("forty", "42"),
        ("two", "42"),
    ]
    assert wordings[3].group == wordings[4].group != wordings[2].group


@pytest.mark.parametrize(
    ("written", "language", "plain"),
    [
        ("1.234,5", "de", "1234.5"),
        ("1,234.5", "en", "1234.5"),
        ("3,5", "fr", "3.5"),
        ("1\u202f000", "fr", "1000"),
        ("1'000", "de", "1000"),
        ("1.234,5", "en", "1234.5"),  # written as elsewhere
        ("1.234.567", "en", "1234567"),
        ("007", "en", "007"),
    ],
)
def test_thousands_and_decimals_as_each_language_writes_them(written: str, language: str, plain: str) -> None:
    assert plain_number(written, language) == plain


def test_numbers_nobody_can_say_stay_digits() -> None:
    assert in_words("25", "hi") == "25"
    assert in_words("25", "el") == "25"
    assert in_words("1234567890123", "en").startswith("one two three")
