# SPDX-License-Identifier: Apache-2.0
"""CMX 3600 edit lists: what the adapter of OpenTimelineIO needs told, and what it gets wrong, put right.

Facts of the format: edits count frames by timecode and state no rate; `FCM` lines say drop frame or not for
what follows; `M2` lines give a speed in frames a second at the nominal rate (024.0 is untouched at 23.976,
too).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil
from pathlib import Path
from typing import Any

from plosive.conform.edl.events import ordered_events
from plosive.conform.times.rates import exact_value

__all__ = ["EdlText", "mended", "read_edl_text", "told"]

_TIMECODE = re.compile(r"\b(\d{1,2}:\d{2}:\d{2})[:;.,](\d{2,3})\b")
_EVENT = re.compile(r"\d+\s")
_HEADER = ("TITLE:", "FCM", "SPLIT")
_M2 = re.compile(r"M2\s+.*?\s(-?[\d.]+)\s+\S+$")
_LENGTHS = r"Source and record duration don't match: \w+\((\S+), \S+\) != \w+\((\S+), \S+\) for clip (.*)"
_SENTENCES = {
    _LENGTHS: r"the source of '\3' has \1 frames and its record \2, and no M2 line gives it a speed",
    r"Overlapping record in value: (\S+) for clip (.*)": (
        r"'\2' begins at \1 of the record, where the event before it has not ended"
    ),
    r"incorrect number of fields \[\d+\] in form statement: (.*)": r"this line is no whole event: \1",
    r"incorrect edit type \S+ in form statement: (.*)": r"this event is no cut, dissolve or wipe: \1",
}
_RATES = (24, 25, 30, 50, 60)
_NTSC = Fraction(1000, 1001)


@dataclass(frozen=True)
class EdlText:
    """The list as the adapter understands it, and the frame rate its timecodes point to: the lowest usual one
    with enough frames, of drop frame 29.97 or 59.94. `fades` are frames of fades from black at the beginning
    of a channel, `notes` what is left out, `warnings` what may be meant in another way.
    """

    text: str
    rate: Fraction
    is_drop_frame: bool
    fades: dict[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def read_edl_text(path: Path, rate: Fraction | None) -> EdlText:
    """The text of an edit list, whatever its encoding, with a `;` in each drop-frame timecode. Raises
    OSError, and ValueError for timecodes that are none.
    """
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("cp1252", "replace")
    lines: list[str] = []
    most_frames, is_dropping, has_dropped, has_events = 0, False, False, False
    for line in (line.strip().replace("\0", "") for line in text.splitlines()):
        if line.startswith("FCM"):
            is_dropping = "NON" not in line.upper() and "DROP" in line.upper()
        is_event = bool(_EVENT.match(line))
        has_events |= is_event
        if is_event:
            is_dropped = is_dropping or ";" in line
            has_dropped |= is_dropped
            most_frames = max([most_frames, *(int(found[2]) for found in _TIMECODE.finditer(line))])
            line = _TIMECODE.sub(rf"\1{';' if is_dropped else ':'}\2", line)
        elif line.startswith("M2"):
            line = _TIMECODE.sub(r"\1:\2", line)  # the adapter knows no other here
        if line and (has_events or line.startswith(_HEADER)):
            lines.append(line)
    if rate is None:
        nominal = next((one for one in _RATES if most_frames < one), _RATES[-1])
        rate = Fraction(nominal if not has_dropped else (60 if nominal > 30 else 30))
        rate = rate * _NTSC if has_dropped else rate
    events = ordered_events(lines, rate)
    text = "\n".join(_with_motion(list(events.lines), rate)) + "\n"
    return EdlText(text, rate, has_dropped, events.fades, events.notes, events.warnings)


def told(error: str) -> str:
    """What the adapter says of an edit list that it does not understand, for the artist."""
    for pattern, sentence in _SENTENCES.items():
        found = re.fullmatch(pattern, error)
        if found is not None:
            return found.expand(sentence)
    return error


def _with_motion(lines: list[str], rate: Fraction) -> list[str]:
    """The adapter leaves a motion effect out where source and record are of one length, as at -100 per cent:
    such a source is written a frame longer, which it reads no further.
    """
    event: int | None = None
    for number, line in enumerate(lines):
        if _EVENT.match(line):
            event = number
        found = _M2.match(line)
        if found is None or event is None:
            continue
        if Fraction(found[1]) == ceil(rate):
            continue
        codes = list(re.finditer(r"\S+", lines[event]))[-4:]
        lengths = [_frames(one[0], rate) for one in codes]
        if lengths[1] - lengths[0] == lengths[3] - lengths[2]:
            longer = _as_text(lengths[1] + 1, rate)
            lines[event] = lines[event][: codes[1].start()] + longer + lines[event][codes[1].end() :]
    return lines


def _frames(code: str, rate: Fraction) -> int:
    """Timecode as a count without regard to dropped names, which two codes a frame apart hardly differ in."""
    fields = [int(part) for part in re.split(r"[:;.,]", code)]
    if len(fields) != 4:
        return fields[0]
    return ((fields[0] * 60 + fields[1]) * 60 + fields[2]) * ceil(rate) + fields[3]


def _as_text(frames: int, rate: Fraction) -> str:
    seconds, rest = divmod(frames, ceil(rate))
    return f"{seconds // 3600 % 24:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}:{rest:02d}"


def mended(timeline: Any, rate: Fraction, fades: Mapping[str, int]) -> Any:
    """The adapter's timeline with its start timecode, tracks that begin together, speeds by the nominal rate,
    locators on the clips' own clocks, fades at its beginning, and clips that are called as their reels where
    the list names none.
    """
    import opentimelineio as otio

    starts = {track: _record_start(track) for track in timeline.tracks}
    first = min(starts.values(), default=Fraction(0))
    exact = float(rate)
    timeline.global_start_time = otio.opentime.RationalTime(float(first), exact)
    for track, start in starts.items():
        track.source_range = None
        position = start
        for item in track:
            if not isinstance(item, otio.core.Item):
                continue
            reel = item.metadata.get("cmx_3600", {}).get("reel")
            if reel and re.fullmatch(r"\d+", item.name):  # the number of the event
                item.name = str(reel)
            for effect in item.effects:
                if isinstance(effect, otio.schema.LinearTimeWarp):
                    effect.time_scalar *= exact / ceil(rate)
            for marker in item.markers:
                into = exact_value(marker.marked_range.start_time.value) - position
                begin = item.source_range.start_time + otio.opentime.RationalTime(float(into), exact)
                marker.marked_range = otio.opentime.TimeRange(begin, marker.marked_range.duration)
            position += exact_value(item.duration().value)
        if fades.get(track.name) and len(track):
            none, length = (otio.opentime.RationalTime(value, exact) for value in (0, fades[track.name]))
            kind = otio.schema.TransitionTypes.SMPTE_Dissolve
            track.insert(0, otio.schema.Transition("fade from black", kind, none, length))
        if start > first:
            length = otio.opentime.RationalTime(float(start - first), exact)
            zero = otio.opentime.RationalTime(0, exact)
            track.insert(0, otio.schema.Gap(source_range=otio.opentime.TimeRange(zero, length)))
    return timeline


def _record_start(track: Any) -> Fraction:
    """The timecode at which a track begins: the adapter leaves it below zero in the track's source range."""
    if track.source_range is None:
        return Fraction(0)
    return -exact_value(track.source_range.start_time.value)
