# SPDX-License-Identifier: Apache-2.0
"""What was chosen last: for a project, and for a clip in it (its words, its faces, its dub)."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from plosive_host import PlosiveHostError, data_folder
from plosive_host.json_file import read_json, write_json

__all__ = ["memory_path", "recalled", "remember"]

_MOST_PROJECTS = 200
_MOST_CLIPS = 500
_ALL = "all clips"


def memory_path() -> Path:
    return data_folder() / "resolve-projects.json"


def recalled(project: str, log: logging.Logger, clip: str = "") -> dict[str, Any]:
    """What `remember` was last told for this project, or for a clip of it; empty: nothing. A damaged file is
    no fault of the artist's: it is told to the log and counts as empty.
    """
    kept = _object(_object(_projects(log).get(project)).get(clip or _ALL))
    return dict(kept)


def remember(project: str, values: Mapping[str, Any], log: logging.Logger, clip: str = "") -> None:
    """Keep `values` for the next time, for the project or for a clip of it. The projects used longest ago go
    when there are 200, the clips when there are 500. Never raises: what can't be written is told to the log.
    """
    projects = _projects(log)
    clips = dict(_object(projects.pop(project, None)))
    clips.pop(clip or _ALL, None)
    clips[clip or _ALL] = dict(values)
    while len(clips) > _MOST_CLIPS:
        clips.pop(next(key for key in clips if key != _ALL))
    projects[project] = clips
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


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
