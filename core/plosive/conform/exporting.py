# SPDX-License-Identifier: Apache-2.0
"""A conformed edit written to files, each whole under a name that nothing had before."""

from __future__ import annotations

import os
import re
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from plosive.conform.rates import exact_seconds, nearest_frame, snapped_rate
from plosive.errors import MediaWriteError, MissingDependencyError
from plosive.media.staging import write_error
from plosive.media.timecode import Timecode

__all__ = ["write_edit", "write_new"]

_TIME = r"\d\d:\d\d:\d\d[:;]\d\d"
_EVENT = re.compile(rf"^(\d{{3,}}[ \t].*?)({_TIME}) ({_TIME})(?=[ \t]*\r?$)", re.MULTILINE)
_ADAPTERS = {  # suffix: (adapter, what the artist calls it, package that brings it)
    ".otio": ("otio_json", "OTIO", "opentimelineio"),
    ".edl": ("cmx_3600", "EDL", "otio-cmx3600-adapter"),
    ".fcpxml": ("fcpx_xml", "FCPXML", "otio-fcpx-xml-adapter"),
    ".aaf": ("AAF", "AAF", "otio-aaf-adapter"),
}


def write_edit(timeline: Any, path: Path) -> None:
    """Write an `opentimelineio.schema.Timeline` in the format that `path` ends in. Raises MediaWriteError
    where the disk or the format will not have it, or the name is taken; MissingDependencyError.
    """
    import opentimelineio as otio

    adapter, spoken, package = _ADAPTERS[path.suffix.lower()]
    if adapter not in otio.adapters.available_adapter_names():
        raise MissingDependencyError(f"Writing {spoken} needs {package}: python -m pip install {package}")
    with TemporaryDirectory(prefix="plosive-edit-") as folder:
        made = Path(folder) / path.name
        try:
            otio.adapters.write_to_file(timeline, str(made), adapter_name=adapter)
            content = made.read_bytes()
            if path.suffix.lower() == ".edl" and timeline.global_start_time is not None:
                content = _from_start(content.decode("utf-8"), timeline.global_start_time).encode("utf-8")
        except OSError as error:
            raise write_error(path, error) from error
        except Exception as error:  # adapters raise whatever they like
            first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
            raise MediaWriteError(
                f"This edit cannot be written as {spoken} ({first}); take the OTIO file."
            ) from error
    write_new(path, content)


def _from_start(edl: str, start: Any) -> str:
    """The events' record timecode counted from the edit's start: the adapter (1.0.0) counts from 0."""
    rate = snapped_rate(start.rate)
    first = nearest_frame(exact_seconds(start), rate)

    def moved(match: re.Match[str]) -> str:
        record = (str(Timecode.parse(text, rate) + first) for text in match.group(2, 3))
        return match[1] + " ".join(record)

    return _EVENT.sub(moved, edl)


def write_new(path: Path, content: bytes) -> None:
    """Write a file that appears whole, under a name nothing has. Raises MediaWriteError."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with partial.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(partial, path)  # unlike a rename it never replaces anything
        except FileExistsError:
            raise MediaWriteError(f"{path} exists already; it is left as it is: try again.") from None
        except OSError:  # disks without second names
            if path.exists():
                raise MediaWriteError(f"{path} exists already; it is left as it is: try again.") from None
            os.replace(partial, path)
    except OSError as error:
        raise write_error(path, error) from error
    finally:
        partial.unlink(missing_ok=True)
