# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: E501, RUF001  (tables; other scripts look like Latin letters)
"""How signs, units and abbreviations are said, language by language: the commonest only.

No library that is kept up says these for all the languages; those that do it well for some bring a
gigabyte of grammar.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

__all__ = ["ABBREVIATIONS", "CLOCK", "ORDINAL_MARKS", "SIGNS"]

_ORDER = ("%", "&", "@", "+", "=", "°", "$", "€", "£", "km", "kg", "cm", "mm", "km/h")


def _signs(*said: str) -> Mapping[str, str]:
    return MappingProxyType(dict(zip(_ORDER, said, strict=True)))


SIGNS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "en": _signs(
            "percent", "and", "at", "plus", "equals", "degrees", "dollars", "euros", "pounds", "kilometers",
            "kilograms", "centimeters", "millimeters", "kilometers per hour",
        ),
        "de": _signs(
            "Prozent", "und", "ät", "plus", "gleich", "Grad", "Dollar", "Euro", "Pfund", "Kilometer", "Kilogramm",
            "Zentimeter", "Millimeter", "Stundenkilometer",
        ),
        "es": _signs(
            "por ciento", "y", "arroba", "más", "igual a", "grados", "dólares", "euros", "libras", "kilómetros",
            "kilos", "centímetros", "milímetros", "kilómetros por hora",
        ),
        "fr": _signs(
            "pour cent", "et", "arobase", "plus", "égale", "degrés", "dollars", "euros", "livres", "kilomètres",
            "kilos", "centimètres", "millimètres", "kilomètres heure",
        ),
        "it": _signs(
            "per cento", "e", "chiocciola", "più", "uguale", "gradi", "dollari", "euro", "sterline", "chilometri",
            "chili", "centimetri", "millimetri", "chilometri orari",
        ),
        "pt": _signs(
            "por cento", "e", "arroba", "mais", "igual a", "graus", "dólares", "euros", "libras", "quilômetros",
            "quilos", "centímetros", "milímetros", "quilômetros por hora",
        ),
        "nl": _signs(
            "procent", "en", "apenstaartje", "plus", "is", "graden", "dollar", "euro", "pond", "kilometer", "kilo",
            "centimeter", "millimeter", "kilometer per uur",
        ),
        "pl": _signs(
            "procent", "i", "małpa", "plus", "równa się", "stopni", "dolarów", "euro", "funtów", "kilometrów",
            "kilogramów", "centymetrów", "milimetrów", "kilometrów na godzinę",
        ),
        "ru": _signs(
            "процентов", "и", "собака", "плюс", "равно", "градусов", "долларов", "евро", "фунтов", "километров",
            "килограммов", "сантиметров", "миллиметров", "километров в час",
        ),
        "ja": _signs(
            "パーセント", "アンド", "アット", "プラス", "イコール", "度", "ドル", "ユーロ", "ポンド", "キロメートル",
            "キログラム", "センチメートル", "ミリメートル", "キロ",
        ),
        "ko": _signs(
            "퍼센트", "그리고", "골뱅이", "더하기", "는", "도", "달러", "유로", "파운드", "킬로미터", "킬로그램",
            "센티미터", "밀리미터", "킬로미터",
        ),
        "zh": _signs(
            "百分", "和", "艾特", "加", "等于", "度", "美元", "欧元", "英镑", "公里", "公斤", "厘米", "毫米",
            "公里每小时",
        ),
        "hi": _signs(
            "प्रतिशत", "और", "ऐट", "जमा", "बराबर", "डिग्री", "डॉलर", "यूरो", "पाउंड", "किलोमीटर", "किलोग्राम", "सेंटीमीटर",
            "मिलीमीटर", "किलोमीटर प्रति घंटा",
        ),
        "ar": _signs(
            "بالمئة", "و", "آت", "زائد", "يساوي", "درجة", "دولار", "يورو", "جنيه", "كيلومتر", "كيلوغرام",
            "سنتيمتر", "مليمتر", "كيلومتر في الساعة",
        ),
    }
)  # fmt: skip
"""Per language what is said for a sign, a currency or, after a number, a unit."""

ABBREVIATIONS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "en": {
            "mr.": "mister", "mrs.": "missus", "ms.": "miz", "dr.": "doctor", "st.": "saint", "prof.": "professor",
            "vs.": "versus", "etc.": "et cetera", "no.": "no", "jr.": "junior", "sr.": "senior",
            "approx.": "approximately", "e.g.": "for example", "i.e.": "that is", "mr": "mister",
            "mrs": "missus", "dr": "doctor", "st": "saint", "vs": "versus", "etc": "et cetera",
        },
        "de": {
            "z.b.": "zum Beispiel", "d.h.": "das heißt", "usw.": "und so weiter", "u.a.": "unter anderem",
            "bzw.": "beziehungsweise", "ca.": "circa", "dr.": "Doktor", "hr.": "Herr", "fr.": "Frau",
            "prof.": "Professor", "st.": "Sankt", "str.": "Straße", "nr.": "Nummer", "evtl.": "eventuell",
        },
        "es": {
            "sr.": "señor", "sra.": "señora", "srta.": "señorita", "dr.": "doctor", "dra.": "doctora",
            "d.": "don", "ud.": "usted", "uds.": "ustedes", "etc.": "etcétera", "p.ej.": "por ejemplo",
            "núm.": "número",
        },
        "fr": {
            "m.": "monsieur", "mme": "madame", "mme.": "madame", "mlle": "mademoiselle", "mm.": "messieurs",
            "dr": "docteur", "dr.": "docteur", "st": "saint", "ste": "sainte", "etc.": "et cetera",
            "p.ex.": "par exemple", "c.-à-d.": "c'est-à-dire",
        },
        "it": {
            "sig.": "signor", "sig.ra": "signora", "sig.na": "signorina", "dott.": "dottor",
            "dott.ssa": "dottoressa", "prof.": "professor", "ecc.": "eccetera", "ing.": "ingegner",
        },
        "pt": {
            "sr.": "senhor", "sra.": "senhora", "dr.": "doutor", "dra.": "doutora", "prof.": "professor",
            "etc.": "et cetera", "p.ex.": "por exemplo", "av.": "avenida",
        },
        "nl": {
            "dhr.": "de heer", "mevr.": "mevrouw", "mw.": "mevrouw", "dr.": "dokter", "bijv.": "bijvoorbeeld",
            "bv.": "bijvoorbeeld", "enz.": "enzovoort", "d.w.z.": "dat wil zeggen", "o.a.": "onder andere",
        },
        "pl": {
            "dr": "doktor", "prof.": "profesor", "np.": "na przykład", "itd.": "i tak dalej",
            "itp.": "i tym podobne", "tzn.": "to znaczy", "ul.": "ulica", "ok.": "około", "p.": "pan",
        },
        "ru": {
            "т.е.": "то есть", "и т.д.": "и так далее", "т.д.": "так далее", "т.п.": "тому подобное", "г.": "год",
            "ул.": "улица", "др.": "другие", "руб.": "рублей",
        },
        "hi": {"डॉ.": "डॉक्टर", "श्री.": "श्री"},
    }
)  # fmt: skip
"""Per language, in small letters: written to said. Those with a full stop count only with it."""

ORDINAL_MARKS: Mapping[str, str] = MappingProxyType(
    {
        "en": "st|nd|rd|th",
        "de": r"\.(?=\s+(?:Jan|Feb|Mär|Apr|Mai|Jun|Jul|Aug|Sep|Okt|Nov|Dez))",
        "es": "[ºª]|er|ero|era|do|da|ro|ra|to|ta",
        "fr": "er|re|ère|ème|e",
        "it": "[ºª°](?!C)",
        "pt": "[ºª]",
        "nl": "ste|de|e",
        "ru": "-(?:й|я|е|го|ая|ый|ой|ое)",
    }
)
"""What follows the digits of an ordinal number."""

CLOCK: Mapping[str, str] = MappingProxyType(
    {"de": "Uhr", "fr": "heures", "nl": "uur", "zh": "点", "ja": "時", "ko": "시"}
)
"""The word between hours and minutes of 10:30, where one is said."""
