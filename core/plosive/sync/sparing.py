# SPDX-License-Identifier: Apache-2.0
"""Work on the GPU while it fits there, on the CPU where it does not; every change of place is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from plosive.colour.transfer import Transfer
from plosive.composite.grain import GrainMatcher
from plosive.composite.merge import Layers, Merger
from plosive.errors import DeviceMemoryError, MissingDependencyError
from plosive.generate.facts import GeneratorFacts
from plosive.generate.protocol import Generator, Patch, Plan, Shot
from plosive.media.plate import PlateFrame

__all__ = ["SparingGenerator", "SparingMerger", "compute_device", "free_bytes"]

_MERGE_BYTES_PER_PIXEL = 400
_PIECEWISE_BYTES_PER_PIXEL = 180
"""Tensors of a patch that live at once take 100 to 230 bytes a pixel, in pieces 90 (counted with PyTorch's
dispatcher, by transfer and softness of the matte); convolutions on a GPU need room beside them.
"""
_PIECE_PIXELS = 1 << 16
_MEGABYTE = 2**20


def compute_device(wish: str) -> str:
    """`cpu` or `cuda` for `--device` auto, cpu or cuda; raises MissingDependencyError for a missing GPU."""
    import torch

    # Patches are small: PyTorch's own threads would only fight the codec's for the cores.
    torch.set_num_threads(1)
    if wish == "cuda" and not torch.cuda.is_available():
        raise MissingDependencyError(
            "--device cuda: PyTorch sees no CUDA device; use --device auto or a CUDA build of PyTorch."
        )
    return "cuda" if wish != "cpu" and torch.cuda.is_available() else "cpu"


def free_bytes(device: str) -> int | None:
    """Memory of `device` that can be had now, with PyTorch's own reserve; None where that is not known."""
    if device == "cpu":
        return None
    import torch

    free, _ = torch.cuda.mem_get_info()
    return int(free + torch.cuda.memory_reserved() - torch.cuda.memory_allocated())


class SparingGenerator:
    """A generator that is run on `device` where it can be and a face fits there, else on the CPU.

    On a GPU one frame is rendered at a time, so that its estimate holds. `warnings` tell what was decided.
    """

    def __init__(self, inner: Generator, device: str, free: Callable[[str], int | None] = free_bytes) -> None:
        self._inner = inner
        self._free = free
        self._device = device if device in inner.facts.devices else "cpu"
        self._warnings: dict[str, None] = {}
        if self._device not in inner.facts.devices:
            raise MissingDependencyError(
                f"Generator '{inner.facts.name}' runs on {', '.join(inner.facts.devices)} only, and this job "
                "on the CPU; leave --device out on a machine with a GPU, or take another generator."
            )

    @property
    def facts(self) -> GeneratorFacts:
        return self._inner.facts

    @property
    def warnings(self) -> tuple[str, ...]:
        """Sentences for the artist, in the order in which they came up."""
        return tuple(self._warnings)

    def memory_bytes(self, face_width: float, device: str) -> int:
        return self._inner.memory_bytes(face_width, device)

    def plan(self, shot: Shot) -> Plan:
        """Raises DeviceMemoryError where a face does not fit and there is no other device."""
        facts, width = self.facts, float(shot.track.face_widths.max())
        if facts.face_pixels is not None and width > facts.face_pixels:
            self._warn(
                f"Generator '{facts.name}' draws faces {facts.face_pixels} pixels wide; face "
                f"{shot.track.person or shot.track.number} is {width:.0f} wide, its mouth will be soft."
            )
        if self._device == "cpu":
            return self._inner.plan(replace(shot, device="cpu"))
        free, asked = self._free(self._device), self._inner.memory_bytes(width, self._device)
        if free is not None and asked > free:
            self._leave_device(
                f"the GPU has {free // _MEGABYTE} MB free, a face {width:.0f} pixels wide takes "
                f"{-(-asked // _MEGABYTE)} MB"
            )
            return self._inner.plan(replace(shot, device="cpu"))
        return _SparingPlan(self, replace(shot, device=self._device))

    def planned_on_cpu(self, shot: Shot) -> Plan:
        """`shot` planned again, after the GPU ran out of memory in the midst of it."""
        self._leave_device("the GPU ran out of memory")
        return self._inner.plan(replace(shot, device="cpu"))

    def planned(self, shot: Shot) -> Plan:
        """`shot` planned as it is."""
        return self._inner.plan(shot)

    def _leave_device(self, why: str) -> None:
        name = self.facts.name
        if "cpu" not in self.facts.devices:
            raise DeviceMemoryError(
                f"Generator '{name}' needs more memory than there is: {why}; close other programs that use "
                "the GPU, or take another generator."
            )
        self._warn(f"Generator '{name}' runs on the CPU, which is slower: {why}.")

    def _warn(self, sentence: str) -> None:
        self._warnings[sentence] = None


class _SparingPlan:
    """A plan on a GPU that goes on on the CPU when memory runs out."""

    def __init__(self, generator: SparingGenerator, shot: Shot) -> None:
        self._generator = generator
        self._shot = shot
        self._lock = Lock()
        self._is_left = False
        try:
            self._plan = generator.planned(shot)
        except Exception as error:
            if not _is_out_of_memory(error):
                raise
            self._leave()

    def render(self, row: int, frame: PlateFrame) -> Patch | None:
        with self._lock:
            if not self._is_left:
                try:
                    return self._plan.render(row, frame)
                except Exception as error:
                    if not _is_out_of_memory(error):
                        raise
                self._leave()
            return self._plan.render(row, frame)

    def choices(self) -> dict[str, object]:
        return self._plan.choices()

    def _leave(self) -> None:
        self._plan = self._generator.planned_on_cpu(self._shot)
        self._is_left = True


class SparingMerger(Merger):
    """Merges on `device`: a face that does not fit there in pieces, which makes the same bits; one that does
    not fit even so on the CPU.
    """

    def __init__(self, device: str, free: Callable[[str], int | None] = free_bytes) -> None:
        super().__init__(device)
        self._free = free
        self._ways: tuple[tuple[Merger, int, str], ...] = ()
        if device != "cpu":
            self._ways = (
                (Merger(device), _MERGE_BYTES_PER_PIXEL, ""),
                (Merger(device, _PIECE_PIXELS), _PIECEWISE_BYTES_PER_PIXEL, "in pieces"),
                (Merger("cpu"), 0, "on the CPU"),
            )
        self._warnings: dict[str, None] = {}

    @property
    def warnings(self) -> tuple[str, ...]:
        """Sentences for the artist."""
        return tuple(self._warnings)

    def merge(
        self,
        plate: NDArray[np.float32],
        patch: Patch,
        transfer: Transfer,
        blend: float,
        grain: GrainMatcher | None = None,
        frame_index: int = 0,
    ) -> Layers:
        for merger, bytes_per_pixel, how in self._ways:
            free = self._free(self._device) if bytes_per_pixel else None
            if free is not None and patch.box.width * patch.box.height * bytes_per_pixel > free:
                continue
            try:
                layers = merger.merge(plate, patch, transfer, blend, grain, frame_index)
            except Exception as error:
                if not (bytes_per_pixel and _is_out_of_memory(error)):
                    raise
                continue
            if how:
                told = f"Some frames were merged {how}: the GPU had too little free memory."
                self._warnings[told] = None
            return layers
        return super().merge(plate, patch, transfer, blend, grain, frame_index)


def _is_out_of_memory(error: Exception) -> bool:
    import torch

    return isinstance(error, (DeviceMemoryError, torch.OutOfMemoryError))
