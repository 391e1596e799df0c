# SPDX-License-Identifier: Apache-2.0
"""What is done where a GPU has too little memory; the GPU is made up, its memory a number."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import torch

from plosive.colour.transfer import Transfer
from plosive.composite.merge import Layers, Merger
from plosive.errors import DeviceMemoryError, MissingDependencyError, PlosiveError
from plosive.faces.track import FaceTrack
from plosive.generate.facts import GeneratorFacts
from plosive.generate.plate import PlateGenerator
from plosive.generate.pool import SourcePool
from plosive.generate.protocol import MouthWish, Patch, Plan, Shot
from plosive.generate.sources import SourceLibrary
from plosive.sync.sparing import SparingGenerator, SparingMerger

GIGABYTE = 2**30


class TwoDeviceGenerator:
    """The plate generator, said to run on a GPU, too, where it `fails` from a row on."""

    def __init__(self, fails: Exception | None = None, from_row: int = 3, **facts: object) -> None:
        self.facts: GeneratorFacts = replace(PlateGenerator.facts, devices=("cuda", "cpu"), **facts)
        self.fails = fails
        self.from_row = from_row
        self.planned: list[str] = []

    def memory_bytes(self, face_width: float, device: str) -> int:
        return GIGABYTE

    def plan(self, shot: Shot) -> Plan:
        self.planned.append(shot.device)
        return FailingPlan(self, PlateGenerator().plan(shot), shot.device)


class FailingPlan:
    def __init__(self, generator: TwoDeviceGenerator, inner: Plan, device: str) -> None:
        self.generator, self.inner, self.device = generator, inner, device

    def render(self, row: int, frame: object) -> Patch | None:
        if self.device == "cuda" and self.generator.fails and row >= self.generator.from_row:
            raise self.generator.fails
        return self.inner.render(row, frame)  # type: ignore[arg-type]

    def choices(self) -> dict[str, object]:
        return {"device": self.device}


@pytest.fixture
def shot(track: FaceTrack, sources: SourceLibrary) -> Shot:
    count = len(track.indices)
    nothing = np.zeros(count, dtype=np.float32)
    values = np.full((count, 5), 0.1, dtype=np.float32)
    return Shot(track, MouthWish(values, nothing, nothing, nothing), SourcePool.of(track, sources), seed=0)


def free(count: int | None):  # type: ignore[no-untyped-def]
    return lambda device: count


def test_a_face_that_fits_stays_on_the_gpu(shot: Shot) -> None:
    inner = TwoDeviceGenerator()
    generator = SparingGenerator(inner, "cuda", free(2 * GIGABYTE))
    assert generator.plan(shot).choices() == {"device": "cuda"}
    assert generator.warnings == ()


def test_a_face_that_does_not_fit_is_made_on_the_cpu_and_said(shot: Shot) -> None:
    inner = TwoDeviceGenerator()
    generator = SparingGenerator(inner, "cuda", free(GIGABYTE // 2))
    assert generator.plan(shot).choices() == {"device": "cpu"}
    (told,) = generator.warnings
    assert "runs on the CPU" in told and "512 MB free" in told and "1024 MB" in told


@pytest.mark.parametrize(
    "fails", [torch.OutOfMemoryError("CUDA out of memory"), DeviceMemoryError("full")], ids=["torch", "ours"]
)
def test_memory_that_runs_out_later_is_caught(shot: Shot, portrait: list, fails: Exception) -> None:
    inner = TwoDeviceGenerator(fails)
    generator = SparingGenerator(inner, "cuda", free(None))
    plan, plain = generator.plan(shot), PlateGenerator().plan(shot)
    for row in range(6):
        made, alone = plan.render(row, portrait[row]), plain.render(row, portrait[row])
        assert made is not None and alone is not None
        assert np.array_equal(made.mouth, alone.mouth)
    assert inner.planned == ["cuda", "cpu"], "planned again once"
    assert generator.warnings == (
        "Generator 'plate' runs on the CPU, which is slower: the GPU ran out of memory.",
    )


def test_other_errors_go_their_way(shot: Shot, portrait: list) -> None:
    plan = SparingGenerator(TwoDeviceGenerator(ValueError("no")), "cuda", free(None)).plan(shot)
    with pytest.raises(ValueError, match="no"):
        plan.render(5, portrait[5])


def test_without_a_cpu_it_is_one_sentence(shot: Shot) -> None:
    inner = TwoDeviceGenerator()
    inner.facts = replace(inner.facts, devices=("cuda",))
    with pytest.raises(DeviceMemoryError, match="close other programs") as caught:
        SparingGenerator(inner, "cuda", free(1)).plan(shot)
    assert isinstance(caught.value, PlosiveError)
    with pytest.raises(MissingDependencyError, match="runs on cuda only"):
        SparingGenerator(inner, "cpu")


def test_a_generator_of_the_cpu_stays_there(shot: Shot) -> None:
    generator = SparingGenerator(PlateGenerator(), "cuda", free(0))
    assert generator.plan(shot).choices()["library_frames"] == 10
    assert generator.warnings == ()


def test_a_face_wider_than_it_draws_is_told(shot: Shot) -> None:
    generator = SparingGenerator(TwoDeviceGenerator(face_pixels=96), "cpu")
    generator.plan(shot)
    (told,) = generator.warnings
    assert "96 pixels wide; face 1 is 1" in told


class FakeGpuMerger(SparingMerger):
    """Merges on the CPU what it would on a GPU with so many bytes; `seen` are devices and pieces tried."""

    def __init__(self, count: int | None, fails: int = 0) -> None:
        super().__init__("cuda", free(count))
        self.seen: list[tuple[str, int | None]] = []
        self.fails = fails
        self._ways = tuple((FakeMerger(self, one), size, how) for one, size, how in self._ways)


class FakeMerger(Merger):
    def __init__(self, whole: FakeGpuMerger, meant: Merger) -> None:
        super().__init__("cpu", meant._most_pixels)
        self.whole, self.meant = whole, meant

    def merge(self, *arguments: object) -> Layers:  # type: ignore[override]
        self.whole.seen.append((self.meant._device, self.meant._most_pixels))
        if len(self.whole.seen) <= self.whole.fails:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return super().merge(*arguments)  # type: ignore[arg-type]


WHOLE, PIECES, CPU = ("cuda", None), ("cuda", 1 << 16), ("cpu", None)


LACKS: tuple[tuple[int | None, int, list[tuple[str, int | None]], str], ...] = (
    (None, 0, [WHOLE], ""),
    (500, 0, [WHOLE], ""),
    (300, 0, [PIECES], "in pieces"),
    (100, 0, [CPU], "on the CPU"),
    (None, 1, [WHOLE, PIECES], "in pieces"),
    (300, 1, [PIECES, CPU], "on the CPU"),
    (None, 2, [WHOLE, PIECES, CPU], "on the CPU"),
)
"""Free bytes for each pixel of the patch, tries that run out, what is tried, and what is told."""


def test_merging_takes_smaller_pieces_then_the_cpu_and_says_so(shot: Shot, portrait: list) -> None:
    patch = PlateGenerator().plan(shot).render(4, portrait[4])
    assert patch is not None
    plate = portrait[4].working(patch.box)
    alone = Merger("cpu").merge(plate, patch, Transfer.BT1886, 1.0)
    for bytes_per_pixel, fails, seen, told in LACKS:
        room = None if bytes_per_pixel is None else bytes_per_pixel * patch.box.width * patch.box.height
        merger = FakeGpuMerger(room, fails)
        layers = merger.merge(plate, patch, Transfer.BT1886, 1.0)
        assert merger.seen == seen
        assert np.array_equal(layers.change, alone.change) and np.array_equal(layers.patch, alone.patch)
        assert merger.warnings == (
            (f"Some frames were merged {told}: the GPU had too little free memory.",) if told else ()
        )


def test_pieces_change_no_bit(shot: Shot, portrait: list, request: pytest.FixtureRequest) -> None:
    """Also where the processor's vectors end: pieces are multiples of 64 pixels. With one thread, as jobs
    have: several share work as it comes, and what is left at each one's end is worked out otherwise.
    """
    request.addfinalizer(partial(torch.set_num_threads, torch.get_num_threads()))
    torch.set_num_threads(1)
    patch = PlateGenerator().plan(shot).render(4, portrait[4])
    assert patch is not None
    plate = portrait[4].working(patch.box)
    for transfer in Transfer:
        whole = Merger("cpu").merge(plate, patch, transfer, 0.7)
        mixed = int(((whole.matte * 0.7 > 0) & (whole.matte * 0.7 < 1)).sum())
        assert mixed > 1000, "there is something to take apart"
        for most in (64, 100, 4096, mixed - 1):
            made = Merger("cpu", most).merge(plate, patch, transfer, 0.7)
            assert np.array_equal(made.change.view(np.int32), whole.change.view(np.int32)), (transfer, most)
            assert np.array_equal(made.patch.view(np.int32), whole.patch.view(np.int32)), (transfer, most)


def test_what_is_no_lack_of_memory_is_no_reason_for_the_cpu(shot: Shot, portrait: list) -> None:
    patch = PlateGenerator().plan(shot).render(4, portrait[4])
    assert patch is not None
    merger = SparingMerger("cuda", free(None))
    merger._ways = ((Merger("meta"), 1, ""), *merger._ways[1:])  # a device that holds nothing
    with pytest.raises(RuntimeError, match="meta"):
        merger.merge(portrait[4].working(patch.box), patch, Transfer.BT1886, 1.0)
