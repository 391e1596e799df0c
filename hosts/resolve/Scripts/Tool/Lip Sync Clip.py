# SPDX-License-Identifier: Apache-2.0
"""A node's own menu on the Fusion page > Script > Lip Sync Clip: the clip of that MediaIn.

Readable by any Python, so that an old one is told what is wrong; never lets anything out into Resolve.
"""

import os
import sys
import tempfile
import traceback

PLOSIVE_HOSTS = ""  # the folder of plosive_resolve: written here by `plosive install resolve`


def start():
    if sys.version_info < (3, 9):
        print("Plosive needs Python 3.9 or later, and Resolve runs this with %s." % sys.version.split()[0])
        print("Install a newer Python from python.org and start Resolve again.")
        return
    here = os.path.dirname(os.path.abspath(globals().get("__file__", "")))
    root = os.path.dirname(os.path.dirname(here))  # hosts/resolve, when this runs from the repository
    plugin = os.path.join(os.path.dirname(os.path.dirname(root)), "plugin")
    sys.path[:0] = [PLOSIVE_HOSTS] if PLOSIVE_HOSTS else [root, plugin]
    from plosive_resolve.entry import run

    run("lip_sync_clip", globals())


try:
    start()
except BaseException:  # Plosive's own log is not there yet, or no longer
    path = os.path.join(tempfile.gettempdir(), "plosive-host-resolve.log")
    traceback.print_exc()
    try:
        with open(path, "ab") as log:
            log.write(traceback.format_exc().encode("utf-8", "replace"))
        print("Plosive could not start; run `plosive doctor resolve`. The reason is in " + path)
    except Exception:  # nowhere to write, or a console that can't show the path
        print("Plosive could not start; run `plosive doctor resolve`.")
