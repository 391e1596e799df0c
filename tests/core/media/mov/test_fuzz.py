# SPDX-License-Identifier: Apache-2.0
"""A small share of fuzz.py, the same in every run."""

from __future__ import annotations

import importlib.util
from pathlib import Path


def test_damaged_files(tmp_path: Path) -> None:
    spec = importlib.util.spec_from_file_location("mov_fuzz", Path(__file__).with_name("fuzz.py"))
    assert spec is not None and spec.loader is not None
    fuzz = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(fuzz)
    ends = fuzz.run(300, 0, tmp_path, [])
    assert sum(ends.values()) == 300
    assert ends["rewritten"] > 50 and ends["refused"] > 10 and ends["not read"] > 100
