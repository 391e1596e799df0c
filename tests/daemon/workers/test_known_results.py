# SPDX-License-Identifier: Apache-2.0
"""An earlier result of the same request, given out again: its files, under the names they have now. Sound and
pictures are made up: what a job comes to (`plosive.sync.job_key`) has tests of its own.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from plosive.speakers import Speaker
from plosive.sync_options import SyncOptions
from plosive_daemon.job import JobResult
from plosive_daemon.workers.tasks import known_results
from plosive_daemon.workers.tasks.known_results import KnownResults


@pytest.fixture(autouse=True)
def _every_request_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_results, "_key_of", lambda options: f"k{'-scored' if options.page else ''}")


def options_of(out: Path, **more: Any) -> SyncOptions:
    speakers = (Speaker("1", "anna.wav"), Speaker("12,30@4", "ben.wav"))
    return SyncOptions(Path("plate.mov"), None, out, speakers=speakers, **more).validated()


def made(folder: Path, *names: str) -> Path:
    folder.mkdir()
    for name in names:
        (folder / name).write_text(name)
    out = folder / "shot.mov"
    told = {
        "options": {"out": str(out), "report": None, "plate": "plate.mov"},
        "scores": {"1": {"result": str(out)}, "2": {"reason": "no"}},
    }
    (folder / "shot.plosive.json").write_text(json.dumps(told))
    return out


def test_of_several_speakers_every_ones_files_come_along(tmp_path: Path) -> None:
    names = ("shot.mov", "shot.1.motion.json", "shot.12-30-4.motion.json")
    scored = ("shot.score.1.html", "shot.score.12-30-4.html", "shot.1.flags.json")
    out = made(tmp_path / "first", *names, *scored, "shot.3.motion.json")
    wanted = {"report": tmp_path / "first" / "shot.score.html"}
    known = KnownResults(options_of(out, **wanted), tmp_path / "results", 0)
    assert known.delivered() is None
    known.remember(JobResult(str(out), frames_total=5), ["Mind the gap."])

    place = tmp_path / "second"
    place.mkdir()
    again = options_of(place / "other.mov", report=place / "other.score.html")
    found = KnownResults(again, tmp_path / "results", 0).delivered()
    assert found is not None
    result, warnings = found
    assert (result.out_path, result.frames_total, result.from_cache) == (str(place / "other.mov"), 5, True)
    assert list(warnings) == ["Mind the gap."]
    there = sorted(path.name for path in place.iterdir())
    wanted_names = [name.replace("shot", "other") for name in (*names, *scored, "shot.plosive.json")]
    assert there == sorted(wanted_names)
    record = json.loads((place / "other.plosive.json").read_text())
    assert record["options"]["out"] == record["scores"]["1"]["result"] == str(place / "other.mov")
    assert record["options"]["report"] == str(place / "other.score.html")
    assert record["options"]["plate"] == "plate.mov" and result.record_path.endswith("other.plosive.json")
    first = json.loads((tmp_path / "first" / "shot.plosive.json").read_text())
    assert first["options"]["out"] == str(out), "the first result's own stays"


def test_a_record_that_is_none_is_copied_as_it_is(tmp_path: Path) -> None:
    out = made(tmp_path / "first", "shot.mov")
    (tmp_path / "first" / "shot.plosive.json").write_text("[]")
    KnownResults(options_of(out), tmp_path / "results", 0).remember(JobResult(str(out)), [])
    found = KnownResults(options_of(tmp_path / "b.mov"), tmp_path / "results", 0).delivered()
    assert found is not None and (tmp_path / "b.plosive.json").read_text() == "[]"


def test_elements_and_turns_are_made_anew(tmp_path: Path) -> None:
    out = made(tmp_path / "first", "shot.mov")
    KnownResults(options_of(out), tmp_path / "results", 0).remember(JobResult(str(out)), [])
    layered = options_of(tmp_path / "b.mov", elements=tmp_path / "layers")
    assert KnownResults(layered, tmp_path / "results", 0).delivered() is None
    pattern = options_of(tmp_path / "b.%04d.exr")
    assert KnownResults(pattern, tmp_path / "results", 0).delivered() is None
