# SPDX-License-Identifier: Apache-2.0
"""Pictures of other takes, and what a shot lacks."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from plosive.colour.coding import SceneLinear
from plosive.colour.plate_colour import PlateColour
from plosive.colour.primaries import rec709_matrix
from plosive.colour.transfer import Transfer, scene_from_linear
from plosive.demo.sample import SamplePlate, write_sample
from plosive.faces.measure import mouth_channels
from plosive.faces.people.appearance import AppearanceObserver
from plosive.faces.track import FaceTrack
from plosive.generate.pool import SourcePool
from plosive.generate.protocol import MouthWish, Shot
from plosive.generate.sources import SourceLibrary
from plosive.media import open_plate
from plosive.media.plate import PlateInfo
from plosive.motion import MouthFootage
from plosive.progress import SilentProgress
from plosive.sync.lacks import LackKind, find_lacks
from plosive.sync.same_person import same_person_odds, takes_of
from plosive.sync.take_colour import as_in
from plosive.sync.take_frames import laid_on, wanted_frames
from plosive.sync.take_pictures import SMALL_FACE_SCALE, pools_with_takes
from plosive.sync.takes import ActorTake, survey_takes

FRAMES = 14
RATE = Fraction(24)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> ActorTake:
    """The portrait half as large again, as a take."""
    path = tmp_path_factory.mktemp("takes") / "large.mov"
    write_sample(path, SamplePlate(FRAMES, 960, 540), SilentProgress())
    (take,) = survey_takes([path], SilentProgress())
    return take


@pytest.fixture
def own(track: FaceTrack, sources: SourceLibrary) -> SourcePool:
    return SourcePool.of(track, sources)


def wish_of(values: np.ndarray, closure: np.ndarray | None = None) -> MouthWish:
    none = np.zeros(len(values), dtype=np.float32)
    return MouthWish(values.astype(np.float32), none if closure is None else closure, none, none)


def footage(track: FaceTrack) -> MouthFootage:
    return MouthFootage(mouth_channels(track.landmarks), track.indices / 24.0)


def test_a_larger_take_comes_at_the_plates_size_and_colour(own: SourcePool, large: ActorTake) -> None:
    wish = wish_of(mouth_channels(own.track.head.upright))
    with open_plate(large.path) as reader:
        info = replace(reader.info, width=640, height=360)
    (pool,) = pools_with_takes({7: own}, {7: wish}, {7: [large]}, info, SilentProgress(), {}).values()
    added = np.flatnonzero(pool.take == large.number)
    assert len(added) == FRAMES and len(pool) == len(own) + FRAMES
    assert (pool.rows[added] == -1).all() and (pool.scale[added] == 1).all()
    assert (pool.cost[added] > 0).all() and (np.diff(pool.order[added]) == 1).all()
    pixels, box = pool.lit_pixels(int(added[5]), 0)
    mine, mine_box = pool.pixels(5)
    assert abs(box.width / mine_box.width - 1) < 0.06, "shrunk from one and a half times the size"
    lips = pool.landmarks[added[5], [61, 291], :2]
    assert (lips > 0).all() and (lips < (box.width, box.height)).all()
    assert np.abs(pixels.mean(axis=(0, 1)) - mine.mean(axis=(0, 1))).max() < 0.02
    assert 0.8 < np.median(pool.sharpness[added]) / np.median(own.sharpness) < 1.3
    assert np.abs(pool.upright[added].mean(axis=0) - own.upright.mean(axis=0)).max() < 0.05


def test_without_takes_nothing_changes(own: SourcePool, large: ActorTake) -> None:
    wish = wish_of(mouth_channels(own.track.head.upright))
    same = pools_with_takes({1: own}, {1: wish}, {}, large.info, SilentProgress(), {})
    assert same[1] is own


def test_a_faster_take_moves_at_the_plates_pace(own: SourcePool, large: ActorTake) -> None:
    info = replace(large.info, frame_rate=2 * RATE)
    fast = replace(large, info=info, frame_times=tuple(Fraction(place, 48) for place in range(FRAMES)))
    ((track, _),) = large.shots
    shot = laid_on(own, fast, track, RATE, Fraction(1))
    kept = shot.ticks[shot.ticks >= 0]
    assert kept.tolist() == list(range(kept[0], kept[0] + len(kept)))
    assert len(kept) in (FRAMES // 2, FRAMES // 2 + 1)
    slow = laid_on(own, large, track, RATE, Fraction(1))
    assert (np.diff(slow.ticks) == 1).all()


def test_turned_and_tiny_faces_are_left_out(own: SourcePool, large: ActorTake) -> None:
    ((track, _),) = large.shots
    tiny = replace(track, landmarks=track.landmarks * np.float32(0.1))
    assert (laid_on(own, large, tiny, RATE, Fraction(1)).ticks == -1).all()
    angle = np.deg2rad(30)
    turn = np.array([[np.cos(angle), 0, np.sin(angle)], [0, 1, 0], [-np.sin(angle), 0, np.cos(angle)]])
    away = replace(track, landmarks=(track.landmarks @ turn).astype(np.float32))
    assert (laid_on(own, large, away, RATE, Fraction(1)).ticks == -1).all()


def test_frames_that_the_shot_lacks_come_first(own: SourcePool, large: ActorTake) -> None:
    ((track, _),) = large.shots
    still = np.repeat(track.landmarks, 20, axis=0)[: 20 * FRAMES // 2].copy()
    still[100:104, 14] += (0, 40, 0)  # for four frames the lower lip drops
    still[100:104, [17, 152, 87, 317]] += (0, 40, 0)
    long = replace(track, indices=np.arange(len(still)), landmarks=still)
    times = tuple(Fraction(place, 24) for place in range(len(still)))
    take = replace(large, frame_times=times, shots=((long, footage(long)),))
    shot = laid_on(own, take, long, RATE, Fraction(1))
    asked = np.tile(shot.channels[101], (6, 1))
    wish = wish_of(np.concatenate([asked, np.zeros((6, 1))], axis=1))
    (rows,) = wanted_frames(own, wish, [shot], 16)
    assert {100, 101, 102, 103} <= set(rows.tolist())
    assert len(rows) <= 16 and (np.diff(rows) > 0).all()


def taken(
    track: FaceTrack, everybody: list[FaceTrack], takes: list[ActorTake]
) -> tuple[dict[int, ActorTake], list[str]]:
    odds = same_person_odds(everybody, [one for take in takes for one, _ in take.shots])
    return takes_of(track, everybody, takes, odds)


def test_one_person_is_told_from_another(track: FaceTrack, portrait: list, large: ActorTake) -> None:
    observer = AppearanceObserver()
    for row, frame in enumerate(portrait):
        observer.add(frame.index, frame.rgb8(), track.landmarks[row])
    seen = replace(track, appearance=observer.finish())
    ((found, _),) = large.shots
    assert same_person_odds([seen], [found])[0, 0] > 1
    long = found.landmarks.copy()
    long[:, :, 1] = (long[:, :, 1] - long[:, :1, 1]) * 1.25 + long[:, :1, 1]
    stranger = replace(found, landmarks=long)
    assert same_person_odds([seen], [found, stranger])[0, 1] < -1

    used, told = taken(seen, [seen], [large])
    assert list(used) == [0] and not told
    used, told = taken(seen, [seen], [replace(large, shots=((stranger, footage(stranger)),))])
    assert not used and "shows somebody else than the plate does" in told[0]
    both = replace(large, shots=((stranger, footage(stranger)), *large.shots))
    used, told = taken(seen, [seen], [replace(large, shots=()), both])
    assert list(used) == [1] and "shows no face" in told[0]
    used, told = taken(seen, [seen], [both])
    assert [one for one, _ in used[0].shots] == [found] and not told
    used, told = takes_of(seen, [seen], [large], np.array([[0.2]]))
    assert used and "not sure" in told[0]


def test_a_take_of_another_speaker_is_not_refused(track: FaceTrack, large: ActorTake) -> None:
    ((found, _),) = large.shots
    long = track.landmarks.copy()
    long[:, :, 1] = (long[:, :, 1] - long[:, :1, 1]) * 1.25 + long[:, :1, 1]
    other = replace(track, number=2, landmarks=long)
    used, told = taken(other, [track, other], [replace(large, shots=((found, footage(found)),))])
    assert not used and not told


def shot_of(own: SourcePool, **asked: float) -> Shot:
    values = mouth_channels(own.track.head.upright)
    closure = np.zeros(len(values), dtype=np.float32)
    for name, value in asked.items():
        if name == "closed":
            closure[2:6] = 1
        else:
            values[2:6, {"open": 0, "width": 1}[name]] = value
    return Shot(own.track, wish_of(values, closure), own, seed=0)


def test_what_a_shot_lacks_is_told(own: SourcePool) -> None:
    synced = np.ones(len(own.track.indices), dtype=np.bool_)
    known = mouth_channels(own.upright)
    assert find_lacks(shot_of(own), None, synced) == ()
    (wide,) = find_lacks(shot_of(own, open=3 * float(known[:, 0].max())), None, synced)
    assert wide.kind is LackKind.OPEN and wide.rows.tolist() == [2, 3, 4, 5] and wide.made_up == 4
    told = wide.sentence("The shot of frames 0-9 shows", {})
    assert "no mouth open wider than" in told and "4 are opened from narrower ones" in told
    assert "--actor-footage" in told
    (shut,) = find_lacks(shot_of(own, closed=1), None, synced)  # the portrait smiles
    assert shut.kind is LackKind.CLOSED and "no closed lips" in shut.sentence("It shows", {})
    (narrow,) = find_lacks(shot_of(own, width=0.3), None, synced)
    assert narrow.kind is LackKind.NARROW
    assert find_lacks(shot_of(own, width=0.3), None, ~synced) == (), "where the plate is kept nothing lacks"


def test_it_is_told_what_came_from_a_take(own: SourcePool) -> None:
    open_wide = own.only(np.array([0, 1])).upright.copy()
    open_wide[:, 14, 1] += 0.4
    take = replace(
        own.only(np.array([0, 1])),
        upright=open_wide,
        take=np.full(2, 3),
        rows=np.full(2, -1),
        scale=np.full(2, 2 * SMALL_FACE_SCALE, dtype=np.float32),
    )
    shot = shot_of(own, open=3 * float(mouth_channels(own.upright)[:, 0].max()))
    chosen = own.track.indices.copy()
    chosen[2:5] = take.keys[[0, 1, 1]]
    synced = np.ones(len(chosen), dtype=np.bool_)
    (lack,) = find_lacks(replace(shot, sources=own.joined(take)), chosen, synced)
    assert lack.from_takes == {3: 3} and lack.made_up == 1
    assert "3 come from b.mov and 1 are opened" in lack.sentence("It shows", {3: "b.mov"})
    facts = lack.facts(own.track.indices, 1001)
    assert facts["frames"] == [1003, 1004, 1005, 1006] and facts["frames_made_up"] == 1


def test_a_take_tells_the_report_its_number(large: ActorTake) -> None:
    info: PlateInfo = large.info
    assert large.facts() == {"number": 1, "file": Path(info.path), "first_frame": info.first_frame}


def test_a_take_in_other_primaries_is_read_in_the_plates(large: ActorTake) -> None:
    red = np.array([0.4, 0.12, 0.08], np.float32)  # linear Rec.709
    to_rec709 = rec709_matrix((0.713, 0.293, 0.165, 0.830, 0.128, 0.044, 0.32168, 0.33767))
    assert to_rec709 is not None
    linear = np.linalg.solve(to_rec709, red).astype(np.float32)
    colour = PlateColour("ACEScg", "The file says so.", SceneLinear(), to_rec709)
    take = replace(large.info, transfer=Transfer.SCENE, colour=colour)
    given = np.tile(scene_from_linear(linear), (2, 3, 1))
    plate = replace(large.info, transfer=Transfer.BT1886, colour=None)
    made = as_in(given, take, plate)
    assert made == pytest.approx(np.tile(red ** (1 / 2.4), (2, 3, 1)), abs=1e-4)
    assert as_in(made, plate, take) == pytest.approx(given, abs=1e-4), "and back again"
    assert as_in(given, take, take) is given
