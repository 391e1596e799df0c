# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: RUF001  (the International Phonetic Alphabet looks like other letters)
"""The sounds of other languages in the aligner's phones: the nearest in sound and in lips."""

from __future__ import annotations

__all__ = ["ARPABET", "arpabet"]

ARPABET = {
    # affricates
    "t͡ʃ": "CH", "d͡ʒ": "JH", "tʃ": "CH", "dʒ": "JH", "tɕ": "CH", "dʑ": "JH", "ts.": "CH", "ts": "T S",
    "dz": "D Z", "pf": "P F", "tʂ": "CH", "dʐ": "JH",
    # diphthongs
    "aɪ": "AY", "aʊ": "AW", "eɪ": "EY", "oʊ": "OW", "əʊ": "OW", "ɔɪ": "OY", "ɔʏ": "OY", "ɔø": "OY",
    "ɪə": "IH R", "eə": "EH R", "ʊə": "UH R", "iə": "IY AH", "ai": "AY", "au": "AW", "ei": "EY",
    "ou": "OW", "ɛi": "EY", "œy": "AW", "ʌu": "AW", "ɑu": "AW", "uo": "W AO", "onɡ": "UH NG",
    "ya": "Y AA", "oɪ": "OY",
    # nasal vowels
    "ɑ̃": "AA N", "ɔ̃": "AO N", "ɛ̃": "AE N", "œ̃": "AH N", "ɐ̃": "AH N", "ã": "AA N", "õ": "AO N",
    "ẽ": "EH N", "ĩ": "IY N", "ũ": "UW N",
    # vowels
    "iː": "IY", "i": "IY", "ɪ": "IH", "ɨ": "IH", "ᵻ": "IH", "e": "EY", "ɛ": "EH", "æ": "AE", "a": "AA",
    "ɑ": "AA", "ä": "AA", "ɒ": "AA", "ɔ": "AO", "o": "OW", "ʊ": "UH", "u": "UW", "ɯ": "UW", "ʉ": "UW",
    "ʌ": "AH", "ə": "AH", "ɐ": "AH", "ɜ": "ER", "ɚ": "ER", "ɝ": "ER", "ɵ": "UH", "ø": "ER", "œ": "ER",
    "y": "UW", "ʏ": "UH", "ɤ": "AH", "ɘ": "IH",
    # consonants
    "p": "P", "b": "B", "β": "B", "m": "M", "ɱ": "M", "f": "F", "v": "V", "ʋ": "V", "ɸ": "F", "w": "W",
    "ʍ": "W", "ɥ": "W", "t": "T", "d": "D", "ʈ": "T", "ɖ": "D", "n": "N", "ɳ": "N", "l": "L", "ɫ": "L",
    "ɭ": "L", "ɬ": "L", "ʎ": "L Y", "θ": "TH", "ð": "DH", "s": "S", "z": "Z", "ʃ": "SH", "ʒ": "ZH",
    "ɕ": "SH", "ʑ": "ZH", "ʂ": "SH", "ʐ": "ZH", "ç": "HH", "ʝ": "Y", "j": "Y", "k": "K", "c": "K",
    "ɡ": "G", "g": "G", "ɟ": "G", "q": "K", "ɢ": "G", "x": "HH", "χ": "HH", "ɣ": "G", "ʁ": "R", "ʀ": "R",
    "r": "R", "ɹ": "R", "ɻ": "R", "ɾ": "D", "ɽ": "D", "ŋ": "NG", "ɴ": "NG", "ɲ": "N Y", "h": "HH",
    "ħ": "HH", "ɦ": "HH", "ʕ": "AA",
}  # fmt: skip
"""IPA symbol or pair, as eSpeak NG writes them, to ARPAbet; checked by aligning eight languages."""

_LONGEST = max(map(len, ARPABET))


def arpabet(ipa: str) -> tuple[str, ...]:
    """IPA of one word to ARPAbet, longest match first; marks that say nothing of the mouth are skipped."""
    phones: list[str] = []
    at = 0
    while at < len(ipa):
        for length in range(_LONGEST, 0, -1):
            found = ARPABET.get(ipa[at : at + length])
            if found is not None and len(ipa[at : at + length]) == length:
                phones += found.split()
                at += length
                break
        else:
            at += 1
    if not phones:
        return ()
    # Long consonants and vowels are one movement of the mouth.
    return tuple(phone for row, phone in enumerate(phones) if row == 0 or phones[row - 1] != phone)
