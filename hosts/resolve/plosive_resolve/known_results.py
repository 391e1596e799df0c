# SPDX-License-Identifier: Apache-2.0
"""Results of earlier runs: the same request over the same files is not asked for twice, so that a run that is
repeated (after an edit that kept a result from being placed, say) ends with the same file at once. The daemon
knows its results as well, but gives each request a version and a file of its own.
"""

from __future__ import annotations

import copy
import hashlib
import json
import logging
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from plosive_host import PlosiveHostError, data_folder
from plosive_host.json_file import read_json, write_json

__all__ = ["known_job", "remember_job", "results_path"]

_MOST = 300
_LONGEST_SEQUENCE = 5000


def results_path() -> Path:
    return data_folder() / "resolve-results.json"


def known_job(sync: Mapping[str, Any], version: str, log: logging.Logger) -> dict[str, Any] | None:
    """The job (its id and result) that answered the same request; None: none did, or one of the files it
    read or wrote is another one now. `version` is Plosive's.
    """
    kept = _kept(log).get(_key(sync, version))
    if not isinstance(kept, Mapping) or not isinstance(kept.get("job"), Mapping):
        return None
    job: dict[str, Any] = dict(kept["job"])
    if kept.get("files") != _stamps(sync, job):
        return None
    return job


def remember_job(sync: Mapping[str, Any], version: str, job: Mapping[str, Any], log: logging.Logger) -> None:
    """Keep a job that is done. Never raises: what can't be written is told to the log."""
    result = job.get("result")
    if not isinstance(result, Mapping) or not result.get("out_path"):
        return
    short = {"id": job.get("id"), "result": dict(result), "warnings": list(job.get("warnings") or ())}
    kept = _kept(log)
    key = _key(sync, version)
    kept.pop(key, None)
    kept[key] = {"job": short, "files": _stamps(sync, short)}
    try:
        write_json(results_path(), dict(list(kept.items())[-_MOST:]))
    except OSError as error:
        log.warning("The result can't be remembered: %s", error)


def _kept(log: logging.Logger) -> dict[str, Any]:
    try:
        return read_json(results_path()) or {}
    except PlosiveHostError as error:
        log.warning("%s", error)
        return {}


def _key(sync: Mapping[str, Any], version: str) -> str:
    told = copy.deepcopy(dict(sync))
    if "elements" in told:
        told["elements"] = True  # their folder has a number of its own in each run
    text = json.dumps([version, told], sort_keys=True)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def _stamps(sync: Mapping[str, Any], job: Mapping[str, Any]) -> dict[str, list[int]]:
    """Size and time of change (ns) of every file; none of a file that is not there."""
    stamps: dict[str, list[int]] = {}
    for path in _paths(sync, job):
        try:
            told = os.stat(path)
        except OSError:
            stamps[path] = []
        else:
            stamps[path] = [told.st_size, told.st_mtime_ns]
    return stamps


def _paths(sync: Mapping[str, Any], job: Mapping[str, Any]) -> Iterator[str]:
    clip = sync.get("clip") or {}
    span = clip.get("range") or {}
    first, last = int(span.get("first_frame", 0)), int(span.get("last_frame_inclusive", 0))
    handles = int(clip.get("handle_frames") or 0)
    yield from _files(str(clip.get("media_path") or ""), max(0, first - handles), last + handles)
    for voice in sync.get("voices") or ():
        yield str(voice.get("dub_path") or "")
    result = job["result"]
    yield from _files(str(result["out_path"]), max(0, first - handles), last + handles)
    for name in ("record_path", "elements_folder_path"):
        if result.get(name):
            yield str(result[name])


def _files(path: str, first: int, last: int) -> Iterator[str]:
    """The file, or those of a sequence (shot.%04d.exr, shot.####.exr) in a range, both ends included."""
    name = os.path.basename(path)
    digits = name.count("#")
    if digits:
        hashes = "#" * digits
        if hashes not in name:
            yield path
            return
        path = os.path.join(os.path.dirname(path), name.replace("%", "%%").replace(hashes, f"%0{digits}d"))
    elif "%" not in name:
        yield path
        return
    for number in range(first, min(last, first + _LONGEST_SEQUENCE) + 1):
        try:
            yield path % number
        except (TypeError, ValueError):  # a percent sign of the name's own
            yield path
            return
