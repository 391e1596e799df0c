# SPDX-License-Identifier: Apache-2.0
"""Finished jobs without a daemon: results that the fake Resolve imports, though only a name lies there.

Frame n of such a result is made from the plate's frame n + the first one asked for, as the daemon writes it.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fakes.resolve import Scene, mediapool, undump
from fakes.resolve.cut import ItemState
from fakes.resolve.media import MediaState, new_id
from fakes.resolve.probing import ProbeFailure
from plosive_resolve import Choices, ClipUse

__all__ = ["Results"]


class Results:
    """`folder` holds empty files of the results' names; `plate_of` tells what each one's first frame is."""

    def __init__(self, scene: Scene, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.scene = scene
        self.folder = folder
        self._media: dict[str, MediaState] = {}
        self.plates: dict[str, tuple[MediaState, int]] = {}
        for module in (mediapool, undump):
            monkeypatch.setattr(module, "probe_file", self._probe)
            monkeypatch.setattr(module, "probe_sequence", self._probe)

    def of(self, clip: ClipUse, choices: Choices, version: int = 1, **facts: Any) -> dict[str, Any]:
        """The `result` of a job for the clip."""
        plate = self._plate(clip)
        first, last = clip.with_handles(choices.handle_frames)
        count, index = last - first + 1, first - clip.media.first_number
        stem = f"{plate.name.partition('.')[0]}_{first}_v{version:03d}"
        if plate.kind == "sequence":
            name, path = f"{stem}.[{first:04d}-{last:04d}].exr", self.folder / f"{stem}.%04d.exr"
        else:
            name = f"{stem}.mov"
            path = self.folder / name
            path.touch()
        media = replace(
            plate,
            id=new_id(),
            name=name,
            path=str(self.folder / name),
            frame_count=count,
            first_file_number=first if plate.kind == "sequence" else 0,
            start_timecode_frame=plate.start_timecode_frame + index if plate.start_timecode_frame else 0,
            properties={},
            third_party_metadata={},
            metadata={},
        )
        self._media[str(path)] = media
        self.plates[media.id] = (plate, index)
        return {"out_path": str(path), "frames_total": count, "frames_synced": count, **facts}

    def played(self, item: ItemState, frame: int) -> tuple[str, int, bool]:
        """(id of the plate, its frame from 0, whether synced) that an item shows on a timeline frame."""
        media, offset = item.media, frame - item.record_start
        assert media is not None
        shown = item.shown_media_frame(offset, self.scene.rate)
        if media.timeline is not None:
            inner = media.timeline
            below = inner.shown_at(inner.start_frame + shown)
            assert below is not None
            return self.played(replace(below, record_start=0), shown + inner.start_frame - below.record_start)
        for known, (plate, index) in self.plates.items():
            if media.id == known or media.path == self._media_of(known).path:
                return plate.id, shown + index, True
        return media.id, shown, False

    def _media_of(self, media_id: str) -> MediaState:
        return next(media for media in self._media.values() if media.id == media_id)

    def _plate(self, clip: ClipUse) -> MediaState:
        every = [media for folder in self.scene.app.project.root_folder.walk() for media in folder.clips]
        return next(media for media in every if media.id == clip.media.media_id)

    def _probe(self, path: str, *numbers: object) -> MediaState:
        if path not in self._media:
            raise ProbeFailure(path)
        return self._media[path]
