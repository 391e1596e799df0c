# SPDX-License-Identifier: Apache-2.0
"""A small reel for the tests: the demo's portrait as ProRes with timecode, colour cards without a face, the
demo's dub, and an edit of them made with OpenTimelineIO.
"""

from __future__ import annotations

import shutil
from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio
from PIL import Image

from plosive.demo.sample import SamplePlate, spoken_line, write_sample
from plosive.progress import SilentProgress

RATE = 24000 / 1001
EXACT = Fraction(24000, 1001)
START = 86400  # 01:00:00:00
FRAMES = 44


def a_range(start: float, duration: float) -> Any:
    time = otio.opentime.RationalTime
    return otio.opentime.TimeRange(time(start, RATE), time(duration, RATE))


def portrait(name: str, first: int, length: int, *effects: Any) -> Any:
    """A clip of the plate from its frame `first` on."""
    media = otio.schema.ExternalReference(target_url="a.mov", available_range=a_range(START, FRAMES))
    clip = otio.schema.Clip(name, media, a_range(START + first, length), effects=list(effects))
    clip.metadata["Resolve_OTIO"] = {"Link Group ID": 7}
    return clip


def cards(name: str, first: int, length: int) -> Any:
    """A clip of the cards, files 1001 to 1030, which have no timecode."""
    media = otio.schema.ImageSequenceReference(
        target_url_base="cards", name_prefix="card.", name_suffix=".png", start_frame=1001,
        frame_zero_padding=4, rate=RATE, available_range=a_range(0, 30),
    )  # fmt: skip
    return otio.schema.Clip(name, media, a_range(first, length))


def write_media(folder: Path) -> None:
    sample = SamplePlate(FRAMES, 480, 270, frame_rate=EXACT)
    write_sample(folder / "a.mov", sample, SilentProgress())
    (folder / "cards").mkdir()
    for number in range(1001, 1031):
        Image.new("RGB", (64, 48), (number % 256, 40, 90)).save(folder / "cards" / f"card.{number}.png")
    shutil.copy(spoken_line()[0], folder / "mix.wav")


def write_reel(folder: Path) -> Path:
    """Shots: 1 one, 2 two (the plate runs on over the cut), 3 back (reverse, half as fast), 4 frozen,
    5 cards, 6 into (a dissolve from 5), 7 nested (in a stack), 8 off (switched off), 9 quiet (after the dub).
    """
    warp = otio.schema.LinearTimeWarp
    one, nested, off = portrait("one", 6, 8), portrait("nested", 14, 6), portrait("off", 2, 6)
    transform = otio.schema.Effect(effect_name="Resolve Effect", metadata={"Resolve_OTIO": {"Type": 2}})
    one.effects.append(transform)
    one.markers.append(otio.schema.Marker("look", a_range(START + 8, 1), "GREEN", {"Note": "hm"}))
    off.enabled = False
    inner = otio.schema.Stack("compound", children=[otio.schema.Track("Video 1", children=[nested])])
    into = portrait("into", 10, 8)
    track = otio.schema.Track(
        "Video 1",
        children=[
            one,
            portrait("two", 14, 6),
            otio.schema.Gap(source_range=a_range(0, 3)),
            portrait("back", 30, 10, warp(time_scalar=-0.5)),
            portrait("frozen", 9, 4, otio.schema.FreezeFrame()),
            cards("cards", 4, 8),
            otio.schema.Transition(
                transition_type="SMPTE_Dissolve",
                in_offset=otio.opentime.RationalTime(2, RATE),
                out_offset=otio.opentime.RationalTime(2, RATE),
            ),
            into,
            inner,
            off,
            otio.schema.Gap(source_range=a_range(0, 20)),
            portrait("quiet", 20, 4),
        ],
    )
    timeline = otio.schema.Timeline("reel")
    timeline.global_start_time = otio.opentime.RationalTime(START, RATE)
    timeline.metadata["Resolve_OTIO"] = {"Resolve OTIO Meta Version": "1.0"}
    timeline.tracks.append(track)
    path = folder / "reel.otio"
    otio.adapters.write_to_file(timeline, str(path))
    return path
