# SPDX-License-Identifier: Apache-2.0
"""Random edits of several tracks against a player of their own: what is left alone as hidden is on the screen
in no frame, and where nothing but plain clips lies about, whatever is on no screen is left alone.

The player knows OpenTimelineIO alone. In each frame it goes through the tracks from the top and notes which
clips are seen, until one that is alone in its place, whole and without effects hides the rest of its size.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest
from tests.core.conform.conftest import EditMaker

from plosive.conform import read_edit

MEDIA = {"wide.mov": 1, "other.mov": 1, "small.mov": 2, "pictures/a.0001.png": 3}  # and their sizes
OPAQUE = ("wide.mov", "other.mov", "small.mov")
FRAMES = 40
ODDS = {"off": 0.1, "changed": 0.1, "warped": 0.25, "nested": 0.15, "gap": 0.2, "across": 0.25}
CALM = {"off": 0.0, "changed": 0.0, "warped": 0.2, "nested": 0.1, "gap": 0.25, "across": 0.2}


class Dealer:
    """Deals one edit; every clip has a name of its own."""

    def __init__(self, seed: int) -> None:
        self.random, self.count = random.Random(seed), 0
        self.odds = CALM if seed % 2 else ODDS

    def happens(self, name: str) -> bool:
        return self.random.random() < self.odds[name]

    def clip(self) -> Any:
        self.count += 1
        url = self.random.choice(list(MEDIA))
        length = self.random.randint(2, 12)
        speed = self.random.choice((2, -1, 0.5, 0)) if self.happens("warped") else 1
        start = self.random.randint(-2, FRAMES - 2 * length)
        media = otio.schema.ExternalReference(url, EditMaker.range(1 if ".png" in url else 0, FRAMES))
        clip = otio.schema.Clip(f"clip {self.count}", media, EditMaker.range(max(start, -1), length))
        if ".png" in url:
            media.available_range = EditMaker.range(0, FRAMES)
        if speed != 1:
            clip.effects.append(otio.schema.LinearTimeWarp(time_scalar=speed))
        if self.happens("changed"):
            clip.effects.append(otio.schema.Effect("Wobble", effect_name="Wobble"))
        clip.enabled = not self.happens("off")
        return clip

    def track(self, depth: int) -> Any:
        track = otio.schema.Track("Video")
        for _ in range(self.random.randint(1, 5)):
            if self.happens("gap"):
                item = otio.schema.Gap(source_range=EditMaker.range(0, self.random.randint(1, 8)))
            elif depth and self.happens("nested"):
                item = otio.schema.Stack("nest", children=[self.track(depth - 1), self.track(depth - 1)])
            else:
                item = self.clip()
            both = len(track) and all(isinstance(one, otio.schema.Clip) for one in (item, track[-1]))
            if both and self.happens("across"):
                offsets = [otio.opentime.RationalTime(self.random.randint(0, 2), 24) for _ in range(2)]
                track.append(otio.schema.Transition("x", "SMPTE_Dissolve", *offsets))
            track.append(item)
        return track

    def timeline(self) -> Any:
        tracks = [self.track(1) for _ in range(self.random.randint(2, 3))]
        timeline = otio.schema.Timeline("random", tracks=tracks)
        timeline.global_start_time = otio.opentime.RationalTime(0, 24)
        return timeline


def length(item: Any) -> int:
    if isinstance(item, otio.schema.Transition):
        return 0
    if isinstance(item, otio.schema.Stack):
        return max(length(track) for track in item)
    if isinstance(item, otio.schema.Track):
        return sum(length(child) for child in item)
    return int(item.source_range.duration.value)


def is_plain(clip: Any) -> bool:
    return all(isinstance(effect, otio.schema.TimeEffect) for effect in clip.effects)


def is_whole(clip: Any) -> bool:
    """Whether its media has all frames that it shows."""
    speed = next((Fraction(effect.time_scalar) for effect in clip.effects if is_warp(effect)), Fraction(1))
    start = int(clip.source_range.start_time.value)
    return start >= 0 and start + abs(speed) * length(clip) <= FRAMES


def is_warp(effect: Any) -> bool:
    return isinstance(effect, otio.schema.LinearTimeWarp)


def on_track(track: Any, frame: int) -> Iterator[tuple[Any, int, bool]]:
    """(item, frame of its own, whether it stands alone) of all that a track shows in a frame."""
    at, children = 0, list(track)
    found: list[tuple[Any, int]] = []
    if frame < 0 or frame >= length(track):
        return
    for place, item in enumerate(children):
        if isinstance(item, otio.schema.Transition):
            continue
        before = children[place - 1] if place else None
        after = children[place + 1] if place + 1 < len(children) else None
        early = int(before.in_offset.value) if isinstance(before, otio.schema.Transition) else 0
        late = int(after.out_offset.value) if isinstance(after, otio.schema.Transition) else 0
        if at - early <= frame < at + length(item) + late:
            found.append((item, frame - at))
        at += length(item)
    yield from ((item, own, len(found) == 1) for item, own in found)


def seen(stack: Any, frame: int, hidden_sizes: frozenset[int] = frozenset()) -> set[str]:
    names: set[str] = set()
    for track in reversed(list(stack)):
        covers: set[int] = set()
        for item, own, is_alone in on_track(track, frame):
            if isinstance(item, otio.schema.Stack):
                names |= seen(item, own, hidden_sizes)
            elif isinstance(item, otio.schema.Clip) and item.enabled:
                url = item.media_reference.target_url
                if MEDIA[url] not in hidden_sizes or not is_plain(item):
                    names.add(item.name)
                if is_alone and is_plain(item) and is_whole(item) and url in OPAQUE:
                    covers.add(MEDIA[url])
        hidden_sizes |= covers
    return names


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Movies of two sizes, and a sequence."""
    import av
    import numpy as np

    maker = EditMaker(tmp_path_factory.mktemp("random"))
    maker.movie("wide.mov", FRAMES, Fraction(24))
    maker.movie("other.mov", FRAMES, Fraction(24))
    maker.sequence("pictures", "a", 1, FRAMES)
    with av.open(str(maker.folder / "small.mov"), "w") as container:
        stream = container.add_stream("prores_ks", rate=24, options={"profile": "0"})
        stream.width, stream.height, stream.pix_fmt = 32, 32, "yuv422p10le"
        for _ in range(FRAMES):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8), "rgb24")))
        container.mux(stream.encode(None))
    return maker.folder


def check(folder: Path, seed: int) -> tuple[int, int]:
    """How many shots the edit has, and how many of them are hidden."""
    timeline = Dealer(seed).timeline()
    path = folder / f"random_{seed}.otio"
    otio.adapters.write_to_file(timeline, str(path))
    edit = read_edit(path)
    path.unlink()
    shown: set[str] = set()
    for frame in range(edit.duration_frames):
        shown |= seen(timeline.tracks, frame)
    on_screen = {shot.name: shot for shot in edit.shots if shot.is_enabled}
    hidden = {name for name, shot in on_screen.items() if shot.hidden}
    assert not hidden & shown, seed
    if seed % 2:
        missed = set(on_screen) - shown - hidden
        assert missed == {name for name in missed if on_screen[name].shown.duration_frames <= 0}, seed
    return len(edit.shots), len(hidden)


def test_hidden_shots_are_those_that_no_frame_shows(folder: Path) -> None:
    counts = [check(folder, seed) for seed in range(60)]
    assert sum(hidden for _, hidden in counts) > 10
    assert sum(shots for shots, _ in counts) > 300
