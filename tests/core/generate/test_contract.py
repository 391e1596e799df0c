# SPDX-License-Identifier: Apache-2.0
"""The contract holds for every generator there is, and catches those that break it."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import plosive.sync.opened
from plosive.contract import CHECKS, Check, ContractBroken, Ground, broken_promises, open_ground
from plosive.demo.sample import SamplePlate, write_sample
from plosive.errors import OptionError
from plosive.generate import find_generator, offered_generators
from plosive.generate.facts import GeneratorFacts, Need
from plosive.generate.protocol import Generator, Patch, Plan, Shot
from plosive.media import open_plate
from plosive.progress import SilentProgress
from plosive.sync import sync_plate
from plosive.sync_options import SyncOptions, SyncResult

DOCS = Path(__file__).resolve().parents[3] / "docs" / "generators.md"


@pytest.fixture(scope="module")
def ground() -> Iterator[Ground]:
    with open_ground() as ground:
        yield ground


@pytest.fixture(scope="module")
def documented(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The example of docs/generators.md, installed: its module, and the dist-info of its package."""
    text = DOCS.read_text(encoding="utf-8")
    code = re.search(r"```python\n(# keep_generator\.py\n.*?)```", text, re.DOTALL)
    points = re.search(r'```toml\n\[project\.entry-points\."(.*?)"\]\n(.*?)\n```', text, re.DOTALL)
    assert code is not None and points is not None
    folder = tmp_path_factory.mktemp("site")
    (folder / "keep_generator.py").write_text(code[1], encoding="utf-8")
    info = folder / "keep_generator-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: keep-generator\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[{points[1]}]\n" + points[2].replace('"', "") + "\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(folder))
        importlib.invalidate_caches()
        yield folder


@pytest.fixture(params=["plate", "keep"])
def generator(request: pytest.FixtureRequest, documented: Path) -> Generator:
    del documented
    return find_generator(request.param)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_contract(check: Check, generator: Generator, ground: Ground) -> None:
    check(generator, ground)


def test_the_documented_one_is_listed(documented: Path) -> None:
    del documented
    offers = {offer.name: offer for offer in offered_generators()}
    assert offers["keep"].origin == "keep-generator 1.0"
    assert offers["keep"].problem == ""


def test_every_check_is_documented() -> None:
    text = DOCS.read_text(encoding="utf-8")
    for check in CHECKS:
        assert check.__doc__
        assert f"| {check.__name__.replace('_', ' ')} |" in text


class Faulty:
    """`inner` with its patches spoiled."""

    def __init__(self, inner: Generator, spoil: Callable[[Patch, int, Any, Shot], Patch | None]) -> None:
        self.inner = inner
        self.spoil = spoil
        self.facts: GeneratorFacts = inner.facts

    def memory_bytes(self, face_width: float, device: str) -> int:
        return self.inner.memory_bytes(face_width, device)

    def plan(self, shot: Shot) -> Plan:
        return FaultyPlan(self.inner.plan(shot), self.spoil, shot)


class FaultyPlan:
    def __init__(
        self, inner: Plan, spoil: Callable[[Patch, int, Any, Shot], Patch | None], shot: Shot
    ) -> None:
        self.inner, self.spoil, self.shot = inner, spoil, shot

    def render(self, row: int, frame: Any) -> Patch | None:
        patch = self.inner.render(row, frame)
        assert patch is not None
        return self.spoil(patch, row, frame, self.shot)

    def choices(self) -> dict[str, object]:
        return self.inner.choices()


def with_nan(patch: Patch, row: int, frame: Any, shot: Shot) -> Patch:
    mouth = patch.mouth.copy()
    mouth[0, 0] = np.nan
    return replace(patch, mouth=mouth)


def too_small(patch: Patch, row: int, frame: Any, shot: Shot) -> Patch:
    return replace(patch, mouth=patch.mouth[1:])


def double(patch: Patch, row: int, frame: Any, shot: Shot) -> Patch:
    return replace(patch, base=patch.base.astype(np.float64))


def matte_beyond_one(patch: Patch, row: int, frame: Any, shot: Shot) -> Patch:
    return replace(patch, mouth_matte=patch.mouth_matte * np.float32(1.2))


def matte_to_the_edge(patch: Patch, row: int, frame: Any, shot: Shot) -> Patch:
    return replace(patch, mouth_matte=np.ones_like(patch.mouth_matte))


def matte_elsewhere(patch: Patch, row: int, frame: Any, shot: Shot) -> Patch:
    return replace(patch, mouth_matte=np.zeros_like(patch.mouth_matte))


def touching_the_plate(patch: Patch, row: int, frame: Any, shot: Shot) -> Patch:
    return replace(patch, base=patch.base + np.float32(1e-4))


def box_beside(patch: Patch, row: int, frame: Any, shot: Shot) -> Patch:
    return replace(patch, box=patch.box.moved(3, 0))


def box_outside(patch: Patch, row: int, frame: Any, shot: Shot) -> Patch:
    return replace(patch, box=patch.box.moved(0, 500))


def changing_the_frame(patch: Patch, row: int, frame: Any, shot: Shot) -> Patch:
    frame.picture[0, 0] += 0.01
    return patch


def changing_landmarks(patch: Patch, row: int, frame: Any, shot: Shot) -> Patch:
    shot.track.landmarks[row] += 0.01
    return patch


def keeping_all(patch: Patch, row: int, frame: Any, shot: Shot) -> None:
    return None


def failing(patch: Patch, row: int, frame: Any, shot: Shot) -> Patch:
    raise KeyError("mouth")


def hungry(patch: Patch, row: int, frame: Any, shot: Shot) -> Patch:
    np.ones(30_000_000, dtype=np.uint8)
    return patch


def at_random() -> Callable[[Patch, int, Any, Shot], Patch]:
    random = np.random.default_rng()
    return lambda patch, row, frame, shot: replace(
        patch, mouth=patch.mouth + np.float32(random.uniform(0, 0.01))
    )


def in_order_only() -> Callable[[Patch, int, Any, Shot], Patch]:
    """Each mouth with a little of the one rendered before it."""
    before: list[np.float32] = [np.float32(0)]

    def smoothed(patch: Patch, row: int, frame: Any, shot: Shot) -> Patch:
        made = replace(patch, mouth=patch.mouth + np.float32(0.01) * before[0])
        before[0] = np.float32(row)
        return made

    return smoothed


@pytest.mark.parametrize(
    ("spoil", "caught_by"),
    [
        (with_nan, "patches are whole"),
        (too_small, "patches are whole"),
        (double, "patches are whole"),
        (matte_beyond_one, "patches are whole"),
        (matte_to_the_edge, "it draws the mouth"),
        (matte_elsewhere, "it draws the mouth"),
        (touching_the_plate, "the plate stays outside the matte"),
        (box_beside, "the plate stays outside the matte"),
        (box_outside, "patches are whole"),
        (changing_the_frame, "nothing it is given changes"),
        (changing_landmarks, "nothing it is given changes"),
        (keeping_all, "patches are whole"),
        (failing, "patches are whole"),
        (hungry, "it needs no more memory than it says"),
        (at_random(), "same seed same bits"),
        (in_order_only(), "order does not matter"),
    ],
    ids=lambda value: getattr(value, "__qualname__", str(value)).split(".")[0],
)
def test_a_broken_one_is_caught(
    spoil: Callable[[Patch, int, Any, Shot], Patch], caught_by: str, documented: Path
) -> None:
    del documented
    with open_ground() as ground:  # one of its own: some faults spoil it
        broken = broken_promises(Faulty(find_generator("keep"), spoil), ground)
    assert any(sentence.startswith(f"{caught_by}: ") for sentence in broken), broken


def test_reading_the_plate_must_be_said(documented: Path, ground: Ground) -> None:
    """Frames are not there without Need.FRAMES, and no further than `context_frames`."""
    del documented

    def looking(patch: Patch, row: int, frame: Any, shot: Shot) -> Patch:
        assert shot.frames is not None
        next(shot.frames(max(0, row - 2)))
        return patch

    silent = Faulty(find_generator("keep"), looking)
    assert any("AssertionError" in sentence for sentence in broken_promises(silent, ground))
    for context, caught in ((1, True), (2, False)):
        told = Faulty(find_generator("keep"), looking)
        told.facts = replace(told.facts, needs=frozenset({Need.FRAMES}), context_frames=context)
        broken = broken_promises(told, ground)
        assert any("context_frames" in sentence for sentence in broken) is caught, broken


def test_facts_must_be_whole(documented: Path, ground: Ground) -> None:
    del documented
    (says,) = (check for check in CHECKS if check.__name__ == "it_says_who_it_is")
    for change in ({"version": ""}, {"protocol_version": 2}, {"devices": ("tpu",)}, {"context_frames": 3}):
        broken = Faulty(find_generator("keep"), with_nan)
        broken.facts = replace(broken.facts, **change)
        with pytest.raises(ContractBroken):
            says(broken, ground)


def test_a_generator_in_order_is_rendered_in_order(documented: Path, ground: Ground) -> None:
    del documented
    told = Faulty(find_generator("keep"), in_order_only())
    told.facts = replace(told.facts, is_any_order=False)
    broken = broken_promises(told, ground)
    assert not any("order" in sentence for sentence in broken), broken


def test_a_job_takes_it(documented: Path, tmp_path: Path, spoken_line: Path) -> None:
    """The documented one lays the plate's own mouth over itself: the result is the plate."""
    del documented
    result = synced(tmp_path, spoken_line, "keep")
    assert result.frames_synced == 12
    assert result.report["generator"]["name"] == "keep"  # type: ignore[index]
    with open_plate(tmp_path / "plate.mov") as plate, open_plate(tmp_path / "out.mkv") as out:
        for before, after in zip(plate.frames(), out.frames(), strict=True):
            assert np.array_equal(before.rgb8(), after.rgb8())


def test_a_job_gives_what_is_needed_and_keeps_the_order(
    documented: Path, tmp_path: Path, spoken_line: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    del documented
    rows: list[int] = []

    def listening(patch: Patch, row: int, frame: Any, shot: Shot) -> Patch:
        assert shot.dub is not None and shot.frames is not None
        assert len(shot.dub.row_seconds) == 12
        assert shot.dub.samples().dtype == np.float32
        assert next(shot.frames(row)).index == row
        rows.append(row)
        return patch

    made = Faulty(find_generator("keep"), listening)
    needs = frozenset({Need.DUB, Need.FRAMES})
    made.facts = replace(made.facts, needs=needs, is_any_order=False)
    monkeypatch.setattr(plosive.sync.opened, "find_generator", lambda name: made)
    synced(tmp_path, spoken_line, "keep")
    assert rows == list(range(12))
    with pytest.raises(OptionError, match="leave --redo out"):
        synced(tmp_path, spoken_line, "keep", redo=tmp_path / "flags.json")


def synced(folder: Path, dub: Path, generator: str, redo: Path | None = None) -> SyncResult:
    write_sample(folder / "plate.mov", SamplePlate(12, 640, 360), SilentProgress())
    options = SyncOptions(
        folder / "plate.mov",
        dub,
        folder / "out.mkv",
        codec="ffv1",
        generator=generator,
        redo=redo,
        overwrite=True,
    )
    return sync_plate(options.validated(), SilentProgress())
