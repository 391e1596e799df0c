# SPDX-License-Identifier: Apache-2.0
"""What came of trying one range again: which candidate is kept, and the words for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from plosive.keyed import KeyedValue
from plosive.sync.badness import Badness, is_clearly_better
from plosive.sync.flagged import RedoRange, frames_named

__all__ = ["Outcome", "Tried", "named"]

_AS_GOOD = 0.03


@dataclass(frozen=True)
class Tried:
    """One choice over one range. `frames` (first, last inclusive, in the plate's numbers) are those it would
    render; `badness` is None where the face could not be found in its pictures. `is_as_asked`: it does what
    the job asks for, by other plate frames; else it asks the mouth for something else.
    """

    name: str
    seed: int
    strength: KeyedValue
    frames: tuple[int, int]
    badness: Badness | None
    is_as_asked: bool = True


@dataclass(frozen=True)
class Outcome:
    """`tried` begins with the first choice; the others depart from what was asked the more, the later."""

    range: RedoRange
    tried: tuple[Tried, ...]
    first_frame: int

    @property
    def kept(self) -> int:
        """Place in `tried` of what is kept: the first choice unless something is clearly better, and what
        asks for something else only if it is clearly better than all that does as asked.
        """
        first = self.tried[0].badness
        if first is not None and first.is_clean:
            return 0
        as_asked = self._better_than(0, True)
        return self._better_than(as_asked, False)

    def _better_than(self, held: int, is_as_asked: bool) -> int:
        """The best choice that is clearly better than `held`, of those within 0.03 of it the earliest; `held`
        where there is none.
        """
        known = self.tried[held].badness
        better = {
            place: tried.badness.total
            for place, tried in enumerate(self.tried)
            if place and tried.is_as_asked == is_as_asked and tried.badness is not None
            if known is None or is_clearly_better(tried.badness, known)
        }
        limit = min(better.values(), default=0.0) + _AS_GOOD
        return min((place for place, total in better.items() if total <= limit), default=held)

    def facts(self) -> dict[str, object]:
        """For the report."""
        return {
            "face": self.range.face,
            "first_frame": self.first_frame + self.range.first_index,
            "last_frame_inclusive": self.first_frame + self.range.last_index_inclusive,
            "figures": list(self.range.figures),
            "kept": self.tried[self.kept].name,
            "why": self._why(),
            "tried": [_tried_facts(tried) for tried in self.tried],
        }

    def note(self) -> str:
        """One sentence for the terminal."""
        frames = frames_named(
            self.first_frame + self.range.first_index, self.first_frame + self.range.last_index_inclusive
        )
        return f"{frames}: {self._why()}"

    def _why(self) -> str:
        first, kept = self.tried[0].badness, self.tried[self.kept]
        before = "no face found" if first is None else _severities(first)
        if self.kept:
            assert kept.badness is not None
            return f"{before} -> {_severities(kept.badness)} with {kept.name}"
        if first is not None and first.is_clean:
            return "kept: measured again, nothing is flagged here"
        if len(self.tried) == 1:
            return f"kept ({before}): there is nothing else to try"
        return f"kept ({before}): nothing clearly better among {len(self.tried) - 1}"


def named(figures: Sequence[str]) -> str:
    """Figures in words."""
    return ", ".join(figure.replace("_", " ") for figure in figures)


def _severities(badness: Badness) -> str:
    """`popping 0.71, seam 0.20`, the worst first; `no flag`."""
    ranked = sorted(badness.severities.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{named([figure])} {value:.2f}" for figure, value in ranked) or "no flag"


def _tried_facts(tried: Tried) -> dict[str, object]:
    first, last = tried.frames
    known = tried.badness
    return {
        "choice": tried.name,
        "seed": tried.seed,
        "strength": tried.strength.facts(),
        "first_frame": first,
        "last_frame_inclusive": last,
        "badness": None if known is None else round(known.total, 4),
        "by_figure": {}
        if known is None
        else {key: round(value, 4) for key, value in known.by_figure.items()},
        "flags": ["The face is not found."] if known is None else [flag.sentence for flag in known.flags],
    }
