# SPDX-License-Identifier: Apache-2.0
"""Some of the cases of fuzz.py."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path


def test_damage_ends_in_a_sentence(tmp_path: Path) -> None:
    spec = importlib.util.spec_from_file_location("exr_fuzz", Path(__file__).with_name("fuzz.py"))
    assert spec is not None and spec.loader is not None
    fuzz = importlib.util.module_from_spec(spec)
    sys.modules["exr_fuzz"] = fuzz
    spec.loader.exec_module(fuzz)
    outcomes = fuzz.run(250, 5, tmp_path)
    assert sum(outcomes.values()) == 250
    assert set(outcomes) == {"patched", "NotPatchableError", "MediaReadError"}
