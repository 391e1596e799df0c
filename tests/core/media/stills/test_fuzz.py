# SPDX-License-Identifier: Apache-2.0
"""A few damaged files of the many that `fuzz.py` tries."""

from __future__ import annotations

from pathlib import Path

from tests.core.media.stills.fuzz import fuzz


def test_damaged_files_are_refused_or_patched(tmp_path: Path) -> None:
    ends = fuzz(400, 1, tmp_path)
    assert sum(ends.values()) == 400
    assert ends["patched"] > 20 and len(ends) > 10, ends
    assert all(end == "patched" or end.endswith("it is written anew.") for end in ends)
