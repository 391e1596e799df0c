# SPDX-License-Identifier: Apache-2.0
"""Files as Final Cut Pro 7 XML names them: described where they are met first, by their id from then on."""

from __future__ import annotations

import re
from fractions import Fraction
from math import ceil
from urllib.parse import quote
from xml.etree.ElementTree import Element, SubElement

from plosive.conform.results.cut import CutMedia, Sound
from plosive.media.timecode import Timecode

__all__ = ["FileList", "add_rate", "add_text", "add_timecode", "path_url"]


class FileList:
    """Each file has one number: the path of a sound, the identity of a movie."""

    def __init__(self) -> None:
        self._numbers: dict[object, int] = {}
        self._described: set[object] = set()

    def number(self, file: object) -> int:
        return self._numbers.setdefault(file, len(self._numbers) + 1)

    def add(self, clip: Element, media: CutMedia) -> None:
        """The `file` of a clip with pictures; a sequence is named by its first file."""
        element = self._element(clip, media.identity)
        if element is None:
            return
        path = media.path if media.first_number is None else media.file_name(media.first_number)
        add_text(element, "name", re.split(r"[/\\]", path)[-1])
        add_text(element, "pathurl", path_url(path))
        add_rate(element, media.rate)
        if media.frames is not None:
            add_text(element, "duration", media.frames)
        add_timecode(element, media.timecode(0), media.reel)
        shape = SubElement(SubElement(SubElement(element, "media"), "video"), "samplecharacteristics")
        add_rate(shape, media.rate)

    def add_sound(self, clip: Element, sound: Sound, rate: Fraction) -> None:
        """The `file` of a clip with sound; its time is told in frames of the edit."""
        element = self._element(clip, sound.path)
        if element is None:
            return
        add_text(element, "name", re.split(r"[/\\]", sound.path)[-1])
        add_text(element, "pathurl", path_url(sound.path))
        add_rate(element, rate)
        if sound.length_seconds is not None:
            add_text(element, "duration", ceil(sound.length_seconds * rate))
        add_timecode(element, Timecode(max(0, round(sound.clock_seconds * rate)), rate))
        audio = SubElement(SubElement(element, "media"), "audio")
        shape = SubElement(audio, "samplecharacteristics")
        add_text(shape, "depth", 16)
        add_text(shape, "samplerate", 48000)
        add_text(audio, "channelcount", max(2, sound.channel or 1))

    def _element(self, clip: Element, file: object) -> Element | None:
        """The element, and None where it is only a name for one described before."""
        element = SubElement(clip, "file", id=f"file-{self.number(file)}")
        if file in self._described:
            return None
        self._described.add(file)
        return element


def path_url(path: str) -> str:
    """`file://localhost/reel/a%20b.mov`, `file://localhost/C%3a/reel/a.mov`; URLs stay as they are."""
    if re.match(r"\w\w+:", path):
        return path
    slashed = path.replace("\\", "/")
    return "file://localhost/" + quote(slashed.lstrip("/"), safe="/").replace("%3A", "%3a")


def add_text(parent: Element, tag: str, value: object) -> None:
    text = str(value).upper() if isinstance(value, bool) else str(value)
    SubElement(parent, tag).text = text


def add_rate(parent: Element, rate: Fraction) -> None:
    """`timebase` and whether it is meant over 1.001."""
    element = SubElement(parent, "rate")
    add_text(element, "timebase", ceil(rate))
    add_text(element, "ntsc", rate.denominator == 1001)


def add_timecode(parent: Element, first: Timecode, reel: str = "") -> None:
    element = SubElement(parent, "timecode")
    add_rate(element, first.rate)
    add_text(element, "string", first)
    add_text(element, "frame", first.frame_number)
    add_text(element, "displayformat", "DF" if first.is_drop_frame else "NDF")
    if reel:
        add_text(SubElement(element, "reel"), "name", reel)
