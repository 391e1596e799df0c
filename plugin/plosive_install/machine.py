# SPDX-License-Identifier: Apache-2.0
"""One user's machine, as installing and the doctor see it."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from plosive_install.errors import InstallError

__all__ = ["Machine", "this_machine"]


@dataclass(frozen=True)
class Machine:
    """`system` is "linux", "darwin" or "win32" (any other counts as Linux), `environment` the user's, and
    `root` what absolute folders of programs begin with: another one than / only for a machine that is not
    this one.
    """

    system: str
    home: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    root: Path = Path("/")

    def folder(self, variable: str, otherwise: Path) -> Path:
        """The folder that a variable of the environment names, if it does."""
        return Path(self.environment.get(variable) or otherwise)

    @property
    def is_windows(self) -> bool:
        return self.system == "win32"

    @property
    def is_mac(self) -> bool:
        return self.system == "darwin"


def this_machine() -> Machine:
    """Raises InstallError where the user has no home folder."""
    try:
        home = Path.home()
    except RuntimeError as error:
        raise InstallError("Your home folder is not known; set HOME (USERPROFILE on Windows).") from error
    return Machine(sys.platform, home, dict(os.environ))
