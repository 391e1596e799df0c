# SPDX-License-Identifier: Apache-2.0
"""Plosive in Nuke: its menus. Run with the GUI only; never stops Nuke from starting."""

import sys

try:
    if sys.version_info < (3, 9):
        print("Plosive needs Nuke 14 or later for its buttons; LipSync nodes render in this one, too.")
    else:
        from plosive_nuke.menu import add_menus

        add_menus()
except BaseException as _error:
    print("Plosive has no menu: %s" % _error)
    try:
        from plosive_host.log import host_log, log_path

        host_log("nuke").exception("menu.py")
        print("Plosive's log: %s" % log_path("nuke"))
    except BaseException:
        pass
