# SPDX-License-Identifier: Apache-2.0
"""Values over time as people write them: in an option, in a JSON or text file, as a Nuke curve.

    0.8                                              the same in every frame
    1001=0, 1013=1, 01:00:02:00=0.5                  keys: frame number or timecode, value
    {curve x1001 0 x1013 1}                          a Nuke curve
    strength.json                                    [[1001, 0], ["01:00:02:00", 0.5]] or {"keys": [...]}
    strength.csv (or .txt)                           a line a key: frame, value (comma or space between)

A file may hold any of these forms. A Nuke curve (`nuke_curve`) holds its value after `K`; all else is read as
straight lines.
"""

from __future__ import annotations

import json
import re
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

from plosive.errors import OptionError
from plosive.keyed import KeyedValue
from plosive.nuke_curve import NukeKey, nuke_keys

__all__ = ["read_keyed"]

_FILES = {".json", ".csv", ".txt", ".nk"}
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_FRAME = re.compile(r"[+-]?\d{1,9}(\.\d{0,9})?")
_TIMECODE = re.compile(r"\d{1,2}:\d{1,2}:\d{1,2}[:;.]\d{1,3}")
_CURVE = re.compile(r"\{*\s*curve\b([^{}]*)\}*", re.DOTALL)
_HOW = "give a number, FRAME=VALUE pairs such as '1001=0, 1013=1', or a file of keys"

_Keys = list[tuple[Fraction | str, float]]


def read_keyed(text: str, option: str) -> KeyedValue:
    """The value over time that `text` says or names a file of; see the module for the forms.

    Raises OptionError, one sentence with the option and the key at fault; nothing is said of bounds yet.
    """
    text = text.strip()
    if Path(text).suffix.lower() in _FILES:
        return _file(Path(text), option)
    return _written(text, f"--{option}")


def _file(path: Path, option: str) -> KeyedValue:
    where = f"--{option} {path}"
    try:
        text = path.read_text(encoding="utf-8-sig").strip()
    except OSError as error:
        raise OptionError(f"{where} cannot be read: {error.strerror or 'unknown reason'}.") from None
    except UnicodeDecodeError:
        raise OptionError(f"{where} is not a text file; {_HOW}.") from None
    if path.suffix.lower() == ".json":
        return _json(text, where)
    if "=" in text or "curve" in text or _NUMBER.fullmatch(text):
        return _written(text, where)
    return _lines(text, where)


def _written(text: str, where: str) -> KeyedValue:
    """A number, pairs, or a Nuke curve."""
    if _NUMBER.fullmatch(text):
        return KeyedValue.of(float(text))
    curve = _CURVE.fullmatch(text)
    if curve is not None:
        return _curve(curve[1].split(), where)
    if "=" not in text:
        raise OptionError(f"{where}: '{_short(text)}' is no value; {_HOW}.")
    keys: _Keys = []
    for pair in re.split(r"[,\n]", text):
        position, equals, value = pair.partition("=")
        if pair.strip():
            if not equals:
                raise OptionError(f"{where}: '{_short(pair)}' is no key; write FRAME=VALUE.")
            keys.append(_key(position, value, where))
    return _made(keys, where)


def _json(text: str, where: str) -> KeyedValue:
    try:
        # Positions stay as written: 1001.1 has no exact float.
        found = json.loads(text, parse_float=str, parse_int=str, parse_constant=str)
    except (ValueError, RecursionError):
        raise OptionError(f"{where} is not valid JSON.") from None
    pairs = found.get("keys") if isinstance(found, dict) else found
    if isinstance(pairs, str):
        pairs = [["0", pairs]]
    if not isinstance(pairs, list):
        raise OptionError(f"{where} holds no keys; write [[1001, 0], [1013, 1]].")
    keys: _Keys = []
    for pair in pairs:
        if not (isinstance(pair, list) and len(pair) == 2 and all(isinstance(part, str) for part in pair)):
            raise OptionError(f"{where}: {_short(json.dumps(pair))} is no key; write [frame, value].")
        keys.append(_key(pair[0], pair[1], where))
    return _made(keys, where)


def _lines(text: str, where: str) -> KeyedValue:
    """A key a line; a first line without digits is a heading, `#` begins a comment."""
    keys: _Keys = []
    lines = [line.partition("#")[0].strip() for line in text.splitlines()]
    rows = [re.split(r"\s*,\s*|\s+", line) for line in lines if line]
    for number, row in enumerate(rows):
        if number == 0 and not any(map(str.isdigit, "".join(row))):
            continue
        if len(row) != 2:
            raise OptionError(f"{where}: '{_short(' '.join(row))}' is no key; write a frame and a value.")
        keys.append(_key(row[0], row[1], where))
    return _made(keys, where)


def _curve(words: list[str], where: str) -> KeyedValue:
    keys: _Keys = []
    before: NukeKey | None = None
    try:
        for key in nuke_keys(words):
            if before is not None and before.holds and before.frame < key.frame - 1:
                keys.append((key.frame - 1, before.value))  # frames are whole: the step falls between two
            keys.append((key.frame, key.value))
            before = key
    except ValueError as error:
        word = _short(str(error))
        raise OptionError(f"{where}: '{word}' in the Nuke curve is not understood; {_HOW}.") from None
    return _made(keys, where)


def _key(position: str, value: str, where: str) -> tuple[Fraction | str, float]:
    position, value = position.strip(), value.strip()
    is_timecode = _TIMECODE.fullmatch(position) is not None
    if not (is_timecode or _FRAME.fullmatch(position)):
        raise OptionError(f"{where}: '{_short(position)}' is neither a frame number nor a timecode.")
    if not _NUMBER.fullmatch(value):
        raise OptionError(f"{where}: the value '{_short(value)}' at {position} is no number.")
    return position if is_timecode else Fraction(position), float(value)


def _made(keys: _Keys, where: str) -> KeyedValue:
    """Keys in order of time as far as that is known; those at timecodes are ordered with the plate."""
    if not keys:
        raise OptionError(f"{where} has no keys; {_HOW}.")
    frames = [position for position, _ in keys if isinstance(position, Fraction)]
    if len(frames) == len(keys):
        keys = sorted(keys, key=lambda key: Fraction(key[0]))
        for earlier, later in pairwise(keys):
            if earlier[0] == later[0]:
                raise OptionError(f"{where} has two keys at frame {later[0]}; leave one of them out.")
    return KeyedValue(tuple(keys))


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 40 else f"{text[:37]}..."
