# SPDX-License-Identifier: Apache-2.0
"""Flagged ranges rendered again with other choices; the better one is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from plosive.faces.track import FaceTrack
from plosive.generate.protocol import Generator
from plosive.keyed import KeyedValue
from plosive.media.plate import PlateInfo
from plosive.progress import Progress
from plosive.quality.flags_file import FlagsFile
from plosive.sync.badness import Badness, measure_badness
from plosive.sync.candidates import REACH_ROWS, Candidate, candidates_of
from plosive.sync.flagged import LeftFlag, RedoRange, frames_named, redo_ranges
from plosive.sync.outcome import Outcome, Tried, named
from plosive.sync.render import Part
from plosive.sync.switched import Switch, SwitchedPlan, join_rows
from plosive.sync.trial import TrialGround
from plosive.sync_options import SyncOptions

__all__ = ["RedoPlan", "plan_redo", "redo_parts"]

_MARGIN_FRAMES = 12
_SEEN_BESIDE_FRAMES = 2
_CONTEXT_SECONDS = 3
_NEED_CONTEXT = {"silence_aperture", "amplitude_aperture"}  # judged against this actor's usual


@dataclass(frozen=True)
class RedoPlan:
    """What a flags file comes to on this plate: ranges to try again, and flags that are left alone.
    `strength` is the job's own.
    """

    file: Path
    strength: KeyedValue
    ranges: tuple[RedoRange, ...]
    left: tuple[LeftFlag, ...]
    info: PlateInfo

    def notes(self, outcomes: Sequence[Outcome] | None = None) -> tuple[str, ...]:
        """One sentence a range, on what came of it or (None) that it would be tried, and one a flag left."""
        start = self.info.first_frame
        told = (
            [
                f"{frames_named(start + one.first_index, start + one.last_index_inclusive)}: would be tried "
                f"again for {named(one.figures)}"
                for one in self.ranges
            ]
            if outcomes is None
            else [outcome.note() for outcome in outcomes]
        )
        left = [
            f"{frames_named(one.flag.first_frame, one.flag.last_frame_inclusive)}: "
            f"{named([one.flag.figure])} is not tried again: {one.reason}"
            for one in self.left
        ]
        return (*told, *left)

    def facts(self, outcomes: Sequence[Outcome] = ()) -> dict[str, object]:
        """For the report."""
        return {
            "flags_file": self.file,
            "ranges": [outcome.facts() for outcome in outcomes],
            "left": [
                {
                    "first_frame": one.flag.first_frame,
                    "last_frame_inclusive": one.flag.last_frame_inclusive,
                    "figure": one.flag.figure,
                    "reason": one.reason,
                }
                for one in self.left
            ],
        }


def plan_redo(
    options: SyncOptions,
    flags: FlagsFile,
    parts: Sequence[Part],
    tracks: Sequence[FaceTrack],
    info: PlateInfo,
) -> RedoPlan:
    """Which ranges of `flags`, that `require_flags` read from `options.redo`, are tried again on this plate.
    `tracks` are all its faces, `parts` those that are synced.
    """
    assert options.redo is not None
    ranges, left = redo_ranges(flags.flags, parts, tracks, info.first_frame)
    return RedoPlan(options.redo, KeyedValue.of(options.strength), tuple(ranges), tuple(left), info)


def redo_parts(
    plan: RedoPlan, parts: Sequence[Part], generator: Generator, ground: TrialGround, progress: Progress
) -> tuple[list[Part], tuple[Outcome, ...]]:
    """Try the ranges of `plan`: all parts, those with a better choice switched to it, and what came of each.

    Outside the ranges, and where nothing is clearly better, a part renders as it did. The candidates of one
    face live only while it is tried, and pictures for one frame.
    """
    faces = [(part, [one for one in plan.ranges if one.face == part.track.number]) for part in parts]
    work = [_FaceRedo(part, ranges, plan) for part, ranges in faces if ranges]
    progress.start("redo", sum(last - first + 1 for one in work for first, last in one.spans))
    done = {part.track.number: part for part in parts}
    outcomes: list[Outcome] = []
    for one in work:
        done[one.part.track.number] = one.redone(generator, ground, progress)
        outcomes += one.outcomes
    progress.finish()
    return list(done.values()), tuple(outcomes)


class _FaceRedo:
    """The ranges of one face; `spans` are the frames (first, last inclusive) to look at for them."""

    def __init__(self, part: Part, ranges: Sequence[RedoRange], plan: RedoPlan) -> None:
        self.part = part
        self._strength = plan.strength
        self.outcomes: list[Outcome] = []
        self._ranges = ranges
        self._info = plan.info
        self._rows = [_rows(one.first_index, one.last_index_inclusive, part.track) for one in ranges]
        self.spans = self._spans()

    def redone(self, generator: Generator, ground: TrialGround, progress: Progress) -> Part:
        """The part with the better choices; `outcomes` tells them."""
        candidates = self._candidates(generator)
        switches = [self._switches(candidate) for candidate in candidates]
        plans = [SwitchedPlan(self.part.plan, own) for own in ([], *switches)]
        kept: list[Switch] = []
        for first, last in self.spans:
            takes = ground.measured(self.part, plans, first, last, progress)
            for place, one in enumerate(self._ranges):
                if not first <= one.first_index <= last:
                    continue
                own = [switch[place] for switch in switches]
                window = self._window(one, own, first, last)
                badness = measure_badness(takes, one.face, self._info, *window)
                outcome = Outcome(one, self._tried(place, candidates, own, badness), self._info.first_frame)
                self.outcomes.append(outcome)
                if outcome.kept:
                    kept.append(own[outcome.kept - 1])
        return replace(self.part, plan=SwitchedPlan(self.part.plan, kept)) if kept else self.part

    def _tried(
        self,
        place: int,
        candidates: Sequence[Candidate],
        own: Sequence[Switch],
        badness: Sequence[Badness | None],
    ) -> tuple[Tried, ...]:
        first = Tried(
            "first choice",
            self.part.shot.seed,
            self._strength,
            self._frames(*self._rows[place]),
            badness[0],
        )
        others = [
            Tried(
                made.name,
                made.seed,
                made.strength,
                self._frames(switch.first_row, switch.last_row_inclusive),
                bad,
                made.is_as_asked,
            )
            for made, switch, bad in zip(candidates, own, badness[1:], strict=True)
        ]
        return (first, *others)

    def _spans(self) -> list[tuple[int, int]]:
        track, spans = self.part.track, list[tuple[int, int]]()
        for one in self._ranges:
            margin = _MARGIN_FRAMES
            if _NEED_CONTEXT & set(one.figures):
                margin = max(margin, round(_CONTEXT_SECONDS * self._info.frame_rate))
            first = max(one.first_index - margin, track.first_frame_index)
            last = min(one.last_index_inclusive + margin, track.last_frame_index_inclusive)
            while spans and first <= spans[-1][1] + 1:
                before = spans.pop()
                first, last = min(first, before[0]), max(last, before[1])
            spans.append((first, last))
        return spans

    def _candidates(self, generator: Generator) -> list[Candidate]:
        start = self._info.first_frame
        flags = [flag for one in self._ranges for flag in one.flags]
        flagged = [
            _rows(flag.first_frame - start, flag.last_frame_inclusive - start, self.part.track)
            for flag in flags
        ]
        figures = {flag.figure for flag in flags}
        return candidates_of(
            generator, self.part.shot, self.part.plan, self._rows, flagged, figures, self._strength
        )

    def _switches(self, candidate: Candidate) -> list[Switch]:
        """Where `candidate` would render, range by range; neighbours share the rows between them."""
        rows, last_row = self._rows, len(self.part.track.indices) - 1
        middles = [(before[1] + after[0]) // 2 for before, after in pairwise(rows)]
        made = []
        for (first, last), lowest, highest in zip(
            rows, [0, *(middle + 1 for middle in middles)], [*middles, last_row], strict=True
        ):
            allowed = max(first - REACH_ROWS, lowest), min(last + REACH_ROWS, highest)
            start, end = join_rows(self.part.plan, candidate.plan, (first, last), allowed, candidate.unlike)
            made.append(Switch(start, end, candidate.plan, candidate.name))
        return made

    def _window(self, one: RedoRange, own: Sequence[Switch], first: int, last: int) -> tuple[int, int]:
        """The frames that are compared, the same for all: the range, every join, and two frames beside."""
        indices = self.part.track.indices
        starts = [one.first_index, *(int(indices[switch.first_row]) for switch in own)]
        ends = [one.last_index_inclusive, *(int(indices[switch.last_row_inclusive]) for switch in own)]
        return max(min(starts) - _SEEN_BESIDE_FRAMES, first), min(max(ends) + _SEEN_BESIDE_FRAMES, last)

    def _frames(self, first_row: int, last_row: int) -> tuple[int, int]:
        indices, start = self.part.track.indices, self._info.first_frame
        return start + int(indices[first_row]), start + int(indices[last_row])


def _rows(first_index: int, last_index: int, track: FaceTrack) -> tuple[int, int]:
    """The rows of `track` that show frames `first_index` to `last_index`; at least one, the nearest."""
    first = min(int(track.indices.searchsorted(first_index)), len(track.indices) - 1)
    return first, max(int(track.indices.searchsorted(last_index, side="right")) - 1, first)
