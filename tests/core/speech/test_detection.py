# SPDX-License-Identifier: Apache-2.0

"""Which language a script is in."""

from __future__ import annotations

import pytest

from plosive.speech.text.detection import language_of
from plosive.speech.text.script import Cue, Script


def _of(text: str, claimed: str | None = None) -> tuple[str, bool]:
    language, doubt = language_of(Script((Cue(text),), language=claimed))
    assert doubt is None or "--language" in doubt
    return language, doubt is not None


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("ar", "مرحبا كيف حالك"),
        ("de", "Ich weiß nicht, wo er ist."),
        ("el", "Καλημέρα"),
        ("en", "Maybe Bob prefers fluffy purple muffins."),
        ("en", "BIN GREEN BY G ZERO NOW"),
        ("en", "Ask not what your country can do for you."),
        ("en", "She said: 東京 is nice"),
        ("es", "El tren llega a las ocho de la mañana."),
        ("fa", "سلام، چطوری؟ کجا بودی"),
        ("fr", "Le train arrive à huit heures du matin."),
        ("he", "שלום לך"),
        ("hi", "नमस्ते, आप कैसे हैं?"),
        ("it", "Il treno arriva alle otto di mattina."),
        ("ja", "今日はいい天気ですね"),
        ("ja", "HelloはKonnichiwaです"),
        ("ko", "안녕하세요"),
        ("nl", "De trein komt om acht uur 's ochtends aan."),
        ("pl", "Dzień dobry państwu"),
        ("pt", "Eu não quero ir para casa."),
        ("ru", "Привет, как дела?"),
        ("th", "สวัสดี"),
        ("uk", "Привіт, де ти був? Їжак."),
        ("ur", "آپ کیسے ہیں؟"),
        ("zh", "今天天气非常好"),
    ],
)
def test_text_says_its_language(language: str, text: str) -> None:
    assert _of(text) == (language, False)


@pytest.mark.parametrize("text", ["Hallo Welt", "Ciao", "No lo sé"])
def test_too_short_a_text_is_english_with_a_doubt(text: str) -> None:
    assert _of(text) == ("en", True)


@pytest.mark.parametrize("text", ["", "42", "..."])
def test_no_letters_are_english_without_a_doubt(text: str) -> None:
    assert _of(text) == ("en", False)


def test_a_claim_goes_first() -> None:
    assert _of("Ciao", "it") == ("it", False)
    assert _of("Ciao", "pt-BR") == ("pt", False)


def test_a_claim_in_another_script_is_none() -> None:
    """In `film.hi.srt` hi may stand for the hard of hearing."""
    assert _of("Where did you put my keys?", "hi") == ("en", False)
    assert _of("Привет, как дела?", "de") == ("ru", False)
    assert _of("Ciao", "tlh") == ("en", True)
