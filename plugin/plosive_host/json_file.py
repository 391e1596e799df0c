# SPDX-License-Identifier: Apache-2.0
"""Small JSON files of the user's, written whole or not at all."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from plosive_host.errors import PlosiveHostError

__all__ = ["read_json", "write_json"]


def read_json(path: Path) -> dict[str, Any] | None:
    """The object in it; None where there is no file. Raises PlosiveHostError (OPTION) where it holds
    something else or can't be read.
    """
    try:
        told = json.loads(path.read_text(encoding="utf-8-sig"))  # editors of Windows begin it with a mark
    except FileNotFoundError:
        return None
    except OSError as error:
        raise PlosiveHostError(f"{path} can't be read ({error.strerror}).", "OPTION") from error
    except ValueError as error:
        where = f"line {error.lineno}: {error.msg}" if isinstance(error, json.JSONDecodeError) else "no text"
        raise PlosiveHostError(
            f"{path} is no JSON ({where}); correct it, or remove it for the defaults.", "OPTION"
        ) from error
    if not isinstance(told, dict):
        raise PlosiveHostError(f"{path} must hold one JSON object; correct or remove it.", "OPTION")
    return told


def write_json(path: Path, values: dict[str, Any]) -> None:
    """Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        temporary.write_text(json.dumps(values, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        os.replace(temporary, path)
    finally:
        if temporary.exists():
            temporary.unlink()
