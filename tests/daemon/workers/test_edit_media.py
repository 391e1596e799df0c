# SPDX-License-Identifier: Apache-2.0
"""What an edit leads to, held to the roots: as written, by links, after mapping, found by name."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest
from PIL import Image

from plosive.conform import Edit, read_edit
from plosive_daemon.service.errors import PathRefused
from plosive_daemon.service.guard import HeldSources
from plosive_daemon.service.paths import Roots
from plosive_daemon.workers.edit_media import EditMedia

posix = pytest.mark.skipif(os.name == "nt", reason="links and descriptors are otherwise there")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Frames of 8 x 8 pixels in `media`, which may be read, and in `secret`, which may not."""
    for name in ("media", "media/edits", "secret"):
        (tmp_path / name).mkdir()
        for number in range(1, 5) if "/" not in name else ():
            Image.new("RGB", (8, 8), (number, 0, 0)).save(tmp_path / name / f"a.{number:04d}.png")
    return tmp_path


def edit_of(place: Path, folder: str) -> Path:
    """An edit with one clip of an image sequence in `folder`, as it is written."""
    media = otio.schema.ImageSequenceReference(
        target_url_base=folder,
        name_prefix="a.",
        name_suffix=".png",
        start_frame=1,
        frame_zero_padding=4,
        rate=24,
        available_range=otio.opentime.TimeRange(
            otio.opentime.RationalTime(0, 24), otio.opentime.RationalTime(4, 24)
        ),
    )
    timeline = otio.schema.Timeline("reel")
    timeline.tracks.append(otio.schema.Track(kind=otio.schema.TrackKind.Video))
    timeline.tracks[0].append(otio.schema.Clip("sh010", media_reference=media))
    path = place / "media" / "edits" / "reel.otio"  # no media beside it
    otio.adapters.write_to_file(timeline, str(path))
    return path


def read(place: Path, folder: str, **more: Any) -> Edit:
    roots = Roots((place / "media",), (place / "out",))
    with HeldSources(roots) as holding:
        media = EditMedia(roots, holding)
        edit = read_edit(edit_of(place, folder), may_open=media.may_open, **more)
        media.require_unmoved()
        return edit


def test_what_lies_beneath_the_roots_is_read(place: Path) -> None:
    edit = read(place, f"{place}/media/")
    assert edit.shots[0].is_usable and not edit.offline


@posix
@pytest.mark.parametrize(
    ("folder", "more"),
    [
        ("{place}/secret/", {}),
        ("file://{place}/media/../secret/", {}),
        ("../../secret/", {}),
        ("{place}/media/linked/", {}),
        ("Q:/show/", {"path_map": (("Q:/show", "{place}/secret"),)}),
        ("/gone/", {"media_folders": ("{place}/secret",)}),
        ("/gone/", {"media_folders": ("{place}/media/linked",)}),
    ],
)
def test_what_lies_outside_is_offline(place: Path, folder: str, more: dict[str, Any]) -> None:
    (place / "media" / "linked").symlink_to(place / "secret")
    more = {name: _placed(value, place) for name, value in more.items()}
    if "media_folders" in more:
        more["media_folders"] = tuple(Path(one) for one in more["media_folders"])
    edit = read(place, folder.format(place=place), **more)
    assert not edit.shots[0].is_usable
    assert "outside the folders that may be read from" in edit.offline[0].sentence, edit.offline


def _placed(value: Any, place: Path) -> Any:
    return (
        value.format(place=place) if isinstance(value, str) else tuple(_placed(one, place) for one in value)
    )


@posix
def test_frames_that_are_links_out_of_the_roots_are_not_read(place: Path) -> None:
    (place / "media" / "a.0003.png").unlink()
    (place / "media" / "a.0003.png").symlink_to(place / "secret" / "a.0003.png")
    edit = read(place, f"{place}/media/")
    assert not edit.shots[0].is_usable and "outside" in edit.offline[0].sentence


@posix
@pytest.mark.parametrize("kind", ["device", "pipe", "kernel"])
def test_devices_and_pipes_are_not_opened(place: Path, kind: str) -> None:
    roots = Roots()
    path = {
        "device": Path("/dev/zero"),
        "kernel": Path("/proc/self/environ"),
        "pipe": place / "media" / "p.mov",
    }[kind]
    if kind == "pipe":
        os.mkfifo(path)
    with HeldSources(roots) as holding, pytest.raises(PathRefused):
        EditMedia(roots, holding).may_open(path)


def test_the_daemons_own_folder_is_never_media(place: Path) -> None:
    roots = Roots(private=(place / "secret",))
    with HeldSources(roots) as holding, pytest.raises(PathRefused, match="own folder"):
        EditMedia(roots, holding).may_open(place / "secret" / "a.0001.png")


@posix
def test_a_link_that_is_swapped_while_the_job_runs_fails_it(place: Path) -> None:
    roots = Roots((place,))
    link = place / "media" / "now"
    link.symlink_to(place / "media" / "a.0001.png")
    with pytest.raises(PathRefused, match="replaced"), HeldSources(roots) as holding:
        media = EditMedia(roots, holding)
        media.may_open(link)
        link.unlink()
        link.symlink_to(place / "media" / "a.0002.png")
        media.require_unmoved()
    with pytest.raises(PathRefused, match="replaced"), HeldSources(roots) as holding:
        EditMedia(roots, holding).may_open(place / "media" / "a.0001.png")
        (place / "media" / "a.0002.png").replace(place / "media" / "a.0001.png")


def test_what_is_not_there_is_no_failure(place: Path) -> None:
    roots = Roots((place,))
    with HeldSources(roots) as holding:
        media = EditMedia(roots, holding)
        media.may_open(place / "media" / "none.mov")
        media.may_open(place / "none" / "x.####.exr")
        media.require_unmoved()
