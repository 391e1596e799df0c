# SPDX-License-Identifier: Apache-2.0
"""Five points in the end, each with its reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from plosive.quality.figure import Figure
from plosive.quality.scorecard import Point

__all__ = ["points_of"]

_SLACK_ALONE = 2.0  # without a plate real footage itself scatters about twice as far


@dataclass(frozen=True)
class _Part:
    """One figure's share of a point: `worth` 0..1, `telling` the words for it when it is the weakest."""

    worth: float
    telling: str


def points_of(figures: Sequence[Figure]) -> tuple[Point, ...]:
    """The five points of a result's figures. A point is the product of its parts, so that one fault is seen;
    a point without any measured part has no value. Each part falls straight from 1 at what real footage gives
    to 0 at what nobody would pass; the limits are in this file and explained in docs/quality.md.
    """
    known = {figure.key: figure for figure in figures}
    return (
        _point(
            "closures", "Closures on time", [*_on_time(known), *_closed(known)], "No phone or face to judge."
        ),
        _point("sharp", "Sharp in fast speech", _sharp(known), "No face long enough to judge."),
        _point("seam", "No seam", _seamless(known), "Needs the plate: give --plate."),
        _point("natural", "Natural articulation", _natural(known), "Too little speech with a face to judge."),
        _point("stable", "Alive and stable", _stable(known), "No face long enough to judge."),
    )


def _point(key: str, title: str, parts: Sequence[_Part], empty: str) -> Point:
    if not parts:
        return Point(key, title, None, empty)
    value = 1.0
    for part in parts:
        value *= part.worth
    weakest = min(parts, key=lambda part: part.worth)
    reason = (
        weakest.telling
        if weakest.worth < 0.9
        else f"All well; {weakest.telling[0].lower()}{weakest.telling[1:]}"
    )
    return Point(key, title, value, reason)


def _fall(value: float, good: float, bad: float) -> float:
    """1 at `good` and beyond, 0 at `bad` and beyond, straight between; either may be the larger."""
    return min(max((value - bad) / (good - bad), 0.0), 1.0)


def _value(known: Mapping[str, Figure], key: str) -> float | None:
    figure = known.get(key)
    return None if figure is None else figure.value


def _is_against_plate(known: Mapping[str, Figure], key: str) -> bool:
    return known[key].details.get("against_plate", True) is True


def _on_time(known: Mapping[str, Figure]) -> list[_Part]:
    lag, sync = _value(known, "lag"), _value(known, "sync")
    parts = []
    if sync is not None:
        parts.append(
            _Part(_fall(sync, 2.8, 0.5), f"Evidence that mouth and dub belong together: {sync:.1f} sd.")
        )
    if lag is not None:
        side = "late" if lag > 0 else "early"
        sure = known["lag"].details.get("confidence", 1.0)
        assert isinstance(sure, float)
        late = 1 - sure * (1 - _fall(abs(lag), 30.0, 240.0))
        parts.append(_Part(late, f"The picture is {abs(lag):.0f} ms {side} ({sure:.0%} sure)."))
    return parts


def _closed(known: Mapping[str, Figure]) -> list[_Part]:
    figure = known.get("closures")
    if figure is None or figure.value is None:
        return []
    # One phone more that met: a single miss in a short line must not decide.
    share = (figure.value * figure.sample_count + 1) / (figure.sample_count + 1)
    met = round(figure.value * figure.sample_count)
    return [_Part(_fall(share, 0.85, 0.1), f"Lips closed on {met} of {figure.sample_count} p, b, m.")]


def _sharp(known: Mapping[str, Figure]) -> list[_Part]:
    fast, overall = _value(known, "sharpness_fast"), _value(known, "sharpness")
    if fast is None or overall is None:
        return []
    least, most = min(fast, overall), max(fast, overall)
    when = " in fast speech" if fast <= overall else ""
    words = f"The mouth has {least:.0%} of the detail it should have{when}."
    if most > 1.4:
        words = f"The mouth has {most:.0%} of the detail it should have: sharpened or noisy."
    soft, hard = (0.3, 3.0) if _is_against_plate(known, "sharpness") else (0.0, 4.6)
    return [_Part(min(_fall(least, 0.95, soft), _fall(most, 1.4, hard)), words)]


def _seamless(known: Mapping[str, Figure]) -> list[_Part]:
    seam, ring = _value(known, "seam"), _value(known, "ring_colour")
    parts = []
    if seam is not None:
        parts.append(
            _Part(_fall(seam, 1.1, 2.3), f"The edge of the change is {seam:.2f} times as steep as before.")
        )
    if ring is not None:
        parts.append(
            _Part(_fall(ring, 0.5, 7.5), f"Colour steps by {ring:.1f} dE at the edge of the change.")
        )
    return parts


def _natural(known: Mapping[str, Figure]) -> list[_Part]:
    agreed = [
        (_value(known, f"r_{name}"), weight)
        for name, weight in (("aperture", 1.0), ("jaw", 0.7), ("width", 0.3))
    ]
    parts = []
    found = [(value, weight) for value, weight in agreed if value is not None]
    if found:
        mean = sum(value * weight for value, weight in found) / sum(weight for _, weight in found)
        parts.append(
            _Part(_fall(mean, 0.55, -0.1), f"The mouth follows the dub with r {mean:.2f} (real: about 0.6).")
        )
    size = _value(known, "amplitude_aperture")
    if size is not None:
        said = "small (mumbled)" if size < 1 else "large (over-articulated)"
        parts.append(
            _Part(
                min(_fall(size, 0.7, 0.1), _fall(size, 1.45, 3.5)),
                f"Movements are {size:.0%} of what is usual, {said}.",
            )
        )
    gap, speed = _value(known, "silence_aperture"), _value(known, "silence_speed")
    if gap is not None and speed is not None:
        still = min(_fall(gap, 0.05, 0.2), _fall(speed, 0.3, 1.0))
        parts.append(
            _Part(still, f"In silence lips are {gap:.3f} IOD apart and move {speed:.2f} IOD a second.")
        )
    return parts


def _stable(known: Mapping[str, Figure]) -> list[_Part]:
    limits = (
        ("flicker", 1.05, 4.0, "Brightness flickers {:.1f} times as much as before."),
        ("popping", 1.0, 4.0, "The mouth's inside changes {:.1f} times as much as its opening explains."),
        ("popping_peaks", 1.05, 5.0, "In its worst frames the mouth's inside jumps {:.1f} times as far."),
        ("jitter", 1.3, 4.0, "The mouth trembles {:.1f} times as much as before."),
        ("colour_drift", 1.0, 10.0, "Skin colour drifts by {:.1f} dE over the clip."),
        ("outline_drift", 0.03, 0.15, "Closed lips drift by {:.2f} inter-ocular distances."),
        ("teeth_drift", 0.3, 1.5, "Teeth drift in brightness by a factor e^{:.2f}."),
    )
    parts = []
    for key, good, bad, words in limits:
        value = _value(known, key)
        if value is not None:
            slack = 1.0 if _is_against_plate(known, key) else _SLACK_ALONE
            parts.append(_Part(_fall(value, good, good + slack * (bad - good)), words.format(value)))
    alive = _value(known, "amplitude_aperture")
    if parts and alive is not None:
        parts.append(_Part(_fall(alive, 0.35, 0.05), f"The mouth moves {alive:.0%} of what is usual."))
    return parts
