# SPDX-License-Identifier: Apache-2.0
"""By which clock an edit counts the time of media: its timecode, or seconds from its first frame."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from plosive.conform.media.probe import MediaFacts
from plosive.conform.shot import ShotMedia

__all__ = ["Clock", "aligned", "covers", "with_facts"]

Clock = tuple[Fraction, Fraction]


def covers(media: ShotMedia, wanted: Clock) -> bool:
    """Whether the frames that exist hold what is shown between two moments of the clock, give or take one
    frame at each end, for rates are rounded.
    """
    if media.available is None:
        return True
    first, end = _span(media, wanted)
    return first >= media.available.first_frame - 1 and end <= media.available.last_frame_inclusive + 2


def with_facts(
    media: ShotMedia, facts: MediaFacts, wanted: Clock, is_counting_frames: bool = False
) -> tuple[ShotMedia, tuple[str, ...]]:
    """`media` with the frames that its files hold, on the clock by which the edit's range lies among them.
    With `is_counting_frames` each frame of the edit is one of the media, whatever its rate, and the clock is
    the number of its timecode.
    """
    if facts.is_still:
        note = f"{media.name} is a still picture: there is no mouth to move, and it is left alone."
        return replace(media, kind="still", available=None, is_probed=True), (note,)
    notes: list[str] = []
    known = replace(
        media,
        available=facts.frames,
        is_probed=True,
        start_timecode=facts.start_timecode,
        file_rate=facts.rate,
        picture=facts.picture,
        is_opaque=facts.is_opaque,
    )
    is_said = media.available is not None
    timecode = facts.timecode_seconds
    if facts.frames is not None and (media.kind != "sequence" or not is_said):
        known = replace(known, first_frame=facts.frames.first_frame)
    if is_counting_frames:
        if timecode is not None and facts.rate is not None:
            timecode = timecode * facts.rate / media.rate
    elif facts.rate is not None and facts.rate != media.rate and facts.frames is not None:
        said = media.available
        if said is not None and abs(said.duration_frames - facts.frames.duration_frames) <= 1:
            notes.append(
                f"{media.name} has {_spoken(facts.rate)} frames a second and plays at {_spoken(media.rate)} "
                "in the edit, frame by frame."
            )
        else:
            known = replace(known, rate=facts.rate)
    placed, note = aligned(known, wanted, timecode, is_said)
    return placed, (*notes, note) if note else tuple(notes)


def aligned(
    media: ShotMedia, wanted: Clock, timecode_seconds: Fraction | None, is_said: bool
) -> tuple[ShotMedia, str]:
    """`media` on the first clock that puts what is `wanted` among its frames, and a sentence where that is
    not the clock the edit states: its available range (`is_said`), else the files' timecode, else 0 at the
    first frame, else the numbers of the files. Where none fits wholly the first that overlaps is taken, else
    what is stated.
    """
    clocks = list(_clocks(media, timecode_seconds, is_said))
    for is_fitting in (covers, _overlaps):
        for clock, note in clocks:
            if is_fitting(clock, wanted):
                return clock, note
    return clocks[0]


def _clocks(
    media: ShotMedia, timecode_seconds: Fraction | None, is_said: bool
) -> Iterator[tuple[ShotMedia, str]]:
    if is_said:
        yield media, ""
    if timecode_seconds is not None:
        note = (
            f"{media.name}: the edit counts by the files' timecode, not by its own range." if is_said else ""
        )
        yield replace(media, start_seconds=timecode_seconds), note
    note = f"{media.name}: the edit counts from its first frame, not by its own range." if is_said else ""
    yield replace(media, start_seconds=Fraction(0)), note
    if media.kind == "sequence":
        note = f"{media.name}: the edit counts by the numbers of its files."
        yield replace(media, start_seconds=media.first_frame / media.rate), note


def _span(media: ShotMedia, wanted: Clock) -> tuple[Fraction, Fraction]:
    ends = sorted(media.position(moment) for moment in wanted)
    return ends[0], ends[1]


def _overlaps(media: ShotMedia, wanted: Clock) -> bool:
    first, end = _span(media, wanted)
    there = media.available
    return there is None or (first <= there.last_frame_inclusive and end > there.first_frame)


def _spoken(rate: Fraction) -> str:
    return str(rate.numerator) if rate.denominator == 1 else f"{float(rate):.3f}"
