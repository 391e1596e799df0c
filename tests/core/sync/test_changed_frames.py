# SPDX-License-Identifier: Apache-2.0
"""The renderer knows before it begins which frames will differ from the plate."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np

from plosive.sync.render import Part, Renderer


def part(first_row: int, blend: list[float]) -> Part:
    """A face that is there from frame `first_row` on."""
    track: Any = SimpleNamespace(row=lambda frame: None if frame < first_row else frame - first_row)
    visibility: Any = SimpleNamespace(blend=np.array(blend))
    shot: Any = SimpleNamespace(track=track)
    plan: Any = None
    return Part(shot, visibility, plan)


def test_frames_that_any_face_is_blended_into_are_changed() -> None:
    maker: Any = None
    parts = [part(1, [1.0, 1.0, 0.5, 0.0, 0.0, 0.0]), part(0, [0.0, 0.0, 0.0, 0.0, 0.01, 0.0])]
    assert Renderer(parts, maker, 1).changed_frames(6) == {1, 2, 4}
    assert Renderer(parts[:1], maker, 1).changed_frames(6) == {1, 2}
    assert Renderer([], maker, 1).changed_frames(6) == frozenset()
