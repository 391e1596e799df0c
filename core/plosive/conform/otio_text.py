# SPDX-License-Identifier: Apache-2.0
"""The text of an OTIO file, looked through before OpenTimelineIO gets it: its reader ends the whole program
on some damaged files (0.18.1 does on text cut short inside an object), which no exception can catch.
"""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path
from typing import Any

from plosive.errors import MediaReadError

__all__ = ["CONTENT", "otio_text"]

CONTENT = "content.otio"  # of a bundle
_INFINITE = re.compile(r"(?<=[\s:,\[-])Inf(?=[\s,\]}])")  # as OpenTimelineIO takes it, too
_HELD = {"children": "a track or stack", "effects": "an effect", "markers": "a marker"}


def otio_text(path: Path) -> str:
    """What an `.otio` file, an otiod folder or an otioz archive says, if it is sound JSON and of the shape
    that OpenTimelineIO can read without harm. Raises MediaReadError.
    """
    try:
        text = _raw(path).decode("utf-8-sig")
    except (OSError, KeyError, zipfile.BadZipFile, UnicodeDecodeError) as error:
        raise MediaReadError(f"{path.name} cannot be read as OTIO: {error}; export it again.") from error
    try:
        json.loads(_INFINITE.sub("Infinity", text), object_pairs_hook=_schema)
    except json.JSONDecodeError as error:
        raise MediaReadError(
            f"{path.name} cannot be read as OTIO: it is no valid JSON, cut short or edited by hand "
            f"({error.msg} in line {error.lineno}); export it again."
        ) from error
    except RecursionError:
        raise MediaReadError(
            f"{path.name} nests compound clips too deep to follow; flatten them and export it again."
        ) from None
    except _ShapeError as error:
        raise MediaReadError(f"{path.name} cannot be read as OTIO: {error}; export it again.") from None
    return text


class _ShapeError(ValueError):
    """What is wrong, as the end of a sentence."""


class _Schema(str):
    """The name of the schema of an object that was read."""


def _raw(path: Path) -> bytes:
    if path.suffix.lower() == ".otioz":
        with zipfile.ZipFile(path) as archive:
            return archive.read(CONTENT)
    return (path / CONTENT if path.suffix.lower() == ".otiod" else path).read_bytes()


def _schema(pairs: list[tuple[str, Any]]) -> _Schema | None:
    """An object's schema in place of the object: there is no more to keep of it."""
    found: _Schema | None = None
    for key, value in pairs:
        if key == "OTIO_SCHEMA":
            found = _Schema(value)
        elif key in _HELD and isinstance(value, list) and not all(isinstance(one, _Schema) for one in value):
            raise _ShapeError(f"something in '{key}' is not {_HELD[key]}")
    return found
