# SPDX-License-Identifier: Apache-2.0
"""Scoring from files: what is measured of a good result, and one sentence for what cannot be scored."""

from __future__ import annotations

import wave
from collections.abc import Iterable, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from plosive.demo.sample import SamplePlate, write_sample
from plosive.errors import DubError, FaceError, MediaReadError, OptionError, PlosiveError, RangeError
from plosive.media import open_plate
from plosive.media.plate import PlateFrame
from plosive.media.timecode import FrameRange
from plosive.progress import SilentProgress
from plosive.quality.job import score_result
from plosive.quality.observation import FaceRecorder
from plosive.quality.record import scorecard_facts
from plosive.quality.scorecard import Scorecard
from plosive.quality.survey import survey_clip
from plosive.quality.watching import FaceWatcher, WatchedFrame
from plosive.score_options import ScoreOptions
from plosive.sync import SyncOptions, sync_plate
from plosive.sync.plate_memory import PlateMemory

FRAMES = 48
PART_FIRST = 12
PART_RANGE = f"{PART_FIRST}-{FRAMES - 1}"
WORDS = "Maybe Bob prefers fluffy purple muffins"


@pytest.fixture(scope="module")
def plate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's portrait, two seconds at 640 x 360, ProRes 422 HQ, 01:00:00:00, without sound."""
    path = tmp_path_factory.mktemp("score") / "plate.mov"
    write_sample(path, SamplePlate(FRAMES, 640, 360), SilentProgress())
    return path


@pytest.fixture(scope="module")
def result(plate: Path, spoken_line: Path) -> Path:
    """The plate synced to the demo's line, lossless."""
    out = plate.with_name("result.mkv")
    options = SyncOptions(plate, spoken_line, out, transcript=WORDS, codec="ffv1")
    sync_plate(options, SilentProgress())
    return out


@pytest.fixture(scope="module")
def card(plate: Path, result: Path, spoken_line: Path) -> Scorecard:
    return score(ScoreOptions(result, spoken_line, plate, transcript=WORDS))


def score(options: ScoreOptions) -> Scorecard:
    return score_result(options, SilentProgress())


def picture_file(path: Path, pictures: list[NDArray[np.uint8]]) -> Path:
    """A silent FFV1 clip at 24 frames a second."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=24)
        stream.height, stream.width = pictures[0].shape[:2]
        stream.pix_fmt = "bgr0"
        for picture in pictures:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "rgb24").reformat(format="bgr0")))
        container.mux(stream.encode(None))
    return path


def sound_file(path: Path, samples: NDArray[np.float64]) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16000)
        file.writeframes((samples * 32767).astype("<i2").tobytes())
    return path


def test_a_good_result_gets_figures_for_all_it_shows(card: Scorecard) -> None:
    assert card.total_of == 5
    assert card.frame_count == FRAMES
    values = {figure.key: figure.value for figure in card.figures}
    assert values["faces"] == 1
    assert values["closures"] is not None and values["closures"] >= 0.75
    assert values["sync"] is not None and values["sync"] > 3
    assert abs(values["lag"] or 0) < 60
    assert values["untouched"] == 1  # FFV1 of a 4:2:2 plate: every sample outside the face
    assert all(figure.sample_count > 0 for figure in card.figures if figure.value is not None)
    assert all(figure.note for figure in card.figures if figure.value is None)


def test_curves_lie_on_every_frame(card: Scorecard) -> None:
    for name in ("aperture", "aperture_expected", "jaw", "sharpness", "flicker"):
        assert card.series[name].shape == (FRAMES,)
    assert np.isfinite(card.series["aperture"]).all()
    assert np.corrcoef(card.series["aperture"], card.series["aperture_expected"])[0, 1] > 0.7
    assert card.lip_boxes.shape == (FRAMES, 4)


def test_equalities_tell_what_came_back(card: Scorecard) -> None:
    equal = {one.name: one.is_equal for one in card.equalities}
    for name in (
        "frame count",
        "frame rate",
        "frame times",
        "size",
        "timecode",
        "pixel format",
        "length of sound",
    ):
        assert equal[name] is True, name
    assert equal["codec"] is False  # ProRes became FFV1, and the table says so


def test_the_unsynced_plate_scores_lower(card: Scorecard, plate: Path, spoken_line: Path) -> None:
    before = score(ScoreOptions(plate, spoken_line, plate, transcript=WORDS))
    assert before.total < card.total - 0.5
    assert any(flag.figure == "closures" for flag in before.flags)


def test_without_a_plate_the_seam_is_left_out(result: Path) -> None:
    alone = score(ScoreOptions(result, transcript=WORDS))  # and the dub is its own sound
    points = {point.key: point.value for point in alone.points}
    assert points["seam"] is None
    assert alone.total_of == 4
    assert alone.equalities == ()
    untouched = alone.figure("untouched")
    assert untouched is not None and untouched.value is None and "--plate" in untouched.note


@pytest.fixture(scope="module")
def part(result: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The last 36 frames of the result, alone."""
    with open_plate(result) as reader:
        pictures = [frame.rgb8() for frame in reader.frames(PART_FIRST)]
    return picture_file(tmp_path_factory.mktemp("part") / "part.mkv", pictures)


@pytest.fixture(scope="module")
def part_card(plate: Path, part: Path, spoken_line: Path) -> Scorecard:
    return score(part_options(part, plate, spoken_line))


def part_options(result: Path, plate: Path, dub: Path) -> ScoreOptions:
    return ScoreOptions(
        result, dub, plate, plate_range=PART_RANGE, audio_start=str(-PART_FIRST / 24), transcript=WORDS
    )


def test_a_part_is_compared_with_what_it_holds_of_the_plate(part_card: Scorecard) -> None:
    assert part_card.total_of == 5
    assert part_card.plate_range == FrameRange(PART_FIRST, FRAMES - 1)
    seam, untouched = part_card.figure("seam"), part_card.figure("untouched")
    assert seam is not None and seam.value is not None and seam.value < 1.2
    assert untouched is not None and untouched.value is not None
    assert untouched.details["largest_difference"] <= 4, "the very frames: what RGB rounds, and no more"
    equal = {one.name: one.is_equal for one in part_card.equalities}
    assert equal["frame count"] and equal["frame times"] and equal["size"]


def test_a_plate_that_was_watched_before_gives_the_same_score(
    part_card: Scorecard, plate: Path, part: Path, spoken_line: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    options, watched = part_options(part, plate, spoken_line), list[int]()
    watch = FaceWatcher.watch

    def counted(watcher: FaceWatcher, frames: Iterable[PlateFrame]) -> Iterator[WatchedFrame]:
        watched.append(1)
        return watch(watcher, frames)

    monkeypatch.setattr(FaceWatcher, "watch", counted)
    with PlateMemory() as memory:
        cards = [score_result(options, SilentProgress(), None, memory) for _ in range(2)]
        assert sum(watched) == 3, "the result twice, the plate once"
        with open_plate(plate) as whole:
            assert memory.watched(whole) is None, "another part is another picture"
    told = [scorecard_facts(replace(card, stage_seconds={}), True) for card in (part_card, *cards)]
    assert told[0] == told[1] == told[2]


def test_a_border_in_a_part_lowers_its_score(
    part_card: Scorecard, plate: Path, part: Path, spoken_line: Path, tmp_path: Path
) -> None:
    """A patch lifted by 25 levels around each mouth."""
    with open_plate(part) as reader:
        pictures = [frame.rgb8().astype(np.int16) for frame in reader.frames()]
    for picture, (left, top, right, bottom) in zip(pictures, part_card.lip_boxes.astype(int), strict=True):
        shrink = (right - left) // 5
        picture[top + shrink : bottom - shrink, left + shrink : right - shrink] += 25
    lifted = picture_file(
        tmp_path / "lifted.mkv", [np.clip(one, 0, 255).astype(np.uint8) for one in pictures]
    )
    card = score(part_options(lifted, plate, spoken_line))
    points, before = ({point.key: point.value for point in one.points} for one in (card, part_card))
    assert (points["seam"] or 0) < (before["seam"] or 0) - 0.3
    assert card.total < part_card.total - 0.3


def test_a_later_dub_is_seen_as_an_early_picture(result: Path, spoken_line: Path) -> None:
    late = score(ScoreOptions(result, spoken_line, audio_start="0.2", transcript=WORDS))
    lag = late.figure("lag")
    assert lag is not None and lag.value == pytest.approx(-200, abs=60)


def test_memory_holds_no_landmarks_of_frames_gone_by(plate: Path) -> None:
    recorder = FaceRecorder(0, 640, 360)
    with open_plate(plate) as reader:
        frame = next(iter(reader.frames()))
        found = survey_clip(reader, None, SilentProgress()).faces[0]
    landmarks = np.random.default_rng(1).uniform(200, 300, (478, 3)).astype(np.float32)
    for index in range(600):
        recorder.add(index, frame.rgb8(), landmarks)
    assert len(recorder._waiting) < 250
    assert len(recorder.observation()) == 600
    size = sum(getattr(found, name).nbytes for name in found.__dataclass_fields__ if name != "shot")
    assert size / len(found) < 1500  # bytes a frame: 22 MB for ten minutes at 25


class TestRefusals:
    def refused(self, options: ScoreOptions, kind: type[PlosiveError], *words: str) -> None:
        with pytest.raises(kind) as caught:
            score(options)
        sentence = str(caught.value)
        assert "\n" not in sentence and sentence.endswith(".")
        assert all(word in sentence for word in words), sentence

    def test_no_face(self, tmp_path: Path, spoken_line: Path) -> None:
        noise = np.random.default_rng(2).integers(0, 255, (30, 120, 160, 3), np.uint8)
        clip = picture_file(tmp_path / "noise.mkv", list(noise))
        self.refused(ScoreOptions(clip, spoken_line, transcript=WORDS), FaceError, "No face", "noise.mkv")

    def test_black(self, tmp_path: Path, spoken_line: Path) -> None:
        clip = picture_file(tmp_path / "black.mkv", [np.zeros((120, 160, 3), np.uint8)] * 30)
        self.refused(ScoreOptions(clip, spoken_line, transcript=WORDS), FaceError, "black.mkv", "even colour")

    def test_no_sound_anywhere(self, plate: Path) -> None:
        self.refused(ScoreOptions(plate), DubError, "no sound of its own", "--audio")

    def test_a_silent_dub(self, plate: Path, tmp_path: Path) -> None:
        dub = sound_file(tmp_path / "quiet.wav", np.zeros(32000))
        self.refused(ScoreOptions(plate, dub), DubError, "quiet.wav", "silent")

    def test_a_dub_without_speech(self, plate: Path, tmp_path: Path) -> None:
        hum = 0.3 * np.sin(2 * np.pi * 100 * np.arange(32000) / 16000)
        self.refused(ScoreOptions(plate, sound_file(tmp_path / "hum.wav", hum)), DubError, "Nobody speaks")

    def test_a_plate_of_another_length(self, plate: Path, spoken_line: Path, tmp_path: Path) -> None:
        with open_plate(plate) as reader:
            pictures = [frame.rgb8() for frame in reader.frames()][:30]
        short = picture_file(tmp_path / "short.mkv", pictures)
        options = ScoreOptions(short, spoken_line, plate, transcript=WORDS)
        self.refused(options, MediaReadError, "30 frames", "48", "--plate-range")
        wrong = replace(options, plate_range="10-40")
        self.refused(wrong, MediaReadError, "30 frames", "10-40", "31", "--plate-range")
        self.refused(replace(options, plate_range="10-60"), RangeError, "10-60", "0-47")

    def test_a_face_seen_too_briefly(self, plate: Path, spoken_line: Path, tmp_path: Path) -> None:
        with open_plate(plate) as reader:
            pictures = [frame.rgb8() for frame in reader.frames()][:10]
        brief = picture_file(tmp_path / "brief.mkv", pictures)
        self.refused(ScoreOptions(brief, spoken_line, transcript=WORDS), FaceError, "10 frames", "second")

    def test_a_face_that_is_not_there(self, result: Path) -> None:
        self.refused(ScoreOptions(result, face="7", transcript=WORDS), FaceError, "no face 7")

    def test_files_that_do_not_exist(self, plate: Path, spoken_line: Path, tmp_path: Path) -> None:
        self.refused(ScoreOptions(tmp_path / "none.mov", spoken_line), MediaReadError, "does not exist")
        self.refused(ScoreOptions(tmp_path / "none.mov"), MediaReadError, "does not exist")
        self.refused(ScoreOptions(plate, tmp_path / "none.wav"), DubError, "does not exist")

    def test_options_that_make_no_sense(self, plate: Path) -> None:
        self.refused(ScoreOptions(plate, audio_channel=0), OptionError, "--audio-channel")
        self.refused(ScoreOptions(plate, sequence_rate=Fraction(0)), OptionError, "--rate")
        self.refused(ScoreOptions(plate, plate_range="1-5"), OptionError, "--plate-range", "--plate")
