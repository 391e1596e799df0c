# SPDX-License-Identifier: Apache-2.0
"""What was chosen last, per project."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from plosive_host import PlosiveHostError, data_folder
from plosive_resolve.json_file import read_json, write_json

__all__ = ["memory_path", "recalled", "remember"]

_MOST_PROJECTS = 200


def memory_path() -> Path:
    return data_folder() / "resolve-projects.json"


def recalled(project: str, log: logging.Logger) -> dict[str, Any]:
    """What `remember` was last told for this project; empty: nothing. A damaged file is no fault of the
    artist's: it is told to the log and counts as empty.
    """
    kept = _projects(log).get(project)
    return dict(kept) if isinstance(kept, dict) else {}


def remember(project: str, values: dict[str, Any], log: logging.Logger) -> None:
    """Keep `values` for the next time; the projects used longest ago go when there are 200. Never raises:
    what can't be written is told to the log.
    """
    projects = _projects(log)
    projects.pop(project, None)
    projects[project] = values
    try:
        write_json(memory_path(), dict(list(projects.items())[-_MOST_PROJECTS:]))
    except OSError as error:
        log.warning("What was chosen can't be remembered: %s", error)


def _projects(log: logging.Logger) -> dict[str, Any]:
    try:
        return read_json(memory_path()) or {}
    except PlosiveHostError as error:
        log.warning("%s", error)
        return {}
