# SPDX-License-Identifier: Apache-2.0
"""What the entry files in Resolve's script folders call: nothing gets out of here into Resolve."""

from __future__ import annotations

import logging
import platform
import sys
from collections.abc import Mapping
from typing import Any

from plosive_host import PlosiveHostError, Pump, host_log, log_path
from plosive_host.sighting import remember_sighting
from plosive_resolve.application import Host, open_host
from plosive_resolve.check import check
from plosive_resolve.console_screen import ConsoleScreen
from plosive_resolve.lip_sync_clip import lip_sync_clip
from plosive_resolve.screen import Screen
from plosive_resolve.window import can_draw
from plosive_resolve.window_screen import WindowScreen

__all__ = ["run"]

_TITLES = {"lip_sync_clip": "Lip Sync Clip", "check": "Plosive Check"}


def run(action: str, given: Mapping[str, Any]) -> bool:
    """Do `action` (lip_sync_clip or check) with the globals of the script that Resolve runs. Whether it went
    through; what went wrong is told to the artist in a sentence, with the place of the log.
    """
    log = host_log("resolve")
    log.info(
        "%s, Python %s (%s) on %s", action, platform.python_version(), sys.executable, platform.platform()
    )
    pump = Pump()
    host: Host | None = None
    try:
        if action == "check":

            def screen_of(found: Host) -> Screen:
                _seen(found)
                return _screen(found, pump, log)

            check(given, screen_of, log)
            return True
        host = open_host(given)
        _seen(host)
        log.info("%s", host.edition)
        lip_sync_clip(host, given, _screen(host, pump, log), pump, log)
        return True
    except PlosiveHostError as error:
        log.error("%s (%s)", error, error.code)
        sentence = str(error)
    except Exception:
        log.exception("A defect of Plosive")
        sentence = "Plosive met a defect of its own and left the timeline as it was; the log says where."
    _tell(host, given, _TITLES[action], sentence, pump, log)
    return False


def _seen(host: Host) -> None:
    """Which Resolve runs these scripts, for `plosive doctor`."""
    edition = host.edition
    version = ".".join(str(part) for part in edition.version)
    remember_sighting("resolve", edition.product, version, "studio" if edition.is_studio else "free")


def _screen(host: Host, pump: Pump, log: logging.Logger) -> Screen:
    return WindowScreen(host, pump, log) if can_draw(host) else ConsoleScreen(host.fusion, pump, log)


def _tell(
    host: Host | None,
    given: Mapping[str, Any],
    title: str,
    sentence: str,
    pump: Pump,
    log: logging.Logger,
) -> None:
    """In a window if there can be one; where even that fails the console has it."""
    console = ConsoleScreen(given.get("fusion") or given.get("fu"), pump, log)
    try:
        screen = console if host is None else _screen(host, pump, log)
        screen.tell(title, (sentence,), log_path("resolve"))
    except Exception:
        log.exception("The window can't be drawn")
        console.tell(title, (sentence,), log_path("resolve"))
