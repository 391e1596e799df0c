# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: RUF001  (the International Phonetic Alphabet looks like other letters)
"""Words and phones timed by other programs."""

from __future__ import annotations

import json
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest

from plosive.errors import OptionError
from plosive.speech import Phone, Script, Word, read_script

Tier = tuple[str, list[tuple[float, float, str]]]
BOB: list[Tier] = [
    ("words", [(0, 0.3, ""), (0.3, 0.7, "Bob"), (0.7, 1.5, 'says "hi"')]),
    (
        "Ann - Phones",
        [(0, 0.3, "sil"), (0.3, 0.412, "B"), (0.412, 0.6, "AA1"), (0.59, 0.7, "b"), (0.8, 1.5, "spn")],
    ),
]


def _long(tiers: list[Tier]) -> str:
    text = 'File type = "ooTextFile"\nObject class = "TextGrid"\n\nxmin = 0\nxmax = 1.5\ntiers? <exists>\n'
    text += f"size = {len(tiers)}\nitem []:\n"
    for row, (name, entries) in enumerate(tiers, start=1):
        text += f'    item [{row}]:\n        class = "IntervalTier"\n        name = "{name}"\n'
        text += f"        xmin = 0\n        xmax = 1.5\n        intervals: size = {len(entries)}\n"
        for number, (start, end, label) in enumerate(entries, start=1):
            label = label.replace('"', '""')
            text += f"        intervals [{number}]:\n            xmin = {start}\n            xmax = {end}\n"
            text += f'            text = "{label}"\n'
    return text


def _short(tiers: list[Tier]) -> str:
    text = f'File type = "ooTextFile"\nObject class = "TextGrid"\n\n0\n1.5\n<exists>\n{len(tiers)}\n'
    for name, entries in tiers:
        text += f'"IntervalTier"\n"{name}"\n0\n1.5\n{len(entries)}\n'
        for start, end, label in entries:
            label = label.replace('"', '""')
            text += f'{start}\n{end}\n"{label}"\n'
    return text


def _read(folder: Path, name: str, text: str | bytes, language: str | None = None) -> Script:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_script(str(path), language=language)


def _phones(script: Script) -> list[tuple[str, str, str]]:
    return [(phone.symbol, str(phone.start_seconds), str(phone.end_seconds)) for phone in script.phones]


@pytest.mark.parametrize(
    "text",
    [
        _long(BOB),
        _short(BOB),
        _long(BOB).replace("\n", "\r\n"),
        _long(BOB).encode("utf-16"),
        _short(BOB).encode("utf-16-be"),
    ],
)
def test_textgrids(tmp_path: Path, text: str | bytes) -> None:
    script = _read(tmp_path, "a.TextGrid", text)
    assert script.words == (
        Word("Bob", Fraction(3, 10), Fraction(7, 10)),
        Word('says "hi"', Fraction(7, 10), Fraction(3, 2)),
    )
    assert script.text == 'Bob says "hi"'
    assert _phones(script) == [
        ("SIL", "0", "3/10"),
        ("B", "3/10", "41/100"),  # whole hops
        ("AA", "41/100", "59/100"),  # an overlap ends where the next begins
        ("B", "59/100", "7/10"),
        ("SIL", "7/10", "3/2"),  # a gap and a noise
    ]


def test_ipa_labels_are_read_as_their_language_sounds(tmp_path: Path) -> None:
    tiers: list[Tier] = [
        ("phones", [(0, 0.2, "ɸ"), (0.2, 0.4, "ɯ"), (0.4, 0.5, "ʔ"), (0.5, 0.9, "tɕ"), (0.9, 1, "☺")])
    ]
    japanese = _read(tmp_path, "a.TextGrid", _long(tiers), "ja-JP")
    assert [phone.symbol for phone in japanese.phones] == ["F", "UH", "HH", "T", "S", "HH"]
    assert japanese.phones[3].end_seconds == japanese.phones[4].start_seconds == Fraction(7, 10)
    assert "☺" in japanese.warnings[0]
    korean = _read(tmp_path, "a.ko.TextGrid", _long(tiers))
    assert korean.phones[1].symbol == "IH"


def test_phones_cover_all_time_without_gaps(tmp_path: Path) -> None:
    tiers: list[Tier] = [("phones", [(0.5, 0.6, "m"), (0.9, 1.0, "p"), (0.95, 0.97, "a")])]
    phones = _read(tmp_path, "a.TextGrid", _short(tiers)).phones
    assert phones[0] == Phone("SIL", Fraction(0), Fraction(1, 2))
    for before, after in pairwise(phones):
        assert before.end_seconds == after.start_seconds


def test_montreal_forced_aligner_tables(tmp_path: Path) -> None:
    table = (
        "Begin,End,Label,Type,Speaker\n0.0,0.3,bob,words,a\n0.0,0.1,b,phones,a\n"
        "0.1,0.2,ɑː,phones,a\n0.2,0.3,bʲ,phones,a\n"
    )
    script = _read(tmp_path, "a.csv", table)
    assert script.words == (Word("bob", Fraction(0), Fraction(3, 10)),)
    assert [phone.symbol for phone in script.phones] == ["B", "AA", "B"]
    tiers = {name: {"type": "interval", "entries": entries} for name, entries in BOB}
    document = json.dumps({"start": 0, "end": 1.5, "tiers": tiers})
    assert _read(tmp_path, "a.json", document) == _read(tmp_path, "a.TextGrid", _long(BOB))


@pytest.mark.parametrize(
    "document",
    [
        [{"word": "Bob", "start": 0.1, "end": 0.4}, {"word": " da", "start": 1, "end": 1.2}],
        {"words": [{"word": "Bob", "start_sec": 0.1, "end_sec": 0.4},
                   {"word": "da", "start_sec": 1, "end_sec": 1.2}]},
        {"segments": [{"words": [{"text": "Bob", "start": "0.1", "end": "0:00.4"}]},
                      {"words": [{"text": "da", "start": "0:00:01.0", "end": "00:01,2"}]}]},
    ],
)  # fmt: skip
def test_words_of_recognisers(tmp_path: Path, document: object) -> None:
    script = _read(tmp_path, "a.json", json.dumps(document))
    assert script.words == (
        Word("Bob", Fraction(1, 10), Fraction(2, 5)),
        Word("da", Fraction(1), Fraction(6, 5)),
    )
    assert [cue.text for cue in script.cues] == ["Bob", "da"]


def test_a_word_without_times_lies_between_its_neighbours(tmp_path: Path) -> None:
    words = [
        {"word": "at", "start": 0, "end": 0.5},
        {"word": "42"},
        {"word": "o'clock", "start": 1, "end": 1.5},
    ]
    script = _read(tmp_path, "a.json", json.dumps({"language": "en", "words": words}))
    assert script.language == "en"
    assert script.words[1] == Word("42", Fraction(1, 2), Fraction(1))


def test_words_of_a_timeline_that_starts_at_an_hour(tmp_path: Path) -> None:
    words = [{"word": "Bob", "start": 3601.5, "end": 3602}]
    script = _read(tmp_path, "a.json", json.dumps(words))
    assert script.words[0].start_seconds == script.cues[0].start_seconds == Fraction(3, 2)
    assert "hour 1" in script.warnings[0]


def test_segments_without_words_are_cues(tmp_path: Path) -> None:
    document = {"segments": [{"start": 1, "end": 2, "text": "Bob [laughs]", "speaker": "Ann"}]}
    script = _read(tmp_path, "a.json", json.dumps(document))
    assert script.words == ()
    assert (script.cues[0].text, script.cues[0].speaker, script.cues[0].start_seconds) == ("Bob", "Ann", 1)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.TextGrid", ""),
        ("a.TextGrid", "hello"),
        ("a.TextGrid", _long(BOB)[:600]),
        ("a.TextGrid", _long([("notes", [(0, 1, "x")])])),
        ("a.csv", "a,b\n1,2\n"),
        ("a.json", "{"),
        ("a.json", "[1, 2]"),
        ("a.json", "{}"),
        ("a.json", "null"),
        ("a.json", '[{"word": "Bob", "start": "01:00:00:12", "end": "01:00:00:20"}]'),
    ],
)
def test_what_cannot_be_read_is_one_sentence(tmp_path: Path, name: str, text: str) -> None:
    with pytest.raises(OptionError) as caught:
        _read(tmp_path, name, text)
    assert str(caught.value).count("\n") == 0
    assert str(caught.value).endswith(".")
