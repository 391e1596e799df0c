# SPDX-License-Identifier: Apache-2.0
"""What a job comes to, as a short text: equal keys mean equal frames and sound, wherever the files lie."""

from __future__ import annotations

import dataclasses
import hashlib
import importlib.metadata
import json
import os
import platform
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from plosive import __version__
from plosive.keyed import KeyedValue
from plosive.media.fingerprint import fingerprint
from plosive.sync.known_speech import transcript_content
from plosive.sync.opened import OpenedJob, open_job
from plosive.sync_options import SyncOptions

__all__ = ["LEFT_OUT", "TOLD_BY_CONTENT", "job_key", "key_of"]

_VERSION = 1
"""Counts up whenever the same options of the same version of Plosive come to other frames."""

_LIBRARIES = (
    "av", "mediapipe", "numba", "numpy", "opencv-contrib-python", "OpenEXR", "OpenImageIO", "pocketsphinx",
    "scipy", "torch",
)  # fmt: skip

LEFT_OUT = {
    "device": "what it comes to on this machine is told in its place",
    "dry_run": "decides whether anything is written, not what",
    "overwrite": "decides whether anything is written, not what",
    "report": "pages and records lie beside the frames",
    "use_cache": "what is found again is the same to the bit",
}
"""Options that change neither frames nor sound nor elements, and why."""


def _dubs(job: OpenedJob) -> object:
    return [_content(path) for path in job.options.dubs]


def _speakers(job: OpenedJob) -> object:
    has_turns = job.options.has_turns
    return [
        (
            *(one.face, one.voice if has_turns else None, one.audio_start),
            *(transcript_content(one.transcript), *([one.name] if one.name else [])),
        )
        for one in job.options.speakers
    ]


def _takes(job: OpenedJob) -> object:
    found = []
    for path in job.options.actor_footage:
        with job.reading.open(path) as take:
            found.append((path.suffix.lower(), fingerprint(take.paths)))
    return found


def _elements(job: OpenedJob) -> object:
    """Elements name the files they were made of."""
    if job.options.elements is None:
        return None
    return job.info.path.name, [dub.name for dub in job.options.dubs]


def _elements_only(name: str) -> Callable[[OpenedJob], object]:
    def told(job: OpenedJob) -> object:
        return None if job.options.elements is None else getattr(job.options, name)

    return told


def _plate(job: OpenedJob) -> object:
    facts = {
        field.name: getattr(job.info, field.name)
        for field in dataclasses.fields(job.info)
        if field.name not in ("path", "warnings", "colour")
    }
    look = "" if job.info.colour is None else job.info.colour.key
    return job.options.plate.suffix.lower(), job.plate_fingerprint, look, facts


TOLD_BY_CONTENT: dict[str, Callable[[OpenedJob], object]] = {
    "plate": _plate,
    "dub": _dubs,
    "out": lambda job: (job.options.out.suffix.lower(), job.options.out.is_dir()),
    "transcript": lambda job: transcript_content(job.options.transcript),
    "elements": _elements,
    "elements_window": _elements_only("elements_window"),
    "elements_start": _elements_only("elements_start"),
    "elements_compression": _elements_only("elements_compression"),
    "redo": lambda job: _content(job.options.redo),
    "actor_footage": _takes,
    "motion": lambda job: _content(job.options.motion),
    "speakers": _speakers,
    "turns": lambda job: _content(job.options.turns),
    "cast": lambda job: _content(job.options.cast),
    "ocio": lambda job: _config(job.options.ocio or os.environ.get("OCIO")),
}
"""Options that enter a key by what their files hold. All others enter as they are given."""


def job_key(job: OpenedJob) -> str:
    """The key of an opened job, 32 hexadecimal digits (BLAKE2b, RFC 7693): of the content of all its files,
    every option that changes a frame, a sound or an element, the generator with its version and the hashes
    of its weights, the device as it is, and the versions of Plosive and of the libraries that make pixels.
    Not of paths, names of results, or dates.

    Files are read whole up to 4 GiB a plate or take (`media.fingerprint`): a change that keeps size and date
    is seen. Beyond that a change is seen by size, date, or one of 64 samples of each file. An OCIO config
    enters by its own file and by what it makes of the plate's samples; lookup tables beside it only so.
    Raises MediaReadError where a file cannot be read.
    """
    about: dict[str, object] = {
        "version": (_VERSION, __version__),
        "libraries": [_library(name) for name in _LIBRARIES],
        "machine": (platform.system(), platform.machine(), _device(job.device)),
        "generator facts": job.generator.facts.plain(),
    }
    for field in dataclasses.fields(job.options):
        if field.name in LEFT_OUT:
            continue
        told = TOLD_BY_CONTENT.get(field.name)
        about[field.name] = getattr(job.options, field.name) if told is None else told(job)
    text = json.dumps(about, sort_keys=True, default=_plain)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def key_of(options: SyncOptions) -> str:
    """`job_key` of a job that is not run. Raises PlosiveError subclasses as the job would when it begins."""
    with ExitStack() as stack:
        return job_key(open_job(options.validated(), stack))


def _content(path: Path | None) -> object:
    return None if path is None else (path.suffix.lower(), fingerprint([path]))


def _config(name: str | None) -> object:
    return _content(Path(name)) if name and Path(name).is_file() else name


def _library(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _device(device: str) -> str:
    if device == "cpu":
        return device
    import torch

    return f"{device} {torch.cuda.get_device_name()}"


def _plain(value: object) -> object:
    """What JSON has no form for."""
    return value.facts() if isinstance(value, KeyedValue) else str(value)
