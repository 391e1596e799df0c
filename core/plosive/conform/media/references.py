# SPDX-License-Identifier: Apache-2.0
"""What an edit says of its media: file or image sequence, frames, clock, before anybody looks at it."""

from __future__ import annotations

import re
from fractions import Fraction
from math import ceil
from pathlib import Path, PurePath
from typing import Any
from urllib.parse import unquote, urlsplit

from plosive.conform.shot import ShotMedia
from plosive.conform.times.rates import exact_seconds, snapped_rate
from plosive.media.imagefile import IMAGE_SUFFIXES
from plosive.media.sequencefiles import numbered_pattern
from plosive.media.timecode import FrameRange

__all__ = ["active_media", "plain_path"]

_RANGED = re.compile(r"(.*)\[(\d+)-\d+\](\.\w+)")
_PRINTED = re.compile(r"(.*?)(?:%0?(\d*)d|(#+))(\.\w+)(?:\s+(\d+)-\d+)?")
_SOURCE_FILE = re.compile(r"\s*\*?\s*SOURCE FILE:\s*(\S.*?)\s*$", re.IGNORECASE)
_WHOLE = re.compile(r"[A-Za-z]:[\\/]|[\\/]|file:", re.IGNORECASE)
_DRIVE = re.compile(r"/[A-Za-z]:(?=[/\\])")


def plain_path(url: str) -> str:
    """The path that a URL or path of an edit means, as text: `file://` with or without a host, percent signs,
    `file:///C:/...`, bare POSIX and Windows paths. Slashes stay as they are.
    """
    if not re.match(r"file:", url, re.IGNORECASE):
        return url
    parts = urlsplit(url.replace("\\\\", "/"))
    path = unquote(parts.path)
    host = unquote(parts.netloc)
    if host and host.lower() != "localhost":
        if re.fullmatch(r"[A-Za-z]:", host):  # file://C:/..., as some programs write it
            return host + path
        return f"//{host}{path}"
    return path[1:] if _DRIVE.match(path) else path


def active_media(clip: Any, edit_rate: Fraction) -> ShotMedia | None:
    """The clip's active reference as the edit has it; None for generators and unknown kinds. A missing
    reference is media known by its name alone: the reel of an EDL, else the clip's name.

    The clock of an image sequence is that of the available range: file number = start_frame + (source time -
    start of the available range) * rate.
    """
    import opentimelineio as otio

    reference = clip.media_reference
    key = clip.active_media_reference_key
    if isinstance(reference, otio.schema.ImageSequenceReference):
        return _sequence(reference, key)
    if isinstance(reference, otio.schema.ExternalReference):
        return _file(reference, clip, key, edit_rate)
    if isinstance(reference, otio.schema.MissingReference) or reference is None:
        return _nameless(clip, key)
    return None


def _sequence(reference: Any, key: str) -> ShotMedia:
    base = plain_path(reference.target_url_base or "")
    digits = max(1, reference.frame_zero_padding)
    name = f"{reference.name_prefix}{'#' * digits}{reference.name_suffix}"
    joint = "" if not base or base.endswith(("/", "\\")) else ("\\" if "\\" in base else "/")
    given = reference.available_range
    rate = snapped_rate(given.start_time.rate if given is not None else reference.rate)
    start = exact_seconds(given.start_time) if given is not None else Fraction(0)
    available = None
    if given is not None:
        count = max(0, round(exact_seconds(given.duration) * rate))
        first = reference.start_frame
        available = FrameRange(first, first + count - 1) if count else None
    return ShotMedia(
        name=reference.name or name,
        url=f"{base}{joint}{name}",
        path=None,
        found="",
        reference_key=key,
        kind="sequence",
        rate=rate,
        first_frame=reference.start_frame,
        frame_step=reference.frame_step,
        start_seconds=start,
        available=available,
    )


def _file(reference: Any, clip: Any, key: str, edit_rate: Fraction) -> ShotMedia:
    url = reference.target_url or ""
    given = reference.available_range
    rate, start, count = edit_rate, Fraction(0), 0
    if given is not None:
        rate = snapped_rate(given.start_time.rate)
        start = exact_seconds(given.start_time)
        count = max(0, ceil(exact_seconds(given.duration) * rate))
    elif clip.source_range is not None:
        rate = snapped_rate(clip.source_range.start_time.rate)
    folder, name = _split(plain_path(url).rstrip("/\\"))
    numbered = _numbered(name) if count != 1 else None
    first = 0
    if numbered is not None:
        name, number = numbered
        url = folder + name
        first = number if number is not None else int(start * rate)
    return ShotMedia(
        name=name or reference.name or clip.name,
        url=url,
        path=None,
        found="",
        reference_key=key,
        kind="file" if numbered is None else "sequence",
        rate=rate,
        first_frame=first,
        start_seconds=start,
        available=FrameRange(first, first + count - 1) if count else None,
        aliases=_aliases(clip),
    )


def _split(path: str) -> tuple[str, str]:
    """Folder with its last slash, and name."""
    cut = max(path.rfind("/"), path.rfind("\\")) + 1
    return path[:cut], path[cut:]


def _numbered(name: str) -> tuple[str, int | None] | None:
    """The pattern (`name.####.exr`) and first number of an image sequence that is named like a file: by one
    of its files, `name.[1001-1099].exr`, or `name.%04d.exr 1001-1099`; None for what is none.
    """
    ranged = _RANGED.fullmatch(name)
    if ranged is not None:
        return f"{ranged[1]}{'#' * len(ranged[2])}{ranged[3]}", int(ranged[2])
    printed = _PRINTED.fullmatch(name)
    if printed is not None:
        digits = int(printed[2]) if printed[2] else len(printed[3] or "#")
        return f"{printed[1]}{'#' * digits}{printed[4]}", int(printed[5]) if printed[5] else None
    path = PurePath(name)
    pattern = numbered_pattern(Path(name)) if path.suffix.lower() in IMAGE_SUFFIXES else None
    if pattern is None:
        return None
    number = path.stem[len(pattern.prefix) : len(pattern.prefix) + pattern.digits]
    return pattern.text, int(number)


def _aliases(clip: Any) -> tuple[str, ...]:
    """What else media may be called: the clip, the file and the reel of an EDL."""
    names = (clip.name, *_source_files(clip), clip.metadata.get("cmx_3600", {}).get("reel"))
    return tuple(dict.fromkeys(str(name) for name in names if name))


def _source_files(clip: Any) -> tuple[str, ...]:
    """What an EDL says with `* SOURCE FILE:`, a name or a whole path."""
    comments = (str(one) for one in clip.metadata.get("cmx_3600", {}).get("comments", ()))
    files = (_SOURCE_FILE.match(one) for one in comments)
    return tuple(found[1] for found in files if found is not None)


def _nameless(clip: Any, key: str) -> ShotMedia | None:
    reference = clip.media_reference
    given = reference.available_range if reference is not None else None
    ranged = given or clip.source_range
    name = (reference.name if reference is not None else "") or clip.name
    if ranged is None or not name:
        return None
    rate = snapped_rate(ranged.start_time.rate)
    length = exact_seconds(given.duration) * rate if given is not None else Fraction(0)
    return ShotMedia(
        name=name,
        url=next((file for file in _source_files(clip) if _WHOLE.match(file)), ""),
        path=None,
        found="",
        reference_key=key,
        kind="file",
        rate=rate,
        first_frame=0,
        start_seconds=exact_seconds(given.start_time) if given is not None else Fraction(0),
        available=FrameRange(0, ceil(length) - 1) if length > 0 else None,
        aliases=_aliases(clip),
    )
