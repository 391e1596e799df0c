# SPDX-License-Identifier: Apache-2.0
"""The path is the cheapest there is, though jumps that cannot matter are left out."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from numpy.typing import NDArray

from plosive.generate.path import Steps, best_path


def random_steps(count: int, chance: np.random.Generator) -> Steps:
    change = chance.uniform(0, 0.1, (count, count)).astype(np.float32)
    back = chance.uniform(0, 0.05, count).astype(np.float32)
    return Steps(np.append(chance.uniform(size=count - 1) < 0.7, False), change, back)


def price(
    path: NDArray[np.int64], costs: NDArray[np.float32], steps: Steps, shown: NDArray[np.float32]
) -> float:
    total = float(costs[0, path[0]])
    for step in range(1, len(path)):
        one, other = int(path[step - 1]), int(path[step])
        ways = [0.004 + float(shown[step] * steps.change[one, other])]
        if one == other:
            ways.append(0.004)
        if other == one + 1 and steps.follows[one]:
            ways.append(0.0)
        if other == one - 1 and steps.follows[other]:
            ways.append(0.002 + float(shown[step] * steps.back[other]))
        total += min(ways) + float(costs[step, other])
    return total


@pytest.mark.parametrize("seed", range(6))
def test_no_other_path_is_cheaper(seed: int) -> None:
    chance = np.random.default_rng(seed)
    steps = random_steps(4, chance)
    costs = chance.uniform(0, 0.06, (5, 4)).astype(np.float32)
    shown = chance.uniform(0.3, 1, 5).astype(np.float32)
    found = price(best_path(iter(costs), steps, shown), costs, steps, shown)
    least = min(price(np.array(path), costs, steps, shown) for path in product(range(4), repeat=5))
    assert found == pytest.approx(least, abs=1e-6)


def test_many_sources_and_long_shots_end_where_all_jumps_would() -> None:
    chance = np.random.default_rng(1)
    steps = random_steps(120, chance)
    costs = chance.uniform(0, 0.2, (60, 120)).astype(np.float32)
    shown = np.ones(60, np.float32)
    total = costs[0].astype(np.float64)
    others = 0.004 + steps.change.astype(np.float64)
    np.fill_diagonal(others, 0.004)
    after = np.flatnonzero(steps.follows)
    others[after + 1, after] = np.minimum(others[after + 1, after], 0.002 + steps.back[after])
    others[after, after + 1] = 0
    for cost in costs[1:]:
        total = (total[:, None] + others).min(axis=0) + cost
    found = price(best_path(iter(costs), steps, shown), costs, steps, shown)
    assert found == pytest.approx(float(total.min()), abs=1e-4)


def test_two_mouths_that_differ_are_not_shown_in_turn() -> None:
    """Each frame is a little likelier to be the one or the other; what is seen between them decides."""
    costs = np.full((12, 3), 0.5, np.float32)
    costs[:, :2] = 0.1
    costs[::2, 0] -= 0.01
    costs[1::2, 1] -= 0.01
    follows = np.array([True, False, False])
    shown = np.ones(12, np.float32)
    change = np.full((3, 3), 0.06, np.float32)
    alike = best_path(iter(costs), Steps(follows, change, np.zeros(3, np.float32)), shown)
    assert (np.diff(alike) != 0).sum() == 11
    differ = best_path(iter(costs), Steps(follows, change, np.full(3, 0.06, np.float32)), shown)
    assert (np.diff(differ) != 0).sum() <= 1
