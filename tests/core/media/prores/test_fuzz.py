# SPDX-License-Identifier: Apache-2.0
"""Some of the cases of fuzz.py, and that what they find is varied."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import ModuleType

import pytest


def test_damaged_frames(
    samples: ModuleType, load: Callable[[str], ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "samples", samples)  # the name fuzz.py knows it by
    fuzz = load("prores_fuzz")
    findings = fuzz.run(200, 5)
    assert findings.outcomes.total() == 200 and findings.outcomes["patched"] > 20
    assert len(findings.outcomes) > 8
    assert findings.peak < 12_000_000
