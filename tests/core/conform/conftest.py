# SPDX-License-Identifier: Apache-2.0
"""Edits for the tests, made with OpenTimelineIO, and small media that they refer to."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest
from PIL import Image

from plosive.conform import Edit, read_edit

Effects = tuple[Any, ...]


class EditMaker:
    """Writes timelines as files and reads them as edits."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @staticmethod
    def range(start: float, duration: float, rate: float = 24.0) -> Any:
        return otio.opentime.TimeRange(
            otio.opentime.RationalTime(start, rate), otio.opentime.RationalTime(duration, rate)
        )

    def clip(
        self,
        source: tuple[float, float, float],
        available: tuple[float, float, float] | None = None,
        *,
        first_file: int | None = None,
        effects: Effects = (),
        url: str = "/media/a.mov",
        name: str = "clip",
    ) -> Any:
        """A clip of (start, duration, rate); of an image sequence where `first_file` is given."""
        given = self.range(*available) if available is not None else None
        if first_file is not None:
            media = otio.schema.ImageSequenceReference(
                target_url_base="/media/",
                name_prefix="a.",
                name_suffix=".exr",
                start_frame=first_file,
                frame_zero_padding=4,
                rate=available[2] if available is not None else source[2],
                available_range=given,
            )
        else:
            media = otio.schema.ExternalReference(target_url=url, available_range=given)
        return otio.schema.Clip(
            name, media_reference=media, source_range=self.range(*source), effects=list(effects)
        )

    def timeline(
        self, items: Iterable[Any], start: tuple[float, float] | None = None, kind: str = "Video"
    ) -> Any:
        """One track of items; `start` is (frame, rate)."""
        timeline = otio.schema.Timeline("reel")
        timeline.tracks.append(otio.schema.Track(f"{kind} 1", children=list(items), kind=kind))
        if start is not None:
            timeline.global_start_time = otio.opentime.RationalTime(*start)
        return timeline

    def read(self, timeline: Any, name: str = "reel.otio", **arguments: Any) -> Edit:
        path = self.folder / name
        if isinstance(timeline, str):
            path.write_text(timeline, encoding="utf-8")
        else:
            otio.adapters.write_to_file(timeline, str(path))
        return read_edit(path, **arguments)

    def sequence(self, folder: str, name: str, first: int, last: int) -> Path:
        """A sequence of tiny PNGs, `name.0001.png` and so on; its folder."""
        place = self.folder / folder
        place.mkdir(parents=True, exist_ok=True)
        for number in range(first, last + 1):
            Image.new("RGB", (16, 16), (number % 256, 0, 0)).save(place / f"{name}.{number:04d}.png")
        return place

    def movie(self, path: str, frames: int, rate: Fraction, timecode: str | None = None) -> Path:
        """A tiny ProRes movie."""
        import av
        import numpy as np

        place = self.folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        with av.open(str(place), "w") as container:
            stream = container.add_stream("prores_ks", rate=rate, options={"profile": "0"})
            stream.width = stream.height = 64
            stream.pix_fmt = "yuv422p10le"
            stream.time_base = 1 / rate
            if timecode is not None:
                stream.metadata["timecode"] = timecode
            for index in range(frames):
                picture = av.VideoFrame.from_ndarray(np.full((64, 64, 3), index, np.uint8), "rgb24")
                picture.pts, picture.time_base = index, 1 / rate
                container.mux(stream.encode(picture))
            container.mux(stream.encode(None))
        return place


@pytest.fixture
def edits(tmp_path: Path) -> EditMaker:
    return EditMaker(tmp_path)


@pytest.fixture
def warp() -> Callable[[float], Any]:
    """A linear time warp of some speed; a freeze at 0."""

    def made(speed: float) -> Any:
        return otio.schema.LinearTimeWarp(time_scalar=speed) if speed else otio.schema.FreezeFrame()

    return made
