# SPDX-License-Identifier: Apache-2.0
"""What a process that was killed left beside its results: files that never got their names."""

from __future__ import annotations

import re
import shutil
from contextlib import suppress
from pathlib import Path

from plosive.sync.record import beside
from plosive.sync_options import SyncOptions

__all__ = ["leftovers", "remove_leftovers"]


def leftovers(options: SyncOptions, process_id: int) -> list[Path]:
    """Temporary files and folders of process `process_id` where a job of `options` writes (`media.staging`),
    and records that were not whole yet. Only whoever started that process on this machine knows that it is
    over, and that the number was not given to another since.
    """
    out, elements = options.out, options.elements
    folders = [out.parent, out] + ([elements] if elements is not None else [])
    stem = beside(out, "x").name.removesuffix("x")  # of the record, the motion, the flags
    names = {out.name, *(folder.name for folder in folders), *([options.page.name] if options.page else [])}
    known = "|".join([*map(re.escape, sorted(names)), f"{re.escape(stem)}.*"])
    name = re.compile(rf"\.(?:(?:{known})\.)?{process_id}(?:\.elements)?\.part")
    places = {
        *folders,
        *(folder.parent for folder in folders),
        *([options.page.parent] if options.page else []),
    }
    found: list[Path] = []
    for place in sorted(places):
        with suppress(OSError):
            found += sorted(path for path in place.iterdir() if name.fullmatch(path.name))
    record = beside(out, "plosive.json")
    partial = record.with_name(f".{record.name}.partial")
    return [*found, partial] if partial.is_file() else found


def remove_leftovers(options: SyncOptions, process_id: int) -> list[Path]:
    """Remove `leftovers`; those that could not be removed."""
    for path in leftovers(options, process_id):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            with suppress(OSError):
                path.unlink()
    return leftovers(options, process_id)
