# SPDX-License-Identifier: Apache-2.0
"""Plosive in Nuke: where its package lies. Run in every mode, on farms too; never stops Nuke's start."""

import os
import sys

PLOSIVE_HOSTS = ""  # the installer writes the folder that holds plosive_host and plosive_nuke

try:
    _here = os.path.dirname(os.path.abspath(__file__))
    _folders = [PLOSIVE_HOSTS] if PLOSIVE_HOSTS else [_here, os.path.join(_here, "..", "..", "plugin")]
    for _folder in map(os.path.abspath, _folders):
        if sys.version_info >= (3, 9) and os.path.isdir(_folder) and _folder not in sys.path:
            sys.path.append(_folder)
except Exception as _error:
    print("Plosive was not loaded: %s" % _error)
