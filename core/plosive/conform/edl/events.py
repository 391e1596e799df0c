# SPDX-License-Identifier: Apache-2.0
"""The events of an edit list in the order and with the timecodes that the adapter of OpenTimelineIO takes.

Facts of the format: lists may be sorted by source (C mode); timecode begins anew at midnight; a fade from
black is a dissolve from an event of no length on the reel BL; a key is a pair, `K B` the background and `K`
what is laid over it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import ceil

from plosive.media.timecode import allows_drop_frame

__all__ = ["OrderedEvents", "ordered_events"]

_EVENT = re.compile(
    r"(?P<head>(?P<number>\d+)\s+(?P<reel>\S+)\s+(?P<channel>\S+)\s+)(?P<kind>[CDKW]\S*(?:\s+[BO]\b)?)"
    r"(?P<rest>.*?)(?P<codes>(?:\s+\d{1,2}[:;]\d\d[:;]\d\d[:;]\d{2,3}){4})\s*$"
)
_BLACK = ("BL", "BLACK", "BLK")
_HALF_DAY = 12 * 3600


@dataclass(frozen=True)
class OrderedEvents:
    """`fades` are frames of a fade from black at the beginning of a channel; `notes` say what is left out,
    `warnings` what may be meant in another way.
    """

    lines: tuple[str, ...]
    fades: dict[str, int]
    notes: tuple[str, ...]
    warnings: tuple[str, ...] = ()


@dataclass
class _Event:
    """A line with four timecodes, in frames, and the lines that follow it."""

    number: str
    reel: str
    channel: str
    kind: str
    rest: str
    codes: list[int]
    mark: str
    after: list[str] = field(default_factory=list)


def ordered_events(lines: list[str], rate: Fraction) -> OrderedEvents:
    """Lines with one timecode notation, in the order of the record; the header first. Raises ValueError for a
    timecode that no clock at the rate shows, and for one that goes backwards.
    """
    header: list[str] = []
    events: list[_Event] = []
    skipped: list[str] = []
    for line in lines:
        found = _EVENT.match(line)
        if found is None:
            (events[-1].after if events else header).append(line)
            continue
        number, reel, channel, kind, rest = found.group("number", "reel", "channel", "kind", "rest")
        codes = [_count(code, ceil(rate)) for code in found["codes"].split()]
        mark = ";" if ";" in found["codes"] else ":"
        events.append(_Event(number, reel, channel, kind, rest, codes, mark))
        if mark == ";":
            skipped += [
                f"{code} in event {number}" for code in found["codes"].split() if _is_skipped(code, rate)
            ]
    if not events:
        return OrderedEvents(tuple(lines), {}, ())
    _past_midnight(events, ceil(rate))
    blocks, notes = _blocks(events)
    blocks.sort(key=lambda block: block[-1].codes[2])
    fades = _without_first_fades(blocks)
    written = [
        *header,
        *(line for block in blocks for event in block for line in _written(event, ceil(rate))),
    ]
    return OrderedEvents(tuple(written), fades, tuple(notes), _doubts(skipped))


def _count(code: str, nominal: int) -> int:
    """By the names of frames, dropped ones too: only order and sums of whole days matter."""
    hours, minutes, seconds, frames = (int(part) for part in re.split(r"[:;]", code))
    if frames >= nominal:
        raise ValueError(f"{code} has frames beyond {nominal}")
    if hours > 24 or minutes > 59 or seconds > 59:  # 24:00:00:00 ends a day
        raise ValueError(f"{code} is no time of a day")
    return ((hours * 60 + minutes) * 60 + seconds) * nominal + frames


def _is_skipped(code: str, rate: Fraction) -> bool:
    """Whether drop frame has no such name: the first ones of a minute, but of each tenth (SMPTE 12M)."""
    _, minutes, seconds, frames = (int(part) for part in re.split(r"[:;]", code))
    is_dropping = allows_drop_frame(rate) and minutes % 10 != 0 and seconds == 0
    return is_dropping and frames < ceil(rate) // 15


def _doubts(skipped: list[str]) -> tuple[str, ...]:
    if not skipped:
        return ()
    more = f", and {len(skipped) - 1} more," if len(skipped) > 1 else ""
    return (
        f"The edit list counts drop frame and has {skipped[0]}{more} though drop frame skips it: it is taken "
        "for one of the frames before; make sure that the list is drop frame (its FCM lines).",
    )


def _past_midnight(events: list[_Event], nominal: int) -> None:
    day = 24 * 3600 * nominal  # by the names of frames, of which a day has as many, dropped or not
    for event in events:
        for place in (0, 2):
            if event.codes[place + 1] < event.codes[place]:
                event.codes[place + 1] += day
                if event.codes[place + 1] - event.codes[place] > _HALF_DAY * nominal:
                    told = "record" if place else "source"
                    raise ValueError(f"the {told} of event {event.number} ends before it begins")
    starts = [event.codes[2] for event in events]
    if max(starts) - min(starts) > _HALF_DAY * nominal:
        for event in events:
            if event.codes[2] < _HALF_DAY * nominal:
                event.codes[2:] = [code + day for code in event.codes[2:]]


def _blocks(events: list[_Event]) -> tuple[list[list[_Event]], list[str]]:
    """Events that belong together: the two of a dissolve. Of a key the background is left."""
    blocks: list[list[_Event]] = []
    notes: list[str] = []
    for event in events:
        if event.kind.startswith("K"):
            if event.kind.rstrip().endswith("B"):
                event.kind, event.rest = "C", ""
            else:
                notes.append(f"the key of event {event.number} ({event.reel} over what lies below)")
                if blocks:
                    blocks[-1][-1].after += event.after
                continue
        is_second = event.kind[0] in "DW" and blocks and blocks[-1][-1].number == event.number
        if is_second and blocks[-1][-1].channel == event.channel:
            blocks[-1].append(event)
        else:
            blocks.append([event])
    return blocks, notes


def _without_first_fades(blocks: list[list[_Event]]) -> dict[str, int]:
    fades: dict[str, int] = {}
    met: set[str] = set()
    for place, block in enumerate(blocks):
        first, last = block[0], block[-1]
        is_first = last.channel not in met
        met.add(last.channel)
        is_empty = first.codes[2] == first.codes[3]
        length = re.match(r"\s*(\d+)", last.rest)
        if not is_first or last.kind[0] not in "DW":
            continue
        if len(block) == 2 and first.reel.upper() in _BLACK and is_empty and length is not None:
            fades[last.channel] = int(length[1])
            last.after = [*first.after, *last.after]
            blocks[place] = [replace(last, kind="C", rest="")]
    return fades


def _written(event: _Event, nominal: int) -> list[str]:
    codes = []
    for code in event.codes:
        seconds, frames = divmod(code, nominal)
        clock = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
        codes.append(f"{clock}{event.mark}{frames:02d}")
    names = f"{event.number}  {event.reel} {event.channel} {event.kind}{event.rest}"
    return [" ".join([names.rstrip(), *codes]), *event.after]
