# SPDX-License-Identifier: Apache-2.0
"""Strength, gains and articulation over time: in the wish for one face, and in the pixels of a whole job."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from plosive.demo.sample import SamplePlate, write_sample
from plosive.errors import OptionError
from plosive.faces.measure import mouth_channels
from plosive.faces.track import FaceTrack
from plosive.keyed import KeyedValue
from plosive.media import open_plate
from plosive.motion import MotionCurves, MouthFootage, actor_range, fit_to_range, motion_curves
from plosive.progress import SilentProgress
from plosive.speech import hear
from plosive.sync import SyncOptions, SyncResult, sync_plate
from plosive.sync.style import Style, style_of
from plosive.sync.wishes import mouth_wish

FRAMES = 26
WORDS = "Maybe Bob prefers fluffy purple muffins"


@pytest.fixture(scope="module")
def options(tmp_path_factory: pytest.TempPathFactory, spoken_line: Path) -> SyncOptions:
    """The demo's portrait, 26 frames at 640 x 360 from 01:00:00:00, to be synced without loss."""
    folder = tmp_path_factory.mktemp("style")
    write_sample(folder / "plate.mov", SamplePlate(FRAMES, 640, 360), SilentProgress())
    return SyncOptions(folder / "plate.mov", spoken_line, folder / "out.mkv", transcript=WORDS, codec="ffv1")


@pytest.fixture(scope="module")
def faded(options: SyncOptions) -> SyncResult:
    """Plate up to frame 6, the dub fully from frame 12 to 18, the plate again from frame 22."""
    ramp = KeyedValue(((Fraction(6), 0.0), (Fraction(12), 1.0), (Fraction(18), 1.0), ("01:00:00:22", 0.0)))
    return run(replace(options, strength=ramp))


def run(options: SyncOptions) -> SyncResult:
    return sync_plate(options, SilentProgress())


def planes(path: Path) -> list[list[NDArray[np.int32]]]:
    with open_plate(path) as reader:
        return [[plane.astype(np.int32) for plane in frame.planes()] for frame in reader.frames()]  # type: ignore[attr-defined]


def record(result: SyncResult) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(result.out.with_suffix(".plosive.json").read_text(encoding="utf-8"))
    return told


@pytest.fixture(scope="module")
def curves(spoken_line: Path, track: FaceTrack) -> MotionCurves:
    """The demo's line in the frames of the tracked portrait, from its first word on."""
    from plosive.media import read_dub

    speech = hear(read_dub(spoken_line).speech_samples(), WORDS, "en", Fraction(3))
    centres = [Fraction(3, 10) + Fraction(index, 24) for index in range(len(track.indices))]
    return motion_curves(speech, centres, frame_seconds=Fraction(1, 24))


def style(count: int, **changed: NDArray[np.float64] | float) -> Style:
    values: dict[str, Any] = {"strength": 1.0, "jaw": 1.0, "lip": 1.0, "articulation": 1.0, **changed}
    return Style(
        **{name: np.full(count, value) if np.ndim(value) == 0 else value for name, value in values.items()}
    )


@pytest.mark.parametrize("strength", [0.0, 0.3, 0.9, 1.0])
def test_one_strength_is_the_plain_blend_to_the_bit(
    track: FaceTrack, curves: MotionCurves, strength: float
) -> None:
    own = mouth_channels(track.head.upright)
    seconds = np.array([float(centre) for centre in curves.centre_seconds])
    motion = fit_to_range(curves, actor_range([MouthFootage(own, seconds)]))
    wish = mouth_wish(track, curves, style(len(own), strength=strength))
    expected = (strength * motion.values + (1 - strength) * own).astype(np.float32)
    assert wish.values.tobytes() == expected.tobytes()
    assert wish.closure.tobytes() == (motion.closure * strength).astype(np.float32).tobytes()
    assert wish.rest.tobytes() == (motion.rest * strength).astype(np.float32).tobytes()


def test_each_frame_has_its_own_strength(track: FaceTrack, curves: MotionCurves) -> None:
    count = len(track.indices)
    none, whole = (mouth_wish(track, curves, style(count, strength=level)) for level in (0.0, 1.0))
    ramp = np.linspace(0, 1, count)
    wish = mouth_wish(track, curves, style(count, strength=ramp))
    assert np.array_equal(wish.values[[0, -1]], [none.values[0], whole.values[-1]])
    middle = none.values + ramp[:, None] * (whole.values - none.values)
    assert wish.values == pytest.approx(middle, abs=1e-6)


def test_gains_and_articulation_reach_only_their_frames(track: FaceTrack, curves: MotionCurves) -> None:
    count = len(track.indices)
    plain = mouth_wish(track, curves, style(count)).values
    late = np.arange(count) >= count // 2
    held_jaw = mouth_wish(track, curves, style(count, jaw=np.where(late, 0.0, 1.0))).values
    settled = held_jaw[late, 2][1:]  # a jaw needs a frame to get there
    assert np.ptp(settled) < 0.02 * np.ptp(plain[:, 2])
    assert held_jaw[0] == pytest.approx(plain[0])
    mumbled = mouth_wish(track, curves, style(count, articulation=np.where(late, 0.0, 1.0))).values
    assert np.array_equal(mumbled[~late], plain[~late])
    assert not np.array_equal(mumbled[late], plain[late])


def test_a_style_has_a_value_for_every_output_frame(options: SyncOptions) -> None:
    with open_plate(options.plate) as reader:
        info = reader.info
    ramp = KeyedValue((("01:00:00:20", 0.0), (Fraction(25), 1.0)))
    made = style_of(replace(options, strength=ramp), info, FRAMES + 3)
    assert made.strength[[0, 20, 25]].tolist() == [0.0, 0.0, 1.0]
    assert (made.strength[25:] == 1.0).all(), "held frames show the last one"
    assert len(made.strength) == len(made.jaw) == FRAMES + 3
    assert sorted(made.kept) == list(range(21))


def test_where_strength_is_zero_the_plate_keeps_its_bits(options: SyncOptions, faded: SyncResult) -> None:
    changed = [
        not all(np.array_equal(one, other) for one, other in zip(before, after, strict=True))
        for before, after in zip(planes(options.plate), planes(faded.out), strict=True)
    ]
    assert changed == [6 < index < 22 for index in range(FRAMES)]
    assert faded.kept_ranges == ((0, 6, "strength 0"), (22, 25, "strength 0"))
    assert faded.frames_synced == 15


def test_strength_fades_without_a_pop(options: SyncOptions, faded: SyncResult) -> None:
    before, after = ([picture[0] for picture in planes(path)] for path in (options.plate, faded.out))
    change = np.array([np.abs(new - old).mean() for old, new in zip(before, after, strict=True)])
    full = change[12:19].mean()
    assert full > 0
    assert change[7] < 0.25 * full and change[21] < 0.5 * full
    assert np.abs(np.diff(change)).max() < full
    (face,) = record(faded)["synced_faces"]
    assert face["blend"][6:12] == [0, 0.25, 0.5, 0.75, 1, 1]


def test_the_record_tells_values_as_they_were_given(options: SyncOptions, faded: SyncResult) -> None:
    told = record(faded)["options"]
    assert told["strength"] == [[6, 0.0], [12, 1.0], [18, 1.0], ["01:00:00:22", 0.0]]
    assert (told["jaw"], told["articulation"]) == (1.0, 1.0)


def test_a_curve_that_is_never_above_zero_is_the_plate(options: SyncOptions, tmp_path: Path) -> None:
    none = KeyedValue(((Fraction(3), 0.0), (Fraction(9), 0.0)))
    result = run(replace(options, out=tmp_path / "none.mkv", strength=none))
    assert result.frames_synced == 0 and result.kept_ranges == ((0, FRAMES - 1, "strength 0"),)
    for old, new in zip(planes(options.plate), planes(result.out), strict=True):
        assert all(np.array_equal(one, other) for one, other in zip(old, new, strict=True))


def test_keys_outside_the_plate_write_nothing(options: SyncOptions, tmp_path: Path) -> None:
    far = KeyedValue(((Fraction(1001), 0.0), (Fraction(1010), 1.0)))
    with pytest.raises(OptionError, match=r"--lip has its keys at frames 1001-1010, and plate\.mov has"):
        run(replace(options, out=tmp_path / "out.mkv", lip=far))
    assert list(tmp_path.iterdir()) == []
