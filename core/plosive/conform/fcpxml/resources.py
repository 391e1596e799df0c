# SPDX-License-Identifier: Apache-2.0
"""What an FCPXML file's story refers to: formats, assets, compound clips and multicams, each by its id."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any
from xml.etree.ElementTree import Element

from plosive.errors import MediaReadError

__all__ = ["Asset", "Resources", "seconds_of"]

_NO_RATE = Fraction(0)


def seconds_of(element: Element, name: str, otherwise: Fraction) -> Fraction:
    """A time of an element in seconds, as the format writes it: `1001/24000s`, `3600s`. Raises
    MediaReadError.
    """
    text = element.get(name)
    if text is None:
        return otherwise
    try:
        return Fraction(text.strip().removesuffix("s"))
    except (ValueError, ZeroDivisionError):
        raise MediaReadError(
            f"The FCPXML has a {name} of '{text}', which is no time; export it again."
        ) from None


@dataclass(frozen=True)
class Asset:
    """A file: its URL, the start and length of its clock in seconds, frames a second (0 for sound alone)."""

    name: str
    url: str
    start: Fraction
    duration: Fraction
    rate: Fraction
    has_video: bool
    has_audio: bool


class Resources:
    """Looks up what `ref` and `format` attributes mean. Unknown ones are None."""

    def __init__(self, root: Element) -> None:
        held = root.find("resources")
        self._by_id = {str(one.get("id")): one for one in (held if held is not None else ())}

    def rate(self, format_id: str | None) -> Fraction:
        """Frames a second of a format; 0 where it has none."""
        element = self._by_id.get(format_id or "")
        if element is None or element.tag != "format":
            return _NO_RATE
        interval = seconds_of(element, "frameDuration", Fraction(0))
        return 1 / interval if interval > 0 else _NO_RATE

    def asset(self, ref: str | None) -> Asset | None:
        element = self._by_id.get(ref or "")
        if element is None or element.tag != "asset":
            return None
        files = element.findall("media-rep")
        original = next((one for one in files if one.get("kind") == "original-media"), None)
        file = original if original is not None else (files[0] if files else element)
        return Asset(
            name=element.get("name") or "",
            url=file.get("src") or "",
            start=seconds_of(element, "start", Fraction(0)),
            duration=seconds_of(element, "duration", Fraction(0)),
            rate=self.rate(element.get("format")),
            has_video=element.get("hasVideo") == "1",
            has_audio=element.get("hasAudio") == "1",
        )

    def media(self, ref: str | None, kind: str) -> Element | None:
        """The `sequence` or `multicam` of a compound or multicam clip."""
        element = self._by_id.get(ref or "")
        return element.find(kind) if element is not None else None

    @staticmethod
    def reference(asset: Asset, clip_rate: Fraction) -> Any:
        """The asset as an OpenTimelineIO reference, its available range in its own frames."""
        import opentimelineio as otio

        rate = asset.rate or clip_rate
        exact = float(rate)
        return otio.schema.ExternalReference(
            target_url=asset.url,
            available_range=otio.opentime.TimeRange(
                otio.opentime.RationalTime(float(asset.start * rate), exact),
                otio.opentime.RationalTime(float(asset.duration * rate), exact),
            ),
        )
