# SPDX-License-Identifier: Apache-2.0
"""Edits of real programs (../shared/material/otio): each reads or says why not, and agrees with the
library.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import opentimelineio as otio
import pytest

from plosive.conform import Edit, read_edit
from plosive.errors import PlosiveError

MATERIAL = Path(__file__).resolve().parents[4] / "shared" / "material" / "otio"
REFUSED = {
    "fcp7_premiere_example_filter.xml": "No top-level sequences",
    "fcpx_fcpx_clips.fcpxml": "holds no timeline",
    "otio_image_reference_sample.otio": r"does not know its ImageReference\.1;",
    "otio_premiere_example.otio": r"Marker\.3",
    "otio_screening_example.otio": r"Marker\.3",
    "sample.ale": "no edit that Plosive reads",
    "sampleUHD.ale": "no edit that Plosive reads",
}
SEVERAL = ("fcpx_example.fcpxml", "fcpx_fcpx_event.fcpxml", "fcpx_fcpx_library.fcpxml")

pytestmark = pytest.mark.skipif(not MATERIAL.is_dir(), reason="the edits of ../shared/material are not there")


def files(*suffixes: str) -> Iterator[Path]:
    names = sorted(MATERIAL.iterdir()) if MATERIAL.is_dir() else []
    return (path for path in names if path.suffix in suffixes)


@pytest.fixture(scope="module")
def read() -> dict[str, Edit | PlosiveError]:
    """Every file, read once."""
    found: dict[str, Edit | PlosiveError] = {}
    for path in files(".aaf", ".edl", ".xml", ".fcpxml", ".otio", ".ale"):
        try:
            found[path.name] = read_edit(path)
        except PlosiveError as error:
            found[path.name] = error
    return found


def test_every_file_reads_or_gives_one_sentence(read: dict[str, Edit | PlosiveError]) -> None:
    assert len(read) > 70
    for name, edit in read.items():
        if name in REFUSED or name in SEVERAL:
            assert re.search(REFUSED.get(name, "holds 2 timelines"), str(edit)), name
            continue
        assert isinstance(edit, Edit), name
        assert edit.rate > 23, name
        count = sum(1 for _ in clips_with_media(edit))
        seen = len(edit.shots)
        is_nesting = name.startswith(
            ("fcpx", "fcp7_empty", "fcp7_premiere_example")
        )  # compound clips in part
        assert seen == count or (is_nesting and 0 < seen < count), name


def clips_with_media(edit: Edit) -> Iterator[Any]:
    for track in edit.otio_timeline.video_tracks():  # type: ignore[attr-defined]
        for clip in track.find_clips():
            if not isinstance(clip.media_reference, otio.schema.GeneratorReference):
                yield clip


def test_records_and_sources_agree_with_the_library(read: dict[str, Edit | PlosiveError]) -> None:
    """Where no time warp is above or on a clip, which the library leaves out, its own ranges are right."""
    compared = 0
    for name, edit in read.items():
        if not isinstance(edit, Edit) or name.endswith(".fcpxml"):
            continue
        stack = edit.otio_timeline.tracks  # type: ignore[attr-defined]
        for shot in edit.shots:
            clip = stack
            warped = False
            for index in shot.otio_path:
                clip = clip[index]
                warped |= any(isinstance(effect, otio.schema.TimeEffect) for effect in clip.effects)
            assert clip.name == shot.name
            if warped or len(shot.otio_path) > 2:
                continue
            inside = clip.transformed_time_range(clip.trimmed_range(), stack)
            rate = float(edit.rate)
            begins = inside.start_time.to_seconds() * rate
            ends = inside.end_time_exclusive().to_seconds() * rate
            assert shot.record.first_frame == pytest.approx(begins, abs=0.55), (name, shot.number)
            assert shot.record.last_frame_inclusive + 1 == pytest.approx(ends, abs=0.55)
            source = clip.trimmed_range()
            began = source.start_time.to_seconds()
            assert float(shot.source_start_seconds) == pytest.approx(began, rel=2e-5, abs=0.05)
            compared += 1
    assert compared > 250


def test_fcpxml_lasts_as_long_as_its_sequences_say(read: dict[str, Edit | PlosiveError]) -> None:
    compared = 0
    for path in files(".fcpxml"):
        edit = read[path.name]
        if not isinstance(edit, Edit) or path.name == "fcpx_neo_SyncClipRoles.fcpxml":
            continue  # the last was cut down by hand: one clip of many is left
        project = next(iter(ElementTree.parse(path).getroot().iter("project")))
        stated = project.find("sequence")
        assert stated is not None
        seconds = Fraction(str(stated.get("duration", "0s")).removesuffix("s"))
        assert abs(seconds * edit.rate - edit.duration_frames) < 1, path.name
        assert [shot.warnings for shot in edit.shots if shot.warnings] == [], path.name
        compared += len(edit.shots)
    assert compared > 250
