# SPDX-License-Identifier: Apache-2.0
"""What the report and the terminal say of shots: once, and only what is of use. Results are made by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import opentimelineio as otio
import pytest

from plosive.conform import Edit, read_edit
from plosive.reel.results.outcome import KEPT, SYNCED, ConformResult, LanguageResult, ShotOutcome
from plosive.reel.results.report import report_page
from plosive.reel.results.telling import tell

_OF_ALL, _OF_ONE = "No words were given.", "The lips of 4 frames stay open."


@pytest.fixture
def edit(tmp_path: Path) -> Edit:
    """Three shots of media that is nowhere."""

    def time(frames: int) -> otio.opentime.RationalTime:
        return otio.opentime.RationalTime(frames, 24)

    track = otio.schema.Track("V1", kind="Video")
    for number in (1, 2, 3):
        media = otio.schema.ExternalReference(target_url="gone.mov")
        span = otio.opentime.TimeRange(time(10 * number), time(10))
        track.append(otio.schema.Clip(f"s{number}", media, span))
    timeline = otio.schema.Timeline("reel")
    timeline.tracks.append(track)
    path = tmp_path / "reel.otio"
    otio.adapters.write_to_file(timeline, str(path))
    return read_edit(path)


def test_a_note_of_all_synced_shots_is_told_once(edit: Edit, tmp_path: Path) -> None:
    first, second, third = (ShotOutcome(shot, SYNCED, warnings=(_OF_ALL,)) for shot in edit.shots)
    second = replace(second, warnings=(_OF_ALL, _OF_ONE))
    left = replace(third, state=KEPT, reason="Nobody speaks in it.", warnings=())
    page = report_page(edit, LanguageResult("de", "de.wav", (first, second, left)), tmp_path)
    assert page.count(_OF_ALL) == 1 and f"All synced shots: {_OF_ALL}" in page
    assert page.count(_OF_ONE) == 1 and f"All synced shots: {_OF_ONE}" not in page
    alone = report_page(edit, LanguageResult("de", "de.wav", (first, left)), tmp_path)
    assert alone.count(_OF_ALL) == 1 and "All synced shots" not in alone


def test_offline_media_is_explained_once_and_named_at_each_shot(edit: Edit) -> None:
    shots = tuple(ShotOutcome(shot, KEPT, edit.offline[0].sentence) for shot in edit.shots)
    lines = list(tell(ConformResult(edit, (LanguageResult("de", "de.wav", shots),)), dry_run=True))
    assert sum("--media" in line for line in lines) == 1
    assert sum(line.endswith("Its media is offline, see above.") for line in lines) == 3


def test_one_shot_is_not_called_shots(edit: Edit) -> None:
    alone = replace(edit, shots=edit.shots[:1], offline=())
    shots = (ShotOutcome(edit.shots[0], SYNCED),)
    lines = list(tell(ConformResult(alone, (LanguageResult("de", "de.wav", shots),)), dry_run=True))
    assert lines[0].startswith("reel: 1 shot, ") and "  Would sync 1 of 1 shot." in lines
