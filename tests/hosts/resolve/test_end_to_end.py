# SPDX-License-Identifier: Apache-2.0
"""Lip Sync Clip whole: a fake Resolve, whose timeline can be rendered, the client and daemon that ship, a
real plate, a real dub. The timeline that results is rendered and compared with the plate, frame by frame.
"""

from __future__ import annotations

import itertools
import json
import logging
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from fakes.resolve import FakeBehaviour, FakeEdition, Scene
from fakes.resolve.cut import TimelineState
from fakes.resolve.render import TimelineRenderer, shown
from plosive.demo.sample import SamplePlate, spoken_line, write_sample
from plosive.media import open_plate
from plosive.progress import SilentProgress
from plosive_host import log_path
from plosive_resolve import entry

NTSC = Fraction(24000, 1001)
FRAMES, HANDLES = 26, 3
SOURCE_IN, LENGTH, AT = 6, 12, 20  # of the clip: plate frames 6 to 17 on timeline frames 20 to 31
MATERIAL = Path(__file__).resolve().parents[4] / "shared" / "material"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A plate of ProRes 422 HQ with a timecode of its own, each frame of which has its own grain."""
    folder = tmp_path_factory.mktemp("resolve")
    sample = SamplePlate(FRAMES, 480, 270, NTSC, "14:03:07:11", zoom=1.1)
    write_sample(folder / "sh010.mov", sample, SilentProgress())
    return folder


@pytest.fixture(scope="module", autouse=True)
def environment(place: Path, daemon_in: Callable[[Path], None]) -> Iterator[None]:
    """A daemon of our own, which the client starts as it would for an artist."""
    daemon_in(place)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PLOSIVE_HOST_DATA", str(place / "data"))
        yield
    logger = logging.getLogger("plosive.host.resolve")
    for handler in list(logger.handlers):
        logger.removeHandler(handler)
        handler.close()


def reel(plate: Path, dub: Path, edition: FakeEdition, behaviour: FakeBehaviour | None = None) -> Scene:
    """A reel at 23.976 from 01:00:00:00 on: the plate cut in three, whose middle one is meant, and a dub that
    begins two frames before the middle clip does, trimmed by five frames at its head.
    """
    scene = Scene(NTSC, "01:00:00:00", edition=edition, behaviour=behaviour)
    picture, sound = scene.imported(plate), scene.imported(dub)
    scene.place(picture, record_frame=scene.frame(AT - 4), source_in=20, duration=4)
    clip = scene.place(picture, record_frame=scene.frame(AT), source_in=SOURCE_IN, duration=LENGTH)
    scene.place(picture, record_frame=scene.frame(AT + LENGTH), source_in=1, duration=4)
    scene.track("audio", 2).name = "Deutsch"
    scene.place(sound, 2, record_frame=scene.frame(AT - 2), source_in=5, duration=LENGTH + 8)
    scene.playhead(scene.frame(AT + 3))
    if edition.version >= (21, 0, 4):
        scene.select(clip)
    return scene


def lip_sync(
    scene: Scene, output: int = 0, words: str = "", look_and_undo: Callable[[], None] | None = None
) -> str:
    """What the artist reads at the end. The dialog is accepted once the faces are there, with handles of
    three frames and the result as entry `output` of the list; with `look_and_undo`, which is called then,
    what was done is taken back.
    """
    read: list[str] = []

    def fill_in(shown: Any) -> bool | None:
        if not shown.elements["faces"].rows:
            return False
        assert [row.Text[1].partition(",")[0] for row in shown.elements["faces"].rows] == ["Face 1"]
        picture = Path(shown.elements["faces"].rows[0].Icon[0].File)
        assert picture.read_bytes()[:3] == b"\xff\xd8\xff"
        shown.enter("transcript", PlainText=words)
        shown.enter("handles", Value=HANDLES)
        shown.enter("output", CurrentIndex=output)
        if shown.elements["score"].Checked:
            shown.click("score")
        shown.click("Accept")
        return None

    def read_on(shown: Any) -> bool | None:
        if "Bar" in shown.elements:  # at work
            return False
        read.append(shown.shown_text())
        if look_and_undo is not None and len(read) == 1:
            look_and_undo()
            shown.click("Undo")
        else:
            shown.click("Accept")
        return None

    scene.app.ui_script.extend([fill_in, read_on, *([read_on] if look_and_undo else [])])
    assert entry.run("lip_sync_clip", scene.app.script_globals("Edit")), log_path("resolve").read_text()
    return read[0]


def pictures(timeline: TimelineState) -> dict[int, np.ndarray]:
    """The picture of each frame of the reel, by its number after the reel's begin."""
    with TimelineRenderer(timeline) as renderer:
        return {
            number: renderer.picture(timeline.start_frame + number).copy()
            for number in range(AT - 4, AT + LENGTH + 4)
        }


def require_synced(timeline: TimelineState, before: dict[int, np.ndarray]) -> None:
    """Frames around the clip are untouched. Frames of the clip come from the result, whose frame of the same
    number they are: the plate's own grain around the mouth proves it, to the bit.
    """
    after = pictures(timeline)
    changed = 0
    for number, picture in after.items():
        if not AT <= number < AT + LENGTH:
            assert np.array_equal(picture, before[number]), number
            continue
        seen = shown(timeline, timeline.start_frame + number)
        assert seen is not None and "Plosive" in seen.media.path
        assert seen.media_frame == number - AT + HANDLES  # the result begins three frames before the clip
        differs = np.any(picture != before[number], axis=2)
        assert differs.mean() < 0.25
        changed += bool(differs.any())
        around = ~differs
        for other in (number - 1, number + 1):  # a frame off, and the grain would differ everywhere
            if AT <= other < AT + LENGTH:
                assert np.any(picture != before[other], axis=2)[around].mean() > 0.2
    assert changed >= LENGTH // 2


def test_the_timeline_plays_the_synced_mouth_at_its_frames(place: Path) -> None:
    dub, words = spoken_line()
    scene = reel(place / "sh010.mov", dub, FakeEdition((21, 0, 4), True))
    before = pictures(scene.timeline)
    told = lip_sync(scene, words=words)
    assert "sh010.mov: version 1 lies as take 2 of the clip; " in told, told
    require_synced(scene.timeline, before)
    record = next((place / "Plosive").glob("*.plosive.json"))
    options = json.loads(record.read_text())["options"]
    # the dub's first sample: five frames of it are cut off, and it begins two frames before the clip, which
    # begins with plate frame 6
    assert Fraction(options["audio_start"]) == Fraction(SOURCE_IN - 2 - 5) / NTSC, options
    result = next((place / "Plosive").glob("*.mov"))
    with open_plate(result) as reader:
        assert reader.info.frame_count == LENGTH + 2 * HANDLES
        assert str(reader.info.start_timecode) == "14:03:07:14"  # of plate frame 3

    # the same again: neither a second take nor a second job
    assert "this very result is there already" in lip_sync(scene, words=words)
    assert len(scene.app.timeline.video[0].items[1].takes) == 2
    assert len(list((place / "Plosive").glob("*.mov"))) == 1


@pytest.mark.parametrize(
    ("version", "output", "where"),
    [
        ((19, 1), 1, "on video track 2"),
        ((21, 1), 2, "on Reel 1"),
        ((20, 2), 0, "as take 2 of the clip"),
    ],
)
def test_in_every_place_and_version(place: Path, version: tuple[int, ...], output: int, where: str) -> None:
    """The result of the test above, which is taken up: in the version where it is hardest to place."""
    dub, words = spoken_line()
    behaviour = FakeBehaviour(source_start_shift=1, take_end_is_inclusive=False, current_item="topmost")
    scene = reel(place / "sh010.mov", dub, FakeEdition(version, True), behaviour)
    original = scene.timeline
    before = pictures(original)
    timelines = scene.app.project.timelines

    def look() -> None:
        require_synced(timelines[-1], before)
        assert scene.app.project.current_timeline is original
        assert len(timelines) == (2 if output == 2 else 1)

    told = lip_sync(scene, output, words, look)
    assert where in told and "from an earlier run" in told, told
    for timeline in timelines:
        after = pictures(timeline)
        assert all(np.array_equal(after[number], before[number]) for number in before)
        assert len(timeline.video) == 1 and len(timeline.video[0].items) == 3
        assert not any(item.takes or item.clip_color or item.markers for item in timeline.video[0].items)
    assert len(list((place / "Plosive").glob("*.mov"))) == 1


@pytest.mark.skipif(not MATERIAL.is_dir(), reason="needs ../shared/material")
def test_a_real_face_and_voice(place: Path) -> None:
    """40 frames of a woman who turns her head, as ProRes at 23.976 with a start timecode, and another
    language.
    """
    plate = place / "real" / "vr_face3.mov"
    plate.parent.mkdir()
    with av.open(str(MATERIAL / "plates" / "vr_face3.mp4")) as source, av.open(str(plate), "w") as made:
        stream = made.add_stream("prores_ks", rate=NTSC, options={"profile": "hq", "vendor": "apl0"})
        stream.width, stream.height, stream.pix_fmt = 590, 590, "yuv422p10le"
        stream.metadata["timecode"] = "10:59:58:20"
        for number, frame in enumerate(itertools.islice(source.decode(video=0), 40)):
            picture = frame.reformat(format="yuv422p10le")
            picture.pts, picture.time_base = number, 1 / NTSC
            made.mux(stream.encode(picture))
        made.mux(stream.encode())
    scene = reel(plate, MATERIAL / "speech" / "pico_de.wav", FakeEdition((21, 1), True))
    before = pictures(scene.timeline)
    told = lip_sync(scene, words="Der hinter diesem Portal liegende Raum wurde als Leichenhalle genutzt.")
    assert "version 1 lies as take 2 of the clip" in told, told
    require_synced(scene.timeline, before)
