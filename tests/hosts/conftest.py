# SPDX-License-Identifier: Apache-2.0
"""What tests of all hosts need that work with the daemon and the workers that ship."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from plosive_client.state_folder import is_daemon_alive, read_endpoint


@pytest.fixture(scope="module")
def daemon_in() -> Iterator[Callable[[Path], None]]:
    """Call it with a folder: the daemon that a client starts from then on keeps its state there, works on the
    processor, and is ended after the module's last test.
    """
    states: list[Path] = []
    sources = os.pathsep.join(os.path.abspath(path) for path in sys.path if path)
    with pytest.MonkeyPatch.context() as patch:

        def use(folder: Path) -> None:
            states.append(folder / "state")
            for name, value in (
                ("PLOSIVE_STATE", str(folder / "state")),
                ("PLOSIVE_CACHE", str(folder / "cache")),
                ("PLOSIVE_DAEMON_DEVICES", "cpu"),
                ("PLOSIVE_DAEMON_DISK_RESERVE_BYTES", "0"),
                ("PYTHONPATH", sources),
                ("PLOSIVE_PYTHONPATH", sources),
                ("PLOSIVE_PYTHON", sys.executable),
            ):
                patch.setenv(name, value)

        yield use
        for state in states:
            _end_daemon(state)


def _end_daemon(state: Path) -> None:
    endpoint = read_endpoint(state)
    if endpoint is None or endpoint.pid <= 1 or not is_daemon_alive(state):
        return
    os.kill(endpoint.pid, signal.SIGTERM)
    deadline = time.monotonic() + 20.0
    while is_daemon_alive(state) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_daemon_alive(state)
