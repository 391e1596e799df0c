# SPDX-License-Identifier: Apache-2.0
"""A conformed edit written to files, each whole under a name that nothing had before."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from plosive.errors import MediaWriteError, MissingDependencyError
from plosive.media.staging import write_error

__all__ = ["write_edit", "write_new"]

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
        except OSError as error:
            raise write_error(path, error) from error
        except Exception as error:  # adapters raise whatever they like
            first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
            raise MediaWriteError(
                f"This edit cannot be written as {spoken} ({first}); take the OTIO file."
            ) from error
    write_new(path, content)


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
