# SPDX-License-Identifier: Apache-2.0
"""Finding an edit's media: URLs and paths of any system, maps, folders, and by which clock it counts."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from plosive.conform.media.path_map import PathMap, parse_path_map
from plosive.conform.media.references import plain_path
from plosive.errors import MediaReadError, OptionError
from plosive.media import FrameRange, open_plate

PATHS = {
    "file:///mnt/a%20b/c%231.mov": "/mnt/a b/c#1.mov",
    "file://localhost/mnt/a.mov": "/mnt/a.mov",
    "FILE:///C:/reel/a.mov": "C:/reel/a.mov",
    "file:///C%3A/reel/a.mov": "C:/reel/a.mov",
    "file://C:/reel/a.mov": "C:/reel/a.mov",
    "file://server/share/a.mov": "//server/share/a.mov",
    "/mnt/50%25/a.mov": "/mnt/50%25/a.mov",
    "C:\\reel\\a.mov": "C:\\reel\\a.mov",
    "a.mov": "a.mov",
}


@pytest.mark.parametrize("url", PATHS)
def test_urls_and_paths(url: str) -> None:
    assert plain_path(url) == PATHS[url]


def test_a_map_replaces_whole_folders() -> None:
    mapped = PathMap(parse_path_map(["Z:\\Reel=/mnt/reel", "//nas/vol=/vol", "/a=/b"]))
    assert str(mapped.here("z:\\reel\\day 1\\a.mov")) == "/mnt/reel/day 1/a.mov"
    assert str(mapped.here("//nas/vol/x.exr")) == "/vol/x.exr"
    assert str(mapped.here("\\\\nas\\vol\\x.exr")) == "/vol/x.exr"
    assert mapped.here("/ab/x.mov") is None
    with pytest.raises(OptionError, match="names no two folders"):
        parse_path_map(["nothing"])
    with pytest.raises(OptionError, match="which shells take away"):
        parse_path_map(["Z:reel=/mnt/reel"])
    assert parse_path_map(["Z:=/mnt"]) == (("Z:", "/mnt"),)


def sole(edit: Any) -> Any:
    (shot,) = edit.shots
    return shot


def test_media_is_found_as_written_mapped_and_beside_the_edit(edits: Any) -> None:
    movie = edits.movie("deep/a.mov", 24, Fraction(24))
    for url, how, arguments in (
        (movie.as_uri(), "as written", {}),
        ("deep/a.mov", "as written", {}),
        ("Q:\\show\\a.mov", "mapped", {"path_map": (("Q:/show", str(movie.parent)),)}),
    ):
        shot = sole(edits.read(edits.timeline([edits.clip((4, 8, 24), url=url)]), **arguments))
        assert (shot.media.path, shot.media.found, shot.is_usable) == (movie, how, True)
        assert (shot.played_frames.first_frame, shot.media.available.last_frame_inclusive) == (4, 23)
    beside = edits.movie("b.mov", 24, Fraction(24))
    shot = sole(edits.read(edits.timeline([edits.clip((4, 8, 24), url="/elsewhere/b.mov")])))
    assert (shot.media.path, shot.media.found) == (beside, "beside the edit")


def test_media_is_found_by_name_and_timecode(edits: Any) -> None:
    early = edits.movie("store/1/a.mov", 24, Fraction(24), "01:00:00:00")
    late = edits.movie("store/2/a.mov", 24, Fraction(24), "02:00:00:00")
    folders = (edits.folder / "store",)
    clips = [
        edits.clip((86400 + 4, 8, 24), url="/gone/A.MOV"),
        edits.clip((2 * 86400 + 6, 8, 24), url="/gone/a.mov"),
        edits.clip((3 * 86400, 8, 24), url="/gone/a.mov"),
    ]
    edit = edits.read(edits.timeline(clips), media_folders=folders)
    assert [shot.media.path for shot in edit.shots] == [early, late, None]
    assert [shot.media.found for shot in edit.shots] == ["by name", "by name", ""]
    assert edit.shots[1].played_frames.first_frame == 6
    (offline,) = edit.offline
    assert offline.shots == (3,)
    assert "without the frames that the edit shows" in offline.sentence


def test_two_files_of_one_name_and_timecode_are_not_guessed_between(edits: Any) -> None:
    for folder in ("1", "2"):
        edits.movie(f"store/{folder}/a.mov", 24, Fraction(24))
    edit = edits.read(
        edits.timeline([edits.clip((4, 8, 24), url="/gone/a.mov")]), media_folders=(edits.folder / "store",)
    )
    assert "2 files are called a.mov" in edit.offline[0].sentence
    shot = sole(
        edits.read(
            edits.timeline([edits.clip((4, 8, 24), url="/gone/2/a.mov")]),
            media_folders=(edits.folder / "store",),
        )
    )
    assert shot.media.path == edits.folder / "store/2/a.mov"


def test_a_sequence_is_found_and_numbered_by_its_files(edits: Any) -> None:
    folder = edits.sequence("store/seq", "a", 1001, 1040)
    clip = edits.clip((10, 8, 24), (0, 40, 24), first_file=1001)
    clip.media_reference.name_suffix = ".png"
    shot = sole(edits.read(edits.timeline([clip]), media_folders=(edits.folder / "store",), handles=4))
    assert shot.media.path == folder / "a.####.png"
    assert (shot.source_frames.first_frame, shot.source_frames.last_frame_inclusive) == (1007, 1022)


def test_a_sequence_with_a_gap_is_told(edits: Any) -> None:
    folder = edits.sequence("media", "a", 1001, 1020)
    (folder / "a.1010.png").unlink()
    clip = edits.clip((5, 8, 24), (0, 20, 24), first_file=1001)
    clip.media_reference.target_url_base, clip.media_reference.name_suffix = str(folder), ".png"
    edit = edits.read(edits.timeline([clip]))
    assert "1010" in edit.offline[0].sentence
    assert not edit.shots[0].is_usable


def test_offline_media_is_listed_once_with_its_shots(edits: Any) -> None:
    clips = [edits.clip((0, 8, 24), url="Z:\\gone\\a.mov"), edits.clip((20, 8, 24), url="Z:\\gone\\a.mov")]
    (offline,) = edits.read(edits.timeline(clips)).offline
    assert offline.shots == (1, 2)
    assert offline.sentence == (
        "a.mov is offline (the edit has it at Z:\\gone\\a.mov); name the folder it lies in with --media, or "
        "its new place with --map."
    )


def test_a_still_is_left_alone(edits: Any) -> None:
    folder = edits.sequence("media", "logo", 7, 7)
    shot = sole(edits.read(edits.timeline([edits.clip((0, 48, 24), url=str(folder / "logo.0007.png"))])))
    assert (shot.media.kind, shot.is_usable) == ("still", False)
    assert "still picture" in shot.warnings[0]


def test_the_clock_is_the_one_that_fits_the_files(edits: Any) -> None:
    movie = edits.movie("a.mov", 48, Fraction(24), "01:00:00:00")
    cases = {
        "stated": (edits.clip((86410, 8, 24), (86400, 48, 24), url=str(movie)), 10),
        "unstated, by timecode": (edits.clip((86410, 8, 24), url=str(movie)), 10),
        "unstated, from 0": (edits.clip((10, 8, 24), url=str(movie)), 10),
        "stated from 0, used by timecode": (edits.clip((86410, 8, 24), (0, 48, 24), url=str(movie)), 10),
        "stated by timecode, used from 0": (edits.clip((10, 8, 24), (86400, 48, 24), url=str(movie)), 10),
    }
    for name, (clip, first) in cases.items():
        shot = sole(edits.read(edits.timeline([clip])))
        assert shot.played_frames is not None, name
        assert shot.played_frames.first_frame == first, name
        assert bool(shot.warnings) == ("used" in name), name


def test_media_of_another_rate_counts_by_seconds_or_is_played_frame_by_frame(edits: Any) -> None:
    movie = edits.movie("a.mov", 50, Fraction(25))
    by_seconds = edits.clip((24, 12, 24), url=str(movie))
    interpreted = edits.clip((24, 12, 24), (0, 50, 24), url=str(movie))
    first, second = edits.read(edits.timeline([by_seconds, interpreted])).shots
    assert first.media.rate == 25
    assert first.played_frames == FrameRange(25, 36)
    assert (second.media.rate, second.media.file_rate) == (24, 25)
    assert second.played_frames == FrameRange(24, 35)
    assert "frame by frame" in second.warnings[0]


def test_nothing_is_looked_up_where_it_may_not(edits: Any) -> None:
    """As in the daemon, whose roots hold what an edit leads to, also after mapping and finding by name."""
    movie = edits.movie("closed/a.mov", 24, Fraction(24))
    copy = edits.movie("open/a.mov", 24, Fraction(24))
    asked: list[Path] = []

    def may_open(path: Path) -> None:
        asked.append(path)
        if path.is_relative_to(movie.parent):
            raise MediaReadError(f"{path} lies outside.")

    for url, arguments in (
        (movie.as_uri(), {}),
        ("closed/a.mov", {}),
        ("open/../closed/a.mov", {}),
        ("Q:/show/a.mov", {"path_map": (("Q:/show", str(movie.parent)),)}),
        ("/gone/a.mov", {"media_folders": (movie.parent,)}),
    ):
        timeline = edits.timeline([edits.clip((4, 8, 24), url=url)])
        edit = edits.read(timeline, may_open=lambda path: may_open(path.resolve()), **arguments)
        assert not sole(edit).is_usable and movie in asked
        assert [one.sentence for one in edit.offline] == [f"{movie} lies outside."], url
        asked.clear()
    timeline = edits.timeline([edits.clip((4, 8, 24), url=movie.as_uri())])
    shot = sole(edits.read(timeline, may_open=may_open, media_folders=(edits.folder,)))
    assert (shot.media.path, shot.media.found) == (copy, "by name")


def test_a_sequence_may_be_counted_by_its_files_numbers(edits: Any) -> None:
    """As programs write that say no available range and have no timecode."""
    edits.sequence("s", "a", 1001, 1020)
    clip = edits.clip((1011, 5, 24), None, first_file=1001)
    clip.media_reference.target_url_base, clip.media_reference.name_suffix = "s/", ".png"
    (shot,) = edits.read(edits.timeline([clip])).shots
    assert [frame for _, frame in shot.media_frames()] == [1011, 1012, 1013, 1014, 1015]
    assert shot.warnings == ("a.####.png: the edit counts by the numbers of its files.",)


def test_a_sequence_in_steps_is_left_alone_and_the_rest_goes_on(edits: Any) -> None:
    edits.sequence("s", "a", 1001, 1020)
    clips = [edits.clip((start, 5, 24), (0, 10, 24), first_file=1001) for start in (0, 0)]
    for clip in clips:
        clip.media_reference.target_url_base, clip.media_reference.name_suffix = "s/", ".png"
    clips[0].media_reference.frame_step = 2
    edit = edits.read(edits.timeline(clips))
    assert [shot.is_usable for shot in edit.shots] == [False, True]
    assert "in steps of 2 files" in edit.offline[0].sentence and edit.offline[0].shots == (1,)


def test_missing_files_stop_only_the_shots_that_show_them(edits: Any) -> None:
    folder = edits.sequence("s", "a", 1001, 1040)
    for number in (1020, 1021):
        (folder / f"a.{number}.png").unlink()
    clips = [edits.clip((start, 6, 24), (0, 40, 24), first_file=1001) for start in (4, 17, 30)]
    for clip in clips:
        clip.media_reference.target_url_base, clip.media_reference.name_suffix = "s/", ".png"
    edit = edits.read(edits.timeline(clips), handles=20)
    assert [shot.is_usable for shot in edit.shots] == [True, False, True]
    assert [(shot.source_frames.first_frame, shot.source_frames.last_frame_inclusive) for shot in edit.shots
            if shot.is_usable] == [(1001, 1019), (1022, 1040)]  # fmt: skip
    assert [next(frame for _, frame in shot.media_frames()) for shot in edit.shots] == [1005, 1018, 1031]
    assert "lacks frames 1020-1021" in edit.offline[0].sentence and edit.offline[0].shots == (2,)
    assert edit.shots[2].media.path.name == "a.####.png"
    with open_plate(edit.shots[2].media.plate_path, sequence_rate=Fraction(24)) as plate:
        assert (plate.info.first_frame, plate.info.last_frame_inclusive) == (1022, 1040)
