# SPDX-License-Identifier: Apache-2.0
"""A reel of three shots, and a renderer that only copies."""

from __future__ import annotations

from pathlib import Path

import opentimelineio as otio
import pytest
from tests.core.reel.copying import Copier
from tests.core.reel.reels import START, a_range, portrait, write_media

from plosive.reel import ConformOptions, DubWish
from plosive.reel.renders import rendering


@pytest.fixture
def copier(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Copier:
    monkeypatch.setenv("PLOSIVE_LOGS", str(tmp_path / "logs"))
    made = Copier()
    monkeypatch.setattr(rendering, "sync_plate", made)
    return made


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("media")
    write_media(folder)
    return folder


@pytest.fixture
def options(media: Path, tmp_path: Path) -> ConformOptions:
    """Three shots half a second apart, apart in the plate, under a dub that speaks all the time."""
    track = otio.schema.Track("Video 1")
    for name, first in (("one", 4), ("two", 20), ("three", 34)):
        clip = portrait(name, first, 8)
        clip.media_reference.target_url = str(media / "a.mov")
        track.append(clip)
        track.append(otio.schema.Gap(source_range=a_range(0, 8)))
    timeline = otio.schema.Timeline("reel")
    timeline.global_start_time = otio.opentime.RationalTime(START, 24000 / 1001)
    timeline.tracks.append(track)
    otio.adapters.write_to_file(timeline, str(tmp_path / "reel.otio"))
    wishes = (DubWish("de", str(media / "mix.wav"), "-1/2"),)
    return ConformOptions(tmp_path / "reel.otio", tmp_path / "out", wishes, handles=2, score=False)
