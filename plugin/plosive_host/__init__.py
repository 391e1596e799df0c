# SPDX-License-Identifier: Apache-2.0
"""What runs inside a host's Python: the standard library only, from Python 3.9 on.

    session = Session("Nuke 15.1", deliver=nuke.executeInMainThread)
    session.start(on_error=show)
    session.request("submit", {"sync": {...}}, on_event=progress, on_done=finished, on_error=show)

What can be asked is in plosive_client/PROTOCOL.md.
"""

from __future__ import annotations

from plosive_host.errors import PlosiveHostError
from plosive_host.folders import data_folder
from plosive_host.log import host_log, log_path
from plosive_host.pump import Pump
from plosive_host.python import config_path, find_python, remember_python
from plosive_host.session import LINE_PROTOCOL, Request, Session

__all__ = [
    "LINE_PROTOCOL",
    "PlosiveHostError",
    "Pump",
    "Request",
    "Session",
    "config_path",
    "data_folder",
    "find_python",
    "host_log",
    "log_path",
    "remember_python",
]
