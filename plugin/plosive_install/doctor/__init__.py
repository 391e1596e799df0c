# SPDX-License-Identifier: Apache-2.0
"""`plosive doctor resolve|nuke`: why a host does not show or run Plosive, and what to do.

What the machine is like is looked at once (`looking`) and kept as a frozen `View`; every check is a function
of it, so that each can be tried on machines of all three systems.
"""

from __future__ import annotations

from plosive_install.doctor.finding import Finding, State
from plosive_install.doctor.view import ClientSeen, DaemonSeen, Process, View

__all__ = ["ClientSeen", "DaemonSeen", "Finding", "Process", "State", "View"]
