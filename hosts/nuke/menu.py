# SPDX-License-Identifier: Apache-2.0
"""Plosive in Nuke: its menus. Run with the GUI only; never stops Nuke from starting."""

import os
import sys
import tempfile
import traceback

try:
    if sys.version_info < (3, 9):
        print("Plosive needs Nuke 14 or later for its buttons; LipSync nodes render in this one, too.")
    else:
        from plosive_nuke.menu import add_menus

        add_menus()
except BaseException as _error:
    _why = traceback.format_exc()
    print("Plosive has no menu: %s; run `plosive doctor nuke`." % _error)
    try:
        from plosive_host.log import host_log, log_path

        host_log("nuke").error("menu.py\n%s", _why)
        print("Plosive's log: %s" % log_path("nuke"))
    except BaseException:  # Plosive's own log is not there, either
        _path = os.path.join(tempfile.gettempdir(), "plosive-host-nuke.log")
        print("The reason is in %s" % _path)
        try:
            with open(_path, "a") as _log:
                _log.write(_why)
        except Exception:
            print(_why)
