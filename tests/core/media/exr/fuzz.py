# SPDX-License-Identifier: Apache-2.0
"""Damaged EXR files thrown at the parser and the patcher: `python fuzz.py [COUNT] [SEED] [--decoders]`.

Bits are flipped, ends cut off, sizes, counts, offsets and windows replaced by lies. Each case must end in a
PlosiveError or in a result, within five seconds, with memory bounded by the file's size. The decoders of
OpenEXR and OpenImageIO stand aside (samples that are not stored as they are count as unreadable) unless asked
for with --decoders: they are others' code, and their crashes are no news of ours.
"""

from __future__ import annotations

import contextlib
import dataclasses
import importlib.util
import resource
import signal
import struct
import sys
import tempfile
import time
import tracemalloc
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from plosive.errors import MediaReadError, PlosiveError
from plosive.geometry import Box
from plosive.media.exr import check, decoding, patch
from plosive.media.exr.patch import patch_exr
from plosive.media.exr.structure import read_structure
from plosive.media.imageedit import ImageEdit

SECONDS = 5
SPARE_BYTES = 24 << 20
TIMES_FILE_SIZE = 12
_LIES = (0, 1, 2, -1, 3, 15, 255, 256, 65535, 65536, 1 << 20, (1 << 30) + 1, (1 << 31) - 1, -(1 << 31))


def _maker(folder: Path) -> Any:
    spec = importlib.util.spec_from_file_location("exr_conftest", Path(__file__).with_name("conftest.py"))
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["exr_conftest"] = module
    spec.loader.exec_module(module)
    return module.Exr(folder)


def bases(folder: Path) -> list[tuple[bytes, ImageEdit]]:
    """Sound files of every layout, each with a change of its picture."""
    exr = _maker(folder)
    rgb = {"R": "half", "G": "half", "B": "half"}
    mixed = rgb | {"A": "half", "Z": "float", "id": "uint"}
    window = {"left": -3, "top": -9}
    paths = [
        exr.write("none.exr", exr.part(exr.planes(40, 30, mixed), "none", **window)),
        exr.write("zip.exr", exr.part(exr.planes(40, 30, mixed), "zip")),
        exr.write("piz.exr", exr.part(exr.planes(40, 30, rgb), "piz")),
        exr.write("tiles.exr", exr.part(exr.planes(40, 30, rgb), "none", tile=(16, 16))),
        exr.write(
            "parts.exr",
            exr.part(exr.planes(40, 30, rgb), "none", name="a", view="left"),
            exr.part(exr.planes(40, 30, rgb), "zips", name="b", view="right", tile=(8, 8)),
        ),
    ]
    for mode in (1, 2):
        sizes = [(30, 40), (15, 20), (7, 10), (3, 5), (1, 2)]
        levels = (
            [(n, n, *size) for n, size in enumerate([*sizes, (1, 1)])]
            if mode == 1
            else [(x, y, sizes[x][0], [40, 20, 10, 5, 2, 1][y]) for y in range(6) for x in range(5)]
        )
        chunks = [
            ((column, row, x, y), bytes(exr.random.integers(0, 60, 6 * width * height, np.uint8)))
            for x, y, whole_width, whole_height in levels
            for row in range(-(-whole_height // 16))
            for column in range(-(-whole_width // 16))
            for width, height in [(min(16, whole_width - 16 * column), min(16, whole_height - 16 * row))]
        ]
        preview = struct.pack("<II", 5, 4) + bytes(80)
        paths.append(
            exr.write_raw(
                f"levels{mode}.exr",
                {name: ("half", 1, 1) for name in "BGR"},
                (0, 0, 29, 39),
                chunks,
                (16, 16, mode),
                more=[("preview", "preview", preview)],
            )
        )
    lines = [((y,), bytes(exr.random.integers(0, 60, 180 + 30 * (y % 2 == 0), np.uint8))) for y in range(40)]
    channels = {"B": ("half", 1, 1), "G": ("half", 1, 1), "R": ("half", 1, 1), "half": ("half", 2, 2)}
    paths.append(exr.write_raw("subsampled.exr", channels, (0, 0, 29, 39), lines))
    return [(path.read_bytes(), exr.edit(path, Box(5, 5, 25, 30))) for path in paths]


def mutated(data: bytes, random: np.random.Generator) -> bytes:
    """`data` with one to four lies in it."""
    made = bytearray(data)
    for _ in range(int(random.integers(1, 5))):
        if not made:
            break
        # Headers and tables hold the most to lie about.
        place = int(random.integers(0, min(len(made), 1200) if random.random() < 0.7 else len(made)))
        kind = int(random.integers(0, 8))
        if kind == 0:
            made[place] ^= 1 << int(random.integers(0, 8))
        elif kind == 1:
            made[place] = int(random.integers(0, 256))
        elif kind == 2 and random.random() < 0.3:
            del made[place:]
        elif kind in (3, 4):
            made[place : place + 4] = struct.pack("<i", int(random.choice(_LIES)))
        elif kind == 5:
            made[place : place + 8] = struct.pack("<q", int(random.choice((*_LIES, len(data), 1 << 62))))
        elif kind == 6:
            _lie_about(made, random)
        else:
            size = int(random.integers(1, 40))
            other = int(random.integers(0, len(made)))
            made[place : place + size] = made[other : other + size]
    return bytes(made)


def _lie_about(made: bytearray, random: np.random.Generator) -> None:
    """Replace one number of an attribute that sizes follow from."""
    names = (
        b"dataWindow\0box2i\0",
        b"tiles\0tiledesc\0",
        b"channels\0chlist\0",
        b"compression\0compression\0",
    )
    name = names[int(random.integers(0, len(names)))]
    start = made.find(name)
    if start < 0:
        return
    at = start + len(name) + int(random.integers(0, 24))
    value = int(random.choice((*_LIES, 7, 29, 31, 39, 41)))
    made[at : at + 4] = struct.pack("<i", value)


def run_case(data: bytes, edit: ImageEdit, folder: Path) -> str:
    """What came of one file. Raises AssertionError for what must not be."""
    path, out = folder / "fuzz.exr", folder / "fuzz_out.exr"
    path.write_bytes(data)
    edit = dataclasses.replace(edit, layout=dataclasses.replace(edit.layout, path=path))
    tracemalloc.clear_traces()
    tracemalloc.reset_peak()
    before, start = tracemalloc.get_traced_memory()[0], time.perf_counter()
    try:
        file = read_structure(path)
        for part in file.parts:
            for chunk in part.chunks():
                assert 0 <= chunk.offset < chunk.data_offset <= chunk.end <= len(data)
                assert chunk.window.width >= 1 and chunk.window.height >= 1
        patch_exr(edit, out)
        outcome = "patched"
    except PlosiveError as error:
        outcome = type(error).__name__
        assert str(error).endswith("."), error
    peak = tracemalloc.get_traced_memory()[1] - before
    assert peak <= TIMES_FILE_SIZE * len(data) + SPARE_BYTES, f"{peak} bytes for a file of {len(data)}"
    assert time.perf_counter() - start < SECONDS
    return outcome


@contextlib.contextmanager
def without_decoders() -> Iterator[None]:
    """Only what is stored as it is can be read."""
    read_all, is_beyond = decoding._read_all, check.is_beyond_openimageio

    def unreadable(*_: object) -> Any:
        raise MediaReadError("Not read here.")

    decoding._read_all = unreadable
    check.is_beyond_openimageio = patch.is_beyond_openimageio = lambda *_: True
    try:
        yield
    finally:
        decoding._read_all = read_all
        check.is_beyond_openimageio = patch.is_beyond_openimageio = is_beyond


def run(count: int, seed: int, folder: Path, with_decoders: bool = False) -> Counter[str]:
    """Outcomes of `count` cases."""
    random = np.random.default_rng(seed)
    found: Counter[str] = Counter()
    made: Sequence[tuple[bytes, ImageEdit]] = bases(folder)

    def too_long(*_: object) -> None:
        raise AssertionError(f"more than {SECONDS} s")

    signal.signal(signal.SIGALRM, too_long)
    tracemalloc.start(1)
    try:
        with contextlib.nullcontext() if with_decoders else without_decoders():
            for number in range(count):
                data, edit = made[number % len(made)]
                wrong = mutated(data, random) if number >= len(made) else data
                signal.alarm(SECONDS + 1)
                try:
                    found[run_case(wrong, edit, folder)] += 1
                except BaseException:
                    (folder / f"case_{seed}_{number}.exr").write_bytes(wrong)
                    raise
                finally:
                    signal.alarm(0)
    finally:
        tracemalloc.stop()
    return found


if __name__ == "__main__":
    wanted = [word for word in sys.argv[1:] if not word.startswith("-")]
    resource.setrlimit(resource.RLIMIT_AS, (8 << 30, 8 << 30))
    with tempfile.TemporaryDirectory() as scratch:
        print(
            dict(
                run(
                    int(wanted[0]) if wanted else 40000,
                    int(wanted[1]) if len(wanted) > 1 else 1,
                    Path(scratch),
                    "--decoders" in sys.argv,
                )
            )
        )
