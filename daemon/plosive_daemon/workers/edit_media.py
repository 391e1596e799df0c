# SPDX-License-Identifier: Apache-2.0
"""What an edit leads to: held to the roots, as the paths of a request are.

An edit is somebody else's file, and names any path it likes. Nobody knows which before it was parsed, so this
is asked of each place before anything is looked up there (`plosive.conform.read_edit`).
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from plosive.errors import MediaReadError
from plosive_daemon.service.errors import PathRefused
from plosive_daemon.service.guard import HeldSources
from plosive_daemon.service.paths import Roots

__all__ = ["EditMedia"]

_FIELD = "edit_path"


class EditMedia:
    """Of one conform. Everything that is there is held in `holding` from the first look on."""

    def __init__(self, roots: Roots, holding: HeldSources) -> None:
        self._roots = roots
        self._holding = holding
        self._real: dict[Path, Path] = {}

    def may_open(self, path: Path) -> None:
        """Raises PathRefused for a path outside the roots, or of an odd kind. One where nothing is passes:
        whoever looks finds nothing.
        """
        path = Path(os.path.abspath(path))
        if path in self._real:
            return
        with suppress(MediaReadError):
            real = self._roots.readable(str(path), _FIELD)
            self._holding.add(real)
            self._real[path] = real

    def require_unmoved(self) -> None:
        """At the end: raises PathRefused where a link on the way to what was opened leads elsewhere now."""
        for path, real in self._real.items():
            with suppress(MediaReadError):
                if self._roots.readable(str(path), _FIELD) != real:
                    raise PathRefused(f"{path} was replaced while the job ran; run it again.", _FIELD)
