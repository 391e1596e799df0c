# SPDX-License-Identifier: Apache-2.0
"""Real footage and the same footage damaged: figures move the right way, and the score orders them.

Three clips of the material here, in about two minutes; `truth_table.py` makes the whole table of
docs/quality.md.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

CLIPS = ("grid_sbia1a", "grid_lbbc2a", "vr_face5")
Found = list[Any]  # of truth_table.Case, a module that is loaded by its place
HEARD = (*CLIPS, "grid_bbaf2n", "grid_lrwp9a", "ve_RD_Radio10")

# state, figure, whether it must rise (+1) or fall (-1) from the real clip to mild, and again to bad
MOVES = (
    ("blur", "sharpness", -1),
    ("blur", "sharpness_fast", -1),
    ("patch", "ring_colour", +1),
    ("patch", "seam", +1),
    ("frozen", "r_aperture", -1),
    ("jitter", "jitter", +1),
    ("teeth", "popping", +1),
    ("teeth", "popping_peaks", +1),
    ("flicker", "flicker", +1),
    ("drift", "colour_drift", +1),
)


@pytest.fixture(scope="module")
def truth(damage: ModuleType, material: Path, load_beside: Callable[[str], ModuleType]) -> ModuleType:
    del damage, material
    return load_beside("truth_table")


@pytest.fixture(scope="module")
def found(
    truth: ModuleType, damage: ModuleType, material: Path, tmp_path_factory: pytest.TempPathFactory
) -> list:
    clips = {clip.name: clip for clip in damage.CLIPS}
    speeches = {name: truth.heard(clips[name], material) for name in HEARD}
    folder = tmp_path_factory.mktemp("truth")
    return [case for name in CLIPS for case in truth.cases(clips[name], material, folder, speeches)]


def value(found: Found, clip: str, state: str, level: str, key: str) -> float:
    (case, *_) = [case for case in found if (case.clip, case.damage, case.level) == (clip, state, level)]
    figure = case.card.figure(key)
    assert figure is not None and figure.value is not None
    return float(figure.value)


@pytest.mark.parametrize(("state", "key", "way"), MOVES, ids=lambda one: str(one))
def test_each_damage_moves_its_figure(found: Found, state: str, key: str, way: int) -> None:
    for clip in CLIPS:
        real = value(found, clip, "real", "real", key)
        mild, bad = value(found, clip, state, "mild", key), value(found, clip, state, "bad", key)
        # A mild fault may be too small to see in a small mouth.
        assert way * (mild - real) >= -0.02, (clip, real, mild)
        assert way * (bad - real) > 0.05, (clip, real, bad)
        assert way * (bad - mild) > 0, (clip, mild, bad)


def test_shifts_are_found_to_a_frame(found: Found) -> None:
    for clip in CLIPS:
        own = value(found, clip, "real", "real", "lag")
        for frames, level in ((2, "mild"), (4, "middling"), (8, "bad")):
            for sign in (1, -1):  # a later sound is an earlier picture
                lag = value(found, clip, f"shift{sign * frames:+d}", level, "lag")
                assert lag - own == pytest.approx(-40 * sign * frames, abs=25), clip


def test_a_mouth_frozen_throughout_does_not_move(found: Found) -> None:
    for clip in CLIPS:
        assert value(found, clip, "frozen", "bad", "amplitude_aperture") < 0.2
        assert value(found, clip, "real", "real", "amplitude_aperture") > 0.6


def test_a_wrong_sound_has_less_evidence(found: Found) -> None:
    for clip in CLIPS:
        own, wrong = (
            value(found, clip, "real", "real", "sync"),
            value(found, clip, "wrong sound", "bad", "sync"),
        )
        assert own > 3 > wrong


def test_the_score_orders_nearly_all_pairs(found: Found, truth: ModuleType) -> None:
    pairs = truth.ordered_pairs(found)
    wrong = [
        (better.clip, better.damage, worse.damage, worse.level) for better, worse, right in pairs if not right
    ]
    assert len(pairs) >= 90
    assert len(wrong) <= 0.05 * len(pairs), wrong
