# SPDX-License-Identifier: Apache-2.0
"""Any matte, window, compression and tile: what is outside keeps its bits."""

from __future__ import annotations

import dataclasses
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plosive.geometry import Box
from plosive.media.exr.patch import patch_exr
from plosive.media.exr.structure import read_structure

if TYPE_CHECKING:
    from conftest import Exr

LOSSLESS_AND_NOT = ("none", "rle", "zips", "zip", "piz", "pxr24", "b44", "b44a", "dwaa", "dwab", "htj2k32")


@st.composite
def cases(draw: st.DrawFn) -> dict[str, Any]:
    width, height = draw(st.integers(1, 70)), draw(st.integers(1, 70))
    left, right = sorted((draw(st.integers(0, width)), draw(st.integers(0, width))))
    top, bottom = sorted((draw(st.integers(0, height)), draw(st.integers(0, height))))
    kind = draw(st.sampled_from(["half", "float"]))
    return {
        "size": (height, width),
        "box": Box(left, top, right, bottom),
        "compression": draw(st.sampled_from(LOSSLESS_AND_NOT)),
        "tile": draw(st.none() | st.tuples(st.integers(1, 40), st.integers(1, 40))),
        "place": (draw(st.integers(-99, 99)), draw(st.integers(-99, 99))),
        "kinds": {
            **dict.fromkeys("RGB", kind),
            **draw(st.dictionaries(st.sampled_from("AZXM"), st.sampled_from(["half", "float", "uint"]))),
        },
        "share": draw(st.sampled_from([0.0, 0.01, 0.5, 1.0])),
        "seed": draw(st.integers(0, 1 << 30)),
    }


@pytest.fixture(scope="module")
def maker() -> Any:
    def made(folder: Path, seed: int) -> Exr:
        import importlib.util

        spec = importlib.util.spec_from_file_location("exr_makers", Path(__file__).with_name("conftest.py"))
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        exr: Exr = module.Exr(folder)
        exr.random = np.random.default_rng(seed)
        return exr

    return made


@settings(max_examples=60, deadline=None)
@given(case=cases())
def test_outside_the_matte_every_bit_stays(maker: Any, case: dict[str, Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        exr: Exr = maker(Path(folder), case["seed"])
        planes = exr.planes(*case["size"], case["kinds"])
        (left, top), tile = case["place"], case["tile"]
        part = exr.part(planes, case["compression"], left=left, top=top, tile=tile)
        path, out = exr.write("plate.exr", part), Path(folder) / "out.exr"
        edit = exr.edit(path, case["box"], share=case["share"])
        patch_exr(edit, out)
        for meant, found in zip(exr.meant(edit), exr.read(out), strict=True):
            assert all(np.array_equal(meant[name], found[name]) for name in meant)
        assert read_structure(path).header_bytes == read_structure(out).header_bytes
        patch_exr(dataclasses.replace(edit, after=edit.before), out)
        assert path.read_bytes() == out.read_bytes()
