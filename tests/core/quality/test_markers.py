# SPDX-License-Identifier: Apache-2.0
"""Markers reopen in OpenTimelineIO where they were, at the exact rate."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest

from plosive.errors import MediaReadError, MediaWriteError
from plosive.quality.markers import write_markers
from plosive.quality.scorecard import Scorecard

RATE = 24000 / 1001


def reopened(card: Scorecard, path: Path) -> tuple[Any, Any]:
    """The timeline and its only clip."""
    write_markers(card, path)
    timeline = otio.adapters.read_from_file(str(path))
    (track,) = timeline.tracks
    (clip,) = track
    return timeline, clip


def span(start: int, frames: int, rate: float) -> Any:
    return otio.opentime.TimeRange(
        otio.opentime.RationalTime(start, rate), otio.opentime.RationalTime(frames, rate)
    )


def test_markers_lie_on_the_medias_timecode(small_card: Scorecard, tmp_path: Path) -> None:
    timeline, clip = reopened(small_card, tmp_path / "m.otio")
    hour = 3600 * 24
    assert timeline.global_start_time == otio.opentime.RationalTime(hour, RATE)
    assert timeline.global_start_time.rate == RATE
    assert otio.opentime.to_timecode(timeline.global_start_time, RATE) == "01:00:00:00"
    assert clip.available_range() == clip.source_range == span(hour, 12, RATE)
    closures, flicker = clip.markers
    assert closures.marked_range == span(hour + 2, 3, RATE)
    assert closures.marked_range.start_time.rate == RATE
    assert (closures.name, closures.comment) == ("Closures", "The lips stay open on b.")
    assert closures.color == otio.schema.MarkerColor.RED
    assert dict(closures.metadata["plosive"]) == {
        "first_frame": 2,
        "last_frame_inclusive": 4,
        "figure": "closures",
        "severity": 0.75,
        "value": 0.1,
        "reference": 0.85,
        "face": 1,
        "sentence": "The lips stay open on b.",
    }
    assert flicker.marked_range == span(hour + 9, 1, RATE)
    assert (flicker.name, flicker.color) == ("flicker", otio.schema.MarkerColor.YELLOW)
    assert flicker.metadata["plosive"]["value"] is None
    assert timeline.metadata["plosive"]["schema"] == "plosive.markers.v1"


def test_writing_again_what_was_read_changes_nothing(small_card: Scorecard, tmp_path: Path) -> None:
    timeline, _ = reopened(small_card, tmp_path / "m.otio")
    again = otio.adapters.read_from_string(otio.adapters.write_to_string(timeline, "otio_json"), "otio_json")
    assert again.is_equivalent_to(timeline)


def test_the_media_is_a_proper_url(small_card: Scorecard, tmp_path: Path) -> None:
    result = tmp_path / "Übung 50%.mov"
    _, clip = reopened(replace(small_card, result=result), tmp_path / "m.otio")
    url = clip.media_reference.target_url
    assert url.startswith("file:///") and url.endswith("/%C3%9Cbung%2050%25.mov")
    assert Path(otio.url_utils.filepath_from_url(url)) == result
    assert clip.name == "Übung 50%.mov"


def test_drop_frame_counts_frames(small_card: Scorecard, tmp_path: Path) -> None:
    rate = Fraction(30000, 1001)
    card = replace(small_card, frame_rate=rate, start_timecode="01:00:59;28")
    _, clip = reopened(card, tmp_path / "m.otio")
    start = clip.markers[0].marked_range.start_time
    assert otio.opentime.to_timecode(start, float(rate), True) == card.timecode(2) == "01:01:00;02"


def test_without_timecode_frame_numbers_count(small_card: Scorecard, tmp_path: Path) -> None:
    for number in range(1001, 1013):
        (tmp_path / f"shot.{number:04d}.exr").touch()
    card = replace(
        small_card,
        result=tmp_path / "shot.%04d.exr",
        frame_rate=Fraction(25),
        first_frame=1001,
        start_timecode=None,
        flags=(replace(small_card.flags[0], first_frame=1005, last_frame_inclusive=1006, severity=0.5),),
    )
    _, clip = reopened(card, tmp_path / "m.otio")
    media = clip.media_reference
    assert isinstance(media, otio.schema.ImageSequenceReference)
    assert (media.start_frame, media.end_frame(), media.frame_zero_padding) == (1001, 1012, 4)
    assert clip.source_range == media.available_range == span(1001, 12, 25.0)
    (marker,) = clip.markers
    assert marker.marked_range == span(1005, 2, 25.0)
    assert marker.color == otio.schema.MarkerColor.ORANGE
    assert media.frame_for_time(marker.marked_range.start_time) == 1005
    first = Path(otio.url_utils.filepath_from_url(media.target_url_for_image_number(0)))
    assert first == tmp_path / "shot.1001.exr"
    assert clip.name == "shot.[1001-1012].exr"
    with pytest.raises(MediaReadError, match="No file matches"):
        write_markers(replace(card, result=tmp_path / "gone.%04d.exr"), tmp_path / "n.otio")


def test_no_flags_give_no_markers(small_card: Scorecard, tmp_path: Path) -> None:
    _, clip = reopened(replace(small_card, flags=()), tmp_path / "m.otio")
    assert list(clip.markers) == []
    assert clip.source_range.duration.value == 12


def test_an_existing_file_is_replaced_only_when_asked(small_card: Scorecard, tmp_path: Path) -> None:
    path = tmp_path / "m.otio"
    path.write_text("mine")
    with pytest.raises(MediaWriteError, match="exists already"):
        write_markers(small_card, path)
    assert path.read_text() == "mine"
    write_markers(small_card, path, overwrite=True)
    assert len(otio.adapters.read_from_file(str(path)).find_clips()[0].markers) == 2
    with pytest.raises(MediaWriteError, match=r"must end in \.otio"):
        write_markers(small_card, tmp_path / "m.edl")
