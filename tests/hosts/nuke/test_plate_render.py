# SPDX-License-Identifier: Apache-2.0
"""What is no plain Read is written as EXR, once, as it is."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fakes.nuke import FakeNuke
from fakes.nuke.pictures import read_picture
from fakes.nuke.scene import lip_sync, read_node, write_plate
from plosive_host import PlosiveHostError


@pytest.fixture
def node(nuke: FakeNuke, tmp_path: Path) -> Any:
    """On a Grade that doubles, over a plate of frames 1001 to 1010 with a data window smaller than its
    format.
    """
    pattern = write_plate(tmp_path / "a", 1001, 1010, box=(4, 3, 20, 10), metadata={"exr/mine": "yes"})
    read = read_node(nuke, pattern, 1001, 1010)
    grade = nuke.nodes.Grade(name="Twice", multiply=2.0)
    grade.setInput(0, read)
    return lip_sync(nuke, grade)


def rendered(node: Any, folder: Path, first: int = 1002, last: int = 1004) -> Any:
    render = importlib.import_module("plosive_nuke.plate_render")
    return render.rendered_plate(node, str(folder), first, last, "main")


def test_pixels_window_and_metadata_are_kept(nuke: FakeNuke, node: Any, tmp_path: Path) -> None:
    nuke.root()["proxy"].setValue(True)
    undo_before = len(nuke.undo_stack.groups)
    plate = rendered(node, tmp_path / "out")
    for frame in range(1002, 1005):
        written = read_picture(plate.media_path % frame)
        assert (written.width, written.height, written.box) == (32, 18, (4, 3, 20, 10))
        assert np.array_equal(
            written.planes["rgba.red"][3:13, 4:24], np.full((10, 20), 2 * frame, np.float32)
        )
        assert written.metadata["exr/mine"] == "yes"
    assert (plate.first, plate.last_inclusive, plate.shift, plate.is_rendered) == (1002, 1004, 0, True)
    write = node.node("PlateWrite")
    assert (write["disable"].value(), write["file"].value()) == (True, "")
    assert nuke.root()["proxy"].value() is True
    assert len(nuke.undo_stack.groups) == undo_before
    assert sorted(path.name[:10] for path in (tmp_path / "out").iterdir()) == ["plate_main"]


def test_the_same_above_is_rendered_once(nuke: FakeNuke, node: Any, tmp_path: Path) -> None:
    first = rendered(node, tmp_path / "out")
    twice = nuke.toNode("Twice")
    twice.setXYpos(500, 500)
    twice["label"].setValue("moved about")
    twice.setName("Renamed")
    node.setName("Other")
    assert rendered(node, tmp_path / "out").media_path == first.media_path
    assert len(nuke.rendered) == 3
    twice["multiply"].setValue(3.0)
    assert rendered(node, tmp_path / "out").media_path != first.media_path
    twice["multiply"].setValue(2.0)
    assert rendered(node, tmp_path / "out").media_path == first.media_path
    write_plate(tmp_path / "a", 1003, 1003, box=(4, 3, 20, 9))  # somebody renders the plate again
    assert rendered(node, tmp_path / "out").media_path != first.media_path
    nuke.root()["fps"].setValue(25)
    assert len(nuke.rendered) == 9
    rendered(node, tmp_path / "out")
    assert len(nuke.rendered) == 12


def test_a_frame_that_was_lost_is_made_again(nuke: FakeNuke, node: Any, tmp_path: Path) -> None:
    plate = rendered(node, tmp_path / "out")
    Path(plate.media_path % 1003).unlink()
    assert rendered(node, tmp_path / "out") == plate
    assert Path(plate.media_path % 1003).exists()


@pytest.mark.parametrize("frame", [1002, 1004])
def test_cancelled_it_leaves_nothing(nuke: FakeNuke, node: Any, tmp_path: Path, frame: int) -> None:
    nuke.fail_render_at = frame
    with pytest.raises(PlosiveHostError) as caught:
        rendered(node, tmp_path / "out")
    assert caught.value.code == "CANCELLED"
    assert list((tmp_path / "out").iterdir()) == []
    assert node.node("PlateWrite")["disable"].value() is True
    nuke.fail_render_at = None
    assert rendered(node, tmp_path / "out").first == 1002


def test_what_nuke_cannot_render_is_told(nuke: FakeNuke, node: Any, tmp_path: Path) -> None:
    Path(str(tmp_path / "a" / "plate.%04d.exr") % 1003).unlink()
    with pytest.raises(PlosiveHostError, match=r"above LipSync1 cannot be rendered: .*1003.*No such file"):
        rendered(node, tmp_path / "out")


def test_a_node_without_its_write(nuke: FakeNuke, node: Any, tmp_path: Path) -> None:
    nuke.delete(node.node("PlateWrite"))
    with pytest.raises(PlosiveHostError, match="lacks the node PlateWrite"):
        rendered(node, tmp_path / "out")


def test_one_view_of_two(nuke: FakeNuke, tmp_path: Path) -> None:
    nuke.root()["views"]._value = "left right"
    for view, first in (("left", 1), ("right", 11)):
        for frame in (1, 2):
            made = write_plate(tmp_path / "raw", first + frame, first + frame)
            Path(made % (first + frame)).replace(tmp_path / f"{view}.{frame}.exr")
    read = read_node(nuke, str(tmp_path / "%V.%d.exr"), 1, 2)
    grade = nuke.nodes.Grade(multiply=1.0)
    grade.setInput(0, read)
    node = lip_sync(nuke, grade)
    render = importlib.import_module("plosive_nuke.plate_render")
    plate = render.rendered_plate(node, str(tmp_path / "out"), 1, 2, "right")
    assert [read_picture(plate.media_path % frame).planes["rgba.red"][0, 0] for frame in (1, 2)] == [12, 13]
