# SPDX-License-Identifier: Apache-2.0
"""What single frames gave, gathered into one check per name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from plosive.verify.check import Check, Status
from plosive.verify.frameranges import range_facts, spoken

__all__ = ["Finding", "Gathering"]

_MOST_SHOWN = 3


@dataclass(frozen=True)
class Finding:
    """What one check gave on one frame.

    `text` is a sentence without the frame's number; frames with equal texts are told together. `counts` are
    summed over frames; a text may name them in braces, which is filled in at the end. `details` stay with the
    frame.
    """

    name: str
    status: Status
    text: str
    counts: Mapping[str, int] = field(default_factory=dict)
    details: Mapping[str, object] = field(default_factory=dict)


class Gathering:
    """Collects findings frame by frame, in order; memory holds a few numbers for each that is told."""

    def __init__(self) -> None:
        self._texts: dict[str, dict[tuple[Status, str], list[int]]] = {}
        self._counts: dict[str, dict[str, int]] = {}
        self._details: dict[str, list[tuple[int, Mapping[str, object]]]] = {}

    def add(self, frame: int, finding: Finding) -> None:
        texts = self._texts.setdefault(finding.name, {})
        texts.setdefault((finding.status, finding.text), []).append(frame)
        counts = self._counts.setdefault(finding.name, {})
        for key, value in finding.counts.items():
            counts[key] = counts.get(key, 0) + value
        if finding.details:
            self._details.setdefault(finding.name, []).append((frame, finding.details))

    def checks(self) -> list[Check]:
        """One check per name, in the order in which names came up, each with the worst status of its
        frames.
        """
        return [self._check(name) for name in self._texts]

    def _check(self, name: str) -> Check:
        texts = self._texts[name]
        worst = max((status for status, _ in texts), key=lambda status: status.weight)
        told = [(text, frames) for (status, text), frames in texts.items() if status is worst]
        if worst is Status.PASS:
            sentence = " ".join(dict.fromkeys(text for text, _ in told))
        else:
            shown = [f"{_capital(spoken(frames))}: {text}" for text, frames in told[:_MOST_SHOWN]]
            if len(told) > _MOST_SHOWN:
                shown.append(f"And {len(told) - _MOST_SHOWN} more (--json lists all).")
            sentence = " ".join(shown)
        counts = self._counts[name]
        figures: dict[str, object] = dict(counts)
        figures["found"] = [
            {"status": status.value, "sentence": _filled(text, counts), "frames": range_facts(frames)}
            for (status, text), frames in texts.items()
        ]
        if name in self._details:
            figures["frames"] = _runs_of_equal(self._details[name])
        return Check(name, worst, _filled(sentence, counts), figures)


def _filled(text: str, counts: Mapping[str, int]) -> str:
    for key, value in counts.items():
        text = text.replace("{" + key + "}", f"{value:,}".replace(",", " "))
    return text


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _runs_of_equal(entries: list[tuple[int, Mapping[str, object]]]) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    before: tuple[int, Mapping[str, object]] | None = None
    for frame, details in entries:
        if before is not None and before[0] + 1 == frame and before[1] == details:
            found[-1]["last_frame_inclusive"] = frame
        else:
            found.append({"first_frame": frame, "last_frame_inclusive": frame, **details})
        before = frame, details
    return found
