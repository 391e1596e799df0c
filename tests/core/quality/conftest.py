# SPDX-License-Identifier: Apache-2.0
"""What the tests of `plosive score` share."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="session")
def damage() -> ModuleType:
    """`damage.py` beside this file: tests/ is never on sys.path, so it is loaded by its place."""
    name = "tests.core.quality.damage"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name("damage.py"))
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module  # dataclasses look their module up by name
        spec.loader.exec_module(module)
    return sys.modules[name]
