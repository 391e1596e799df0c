# SPDX-License-Identifier: Apache-2.0
"""The options file: what Lip Sync Clip does where no dialog can be drawn (the free edition), and what the
dialog begins with elsewhere.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from plosive_host import PlosiveHostError, data_folder
from plosive_host.dialog import Dialog, Field, Values
from plosive_host.json_file import read_json, write_json

__all__ = ["options_path", "read_options", "write_first_options"]

_ABOUT = "about"


def options_path() -> Path:
    """resolve-options.json in the user's data folder of Plosive."""
    return data_folder() / "resolve-options.json"


def read_options(dialog: Dialog) -> Values:
    """Values of `dialog`: its defaults, and what the file says in their place; "about" in it is for people.

    Raises PlosiveHostError (OPTION), with the place in the file and what may be said there.
    """
    path = options_path()
    told = read_json(path) or {}
    told.pop(_ABOUT, None)
    return dialog.checked(told, str(path))


def write_first_options(dialog: Dialog) -> bool:
    """Write a file with the defaults and a line on each of them, unless there is one; whether it was written.

    Raises PlosiveHostError (OPTION) where the folder can't be written.
    """
    path = options_path()
    if path.exists():
        return False
    fields = [field for field in dialog.fields if field.is_asked]
    values: dict[str, Any] = {_ABOUT: {field.name: _about(field) for field in fields}}
    values.update(dialog.defaults())
    try:
        write_json(path, values)
    except OSError as error:
        raise PlosiveHostError(f"{path} can't be written ({error.strerror}).", "OPTION") from error
    return True


def _about(field: Field) -> str:
    if field.kind == "choice":
        may_be = " or ".join(f'"{option.value}"' for option in field.options)
        may_be += ", or another" if field.is_open else ""
    elif field.kind in ("percent", "frames"):
        may_be = f"{field.lowest} to {field.highest}" + (" percent" if field.kind == "percent" else " frames")
    else:
        may_be = {"flag": "true or false", "file": "a path", "folder": "a path"}.get(field.kind, "text")
    return f"{field.help} ({may_be})" if field.help else f"{field.label} ({may_be})"
