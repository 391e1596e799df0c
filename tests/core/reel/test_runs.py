# SPDX-License-Identifier: Apache-2.0
"""Runs over a reel with a renderer that only copies: what is rendered when, and what if it fails."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import opentimelineio as otio
import pytest
from tests.core.reel.copying import Copier
from tests.core.reel.reels import START

from plosive.errors import FaceError, JobCancelled, MediaWriteError
from plosive.progress import SilentProgress
from plosive.reel import ConformOptions, DubWish, conform_edit


def test_one_failing_shot_never_stops_the_reel(options: ConformOptions, copier: Copier) -> None:
    lost = FaceError("Face 7 is not in the plate; choose another.")
    copier.failures = {"two": lost, "three": ValueError("bug")}
    (german,) = conform_edit(options, SilentProgress()).languages
    one, two, three = german.shots
    assert (one.state, two.state, three.state) == ("synced", "failed", "failed")
    assert two.reason == "Face 7 is not in the plate; choose another."
    assert "defect" in three.reason and "bug" in three.reason
    (log,) = (options.out.parent / "logs").iterdir()
    assert log.name in three.reason and "Traceback" in log.read_text(encoding="utf-8")
    timeline = otio.adapters.read_from_file(str(german.edits[0]))
    clips = {clip.name: clip for clip in timeline.find_clips()}
    assert clips["two"].media_reference.target_url == clips["three"].media_reference.target_url
    assert clips["one"].active_media_reference_key == "DEFAULT_MEDIA"
    assert set(clips["one"].media_references()) == {"DEFAULT_MEDIA", "plosive_original"}
    # Frames 6 to 8 rest, as is meant; 11 and 12 are kept, of which the shot ends at 11 and 12 is a handle.
    (marker,) = clips["one"].markers
    assert marker.name == "Plosive: plate kept" and marker.comment == "The face is in profile."
    assert (marker.marked_range.start_time.value, marker.marked_range.duration.value) == (START + 11, 1)
    report = json.loads(german.edits[0].with_suffix(".json").read_text(encoding="utf-8"))
    assert report["counts"] == {"synced": 1, "original": 0, "failed": 2}
    page = german.edits[0].with_suffix(".html").read_text(encoding="utf-8")
    assert "Face 7 is not in the plate" in page and "<script" not in page

    copier.failures = {}
    copier.jobs.clear()
    (again,) = conform_edit(options, SilentProgress()).languages
    assert [job.out.parent.name for job in copier.jobs] == ["002_two_de_v002", "003_three_de_v002"]
    assert [one.is_new for one in again.shots] == [False, True, True]


def test_a_stopped_reel_goes_on_where_it_was(options: ConformOptions, copier: Copier) -> None:
    copier.failures = {"three": JobCancelled("Cancelled.")}
    with pytest.raises(JobCancelled):
        conform_edit(options, SilentProgress())
    assert not list(options.out.glob("*.otio")), "nothing half done has a name"
    assert not (options.out / "de" / "003_three_de_v001").exists()
    copier.failures = {}
    copier.jobs.clear()
    killed = options.out / "de" / "003_three_de_v001" / ".003_three_de_v001.mov.77.part"
    killed.parent.mkdir()
    killed.touch()
    (german,) = conform_edit(options, SilentProgress()).languages
    assert [job.out.parent.name for job in copier.jobs] == ["003_three_de_v001"]
    assert not killed.exists()
    assert german.version == 1 and german.count("synced") == 3


def test_a_change_of_the_dub_renders_only_where_it_is_heard(
    options: ConformOptions, copier: Copier, tmp_path: Path
) -> None:
    import wave

    rate = 16000
    tone = np.random.default_rng(1).normal(0, 3000, rate * 3).astype("<i2")
    mix = tmp_path / "mix.wav"

    def write() -> None:
        with wave.open(str(mix), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(rate)
            file.writeframes(tone.tobytes())

    write()
    spoken = ((0, 8), (16, 24), (32, 40))
    options = replace(options, dubs=(DubWish("de", str(mix)),))
    with pytest.MonkeyPatch.context() as patched:
        from fractions import Fraction

        from plosive.reel import planning

        spans = tuple((Fraction(a, 24), Fraction(b, 24)) for a, b in spoken)
        patched.setattr(planning, "spoken_spans", lambda sound: spans)
        conform_edit(options, SilentProgress())
        assert len(copier.jobs) == 3
        copier.jobs.clear()
        tone[int(rate * 36 / 24)] += 9  # a single sample under the last shot
        write()
        (again,) = conform_edit(options, SilentProgress()).languages
    assert [job.out.parent.name for job in copier.jobs] == ["003_three_de_v002"]
    assert again.version == 2
    assert again.shots[0].out == options.out / "de" / "001_one_de_v001" / "001_one_de_v001.mov"


def test_two_languages_have_results_and_versions_of_their_own(
    options: ConformOptions, copier: Copier, media: Path
) -> None:
    both = replace(options, dubs=(*options.dubs, DubWish("fr", str(media / "mix.wav"), "-1/4")))
    german, french = conform_edit(both, SilentProgress()).languages
    assert german.edits[0].name == "reel_de_v001.otio" and french.edits[0].name == "reel_fr_v001.otio"
    plates = [job.out.parent.name for job in copier.jobs]
    assert plates == [
        "001_one_de_v001", "001_one_fr_v001", "002_two_de_v001", "002_two_fr_v001",
        "003_three_de_v001", "003_three_fr_v001",
    ]  # fmt: skip
    assert {job.language for job in copier.jobs} == {"de", "fr"}
    conform_edit(options, SilentProgress())
    assert (options.out / "reel_de_v002.otio").exists() and not (options.out / "reel_fr_v002.otio").exists()


def test_results_that_were_touched_are_made_again(options: ConformOptions, copier: Copier) -> None:
    (german,) = conform_edit(options, SilentProgress()).languages
    first = german.shots[0].out
    assert first is not None
    first.unlink()
    copier.jobs.clear()
    (again,) = conform_edit(options, SilentProgress()).languages
    assert [one.is_new for one in again.shots] == [True, False, False]
    assert again.shots[0].out is not None and again.shots[0].out.exists()


def test_a_dry_run_writes_nothing(options: ConformOptions, copier: Copier) -> None:
    result = conform_edit(replace(options, dry_run=True), SilentProgress())
    assert not options.out.exists() and not copier.jobs
    assert [one.state for one in result.languages[0].shots] == ["synced"] * 3


def test_a_folder_that_cannot_be_written_is_told_at_once(options: ConformOptions, copier: Copier) -> None:
    options.out.write_text("in the way")
    with pytest.raises(MediaWriteError, match="is a file"):
        conform_edit(options, SilentProgress())
    assert not copier.jobs and options.out.read_text() == "in the way"


def test_several_at_once_take_the_same_frames_in_one_process() -> None:
    """What one language finds out is there for the next; other shots of one file do not wait for it."""
    from plosive.reel.renders.pool import _chains

    class Job:
        def __init__(self, name: str) -> None:
            self.job = self.group = self.media = self
            self.path, self.source_frames = name

    works = [Job(name) for name in ("a1", "a1", "b1", "a2", "a1", "b1")]
    chains = [[one.path + one.source_frames for one in chain] for chain in _chains(works)]  # type: ignore[arg-type]
    assert chains == [["a1", "a1", "a1"], ["b1", "b1"], ["a2"]]


def test_two_languages_are_told_against_one() -> None:
    from plosive.bench.conforming import MeasuredLanguages, MeasuredReel, conforming_lines

    measured = MeasuredLanguages(MeasuredReel(1, 2, 20.0, 24.0), MeasuredReel(2, 2, 26.0, 33.0))
    told = [line.split() for line in conforming_lines(measured)]
    assert told[2] == ["2", "languages", "26.00", "33.00"]
    assert told[3][-2:] == ["1.30", "1.38"]
