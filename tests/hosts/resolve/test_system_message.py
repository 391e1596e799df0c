# SPDX-License-Identifier: Apache-2.0
"""Messages of the system's own: which program shows them, and that nothing can be run through their text."""

from __future__ import annotations

import logging
import os
import stat
import sys
import time
from pathlib import Path

import pytest

from plosive_resolve.system_message import message_command, show_message

LOG = logging.getLogger("test")
NASTY = 'a "quote" $(touch x) `touch y` \\ & ; -e do shell script'


def test_macos_gets_the_text_as_an_argument() -> None:
    command = message_command("Title", NASTY, "darwin", {}, lambda name: None)
    assert command[0] == "osascript" and command[-2:] == ["Title", NASTY]
    assert NASTY not in " ".join(command[:-2])


@pytest.mark.parametrize(
    ("there", "begins"),
    [
        (("kdialog", "zenity"), ["/bin/zenity", "--info", "--no-markup"]),
        (("kdialog",), ["/bin/kdialog", "--title", "Title", "--msgbox", NASTY]),
        (("notify-send",), ["/bin/notify-send", "--", "Title", NASTY]),
        (("xmessage",), ["/bin/xmessage", "--"]),
        ((), []),
    ],
)
def test_linux_takes_what_is_there(there: tuple[str, ...], begins: list[str]) -> None:
    def which(name: str) -> str | None:
        return f"/bin/{name}" if name in there else None

    command = message_command("Title", NASTY, "linux", {"WAYLAND_DISPLAY": "wayland-0"}, which)
    assert command[: len(begins)] == begins and bool(command) == bool(there)
    assert message_command("Title", NASTY, "linux", {}, which) == []  # no screen


@pytest.mark.skipif(sys.platform in ("darwin", "win32"), reason="of Linux")
def test_it_is_run_with_a_cleaned_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program of our own in zenity's place writes down what it gets."""
    told = tmp_path / "told"
    fake = tmp_path / "zenity"
    fake.write_text(
        f'#!/bin/sh\nprintf "%s\\n" "$LD_LIBRARY_PATH" "$@" > {told}.part; mv {told}.part {told}\n'
    )
    fake.chmod(fake.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setenv("LD_LIBRARY_PATH", "/opt/resolve/libs")
    monkeypatch.delenv("PLOSIVE_HOST_QUIET", raising=False)
    assert show_message("Title", NASTY, LOG)
    deadline = time.monotonic() + 10
    while not told.exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert told.read_text().splitlines() == ["", "--info", "--no-markup", "--title=Title", f"--text={NASTY}"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["told", "zenity"]


def test_quiet_and_broken_systems_are_no_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLOSIVE_HOST_QUIET", "1")
    assert not show_message("Title", "Text", LOG)
    monkeypatch.delenv("PLOSIVE_HOST_QUIET")
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr("shutil.which", lambda name: str(tmp_path / "not there"))
    monkeypatch.setattr(sys, "platform", "linux")
    assert not show_message("Title", "Text", LOG)
