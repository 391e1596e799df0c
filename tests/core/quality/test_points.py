# SPDX-License-Identifier: Apache-2.0
"""Points and flags: fair, told in words, absent where nothing was measured."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from plosive.quality.definitions import DEFINITIONS
from plosive.quality.difference import EdgeMeasure, OutsideMeasure
from plosive.quality.figure import Figure
from plosive.quality.flags import flags_of, flags_outside, severity
from plosive.quality.measured import figures_of, measure_take
from plosive.quality.points import points_of
from plosive.quality.take import Take

MakeTake = Callable[..., Take]
GOOD = {
    "closures": 1.0, "lag": -10.0, "sync": 5.0, "r_aperture": 0.75, "r_jaw": 0.8, "r_width": 0.5,
    "amplitude_aperture": 1.0, "silence_aperture": 0.0, "silence_speed": 0.1, "sharpness": 1.0,
    "sharpness_fast": 1.0, "seam": 1.0, "ring_colour": 0.0, "flicker": 1.0, "popping": 1.0,
    "popping_peaks": 1.0,
    "jitter": 1.0, "colour_drift": 0.0, "outline_drift": 0.0, "teeth_drift": 0.0,
}  # fmt: skip


def figures(**values: float | None) -> list[Figure]:
    return [Figure(DEFINITIONS[key], value, 10) for key, value in {**GOOD, **values}.items()]


def points(**values: float | None) -> dict[str, float | None]:
    return {point.key: point.value for point in points_of(figures(**values))}


def named(index: int) -> str:
    return f"#{index}"


def test_all_well_is_five() -> None:
    assert points() == {"closures": 1, "sharp": 1, "seam": 1, "natural": 1, "stable": 1}


@pytest.mark.parametrize(
    ("key", "better", "worse", "point"),
    [
        ("closures", 0.8, 0.3, "closures"),
        ("lag", 60.0, 160.0, "closures"),
        ("lag", -60.0, -160.0, "closures"),
        ("sync", 2.5, 1.0, "closures"),
        ("sharpness_fast", 0.9, 0.5, "sharp"),
        ("sharpness", 2.0, 2.8, "sharp"),
        ("seam", 1.3, 2.0, "seam"),
        ("ring_colour", 1.5, 5.0, "seam"),
        ("r_aperture", 0.1, -0.3, "natural"),
        ("amplitude_aperture", 0.6, 0.2, "natural"),
        ("amplitude_aperture", 2.0, 3.0, "natural"),
        ("silence_aperture", 0.07, 0.15, "natural"),
        ("silence_speed", 0.4, 0.8, "natural"),
        ("flicker", 1.4, 3.0, "stable"),
        ("popping", 1.5, 3.0, "stable"),
        ("popping_peaks", 2.0, 4.0, "stable"),
        ("jitter", 1.5, 3.0, "stable"),
        ("colour_drift", 2.0, 6.0, "stable"),
        ("outline_drift", 0.04, 0.1, "stable"),
        ("teeth_drift", 0.5, 1.0, "stable"),
    ],
)
def test_each_fault_costs_its_point_and_no_other(key: str, better: float, worse: float, point: str) -> None:
    mild, bad = points(**{key: better}), points(**{key: worse})
    assert 1 > mild[point] > bad[point] > 0  # type: ignore[operator]
    others = {name for name in mild if name != point}
    if key != "amplitude_aperture":
        assert all(bad[name] == 1 for name in others)


def test_what_was_not_measured_has_no_point_and_says_what_is_missing() -> None:
    found = {point.key: point for point in points_of(figures(seam=None, ring_colour=None))}
    assert found["seam"].value is None
    assert "--plate" in found["seam"].reason
    nothing = points_of([Figure(definition, None, 0) for definition in DEFINITIONS.values()])
    assert all(point.value is None for point in nothing)


def test_reasons_tell_the_weakest_part() -> None:
    found = {point.key: point.reason for point in points_of(figures(lag=150.0, popping_peaks=4.0))}
    assert "150 ms late" in found["closures"]
    assert "4.0 times" in found["stable"]
    assert all(reason.endswith(".") for reason in found.values())


def test_severity_rises_from_limit_to_worst() -> None:
    assert severity(0.02, 0.02, 0.15) == pytest.approx(0.1)
    assert severity(9.0, 0.02, 0.15) == 1.0
    assert severity(0.5, 0.7, 0.3) == pytest.approx(0.55)


def test_a_good_take_has_no_flags(make_take: MakeTake) -> None:
    assert flags_of(measure_take(make_take(plate=True)), 1, 1001, named) == ()


def test_each_fault_is_flagged_where_it_is(make_take: MakeTake) -> None:
    take = make_take(plate=True)
    count = len(take.seen)
    detail = take.seen.detail.copy()
    detail[20:28, 0] /= 25
    edges = tuple(EdgeMeasure(2.5, 1.0) if 40 <= row < 46 else None for row in range(count))
    hurt = replace(take, seen=replace(take.seen, detail=detail), edges=edges)
    flags = flags_of(measure_take(hurt), 3, 1001, named)
    soft = next(flag for flag in flags if flag.figure == "sharpness")
    assert (soft.first_frame, soft.last_frame_inclusive, soft.face) == (1021, 1028, 3)
    assert soft.value == pytest.approx(0.2, abs=0.05)
    seam = next(flag for flag in flags if flag.figure == "seam")
    assert (seam.first_frame, seam.last_frame_inclusive) == (1041, 1046)


def test_missed_closures_name_phone_and_timecode(make_take: MakeTake) -> None:
    take = make_take(plate=True)
    wide = np.full(len(take.seen), 0.1, np.float32)
    measured = measure_take(replace(take, seen=replace(take.seen, aperture=wide)))
    flags = [flag for flag in flags_of(measured, 1, 0, named) if flag.figure == "closures"]
    assert len(flags) == len(measured.closures)
    assert all(f"at #{(flag.first_frame + 2)}" in flag.sentence for flag in flags if flag.first_frame > 0)
    (closures, *_) = figures_of([measured], named)
    assert closures.value == 0
    assert closures.details["misses"][0]["phone"] in "MBP"  # type: ignore[index]


def test_a_mouth_that_stands_still_while_the_dub_speaks_is_flagged(make_take: MakeTake) -> None:
    take = make_take(plate=True)
    still = np.repeat(take.seen.channels[:1], len(take.seen), axis=0)
    flags = flags_of(measure_take(replace(take, seen=replace(take.seen, channels=still))), 1, 0, named)
    frozen = [flag for flag in flags if flag.figure == "amplitude_aperture"]
    assert frozen and frozen[0].severity > 0.9


def test_changes_outside_are_flagged_in_a_lossless_result_only() -> None:
    lossless = OutsideMeasure(samples=1000, different=4, largest=9, frames=100, changed_indices=[5, 6, 50])
    flags = flags_outside(lossless, 1001)
    assert [(flag.first_frame, flag.last_frame_inclusive) for flag in flags] == [(1006, 1007), (1051, 1051)]
    lossy = OutsideMeasure(samples=1000, different=900, frames=100, changed_indices=list(range(100)))
    assert flags_outside(lossy, 1001) == ()


def test_the_docs_tell_every_figure_as_the_code_does() -> None:
    text = (Path(__file__).resolve().parents[3] / "docs" / "quality.md").read_text(encoding="utf-8")
    for definition in DEFINITIONS.values():
        assert f"`{definition.key}`: {definition.title}" in text
        assert definition.text in text
        if definition.reference is not None:
            assert "{:g} to {:g}".format(*definition.reference) in text
