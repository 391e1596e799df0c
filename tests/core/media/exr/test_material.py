# SPDX-License-Identifier: Apache-2.0
"""Files that others made, kept beside the repository; and FFmpeg's eyes on a patched file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from plosive.errors import MediaReadError
from plosive.geometry import Box
from plosive.media import open_plate
from plosive.media.exr.patch import patch_exr
from plosive.media.exr.structure import read_structure
from plosive.media.imageedit import ImageEdit
from plosive.media.imagefile import read_layout, read_planes

if TYPE_CHECKING:
    from conftest import Exr

FOLDER = Path(__file__).resolve().parents[5] / "shared" / "material" / "exr"
FILES = sorted(FOLDER.glob("*.exr"))
DEEP = "v2_LowResLeftView_Trunks.exr"


@pytest.mark.skipif(not FILES, reason="needs ../shared/material/exr")
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_files_of_others(exr: Exr, path: Path) -> None:
    file, out = read_structure(path), exr.folder / "out.exr"
    if path.name == DEEP:
        assert file.parts[0].is_deep
        with pytest.raises(MediaReadError, match="deep image"):
            read_layout(path)
        return
    layout = read_layout(path)
    before, _ = read_planes(layout)
    height, width = before[0].shape
    box = Box(width // 3, height // 3, width // 2 + 1, height // 2 + 1)
    patch_exr(ImageEdit(layout, before, before, box), out)
    assert out.read_bytes() == path.read_bytes()
    after = tuple(np.array(plane) for plane in before)
    for plane in after:
        plane[box.slices] = exr.random.random((box.height, box.width))
    edit = ImageEdit(layout, before, after, box)
    patch_exr(edit, out)
    for read in (exr.read, exr.read_by_openimageio):
        for part, (old, new) in enumerate(zip(read(path), read(out), strict=True)):
            assert old.keys() == new.keys()
            for name in old:
                is_edited = part == layout.part and name in layout.channel_names
                wanted = old[name]
                if is_edited:
                    plane = after[layout.channel_names.index(name)]
                    wanted = np.ascontiguousarray(plane).view(wanted.dtype)
                assert np.array_equal(wanted, new[name])
    found = read_structure(out)
    if "preview" not in file.parts[layout.part].attributes:
        assert found.header_bytes == file.header_bytes
    assert len(found.header_bytes) == len(file.header_bytes)


@pytest.mark.skipif(not FILES, reason="needs ../shared/material/exr")
@pytest.mark.parametrize("path", sorted((FOLDER / "damaged").glob("*.exr")), ids=lambda path: path.stem)
def test_damaged_files(path: Path) -> None:
    with pytest.raises(MediaReadError):
        read_structure(path)
    with pytest.raises(MediaReadError), open_plate(path) as plate:
        for frame in plate.frames():
            frame.rgb8()


@pytest.mark.parametrize("compression", ["zip", "piz"])
def test_ffmpeg_reads_what_is_stored_as_it_is(exr: Exr, compression: str) -> None:
    import av

    ramp = np.linspace(0, 1, 64 * 48).reshape(48, 64).astype(np.float32)
    path = exr.write("plate.exr", exr.part(dict.fromkeys("RGB", ramp), compression))
    edit, out = exr.edit(path, Box(0, 32, 64, 48), share=0), exr.folder / "out.exr"
    after = tuple(np.array(plane) for plane in edit.before)
    for plane in after:  # grain that no ZIP makes smaller
        plane[edit.box.slices] = exr.random.random((16, 64)).astype(np.float32)
    patch_exr(ImageEdit(edit.layout, edit.before, after, edit.box), out)
    with av.open(str(out), format="exr_pipe") as container:
        frame = next(container.decode(video=0))
    assert frame.format.name == "gbrpf32le"
    for place, plane in zip((2, 0, 1), after, strict=True):  # G, B, R
        line = np.frombuffer(frame.planes[place], np.float32).reshape(-1, frame.planes[place].line_size // 4)
        assert np.array_equal(line[32:48, :64], plane[32:48])
