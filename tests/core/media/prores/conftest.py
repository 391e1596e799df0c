# SPDX-License-Identifier: Apache-2.0
"""Modules beside the tests that are no tests."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

FOLDER = Path(__file__).parent


def _loaded(name: str) -> ModuleType:
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, FOLDER / f"{name.removeprefix('prores_')}.py")
        assert spec is not None and spec.loader is not None
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


@pytest.fixture(scope="session")
def load() -> Callable[[str], ModuleType]:
    """Loads `prores_NAME` from NAME.py."""
    return _loaded


@pytest.fixture(scope="session")
def samples() -> ModuleType:
    return _loaded("prores_samples")
