# SPDX-License-Identifier: Apache-2.0
"""Numbers in words, by num2words."""

from __future__ import annotations

import re
from decimal import Decimal

__all__ = ["DECIMAL_COMMA", "in_words", "plain_number"]

DECIMAL_COMMA = frozenset(
    "bg ca cs da de el es et fi fr hr hu id it lt lv nb nl pl pt ro ru sk sl sr sv tr uk vi".split()  # noqa: SIM905
)
"""Languages that write 1.234,5 where English writes 1,234.5."""

# Of the known languages num2words lacks bg, el, et, hi, hr, ms, ta and ur; Arabic it writes without vowels.
# There eSpeak NG reads the digits itself. Chinese is made of its Japanese, which is written the same.
_OWN = {"nb": "no", "pt": "pt_BR", "zh": "ja"}
_LACKING = frozenset({"ar", "bg", "el", "et", "hi", "hr", "ms", "ta", "ur"})
_YEARS = frozenset({"de", "en", "nl"})  # nineteen hundred; elsewhere a year is said as any number
_LONGEST = 12  # digits; longer ones are read one by one
_HUNDREDS = re.compile("(?<![一二三四五六七八九])([百千])")


def plain_number(written: str, language: str) -> str:
    """`written` with a full stop for the decimals and nothing between thousands (`1.234,5` -> `1234.5`)."""
    digits = re.sub(r"[\s'\u2019]", "", written)
    comma, stop = (".", ",") if language in DECIMAL_COMMA else (",", ".")
    if re.fullmatch(rf"\d{{1,3}}(?:\{comma}\d{{3}})+(?:\{stop}\d+)?", digits):
        digits = digits.replace(comma, "")
    *groups, last = re.split("[.,]", digits)
    is_decimal = groups and (len(groups) == 1 or digits.count(digits[-len(last) - 1]) == 1)
    return f"{''.join(groups)}.{last}" if is_decimal else "".join(groups) + last


def in_words(number: str, language: str, form: str = "cardinal") -> str:
    """How `number` (`1999`, `3.5`) is said; `form` is `cardinal`, `ordinal` or `year`.

    The digits themselves where nobody but eSpeak NG knows: it reads them.
    """
    if language in _LACKING:
        return number
    whole = number.split(".")[0]
    by_digit = len(whole) > _LONGEST or (len(whole) > 1 and whole.startswith("0"))
    if by_digit or (form == "year" and language == "zh"):
        return " ".join(in_words(digit, language) for digit in number if digit.isdigit())
    if language == "it" and "." in number:  # num2words leaves the decimals out
        return f"{in_words(whole, language)} virgola {in_words(number.split('.')[1], language)}"
    if form == "year" and language not in _YEARS:
        form = "cardinal"
    said = _said(number, _OWN.get(language, language), form)
    if language == "zh":
        return _HUNDREDS.sub(r"一\1", said)
    return re.sub(r"[-,]" if language == "en" else ",", " ", said)


def _said(number: str, language: str, form: str) -> str:
    from num2words import num2words

    value = Decimal(number) if "." in number else int(number)
    try:
        return str(num2words(value, lang=language, to=form))
    except (NotImplementedError, AttributeError, KeyError, TypeError, ValueError, OverflowError):
        return number if form == "cardinal" else _said(number, language, "cardinal")
