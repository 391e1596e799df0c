# SPDX-License-Identifier: Apache-2.0
"""The environment of the child: the host's, without what hosts set for themselves."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["child_environment"]

_REMOVED = (
    "LD_LIBRARY_PATH",
    "LD_PRELOAD",
    "PYTHONEXECUTABLE",
    "PYTHONHOME",
    "PYTHONINSPECT",
    "PYTHONPATH",
    "PYTHONPLATLIBDIR",
    "PYTHONSTARTUP",
    "QML2_IMPORT_PATH",
    "__PYVENV_LAUNCHER__",  # macOS: whose virtual environment a framework's Python believes to be in
)
_REMOVED_PREFIXES = ("DYLD_", "QT_")


def child_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Nuke and Resolve point Python, the loader and Qt at their own copies, which another Python must not
    load.

    PLOSIVE_PYTHONPATH becomes the child's PYTHONPATH, for those who run Plosive from its source.
    """
    kept = {
        name: value
        for name, value in environment.items()
        if name.upper() not in _REMOVED and not name.upper().startswith(_REMOVED_PREFIXES)
    }
    if environment.get("PLOSIVE_PYTHONPATH"):
        kept["PYTHONPATH"] = environment["PLOSIVE_PYTHONPATH"]
    kept.setdefault("GRPC_VERBOSITY", "ERROR")  # its chatter is for nobody who reads the host's log
    kept["PYTHONSAFEPATH"] = "1"  # it starts in the home folder, where anything may lie
    return {**kept, "PYTHONUTF8": "1"}
