# SPDX-License-Identifier: Apache-2.0
"""`sync --motion`: an edited motion file is what the mouth does."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from plosive.demo.sample import SamplePlate, write_sample
from plosive.errors import MediaReadError, OptionError
from plosive.faces.finding.tracker import FaceTracker
from plosive.faces.measure import CLOSED_APERTURE_IOD, aperture_iod
from plosive.media import open_plate
from plosive.motion import MotionTrack, frame_centres, motion_curves, save_motion
from plosive.progress import SilentProgress
from plosive.speech import Phone, PhoneSource, Sound, Speech
from plosive.sync import SyncOptions, SyncResult, sync_plate

FRAMES = 16
RATE = Fraction(24)
OPEN, SHUT = slice(3, 7), slice(9, 13)


@pytest.fixture(scope="module")
def plate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("motion") / "plate.mov"
    write_sample(path, SamplePlate(FRAMES, 640, 360), SilentProgress())
    return path


@pytest.fixture
def motion(tmp_path: Path, spoken_line: Path) -> Path:
    """A motion file that has nothing to do with the line: silence, a long AA, then a long M."""
    spans = (("SIL", 0, 5), ("AA", 5, 35), ("M", 35, 58), ("SIL", 58, 354))
    phones = tuple(Phone(name, Fraction(start, 100), Fraction(end, 100), 0.1) for name, start, end in spans)
    none = np.zeros(0, np.float32)
    sound = Sound(none, none, none)
    speech = Speech(Fraction(354, 100), phones, (), sound, PhoneSource.GIVEN, "en", 1.0)
    curves = motion_curves(speech, frame_centres(FRAMES, RATE), frame_seconds=1 / RATE)
    save_motion(tmp_path / "edit.json", MotionTrack(speech, curves, RATE))
    return tmp_path / "edit.json"


def run(options: SyncOptions) -> SyncResult:
    return sync_plate(options, SilentProgress())


def apertures(path: Path) -> NDArray[np.float32]:
    with open_plate(path) as reader, FaceTracker() as tracker:
        faces = [tracker.see(frame.index, frame.rgb8())[0] for frame in reader.frames()]
    return aperture_iod(np.stack([face.landmarks for face in faces]))


def record(result: SyncResult) -> dict[str, Any]:
    text = result.out.with_suffix(".plosive.json").read_text(encoding="utf-8")
    facts: dict[str, Any] = json.loads(text)
    return facts


def test_phones_of_the_file_are_spoken(plate: Path, spoken_line: Path, motion: Path, tmp_path: Path) -> None:
    result = run(SyncOptions(plate, spoken_line, tmp_path / "out.mkv", codec="ffv1", motion=motion))
    measured = apertures(result.out)
    assert measured[SHUT].max() <= 1.5 * CLOSED_APERTURE_IOD
    assert measured[OPEN].max() > 0.06
    facts = record(result)
    assert facts["dub"]["motion_from"] == {"file": str(motion), "used": "curves"}
    assert facts["options"]["motion"] == str(motion)
    assert not any("is it the motion of this dub" in sentence for sentence in result.warnings)
    assert "speech" not in result.stage_seconds, "nobody listened"


def test_edited_curves_are_what_the_mouth_does(
    plate: Path, spoken_line: Path, motion: Path, tmp_path: Path
) -> None:
    document = json.loads(motion.read_text(encoding="utf-8"))
    curves = document["curves"]
    for name in set(curves) - {"frame", "phone"}:
        curves[name][1:14] = curves[name][13:0:-1]  # what was said last is said first
    motion.write_text(json.dumps(document), encoding="utf-8")
    result = run(SyncOptions(plate, spoken_line, tmp_path / "out.mkv", codec="ffv1", motion=motion))
    measured = apertures(result.out)
    assert measured[2:5].max() <= 1.5 * CLOSED_APERTURE_IOD
    assert measured[8:11].max() > 0.06
    kept = json.loads((tmp_path / "out.motion.json").read_text(encoding="utf-8"))
    assert kept["curves_from"] == "curves" and kept["curves"]["aperture"] == curves["aperture"]


def test_a_textgrid_is_enough(plate: Path, spoken_line: Path, tmp_path: Path) -> None:
    none = np.zeros(0, np.float32)
    phones = (
        Phone("AA", Fraction(0), Fraction(3, 10)),
        Phone("M", Fraction(3, 10), Fraction(3)),
    )
    speech = Speech(Fraction(354, 100), phones, (), Sound(none, none, none), PhoneSource.GIVEN, "en", 1.0)
    save_motion(tmp_path / "praat.TextGrid", MotionTrack(speech, None, RATE))
    options = SyncOptions(plate, spoken_line, tmp_path / "out.mkv", codec="ffv1")
    result = run(SyncOptions(**{**vars(options), "motion": tmp_path / "praat.TextGrid"}))
    assert apertures(result.out)[9:].max() <= 1.5 * CLOSED_APERTURE_IOD
    phones_kept = json.loads((tmp_path / "out.motion.json").read_text(encoding="utf-8"))["phones"]
    assert [phone["symbol"] for phone in phones_kept[:2]] == ["AA", "M"]
    assert phones_kept[0]["loudness"] != phones_kept[1]["loudness"], "measured in the dub"


def test_the_given_file_is_never_written_to(
    plate: Path, spoken_line: Path, motion: Path, tmp_path: Path
) -> None:
    beside = tmp_path / "out.motion.json"
    motion.rename(beside)
    before = beside.read_bytes()
    run(SyncOptions(plate, spoken_line, tmp_path / "out.mkv", codec="ffv1", motion=beside))
    assert beside.read_bytes() == before


def test_motion_of_another_length_is_told(
    plate: Path, spoken_line: Path, motion: Path, tmp_path: Path
) -> None:
    document = json.loads(motion.read_text(encoding="utf-8"))
    document["duration_seconds"] = 9
    motion.write_text(json.dumps(document), encoding="utf-8")
    options = SyncOptions(plate, spoken_line, tmp_path / "out.mov", motion=motion, dry_run=True)
    assert any("edit.json holds 9.00 s of motion" in sentence for sentence in run(options).warnings)


def test_what_does_not_go_together(plate: Path, spoken_line: Path, motion: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.mov"
    with pytest.raises(OptionError, match="leave --transcript and --language out"):
        run(SyncOptions(plate, spoken_line, out, motion=motion, transcript="Maybe"))
    with pytest.raises(OptionError, match="motion file itself"):
        run(SyncOptions(plate, spoken_line, motion, motion=motion))
    with pytest.raises(MediaReadError, match="cannot be read"):
        run(SyncOptions(plate, spoken_line, out, motion=tmp_path / "gone.json"))
    assert not out.exists()
