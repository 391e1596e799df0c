# SPDX-License-Identifier: Apache-2.0
"""Arithmetic and text of the bench."""

from __future__ import annotations

import dataclasses
import json
import os
from pathlib import Path

import pytest

from plosive.bench.finding import MeasuredFaces, faces_lines
from plosive.bench.listening import MeasuredMotion, measure_motion, motion_lines
from plosive.bench.making import MeasuredMaking, making_lines, measure_making
from plosive.bench.material import write_material, write_speech
from plosive.bench.measured import MeasuredJob
from plosive.bench.memory import peak_bytes
from plosive.bench.scoring import MeasuredScore, score_lines
from plosive.bench.serving import MeasuredServing, serving_lines
from plosive.bench.table import job_lines, memory_line
from plosive.bench.writing import MeasuredWriting, measure_writing, writing_lines
from plosive.progress import SilentProgress

JOB = MeasuredJob(
    plate=Path("plate.mov"),
    width=1920,
    height=1080,
    frames=240,
    frames_synced=238,
    wall_seconds=24.0,
    cpu_seconds=40.0,
    stage_seconds={"faces": 8.0, "generate": 14.0},
    decode_seconds=2.0,
    decode_cpu_seconds=4.0,
    floor_seconds=12.0,
    floor_cpu_seconds=24.0,
    peak_bytes=1000 * 2**20,
)


def test_speeds() -> None:
    assert JOB.frames_per_second == 10.0
    assert JOB.ratio_to_floor == 2.0
    # the encoder used 20 of the job's 40 CPU seconds
    assert JOB.frames_per_second_without_encoder == pytest.approx(20.0)


def test_table() -> None:
    text = "\n".join(job_lines(JOB))
    assert "plate.mov: 240 frames, 1920 x 1080, 238 synced" in text
    rows = {line.split("  ")[1].strip(): line.split() for line in text.splitlines()[1:]}
    assert rows["faces"][-3:] == ["33.3", "8.00", "33%"]
    assert rows["open, close, save"][-3:] == ["8.3", "2.00", "8%"]
    assert "whole job / floor     2.00" in text
    assert "peak memory           1000 MB" in text


def test_memory_over_length() -> None:
    long = dataclasses.replace(JOB, frames=1440, peak_bytes=1050 * 2**20)
    assert memory_line(JOB, long) == "Memory from 240 to 1440 frames: +5.0%"
    assert "does not tell" in memory_line(JOB, dataclasses.replace(long, peak_bytes=None))


def test_motion_is_measured_and_told_against_real_time(tmp_path: Path) -> None:
    dub, words = write_speech(tmp_path, 8.0)
    assert words.count("Maybe") == 2
    motion = measure_motion(dub, words, tmp_path)
    assert motion.dub_seconds == pytest.approx(7.08, abs=0.1)
    assert min(motion.speech_seconds, motion.curves_seconds, motion.preview_seconds) > 0
    assert [path.name for path in tmp_path.iterdir()] == [dub.name]
    told = "\n".join(motion_lines(MeasuredMotion(60.0, 5.0, 0.1, 7.5)))
    assert "motion of 60 s of dub" in told
    assert "12.0 x real time" in told
    assert "8.0 x real time" in told


def test_scoring_is_told_against_real_time() -> None:
    score = MeasuredScore(240, 10.0, 8.0, 14.0, {"speech": 2.0, "watch": 5.5}, 600 * 2**20)
    assert score.ratio_to_real_time == 1.25
    text = "\n".join(score_lines(score))
    assert "against real time   1.25" in text
    assert "peak memory         600 MB" in text
    rows = {line.split()[0]: line.split() for line in text.splitlines()[1:]}
    assert rows["watch"][-2:] == ["22.9", "5.50"]
    assert (
        memory_line(score, score, of="Memory of scoring") == "Memory of scoring from 240 to 240 frames: +0.0%"
    )


def test_facts_come_back() -> None:
    text = json.dumps(dataclasses.asdict(JOB), default=os.fspath)
    assert MeasuredJob.from_facts(json.loads(text)) == JOB


def test_peak_memory_of_this_process() -> None:
    peak = peak_bytes()
    assert peak is None or 10 * 2**20 < peak < 64 * 2**30


def test_faces_are_told_with_their_speed_and_number() -> None:
    many = ((1.0, 12.0), (4.0, 30.0), (16.0, 95.0))
    measured = MeasuredFaces(240, 1.0, 5.0, 8.0, 0.6, many, 300 * 2**20)
    text = "\n".join(faces_lines(measured))
    assert "240 frames, 1.0 faces each" in text
    assert "48.0 fps" in text
    assert "16.0 faces a frame  95.0 ms" in text
    assert "300 MB" in text


def test_making_is_told_with_the_face_it_was_measured_on() -> None:
    shares = {"generate": 0.75, "composite": 0.25}
    making = MeasuredMaking(1920, 1080, 24, 296.2, 2, 0.75, 1.2, shares, 1.5)
    assert making.frames_per_second == 32.0
    assert making.ratio_to_floor == 0.5
    text = "\n".join(making_lines([making]))
    assert "1920 x 1080, face 296 pixels wide: 32.0 fps, 2 frames at once" in text
    assert "50.0 ms of CPU a frame (generate 37.5, composite 12.5)" in text
    assert "0.50 of decoding and encoding" in text


def test_writing_is_told_against_compressing_anew_and_copying() -> None:
    writing = MeasuredWriting("ProRes", 1920, 1080, 24, 23, 0.4, 0.5, 5.0, 4.0, 0.05)
    assert writing.times_faster == 8.0
    assert writing.times_the_floor == 10.0
    text = "\n".join(writing_lines([writing]))
    assert "ProRes 1920 x 1080: 48.0 fps, 8.0 times as fast as compressing anew, 10.0 times" in text
    assert "only 23 of 24 frames could be patched" in text


def test_the_daemon_is_told_against_the_command_line() -> None:
    serving = MeasuredServing(0.8, 200, (10.0, 8.0), (9.0, 4.0), (0.9, 0.4), (6.0, 1.5), 0.012, 0.7)
    assert serving.ratios == (0.9, 0.5)
    text = "\n".join(serving_lines(serving))
    assert "200 watchers" in text and "12.0" in text
    rows = {line.strip()[:30].strip(): line[34:].split() for line in text.splitlines()}
    assert rows["job / plosive sync"] == ["0.90", "0.50"]
    assert rows["submit to first frame told"] == ["0.90", "0.40"]
    assert rows["first preview of a frame"] == ["0.70"]


def test_writing_is_measured(tmp_path: Path) -> None:
    plate, _ = write_material(tmp_path, 0.25, 360, SilentProgress())
    measured = measure_writing(plate)
    assert [one.format for one in measured] == ["ProRes", "EXR ZIP", "EXR DWAA"]
    for one in measured:
        assert (one.width, one.height, one.frames) == (640, 360, 6)
        assert min(one.patched_wall_seconds, one.rewritten_wall_seconds, one.copied_wall_seconds) > 0


def test_making_is_measured(tmp_path: Path) -> None:
    plate, dub = write_material(tmp_path, 0.5, 360, SilentProgress())
    making = measure_making(plate, dub, "cpu")
    assert (making.width, making.height, making.frames) == (640, 360, 12)
    assert 80 < making.face_pixels < 120
    assert making.wall_seconds > 0 and making.cpu_seconds > 0 and making.floor_seconds > 0
    assert set(making.stage_shares) == {"generate", "composite"}
    assert sum(making.stage_shares.values()) == pytest.approx(1)
