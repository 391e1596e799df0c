# SPDX-License-Identifier: Apache-2.0
"""The same request again is answered with a copy of what it came to before (`plosive_daemon.results`).

Only results that are one file and have one speaker are known, without elements: layers name the files that
they were made of.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from plosive.errors import PlosiveError
from plosive.sync_options import SyncOptions
from plosive_daemon.job import JobResult
from plosive_daemon.results import ResultCache

__all__ = ["KnownResults"]

_BESIDE = (".plosive.json", ".motion.json")
_BESIDE_SCORED = (".score.html", ".flags.json")
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
        is_plain = options.dub is not None and not options.has_turns and options.elements is None
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
            earlier = JobResult(**{**about["result"], "notes": tuple(about["result"]["notes"])})
            warnings = [str(sentence) for sentence in about["warnings"]]
        except (KeyError, TypeError):
            return None
        out = self._options.out
        places = {name: out if name == "out" else out.with_name(out.stem + name) for name in known.files}
        if not self._cache.deliver(known, places, overwrite=self._options.overwrite):
            return None
        record = places.get(_BESIDE[0])
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
        for name in (*_BESIDE, *(_BESIDE_SCORED if self._options.page else ())):
            if (path := out.with_name(out.stem + name)).is_file():
                files[name] = path
        self._cache.remember(self._key, files, {"result": asdict(result), "warnings": list(warnings)})


def _key_of(options: SyncOptions) -> str:
    """'' where it cannot be told: the job then tells why."""
    from plosive.sync.job_key import key_of

    try:
        return f"{key_of(options)}{'-scored' if options.page else ''}"
    except PlosiveError:
        return ""
