# SPDX-License-Identifier: Apache-2.0
"""Shots of one source: rendered once where their frames meet and lie alike in the edit."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import opentimelineio as otio
import pytest

from plosive.conform import render_groups
from plosive.media import FrameRange


@pytest.fixture
def url(edits: Any) -> str:
    return str(edits.movie("a.mov", 100, Fraction(24)))


def groups(edit: Any) -> list[tuple[FrameRange, tuple[int, ...]]]:
    return [(group.source_frames, group.shots) for group in render_groups(edit.shots)]


def test_a_clip_that_was_cut_in_two_is_one_render(edits: Any, url: str) -> None:
    clips = [edits.clip((20, 10, 24), url=url), edits.clip((30, 10, 24), url=url)]
    edit = edits.read(edits.timeline(clips), handles=4)
    assert groups(edit) == [(FrameRange(16, 43), (1, 2))]


def test_a_cutaway_between_is_covered_by_handles_or_not(edits: Any, url: str) -> None:
    gap = otio.schema.Gap(source_range=edits.range(0, 10))
    clips = [edits.clip((20, 10, 24), url=url), gap, edits.clip((40, 10, 24), url=url)]
    assert len(groups(edits.read(edits.timeline(clips), handles=4))) == 2
    clips = [clip.clone() for clip in clips]
    assert groups(edits.read(edits.timeline(clips), handles=5)) == [(FrameRange(15, 54), (1, 2))]


def test_the_same_frames_at_another_moment_are_another_render(edits: Any, url: str) -> None:
    clips = [edits.clip((20, 10, 24), url=url), edits.clip((20, 10, 24), url=url)]
    edit = edits.read(edits.timeline(clips))
    assert groups(edit) == [(FrameRange(20, 29), (1,)), (FrameRange(20, 29), (2,))]
    same = render_groups(edit.shots, placement=lambda shot: "no sound")
    assert [group.shots for group in same] == [(1, 2)]


def test_shots_that_cannot_be_synced_are_in_no_group(edits: Any, url: str, warp: Any) -> None:
    off = edits.clip((20, 10, 24), url=url)
    off.enabled = False
    clips = [off, edits.clip((500, 10, 24), url=url), edits.clip((0, 10, 24), url="/gone.mov")]
    assert groups(edits.read(edits.timeline(clips))) == []
