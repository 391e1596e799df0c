# SPDX-License-Identifier: Apache-2.0
"""The whole job on a small sample: what changes, what does not, and that it repeats."""

from __future__ import annotations

import json
import wave
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from plosive.demo.sample import SamplePlate, write_sample
from plosive.errors import (
    FaceError,
    JobCancelled,
    MediaReadError,
    MediaWriteError,
    MissingDependencyError,
    OptionError,
    RangeError,
)
from plosive.faces.finding.tracker import FaceTracker
from plosive.faces.measure import CLOSED_APERTURE_IOD, aperture_iod
from plosive.media import open_plate
from plosive.progress import SilentProgress
from plosive.sync import SyncOptions, SyncResult, sync_plate
from plosive.verify.job import verify_files
from plosive.verify.options import VerifyOptions

FRAMES = 34
WORDS = "Maybe Bob prefers fluffy purple muffins"
SAMPLE = SamplePlate(FRAMES, 640, 360)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("job")


@pytest.fixture(scope="session")
def plate(folder: Path) -> Path:
    """The demo's portrait, 34 frames at 640 x 360, ProRes 422 HQ, 01:00:00:00."""
    path = folder / "plate.mov"
    write_sample(path, SAMPLE, SilentProgress())
    return path


@pytest.fixture(scope="session")
def synced(plate: Path, spoken_line: Path, folder: Path) -> SyncResult:
    """The plate synced to the demo's line, lossless (FFV1)."""
    return run(SyncOptions(plate, spoken_line, folder / "synced.mkv", transcript=WORDS, codec="ffv1"))


def run(options: SyncOptions) -> SyncResult:
    return sync_plate(options, SilentProgress())


def silence(path: Path, seconds: float) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16000)
        file.writeframes(bytes(2 * int(seconds * 16000)))
    return path


def pictures(path: Path) -> list[NDArray[np.uint8]]:
    with open_plate(path) as reader:
        return [frame.rgb8() for frame in reader.frames()]


def planes(path: Path) -> list[list[NDArray[np.uint16]]]:
    with open_plate(path) as reader:
        return [[plane.copy() for plane in frame.planes()] for frame in reader.frames()]  # type: ignore[attr-defined]


def apertures(path: Path) -> NDArray[np.float32]:
    with FaceTracker() as tracker:
        faces = [tracker.see(index, picture)[0] for index, picture in enumerate(pictures(path))]
    return aperture_iod(np.stack([face.landmarks for face in faces]))


def test_count_times_size_and_timecode_stay(plate: Path, synced: SyncResult) -> None:
    with open_plate(plate) as before, open_plate(synced.out) as after:
        assert after.info.frame_count == before.info.frame_count == FRAMES
        assert after.frame_times() == before.frame_times()
        assert (after.info.width, after.info.height) == (640, 360)
        assert after.info.pixel_format == before.info.pixel_format
        assert after.info.start_timecode == "01:00:00:00"
    assert synced.frames_total == synced.frames_synced == FRAMES
    assert synced.kept_ranges == ()


def test_outside_the_lower_face_every_sample_keeps_its_bits(plate: Path, synced: SyncResult) -> None:
    for before, after in zip(planes(plate), planes(synced.out), strict=True):
        changed = [np.argwhere(one != other) for one, other in zip(before, after, strict=True)]
        assert len(changed[0]) > 500, "the mouth did change"
        top, left = changed[0].min(axis=0)
        bottom, right = changed[0].max(axis=0)
        assert top > 100 and left > 180 and right < 460, "only the lower face"
        assert bottom < 330


def test_a_prores_plate_is_patched_and_proven(plate: Path, spoken_line: Path, folder: Path) -> None:
    """The same job into the plate's own format: its own file, but for blocks under the matte, and the dub."""
    layers = folder / "layers_patched"
    done = run(
        SyncOptions(
            plate, spoken_line, folder / "patched.mov", transcript=WORDS, elements=layers, frame_range="4-23"
        )
    )
    exactness = done.report["exactness"]
    assert isinstance(exactness, dict)
    assert exactness["frames"] == {"copied": FRAMES - 20, "patched": 20, "rewritten": 0}
    assert any(sentence.startswith("Frames: 14 copied byte for byte, 20 patched") for sentence in done.notes)
    proven = verify_files(VerifyOptions(plate=plate, out=done.out, matte=layers), SilentProgress())
    assert proven.has_passed and not proven.is_unjudged, proven.failures


def test_lips_meet_on_every_plosive(synced: SyncResult) -> None:
    motion = json.loads((synced.out.parent / "synced.motion.json").read_text(encoding="utf-8"))
    closed = np.flatnonzero(np.array(motion["curves"]["closure"]) >= 0.99)
    assert len(closed) >= 4
    measured = apertures(synced.out)
    assert measured[closed].max() <= 1.5 * CLOSED_APERTURE_IOD
    assert measured.max() > 0.1, "and open in between"


def test_the_same_command_gives_the_same_pixels(
    synced: SyncResult, plate: Path, spoken_line: Path, tmp_path: Path
) -> None:
    again = run(SyncOptions(plate, spoken_line, tmp_path / "again.mkv", transcript=WORDS, codec="ffv1"))
    assert again.out.read_bytes() == synced.out.read_bytes()


def test_the_report_says_what_was_done(synced: SyncResult) -> None:
    report = json.loads((synced.out.parent / "synced.plosive.json").read_text(encoding="utf-8"))
    assert report["schema"] == "plosive.report.v1"
    assert report["dub"]["phones_from"] == "forced alignment of the transcript"
    assert len(report["synced_faces"][0]["choices"]["source_frame_indices"]) == FRAMES
    assert report["faces"][0]["frames"] == list(range(FRAMES))
    assert any("cut off" in sentence for sentence in report["warnings"])


def test_a_silent_dub_rests_in_every_frame(plate: Path, tmp_path: Path) -> None:
    dub = silence(tmp_path / "silence.wav", FRAMES / 24)
    result = run(SyncOptions(plate, dub, tmp_path / "rest.mkv", codec="ffv1"))
    assert any("silent" in sentence for sentence in result.warnings)
    assert apertures(result.out).max() <= 1.5 * CLOSED_APERTURE_IOD


def test_without_a_face_every_frame_is_the_plates(spoken_line: Path, tmp_path: Path) -> None:
    from PIL import Image

    for number in range(1001, 1007):
        rows, columns = np.mgrid[:90, :160]
        wall = np.stack([rows * 2, columns, np.full_like(rows, number % 256)], axis=-1).astype(np.uint8)
        Image.fromarray(wall).save(tmp_path / f"wall.{number}.png")
    result = run(SyncOptions(tmp_path / "wall.%04d.png", spoken_line, tmp_path / "out.%04d.png"))
    assert result.frames_synced == 0
    assert result.kept_ranges == ((1001, 1006, "no face"),)
    assert any("No face" in sentence for sentence in result.warnings)
    for number in range(1001, 1007):
        before, after = (
            np.asarray(Image.open(tmp_path / f"{name}.{number}.png")) for name in ("wall", "out")
        )
        assert np.array_equal(before, after)


def test_a_range_leaves_the_rest_alone_and_fades(plate: Path, spoken_line: Path, tmp_path: Path) -> None:
    options = SyncOptions(plate, spoken_line, tmp_path / "range.mkv", codec="ffv1", frame_range="10-20")
    result = run(replace(options, transcript=WORDS))
    assert result.kept_ranges == ((0, 9, "outside --range"), (21, 33, "outside --range"))
    changed = [
        not all(np.array_equal(one, other) for one, other in zip(before, after, strict=True))
        for before, after in zip(planes(plate), planes(result.out), strict=True)
    ]
    assert changed == [10 <= index <= 20 for index in range(FRAMES)]


def test_strength_zero_is_the_plate(plate: Path, spoken_line: Path, tmp_path: Path) -> None:
    options = SyncOptions(plate, spoken_line, tmp_path / "none.mkv", codec="ffv1", strength=0.0)
    result = run(replace(options, transcript=WORDS))
    assert result.frames_synced == 0 and result.kept_ranges[0][2] == "strength 0"
    assert all(
        np.array_equal(one, other)
        for before, after in zip(planes(plate), planes(result.out), strict=True)
        for one, other in zip(before, after, strict=True)
    )


def test_hold_repeats_the_last_frame_until_the_dub_ends(
    plate: Path, spoken_line: Path, tmp_path: Path
) -> None:
    options = SyncOptions(plate, spoken_line, tmp_path / "held.mkv", codec="ffv1", transcript=WORDS)
    result = run(replace(options, on_length_mismatch="hold"))
    with open_plate(result.out) as reader:
        assert reader.info.frame_count == result.frames_total == 85
        assert reader.frame_times()[-1] == Fraction(84, 24)
    shown = planes(result.out)
    assert all(np.array_equal(one, other) for one, other in zip(shown[33], shown[84], strict=True))


def test_a_still_picture_talks_for_the_length_of_the_dub(spoken_line: Path, tmp_path: Path) -> None:
    from PIL import Image

    still = tmp_path / "portrait.png"
    picture = next(iter(SAMPLE.frames()))
    Image.fromarray((picture >> 8).astype(np.uint8)).save(still)
    result = run(SyncOptions(still, spoken_line, tmp_path / "talking.mov", transcript=WORDS))
    assert result.frames_total == 85 and result.frames_synced == 85
    measured = apertures(result.out)
    assert measured.min() <= CLOSED_APERTURE_IOD and measured.max() > 0.1


def test_a_dry_run_writes_nothing(plate: Path, spoken_line: Path, tmp_path: Path) -> None:
    result = run(SyncOptions(plate, spoken_line, tmp_path / "out.mov", transcript=WORDS, dry_run=True))
    assert result.frames_synced == FRAMES
    assert list(tmp_path.iterdir()) == []


class Impatient(SilentProgress):
    """Cancels in the middle of rendering."""

    def __init__(self) -> None:
        super().__init__()
        self._stage, self._done = "", 0

    def start(self, stage: str, total_frames: int | None) -> None:
        self._stage, self._done = stage, 0

    def advance(self, frames: int = 1) -> None:
        self._done += frames
        if self._stage == "render" and self._done == 5:
            raise JobCancelled("Cancelled.")


def test_cancelling_leaves_no_half_file(plate: Path, spoken_line: Path, tmp_path: Path) -> None:
    options = SyncOptions(plate, spoken_line, tmp_path / "out.mov", transcript=WORDS)
    with pytest.raises(JobCancelled):
        sync_plate(options, Impatient())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"frame_range": "30-40"}, RangeError),
        ({"face": "7"}, FaceError),
        ({"generator": "dreams"}, OptionError),
        ({"audio_start": "02:00:00:00"}, RangeError),
        ({"plate": Path("nowhere.mov")}, MediaReadError),
    ],
)
def test_bad_requests_are_one_sentence_and_write_nothing(
    plate: Path, spoken_line: Path, tmp_path: Path, changed: dict[str, object], error: type[Exception]
) -> None:
    options = SyncOptions(plate, spoken_line, tmp_path / "out.mov", transcript=WORDS)
    with pytest.raises(error) as raised:
        run(replace(options, **changed))  # type: ignore[arg-type]
    assert "\n" not in str(raised.value)
    assert list(tmp_path.iterdir()) == []


def test_an_existing_out_is_refused_before_the_work(plate: Path, spoken_line: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.mov"
    out.write_bytes(b"precious")
    with pytest.raises(MediaWriteError, match="overwrite"):
        run(SyncOptions(plate, spoken_line, out, transcript=WORDS))
    assert out.read_bytes() == b"precious"


def test_cuda_that_is_not_there_is_said(plate: Path, spoken_line: Path, tmp_path: Path) -> None:
    import torch

    if torch.cuda.is_available():
        pytest.skip("this machine has CUDA")
    with pytest.raises(MissingDependencyError, match="cuda"):
        run(SyncOptions(plate, spoken_line, tmp_path / "out.mov", device="cuda"))


def test_elements_are_written_for_every_frame(plate: Path, spoken_line: Path, tmp_path: Path) -> None:
    import OpenImageIO as oiio

    options = SyncOptions(plate, spoken_line, tmp_path / "out.mkv", transcript=WORDS, codec="ffv1")
    run(replace(options, elements=tmp_path / "elements", frame_range="5-8"))
    found = sorted((tmp_path / "elements").glob("*.exr"))
    assert [path.name for path in found] == [f"elements.{number:04d}.exr" for number in range(FRAMES)]
    made = [
        number
        for number, path in enumerate(found)
        if oiio.ImageBuf(str(path)).spec().getattribute("plosive/faces")
    ]
    assert made == [5, 6, 7, 8]
    again = replace(options, out=tmp_path / "other.mkv", elements=tmp_path / "elements")
    with pytest.raises(MediaWriteError, match="holds elements already"):
        run(again)
