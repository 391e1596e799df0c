# SPDX-License-Identifier: Apache-2.0
"""The node with the daemon and the workers that ship, on real EXR files: what Plosive's own command line
makes of the same plate is what the node's Read shows.
"""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fakes.nuke import FakeNuke
from fakes.nuke.pictures import Picture, read_picture, write_picture
from fakes.nuke.scene import lip_sync, read_node
from plosive.demo.sample import SamplePlate, spoken_line, write_sample
from plosive.progress import SilentProgress

WIDTH, HEIGHT, FRAMES, FIRST = 320, 180, 8, 1001
RGB = ("rgba.red", "rgba.green", "rgba.blue")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, daemon_in: Callable[[Path], None]) -> Path:
    """A daemon of its own, and plate/plate.1001.exr to 1008: the sample's camera over a portrait, in linear
    light as half floats."""
    folder = tmp_path_factory.mktemp("nuke")
    (folder / "plate").mkdir()
    for index, coded in enumerate(SamplePlate(FRAMES, WIDTH, HEIGHT).frames()):
        light = (coded.astype(np.float32) / 65535) ** 2.4
        planes = {name: light[:, :, at] for at, name in enumerate(RGB)}
        made = Picture(planes, WIDTH, HEIGHT, (0, 0, WIDTH, HEIGHT))
        write_picture(
            folder / "plate" / f"plate.{FIRST + index}.exr", made, list(RGB), True, {"exr/mine": "me"}
        )
    daemon_in(folder)
    return folder


def from_the_command_line(place: Path, *more: str) -> Path:
    """The same range by `plosive sync`; its folder holds shot.####.exr."""
    out = place / "by_hand"
    if not out.exists():
        dub, words = spoken_line()
        command = [
            sys.executable,
            "-m",
            "plosive.cli",
            "sync",
            str(place / "plate" / "plate.%04d.exr"),
            "--audio",
            str(dub),
            "--transcript",
            words,
            "--range",
            "1003-1006",
            "--only-range",
            "--handles",
            "1",
            "--rate",
            "24",
            "-o",
            str(out / "shot.####.exr"),
            *more,
        ]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    return out


def prepared(nuke: FakeNuke, source: Any) -> Any:
    node = lip_sync(nuke, source)
    dub, words = spoken_line()
    for name, value in (
        ("dub", str(dub)),
        ("transcript", words),
        ("first", 1003),
        ("last", 1006),
        ("handles", 1),
    ):
        node[name].setValue(value)
    node["dub_frame"].setValue(1001)
    return node


def synced(nuke: FakeNuke, node: Any) -> None:
    nuke.press(node, "sync")
    assert not nuke.messages, nuke.messages
    desk = importlib.import_module("plosive_nuke.desk").desk()
    run = desk.run_of(node)
    assert run is not None
    nuke.threads.idle_until(lambda: run.is_over, 120.0)
    assert run.error is None, run.error


def test_a_plain_read_goes_by_path_and_comes_back(nuke: FakeNuke, place: Path) -> None:
    pattern = str(place / "plate" / "plate.%04d.exr")
    node = prepared(nuke, read_node(nuke, pattern, FIRST, FIRST + FRAMES - 1))
    node["name_stem"].setValue("sh010_de")
    synced(nuke, node)
    by_hand = from_the_command_line(place)
    result = node.node("Result")["file"].value()
    assert result.endswith("/show/plosive/sh010_de_v001/sh010_de_v001.%04d.exr")
    assert nuke.rendered == []
    changed = 0
    for frame in range(FIRST, FIRST + FRAMES):
        shown = nuke.show(node, frame)
        plate = read_picture(pattern % frame)
        wanted = read_picture(str(by_hand / f"shot.{frame}.exr")) if 1002 <= frame <= 1007 else plate
        for name in RGB:
            assert np.array_equal(shown.planes[name], wanted.planes[name]), (frame, name)
            changed += not np.array_equal(wanted.planes[name], plate.planes[name])
    assert changed >= 4 * 3
    assert nuke.show(node, 1004).metadata["plosive/version"] == "v001"
    assert nuke.show(node, 1004).metadata["exr/mine"] == "me"
    assert "6 of 6 frames synced" in node["status"].value()
    assert len(nuke.tasks) == 1 and nuke.tasks[0].percents[-1] > 0
    layers_are_right(nuke, node, pattern)


def layers_are_right(nuke: FakeNuke, node: Any, pattern: str) -> None:
    node["show"].setValue("rebuilt")
    for frame in (1001, 1004):
        rebuilt = nuke.show(node, frame)
        plate = read_picture(pattern % frame)
        if frame == 1001:
            assert "matte.alpha" not in rebuilt.planes
            continue
        share = rebuilt.planes["matte.alpha"] * rebuilt.planes["blend.alpha"]
        assert share.max() > 0.9
        for name, mouth in zip(RGB, ("mouth.red", "mouth.green", "mouth.blue"), strict=True):
            wanted = plate.planes[name] * (1 - share) + rebuilt.planes[mouth] * share
            assert np.array_equal(rebuilt.planes[name], wanted.astype(np.float32))
            assert np.array_equal(rebuilt.planes[name][share == 0], plate.planes[name][share == 0])
        assert {"st.u", "st.v", "lips.alpha"} <= set(rebuilt.planes)
    node["show"].setValue("synced")


def test_what_is_graded_above_is_rendered_and_comes_back(nuke: FakeNuke, place: Path) -> None:
    """The same light by another way: an exposure up above the node, down again. What Plosive makes of the
    rendered plate is what it makes of the file, for both hold the same numbers; handles reach as far as they
    were rendered.
    """
    pattern = str(place / "plate" / "plate.%04d.exr")
    up, down = nuke.nodes.Grade(multiply=4.0), nuke.nodes.Grade(multiply=0.25)
    up.setInput(0, read_node(nuke, pattern, FIRST, FIRST + FRAMES - 1))
    down.setInput(0, up)
    node = prepared(nuke, down)
    node["first"].setValue(1002)
    node["last"].setValue(1004)
    synced(nuke, node)
    rendered = [frame for _, frame, _, _ in nuke.rendered]
    assert rendered == [1001, 1002, 1003, 1004, 1005]
    node["show"].setValue("rebuilt")
    rebuilt = nuke.show(node, 1003)
    plate = read_picture(pattern % 1003)
    share = rebuilt.planes["matte.alpha"] * rebuilt.planes["blend.alpha"]
    node["show"].setValue("synced")
    shown = nuke.show(node, 1003)
    for name in RGB:
        assert np.array_equal(shown.planes[name][share == 0], plate.planes[name][share == 0])
        assert np.allclose(shown.planes[name], rebuilt.planes[name], rtol=0, atol=2e-6)
    assert not np.array_equal(shown.planes["rgba.red"], plate.planes["rgba.red"])
    nuke.press(node, "load_elements")
    assert nuke.messages == []
    assert nuke.toNode("Final") is not None and nuke.toNode("Face1") is not None


def test_looks_before_the_job(nuke: FakeNuke, place: Path) -> None:
    pattern = str(place / "plate" / "plate.%04d.exr")
    node = prepared(nuke, read_node(nuke, pattern, FIRST, FIRST + FRAMES - 1))
    nuke.press(node, "analyse")
    nuke.threads.idle_until(lambda: node["status"].value().startswith("1 person: "), 120.0)
    assert node["face"].values()[2].startswith("1 (frames 1001 to 1008)")
    nuke.frame(1004)
    nuke.press(node, "preview")
    nuke.threads.idle_until(lambda: node["status"].value() == "Frame 1004 is shown.", 120.0)
    shown = nuke.show(node, 1004)
    assert (shown.width, shown.height) == (WIDTH, HEIGHT)
    assert Path(node.node("Preview")["file"].value()).is_file()


def test_a_refusal_of_the_daemon_reaches_the_artist(nuke: FakeNuke, place: Path) -> None:
    pattern = str(place / "plate" / "plate.%04d.exr")
    node = prepared(nuke, read_node(nuke, pattern, FIRST, FIRST + FRAMES - 1))
    node["dub"].setValue(str(place / "nowhere.wav"))
    nuke.press(node, "sync")
    nuke.threads.idle_until(lambda: bool(nuke.messages), 120.0)
    assert "nowhere.wav" in nuke.messages[0] and "nowhere.wav" in node["status"].value()


def test_real_footage(nuke: FakeNuke, place: Path, material: Path, tmp_path: Path) -> None:
    """Six frames of a person who speaks, as EXR of half floats, through the node: new mouths where the
    matte is, and nothing else in any frame.
    """
    import av

    source = material / "plates" / "vr_face3.mp4"
    if not source.is_file():
        pytest.skip(f"{source.name} is not among the footage")
    (tmp_path / "real").mkdir()
    with av.open(str(source)) as container:
        for number, frame in enumerate(container.decode(video=0)):
            if number == 6:
                break
            light = (frame.to_ndarray(format="rgb24").astype(np.float32) / 255) ** 2.4
            planes = {name: np.ascontiguousarray(light[:, :, at]) for at, name in enumerate(RGB)}
            made = Picture(planes, frame.width, frame.height, (0, 0, frame.width, frame.height))
            write_picture(tmp_path / "real" / f"p.{101 + number}.exr", made, list(RGB), True, {})
    pattern = str(tmp_path / "real" / "p.%d.exr")
    node = lip_sync(nuke, read_node(nuke, pattern, 101, 106))
    dub, words = spoken_line()
    node["dub"].setValue(str(dub))
    node["transcript"].setValue(words)
    synced(nuke, node)
    assert "6 of 6 frames synced" in node["status"].value()
    moved = 0
    for frame in range(101, 107):
        shown, plate = nuke.show(node, frame), read_picture(pattern % frame)
        share = shown.planes["matte.alpha"] * shown.planes["blend.alpha"]
        assert 0.0005 < (share > 0).mean() < 0.3
        for name in RGB:
            assert np.array_equal(shown.planes[name][share == 0], plate.planes[name][share == 0])
            moved += int((shown.planes[name] != plate.planes[name]).sum())
    assert moved > 6 * 500


def pictures_of(movie: Path) -> list[Any]:
    """Y'CbCr of every frame, as it is stored."""
    import av

    with av.open(str(movie)) as container:
        return [frame.to_ndarray() for frame in container.decode(video=0)]


def test_a_movie_of_another_rate(nuke: FakeNuke, place: Path, tmp_path: Path) -> None:
    """Nuke plays a movie's frames at the script's rate, so 24 becomes 25, the dub with it; the result is a
    movie of the plate's own rate, read at the frames it belongs to.
    """
    movie = tmp_path / "plate.mov"
    write_sample(movie, SamplePlate(12, WIDTH, HEIGHT), SilentProgress())
    read = read_node(
        nuke, str(movie), 1, 12, frame_mode="start at", frame="1001", raw=False, colorspace="sRGB"
    )
    read.metadata = lambda key: 24.0 if key == "input/frame_rate" else None
    read.format = lambda: nuke.nodes.Dot().format()
    node = prepared(nuke, read)
    nuke.root()["fps"].setValue(25)
    node["strength"].setAnimated()
    node["strength"].setValueAt(0.0, 1002)
    node["strength"].setValueAt(1.0, 1007)
    synced(nuke, node)
    shown = node.node("Result")
    told = {
        name: shown[name].value() for name in ("first", "last", "frame_mode", "frame", "raw", "colorspace")
    }
    assert told == {
        "first": 1, "last": 6, "frame_mode": "start at", "frame": "1002", "raw": False, "colorspace": "sRGB",
    }  # fmt: skip
    layers = node.node("Elements")
    assert (layers["first"].value(), layers["last"].value(), layers["frame"].value()) == (1, 6, "1002")
    originals, mouths = pictures_of(movie), pictures_of(Path(shown["file"].value()))
    assert len(mouths) == 6
    for place, mouth in enumerate(
        mouths
    ):  # most of the picture is the plate's frame of that number, no other
        near = [int((original != mouth).sum()) for original in originals]
        assert near.index(min(near)) == 1 + place
    assert np.array_equal(mouths[0], originals[1])  # strength 0 there
    assert not np.array_equal(mouths[5], originals[6])
    assert node["can_rebuild"].value() == 1  # Nuke's own curve: the layers are in the light it works in
