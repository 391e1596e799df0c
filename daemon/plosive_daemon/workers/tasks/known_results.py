# SPDX-License-Identifier: Apache-2.0
"""The same request again is answered with a copy of what it came to before (`plosive_daemon.results`).

Only results that are one file are known, without elements: layers name the files that they were made of. Of a
copy, the record names the place it was copied to; a page with the score is as it was made.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from plosive.errors import PlosiveError
from plosive.sync_options import SyncOptions
from plosive_daemon.job import JobResult
from plosive_daemon.results import ResultCache

__all__ = ["KnownResults"]

_RECORD = ".plosive.json"
_NOTE = "An earlier result of the same request was used again."


class KnownResults:
    """What is known of the request that `options` make, in `folder`; nothing where that is None. Finding the
    key opens and reads the media once (`plosive.sync.job_key`). Nothing here fails a job, but a place that
    cannot be written.
    """

    def __init__(self, options: SyncOptions, folder: Path | None, most_bytes: int) -> None:
        self._options = options
        self._cache = ResultCache(folder or Path(), most_bytes)
        self._key = ""
        is_plain = not options.has_turns and options.elements is None
        is_one_file = bool(options.out.suffix) and not any(sign in options.out.name for sign in "#%@")
        if folder is not None and is_plain and is_one_file and not options.out.is_dir():
            self._key = _key_of(options)

    def delivered(self) -> tuple[JobResult, Sequence[str]] | None:
        """The result, copied to where it is wanted, and its warnings; None where it has to be made. Raises
        MediaWriteError where something is there already or cannot be written.
        """
        known = self._cache.find(self._key) if self._key else None
        if known is None or "out" not in known.files:
            return None
        about: dict[str, Any] = dict(known.about)
        try:
            earlier = JobResult.of(about["result"])
            warnings = [str(sentence) for sentence in about["warnings"]]
        except (KeyError, TypeError):
            return None
        out = self._options.out
        places = {name: out if name == "out" else out.with_name(out.stem + name) for name in known.files}
        if not self._cache.deliver(known, places, overwrite=self._options.overwrite):
            return None
        record = places.get(_RECORD)
        if record is not None:
            _renamed(record, self._options)
        result = replace(
            earlier,
            out_path=str(out),
            record_path=str(record or ""),
            from_cache=True,
            notes=(_NOTE,),
        )
        return result, warnings

    def remember(self, result: JobResult, warnings: Sequence[str]) -> None:
        """`result` was just made."""
        if not self._key:
            return
        out = self._options.out
        files = {"out": out}
        for name in _beside(self._options):
            if (path := out.with_name(out.stem + name)).is_file():
                files[name] = path
        self._cache.remember(self._key, files, {"result": asdict(result), "warnings": list(warnings)})


def _beside(options: SyncOptions) -> Iterator[str]:
    """What follows OUT's stem in the names of all that may lie beside it."""
    from plosive.sync.voices.line import file_suffix

    yield _RECORD
    for name in [speaker.face for speaker in options.speakers] or [""]:
        suffix = file_suffix(name)
        yield f".{suffix}motion.json"
        if options.page is not None:
            yield f".score.{suffix}html"
            yield f".{suffix}flags.json"


def _renamed(record: Path, options: SyncOptions) -> None:
    """Have a copied record name the copy; where it cannot be read or written it stays as it was."""
    from plosive.sync.record import write_json

    with suppress(OSError, ValueError, KeyError, TypeError, AttributeError, PlosiveError):
        told = json.loads(record.read_text(encoding="utf-8"))
        earlier = told["options"]["out"]
        told["options"]["out"] = str(options.out)
        told["options"]["report"] = None if options.report is None else str(options.report)
        for score in [told.get("score"), *told.get("scores", {}).values()]:
            if score and score.get("result") == earlier:
                score["result"] = str(options.out)
        write_json(record, told)


def _key_of(options: SyncOptions) -> str:
    """'' where it cannot be told: the job then tells why."""
    from plosive.sync.job_key import key_of

    try:
        return f"{key_of(options)}{'-scored' if options.page else ''}"
    except PlosiveError:
        return ""
