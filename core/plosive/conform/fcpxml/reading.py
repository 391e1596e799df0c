# SPDX-License-Identifier: Apache-2.0
"""FCPXML, which Final Cut Pro and Resolve write, made an OpenTimelineIO timeline.

Read here and not by OpenTimelineIO's adapter, which takes 23.98 for 23 and 29.97 for 29 frames a second.
Times of the format are exact seconds. An element has a time of its own that begins at its `start`; what is
connected to it or lies in it has an `offset` in that time. `timeMap` leads from an element's own time to its
media's.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from plosive.conform.fcpxml.own_time import ElementTime, element_time
from plosive.conform.fcpxml.picture import picture_changes
from plosive.conform.fcpxml.resources import Resources, seconds_of
from plosive.conform.plainness import PICTURE_CHANGES
from plosive.errors import MediaReadError

__all__ = ["read_fcpxml"]

_STORY = (
    "asset-clip",
    "clip",
    "video",
    "audio",
    "ref-clip",
    "sync-clip",
    "mc-clip",
    "gap",
    "title",
    "audition",
)
_DEEPEST = 30


def read_fcpxml(path: Path) -> Any:
    """A `SerializableCollection` of the timelines in a file. Raises ElementTree.ParseError, and
    MediaReadError for compound clips that hold themselves or times that are none.
    """
    import opentimelineio as otio

    root = ElementTree.parse(path).getroot()
    resources = Resources(root)
    found = otio.schema.SerializableCollection(path.stem)
    for project in root.iter("project"):
        sequence = project.find("sequence")
        if sequence is not None:
            found.append(_timeline(project.get("name") or path.stem, sequence, resources))
    return found


def _timeline(name: str, sequence: Element, resources: Resources) -> Any:
    import opentimelineio as otio

    rate = resources.rate(sequence.get("format"))
    if not rate:
        raise MediaReadError(
            f"The project '{name}' states no frame rate; set it in the editing program, then export it."
        )
    timeline = otio.schema.Timeline(name)
    start = seconds_of(sequence, "tcStart", Fraction(0))
    timeline.global_start_time = otio.opentime.RationalTime(float(start * rate), float(rate))
    timeline.metadata["plosive_drop_frame"] = sequence.get("tcFormat") == "DF"
    story = _Story(resources, rate)
    for spine in sequence.findall("spine"):
        story.follow_spine(spine, Fraction(0), start, 0)
    timeline.tracks = story.stack(name)
    return timeline


@dataclass(frozen=True)
class _Laid:
    """An item on a lane: where it begins and for how long, in seconds of the sequence."""

    start: Fraction
    duration: Fraction
    item: Any


class _Story:
    """Lays what spines and elements hold on lanes, and lanes as tracks."""

    def __init__(self, resources: Resources, rate: Fraction, depth: int = 0) -> None:
        if depth > _DEEPEST:
            raise MediaReadError(
                "The FCPXML nests compound clips without end; flatten them in the editing program."
            )
        self._resources, self._rate, self._depth = resources, rate, depth
        self._lanes: dict[tuple[str, int, str], list[_Laid]] = {}

    def follow_spine(self, spine: Element, at: Fraction, origin: Fraction, lane: int) -> None:
        """Everything in a spine whose time `origin` is second `at` of the sequence."""
        for element in spine:
            offset = at + seconds_of(element, "offset", origin) - origin
            if element.tag == "transition":
                length = seconds_of(element, "duration", Fraction(0))
                self._add("Video", lane, "", _Laid(offset, length, element))
            elif element.tag in _STORY:
                self.follow(element, offset, lane)

    def follow(self, element: Element, at: Fraction, lane: int) -> None:
        """An element that begins at second `at` of the sequence, and what is connected to it."""
        if element.tag == "audition":
            element = next((child for child in element if child.tag in _STORY), element)
            if element.tag == "audition":
                return
        time = element_time(element, self._resources, self._rate)
        self._lay(element, at, lane, time)
        for child in element:
            if child.tag == "spine" and child.get("lane"):
                offset = at + seconds_of(child, "offset", time.start) - time.start
                self.follow_spine(child, offset, Fraction(0), lane + int(child.get("lane", "1")))
            elif child.tag in _STORY and child.get("lane"):
                offset = at + seconds_of(child, "offset", time.start) - time.start
                self.follow(child, offset, lane + int(child.get("lane", "1")))

    def stack(self, name: str) -> Any:
        """The lanes as tracks: video from the lowest, then audio by lane and role."""
        import opentimelineio as otio

        stack = otio.schema.Stack(name)
        for (kind, lane, role), laid in sorted(
            self._lanes.items(), key=lambda one: (one[0][0] == "Audio", one[0])
        ):
            track = otio.schema.Track(role or f"{kind} {lane}", kind=kind)
            self._fill(track, sorted(laid, key=lambda one: (one.start, one.duration)))
            stack.append(track)
        return stack

    def _fill(self, track: Any, laid: list[_Laid]) -> None:
        import opentimelineio as otio

        position = Fraction(0)
        transitions = [one for one in laid if isinstance(one.item, Element)]
        for one in (one for one in laid if not isinstance(one.item, Element)):
            if one.start > position:
                track.append(otio.schema.Gap(source_range=self._range(Fraction(0), one.start - position)))
                position = one.start
            across = [
                other for other in transitions if other.start <= one.start <= other.start + other.duration
            ]
            if across and one.start == position:
                cut = across[0]
                before, after = one.start - cut.start, cut.start + cut.duration - one.start
                kind = otio.schema.TransitionTypes.SMPTE_Dissolve
                offsets = (self._time(before), self._time(after))
                track.append(otio.schema.Transition(cut.item.get("name") or "", kind, *offsets))
                transitions.remove(cut)
            if one.start < position:  # two of one lane at once: the format has no such thing, some writers do
                continue
            track.append(one.item)
            position = one.start + one.duration
        for cut in transitions:
            if cut.start <= position <= cut.start + cut.duration and len(track):
                kind = otio.schema.TransitionTypes.SMPTE_Dissolve
                track.append(
                    otio.schema.Transition(cut.item.get("name") or "", kind, self._time(position - cut.start))
                )

    def _lay(self, element: Element, at: Fraction, lane: int, time: ElementTime) -> None:
        import opentimelineio as otio

        if element.tag == "gap":
            if lane == 0:  # the spine's own, so that the track lasts to the end
                gap = otio.schema.Gap(source_range=self._range(Fraction(0), time.duration))
                self._add("Video", lane, "", _Laid(at, time.duration, gap))
            return
        is_seen, is_heard = time.is_seen, time.is_heard
        if element.tag in ("ref-clip", "sync-clip", "mc-clip"):
            for kind, wanted in (("Video", is_seen), ("Audio", is_heard)):
                inner = self._nest(element, kind) if wanted else None
                if inner is not None:
                    inner.source_range = self._range(time.media_start, time.duration)
                    self._dress(inner, element, time)
                    self._add(
                        kind, lane, time.role if kind == "Audio" else "", _Laid(at, time.duration, inner)
                    )
            return
        for kind, wanted in (("Video", is_seen), ("Audio", is_heard)):
            if not wanted:
                continue
            if time.asset is not None:
                reference = self._resources.reference(time.asset, self._rate)
            else:
                reference = otio.schema.GeneratorReference(generator_kind=element.tag)
            clip = otio.schema.Clip(element.get("name") or "", media_reference=reference)
            clip.source_range = self._range(time.media_start, time.duration)
            self._dress(clip, element, time)
            self._add(kind, lane, time.role if kind == "Audio" else "", _Laid(at, time.duration, clip))

    def _nest(self, element: Element, kind: str) -> Any:
        """What a compound, synchronised or multicam clip holds, as a stack of one kind of track."""
        story = _Story(self._resources, self._rate, self._depth + 1)
        if element.tag == "sync-clip":
            for child in element:
                if child.tag == "spine" and not child.get("lane"):
                    story.follow_spine(child, seconds_of(child, "offset", Fraction(0)), Fraction(0), 0)
                elif child.tag in _STORY and not child.get("lane"):
                    story.follow(child, seconds_of(child, "offset", Fraction(0)), 0)
        elif element.tag == "ref-clip":
            sequence = self._resources.media(element.get("ref"), "sequence")
            if sequence is None:
                return None
            origin = seconds_of(sequence, "tcStart", Fraction(0))
            for spine in sequence.findall("spine"):
                story.follow_spine(spine, Fraction(0), origin, 0)
        else:
            multicam = self._resources.media(element.get("ref"), "multicam")
            if multicam is None:
                return None
            wanted = {"all", "video" if kind == "Video" else "audio"}
            sources = [one for one in element.findall("mc-source") if one.get("srcEnable", "all") in wanted]
            angles = {one.get("angleID") for one in sources}
            origin = seconds_of(multicam, "tcStart", Fraction(0))
            for angle in multicam.findall("mc-angle"):
                if angle.get("angleID") in angles:
                    story.follow_spine(angle, Fraction(0), origin, 0)
        stack = story.stack(element.get("name") or "")
        for track in [track for track in stack if track.kind != kind]:
            stack.remove(track)
        return stack if len(stack) else None

    def _dress(self, item: Any, element: Element, time: ElementTime) -> None:
        """Speed, markers, whether it is switched on, roles."""
        import opentimelineio as otio

        item.enabled = element.get("enabled", "1") != "0"
        if time.effect is not None:
            item.effects.append(time.effect.clone())
        changes = picture_changes(element)
        if changes:
            item.metadata[PICTURE_CHANGES] = changes
        if time.role:
            item.metadata["fcpxml"] = {"audioRole": time.role}
        for marker in (*element.findall("marker"), *element.findall("chapter-marker")):
            own = seconds_of(marker, "start", Fraction(0))
            length = seconds_of(marker, "duration", 1 / self._rate)
            marked = self._range(time.shown(own), max(length, 1 / self._rate))
            item.markers.append(otio.schema.Marker(marker.get("value") or "", marked))

    def _add(self, kind: str, lane: int, role: str, laid: _Laid) -> None:
        self._lanes.setdefault((kind, lane, role), []).append(laid)

    def _time(self, seconds: Fraction) -> Any:
        import opentimelineio as otio

        return otio.opentime.RationalTime(float(seconds * self._rate), float(self._rate))

    def _range(self, start: Fraction, duration: Fraction) -> Any:
        import opentimelineio as otio

        return otio.opentime.TimeRange(self._time(start), self._time(duration))
