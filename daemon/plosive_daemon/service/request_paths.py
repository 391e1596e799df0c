# SPDX-License-Identifier: Apache-2.0
"""Every path in a request, made real and held to the roots."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from google.protobuf.descriptor import FieldDescriptor  # type: ignore[import-untyped]
from google.protobuf.message import Message  # type: ignore[import-untyped]

from plosive_daemon.service.paths import Roots, require_no_source_written

__all__ = ["sources_of", "with_real_paths"]

_FOLDERS_TO_MAKE = frozenset({"Elements.folder_path", "ConformRequest.out_folder_path"})
_RESULTS = frozenset(
    {
        "Output.path",
        "VersionedName.folder_path",
        "VersionedName.found_path",
        "ScoreResultRequest.report_path",
        *_FOLDERS_TO_MAKE,
    }
)
_BUILT_IN_OCIO = "ocio://"

AnyMessage = TypeVar("AnyMessage", bound=Message)
Place = tuple[str, str, str]  # message and field, its place in the request, the path


def with_real_paths(message: AnyMessage, roots: Roots, place: str = "") -> AnyMessage:
    """A copy with every path absolute and free of links. Any text field named *_path is a source unless this
    module knows it as a result, so that fields added later are held to the roots, too.

    Raises PathRefused, InvalidRequest, MediaReadError.
    """
    real: AnyMessage = type(message)()
    real.CopyFrom(message)

    def made_real(key: str, where: str, text: str) -> str:
        if not text:
            return text
        if text.startswith(_BUILT_IN_OCIO) and key == "ClipRange.ocio_config_path":
            return text
        if key in _RESULTS:
            return str(roots.writable(text, where, may_make_folders=key in _FOLDERS_TO_MAKE))
        return str(roots.readable(text, where))

    found: list[Place] = []
    _walk(real, place, made_real, found)
    sources = [Path(text) for key, _, text in found if text and key not in _RESULTS]
    for key, where, text in found:
        if text and key in _RESULTS and key != "VersionedName.folder_path":
            require_no_source_written(Path(text), sources, where)
    return real


def sources_of(message: Message) -> Iterator[Path]:
    """Every source that a message with real paths names."""
    found: list[Place] = []
    _walk(message, "", lambda key, where, text: text, found)
    for key, _, text in found:
        if text and key not in _RESULTS and not text.startswith(_BUILT_IN_OCIO):
            yield Path(text)


def _walk(message: Message, place: str, change: Callable[[str, str, str], str], found: list[Place]) -> None:
    """Replace every path in `message` by what `change` makes of it; `found` gets all as they are then."""
    for field, value in message.ListFields():
        where = f"{place}.{field.name}" if place else field.name
        key = f"{field.containing_type.name}.{field.name}"
        is_list = field.label == FieldDescriptor.LABEL_REPEATED
        if field.type == FieldDescriptor.TYPE_MESSAGE:
            for number, item in enumerate(value if is_list else (value,)):
                _walk(item, f"{where}[{number}]" if is_list else where, change, found)
        elif field.type == FieldDescriptor.TYPE_STRING and _is_path(key, field.name):
            if is_list:
                value[:] = [change(key, f"{where}[{number}]", text) for number, text in enumerate(value)]
            else:
                setattr(message, field.name, change(key, where, value))
            found += [(key, where, text) for text in (value if is_list else (getattr(message, field.name),))]


def _is_path(key: str, name: str) -> bool:
    return name.endswith(("_path", "_paths")) or key == "Output.path"
