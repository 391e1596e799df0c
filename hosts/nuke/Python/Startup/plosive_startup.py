# SPDX-License-Identifier: Apache-2.0
"""Plosive in Nuke Studio and Hiero: Lip Sync Clip on right-click menus. Never stops them from starting."""

import os
import sys
import tempfile
import traceback

PLOSIVE_HOSTS = ""  # the installer writes the folder that holds plosive_host and plosive_hiero

try:
    if sys.version_info < (3, 9):
        print("Plosive needs Nuke Studio or Hiero 14 or later.")
    else:
        _folders = [PLOSIVE_HOSTS]
        if not PLOSIVE_HOSTS:
            _here = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
            _folders = [_here, os.path.join(_here, "..", "..", "plugin")]
        for _folder in map(os.path.abspath, _folders):
            if os.path.isdir(_folder) and _folder not in sys.path:
                sys.path.append(_folder)
        from plosive_hiero.menu import add_menus

        add_menus()
except BaseException as _error:
    _why = traceback.format_exc()
    print("Plosive has no menu: %s; run `plosive doctor nuke`." % _error)
    try:
        from plosive_host.log import host_log, log_path

        host_log("hiero").error("plosive_startup.py\n%s", _why)
        print("Plosive's log: %s" % log_path("hiero"))
    except BaseException:  # Plosive's own log is not there, either
        _path = os.path.join(tempfile.gettempdir(), "plosive-host-nuke.log")
        print("The reason is in %s" % _path)
        try:
            with open(_path, "a") as _log:
                _log.write(_why)
        except Exception:
            print(_why)
