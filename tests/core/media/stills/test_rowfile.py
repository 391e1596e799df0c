# SPDX-License-Identifier: Apache-2.0
"""Patched BMP and TGA files differ from the plate in just the bytes of changed samples."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.core.media.stills.edits import changed_pixels, edit_to, random_pixels

from plosive.errors import NotPatchableError
from plosive.geometry import Box
from plosive.media.exactness import Fate
from plosive.media.imagefile import read_layout, read_planes
from plosive.media.imageoutput import write_edited
from plosive.media.stills.rowfile import patch_bmp, patch_tga


@pytest.mark.parametrize(
    ("name", "mode", "options"),
    [
        ("p.bmp", "RGB", {}),
        ("p.bmp", "RGBA", {}),
        ("p.tga", "RGB", {}),
        ("p.tga", "RGBA", {}),
        ("p.tga", "L", {}),
        ("p.tga", "RGB", {"orientation": 1, "id_section": b"scene 4"}),
    ],
)
@pytest.mark.parametrize("width", [16, 17])
def test_only_bytes_of_changed_samples_differ(
    tmp_path: Path, name: str, mode: str, options: dict[str, Any], width: int
) -> None:
    from PIL import Image

    rng = np.random.default_rng(1)
    path, out_path = tmp_path / name, tmp_path / f"out_{name}"
    pixels = random_pixels(rng, 13, width, len(mode), "u1")
    Image.fromarray(pixels[..., 0] if mode == "L" else pixels).save(path, **options)
    channels = read_layout(path).channels
    new = changed_pixels(rng, pixels, Box(2, 3, 12, 9), channels)
    edit = edit_to(path, tuple(new[..., channel] for channel in channels))
    fate = write_edited(edit.layout, edit, out_path)
    assert fate.fate is Fate.PATCHED, fate.why
    with Image.open(out_path) as opened:
        shown = np.asarray(opened).reshape(13, width, -1)  # Pillow leaves the alpha of BMP away
        assert np.array_equal(shown, new[..., : shown.shape[2]])
    old, made = (np.frombuffer(one.read_bytes(), np.uint8) for one in (path, out_path))
    assert len(old) == len(made)
    assert (old != made).sum() == (pixels != new).sum()

    write_edited(edit.layout, edit_to(path, read_planes(edit.layout)[0]), out_path)
    assert out_path.read_bytes() == path.read_bytes()


def test_refusals_are_sentences(tmp_path: Path) -> None:
    from PIL import Image

    pixels = random_pixels(np.random.default_rng(1), 9, 8, 3, "u1")
    path, out_path = tmp_path / "p.tga", tmp_path / "out.tga"
    Image.fromarray(pixels).save(path, compression="tga_rle")
    edit = edit_to(path, tuple(255 - plane for plane in read_planes(read_layout(path))[0]))
    with pytest.raises(NotPatchableError, match=r"compressed or with a palette; it is written anew\.$"):
        patch_tga(edit, out_path)
    path = tmp_path / "p.bmp"
    Image.fromarray(pixels[..., 0]).save(path)
    edit = edit_to(path, tuple(255 - plane for plane in read_planes(read_layout(path))[0]))
    with pytest.raises(NotPatchableError, match=r"with a palette or masks; it is written anew\.$"):
        patch_bmp(edit, out_path)
