# SPDX-License-Identifier: Apache-2.0
"""The promises of `plosive.generate.protocol`, one function each."""

from __future__ import annotations

import json
import re
import tracemalloc
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from plosive.contract.ground import Ground, Scene
from plosive.generate.facts import PROTOCOL_VERSION, GeneratorFacts, Need
from plosive.generate.protocol import Generator, Patch
from plosive.geometry import Box

__all__ = ["CHECKS", "Check", "ContractBroken", "broken_promises"]

Check = Callable[[Generator, Ground], None]

_ROWS = (0, 4, 9)
_ALL_ROWS = tuple(range(10))
_FACE_WIDTHS = (150.0, 300.0, 600.0, 1200.0)
_MATTE_OVER_LIPS = 0.5
_LIP_MIDDLE = (13, 14)


class ContractBroken(AssertionError):
    """A promise that a generator does not keep, in one sentence."""


def broken_promises(generator: Generator, ground: Ground) -> list[str]:
    """One sentence for each check that `generator` fails; none for a sound one. Whatever it raises counts."""
    broken = []
    for check in CHECKS:
        try:
            check(generator, ground)
        except Exception as error:
            said = str(error) if isinstance(error, ContractBroken) else f"{type(error).__name__}: {error}"
            broken.append(f"{check.__name__.replace('_', ' ')}: {said}")
    return broken


def it_says_who_it_is(generator: Generator, ground: Ground) -> None:
    """Facts are whole and stay the same; memory is told for every device and size."""
    del ground
    facts = generator.facts
    _require(isinstance(facts, GeneratorFacts), "facts is no GeneratorFacts")
    _require(generator.facts == facts, "facts change from one call to the next")
    _require(facts.protocol_version == PROTOCOL_VERSION, f"protocol_version is not {PROTOCOL_VERSION}")
    _require(bool(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", facts.name)), f"'{facts.name}' is no name")
    _require(bool(facts.version), "version is empty")
    _require(all(licence.name.strip() for _, licence in facts.licences), "a licence is empty")
    for weights in facts.weights:
        _require(bool(re.fullmatch(r"[0-9a-f]{64}", weights.sha256)), f"{weights.file_name} has no SHA-256")
    _require(bool(facts.devices) and set(facts.devices) <= {"cpu", "cuda"}, "devices are cpu and cuda")
    _require(facts.context_frames == 0 or Need.FRAMES in facts.needs, "context_frames wants Need.FRAMES")
    for device in facts.devices:
        asked = [generator.memory_bytes(width, device) for width in _FACE_WIDTHS]
        _require(
            asked[0] > 0 and asked == sorted(asked), "memory_bytes must be above 0, and grow with the face"
        )


def patches_are_whole(generator: Generator, ground: Ground) -> None:
    """Shapes, types and ranges of everything in a patch, and its box inside the picture."""
    for scene in (ground.plain, ground.cut_off):
        for row, patch in _rendered(generator, scene, _ROWS):
            _require_whole(patch, scene, row)


def it_draws_the_mouth(generator: Generator, ground: Ground) -> None:
    """`mouth_matte` lies over the lips and ends inside the box, where the picture does not end before it."""
    for row, patch in _rendered(generator, ground.plain, _ROWS):
        lips = ground.plain.shot.track.landmarks[row, _LIP_MIDDLE, :2].mean(axis=0)
        x, y = round(float(lips[0])) - patch.box.left, round(float(lips[1])) - patch.box.top
        inside = 0 <= x < patch.box.width and 0 <= y < patch.box.height
        _require(inside, f"row {row}: the box does not hold the mouth")
        _require(patch.mouth_matte[y, x] > _MATTE_OVER_LIPS, f"row {row}: the matte is not over the lips")
        matte = patch.mouth_matte
        edge = max(float(side.max()) for side in (matte[0], matte[-1], matte[:, 0], matte[:, -1]))
        _require(edge == 0, f"row {row}: mouth_matte does not end inside the box")


def the_plate_stays_outside_the_matte(generator: Generator, ground: Ground) -> None:
    """`base` is the plate's own pixels, bit for bit, wherever `base_matte` is 0; what stands in for broken
    ones is free.
    """
    for scene in (ground.plain, ground.not_finite):
        for row, patch in _rendered(generator, scene, (1, 4, 9)):
            plate = scene.frames[row].working(patch.box)
            still = (patch.base_matte == 0) & np.isfinite(plate).all(axis=-1)
            _require(bool(still.any()), f"row {row}: base_matte is nowhere 0")
            differ = int((patch.base[still] != plate[still]).any(axis=-1).sum())
            _require(differ == 0, f"row {row}: {differ} pixels of base differ where base_matte is 0")


def it_survives_pixels_that_are_not_finite(generator: Generator, ground: Ground) -> None:
    """NaN and infinity in the plate never reach a patch."""
    for row, patch in _rendered(generator, ground.not_finite, (0, 1, 2)):
        _require_whole(patch, ground.not_finite, row)


def same_seed_same_bits(generator: Generator, ground: Ground) -> None:
    """Planned and rendered again, every bit is the same."""
    rows = _ROWS if generator.facts.is_any_order else _ALL_ROWS
    once = _rendered(generator, ground.plain, rows, seed=3)
    _require_same(once, _rendered(generator, ground.plain, rows, seed=3), "made again")


def order_does_not_matter(generator: Generator, ground: Ground) -> None:
    """Rows rendered backwards, and several at once, are those rendered forwards, unless it says otherwise."""
    if not generator.facts.is_any_order:
        return
    forwards = _rendered(generator, ground.plain, _ALL_ROWS)
    _require_same(forwards, _rendered(generator, ground.plain, _ALL_ROWS[::-1]), "rendered backwards")
    _require_same(forwards[4:5], _rendered(generator, ground.plain, (4,)), "rendered alone")
    shot, _ = ground.plain.shot_for(generator, _device(generator))
    plan = generator.plan(shot)
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda row: plan.render(row, ground.plain.frames[row]), _ALL_ROWS))
    at_once = [(row, patch) for row, patch in zip(_ALL_ROWS, made, strict=True) if patch is not None]
    _require_same(forwards, at_once, "rendered by several threads at once")


def devices_agree(generator: Generator, ground: Ground) -> None:
    """Every device there is makes the picture of the first, within `device_tolerance`."""
    facts = generator.facts
    first, *others = [device for device in facts.devices if _is_there(device)] or [""]
    for other in others:
        one = _rendered(generator, ground.plain, _ROWS, device=first)
        two = _rendered(generator, ground.plain, _ROWS, device=other)
        for (row, here), (_, there) in zip(one, two, strict=True):
            apart = max(
                float(np.abs(here.mouth - there.mouth).max()), float(np.abs(here.base - there.base).max())
            )
            _require(apart <= facts.device_tolerance, f"row {row}: {first} and {other} differ by {apart:.2g}")


def nothing_it_is_given_changes(generator: Generator, ground: Ground) -> None:
    """Landmarks, wishes, sources and frames are as they were."""
    shot, frames = ground.plain.shot, ground.plain.frames
    arrays = {
        "the landmarks": shot.track.landmarks,
        "the wish's values": shot.wish.values,
        "the wish's closures": shot.wish.closure,
        **{f"frame {row}": frames[row].picture for row in _ROWS},
    }
    before = {name: array.copy() for name, array in arrays.items()}
    _rendered(generator, ground.plain, _ROWS if generator.facts.is_any_order else _ALL_ROWS)
    for name, array in arrays.items():
        _require(np.array_equal(array, before[name]), f"{name} were changed")


def it_looks_no_further_than_it_says(generator: Generator, ground: Ground) -> None:
    """Other frames of the plate are read within `context_frames` only."""
    facts = generator.facts
    for row in _ROWS if facts.is_any_order else (0,):
        shot, reads = ground.plain.shot_for(generator, _device(generator))
        plan = generator.plan(shot)
        reads.indices.clear()
        plan.render(row, ground.plain.frames[row])
        far = [index for index in reads.indices if abs(index - row) > facts.context_frames]
        _require(not far, f"row {row} read frames {sorted(far)}, context_frames is {facts.context_frames}")


def it_needs_no_more_memory_than_it_says(generator: Generator, ground: Ground) -> None:
    """What Python and numpy hold for one frame stays below `memory_bytes`; other libraries are not seen."""
    shot, _ = ground.plain.shot_for(generator, _device(generator))
    plan = generator.plan(shot)
    plan.render(0, ground.plain.frames[0])
    tracemalloc.start()
    try:
        plan.render(1, ground.plain.frames[1])
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    told = generator.memory_bytes(float(shot.track.face_widths[1]), "cpu" if not shot.device else shot.device)
    _require(peak <= told, f"one frame took {peak} bytes, memory_bytes says {told}")


def it_tells_its_choices(generator: Generator, ground: Ground) -> None:
    """`choices` is a dictionary that JSON can hold."""
    shot, _ = ground.plain.shot_for(generator, _device(generator))
    choices = generator.plan(shot).choices()
    _require(isinstance(choices, dict), "choices() is no dictionary")
    json.dumps(choices)


CHECKS: tuple[Check, ...] = (
    it_says_who_it_is,
    patches_are_whole,
    it_draws_the_mouth,
    the_plate_stays_outside_the_matte,
    it_survives_pixels_that_are_not_finite,
    same_seed_same_bits,
    order_does_not_matter,
    devices_agree,
    nothing_it_is_given_changes,
    it_looks_no_further_than_it_says,
    it_needs_no_more_memory_than_it_says,
    it_tells_its_choices,
)
"""Every check; each takes a generator and an open `Ground` and raises ContractBroken."""


def _rendered(
    generator: Generator, scene: Scene, rows: Sequence[int], seed: int = 0, device: str = ""
) -> list[tuple[int, Patch]]:
    """(row, patch) of those rows that are not kept, by row; at least one."""
    shot, _ = scene.shot_for(generator, device or _device(generator), seed)
    plan = generator.plan(shot)
    if not generator.facts.is_any_order:
        rows = [row for row in _ALL_ROWS if row <= max(rows)]
    made = [(row, patch) for row in rows if (patch := plan.render(row, scene.frames[row])) is not None]
    _require(bool(made), "it keeps the plate in every frame of a plain face")
    return sorted(made, key=lambda one: one[0])


def _require_whole(patch: Patch, scene: Scene, row: int) -> None:
    frame, shape = scene.frames[row], (patch.box.height, patch.box.width)
    inside = patch.box.clipped(frame.width, frame.height) == patch.box and not patch.box.is_empty
    _require(inside, f"row {row}: the box {patch.box} does not lie inside the picture")
    for name, array, depth in (
        ("base", patch.base, (3,)),
        ("base_matte", patch.base_matte, ()),
        ("mouth", patch.mouth, (3,)),
        ("mouth_matte", patch.mouth_matte, ()),
        ("plate_map", patch.plate_map, (2,)),
        ("cover", patch.cover, ()),
    ):
        if array is None and name == "cover":
            continue
        assert array is not None
        wanted = (*shape, *depth)
        _require(array.shape == wanted, f"row {row}: {name} is {array.shape}, its box asks for {wanted}")
        _require(array.dtype == np.float32, f"row {row}: {name} is {array.dtype}, not float32")
        _require(bool(np.isfinite(array).all()), f"row {row}: {name} holds NaN or infinity")
        if name in ("base_matte", "mouth_matte", "cover"):
            between = float(array.min()) >= 0 and float(array.max()) <= 1
            _require(between, f"row {row}: {name} goes beyond 0..1")
    _require(patch.face_width > 0, f"row {row}: face_width is not above 0")
    reach = _size(patch.box) / max(frame.width, frame.height)
    _require(
        bool(np.abs(patch.plate_map).max() <= max(frame.width, frame.height) * (1 + reach)),
        f"row {row}: plate_map points far out of the picture",
    )


def _require_same(one: list[tuple[int, Patch]], other: list[tuple[int, Patch]], how: str) -> None:
    _require([row for row, _ in one] == [row for row, _ in other], f"{how}: other rows are kept")
    for (row, here), (_, there) in zip(one, other, strict=True):
        _require(here.box == there.box, f"row {row}, {how}: another box")
        for name in ("base", "base_matte", "mouth", "mouth_matte", "plate_map", "cover"):
            _require(_equal(getattr(here, name), getattr(there, name)), f"row {row}, {how}: {name} differs")


def _equal(one: NDArray[np.float32] | None, other: NDArray[np.float32] | None) -> bool:
    if one is None or other is None:
        return one is other
    return np.array_equal(one, other)


def _size(box: Box) -> int:
    return max(box.width, box.height)


def _device(generator: Generator) -> str:
    """The first of its devices that is there; the first of all where none is."""
    devices = generator.facts.devices
    return next((device for device in devices if _is_there(device)), devices[0] if devices else "cpu")


def _is_there(device: str) -> bool:
    if device == "cpu":
        return True
    import torch

    return torch.cuda.is_available()


def _require(is_so: bool, sentence: str) -> None:
    if not is_so:
        raise ContractBroken(sentence)
