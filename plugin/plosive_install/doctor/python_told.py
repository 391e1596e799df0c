# SPDX-License-Identifier: Apache-2.0
"""Which Python a host will start, found in the order in which plosive_host.find_python looks."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from plosive_install.machine import Machine
from plosive_install.places import host_config

__all__ = ["PythonTold", "python_told"]


@dataclass(frozen=True)
class PythonTold:
    """`where` names the file or variable; `is_readable` False: a host.json that holds no Python."""

    python: str
    where: str
    is_readable: bool = True


def python_told(machine: Machine, package: Path | None) -> PythonTold | None:
    """`package`: the installed folder, whose host.json comes after the user's. None: nobody told any, and the
    PATH decides.
    """
    told = machine.environment.get("PLOSIVE_PYTHON", "")
    if told:
        return PythonTold(told, "PLOSIVE_PYTHON")
    files = [host_config(machine), *([package / "host.json"] if package else [])]
    for path in files:
        try:
            python = json.loads(path.read_text(encoding="utf-8"))["python"]
        except FileNotFoundError:
            continue
        except (OSError, ValueError, KeyError, TypeError):
            python = None
        return PythonTold(str(python or ""), str(path), isinstance(python, str) and bool(python))
    return None
