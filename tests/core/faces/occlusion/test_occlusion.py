# SPDX-License-Identifier: Apache-2.0
"""What covers a face is found, stays before the new mouth to the bit, and nothing else is taken for it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.core.conftest import PictureFrame
from tests.core.faces.occlusion.covers import bar, laid_over, microphone, subtitle

from plosive.colour.transfer import Transfer
from plosive.composite.merge import Layers, Merger
from plosive.demo.sample import SamplePlate
from plosive.faces.finding.tracker import FaceTracker
from plosive.faces.occlusion.cover import Occlusion
from plosive.faces.occlusion.fill import filled
from plosive.faces.occlusion.observer import OcclusionObserver
from plosive.faces.occlusion.prediction import predicted_landmarks
from plosive.faces.track import FaceTrack
from plosive.faces.trackfile import track_arrays, tracks_from_arrays
from plosive.faces.visibility import mouth_visibility
from plosive.generate.crops import CropFile
from plosive.generate.matte import mouth_matte
from plosive.generate.plate import PlateGenerator
from plosive.generate.pool import SourcePool
from plosive.generate.protocol import MouthWish, Patch, Shot
from plosive.generate.sources import SourceCollector, mouth_box, uncovered
from plosive.geometry import Box

COUNT, FIRST, LAST = 32, 11, 20
SIZE = (640, 360)


@dataclass(frozen=True)
class Watched:
    """A plate, what was drawn over it (mattes 0..1), and the track with what was observed."""

    frames: list[PictureFrame]
    mattes: NDArray[np.float32]
    track: FaceTrack
    raw: FaceTrack


@pytest.fixture(scope="module")
def pictures() -> list[NDArray[np.float32]]:
    frames = SamplePlate(COUNT, *SIZE).frames()
    return [(frame / np.float32(65535)).astype(np.float32) for frame in frames]


@pytest.fixture(scope="module")
def clean(pictures: list[NDArray[np.float32]]) -> Watched:
    return _watched(pictures, np.zeros((COUNT, SIZE[1], SIZE[0]), dtype=np.float32))


@pytest.fixture(scope="module", params=["bar", "microphone"])
def covered(request: pytest.FixtureRequest, pictures: list[NDArray[np.float32]], clean: Watched) -> Watched:
    """Frames 11 to 20: a bar that falls past the mouth, or a microphone that comes and stays."""
    mattes = np.zeros((COUNT, SIZE[1], SIZE[0]), dtype=np.float32)
    made = list(pictures)
    for row in range(FIRST, LAST + 1):
        mouth = clean.raw.landmarks[row, 13, :2]
        width = float(clean.raw.face_widths[row])
        if request.param == "bar":
            down = (row - (FIRST + LAST) / 2) * 0.06 * width
            picture, mattes[row] = bar(SIZE, (float(mouth[0]), float(mouth[1]) + down), width)
        else:
            picture, mattes[row] = microphone(SIZE, (float(mouth[0]) + 6, float(mouth[1]) + 12), width)
        made[row] = laid_over(pictures[row], picture, mattes[row])
    return _watched(made, mattes)


@pytest.fixture(scope="module", params=[(8, 25), (0, COUNT - 1)], ids=["some", "all"])
def titled(request: pytest.FixtureRequest, pictures: list[NDArray[np.float32]], clean: Watched) -> Watched:
    """A subtitle that stands before the mouth in some frames, or in all of them."""
    first, last = request.param
    middle = clean.raw.landmarks[COUNT // 2, 13, :2]
    picture, matte = subtitle(SIZE, (float(middle[0]), float(middle[1]) + 8), float(clean.raw.face_widths[0]))
    mattes = np.zeros((COUNT, SIZE[1], SIZE[0]), dtype=np.float32)
    mattes[first : last + 1] = matte
    return _watched([laid_over(frame, picture, mattes[row]) for row, frame in enumerate(pictures)], mattes)


def _watched(pictures: list[NDArray[np.float32]], mattes: NDArray[np.float32]) -> Watched:
    frames = [PictureFrame(index, picture) for index, picture in enumerate(pictures)]
    observer = OcclusionObserver()
    with FaceTracker() as tracker:
        for frame in frames:
            (face,) = tracker.see(frame.index, frame.rgb8())
            observer.add(frame.index, frame.rgb8(), face.landmarks)
        (raw,) = tracker.tracks().values()
    occlusion, landmarks = observer.finish(raw)
    return Watched(frames, mattes, replace(raw, landmarks=landmarks, occlusion=occlusion), raw)


def _occlusion(track: FaceTrack) -> Occlusion:
    assert track.occlusion is not None
    return track.occlusion


def test_an_uncovered_face_is_left_alone(clean: Watched) -> None:
    occlusion = _occlusion(clean.track)
    assert len(occlusion.rows) == 0
    assert not occlusion.mouth_share.any()
    assert clean.track.landmarks is clean.raw.landmarks


def test_changing_light_covers_nothing(pictures: list[NDArray[np.float32]]) -> None:
    ramp = [picture * np.float32(1 - 0.5 * row / COUNT) for row, picture in enumerate(pictures)]
    ramp = [picture * np.float32(0.8 if row % 3 == 0 else 1.0) for row, picture in enumerate(ramp)]
    watched = _watched(ramp, np.zeros((COUNT, 1, 1), dtype=np.float32))
    assert len(_occlusion(watched.track).rows) == 0


def test_covered_frames_are_found_and_no_others(covered: Watched) -> None:
    rows = _occlusion(covered.track).rows
    assert set(range(FIRST + 2, LAST - 1)) <= set(rows.tolist()) <= set(range(FIRST - 2, LAST + 3))


def test_the_matte_is_that_of_the_cover(covered: Watched) -> None:
    occlusion = _occlusion(covered.track)
    overlaps = []
    for row in range(FIRST, LAST + 1):
        box = _mouth_box(covered, row)
        track = covered.track
        mouth = mouth_matte(track.landmarks[row, :, :2], float(track.face_widths[row]), box) > 0.1
        true = (covered.mattes[row][box.slices] > 0.5) & mouth
        if true.sum() < 0.02 * mouth.sum():
            continue
        alpha = occlusion.alpha(row, box, covered.frames[row].working(box))
        found = np.zeros_like(true) if alpha is None else (alpha > 0.5) & mouth
        overlaps.append((true & found).sum() / (true | found).sum())
    assert len(overlaps) > 5
    assert np.mean(overlaps) > 0.8


def test_a_subtitle_is_found_from_its_first_to_its_last_frame(titled: Watched) -> None:
    there = np.flatnonzero(titled.mattes.any(axis=(1, 2)))
    assert _occlusion(titled.track).rows.tolist() == there.tolist()
    overlaps = []
    for row in there[::4].tolist():
        box = _mouth_box(titled, row)
        alpha = _occlusion(titled.track).alpha(row, box, titled.frames[row].working(box))
        assert alpha is not None
        mouth = (
            mouth_matte(titled.track.landmarks[row, :, :2], float(titled.track.face_widths[row]), box) > 0.1
        )
        true = (titled.mattes[row][box.slices] > 0.5) & mouth
        found = (alpha > 0.5) & mouth
        overlaps.append((true & found).sum() / (true | found).sum())
        solid = (titled.mattes[row][box.slices] == 1) & mouth
        # One that is always there is told from the face by motion alone.
        assert (alpha[solid] < 1).mean() < (0.03 if there[0] > 0 else 0.25)
    assert np.mean(overlaps) > 0.8


def test_a_mouth_never_seen_without_a_graphic_still_has_sources(
    titled: Watched, pictures: list[NDArray[np.float32]]
) -> None:
    with CropFile() as crops:
        collector = SourceCollector(crops)
        for place, frame in enumerate(titled.frames):
            collector.add(frame, titled.track.landmarks[place])
        library = uncovered(collector.library(), titled.track)
        assert len(library) > 0
        pixels, box = library.pixels(0)
    row = int(library.rows[0])
    cover = _occlusion(titled.track).alpha(row, box, pixels)
    if cover is None:
        return
    hidden = (titled.mattes[row][box.slices] > 0.5) & (cover == 1)
    clean = pictures[row][box.slices]
    assert np.abs(filled(pixels, cover) - clean)[hidden].mean() < 0.4 * np.abs(pixels - clean)[hidden].mean()


def test_share_of_the_lips(covered: Watched) -> None:
    share = _occlusion(covered.track).mouth_share
    assert share[: FIRST - 3].max() == 0
    assert share.max() > 0.6


def test_landmarks_of_covered_frames_follow_the_head(covered: Watched, clean: Watched) -> None:
    lower = [61, 291, 13, 14, 17, 152]
    off = np.linalg.norm(
        covered.track.landmarks[FIRST : LAST + 1, lower, :2]
        - clean.raw.landmarks[FIRST : LAST + 1, lower, :2],
        axis=2,
    )
    assert np.median(off) < 0.03 * np.median(clean.raw.face_widths)
    assert (covered.track.landmarks[: FIRST - 3] == covered.raw.landmarks[: FIRST - 3]).all()


def test_prediction_between_two_frames(clean: Watched) -> None:
    wrong = clean.raw.landmarks.copy()
    wrong[12:16, [13, 14, 17, 152], 1] += 20
    told = predicted_landmarks(wrong, clean.raw.head, ((12, 15),))
    off = np.linalg.norm(told[12:16, :, :2] - clean.raw.landmarks[12:16, :, :2], axis=2)
    assert np.median(off) < 1.0
    assert np.percentile(off, 99) < 3.0


def test_saved_and_read_again(covered: Watched) -> None:
    (again,) = tracks_from_arrays(track_arrays([covered.track]))
    before, after = _occlusion(covered.track).arrays(), _occlusion(again).arrays()
    assert all(np.array_equal(before[key], after[key]) for key in before)
    assert _occlusion(covered.track).ranges(covered.track.indices) == _occlusion(again).ranges(again.indices)


def test_hidden_mouth_keeps_the_plate(clean: Watched) -> None:
    share = np.zeros(COUNT, dtype=np.float32)
    share[14:17] = 0.9
    visibility = mouth_visibility(replace(clean.track, occlusion=Occlusion.of(share, {})), COUNT)
    assert visibility.reasons[14:17] == ("mouth hidden",) * 3
    assert visibility.blend[14:17].max() == 0
    assert 0 < visibility.blend[13] < visibility.blend[12] < 1


def test_the_cover_stays_before_the_new_mouth(covered: Watched) -> None:
    changed, near = 0, 0
    for row in (FIRST + 3, FIRST + 5, LAST - 3):
        patch, layers = _rendered(covered, row)
        assert patch.cover is not None
        full = patch.cover == 1
        assert not layers.touched[full].any()
        assert not layers.change[full].any()
        solid = covered.mattes[row][patch.box.slices] == 1
        changed += int((solid & (np.abs(layers.change).max(axis=2) > 1 / 255)).sum())
        near += int(solid.sum())
        assert (np.abs(layers.change).max(axis=2) > 0.004).sum() > 100  # the rest of the mouth is new
    assert changed < 0.01 * near


def test_nothing_of_the_cover_is_moved_elsewhere(covered: Watched) -> None:
    for row in (FIRST + 3, LAST - 3):
        patch, _ = _rendered(covered, row)
        assert patch.cover is not None
        looked_at = np.rint(patch.plate_map - (patch.box.left, patch.box.top)).astype(int)
        x = looked_at[..., 0].clip(0, patch.box.width - 1)
        y = looked_at[..., 1].clip(0, patch.box.height - 1)
        moved = (patch.base_matte > 0) & (patch.cover < 0.5)
        assert not (patch.cover[y, x][moved] > 0.5).any()
        assert patch.source_index not in range(FIRST + 2, LAST - 1)


def _mouth_box(watched: Watched, row: int) -> Box:

    return mouth_box(watched.track.landmarks[row], float(watched.track.face_widths[row]), *SIZE)


def _rendered(watched: Watched, row: int) -> tuple[Patch, Layers]:
    count = len(watched.track.indices)
    values = np.tile(np.array([0.25, 0.62, 0.95, 0.55, 0.9], dtype=np.float32), (count, 1))
    still = np.zeros(count, dtype=np.float32)
    with CropFile() as crops:
        collector = SourceCollector(crops)
        for place, frame in enumerate(watched.frames):
            collector.add(frame, watched.track.landmarks[place])
        library = uncovered(collector.library(), watched.track)
        assert not _occlusion(watched.track).is_covered(library.rows).any()
        pool = SourcePool.of(watched.track, library)
        shot = Shot(watched.track, MouthWish(values, still, still, still), pool, seed=0)
        patch = PlateGenerator().plan(shot).render(row, watched.frames[row])
    assert patch is not None
    plate = watched.frames[row].working(patch.box)
    return patch, Merger().merge(plate, patch, Transfer.BT1886, 1.0)
