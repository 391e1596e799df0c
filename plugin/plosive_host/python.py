# SPDX-License-Identifier: Apache-2.0
"""Which Python runs Plosive: never the host's own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

from plosive_host.environment import child_environment
from plosive_host.errors import PlosiveHostError
from plosive_host.folders import data_folder

__all__ = ["config_path", "find_python", "remember_python", "why_not"]

_OLDEST = (3, 10)
_PROBE_SECONDS = 10.0


def config_path() -> Path:
    """host.json in the user's data folder of Plosive: {"python": "/path/to/python"}; PLOSIVE_HOST_CONFIG
    names another file.
    """
    chosen = os.environ.get("PLOSIVE_HOST_CONFIG")
    if chosen:
        return Path(chosen)
    return data_folder() / "host.json"


def find_python(setting: str = "") -> str:
    """The first of: `setting` (the plug-in's own), PLOSIVE_PYTHON, the user's host.json, the host.json that
    `plosive install` put beside this package, the Python beside the `plosive` that the PATH finds. Raises
    PlosiveHostError (NO_PYTHON) where none is told or the one that is told is not there.
    """
    config = config_path()
    installed = Path(__file__).resolve().parents[1] / "host.json"
    for told, where in (
        (setting, "the plug-in's settings"),
        (os.environ.get("PLOSIVE_PYTHON", ""), "PLOSIVE_PYTHON"),
        (_configured(config), str(config)),
        (_configured(installed), str(installed)),
    ):
        if told:
            found = shutil.which(os.path.expanduser(told))
            if found is None:
                raise PlosiveHostError(
                    f"{where} names the Python {told}, which is not there or cannot be run; correct it.",
                    "NO_PYTHON",
                )
            return found
    script = shutil.which("plosive")
    beside = Path(os.path.realpath(script)).parent if script else None
    found = shutil.which("python", path=str(beside)) if beside else None
    if found is None:
        raise PlosiveHostError(
            "Plosive was not found; install it and name its Python in the plug-in's settings, PLOSIVE_PYTHON "
            f"or {config}.",
            "NO_PYTHON",
        )
    return found


def remember_python(python: str) -> Path:
    """Write host.json, whole or not at all; returns its path. Raises OSError."""
    path = config_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name("." + path.name + "." + str(os.getpid()) + ".part")
    temporary.write_text(json.dumps({"python": python}, indent=1), encoding="utf-8")
    os.replace(temporary, path)
    return path


def why_not(python: str, last_words: str) -> PlosiveHostError:
    """Why `python -m plosive_client` ended before it said anything; `last_words`: of its standard error."""
    version = _version(python)
    if version and version < _OLDEST:
        told = ".".join(str(part) for part in version)
        oldest = ".".join(str(part) for part in _OLDEST)
        return PlosiveHostError(
            f"{python} is Python {told}, and Plosive needs {oldest} or later; name the one it is in.",
            "TOO_OLD",
        )
    if "No module named" in last_words:
        return PlosiveHostError(
            f"{python} has no whole Plosive ({last_words}); install it there, or name another Python.",
            "NO_PLOSIVE",
        )
    return PlosiveHostError(
        f"Plosive's client could not run with {python}: {last_words or 'it said nothing'}.", "CHILD_ENDED"
    )


def _configured(path: Path) -> str:
    try:
        told = json.loads(path.read_text(encoding="utf-8"))["python"]
    except FileNotFoundError:
        return ""
    except (OSError, ValueError, KeyError, TypeError):
        told = None
    if not isinstance(told, str):
        raise PlosiveHostError(f'{path} must hold {{"python": "PATH"}}; correct or remove it.', "NO_PYTHON")
    return told


def _version(python: str) -> tuple[int, ...]:
    """(3, 11), or () where it does not say."""
    try:
        done = subprocess.run(
            [python, "-c", "import sys; print(sys.version_info[0], sys.version_info[1])"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=child_environment(os.environ),
            timeout=_PROBE_SECONDS,
        )
        return tuple(int(part) for part in done.stdout.split()[:2])
    except (OSError, ValueError, subprocess.SubprocessError):
        return ()
