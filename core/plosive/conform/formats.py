# SPDX-License-Identifier: Apache-2.0
"""Edit files: which adapter of OpenTimelineIO reads which, and what an artist is told when it cannot."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from plosive.conform.aaf import reading as aaf
from plosive.conform.edl import reading as edl_list
from plosive.conform.fcp7 import reading as fcp7
from plosive.conform.fcp7.text import resolved_text
from plosive.conform.fcpxml.reading import read_fcpxml
from plosive.conform.media.bundle import require_sound_archive
from plosive.conform.otio_text import otio_text
from plosive.errors import MediaReadError, MissingDependencyError, OptionError, PlosiveError

__all__ = ["SUFFIXES", "LoadedTimeline", "load_timeline"]

logger = logging.getLogger(__name__)

# suffix: (adapter, what the artist calls it, package that brings the adapter; None for OpenTimelineIO itself)
SUFFIXES: dict[str, tuple[str, str, str | None]] = {
    ".otio": ("otio_json", "OTIO", None),
    ".otioz": ("otioz", "OTIO bundle", None),
    ".otiod": ("otiod", "OTIO folder", None),
    ".edl": ("cmx_3600", "EDL", "otio-cmx3600-adapter"),
    ".xml": ("fcp_xml", "Final Cut Pro 7 XML", "otio-fcp-adapter"),
    ".fcpxml": ("", "FCPXML", None),  # read by Plosive itself
    ".fcpxmld": ("", "FCPXML", None),  # a folder, as Final Cut Pro exports since 1.10
    ".aaf": ("AAF", "AAF", "otio-aaf-adapter"),
}
_OTIO = (".otio", ".otioz", ".otiod")
_FOLDERS = (".otiod", ".fcpxmld")
_TIMES = ("RationalTime", "TimeRange", "TimeTransform")  # known, though not listed as schemas
_LARGEST_BYTES = 512 * 1024 * 1024


@dataclass(frozen=True)
class LoadedTimeline:
    """An `opentimelineio.schema.Timeline`, the suffix it was read by, and the text an EDL was read from."""

    timeline: Any
    suffix: str
    edl: edl_list.EdlText | None = None


def load_timeline(
    path: Path, timeline_name: str | None = None, rate: Fraction | None = None
) -> LoadedTimeline:
    """The timeline in an edit file. `timeline_name` picks one where the file holds several; `rate` is an
    EDL's frame rate, which it does not say itself: without it the lowest of 24, 25, 30, 50 and 60 that fits
    its timecodes.

    Raises MediaReadError (missing, damaged, too large, nothing in it), MissingDependencyError (no adapter)
    and OptionError (no such timeline, or several).
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise MediaReadError(
            f"{path.name} is no edit that Plosive reads: export it as OTIO, EDL, XML, FCPXML or AAF."
        )
    _require_readable(path)
    read, edl = _read(path, suffix, rate)
    return LoadedTimeline(_the_timeline(read, path, timeline_name), suffix, edl)


def _require_readable(path: Path) -> None:
    if not path.exists():
        raise MediaReadError(f"The edit {path} does not exist; check the path.")
    if path.is_dir():
        if path.suffix.lower() not in _FOLDERS:
            raise MediaReadError(f"{path} is a folder; name the edit file in it.")
        return
    try:
        size = path.stat().st_size
        with path.open("rb"):
            pass
    except OSError as error:
        raise MediaReadError(
            f"{path.name} cannot be read ({error.strerror}); check its permissions."
        ) from error
    if not size:
        raise MediaReadError(f"{path.name} is empty (0 bytes); export it again.")
    if size > _LARGEST_BYTES and path.suffix.lower() != ".otioz":
        raise MediaReadError(
            f"{path.name} has {size // 2**20} MB; edits are read up to {_LARGEST_BYTES // 2**20} MB: "
            "export the reel alone, without media in the file."
        )


def _read(path: Path, suffix: str, rate: Fraction | None) -> tuple[Any, edl_list.EdlText | None]:
    adapter, title, package = SUFFIXES[suffix]
    try:
        import opentimelineio as otio
    except ImportError as error:
        raise MissingDependencyError(
            "Edits need OpenTimelineIO; install it with: pip install opentimelineio==0.18.1"
        ) from error
    if package is not None and adapter not in otio.adapters.available_adapter_names():
        raise MissingDependencyError(f"{title} needs {package}; install it with: pip install {package}")
    if suffix == ".edl":
        return _read_edl(path, rate)
    if suffix == ".otioz":
        require_sound_archive(path, _LARGEST_BYTES)

    def read() -> Any:
        if suffix in (".fcpxml", ".fcpxmld"):
            return read_fcpxml(path / "Info.fcpxml" if path.is_dir() else path)
        if suffix in _OTIO:
            return otio.adapters.read_from_string(otio_text(path), "otio_json")
        if suffix == ".aaf":
            return aaf.mended(otio.adapters.read_from_file(str(path), adapter_name=adapter, simplify=False))
        return fcp7.mended(otio.adapters.read_from_string(resolved_text(path), adapter))

    return _adapted(path, title, read), None


def _read_edl(path: Path, rate: Fraction | None) -> tuple[Any, edl_list.EdlText]:
    import opentimelineio as otio

    edl: edl_list.EdlText = _adapted(path, "EDL", lambda: edl_list.read_edl_text(path, rate))

    def read() -> Any:
        timeline = otio.adapters.read_from_string(edl.text, "cmx_3600", rate=float(edl.rate))
        return edl_list.mended(timeline, edl.rate, edl.fades)

    return _adapted(path, "EDL", read), edl


def _adapted(path: Path, title: str, read: Callable[[], Any]) -> Any:
    try:
        return read()
    except PlosiveError:
        raise
    except RecursionError as error:
        raise MediaReadError(
            f"{path.name} nests compound clips without end, or too deep to follow; flatten them "
            "and export again."
        ) from error
    except Exception as error:  # adapters raise whatever they stumble over: the file is not what they know
        logger.info("%s could not be read", path, exc_info=True)
        raise MediaReadError(f"{path.name} cannot be read as {title}: {_reason(path, error)}.") from error


def _reason(path: Path, error: Exception) -> str:
    """What is wrong with an edit file, and what helps, as the end of a sentence."""
    text = " ".join(str(error).split()).rstrip(".")
    name = type(error).__name__
    if "unsupported schema version" in text or name == "UnsupportedSchemaError":
        newer = _schemas(path, lambda name, version, known: version > known.get(name, version))
        return (
            f"a newer version of OpenTimelineIO wrote {newer or 'it'}; export it for version 0.18 or "
            "earlier, or as EDL or XML"
        )
    if name == "JSONParseError" or "JSON parse" in text or isinstance(error, json.JSONDecodeError):
        return f"it is no valid JSON, cut short or edited by hand ({text}); export it again"
    if "type mismatch" in text:
        unknown = _schemas(path, lambda name, _, known: name not in known and name not in _TIMES)
        if unknown:
            return f"OpenTimelineIO does not know {unknown}; take it out, or export as EDL or XML"
        return "a part of it has another type than its schema says; export it again"
    if "already in context" in text:
        return "a sequence of it holds itself; take it out of itself in the editing program"
    if "frames beyond" in text or "rate mismatch" in text:
        return f"a timecode has frames past the rate ({text}); name the right rate"
    return f"{edl_list.told(text) or name}; export it again, or in another format"


def _schemas(path: Path, is_meant: Callable[[str, int, dict[str, int]], bool]) -> str:
    """Which schemas of a file (`Marker.3`) are meant, by name, version, and what the library knows."""
    import opentimelineio as otio

    known = otio.core.type_version_map()
    found = set(re.findall(r'"OTIO_SCHEMA"\s*:\s*"(\w+)\.(\d+)"', path.read_text("utf-8", "replace")))
    return ", ".join(
        sorted(f"its {name}.{number}" for name, number in found if is_meant(name, int(number), known))
    )


def _the_timeline(read: Any, path: Path, name: str | None) -> Any:
    import opentimelineio as otio

    if isinstance(read, otio.schema.Timeline):
        found = [read]
    elif isinstance(read, otio.schema.SerializableCollection):
        found = list(read.find_children(descended_from_type=otio.schema.Timeline))
    else:
        found = []
    if not found:
        raise MediaReadError(f"{path.name} holds no timeline; export a timeline, not clips or bins.")
    wanted = [one for one in found if one.name == name] if name is not None else found
    names = ", ".join(f"'{one.name}'" for one in found[:12])
    if not wanted:
        raise OptionError(f"{path.name} holds no timeline named '{name}', but {names}.")
    if len(wanted) > 1:
        raise OptionError(f"{path.name} holds {len(found)} timelines; name one of {names}.")
    return wanted[0]
