# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: RUF001  (other scripts look like Latin letters)
"""How words sound: dictionary, guesses, eSpeak NG."""

from __future__ import annotations

import pytest

from plosive.errors import MissingDependencyError
from plosive.motion.visemes import PARTS
from plosive.speech.text import espeak
from plosive.speech.text.ipa import ARPABET, arpabet
from plosive.speech.text.languages import VOICES, known_language
from plosive.speech.text.letters import sound_out
from plosive.speech.text.lexicon import pronunciations

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


@pytest.mark.parametrize(
    ("language", "ipa", "phones"),
    [
        ("", "pˈamb", "P AA M B"),
        ("", "ʃˈøːn", "SH ER N"),
        ("", "bɔ̃", "B AO N"),
        ("", "t͡ʃ", "CH"),
        ("", "m̩", "M"),
        ("", "", ""),
        ("ar", "mrħbˈaː", "M AA D HH AA B AA"),  # short vowels that nobody wrote
        ("ar", "ʔn", "AA N"),
        ("ar", "dʒˈamal", "JH AA M AA L"),
        ("ar", "dˤˈajf", "D AY F"),
        ("de", "dˈ??ç", "D UH AH HH"),  # durch
        ("de", "bɾˈoːt", "B HH OW T"),
        ("de", "vˈiːɾ", "V IY AH"),
        ("es", "lˈoβo", "L OW V OW"),  # narrow lips, not shut
        ("es", "ˈambos", "AA M B OW S"),
        ("fr", "nyˈi", "N W IY"),
        ("hi", "bʰˈaːi", "B AY"),
        ("hi", "cʰˈoːʈeː", "CH OW T EY"),
        ("ja", "ɸˈɯᵝne̞", "F UH N EY"),
        ("ja", "ɕiˈũbɯᵝɴ", "S IY M B UH NG"),  # the nasal before b is m
        ("ja", "sˌe̞ũsˈe̞i", "S EY NG S EY"),
        ("ko", "p-ˈuɾi", "P UW D IY"),
        ("ko", "ˈɯjsɐ", "IH Y S AA"),
        ("nl", "ʋˈɛx", "V EH HH"),
        ("pl", "mˈɔja", "M AO Y AA"),
        ("pl", "ɕˈanɔ", "S AA N AO"),
        ("pt", "pˈɐ̃ʊ̃", "P AW N"),
        ("pt", "nˈoɪtʃy", "N OY CH IH"),
        ("pt", "kˈɐ̃mpʊ", "K AH M P UH"),
        ("ru", "rˈyba", "D IH B AA"),
        ("ru", "pʲˈɵs", "P Y OW S"),
        ("ru", 'ɭʲˈu"dʲɪ', "L Y UW D IH"),
        ("zh", "χˈo-ɜ", "HH AH"),  # tone 2, and no rounding
        ("zh", "ts.hˈi.5", "CH HH IH"),
        ("zh", "ˈyæɜn", "W AE N"),
        ("zh", "lˈiouɜ", "L Y OW"),
        ("zh", "fˈo2", "F OW"),
    ],
)
def test_ipa_keeps_what_the_lips_do(language: str, ipa: str, phones: str) -> None:
    assert arpabet(ipa, language) == tuple(phones.split())


def test_the_table_knows_only_the_aligners_phones() -> None:
    assert {phone for phones in ARPABET.values() for phone in phones.split()} <= PHONES | {"~"}


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
    ("language", "word", "phones"),
    [
        ("ar", "باب", "B AA B"),
        ("de", "Apfel", "AA P F AH L"),
        ("de", "Mühe", "M UW AH"),
        ("es", "vivo", "B IY V OW"),
        ("es", "muy", "M UW Y"),
        ("fr", "beau", "B OW"),
        ("fr", "l'homme", "L AO M"),
        ("hi", "फूल", "P UW L"),
        ("it", "bimbo", "B IY M B OW"),
        ("ja", "フネ", "F UH N EY"),
        ("ko", "아빠", "AA P AA"),
        ("nl", "boom", "B OW M"),
        ("pl", "wąż", "V AO N SH"),
        ("pt", "bom", "B OW NG"),
        ("ru", "рыба", "D IH B AA"),
    ],
)
def test_other_languages_in_the_aligners_phones(language: str, word: str, phones: str) -> None:
    (found,) = pronunciations([word], language)
    assert found.ways[0] == tuple(phones.split())


@needs_espeak
@pytest.mark.parametrize("language", sorted(VOICES))
def test_every_voice_gives_known_phones(language: str) -> None:
    text = {"zh": "好", "ja": "ハイ", "ko": "네", "th": "ไป", "hi": "घर", "ar": "بيت"}.get(language, "mama")
    (found,) = pronunciations([text], language)
    assert found.ways[0]
    assert set(found.ways[0]) <= PHONES


@needs_espeak
def test_loan_words_are_said_and_unknown_scripts_are_not() -> None:
    (weekend,) = pronunciations(["weekend"], "fr")
    assert weekend.ways[0] == tuple(["W", "IY", "K", "EH", "N", "D"])
    kanji, hello = pronunciations(["漢字", "Hello"], "ja")
    assert kanji.ways == ()
    assert hello.ways[0] == tuple(["HH", "AH", "L", "OW"])


@needs_espeak
def test_abbreviations_may_be_spelled() -> None:
    usa, _ = pronunciations(["USA", "und"], "de")
    assert len(usa.ways) == 2
    assert len(usa.ways[1]) > len(usa.ways[0])


def test_english_abbreviations() -> None:
    bbc, nasa, it, _ = pronunciations(["BBC", "NASA", "IT", "the"], "en")
    assert bbc.ways[0] == tuple(["B", "IY", "B", "IY", "S", "IY"])
    assert nasa.ways[0] == tuple(["N", "AE", "S", "AH"])
    assert it.ways == (("IH", "T"), ("AY", "T", "IY"))


def test_capitals_throughout_mark_nothing() -> None:
    it, _ = pronunciations(["IT", "IS"], "en")
    assert it.ways == (("IH", "T"),)


def test_no_words_need_no_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(espeak, "espeak_program", lambda: None)
    assert pronunciations((), "fi") == ()
