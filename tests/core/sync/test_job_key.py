# SPDX-License-Identifier: Apache-2.0
"""A job's key: everything that changes the result changes it, nothing else does, no option is forgotten."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import plosive.sync.job_key
import plosive.sync.opened
from plosive.demo.sample import SamplePlate, write_sample
from plosive.generate.facts import GeneratorFacts
from plosive.generate.plate import PlateGenerator
from plosive.generate.weights import Weights
from plosive.keyed import KeyedValue
from plosive.licence import Licence
from plosive.media.plateaudio import PlateAudio
from plosive.progress import SilentProgress
from plosive.speakers import NoSync, Speaker
from plosive.sync.job_key import LEFT_OUT, TOLD_BY_CONTENT, job_key, key_of
from plosive.sync.opened import OpenedJob
from plosive.sync_options import SyncOptions

TYPED: dict[str, object] = {
    "audio_start": "0.1",
    "audio_channel": 1,
    "on_length_mismatch": "hold",
    "language": "de",
    "frame_range": "1-3",
    "face": "1",
    "strength": KeyedValue(((Fraction(1), 0.0), (Fraction(3), 1.0))),
    "jaw": KeyedValue.of(1.5),
    "lip": KeyedValue.of(0.5),
    "articulation": KeyedValue.of(0.5),
    "seed": 7,
    "plate_audio": PlateAudio.DROP,
    "codec": "ffv1",
    "no_sync": (NoSync("1-2"),),
    "transcript_speaker": "Bob",
    "sequence_rate": Fraction(25),
    "colorspace": "sRGB",
    "view": "left",
    "generator": "other",
    "only_range": True,
    "handles": 8,
    "retime": "2",
}
"""Another value of every option that enters a key as it is given."""
NOT_ALONE = {"sequence_rate", "colorspace", "view", "generator", "only_range", "handles"}
"""These fit no plate of this test."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, spoken_line: Path) -> Path:
    made = tmp_path_factory.mktemp("key")
    write_sample(made / "plate.mov", SamplePlate(4, 160, 120), SilentProgress())
    write_sample(made / "other.mov", SamplePlate(5, 160, 120), SilentProgress())
    shutil.copy(spoken_line, made / "line.wav")
    return made


@pytest.fixture(scope="module")
def options(folder: Path) -> SyncOptions:
    return SyncOptions(folder / "plate.mov", folder / "line.wav", folder / "out.mov")


@pytest.fixture(scope="module")
def key(options: SyncOptions) -> str:
    return key_of(options)


def words(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_every_option_is_thought_of() -> None:
    fields = {field.name for field in dataclasses.fields(SyncOptions)}
    groups = [set(TYPED), set(TOLD_BY_CONTENT), set(LEFT_OUT)]
    assert set.union(*groups) == fields, "say of a new option whether it changes the result"
    assert sum(map(len, groups)) == len(fields), "and say it once"


@pytest.mark.parametrize("name", sorted(set(TYPED) - NOT_ALONE))
def test_an_option_that_changes_the_result_changes_the_key(name: str, options: SyncOptions, key: str) -> None:
    assert key_of(replace(options, **{name: TYPED[name]})) != key  # type: ignore[arg-type]


def test_options_that_change_nothing_change_no_key(options: SyncOptions, key: str, folder: Path) -> None:
    others: dict[str, object] = {
        "device": "cpu",
        "dry_run": True,
        "overwrite": True,
        "report": folder / "page.html",
        "use_cache": False,
    }
    assert set(others) == set(LEFT_OUT)
    assert key_of(replace(options, **others)) == key  # type: ignore[arg-type]
    assert len(key) == 32 and int(key, 16) >= 0


def test_names_places_and_dates_change_no_key(options: SyncOptions, key: str, tmp_path: Path) -> None:
    plate = Path(shutil.copy(options.plate, tmp_path / "renamed.mov"))
    assert options.dub is not None
    dub = Path(shutil.copy(options.dub, tmp_path / "renamed.wav"))
    for path in (plate, dub):
        os.utime(path, (1, 1))
    assert key_of(SyncOptions(plate, dub, tmp_path / "elsewhere.mov")) == key
    assert key_of(replace(options, out=options.out.with_suffix(".mkv"))) != key, "but another format does"


def test_content_behind_the_same_name_size_and_date_is_seen(
    options: SyncOptions, key: str, tmp_path: Path
) -> None:
    for field in ("plate", "dub"):
        before: Path = getattr(options, field)
        path = Path(shutil.copy2(before, tmp_path / before.name))
        data = bytearray(path.read_bytes())
        data[-5 if field == "dub" else data.index(b"icpf") + 40] ^= 1
        state = path.stat()
        path.write_bytes(data)
        os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
        changed: Any = {field: path}
        assert key_of(replace(options, **changed)) != key, field


def test_files_of_all_options_enter_by_content(options: SyncOptions, key: str, folder: Path) -> None:
    def of(field: str, path: Path, content: str | None = None) -> str:
        if content is not None:
            words(path.parent, path.name, content)
        value: Any = (path,) if field == "actor_footage" else str(path) if field == "transcript" else path
        wanted: Any = {field: value}
        return key_of(replace(options, **wanted))

    one, same, other = of("transcript", folder / "a.txt", "maybe"), folder / "sub.txt", "muffins"
    assert one == of("transcript", same, "maybe") != of("transcript", same, other)
    assert one != of("transcript", folder / "a.de.txt", "maybe"), "the language in the name counts"
    assert one not in (key, key_of(replace(options, transcript="maybe")))
    take = of("actor_footage", options.plate)
    assert take not in (key, of("actor_footage", folder / "other.mov"))
    shutil.copy(options.plate, folder / "copy.mov")
    assert take == of("actor_footage", folder / "copy.mov")


@pytest.fixture(scope="module")
def opened(options: SyncOptions) -> Iterator[OpenedJob]:
    with ExitStack() as stack:
        yield plosive.sync.opened.open_job(options.validated(), stack)


def test_files_that_are_read_when_a_job_opens(
    opened: OpenedJob, options: SyncOptions, key: str, folder: Path
) -> None:
    """That they are read is another matter; here only that their content counts."""
    files = [words(folder, f"{number}.json", text) for number, text in enumerate(["{}", "{}", "[]"])]

    def keyed(**changed: Any) -> str:
        return job_key(replace(opened, options=replace(opened.options, **changed)))

    for field in ("motion", "cast", "redo", "turns", "ocio"):
        first, again, other = (keyed(**{field: str(path) if field == "ocio" else path}) for path in files)
        assert first == again != other and first != key, field
    line = str(options.dub)
    copy = Path(shutil.copy(line, folder / "copy.wav"))
    speaker = keyed(dub=None, speakers=(Speaker("1", line),))
    assert speaker == keyed(dub=None, speakers=(Speaker("1", str(copy)),)) != key
    spoken = [
        Speaker("2", line),
        Speaker("1", str(files[0])),
        Speaker("1", line, "0.5"),
        Speaker("1", line, None, "hi"),
    ]
    assert len({speaker, *(keyed(dub=None, speakers=(one,)) for one in spoken)}) == 5
    assert all(keyed(**{name: TYPED[name]}) != key for name in NOT_ALONE)


def test_elements_change_the_key_but_not_their_place(options: SyncOptions, key: str, folder: Path) -> None:
    with_elements = replace(options, elements=folder / "one")
    found = key_of(with_elements)
    assert found != key and found == key_of(replace(options, elements=folder / "two"))
    assert key_of(replace(options, elements_window="whole", elements_start=1001)) == key
    others: list[Callable[[], SyncOptions]] = [
        lambda: replace(with_elements, elements_window="whole"),
        lambda: replace(with_elements, elements_start=1001),
        lambda: replace(with_elements, elements_compression="none"),
    ]
    assert len({found, *(key_of(other()) for other in others)}) == 4


def test_generator_version_and_weights_change_the_key(
    options: SyncOptions, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Other(PlateGenerator):
        facts = PlateGenerator.facts

    def keyed(facts: GeneratorFacts) -> str:
        made = Other()
        made.facts = facts
        monkeypatch.setattr(plosive.sync.opened, "find_generator", lambda name: made)
        return key_of(options)

    facts = PlateGenerator.facts
    assert keyed(facts) == key
    licence = Licence("MIT", True)
    weights = [Weights("m.onnx", digest * 64, licence, "https://example.org") for digest in "ab"]
    found = {
        keyed(replace(facts, version="9")),
        keyed(replace(facts, weights=(weights[0],))),
        keyed(replace(facts, weights=(weights[1],))),
    }
    assert len(found) == 3 and key not in found
    monkeypatch.setattr(plosive.sync.job_key, "__version__", "99")
    assert keyed(facts) != key


def test_a_key_is_plain_json_of_known_kinds(options: SyncOptions) -> None:
    assert json.dumps(sorted(TOLD_BY_CONTENT))  # names, nothing made at import
    with pytest.raises(Exception, match="nowhere"):
        key_of(replace(options, plate=Path("nowhere.mov")))
