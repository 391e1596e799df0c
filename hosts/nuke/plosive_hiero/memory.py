# SPDX-License-Identifier: Apache-2.0
"""What was chosen last in a project."""

from __future__ import annotations

import logging
from typing import Any

from plosive_host import PlosiveHostError, data_folder
from plosive_host.dialog import Values
from plosive_host.json_file import read_json, write_json

__all__ = ["recalled", "remember"]

_NAME = "hiero-projects.json"
_MOST_PROJECTS = 200


def recalled(project: str, log: logging.Logger) -> dict[str, Any]:
    """Empty: nothing. A damaged file is no fault of the artist's: it is told to the log."""
    kept = _all(log).get(project)
    return dict(kept) if isinstance(kept, dict) else {}


def remember(project: str, values: Values, log: logging.Logger) -> None:
    """Never raises; the projects used longest ago go when there are 200."""
    projects = _all(log)
    projects.pop(project, None)
    projects[project] = dict(values)
    try:
        write_json(data_folder() / _NAME, dict(list(projects.items())[-_MOST_PROJECTS:]))
    except OSError as error:
        log.warning("What was chosen can't be remembered: %s", error)


def _all(log: logging.Logger) -> dict[str, Any]:
    try:
        return read_json(data_folder() / _NAME) or {}
    except PlosiveHostError as error:
        log.warning("%s", error)
        return {}
