# SPDX-License-Identifier: Apache-2.0
"""The language of a track: three letters of ISO 639-2/T packed in 15 bits (ISO/IEC 14496-12, 8.4.2), or a
Macintosh language code (QTFF, language code values) below 0x400.
"""

from __future__ import annotations

__all__ = ["language_of", "packed_language"]

_MACINTOSH = (
    "eng fra deu ita nld swe spa dan por nor heb jpn ara fin ell isl mlt tur hrv zho urd hin tha kor lit pol "
    "hun est lav sme fao fas rus zho nld gle sqi ron ces slk slv yid srp mkd bul ukr bel uzb kaz aze aze hye "
    "kat ron kir tgk tuk mon mon pus kur kas snd bod nep san mar ben asm guj pan ori mal kan tam tel sin mya "
    "khm lao vie ind tgl msa msa amh tir orm som swa kin run nya mlg epo "
)


def language_of(code: int) -> str:
    """Three letters, `und` when the file does not say."""
    if code < len(_MACINTOSH) // 4:
        return _MACINTOSH[4 * code : 4 * code + 3]
    letters = [(code >> shift & 31) + 0x60 for shift in (10, 5, 0)]
    text = "".join(map(chr, letters))
    return text if text.isalpha() and code < 0x7FFF else "und"


def packed_language(language: str) -> int:
    """15 bits; `und` for anything but three letters a to z."""
    text = language.lower()
    if len(text) != 3 or not all("a" <= char <= "z" for char in text):
        text = "und"
    first, second, third = (ord(char) - 0x60 for char in text)
    return first << 10 | second << 5 | third
