# SPDX-License-Identifier: Apache-2.0
"""Languages whose transcripts can be aligned."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from plosive.errors import LanguageError

__all__ = ["OTHER_SCRIPTS", "VOICES", "known_language"]

VOICES: Mapping[str, str] = MappingProxyType(
    {
        "ar": "ar",
        "bg": "bg",
        "bn": "bn",
        "ca": "ca",
        "cs": "cs",
        "da": "da",
        "de": "de",
        "el": "el",
        "en": "en-us",
        "es": "es",
        "et": "et",
        "fa": "fa",
        "fi": "fi",
        "fr": "fr-fr",
        "he": "he",
        "hi": "hi",
        "hr": "hr",
        "hu": "hu",
        "id": "id",
        "it": "it",
        "ja": "ja",
        "ko": "ko",
        "lt": "lt",
        "lv": "lv",
        "ms": "ms",
        "nb": "nb",
        "nl": "nl",
        "pl": "pl",
        "pt": "pt-br",
        "ro": "ro",
        "ru": "ru",
        "sk": "sk",
        "sl": "sl",
        "sr": "sr",
        "sv": "sv",
        "ta": "ta",
        "te": "te",
        "th": "th",
        "tr": "tr",
        "uk": "uk",
        "ur": "ur",
        "vi": "vi",
        "zh": "cmn-latn-pinyin",
    }
)
"""Language code (ISO 639-1) to the eSpeak NG voice that speaks it."""

OTHER_SCRIPTS = frozenset(
    {"ar", "bg", "bn", "el", "fa", "he", "hi", "ja", "ko", "ru", "ta", "te", "th", "uk", "ur", "zh"}
)
"""Languages that are not written in Latin letters."""

_SAME = {"no": "nb", "cmn": "zh", "iw": "he", "in": "id"}


def known_language(code: str) -> str:
    """The two-letter language of `code` (`en`, `en-GB`, `pt_BR`, ...).

    Raises `LanguageError` naming the known ones.
    """
    base = code.strip().replace("_", "-").split("-")[0].lower()
    base = _SAME.get(base, base)
    if base not in VOICES:
        raise LanguageError(f"The language '{code}' is not known; choose one of {', '.join(sorted(VOICES))}.")
    return base
