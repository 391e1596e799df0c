# SPDX-License-Identifier: Apache-2.0
"""Crops on disk: what nobody reads any more makes room."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from plosive.faces.track import FaceTrack
from plosive.generate import sources
from plosive.generate.crops import CropFile
from plosive.generate.sources import SourceCollector
from plosive.geometry import Box


def test_what_is_given_back_is_written_over_and_nothing_else(tmp_path: Path) -> None:
    chance = np.random.default_rng(1)
    kept: dict[int, tuple[object, np.ndarray]] = {}
    with CropFile(str(tmp_path)) as crops:
        for number in range(400):
            height, width = (int(side) for side in chance.integers(8, 20, 2))
            pixels = chance.random((height, width, 3), dtype=np.float32)
            kept[number] = crops.add(pixels, Box(0, 0, width, height)), pixels
            if len(kept) > 20:
                ticket, _ = kept.pop(int(chance.choice(list(kept))))
                crops.give_back(ticket)  # type: ignore[arg-type]
        for ticket, pixels in kept.values():
            assert np.abs(crops.read(ticket) - pixels).max() < 1e-4  # type: ignore[arg-type]
        assert crops.byte_count < 3 * 21 * 20 * 20 * 6, "400 of them would take ten times as much"


def test_a_long_track_takes_no_more_room_than_what_it_keeps(
    track: FaceTrack, portrait: list, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sources, "_MOST_SOURCES", 96)
    with CropFile(str(tmp_path)) as crops, CropFile(str(tmp_path)) as wasteful:
        monkeypatch.setattr(wasteful, "give_back", lambda ticket: None)
        collector, other = SourceCollector(crops), SourceCollector(wasteful)
        for row in range(800):
            for one in (collector, other):
                one.add(portrait[row % len(portrait)], track.landmarks[row % len(portrait)])
        library, same = collector.library(), other.library()
        assert library.rows.tolist() == same.rows.tolist()
        for place in range(len(library.rows)):
            pixels = wasteful.coded(same.tickets[place])
            assert np.array_equal(crops.coded(library.tickets[place]), pixels)
        largest = max(ticket.box.height * ticket.box.width * 6 for ticket in library.tickets)
        assert crops.byte_count <= 1.2 * 96 * largest
        assert wasteful.byte_count > 2 * crops.byte_count
