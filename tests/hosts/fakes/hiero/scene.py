# SPDX-License-Identifier: Apache-2.0
"""A project with one sequence, what an artist would put into it, and a screen and a session from a script."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

from fakes.hiero.media import BinItem, Clip, TimeBase
from fakes.hiero.program import Project
from fakes.hiero.timeline import AudioTrack, EffectTrackItem, Sequence, TrackItem, VideoTrack
from fakes.hiero.world import FakeMedia, World
from fakes.nuke.scene import ScriptedSession

__all__ = ["Cut", "ScriptedScreen", "desk_with"]


class Cut:
    """`edit` wraps what an artist does by hand, outside the journal of undo."""

    def __init__(self, world: World, folder: Path, rate: Fraction) -> None:
        self.world, self.folder, self.rate = world, folder, rate
        self.project = Project("show", str(folder / "show.hrox"))
        self.sequence = Sequence("reel 1")
        self.sequence._rate = TimeBase(rate)
        self.by_hand(lambda: self.project.clipsBin().addItem(BinItem(self.sequence)))
        self.v1 = self.track(VideoTrack("Video 1"))
        self.a1 = self.track(AudioTrack("Dialogue DE"))

    def by_hand(self, edit: Callable[[], Any]) -> Any:
        self.world.begin("by hand")
        try:
            return edit()
        finally:
            self.world.end()
            self.world.steps.pop()

    def track(self, track: Any) -> Any:
        return self.by_hand(lambda: self.sequence.addTrack(track))

    def media(
        self, name: str = "sh010.####.exr", first: int = 1001, last: int = 1100, **more: Any
    ) -> FakeMedia:
        path = (self.folder / name).as_posix()
        made = self.world.media[path] = FakeMedia(path, first, last, **more)
        return made

    def clip(self, media: FakeMedia, *part: int) -> Clip:
        """In a bin item of its own."""
        clip = Clip(media.path, *part)
        self.by_hand(lambda: self.project.clipsBin().addItem(BinItem(clip)))
        return clip

    def item(
        self, clip: Clip, at: int, source_in: float, length: int, speed: float = 1.0, track: Any = None
    ) -> TrackItem:
        """`length` frames of the timeline from `at` on."""
        on = track or self.v1
        made = TrackItem(
            clip.name().split(".")[0],
            TrackItem.kAudio if on is self.a1 or isinstance(on, AudioTrack) else TrackItem.kVideo,
        )
        made._source = clip
        made._in, made._out = at, at + length - 1
        made._source_in, made._speed = float(source_in), float(speed)
        self.by_hand(lambda: on.addTrackItem(made))
        return made

    def dub(
        self, at: int, length: int = 50, source_in: float = 0, track: Any = None, **more: Any
    ) -> TrackItem:
        """A WAV of exactly what is used, unless `samples` says otherwise."""
        name = more.pop("name", f"dub{len(self.world.media)}.wav")
        samples = more.pop("samples", int(length / self.rate * 48000))
        media = self.media(name, 0, length - 1, has_video=False, has_audio=True, samples=samples, **more)
        return self.item(self.clip(media), at, source_in, length, track=track or self.a1)

    def effect(self, item: TrackItem, kind: str = "ColorCorrect") -> EffectTrackItem:
        return self.by_hand(lambda: item.parentTrack().createEffect(effectType=kind, trackItem=item))


class ScriptedScreen:
    """Chooses `chosen` on top of what a dialog begins with; None: cancels."""

    def __init__(self, **chosen: Any) -> None:
        self.chosen: dict[str, Any] | None = chosen
        self.dialogs: list[Any] = []
        self.began: list[dict[str, Any]] = []
        self.whys: list[str] = []
        self.told: list[tuple[str, str]] = []
        self.bars: list[ScriptedBar] = []
        self.ticking: Callable[[], None] | None = None

    def ask(self, dialog: Any, values: dict[str, Any], check: Callable[[Any], str]) -> dict[str, Any] | None:
        self.dialogs.append(dialog)
        self.began.append(dict(values))
        if self.chosen is None:
            return None
        wanted = dialog.checked({**values, **self.chosen}, "the test")
        self.whys.append(check(wanted))
        return wanted if not self.whys[-1] else None

    def tell(self, title: str, text: str) -> None:
        self.told.append((title, text))

    def bar(self, title: str, on_cancel: Callable[[], None]) -> ScriptedBar:
        self.bars.append(ScriptedBar(title, on_cancel))
        return self.bars[-1]

    def tick(self, function: Callable[[], None]) -> Callable[[], None]:
        assert self.ticking is None
        self.ticking = function

        def stop() -> None:
            self.ticking = None

        return stop


class ScriptedBar:
    def __init__(self, title: str, on_cancel: Callable[[], None]) -> None:
        self.title, self.cancel = title, on_cancel
        self.shown: list[tuple[str, int]] = []
        self.is_closed = False

    def show(self, message: str, percent: int) -> None:
        assert not self.is_closed
        self.shown.append((message, percent))

    def close(self) -> None:
        self.is_closed = True


def desk_with(screen: ScriptedScreen) -> tuple[Any, ScriptedSession]:
    """A desk whose session is scripted."""
    module = importlib.import_module("plosive_hiero.desk")
    desk = module.Desk(screen)
    session = desk._session = ScriptedSession("NukeStudio", desk._pump)
    return desk, session
