# SPDX-License-Identifier: Apache-2.0
"""The language of a script: what the file claims, else what its letters and words say."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

from plosive.errors import LanguageError
from plosive.speech.text.languages import OTHER_SCRIPTS, VOICES, known_language
from plosive.speech.text.lexicon import in_dictionary
from plosive.speech.text.script import Script

__all__ = ["AUTO", "language_of"]

AUTO = "auto"
_SURE = 0.9  # of 58 sentences in 19 languages one was mistaken with more (Danish), 13 were left in doubt
_FEWEST_LETTERS = 8
_POSSIBLE = 0.05
_FEWEST_WORDS = 3  # all in the English dictionary: it has many names of other languages
# What the library knows among the known languages; the two written forms of Norwegian are one voice.
_LATIN = tuple(sorted((set(VOICES) - OTHER_SCRIPTS - {"ms"}) | {"no", "nn"}))
_SCRIPTS = {
    "HIRAGANA": "ja", "KATAKANA": "ja", "HANGUL": "ko", "CJK": "zh", "CYRILLIC": "ru", "DEVANAGARI": "hi",
    "ARABIC": "ar", "GREEK": "el", "HEBREW": "he", "THAI": "th", "BENGALI": "bn", "TAMIL": "ta",
    "TELUGU": "te", "LATIN": "",
}  # fmt: skip
_MARKS = (  # letters that only one language of its script uses
    ("ru", "uk", "іїєґ"), ("ru", "sr", "ђјљњћџ"), ("ar", "ur", "ٹڈڑںےہھ"), ("ar", "fa", "پچژگکی"),
)  # fmt: skip


def language_of(script: Script) -> tuple[str, str | None]:
    """The language of `script` and, where it is in doubt, a sentence for the artist.

    A claim of the file's own goes first, unless its letters are of another script. Latin letters are told
    apart by py3langid, other scripts by their letters. Text too short to tell is taken as English.
    """
    text = script.text
    claimed = _claimed(script.language)
    if claimed is not None and _fits(claimed, text):
        return claimed, None
    by_letters = _by_letters(text)
    if by_letters:
        return by_letters, None
    letters = re.sub(r"[\W\d_]+", " ", text).lower().strip()
    if not letters:
        return "en", None
    likely = _by_words(letters)
    best = max(likely, key=lambda code: likely[code])
    words = letters.split()
    if likely[best] >= _SURE and (best == "en" or len(letters) >= _FEWEST_LETTERS):
        return best, None
    in_doubt = likely.get("en", 0.0) >= _POSSIBLE and len(words) >= _FEWEST_WORDS
    if in_doubt and in_dictionary(words) == len(words):
        return "en", None
    return "en", "The language of the transcript is not clear and taken as English; name it with --language."


def _claimed(code: str | None) -> str | None:
    try:
        return known_language(code) if code else None
    except LanguageError:
        return None


def _fits(language: str, text: str) -> bool:
    """Whether `text` is written in letters of `language`: `film.hi.srt` may mean hard of hearing."""
    scripts = _scripts(text)
    if not scripts:
        return True
    latin = scripts[""] / sum(scripts.values())
    return latin < 0.9 if language in OTHER_SCRIPTS else latin > 0.1


def _scripts(text: str) -> Counter[str]:
    """How many letters belong to the language that stands for their script; none for Latin."""
    found: Counter[str] = Counter()
    for letter in text:
        if letter.isalpha():
            found[_SCRIPTS.get(unicodedata.name(letter, "").split(" ")[0].split("-")[0], "")] += 1
    return found


def _by_letters(text: str) -> str:
    """The language of a script other than Latin, where that is what most of the text is written in."""
    scripts = _scripts(text)
    if not scripts:
        return ""
    if scripts["ja"] > 0.1 * sum(scripts.values()):
        return "ja"
    others = sum(count for language, count in scripts.items() if language)
    if others < 0.4 * sum(
        scripts.values()
    ):  # English names within another script weigh more than their share
        return ""
    if scripts["ja"] > 0.05 * others:  # kana among the characters that Chinese uses too
        return "ja"
    best = max((language for language in scripts if language), key=lambda language: scripts[language])
    for base, language, marks in _MARKS:
        if best == base and sum(text.lower().count(mark) for mark in marks) >= max(1, scripts[base] // 100):
            return language
    return best


def _by_words(letters: str) -> dict[str, float]:
    """Likelihood of each language with Latin letters."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    judge = LanguageIdentifier.from_pickled_model(MODEL_FILE, norm_probs=True)
    judge.set_languages([code for code in _LATIN if code in set(judge.nb_classes)])
    likely: dict[str, float] = {}
    for code, likelihood in judge.rank(letters):
        code = {"no": "nb", "nn": "nb"}.get(code, code)
        likely[code] = likely.get(code, 0.0) + float(likelihood)
    return likely
