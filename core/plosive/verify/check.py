# SPDX-License-Identifier: Apache-2.0
"""What a verification found: checks with a status, a sentence and figures, and what became of each frame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from plosive.verify.frameranges import range_facts

__all__ = ["Check", "FrameState", "Status", "Verification"]

SCHEMA = "plosive.verify.v1"

_NEED_A_MATTE = ("blocks", "values")


class Status(Enum):
    """How one check ended, the worst last."""

    PASS = "pass"
    SKIPPED = "skipped"
    """Could not be looked at, or there is nothing of the kind; the sentence says why."""
    INFO = "info"
    """A difference that is no fault: told, and counted as a failure only with --strict."""
    REPORTED = "reported"
    """A difference that would fail, but is what OUT's report says or an option allows."""
    FAIL = "fail"

    @property
    def weight(self) -> int:
        return list(Status).index(self)


class FrameState(Enum):
    """What one frame of OUT is, next to the plate's."""

    IDENTICAL = "identical"
    """The plate's very bytes."""
    PATCHED = "patched"
    """Other bytes only where a patch may lie, the rest as it was."""
    REENCODED = "reencoded"
    """Compressed anew whole."""
    MISSING = "missing"
    EXTRA = "extra"
    DAMAGED = "damaged"


@dataclass(frozen=True)
class Check:
    """One check. `sentence` is whole and for people, `figures` are the same for machines (JSON-ready)."""

    name: str
    status: Status
    sentence: str
    figures: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Verification:
    """All checks of PLATE against OUT.

    `states` has one entry per frame, in order; `first_frame` is the number of the first.
    """

    plate: Path
    out: Path
    matte: Path | None
    checks: tuple[Check, ...]
    states: tuple[FrameState, ...] = ()
    first_frame: int = 0
    is_strict: bool = False

    @property
    def failures(self) -> tuple[Check, ...]:
        """The checks that make it fail; with `is_strict` those that differ without fault, too."""
        strict = (Status.INFO, Status.REPORTED) if self.is_strict else ()
        return tuple(check for check in self.checks if check.status in (Status.FAIL, *strict))

    @property
    def has_passed(self) -> bool:
        return not self.failures

    @property
    def verdict(self) -> str:
        """One sentence for people."""
        if self.failures:
            names = ", ".join(check.name for check in self.failures)
            return f"FAIL: {self.out.name} is not what it should be ({names})."
        if self.is_unjudged:
            return f"PASS, but for what {self.out.name} shows in the changed boxes: give --matte to judge it."
        return f"PASS: nothing but what may differ does in {self.out.name}."

    @property
    def is_unjudged(self) -> bool:
        """Whether samples differ of which no matte says whether they may."""
        return any(check.name in _NEED_A_MATTE and check.status is Status.SKIPPED for check in self.checks)

    def facts(self) -> dict[str, object]:
        """Ready for JSON:

        `schema`; `plate`, `out`, `matte` (paths; matte may be null); `passed`; `strict`; `checks`, each with
        `name`, `status` (pass, skipped, info, reported, fail), `sentence`, `figures` (an object whose keys
        depend on the check; lists of frames are ranges {first_frame, last_frame_inclusive}); `frames`, ranges
        with a `state` (identical, patched, reencoded, missing, extra, damaged). Frame numbers are the
        plate's: a sequence's file numbers, a movie's from 0. Boxes are [left, top, right, bottom], right and
        bottom excluded, in stored pixels.
        """
        return {
            "schema": SCHEMA,
            "plate": str(self.plate),
            "out": str(self.out),
            "matte": None if self.matte is None else str(self.matte),
            "passed": self.has_passed,
            "strict": self.is_strict,
            "checks": [
                {
                    "name": check.name,
                    "status": check.status.value,
                    "sentence": check.sentence,
                    "figures": dict(check.figures),
                }
                for check in self.checks
            ],
            "frames": self.frame_facts(),
        }

    def frame_facts(self) -> list[dict[str, object]]:
        """Runs of frames in one state."""
        found: list[dict[str, object]] = []
        for state in dict.fromkeys(self.states):
            numbers = self.numbers(state)
            found += [{**one, "state": state.value} for one in range_facts(numbers)]
        return sorted(found, key=lambda one: int(str(one["first_frame"])))

    def numbers(self, state: FrameState) -> Sequence[int]:
        """The frames in `state`."""
        return [number for number, one in enumerate(self.states, self.first_frame) if one is state]
