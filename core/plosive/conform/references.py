# SPDX-License-Identifier: Apache-2.0
"""What an edit says of its media: file or image sequence, frames, clock, before anybody looks at it."""

from __future__ import annotations

import re
from fractions import Fraction
from math import ceil
from typing import Any
from urllib.parse import unquote, urlsplit

from plosive.conform.rates import exact_seconds, snapped_rate
from plosive.conform.shot import ShotMedia
from plosive.errors import RangeError
from plosive.media.timecode import FrameRange

__all__ = ["active_media", "plain_path"]

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

    An image sequence's files are numbered start_frame + frame / frame_step, its clock is that of the
    available range: file number = start_frame + (source time - start of the available range) * rate.
    """
    import opentimelineio as otio

    reference = clip.media_reference
    key = clip.active_media_reference_key
    if isinstance(reference, otio.schema.ImageSequenceReference):
        return _sequence(reference, key)
    if isinstance(reference, otio.schema.ExternalReference):
        return _file(reference, clip, key, edit_rate)
    if isinstance(reference, otio.schema.MissingReference) or reference is None:
        return _nameless(clip, key, edit_rate)
    return None


def _sequence(reference: Any, key: str) -> ShotMedia:
    base = plain_path(reference.target_url_base or "")
    digits = max(1, reference.frame_zero_padding)
    name = f"{reference.name_prefix}{'#' * digits}{reference.name_suffix}"
    joint = "" if not base or base.endswith(("/", "\\")) else ("\\" if "\\" in base else "/")
    given = reference.available_range
    rate = snapped_rate(given.start_time.rate if given is not None else reference.rate)
    start = exact_seconds(given.start_time) if given is not None else Fraction(0)
    if reference.frame_step != 1:
        raise RangeError(
            f"The image sequence {name} in the edit takes every {reference.frame_step}th file; Plosive needs "
            "all of them: render it to a sequence without steps."
        )
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
        start_seconds=start,
        available=available,
    )


def _file(reference: Any, clip: Any, key: str, edit_rate: Fraction) -> ShotMedia:
    url = reference.target_url or ""
    given = reference.available_range
    rate, start, available = edit_rate, Fraction(0), None
    if given is not None:
        rate = snapped_rate(given.start_time.rate)
        start = exact_seconds(given.start_time)
        length = exact_seconds(given.duration) * rate
        available = FrameRange(0, ceil(length) - 1) if length > 0 else None
    elif clip.source_range is not None:
        rate = snapped_rate(clip.source_range.start_time.rate)
    name = re.split(r"[/\\]", plain_path(url).rstrip("/\\"))[-1]
    return ShotMedia(
        name=reference.name or name or clip.name,
        url=url,
        path=None,
        found="",
        reference_key=key,
        kind="file",
        rate=rate,
        first_frame=0,
        start_seconds=start,
        available=available,
    )


def _nameless(clip: Any, key: str, edit_rate: Fraction) -> ShotMedia | None:
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
        url="",
        path=None,
        found="",
        reference_key=key,
        kind="file",
        rate=rate,
        first_frame=0,
        start_seconds=exact_seconds(given.start_time) if given is not None else Fraction(0),
        available=FrameRange(0, ceil(length) - 1) if length > 0 else None,
    )
