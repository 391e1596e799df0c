# SPDX-License-Identifier: Apache-2.0
"""A guess at how an English word sounds, from its letters alone."""

from __future__ import annotations

import re

__all__ = ["letter_names", "sound_out"]

_NAMES = (
    "EY", "B IY", "S IY", "D IY", "IY", "EH F", "JH IY", "EY CH", "AY", "JH EY", "K EY", "EH L", "EH M",
    "EH N", "OW", "P IY", "K Y UW", "AA R", "EH S", "T IY", "Y UW", "V IY", "D AH B AH L Y UW", "EH K S",
    "W AY", "Z IY",
)  # fmt: skip

# (letters, what must precede, what must follow, phones), first match wins: the commonest of the
# text-to-sound rules of Elovitz et al. (Naval Research Laboratory, 1976), shortened to what a mouth shows.
_RULES: tuple[tuple[str, str, str, str], ...] = (
    ("tion", "", "", "SH AH N"), ("sion", "[aeiou]", "", "ZH AH N"), ("sion", "", "", "SH AH N"),
    ("ture", "", "", "CH ER"), ("cious", "", "", "SH AH S"), ("tious", "", "", "SH AH S"),
    ("ious", "", "", "IY AH S"), ("ous", "", "$", "AH S"), ("ight", "", "", "AY T"),
    ("ough", "", "t", "AO"), ("ough", "", "", "AH F"), ("augh", "", "", "AO"), ("igh", "", "", "AY"),
    ("eigh", "", "", "EY"), ("tch", "", "", "CH"), ("dge", "", "", "JH"), ("sch", "", "", "SH"),
    ("chr", "", "", "K R"), ("ch", "", "", "CH"), ("sh", "", "", "SH"), ("ph", "", "", "F"),
    ("th", "", "", "TH"), ("wh", "", "", "W"), ("wr", "^", "", "R"), ("kn", "^", "", "N"),
    ("gn", "^", "", "N"), ("ps", "^", "", "S"), ("gh", "^", "", "G"), ("gg", "", "", "G"), ("gh", "", "", ""),
    ("ck", "", "", "K"), ("qu", "", "", "K W"), ("ng", "", "$", "NG"), ("ng", "", "[^aeiouy]", "NG"),
    ("nk", "", "", "NG K"), ("mb", "", "$", "M"), ("sc", "", "[eiy]", "S"), ("cc", "", "[eiy]", "K S"),
    ("cqu", "", "", "K W"), ("x", "^", "", "Z"), ("x", "", "", "K S"), ("eau", "", "", "OW"),
    ("ee", "", "", "IY"), ("ea", "", "r", "IH"), ("ea", "", "d", "EH"), ("ea", "", "", "IY"),
    ("oo", "", "[kd]", "UH"), ("oo", "", "", "UW"), ("ou", "", "", "AW"), ("ow", "", "$", "OW"),
    ("ow", "", "", "AW"), ("oi", "", "", "OY"), ("oy", "", "", "OY"), ("oa", "", "", "OW"),
    ("ai", "", "r", "EH"), ("ai", "", "", "EY"), ("ay", "", "", "EY"), ("au", "", "", "AO"),
    ("aw", "", "", "AO"), ("ei", "", "", "EY"), ("ey", "", "$", "IY"), ("ie", "", "$", "IY"),
    ("ie", "", "", "IY"), ("eu", "", "", "Y UW"), ("ew", "", "", "UW"), ("ue", "", "$", "UW"),
    ("ui", "", "", "UW"), ("er", "", "[^aeiouy]", "ER"), ("er", "", "$", "ER"),
    ("ir", "", "[^aeiouy]", "ER"), ("ir", "", "$", "ER"), ("ur", "", "[^aeiouy]", "ER"),
    ("ur", "", "$", "ER"), ("ar", "", "[^aeiouy]", "AA R"), ("ar", "", "$", "AA R"), ("or", "", "", "AO R"),
    ("all", "", "", "AO L"), ("le", "[^aeiouy]", "$", "AH L"), ("les", "[^aeiouy]", "$", "AH L Z"),
    ("ed", "[td]", "$", "AH D"), ("ed", "[pkfsxh]", "$", "T"), ("ed", "", "$", "D"),
    ("es", "[szxh]", "$", "AH Z"), ("e", "[^aeiouy]", "$", ""), ("e", "^[^aeiouy]", "$", "IY"),
    ("a", "", "[^aeiouywxr]e$", "EY"), ("e", "", "[^aeiouywxr]e$", "IY"), ("i", "", "[^aeiouywxr]e$", "AY"),
    ("o", "", "[^aeiouywxr]e$", "OW"), ("u", "", "[^aeiouywxr]e$", "UW"), ("a", "^", "$", "AH"),
    ("a", "", "$", "AH"), ("a", "", "[^aeiouy][aeiouy]", "EY"), ("a", "", "", "AE"), ("e", "", "", "EH"),
    ("i", "", "[^aeiouy]", "IH"), ("i", "", "", "IY"), ("o", "", "$", "OW"),
    ("o", "", "[^aeiouy][aeiouy]", "OW"), ("o", "", "", "AA"), ("u", "", "$", "UW"),
    ("u", "", "[^aeiouy][aeiouy]", "UW"), ("u", "", "", "AH"), ("y", "^", "", "Y"),
    ("y", "^[^aeiouy]+", "$", "AY"), ("y", "", "$", "IY"), ("y", "", "", "IH"), ("c", "", "[eiy]", "S"),
    ("g", "", "[eiy]", "JH"), ("s", "[bdglmnrvwaeiouy]", "$", "Z"), ("s", "[aeiouy]", "[aeiouy]", "Z"),
    ("b", "", "", "B"), ("c", "", "", "K"), ("d", "", "", "D"), ("f", "", "", "F"), ("g", "", "", "G"),
    ("h", "", "[aeiouy]", "HH"), ("h", "", "", ""), ("j", "", "", "JH"), ("k", "", "", "K"),
    ("l", "", "", "L"), ("m", "", "", "M"), ("n", "", "", "N"), ("p", "", "", "P"), ("q", "", "", "K"),
    ("r", "", "", "R"), ("s", "", "", "S"), ("t", "", "", "T"), ("v", "", "", "V"),
    ("w", "", "[aeiouy]", "W"), ("w", "", "", ""), ("z", "", "", "Z"),
)  # fmt: skip


def letter_names(word: str) -> tuple[str, ...]:
    """The names of the letters of `word`, as an abbreviation is read."""
    return tuple(
        phone for letter in word.lower() if "a" <= letter <= "z" for phone in _NAMES[ord(letter) - 97].split()
    )


def sound_out(word: str) -> tuple[str, ...]:
    """ARPAbet phones of an English word that no dictionary has; empty when it has no letters a to z."""
    word = re.sub(r"[^a-z]", "", word.lower())
    phones: list[str] = []
    at = 0
    while at < len(word):
        for letters, before, after, sounds in _RULES:
            if (
                word.startswith(letters, at)
                and re.search(f"(?:{before})$", word[:at])
                and re.match(after, word[at + len(letters) :])
            ):
                phones += sounds.split()
                at += len(letters)
                break
        else:
            at += 1
    merged = [phone for row, phone in enumerate(phones) if row == 0 or phones[row - 1] != phone]
    return tuple(merged) or letter_names(word)
