# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: RUF001  (other scripts look like Latin letters)
"""How words sound: dictionary, guesses, eSpeak NG."""

from __future__ import annotations

import pytest

from plosive.errors import MissingDependencyError
from plosive.motion.visemes import PARTS
from plosive.speech import espeak
from plosive.speech.ipa import arpabet
from plosive.speech.languages import VOICES, known_language
from plosive.speech.letters import sound_out
from plosive.speech.lexicon import pronunciations

needs_espeak = pytest.mark.skipif(espeak.espeak_program() is None, reason="eSpeak NG is not installed")

PHONES = frozenset(PARTS) - {"DX"}


def test_dictionary_words_keep_all_their_ways() -> None:
    (prefers,) = pronunciations(["prefers"], "en")
    assert len(prefers.ways) >= 2
    assert all(way[0] == "P" for way in prefers.ways)
    assert not prefers.guessed


def test_letters_are_read_by_their_names() -> None:
    b, f = pronunciations(["B", "F"], "en")
    assert b.ways[0] == ("B", "IY")
    assert f.ways[0] == ("EH", "F")


def test_a_word_in_no_dictionary_is_guessed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(espeak, "espeak_program", lambda: None)
    (word,) = pronunciations(["Plumbertop"], "en")
    assert word.guessed
    assert word.ways[0][0] == "P"
    assert set(word.ways[0]) <= PHONES


@pytest.mark.parametrize(
    ("word", "phones"),
    [("muffin", "M AH F IH N"), ("baby", "B EY B IY"), ("purple", "P ER P AH L"), ("phone", "F OW N")],
)
def test_sounding_out(word: str, phones: str) -> None:
    assert sound_out(word) == tuple(phones.split())


def test_sounding_out_knows_only_the_aligners_phones() -> None:
    for word in ["xylophone", "queue", "rhythm", "tsktsk", "jigsaw", "vacuum", "ooooh", "zzz"]:
        assert sound_out(word)
        assert set(sound_out(word)) <= PHONES


def test_ipa_keeps_labials_and_lip_rounding() -> None:
    assert arpabet("pˈamb") == ("P", "AA", "M", "B")
    assert arpabet("ʃˈøːn") == ("SH", "ER", "N")
    assert arpabet("bɔ̃") == ("B", "AO", "N")
    assert arpabet("") == ()


def test_language_codes() -> None:
    assert known_language("en-GB") == "en"
    assert known_language("pt_BR") == "pt"
    assert {"en", "de", "es", "fr", "it", "pt", "ja", "ko", "zh", "nl", "pl", "ru", "hi", "ar"} <= set(VOICES)


def test_without_espeak_the_artist_learns_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(espeak, "espeak_program", lambda: None)
    with pytest.raises(MissingDependencyError, match="espeak-ng"):
        pronunciations(["hallo"], "de")


@needs_espeak
@pytest.mark.parametrize(
    ("language", "word", "first"),
    [
        ("de", "Portal", "P"),
        ("es", "muy", "M"),
        ("fr", "beau", "B"),
        ("it", "meglio", "M"),
        ("pt", "boa", "B"),
        ("ko", "피하면서", "P"),
        ("ru", "брат", "B"),
        ("hi", "मेरा", "M"),
        ("ar", "مرحبا", "M"),
        ("nl", "morgen", "M"),
        ("pl", "brat", "B"),
    ],
)
def test_other_languages_in_the_aligners_phones(language: str, word: str, first: str) -> None:
    (found,) = pronunciations([word], language)
    assert found.ways[0][0] == first
    assert set(found.ways[0]) <= PHONES


def test_no_words_need_no_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(espeak, "espeak_program", lambda: None)
    assert pronunciations((), "fi") == ()
