# SPDX-License-Identifier: Apache-2.0
"""Plosive Check: what Plosive finds in this Resolve, and what is wrong."""

from __future__ import annotations

import logging
import platform
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from plosive_host import PlosiveHostError, Pump, Session, config_path, find_python, log_path
from plosive_resolve.application import Host, open_host
from plosive_resolve.console_screen import ConsoleScreen
from plosive_resolve.options_file import options_path, read_options
from plosive_resolve.screen import Screen
from plosive_resolve.sync_dialog import options_dialog
from plosive_resolve.timeline_view import view_timeline
from plosive_resolve.window import can_draw

__all__ = ["check", "findings"]

_HELLO_SECONDS = 60.0


def check(given: Mapping[str, Any], screen_of: Callable[[Host], Screen], log: logging.Logger) -> list[str]:
    """Tell the artist what there is, one line each; those with "Wrong" must be mended. Returns them."""
    lines: list[str] = []
    host: Host | None = None
    for line in findings(given, log):
        if isinstance(line, Host):
            host = line
        else:
            lines.append(line)
    wrong = sum(line.startswith("Wrong") for line in lines)
    title = "Plosive Check: all is well" if not wrong else f"Plosive Check: {wrong} to mend"
    if host is None:
        fusion = given.get("fusion") or given.get("fu")
        ConsoleScreen(fusion, Pump(), log).tell(title, lines, log_path("resolve"))
    else:
        screen_of(host).tell(title, lines, log_path("resolve"))
    return lines


def findings(given: Mapping[str, Any], log: logging.Logger) -> Iterator[str | Host]:
    """A sentence for each thing that was looked at, and the host, where it could be opened."""
    yield f"Python {platform.python_version()} ({sys.executable or 'inside Resolve'})"
    try:
        host = open_host(given)
    except PlosiveHostError as error:
        yield f"Wrong: {error}"
    else:
        yield host
        yield str(host.edition)
        yield (
            "Windows can be drawn."
            if can_draw(host)
            else f"This edition draws no windows: options are in {options_path()}."
        )
        yield from _timeline(host)
    yield from _options()
    yield from _daemon(log)


def _timeline(host: Host) -> Iterator[str]:
    try:
        view = view_timeline(host.timeline)
        yield f"Timeline {view.name}, {float(view.rate):.6g} frames a second, {len(view.tracks)} tracks"
    except PlosiveHostError as error:
        yield f"No timeline: {error}"


def _options() -> Iterator[str]:
    try:
        read_options(options_dialog())
    except PlosiveHostError as error:
        yield f"Wrong: {error}"


def _daemon(log: logging.Logger) -> Iterator[str]:
    try:
        yield f"Plosive's Python: {find_python()} (told by {config_path()}, PLOSIVE_PYTHON or the PATH)"
        with Session("Plosive Check", on_log=log.info) as session:
            answer = session.start().wait(_HELLO_SECONDS)
    except PlosiveHostError as error:
        yield f"Wrong: {error}"
        return
    daemon = answer.get("daemon") or {}
    yield f"Plosive {answer.get('client_version')}, daemon {daemon.get('plosive_version')}"
    for device in daemon.get("devices") or ():
        yield f"Device {device.get('name')}: {device.get('label')}"
    for warning in daemon.get("warnings") or ():
        yield f"Warning: {warning}"
    roots = [str(root) for root in daemon.get("read_roots") or ()]
    if roots:
        yield "Media is read only under " + ", ".join(roots)
