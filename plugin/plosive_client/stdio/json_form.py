# SPDX-License-Identifier: Apache-2.0
"""The client's dataclasses <-> JSON: the same names, fractions as "24000/1001", bytes in base64."""

from __future__ import annotations

import base64
import binascii
import json
import math
from dataclasses import MISSING, fields, is_dataclass
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from typing import Any, NoReturn, TypeVar

from plosive_client.errors import InvalidRequest
from plosive_client.messages import Kind, kinds_of

__all__ = ["from_json", "parsed", "to_json"]

T = TypeVar("T")
_LARGEST_EXPONENT = 30
_LONGEST_FRACTION = 64


def parsed(line: bytes) -> Any:
    """A line of JSON; numbers with a point stay exact. Raises ValueError."""
    try:
        return json.loads(line.decode("utf-8"), parse_float=Decimal, parse_constant=_refused)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def to_json(value: Any) -> Any:
    """What `json.dumps` takes. Numbers that are none (NaN, infinity) become null."""
    if is_dataclass(value):
        return {each.name: to_json(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Fraction):
        return str(value)
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, (tuple, list)):
        return [to_json(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def from_json(cls: type[T], data: Any, where: str = "") -> T:
    """The dataclass `cls` from an object. Raises InvalidRequest with the place of what does not fit."""
    if not isinstance(data, dict):
        raise _wrong(where, "an object", data)
    kinds = kinds_of(cls)
    for name in data:
        if name not in kinds:
            place = _place(where, str(name))
            raise InvalidRequest(f"{place:.200} is not known; remove it or correct its name.", place[:200])
    values = {}
    known: Any = cls
    for each in fields(known):
        place = _place(where, each.name)
        if each.name in data:
            values[each.name] = _value(kinds[each.name], data[each.name], place)
        elif each.default is MISSING and each.default_factory is MISSING:
            raise InvalidRequest(f"{place} is missing.", place)
    return cls(**values)


def _value(kind: Kind, given: Any, where: str) -> Any:
    if given is None and kind.is_optional:
        return None
    if not kind.is_tuple:
        return _one(kind, given, where)
    if not isinstance(given, list):
        raise _wrong(where, "a list", given)
    return tuple(_one(kind, item, f"{where}[{number}]") for number, item in enumerate(given))


def _one(kind: Kind, given: Any, where: str) -> Any:
    item = kind.item
    if kind.is_dataclass:
        return from_json(item, given, where)
    if kind.is_enum:
        choices = [member.value for member in item]
        if given not in choices:
            raise _wrong(where, "one of " + ", ".join(choices), given)
        return item(given)
    if item is bool:
        if isinstance(given, bool):
            return given
        raise _wrong(where, "true or false", given)
    if item is str:
        if isinstance(given, str):
            return given
        raise _wrong(where, "text", given)
    if item is bytes:
        try:
            return base64.b64decode(given, validate=True)
        except (TypeError, ValueError, binascii.Error):
            raise _wrong(where, "base64", given) from None
    return _number(item, given, where)


def _number(item: Any, given: Any, where: str) -> Any:
    if isinstance(given, Decimal):
        exponent = given.as_tuple().exponent
        if not isinstance(exponent, int) or abs(exponent) > _LARGEST_EXPONENT:
            raise _wrong(where, "a number of reasonable size", given)
    is_text = isinstance(given, str) and len(given) <= _LONGEST_FRACTION and "e" not in given.lower()
    if item is Fraction and is_text:
        try:
            return Fraction(given)
        except (ValueError, ZeroDivisionError):
            raise _wrong(where, 'a number or a fraction such as "24000/1001"', given) from None
    if isinstance(given, bool) or not isinstance(given, (int, Decimal)):
        wanted = 'a number or a fraction such as "24000/1001"' if item is Fraction else "a number"
        raise _wrong(where, wanted, given)
    if item is int:
        if given != int(given):
            raise _wrong(where, "a whole number", given)
        return int(given)
    try:
        return item(given)
    except OverflowError:
        raise _wrong(where, "a number of reasonable size", given) from None


def _wrong(where: str, wanted: str, given: Any) -> InvalidRequest:
    told = str(given) if isinstance(given, (str, int, Decimal)) else type(given).__name__
    return InvalidRequest(f"{where or 'The message'} must be {wanted}, not '{told[:80]}'.", where)


def _place(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name


def _refused(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")
