# SPDX-License-Identifier: Apache-2.0
"""Puts Plosive's files where Resolve and Nuke find them, takes them away again, and finds out why a host does
not show or run them. Standard library and click only; it runs in Plosive's own Python, never in a host.
"""

from __future__ import annotations

from plosive_install.errors import InstallError
from plosive_install.installation import Target, install_steps, target
from plosive_install.machine import Machine, this_machine
from plosive_install.removal import Removal, removal
from plosive_install.sources import HOST_NAMES, HOSTS, HostFiles, host_files, plosive_version

__all__ = [
    "HOSTS",
    "HOST_NAMES",
    "HostFiles",
    "InstallError",
    "Machine",
    "Removal",
    "Target",
    "host_files",
    "install_steps",
    "plosive_version",
    "removal",
    "target",
    "this_machine",
]
