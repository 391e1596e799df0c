# SPDX-License-Identifier: Apache-2.0
"""The client's dataclasses <-> messages of the contract: fields of the same names, read from the type hints.

Fractions become Rational, None stays unset, enumerations go by their members' names, and every field that
holds a path goes through the mapping between machines. A test holds both sides to the same fields.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import fields
from enum import Enum
from fractions import Fraction
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from plosive_client.errors import InvalidRequest

__all__ = ["Kind", "fill", "is_path_field", "kinds_of", "message_of", "read"]

T = TypeVar("T")
_ROOTS = ("read_roots", "write_roots")


class Kind:
    """A field's type: `item` is its class, alone, optional or in a tuple."""

    def __init__(self, hint: Any) -> None:
        self.is_optional = False
        if get_origin(hint) in (Union, UnionType):
            (hint,) = (part for part in get_args(hint) if part is not NoneType)
            self.is_optional = True
        self.is_tuple = get_origin(hint) is tuple
        self.item: Any = get_args(hint)[0] if self.is_tuple else hint

    @property
    def is_enum(self) -> bool:
        return issubclass(self.item, Enum)

    @property
    def is_dataclass(self) -> bool:
        return hasattr(self.item, "__dataclass_fields__")


def kinds_of(cls: type[Any]) -> Mapping[str, Kind]:
    """The fields of a dataclass with their types."""
    hashable: Any = cls
    return _kinds_of(hashable)


@cache
def _kinds_of(cls: Any) -> Mapping[str, Kind]:
    hints = get_type_hints(cls)
    return {each.name: Kind(hints[each.name]) for each in fields(cls)}


def is_path_field(name: str) -> bool:
    """Whether a field holds paths of the daemon's machine; the protos name them so."""
    return name == "path" or name.endswith(("_path", "_paths")) or name in _ROOTS


def message_of(cls: Any, **values: Any) -> Any:
    """A message of class `cls`. Raises InvalidRequest where a value does not fit."""
    try:
        return cls(**values)
    except (TypeError, ValueError) as error:
        raise InvalidRequest(f"The request has a value of a wrong kind: {error}.") from error


def fill(message: Any, value: Any, map_path: Callable[[str], str] = str, place: str = "") -> None:
    """Write the dataclass `value` into `message`. Raises InvalidRequest, with the field, for a value that
    does not fit (wrong type, number out of bounds, text that is no Unicode).
    """
    for name, kind in kinds_of(type(value)).items():
        given = getattr(value, name)
        where = f"{place}.{name}" if place else name
        if given is None or (isinstance(given, (str, bytes, tuple)) and not given):
            continue
        try:
            if kind.is_tuple:
                _fill_list(getattr(message, name), name, kind, given, map_path, where)
            elif kind.is_dataclass or kind.item is Fraction:
                getattr(message, name).SetInParent()
                _fill_one(getattr(message, name), kind, given, map_path, where)
            else:
                setattr(message, name, _scalar(message, name, kind, given, map_path))
        except (TypeError, ValueError, AttributeError) as error:
            raise InvalidRequest(f"{where} cannot be {given!r:.80}: {error}.", where) from error


def read(cls: type[T], message: Any, map_path: Callable[[str], str] = str) -> T:
    """The dataclass `cls` from `message`."""
    values: dict[str, Any] = {}
    for name, kind in kinds_of(cls).items():
        got = getattr(message, name)
        if kind.is_tuple:
            values[name] = tuple(_value(message, name, kind, item, map_path) for item in got)
        elif kind.is_optional and not message.HasField(name):
            values[name] = None
        else:
            values[name] = _value(message, name, kind, got, map_path)
    return cls(**values)


def _fill_list(
    target: Any, name: str, kind: Kind, given: Any, map_path: Callable[[str], str], where: str
) -> None:
    for number, item in enumerate(given):
        if kind.is_dataclass:
            _fill_one(target.add(), kind, item, map_path, f"{where}[{number}]")
        else:
            target.append(map_path(item) if is_path_field(name) else item)


def _fill_one(target: Any, kind: Kind, given: Any, map_path: Callable[[str], str], where: str) -> None:
    if kind.item is Fraction:
        if isinstance(given, bool) or not isinstance(given, (int, Fraction)):
            raise TypeError("a whole number or a fraction is wanted")
        target.numerator, target.denominator = given.numerator, given.denominator
    elif isinstance(given, kind.item):
        fill(target, given, map_path, where)
    else:
        raise TypeError(f"{kind.item.__name__} is wanted")


def _scalar(message: Any, name: str, kind: Kind, given: Any, map_path: Callable[[str], str]) -> Any:
    if kind.is_enum:
        enum = message.DESCRIPTOR.fields_by_name[name].enum_type
        return enum.values_by_name[_prefix(enum.name) + kind.item(given).name].number
    return map_path(given) if is_path_field(name) else given


def _value(message: Any, name: str, kind: Kind, got: Any, map_path: Callable[[str], str]) -> Any:
    if kind.item is Fraction:
        if got.denominator == 0:
            return None if kind.is_optional else Fraction(0)
        return Fraction(got.numerator, got.denominator)
    if kind.is_dataclass:
        return read(kind.item, got, map_path)
    if kind.is_enum:
        enum = message.DESCRIPTOR.fields_by_name[name].enum_type
        known = enum.values_by_number.get(got)
        told = known.name.removeprefix(_prefix(enum.name)) if known else "UNSPECIFIED"
        return kind.item.__members__.get(told, kind.item.UNSPECIFIED)
    return map_path(got) if is_path_field(name) and got else got


def _prefix(enum_name: str) -> str:
    """PlateAudio -> PLATE_AUDIO_."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", enum_name).upper() + "_"
