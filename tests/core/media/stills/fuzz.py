# SPDX-License-Identifier: Apache-2.0
"""Damaged still images: `python -m tests.core.media.stills.fuzz 20000 SEED FOLDER` tries many.

Each is a good file with bits flipped, an end cut off, or numbers that lie, patched as if it were the good.
All that may come of it is a patched file or a refusal in one sentence, soon, and in little memory.
"""

from __future__ import annotations

import contextlib
import io
import sys
import time
import tracemalloc
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
from tests.core.media.stills.dpxfile import dpx
from tests.core.media.stills.edits import edit_of_copy, edit_to, random_pixels
from tests.core.media.stills.pngfile import png
from tests.core.media.stills.tiffpages import tiff

from plosive.errors import NotPatchableError
from plosive.media.imageedit import ImageEdit
from plosive.media.imagefile import read_layout, read_planes
from plosive.media.stills.dpx import patch_dpx
from plosive.media.stills.png import patch_png
from plosive.media.stills.rowfile import patch_bmp, patch_tga
from plosive.media.stills.tiff import patch_tiff

__all__ = ["fuzz"]

SPARE_BYTES = 48 << 20
LONGEST_SECONDS = 5.0
LIES = (0, 1, 2, 3, 7, 8, 255, 256, 0x7FFF, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)

Patcher = Callable[[ImageEdit, Path], None]


def seeds() -> dict[str, tuple[Patcher, bytes]]:
    """Good files by name."""
    from PIL import Image

    rng = np.random.default_rng(11)
    words = random_pixels(rng, 20, 24, 3, "u2")
    codes, floats = words >> 6, random_pixels(rng, 20, 24, 4, "f4")
    made: dict[str, tuple[Patcher, bytes]] = {}
    for name, packing, order in (("a.dpx", 1, ">"), ("b.dpx", 2, "<"), ("c.dpx", 0, ">")):
        made[name] = patch_dpx, dpx(codes, 10, packing, order, padding=4 if packing else 0, elements=2)
    made["d.dpx"] = patch_dpx, dpx(words, 16)
    made["a.tif"] = patch_tiff, tiff(words, compression=8, predictor=2, pages=2)
    made["b.tif"] = patch_tiff, tiff(floats, ">", compression=8, predictor=3, tile=(16, 16))
    made["c.tif"] = patch_tiff, tiff(words, "<", True, is_planar=True)
    made["d.tif"] = patch_tiff, tiff(words, ">", True, compression=32773, rows_per_strip=20)
    made["a.png"] = patch_png, png(words, [0, 1, 2, 3, 4])
    made["b.png"] = patch_png, png((words >> 8).astype(np.uint8), [4], True, 400)
    made["c.png"] = patch_png, png(random_pixels(rng, 20, 24, 4, "u1"), [3], before=[(b"pHYs", bytes(9))])
    for name, patch in (("a.bmp", patch_bmp), ("a.tga", patch_tga)):
        picture = io.BytesIO()
        Image.fromarray((words >> 8).astype(np.uint8)).save(picture, name[2:].upper())
        made[name] = patch, picture.getvalue()
    return made


def damaged(stored: bytes, rng: np.random.Generator, is_checked: bool) -> bytes:
    made = bytearray(stored)
    for _ in range(int(rng.integers(1, 4))):
        kind = rng.integers(0, 5)
        # Headers, at the start or the end, are where a lie does most.
        at = int(
            rng.integers(0, len(made))
            if rng.random() < 0.5
            else rng.choice([rng.integers(0, 64), -1]) % len(made)
        )
        if rng.random() < 0.3:
            at = max(0, len(made) - 1 - int(rng.integers(0, 900)))
        if kind == 0:
            made[at] ^= 1 << int(rng.integers(0, 8))
        elif kind == 1:
            made = made[: max(1, at)]
        elif kind in (2, 3):
            size = int(rng.choice([1, 2, 4, 8]))
            lie = int(rng.choice(LIES)) & ((1 << 8 * size) - 1)
            lie = lie if rng.random() < 0.7 else int(rng.integers(0, 2 * len(stored))) & ((1 << 8 * size) - 1)
            made[at : at + size] = lie.to_bytes(size, "little" if rng.random() < 0.5 else "big")
        else:
            other = int(rng.integers(0, len(made)))
            made[at : at + 16] = made[other : other + 16]
    if is_checked and rng.random() < 0.7:
        return with_checksums(bytes(made))
    return bytes(made)


def with_checksums(stored: bytes) -> bytes:
    """A PNG with right checksums, so that damage gets past them."""
    import zlib

    made, at = bytearray(stored), 8
    while at + 12 <= len(made):
        size = int.from_bytes(made[at : at + 4], "big")
        if at + 12 + size > len(made):
            break
        made[at + 8 + size : at + 12 + size] = zlib.crc32(made[at + 4 : at + 8 + size]).to_bytes(4, "big")
        at += 12 + size
    return bytes(made)


def fuzz(count: int, seed: int, folder: Path) -> Counter[str]:
    """Tries `count` files; how often each end came. Raises whatever a patcher should not have raised."""
    files = seeds()
    edits = {}
    for name, (_patch, stored) in files.items():
        path = folder / f"good_{name}"
        path.write_bytes(stored)
        planes = read_planes(read_layout(path))[0]
        after = tuple(plane.copy() for plane in planes)
        for plane in after:
            plane[3:9, 2:20] = plane[3:9, 2:20][::-1, ::-1]
        edits[name] = edit_to(path, after)
    ends: Counter[str] = Counter()
    names = sorted(files)
    tracemalloc.start()
    for number in range(count):
        rng = np.random.default_rng([seed, number])
        name = names[number % len(names)]
        patch, stored = files[name]
        made = damaged(stored, rng, name.endswith(".png"))
        path, out_path = folder / f"bad_{name}", folder / f"out_{name}"
        path.write_bytes(made)
        tracemalloc.reset_peak()
        start_bytes, _peak = tracemalloc.get_traced_memory()
        start_seconds = time.process_time()
        try:
            patch(edit_of_copy(edits[name], path), out_path)
            ends["patched"] += 1
        except NotPatchableError as refusal:
            ends[str(refusal).replace(path.name, "it")] += 1
        except BaseException:
            (folder / f"culprit_{seed}_{number}_{name}").write_bytes(made)
            raise
        used = tracemalloc.get_traced_memory()[1] - start_bytes
        spent = time.process_time() - start_seconds
        assert used < len(made) + SPARE_BYTES, f"case {number}: {used} bytes"
        assert spent < LONGEST_SECONDS, f"case {number}: {spent} s"
        assert path.read_bytes() == made, "the original was written to"
        with contextlib.suppress(FileNotFoundError):
            out_path.unlink()
    tracemalloc.stop()
    return ends


if __name__ == "__main__":
    for end, times in fuzz(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])).most_common():
        print(times, end)
