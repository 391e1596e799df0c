# SPDX-License-Identifier: Apache-2.0
"""Sound that was put together for a clip, taken from an earlier run where that made the very same: a request
is known again by the files it names.
"""

from __future__ import annotations

import dataclasses
import filecmp
import glob
import logging
import os
import re

from plosive_resolve.prepare import Prepared

__all__ = ["with_earlier_sounds"]

_VERSION = re.compile(r"_v(\d{3,})(?=\.[^.]+$)")


def with_earlier_sounds(prepared: Prepared, log: logging.Logger) -> Prepared:
    """`prepared` with the oldest file of the same name and bytes in place of each sound that was made; the
    newer one is removed. What can't be compared stays as it is.
    """
    voices = list(prepared.voices)
    made, notes = list(prepared.made_paths), list(prepared.notes)
    for at, voice in enumerate(voices):
        if voice.dub_path not in made:
            continue
        earlier = _earlier(voice.dub_path)
        if not earlier:
            continue
        log.info("%s is the same as %s", voice.dub_path, earlier)
        made.remove(voice.dub_path)
        try:
            os.remove(voice.dub_path)
        except OSError as error:
            log.info("%s stays: %s", voice.dub_path, error)
        voices[at] = dataclasses.replace(voice, dub_path=earlier)
        names = os.path.basename(voice.dub_path), os.path.basename(earlier)
        notes = [note.replace(*names) for note in notes]
    return dataclasses.replace(prepared, voices=tuple(voices), made_paths=tuple(made), notes=tuple(notes))


def _earlier(path: str) -> str:
    """Empty: there is none."""
    folder, name = os.path.split(path)
    match = _VERSION.search(name)
    if match is None:
        return ""
    pattern = glob.escape(name[: match.start()]) + "_v*" + glob.escape(name[match.end() :])
    versions = []
    for found in glob.glob(os.path.join(glob.escape(folder), pattern)):
        version = _VERSION.search(os.path.basename(found))
        if version is not None and int(version.group(1)) < int(match.group(1)):
            versions.append((int(version.group(1)), found))
    for _, found in sorted(versions):
        try:
            if filecmp.cmp(found, path, shallow=False):
                return found
        except OSError:
            continue
    return ""
