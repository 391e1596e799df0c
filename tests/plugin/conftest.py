# SPDX-License-Identifier: Apache-2.0
"""Fixtures of the client's tests."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from plosive_client import Client

FAKE = Path(__file__).parent / "fake_daemon.py"


@pytest.fixture(scope="session")
def fake_daemon_module() -> Any:
    """tests/ is never on sys.path: loaded by its place."""
    spec = importlib.util.spec_from_file_location("plosive_fake_daemon", FAKE)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["plosive_fake_daemon"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def daemon(fake_daemon_module: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A fake daemon that runs, and is the user's own."""
    monkeypatch.setenv("PLOSIVE_STATE", str(tmp_path / "state"))
    fake = fake_daemon_module.FakeDaemon(tmp_path / "state")
    fake.start()
    yield fake
    fake.stop()


@pytest.fixture
def client(daemon: Any) -> Iterator[Client]:
    """A client of it that starts no other."""
    from plosive_client import connect

    with connect(is_started=False, start_seconds=5.0, reconnect_seconds=10.0, client_name="test") as client:
        yield client
