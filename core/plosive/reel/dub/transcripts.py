# SPDX-License-Identifier: Apache-2.0
"""What is said in a reel, by the time of the edit, and the part of it that one render hears."""

from __future__ import annotations

import csv
import io
import json
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from plosive.conform import Edit, Shot
from plosive.errors import OptionError
from plosive.media.staging import write_whole
from plosive.reel.dub.speech_spans import Span, overlapping
from plosive.reel.shown import shown_seconds
from plosive.speech.model import Phone, Word
from plosive.speech.text.script import Cue, Script
from plosive.speech.text.transcript import read_script, script_file

__all__ = ["ReelScript", "edit_script", "heard_part", "moved", "script_text", "shot_script", "write_script"]

_Item = TypeVar("_Item", Cue, Word, Phone)
_Ordered = tuple[list[_Item], Fraction]
_HOUR_SECONDS = 3600
_NEARLY_ALL = Fraction(9, 10)


@dataclass(frozen=True)
class ReelScript:
    """A transcript in the edit's time: seconds after its first frame, below 0 before it. `told` names it for
    the artist. Without times it is the words alone (`is_timed` False).
    """

    told: str
    script: Script
    is_timed: bool
    warnings: tuple[str, ...] = ()

    def near(self, start_seconds: Fraction, end_seconds: Fraction) -> Script:
        """What of it shares time with a stretch; of a long reel it is found without a look at all of it."""
        cues, words, phones = self._in_order
        return replace(
            self.script,
            cues=_near(cues, start_seconds, end_seconds),
            words=_near(words, start_seconds, end_seconds),
            phones=_near(phones, start_seconds, end_seconds),
        )

    @cached_property
    def _in_order(self) -> tuple[_Ordered[Cue], _Ordered[Word], _Ordered[Phone]]:
        script = self.script
        return _ordered(script.cues), _ordered(script.words), _ordered(script.phones)


def edit_script(source: str, start: str | None, edit: Edit) -> ReelScript:
    """The transcript `source` (a file, or words) in the time of `edit`.

    `start` is the moment of the edit at which the file's 0 stands: timecode as the edit counts it, or seconds
    after its first frame. Without it the file's times are taken for seconds after the first frame, or for
    record time (the edit's first frame at what its timecode reads in hours, minutes and seconds), whichever
    puts lines into the edit; where both do, one must put nearly all of them there, and the other not. Where
    neither does, the hour of its first line is taken for the edit's first frame. Raises OptionError where
    that cannot be told or no line falls into the edit, and what `read_script` does; RangeError for a `start`
    that is no time.
    """
    script = read_script(source, is_from_hour=False)
    file = script_file(source)
    told = file.name if file is not None else f"'{source[:40]}'"
    if not _starts(script):
        return ReelScript(told, script, False, script.warnings)
    if start is not None:
        return ReelScript(told, moved(script, edit.seconds_of(start)), True, script.warnings)
    length = edit.duration_frames / edit.rate
    clock = _clock_seconds(edit)
    readings = dict.fromkeys((Fraction(0), -clock))
    shares = {by: _share_within(script, by, length) for by in readings}
    fitting = [by for by, share in shares.items() if share]
    if len(fitting) > 1:
        fitting = [by for by in fitting if shares[by] >= _NEARLY_ALL]
    if len(fitting) != 1 and any(shares.values()):
        raise OptionError(
            f"It cannot be told whether the times of {told} are the edit's timecode or count from its first "
            f"frame: say where its 00:00:00 stands, as {told}@0 for the first frame or {told}@-{clock} for "
            "timecode."
        )
    if fitting:
        return ReelScript(told, moved(script, fitting[0]), True, script.warnings)
    hours = min(_starts(script)) // _HOUR_SECONDS
    by = Fraction(-hours * _HOUR_SECONDS)
    if not hours or not _share_within(script, by, length):
        raise OptionError(
            f"No line of {told} falls into the edit, which runs from {edit.timecode(0)} for "
            f"{float(length):.0f} s: say where its 00:00:00 stands, as {told}@01:00:00:00."
        )
    warning = f"The times in {told} begin at hour {hours}, taken as the edit's first frame."
    return ReelScript(told, moved(script, by), True, (*script.warnings, warning))


def shot_script(text: str, shot: Shot, names: Sequence[str], edit: Edit) -> ReelScript:
    """What is said in one shot, words or a file, in the edit's time. Without times it lasts as long as the
    shot is seen; a line of words may begin with one of `names` and a colon. Raises what `edit_script` does.
    """
    given = edit_script(text, None, edit)
    if given.is_timed:
        return given
    start, end = shown_seconds(shot)
    by_name = {name.casefold(): name for name in names}
    if script_file(text) is None:
        cues = []
        for line in text.splitlines():
            head, mark, rest = line.partition(":")
            speaker = by_name.get(head.strip().casefold()) if mark else None
            words = rest if speaker else line
            if words.strip():
                cues.append(Cue(" ".join(words.split()), start, end, speaker))
    else:
        cues = [replace(cue, start_seconds=start, end_seconds=end) for cue in given.script.cues]
    return ReelScript(given.told, replace(given.script, cues=tuple(cues)), True, given.warnings)


def moved(script: Script, by_seconds: Fraction) -> Script:
    """`script` with all times later by `by_seconds`, exactly."""
    return replace(
        script,
        cues=tuple(_moved(one, by_seconds) for one in script.cues),
        words=tuple(_moved(one, by_seconds) for one in script.words),
        phones=tuple(_moved(one, by_seconds) for one in script.phones),
    )


def heard_part(
    script: Script, start_seconds: Fraction, end_seconds: Fraction, spans: Sequence[Span]
) -> Script | None:
    """What of a timed `script` is said from `start_seconds` to `end_seconds`, times counted from the former;
    None where nothing is. `spans` are where somebody speaks.

    A line belongs where most of what is spoken while it stands is heard: subtitles come early and stay on.
    Where nobody speaks the line's own time counts. What sticks out of a stretch is cut off at its ends.
    """

    def share(start: Fraction, end: Fraction) -> bool:
        heard = overlapping(spans, start, end)
        spoken = [(max(start, one), min(end, other)) for one, other in heard] or [(start, end)]
        whole = sum((other - one for one, other in spoken), Fraction(0))
        inside = sum(
            (max(Fraction(0), min(other, end_seconds) - max(one, start_seconds)) for one, other in spoken),
            Fraction(0),
        )
        return inside * 2 > whole

    def within(start: Fraction | None, end: Fraction | None) -> bool:
        return start is not None and end is not None and share(start, end)

    cues = [one for one in script.cues if within(one.start_seconds, one.end_seconds)]
    words = [one for one in script.words if share(one.start_seconds, one.end_seconds)]
    phones = [
        one for one in script.phones if one.start_seconds < end_seconds and start_seconds < one.end_seconds
    ]
    if not (cues or words or phones):
        return None
    length = end_seconds - start_seconds
    return Script(
        tuple(_moved(one, -start_seconds, length) for one in cues),
        tuple(_moved(one, -start_seconds, length) for one in words),
        tuple(_moved(one, -start_seconds, length) for one in phones),
        script.language,
    )


def script_text(script: Script) -> tuple[str, str]:
    """A script as text that `read_script` reads to the very fraction, and the ending of its file. Timed
    phones come back on its grid of 10 ms, as all phones do.
    """
    if script.phones:
        rows = io.StringIO()
        table = csv.writer(rows, lineterminator="\n")
        table.writerow(["Begin", "End", "Label", "Type"])
        table.writerows([one.start_seconds, one.end_seconds, one.text, "words"] for one in script.words)
        table.writerows([one.start_seconds, one.end_seconds, one.symbol, "phones"] for one in script.phones)
        return rows.getvalue(), ".csv"
    facts: dict[str, object] = {"language": script.language} if script.language else {}
    if script.words:
        facts["words"] = [
            _timed("word", one.text, one.start_seconds, one.end_seconds) for one in script.words
        ]
    else:
        facts["segments"] = [
            _timed("text", one.text, one.start_seconds, one.end_seconds)
            | ({"speaker": one.speaker} if one.speaker else {})
            for one in script.cues
        ]
    return json.dumps(facts, ensure_ascii=False, indent=1), ".json"


def write_script(script: Script, folder: Path, stem: str) -> Path:
    """Write a script into `folder`, where nothing of the name is. Raises MediaWriteError."""
    text, suffix = script_text(script)
    path = folder / f"{stem}{suffix}"
    write_whole(path, text)
    return path


def _start(one: Cue | Word | Phone) -> Fraction:
    assert one.start_seconds is not None
    return one.start_seconds


def _ordered(items: Sequence[_Item]) -> _Ordered[_Item]:
    """What has times, by its start, and how long the longest of it is."""
    timed = sorted((one for one in items if one.start_seconds is not None), key=_start)
    return timed, max(
        (one.end_seconds - _start(one) for one in timed if one.end_seconds), default=Fraction(0)
    )


def _near(items: _Ordered[_Item], start: Fraction, end: Fraction) -> tuple[_Item, ...]:
    timed, longest = items
    first, last = bisect_left(timed, start - longest, key=_start), bisect_left(timed, end, key=_start)
    return tuple(one for one in timed[first:last] if one.end_seconds is not None and start < one.end_seconds)


def _timed(name: str, text: str, start: Fraction | None, end: Fraction | None) -> dict[str, object]:
    facts: dict[str, object] = {name: text}
    return facts if start is None else facts | {"start": str(start), "end": str(end)}


def _moved(one: _Item, by: Fraction, length: Fraction | None = None) -> _Item:
    """Later by `by` seconds, and cut off at 0 and `length` where that is given."""
    if one.start_seconds is None or one.end_seconds is None:
        return one
    start, end = one.start_seconds + by, one.end_seconds + by
    if length is not None:
        start, end = max(Fraction(0), start), min(length, end)
    return replace(one, start_seconds=start, end_seconds=end)


def _starts(script: Script) -> list[Fraction]:
    items: Iterable[Fraction | None] = (
        *(one.start_seconds for one in script.cues),
        *(one.start_seconds for one in script.words),
        *(one.start_seconds for one in script.phones),
    )
    return [start for start in items if start is not None]


def _clock_seconds(edit: Edit) -> Fraction:
    """What the timecode of the edit's first frame reads, its frames as their share of a second."""
    timecode = str(edit.timecode(0)).replace(";", ":").split(":")
    hours, minutes, seconds, frames = (int(part) for part in timecode)
    return hours * _HOUR_SECONDS + minutes * 60 + seconds + Fraction(frames) / round(edit.rate)


def _share_within(script: Script, by: Fraction, length: Fraction) -> Fraction:
    starts = _starts(script)
    return Fraction(sum(0 <= start + by < length for start in starts), len(starts))
