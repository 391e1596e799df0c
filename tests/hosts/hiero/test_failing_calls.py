# SPDX-License-Identifier: Apache-2.0
"""A call of Hiero's that fails while a result is placed: the project is as it was, and the artist is told."""

from __future__ import annotations

from typing import Any

import pytest
from tests.hosts.hiero.test_timeline import Trial, played

from fakes.hiero import media, timeline
from fakes.hiero.program import Project
from fakes.hiero.scene import Cut

CALLS = [
    (media.BinItem, "addVersion", "version"),
    (timeline.TrackItem, "setCurrentVersion", "version"),
    (timeline.TrackItem, "setVersionLinkedToBin", "version"),
    (timeline.Sequence, "editFinished", "version"),
    (media.Clip, "setSourceMediaColourTransform", "version"),
    (media.Tagged, "addTag", "version"),
    (Project, "beginUndo", "version"),
    (media.Bin, "addItem", "track"),
    (timeline.Sequence, "addTrack", "track"),
    (timeline.VideoTrack, "createTrackItem", "track"),
    (timeline.TrackItem, "setSource", "track"),
    (timeline.TrackItem, "setTimes", "track"),
    (timeline.TrackBase, "addTrackItem", "track"),
    (timeline.VideoTrack, "createEffect", "track"),
    (timeline.EffectTrackItem, "subTrackIndex", "track"),
    (timeline.ReformatState, "setType", "track"),
]


@pytest.mark.parametrize(("kind", "name", "mode"), CALLS, ids=lambda one: getattr(one, "__name__", str(one)))
def test_nothing_is_left(
    cut: Cut, monkeypatch: pytest.MonkeyPatch, kind: type[Any], name: str, mode: str
) -> None:
    clip = cut.clip(cut.media())
    item = cut.item(clip, 0, 5, 10)
    item._linked_to_bin = True
    clip._colour = "AlexaV3LogC"
    cut.effect(item)
    cut.dub(0, 10)
    before, bins = played(item), cut.project.clipsBin().items()
    trial = Trial(cut, item, output=mode)
    calls = []

    def fail(*_: Any, **__: Any) -> None:
        calls.append(name)
        raise RuntimeError("on purpose")

    monkeypatch.setattr(kind, name, fail)
    path = trial.finish()
    assert calls
    told = trial.screen.told[0][1]
    assert "could not be placed (RuntimeError)" in told and path in told and "host-hiero.log" in told
    assert cut.world.steps == [] and cut.world.group is None
    assert item.source() is clip and played(item) == before and item.versionLinkedToBin()
    assert clip.binItem() is not None and clip.binItem().numVersions() == 1
    assert cut.sequence.videoTracks() == (cut.v1,) and cut.project.clipsBin().items() == bins
    assert len(item.linkedItems()) == 1 and trial.screen.bars[0].is_closed
