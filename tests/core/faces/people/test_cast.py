# SPDX-License-Identifier: Apache-2.0
"""A cast is saved, read again, and what an artist decided about it stays."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.core.faces.finding.scripted import placed
from tests.core.faces.people.strangers import seen
from tests.core.sync.plates import a_plate

from plosive.errors import FaceError, MediaReadError, MediaWriteError, OptionError
from plosive.faces.choice import choose_tracks
from plosive.faces.people.cast import Cast
from plosive.faces.people.cast_file import read_cast, write_cast
from plosive.faces.people.roll import Roll, call_roll
from plosive.faces.track import FaceTrack

INFO = a_plate(120)


def shown(face: np.ndarray, number: int, seed: int, shot: int, frames: range, x: float) -> FaceTrack:
    """Track `number`: person `seed` in these frames (indices)."""
    landmarks = np.stack([placed(face, x, 110)] * len(frames))
    indices = np.array(frames, dtype=np.int64)
    appearance = seen(face, seed, range(frames[0], frames[0] + 20))
    return FaceTrack(number, shot, indices, landmarks, 640, 360, appearance=appearance)


@pytest.fixture(scope="module")
def tracks(track: FaceTrack) -> list[FaceTrack]:
    """Anna (1, 3) and Ben (2, 4) in two shots, sides swapped."""
    face = track.landmarks[0]
    return [
        shown(face, 1, 1, 0, range(0, 40), 200),
        shown(face, 2, 2, 0, range(0, 40), 450),
        shown(face, 3, 1, 1, range(40, 80), 450),
        shown(face, 4, 2, 1, range(40, 80), 200),
    ]


@pytest.fixture
def roll(tracks: list[FaceTrack]) -> Roll:
    return call_roll(tracks, INFO)


def persons(roll: Roll) -> dict[int, int]:
    return {track.number: track.person for track in roll.tracks}


def test_everybody_gets_a_number_through_all_shots(roll: Roll) -> None:
    assert persons(roll) == {1: 1, 2: 2, 3: 1, 4: 2}
    assert [track.number for track in choose_tracks(roll.tracks, "2")] == [2, 4]
    assert [track.number for track in choose_tracks(roll.tracks, "450,180@1003", 1001)] == [2, 4]
    assert [track.number for track in choose_tracks(roll.tracks, "400,120,100,120@1003", 1001)] == [2, 4]


def test_a_name_is_good_wherever_a_number_is(roll: Roll) -> None:
    named = roll.named("1=Anna").named("2 = Ben")
    assert [track.number for track in choose_tracks(named.tracks, "anna")] == [1, 3]
    with pytest.raises(OptionError, match="Ben"):
        choose_tracks(named.tracks, "Clara")
    with pytest.raises(OptionError, match="--merge"):
        named.named("2=Anna")
    assert named.named("Ben=Bo").title(2) == "Bo"


@pytest.mark.parametrize("name", ["1=2", "1=auto", "1=a,b", "1=a@b", "1=", "Anna"])
def test_a_name_that_could_be_mistaken_is_refused(roll: Roll, name: str) -> None:
    with pytest.raises(OptionError):
        roll.named(name)


def test_the_next_plate_knows_the_cast(roll: Roll, track: FaceTrack, tmp_path: Path) -> None:
    path = tmp_path / "cast.json"
    write_cast(roll.named("2=Ben").saved(), path)
    face = track.landmarks[0]
    info = replace(INFO, path=Path("next.mov"), first_frame=0)
    stranger, ben = (shown(face, 1, 5, 0, range(0, 30), 200), shown(face, 2, 2, 0, range(0, 30), 450))
    again = call_roll([stranger, ben], info, read_cast(path))
    assert persons(again) == {1: 3, 2: 2}
    assert again.tracks[1].name == "Ben"
    assert [plate.file for plate in again.saved().plates] == ["plate.mov", "next.mov"]


def test_a_merge_and_a_split_stay(tracks: list[FaceTrack], roll: Roll, tmp_path: Path) -> None:
    split = roll.named("1=Anna").split("Anna@1050")
    assert persons(split) == {1: 1, 2: 2, 3: 3, 4: 2}
    assert persons(call_roll(tracks, INFO, split.saved())) == persons(split), "stronger than looks"
    merged = split.merged("1,3")
    assert persons(merged) == {1: 1, 2: 2, 3: 1, 4: 2}
    assert [person.number for person in merged.cast.people] == [1, 2]
    write_cast(merged.saved(), tmp_path / "cast.json")
    again = call_roll(tracks, INFO, read_cast(tmp_path / "cast.json"))
    assert persons(again) == persons(merged)
    assert again.title(1) == "Anna"
    result = replace(INFO, path=Path("plate_de.mov"))
    assert split.saved().pins(tracks, result) == {}
    assert split.saved().pins(tracks, result, made_from="plate.mov") == persons(split)


def test_what_cannot_be_merged_or_split_is_said(roll: Roll) -> None:
    with pytest.raises(OptionError, match="frame 1001"):
        roll.merged("1,2")
    with pytest.raises(OptionError, match="two or more"):
        roll.merged("1")
    with pytest.raises(FaceError, match="no face '7'"):
        roll.merged("1,7")
    with pytest.raises(FaceError, match="nothing before"):
        roll.split("1@1001")
    with pytest.raises(FaceError, match="no track"):
        roll.split("1@1100")
    with pytest.raises(OptionError, match="2@140"):
        roll.split("1")


def test_a_cast_comes_back_as_it_was(roll: Roll, tmp_path: Path) -> None:
    cast = roll.named("1=Zoë").saved()
    write_cast(cast, tmp_path / "cast.json")
    again = read_cast(tmp_path / "cast.json")
    assert again.plates == cast.plates
    assert [(one.number, one.name) for one in again.people] == [(1, "Zoë"), (2, "")]
    for one, other in zip(cast.people, again.people, strict=True):
        for name, value in one.appearance.arrays().items():
            assert np.array_equal(value, other.appearance.arrays()[name])
    with pytest.raises(MediaWriteError, match="exists already"):
        write_cast(cast, tmp_path / "cast.json")
    with pytest.raises(MediaWriteError, match=r"\.json"):
        write_cast(cast, tmp_path / "cast.txt")
    assert [path.name for path in tmp_path.iterdir() if path.suffix != ""] == ["cast.json"]


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[: len(text) // 2],
        lambda text: text.replace("plosive.cast.v1", "plosive.cast.v9"),
        lambda text: text.replace('"number": 2', '"number": 1'),
        lambda text: text.replace('"person": 2', '"person": 5'),
        lambda text: text.replace('"float32"', '"object"'),
        lambda text: text.replace('"zlib_base64": "', '"zlib_base64": "AAAA'),
        lambda text: json.dumps(json.loads(text) | {"people": [{}]}),
        lambda text: text.replace('"shape": [\n', '"shape": [\n 9999999999,\n'),
        lambda text: "[]",
    ],
)
def test_a_damaged_cast_is_refused_in_a_sentence(roll: Roll, tmp_path: Path, damage) -> None:  # type: ignore[no-untyped-def]
    write_cast(roll.saved(), tmp_path / "cast.json")
    text = (tmp_path / "cast.json").read_text(encoding="utf-8")
    (tmp_path / "bad.json").write_text(damage(text), encoding="utf-8")
    with pytest.raises(MediaReadError) as told:
        read_cast(tmp_path / "bad.json")
    assert "bad.json" in str(told.value)
    with pytest.raises(MediaReadError):
        read_cast(tmp_path / "missing.json")


def test_an_empty_cast_knows_nobody(tracks: list[FaceTrack]) -> None:
    assert Cast().number_of("1") is None
    assert Cast().pins(tracks, INFO) == {}
    empty = call_roll([], INFO)
    assert empty.persons == {}
    assert empty.saved().plates[0].tracks == ()
