# SPDX-License-Identifier: Apache-2.0
"""The resources of an FCPXML file: formats by rate, assets by path, each met once."""

from __future__ import annotations

import re
from fractions import Fraction
from urllib.parse import quote
from xml.etree.ElementTree import Element, SubElement

from plosive.conform.results.cut import Cut, CutMedia, Sound

__all__ = ["Assets", "time_text"]


class Assets:
    """Adds to the element `resources` what is asked for, and gives its id."""

    def __init__(self, resources: Element, cut: Cut) -> None:
        self._resources, self._cut = resources, cut
        self._ids: dict[object, str] = {}

    def format(self, rate: Fraction) -> str:
        known = self._ids.get(rate)
        if known is None:
            known = self._new(rate)
            element = SubElement(self._resources, "format", id=known, frameDuration=time_text(1 / rate))
            if self._cut.size is not None:
                element.set("width", str(self._cut.size[0]))
                element.set("height", str(self._cut.size[1]))
        return known

    def movie(self, media: CutMedia, last_frame: int) -> str:
        """The asset of a movie; where nobody says how long it is, it reaches to `last_frame` at least."""
        known = self._ids.get(media.identity)
        if known is None:
            own = self.format(media.rate)
            known = self._new(media.identity)
            held = media.frames if media.frames is not None else last_frame + 1
            element = SubElement(
                self._resources,
                "asset",
                id=known,
                name=media.name,
                start=time_text(media.start_frame / media.rate),
                duration=time_text(held / media.rate),
                hasVideo="1",
                format=own,
                videoSources="1",
            )
            SubElement(element, "media-rep", kind="original-media", src=_url(media.path))
        return known

    def sound(self, sound: Sound) -> str:
        known = self._ids.get((sound.path, "sound"))
        if known is None:
            known = self._new((sound.path, "sound"))
            length = sound.length_seconds
            if length is None:
                length = sound.start_seconds + sound.frames / self._cut.rate
            element = SubElement(
                self._resources,
                "asset",
                id=known,
                name=sound.name,
                start=time_text(sound.clock_seconds),
                duration=time_text(length),
                hasAudio="1",
                audioSources="1",
                audioChannels=str(max(2, sound.channel or 1)),
                audioRate="48000",
            )
            SubElement(element, "media-rep", kind="original-media", src=_url(sound.path))
        return known

    def _new(self, key: object) -> str:
        self._ids[key] = f"r{len(self._ids) + 1}"
        return self._ids[key]


def time_text(seconds: Fraction) -> str:
    """`1001/24000s`, `3600s`."""
    return (
        f"{seconds.numerator}s" if seconds.denominator == 1 else f"{seconds.numerator}/{seconds.denominator}s"
    )


def _url(path: str) -> str:
    """`file:///reel/a%20b.mov`; URLs stay as they are."""
    if re.match(r"\w\w+:", path):
        return path
    return "file:///" + quote(path.replace("\\", "/").lstrip("/"), safe="/:")
