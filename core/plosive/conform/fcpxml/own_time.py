# SPDX-License-Identifier: Apache-2.0
"""An FCPXML element's time: where its own begins, which moment of its media that is, and at what speed it
goes on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any
from xml.etree.ElementTree import Element

from plosive.conform.fcpxml.resources import Asset, Resources, seconds_of
from plosive.conform.times.rates import snapped_rate
from plosive.conform.times.warp import TIME_MAP

__all__ = ["ElementTime", "element_time"]

_ROUNDED = Fraction(1, 20)  # seconds: times of maps are rounded decimals
_CLOSE = Fraction(5, 100)  # rates this near are conformed frame by frame, others by seconds


@dataclass(frozen=True)
class ElementTime:
    """`start` and `duration` are in the element's own seconds; `keys` lead from there to its media's.
    `media_start` is the lowest moment of the media that is shown, or with changing speed the one shown first.
    `effect` is the time effect to put on the item, None for none.
    """

    start: Fraction
    duration: Fraction
    media_start: Fraction
    keys: tuple[tuple[Fraction, Fraction], ...]
    effect: Any
    asset: Asset | None
    is_seen: bool
    is_heard: bool
    role: str

    def shown(self, own: Fraction) -> Fraction:
        """The moment of the media at one of the element's own."""
        return _along(self.keys, own)


def element_time(element: Element, resources: Resources, rate: Fraction) -> ElementTime:
    """The time of a story element on a timeline of `rate` frames a second."""
    asset = resources.asset(element.get("ref"))
    begins = asset.start if asset is not None else Fraction(0)
    offset = Fraction(0)
    seen, heard = _kinds(element, asset)
    role = element.get("audioRole") or element.get("role") or ""
    if element.tag == "clip":  # its own time, with one file in it
        files = list(_files(element))
        inner = files[0] if files else None
        asset = resources.asset(inner.get("ref")) if inner is not None else None
        if inner is not None and asset is not None:
            offset = seconds_of(inner, "start", asset.start) - seconds_of(inner, "offset", Fraction(0))
        tags = {file.tag for file in files}
        seen, heard = "video" in tags, "audio" in tags
        role = role or next((str(file.get("role")) for file in files if file.tag == "audio"), "")
    elif element.tag == "ref-clip":
        sequence = resources.media(element.get("ref"), "sequence")
        begins = seconds_of(sequence, "tcStart", Fraction(0)) if sequence is not None else Fraction(0)
        offset = -begins
    elif element.tag == "mc-clip":
        multicam = resources.media(element.get("ref"), "multicam")
        begins = seconds_of(multicam, "tcStart", Fraction(0)) if multicam is not None else Fraction(0)
        offset = -begins
    start = seconds_of(element, "start", begins)
    duration = seconds_of(element, "duration", asset.duration if asset is not None else Fraction(0))
    keys = _keys(element, asset, start, offset, rate)
    effect, media_start = _effect(keys, start, duration)
    enabled = element.get("srcEnable", "all")
    return ElementTime(
        start=start,
        duration=duration,
        media_start=media_start,
        keys=keys,
        effect=effect,
        asset=asset,
        is_seen=seen and enabled != "audio",
        is_heard=heard and enabled != "video",
        role=role,
    )


def _files(clip: Element) -> Iterator[Element]:
    """The pictures and sounds that a `clip` holds itself, not what is connected to it."""
    for child in clip:
        if child.tag in ("video", "audio") and child.get("ref"):
            yield child
            yield from (below for below in child.iter("audio") if below is not child)


def _kinds(element: Element, asset: Asset | None) -> tuple[bool, bool]:
    """Whether an element has pictures, and sound."""
    if element.tag in ("video", "title"):
        return True, False
    if element.tag == "audio":
        return False, True
    if asset is not None:
        return asset.has_video, asset.has_audio
    return element.tag in ("ref-clip", "sync-clip", "mc-clip"), element.tag in (
        "ref-clip",
        "sync-clip",
        "mc-clip",
    )


def _keys(
    element: Element,
    asset: Asset | None,
    start: Fraction,
    offset: Fraction,
    rate: Fraction,
) -> tuple[tuple[Fraction, Fraction], ...]:
    mapped = element.find("timeMap")
    points = [] if mapped is None else [
        (seconds_of(point, "time", Fraction(0)), seconds_of(point, "value", Fraction(0)))
        for point in mapped.findall("timept")
    ]  # fmt: skip
    points = sorted(dict(points).items())
    if len(points) > 1:
        first = asset.start if asset is not None else Fraction(0)
        is_from_zero = bool(first) and min(value for _, value in points) + offset < first - _ROUNDED
        return tuple((at, value + offset + (first if is_from_zero else 0)) for at, value in points)
    pace = Fraction(1)
    conformed = element.find("conform-rate")
    if conformed is not None and conformed.get("scaleEnabled", "1") != "0":
        media_rate = asset.rate if asset is not None else Fraction(0)
        said = conformed.get("srcFrameRate")
        media_rate = media_rate or (snapped_rate(float(said)) if said else rate)
        if abs(rate / media_rate - 1) <= _CLOSE:
            pace = rate / media_rate
    return (start, start + offset), (start + 1, start + offset + pace)


def _effect(
    keys: tuple[tuple[Fraction, Fraction], ...], start: Fraction, duration: Fraction
) -> tuple[Any, Fraction]:
    """The time effect of OpenTimelineIO that says the same, and the start of the source range that goes with
    it.
    """
    import opentimelineio as otio

    end = start + duration
    inner = [at for at, _ in keys if start < at < end]
    bounds = [start, *inner, end]
    shown = [_along(keys, at) for at in bounds]
    speeds = {
        (b - a) / (to - at)
        for (at, to), (a, b) in zip(pairwise(bounds), pairwise(shown), strict=True)
        if to > at
    }
    if len({round(float(speed), 6) for speed in speeds}) > 1:
        said = [(str(at - start), str(value - shown[0])) for at, value in zip(bounds, shown, strict=True)]
        effect = otio.schema.TimeEffect("timeMap", effect_name="TimeMap", metadata={TIME_MAP: said})
        return effect, shown[0]
    speed = (shown[-1] - shown[0]) / duration if duration else Fraction(1)
    if speed == 1:
        return None, shown[0]
    if speed == 0:
        return otio.schema.FreezeFrame(), shown[0]
    return otio.schema.LinearTimeWarp(time_scalar=float(speed)), min(shown[0], shown[-1])


def _along(keys: tuple[tuple[Fraction, Fraction], ...], at: Fraction) -> Fraction:
    chosen = (keys[0], keys[1])
    for pair in pairwise(keys):
        if pair[0][0] > at:
            break
        chosen = pair
    (start, first), (end, last) = chosen
    return first + (at - start) * (last - first) / (end - start)
