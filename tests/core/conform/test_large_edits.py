# SPDX-License-Identifier: Apache-2.0
"""Reels of full length: 2,000 clips are read and planned in seconds."""

from __future__ import annotations

import time
from typing import Any

from plosive.conform import render_groups


def test_two_thousand_clips_within_ten_seconds(edits: Any, warp: Any) -> None:
    clips = [
        edits.clip(
            (86400 + 13 * number % 5000, 20 + number % 30, 24),
            (86400, 6000, 24),
            first_file=1001 if number % 3 else None,
            url=f"/gone/{number % 400}.mov",
            effects=(warp(2),) if number % 7 == 0 else (),
            name=f"clip {number}",
        )
        for number in range(2000)
    ]
    timeline = edits.timeline(clips, start=(86400, 24))
    started = time.process_time()
    edit = edits.read(timeline, handles=12)
    groups = render_groups(edit.shots)
    spent = time.process_time() - started
    assert len(edit.shots) == 2000
    assert groups == ()  # nothing of it is there
    assert edit.duration_frames == sum(20 + number % 30 for number in range(2000))
    assert spent < 10
