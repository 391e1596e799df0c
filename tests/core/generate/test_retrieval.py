# SPDX-License-Identifier: Apache-2.0
"""Sources are chosen in runs, closed mouths come from closed mouths, and the choice repeats."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from plosive.generate.retrieval import MouthAsk, SourceLooks, choose_sources

COUNT = 60
RED = np.full(COUNT, 0.5, np.float32)


def mouths(gap: NDArray[np.float32]) -> MouthAsk:
    """Mouths that differ in their gap only; lips follow it."""
    count = len(gap)
    return MouthAsk(
        lips=np.repeat(gap[:, None], 120, axis=1) * np.float32(0.5),
        gap=gap,
        chin=gap * np.float32(0.5),
        lip_heights=np.full((count, 2), 0.1, dtype=np.float32),
        angles=np.zeros((count, 3), dtype=np.float32),
        light=np.full((count, 192), 0.5, dtype=np.float32),
        shown=np.zeros((count, 4), dtype=np.float32),
        trust=np.zeros(count, dtype=np.float32),
        tuck=np.zeros(count, dtype=np.float32),
    )


def looks(
    rows: NDArray[np.int64],
    inside: NDArray[np.float32],
    sharpness: NDArray[np.float32] | None = None,
    red: NDArray[np.float32] = RED,
) -> SourceLooks:
    sharp = np.ones(len(rows), np.float32) if sharpness is None else sharpness
    return SourceLooks(rows, inside, sharp, red[: len(rows)])


def talking() -> NDArray[np.float32]:
    """A mouth that opens and closes every 12 frames: 0 to 0.2."""
    return (0.1 - 0.1 * np.cos(np.arange(COUNT) * 2 * np.pi / 12)).astype(np.float32)


def chosen(asked: NDArray[np.float32], known: NDArray[np.float32], seed: int = 0) -> NDArray[np.int64]:
    inside = np.repeat(known[:, None, None], 30, axis=1).repeat(3, axis=2) * 2
    rows = np.arange(len(known), dtype=np.int64)
    return choose_sources(mouths(asked), mouths(known), looks(rows, inside), seed=seed)


def test_what_the_plate_already_does_is_taken_from_the_plate() -> None:
    gap = talking()
    path = chosen(gap, gap)
    assert np.abs(gap[path] - gap).max() < 1e-6
    assert (np.diff(path) == 1).mean() > 0.9


def test_closed_mouths_come_from_settled_closures() -> None:
    known = np.full(COUNT, 0.1, dtype=np.float32)
    known[20:25] = 0.0
    path = chosen(np.zeros(8, dtype=np.float32), known)
    assert set(path.tolist()) <= {21, 22, 23}, "not the frames where lips just meet or part"


def test_closed_mouths_that_show_teeth_are_passed_over() -> None:
    known = np.zeros(COUNT, dtype=np.float32)
    inside = np.full((COUNT, 30, 3), 0.2, dtype=np.float32)
    inside[:20] = 0.7
    asked = mouths(np.zeros(8, dtype=np.float32))
    rows = np.arange(COUNT, dtype=np.int64)
    path = choose_sources(asked, mouths(known), looks(rows, inside))
    assert path.min() >= 20


def test_closed_mouths_with_a_dark_hole_are_passed_over() -> None:
    known = np.zeros(COUNT, dtype=np.float32)
    inside = np.full((COUNT, 12, 32, 3), 0.3, dtype=np.float32)
    inside[:, :, :6] = 0.05  # mouth corners are dark in any mouth
    inside[:20, 4:8, 12:20] = 0.05
    asked = mouths(np.zeros(8, dtype=np.float32))
    rows = np.arange(COUNT, dtype=np.int64)
    path = choose_sources(asked, mouths(known), looks(rows, inside))
    assert path.min() >= 20


def test_closed_mouths_with_the_lip_rolled_in_are_passed_over() -> None:
    known = np.zeros(COUNT, dtype=np.float32)
    inside = np.full((COUNT, 30, 3), 0.3, dtype=np.float32)
    red = RED.copy()
    red[:20] = 0.35
    asked = mouths(np.zeros(8, dtype=np.float32))
    rows = np.arange(COUNT, dtype=np.int64)
    path = choose_sources(asked, mouths(known), looks(rows, inside, red=red))
    assert path.min() >= 20


def test_runs_are_long_even_when_the_rhythm_differs() -> None:
    asked = (0.1 - 0.1 * np.cos(np.arange(48) * 2 * np.pi / 16)).astype(np.float32)
    path = chosen(asked, talking())
    jumps = (~np.isin(np.diff(path), (-1, 0, 1))).sum()
    assert 48 / (jumps + 1) > 4


def test_the_same_seed_gives_the_same_path() -> None:
    asked = talking()[::-1].copy()
    assert np.array_equal(chosen(asked, talking(), 7), chosen(asked, talking(), 7))


def test_gaps_in_the_library_are_no_runs() -> None:
    known = talking()
    rows = np.concatenate([np.arange(30), np.arange(100, 130)]).astype(np.int64)
    inside = np.random.default_rng(0).uniform(0, 1, (COUNT, 30, 3)).astype(np.float32)
    path = choose_sources(mouths(known), mouths(known), looks(rows, inside))
    assert len(path) == COUNT and path.min() >= 0 and path.max() < COUNT


def test_a_frame_is_never_its_own_source() -> None:
    gap = talking()
    inside = np.repeat(gap[:, None, None], 30, axis=1).repeat(3, axis=2) * 2
    rows = np.arange(COUNT, dtype=np.int64)
    path = choose_sources(mouths(gap), mouths(gap), looks(rows, inside), own=rows)
    assert (path != rows).all()
    assert np.abs(gap[path] - gap).mean() < 0.03, "its neighbours serve as well"


def test_the_only_source_there_is_serves_its_own_frame_too() -> None:
    one = np.zeros(1, np.float32)
    rows = np.zeros(1, dtype=np.int64)
    path = choose_sources(mouths(one), mouths(one), looks(rows, np.zeros((1, 30, 3), np.float32)), own=rows)
    assert path.tolist() == [0]


def test_of_mouths_shaped_alike_the_one_that_shows_what_the_sound_asks_is_taken() -> None:
    known = np.full(COUNT, 0.1, dtype=np.float32)
    sources = mouths(known)
    shown = np.zeros((COUNT, 4), dtype=np.float32)
    shown[30:, :2] = 0.5
    sources = replace(sources, shown=shown, trust=np.ones(COUNT, np.float32))
    asked = mouths(np.full(6, 0.1, dtype=np.float32))
    teeth = np.tile(np.array([0.5, 0.5, 0, 0], np.float32), (6, 1))
    rows, inside = np.arange(COUNT, dtype=np.int64), np.full((COUNT, 30, 3), 0.3, np.float32)
    for wanted, first, last in ((teeth, 30, 59), (np.zeros_like(teeth), 0, 29)):
        wish = replace(asked, shown=wanted, trust=np.ones(6, np.float32))
        path = choose_sources(wish, sources, looks(rows, inside))
        assert first <= path.min() and path.max() <= last


def test_a_tucked_lip_is_taken_for_f() -> None:
    known = np.full(COUNT, 0.03, dtype=np.float32)
    tucked = np.zeros(COUNT, np.float32)
    tucked[40:50] = 0.9
    asked = replace(mouths(np.full(5, 0.03, dtype=np.float32)), tuck=np.ones(5, np.float32))
    rows, inside = np.arange(COUNT, dtype=np.int64), np.full((COUNT, 30, 3), 0.3, np.float32)
    path = choose_sources(asked, replace(mouths(known), tuck=tucked), looks(rows, inside))
    assert path.min() >= 40 and path.max() < 50


def test_sources_smeared_by_motion_are_not_taken() -> None:
    known = talking()
    sharpness = np.ones(COUNT, np.float32)
    sharpness[24:36] = 0.5
    inside = np.repeat(known[:, None, None], 30, axis=1).repeat(3, axis=2) * 2
    rows = np.arange(COUNT, dtype=np.int64)
    path = choose_sources(mouths(known), mouths(known), looks(rows, inside, sharpness))
    assert not np.isin(path, np.arange(24, 36)).any()


def test_thin_lips_are_not_stretched_to_full_ones() -> None:
    known = np.zeros(COUNT, dtype=np.float32)
    thin = mouths(known)
    heights = thin.lip_heights.copy()
    heights[:40] = 0.05
    rows, inside = np.arange(COUNT, dtype=np.int64), np.full((COUNT, 30, 3), 0.3, np.float32)
    asked = mouths(np.zeros(5, dtype=np.float32))
    assert choose_sources(asked, replace(thin, lip_heights=heights), looks(rows, inside)).min() >= 40


def test_a_closed_source_does_not_escape_what_the_sound_asks() -> None:
    """It shows nothing, so it may not stand for what is asked better than one that shows it."""
    known = np.full(COUNT, 0.08, dtype=np.float32)
    trust, shown = np.ones(COUNT, np.float32), np.zeros((COUNT, 4), np.float32)
    trust[:20] = 0
    shown[20:40] = 0.9
    shown[40:] = 0.5
    asked = replace(
        mouths(np.full(4, 0.08, dtype=np.float32)),
        shown=np.full((4, 4), 0.45, np.float32),
        trust=np.ones(4, np.float32),
    )
    rows, inside = np.arange(COUNT, dtype=np.int64), np.full((COUNT, 30, 3), 0.3, np.float32)
    path = choose_sources(asked, replace(mouths(known), shown=shown, trust=trust), looks(rows, inside))
    assert path.min() >= 40


def test_a_source_held_through_its_own_row_gives_way_for_more_than_a_frame() -> None:
    """Source 10 fits rows 5 to 15 best, source 40 nearly so: showing 40 in row 10 alone would pop."""
    known = np.full(COUNT, 0.3, dtype=np.float32)
    known[10], known[40] = 0.1, 0.102
    inside = np.full((COUNT, 30, 3), 0.3, np.float32)
    inside[40] = 0.33
    rows = np.arange(COUNT, dtype=np.int64)
    path = choose_sources(
        mouths(np.full(21, 0.1, np.float32)), mouths(known), looks(rows, inside), own=rows[:21]
    )
    assert path[10] != 10
    runs = np.diff(np.flatnonzero(np.diff(path) != 0))
    assert len(runs) == 0 or runs.min() >= 3
