# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: RUF001  (the International Phonetic Alphabet looks like other letters)
"""The sounds of other languages in the aligner's phones: the nearest in sound and in lips.

Where the two disagree, lips go first, since the phones become a mouth:
- Close unrounded vowels (Korean eu, Turkish dotless i, Russian and Polish y) are spread, so IH, never UW.
  Japanese u is compressed and not protruded (Vance, The Sounds of Japanese, 2008, 3.2), so UH.
- The r of German and French is made in the throat and shows no lips, as HH; the tapped and the rolled r are
  made by the tip of the tongue, as D. Only the English r is rounded.
- The soft sibilants of Polish, Japanese, Korean and Mandarin have spread lips (Ladefoged and Maddieson, The
  Sounds of the World's Languages, 1996, 5.3): S and Z.
- The Spanish b between vowels narrows the lips and does not close them (Martinez-Celdran, Journal of the
  International Phonetic Association 34, 2004), so V, the narrow sound that is not held shut.
On eight recordings of real speech with known word times these choices fit the sound as well as the nearest
sounds alone did, or better.
"""

from __future__ import annotations

import unicodedata

from plosive.speech.text.notation import plain_ipa

__all__ = ["ARPABET", "arpabet"]

_NASAL = "~"  # the n of a nasal vowel, unless a nasal follows

ARPABET = {
    # affricates
    "tʃ": "CH", "dʒ": "JH", "tɕ": "T S", "dʑ": "D Z", "ts": "T S", "dz": "D Z", "pf": "P F", "tʂ": "CH",
    "dʐ": "JH", "ʧ": "CH", "ʤ": "JH", "ʦ": "T S", "ʣ": "D Z", "ʈʂ": "CH", "ɖʐ": "JH",
    # diphthongs
    "aɪ": "AY", "aʊ": "AW", "eɪ": "EY", "oʊ": "OW", "əʊ": "OW", "ɔɪ": "OY", "ɔʏ": "OY", "ɔø": "OY",
    "ɪə": "IH AH", "eə": "EH AH", "ʊə": "UH AH", "iə": "IY AH", "ai": "AY", "au": "AW", "ei": "EY",
    "ou": "OW", "ɛi": "EY", "ɛɪ": "EY", "œy": "OW", "ʌu": "AW", "ʌʊ": "AW", "ɑu": "AW", "oɪ": "OY",
    "aj": "AY", "aw": "AW", "ej": "EY", "ow": "OW", "əw": "OW", "ɔj": "OY", "oj": "OY", "ɑj": "AY",
    "ɑw": "AW", "wo": "W AO",
    # nasal vowels
    "ɑ̃": "AA ~", "ɔ̃": "AO ~", "ɛ̃": "AE ~", "œ̃": "AH ~", "ɐ̃": "AH ~", "ã": "AA ~", "õ": "AO ~", "ẽ": "EH ~",
    "ĩ": "IY ~", "ũ": "UW ~", "ə̃": "AH ~", "ʌ̃": "AH ~", "ɪ̃": "IH ~", "ʊ̃": "UH ~", "ɐ̃ʊ̃": "AW ~", "ɐ̃ɪ": "AY ~",
    "ɐ̃j": "AY ~", "õj": "OY ~", "ɐ̃w̃": "AW ~", "ɐ̃j̃": "AY ~", "õj̃": "OY ~",
    # vowels
    "i": "IY", "ɪ": "IH", "ɨ": "IH", "ᵻ": "IH", "e": "EY", "ɛ": "EH", "æ": "AE", "a": "AA",
    "ɑ": "AA", "ɒ": "AA", "ɔ": "AO", "o": "OW", "ʊ": "UH", "u": "UW", "ɯ": "IH", "ɯᵝ": "UH", "ʉ": "UW",
    "ʌ": "AH", "ə": "AH", "ɐ": "AH", "ɜ": "ER", "ɚ": "ER", "ɝ": "ER", "ɵ": "UH", "ø": "ER", "œ": "ER",
    "ɞ": "ER", "y": "UW", "ʏ": "UH", "ɤ": "AH", "ɘ": "IH",
    # consonants
    "p": "P", "b": "B", "β": "V", "ɓ": "B", "m": "M", "ɱ": "M", "f": "F", "v": "V", "ʋ": "V", "ɸ": "F",
    "w": "W", "ʍ": "W", "ɥ": "W", "ɰ": "G", "t": "T", "d": "D", "ɗ": "D", "ʈ": "T", "ɖ": "D", "n": "N",
    "ɳ": "N", "l": "L", "ɫ": "L", "ɭ": "L", "ɬ": "L", "ɮ": "L", "ʎ": "L Y", "θ": "TH", "ð": "DH", "s": "S",
    "z": "Z", "ʃ": "SH", "ʒ": "ZH", "ɧ": "SH", "ɕ": "S", "ʑ": "Z", "ʂ": "SH", "ʐ": "ZH", "ç": "HH",
    "ʝ": "Y", "j": "Y", "k": "K", "c": "K", "ɡ": "G", "g": "G", "ɟ": "G", "q": "K", "ɢ": "G", "x": "HH",
    "χ": "HH", "ɣ": "G", "ʁ": "HH", "ʀ": "HH", "r": "D", "ɹ": "R", "ɻ": "R", "ɾ": "D", "ɽ": "D", "ɺ": "D",
    "ŋ": "NG", "ɴ": "NG", "ɲ": "N Y", "h": "HH", "ħ": "HH", "ɦ": "HH", "ʕ": "AH",
}  # fmt: skip
"""IPA symbol or group to ARPAbet; `~` is the n of a nasal vowel."""

_TABLE = {unicodedata.normalize("NFD", symbol): phones.split() for symbol, phones in ARPABET.items()}
_LONGEST = max(map(len, _TABLE))


def arpabet(ipa: str, language: str = "") -> tuple[str, ...]:
    """IPA of one word to ARPAbet, longest match first; marks that say nothing of the mouth are skipped.

    `language` (`de`) sets right what that language's eSpeak NG voice writes in its own way.
    """
    text = plain_ipa(ipa, language)
    phones: list[str] = []
    at = 0
    while at < len(text):
        for length in range(min(_LONGEST, len(text) - at), 0, -1):
            found = _TABLE.get(text[at : at + length])
            if found is not None:
                phones += found
                at += length
                break
        else:
            at += 1
    spoken: list[str] = []
    for phone, following in zip(phones, [*phones, ""][1:], strict=True):
        if phone == _NASAL:
            if following in ("M", "N", "NG"):
                continue
            phone = "N"
        if not spoken or spoken[-1] != phone:  # long consonants and vowels are one movement of the mouth
            spoken.append(phone)
    return tuple(spoken)
