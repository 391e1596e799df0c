# SPDX-License-Identifier: Apache-2.0
"""Damaged ProRes frames in large numbers: each must be patched exactly or refused, in little time and memory.

    PYTHONPATH=core python tests/core/media/prores/fuzz.py COUNT [SEED]

With NUMBA_BOUNDSCHECK=1 (and a NUMBA_CACHE_DIR of its own) the compiled code checks every index, too.
"""

from __future__ import annotations

import random
import re
import struct
import sys
import time
import tracemalloc
from collections import Counter
from dataclasses import dataclass, field

import numpy as np
import samples
from numpy.typing import NDArray

from plosive.errors import NotPatchableError
from plosive.geometry import Box
from plosive.media.prores import changed_blocks, parse_frame, patch_frame

EXTREMES_16 = (0, 1, 2, 5, 6, 7, 8, 9, 0x7FFF, 0x8000, 0xFFFE, 0xFFFF)
EXTREMES_32 = (0, 1, 7, 8, 19, 27, 28, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
LARGEST_SIDE = 2048


@dataclass
class Findings:
    """What happened. `peak`: bytes of memory that one case took at most."""

    outcomes: Counter[str] = field(default_factory=Counter)
    slowest_s: float = 0.0
    peak: int = 0


def bases() -> list[tuple[bytes, samples.Kind, samples.Planes]]:
    """Small frames of many kinds; one with a tail as Apple writes it."""
    kinds = [
        samples.Kind("hq", 160, 64),
        samples.Kind("proxy", 112, 50),
        samples.Kind("standard", 90, 70, fields="tff"),
        samples.Kind("hq", 64, 48, fields="bff"),
        samples.Kind("4444", 80, 40, alpha_bits=16),
        samples.Kind("4444xq", 64, 33, alpha_bits=8, fields="tff"),
        samples.Kind("lt", 34, 18, options={"quant_mat": "default"}),
    ]
    found = [(*samples.made(kind), kind) for kind in kinds]
    apple, before, kind = found[0]
    size = len(apple) + 50 + -(len(apple) + 50) % 16
    found.append((struct.pack(">I", size) + apple[4:].ljust(size - 4, b"\0"), before, kind))
    return [(sample, kind, before) for sample, before, kind in found]


def interesting(sample: bytes) -> list[int]:
    """Offsets of sizes and codes: headers of all kinds, slice tables, starts and ends of planes."""
    frame = parse_frame(sample)
    places = [*range(28), frame.header_end - 1]
    for picture in frame.pictures:
        table = picture.offset + picture.header_size
        places += range(picture.offset, table + 2 * len(picture.spans))
    for one in frame.slices:
        places += range(one.offset, one.offset + one.header_size)
        places += [start + step for start, size in one.planes for step in range(min(4, size))]
        places += [start + size - 1 for start, size in one.planes if size]
    return places


def damaged(dice: random.Random, sample: bytes, places: list[int]) -> bytes:
    """The sample with 1 to 3 kinds of damage; mostly with a frame size that fits, to get further."""
    data = bytearray(sample)
    for _ in range(dice.choice((1, 1, 1, 2, 3))):
        kind = dice.randrange(10)
        at = dice.choice(places) if dice.random() < 0.6 else dice.randrange(max(1, len(data)))
        at = min(at, max(0, len(data) - 5))
        if len(data) < 8:
            break
        if kind <= 2:
            for _ in range(dice.choice((1, 1, 2, 8))):
                data[min(len(data) - 1, at + dice.randrange(4))] ^= 1 << dice.randrange(8)
        elif kind == 3:
            del data[dice.randrange(len(data)) :]
        elif kind == 4:
            struct.pack_into(">H", data, at, dice.choice(EXTREMES_16))
        elif kind == 5:
            (old,) = struct.unpack_from(">H", data, at)
            struct.pack_into(">H", data, at, (old + dice.choice((-2, -1, 1, 2, 300))) & 0xFFFF)
        elif kind == 6:
            struct.pack_into(">I", data, at, dice.choice(EXTREMES_32))
        elif kind == 7:
            length = dice.choice((1, 4, 20, 200))
            fill = dice.choice((b"\0" * length, b"\xff" * length, dice.randbytes(length)))
            data[at : at + length] = fill[: len(data) - at]
        elif kind == 8:
            data[at:at] = dice.randbytes(dice.choice((1, 2, 16, 70)))
        else:
            # Two neighbours of a slice table lie together: their sum is right.
            step = dice.choice((1, 2, 9, 100))
            first, second = struct.unpack_from(">HH", data, at)
            struct.pack_into(">HH", data, at, (first + step) & 0xFFFF, (second - step) & 0xFFFF)
    if dice.random() < 0.85 and len(data) >= 4:
        struct.pack_into(">I", data, 0, len(data))
    return bytes(data)


def planes_for(
    dice: random.Random, sample: bytes, kind: samples.Kind, before: samples.Planes
) -> tuple[samples.Planes, samples.Planes] | None:
    """(before, after) that fit the damaged frame's own size; None when that is large."""
    frame = parse_frame(sample)
    if max(frame.width, frame.height) > LARGEST_SIDE:
        return None
    old = before[:3]
    if (frame.width, frame.height, frame.chroma_444) != (kind.width, kind.height, kind.is_444):
        sizes = (frame.width, frame.chroma_width, frame.chroma_width)
        old = [np.full((frame.height, width), 500, np.uint16) for width in sizes]
    seed = np.random.default_rng(dice.randrange(1 << 30))
    after = [plane.copy() for plane in old]
    for plane in after:
        changed: NDArray[np.bool_] = seed.random(plane.shape) < dice.choice((0.001, 0.02, 0.5))
        plane[changed] = seed.integers(0, 1 << 16, int(changed.sum()))
    return old, after


def one_case(dice: random.Random, base: tuple[bytes, samples.Kind, samples.Planes], places: list[int]) -> str:
    """What became of one damaged frame: "patched", or why not. Anything else that happens is a defect."""
    sample, kind, before = base
    sample = damaged(dice, sample, places)
    try:
        frame = parse_frame(sample)
        assert frame.rebuilt() == sample or frame.tail
        planes = planes_for(dice, sample, kind, before)
        if planes is None:
            return "parsed; too large to patch here"
        for one in (next(frame.slices), frame.slice(len(frame.pictures) - 1, -1)):
            assert 0 < one.offset < one.offset + one.size <= len(sample)
        patched = patch_frame(sample, *planes, Box(0, 0, frame.width, frame.height))
        marked = changed_blocks(frame, parse_frame(patched.data))
        assert sum(int(one.sum()) for maps in marked for one in maps) <= patched.touched_blocks
    except NotPatchableError as refusal:
        return re.sub(r"\d+", "N", str(refusal))
    return "patched"


def run(count: int, seed: int, trace: bool = True) -> Findings:
    """`count` cases; raises whatever a case raises that it may not, after telling which it was."""
    known = bases()
    places = [interesting(sample) for sample, _, _ in known]
    findings = Findings()
    for sample, _, before in known:  # compile before the clock runs
        other = [plane ^ np.uint16(9) for plane in before]
        patch_frame(sample, before[:3], other[:3], Box(0, 0, 999, 999))
    if trace:
        tracemalloc.start()
    for number in range(count):
        dice = random.Random(f"{seed}-{number}")
        chosen = dice.randrange(len(known))
        start = time.process_time()
        resting = tracemalloc.get_traced_memory()[0] if trace else 0
        if trace:
            tracemalloc.reset_peak()
        try:
            findings.outcomes[one_case(dice, known[chosen], places[chosen])] += 1
        except BaseException:
            print(f"case {number} of seed {seed}", file=sys.stderr)
            raise
        findings.slowest_s = max(findings.slowest_s, time.process_time() - start)
        if trace:
            taken = tracemalloc.get_traced_memory()[1] - resting
            findings.peak = max(findings.peak, taken)
    if trace:
        tracemalloc.stop()
    return findings


def main() -> None:
    count, seed = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1
    start = time.process_time()
    findings = run(count, seed)
    for outcome, times in findings.outcomes.most_common():
        print(f"{times:8d}  {outcome}")
    print(
        f"{count} cases, {time.process_time() - start:.0f} s of CPU, "
        f"the slowest {findings.slowest_s * 1000:.0f} ms"
    )
    print(f"most memory of one case: {findings.peak / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
