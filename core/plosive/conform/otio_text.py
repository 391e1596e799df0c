# SPDX-License-Identifier: Apache-2.0
"""The text of an OTIO file, looked through before OpenTimelineIO gets it: its reader (0.18.1) ends the whole
program on some that are cut short or hold one thing where another belongs, which no exception can catch.
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
_NUMBERS = ("rate", "value", "time_scalar", "start_frame", "frame_step", "frame_zero_padding")
_TEXTS = (
    "name", "kind", "target_url", "target_url_base", "name_prefix", "name_suffix", "effect_name",
    "transition_type", "generator_kind", "active_media_reference_key", "missing_frame_policy",
)  # fmt: skip
_OBJECTS = {  # key: (schemas of which one must be there, whether there may be none)
    "start_time": (("RationalTime",), False),
    "duration": (("RationalTime",), False),
    "in_offset": (("RationalTime",), True),
    "out_offset": (("RationalTime",), True),
    "global_start_time": (("RationalTime",), True),
    "source_range": (("TimeRange",), True),
    "available_range": (("TimeRange",), True),
    "marked_range": (("TimeRange",), True),
    "tracks": (("Stack",), True),
}
_HELD = ("children", "effects", "markers")
_OLD = ("Filler", "Sequence", "SerializeableCollection")  # names of versions before 0.8, still read
_CHECKED = (
    "Clip", "Effect", "ExternalReference", "FreezeFrame", "Gap", "GeneratorReference",
    "ImageSequenceReference", "LinearTimeWarp", "Marker", "MissingReference", "RationalTime",
    "SerializableCollection", "Stack", "TimeEffect", "TimeRange", "Timeline", "Track", "Transition",
)  # fmt: skip


def otio_text(path: Path) -> str:
    """What an `.otio` file, an otiod folder or an otioz archive says, if it is sound JSON of the shape that
    OpenTimelineIO can read without harm. Raises MediaReadError.
    """
    try:
        text = _raw(path).decode("utf-8-sig")
    except (OSError, KeyError, zipfile.BadZipFile, UnicodeDecodeError) as error:
        raise MediaReadError(f"{path.name} cannot be read as OTIO: {error}; export it again.") from error
    try:
        readable = _INFINITE.sub("Infinity", text) if "Inf" in text else text
        json.loads(readable, object_pairs_hook=_Shape().met)
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
        raise MediaReadError(f"{path.name} cannot be read as OTIO: {error}.") from None
    return text


class _ShapeError(ValueError):
    """What is wrong, and what helps, as the end of a sentence."""


class _Schema(str):
    """The name of the schema of an object that was read, without its version."""


class _Plain:
    """An object without a schema, such as metadata."""


_PLAIN = _Plain()


class _Shape:
    """Looks at each object as it is read, and keeps no more of it than its schema."""

    def __init__(self) -> None:
        import opentimelineio as otio

        self._known = {*otio.core.type_version_map(), *_CHECKED, *_OLD}

    def met(self, pairs: list[tuple[str, Any]]) -> _Schema | _Plain:
        said = next((value for key, value in pairs if key == "OTIO_SCHEMA"), None)
        if not isinstance(said, str):
            return _PLAIN
        schema = _Schema(said.partition(".")[0])
        if schema in _CHECKED:
            for key, value in pairs:
                self._require(schema, key, value)
        return schema

    def _require(self, schema: str, key: str, value: Any) -> None:
        if key in _HELD and schema != "SerializableCollection":
            for one in value if isinstance(value, list) else [None]:
                if not isinstance(one, _Schema):
                    raise _ShapeError(
                        f"something in the {key} of a {schema} is nothing it knows; export it again"
                    )
                if one not in self._known:
                    raise _ShapeError(
                        f"OpenTimelineIO does not know its {one}, in the {key} of a {schema}; take it "
                        "out, or export as EDL or XML"
                    )
            return
        if key in _NUMBERS:
            is_right = isinstance(value, (int, float)) and not isinstance(value, bool)
        elif key in _TEXTS:
            is_right = value is None or (isinstance(value, str) and not isinstance(value, _Schema))
        elif key in _OBJECTS:
            wanted, may_be_none = _OBJECTS[key]
            is_right = value in wanted if isinstance(value, _Schema) else value is None and may_be_none
        elif key == "enabled":
            is_right = isinstance(value, bool)
        elif key == "metadata":
            is_right = value is None or isinstance(value, _Plain)
        else:
            return
        if not is_right:
            raise _ShapeError(f"the {key} of a {schema} is of the wrong kind; export it again")


def _raw(path: Path) -> bytes:
    if path.suffix.lower() == ".otioz":
        with zipfile.ZipFile(path) as archive:
            return archive.read(CONTENT)
    return (path / CONTENT if path.suffix.lower() == ".otiod" else path).read_bytes()
