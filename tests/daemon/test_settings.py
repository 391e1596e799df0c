# SPDX-License-Identifier: Apache-2.0
"""Settings: which source wins, and what is refused with which words."""

from __future__ import annotations

import os
from dataclasses import fields
from pathlib import Path

import pytest

from plosive.errors import OptionError
from plosive_daemon.settings import SETTINGS_FILE, DaemonSettings


def test_each_source_wins_over_the_one_before(tmp_path: Path) -> None:
    assert DaemonSettings.load(tmp_path, {}) == DaemonSettings()
    (tmp_path / SETTINGS_FILE).write_text(
        'waiting_jobs = 7\nwatchers = 8\nstop_seconds = 3\nread_roots = ["/plates"]\n'
        'scratch_folder = "/fast"\n'
    )
    environment = {
        "PLOSIVE_DAEMON_WATCHERS": "9",
        "PLOSIVE_DAEMON_CANCEL_SECONDS": "0.25",
        "PLOSIVE_DAEMON_DEVICES": "cuda:0, cuda:1",
        "PLOSIVE_DAEMON_WRITE_ROOTS": os.pathsep.join(("/a", "/b")),
        "OTHER": "",
    }
    flags = {"cancel_seconds": 1, "address": "127.0.0.1:0", "watchers": None, "log_level": "debug"}
    loaded = DaemonSettings.load(tmp_path, environment, flags)
    assert (loaded.waiting_jobs, loaded.watchers) == (7, 9)
    assert (loaded.cancel_seconds, loaded.stop_seconds) == (1.0, 3.0)
    assert loaded.read_roots == (Path("/plates"),) and loaded.scratch_folder == Path("/fast")
    assert loaded.write_roots == (Path("/a"), Path("/b")) and loaded.devices == ("cuda:0", "cuda:1")
    assert (loaded.address, loaded.log_level) == ("127.0.0.1:0", "debug")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("watcher = 1", "sets 'watcher', which is not known"),
        ("watchers = 0", "watchers in .* must be between 1 and 10000 streams, not 0"),
        ("watchers = true", "must be a whole number, not 'True'"),
        ("watchers = 1.5", "must be a whole number"),
        ('watchers = "8"', "must be a whole number"),
        ("watchers = inf", "must be a whole number"),
        ("stop_seconds = nan", "must be a number"),
        ('log_level = "loud"', "log_level must be one of debug, info"),
        ('read_roots = "/a"', "must be a list, not '/a'"),
        ('read_roots = ["a"]', "must be absolute"),
        ("address = 5", "must be text"),
        ("watchers", "is not right: .*; correct or remove it"),
        ("\x00", "is not right"),
        ("# " + "x" * (1 << 20), "too large"),
    ],
)
def test_nonsense_in_the_file_is_named(tmp_path: Path, text: str, sentence: str) -> None:
    (tmp_path / SETTINGS_FILE).write_text(text)
    with pytest.raises(OptionError, match=sentence):
        DaemonSettings.load(tmp_path, {})


def test_nonsense_in_the_environment_and_in_flags_is_named(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="PLOSIVE_DAEMON_WATCHERS must be a whole number, not 'many'"):
        DaemonSettings.load(tmp_path, {"PLOSIVE_DAEMON_WATCHERS": "many"})
    with pytest.raises(OptionError, match="--stop-seconds must be between"):
        DaemonSettings.load(tmp_path, {}, {"stop_seconds": 1e9})
    with pytest.raises(OptionError, match="watchers must be between"):
        DaemonSettings(watchers=-1)


def test_every_field_tells_what_it_is(tmp_path: Path) -> None:
    for each in fields(DaemonSettings):
        assert each.metadata["says"] and "unit" in each.metadata
        assert ("bounds" in each.metadata) == (each.type in ("int", "float"))
