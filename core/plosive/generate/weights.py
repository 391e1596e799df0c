# SPDX-License-Identifier: Apache-2.0
"""Weights of a user's own model: files on disk, known by their hash. None is ever fetched."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from plosive.errors import MissingDependencyError
from plosive.licence import Licence
from plosive.user_folders import weights_folder

__all__ = ["Weights"]

_BLOCK_BYTES = 1 << 20


@dataclass(frozen=True)
class Weights:
    """One file. `sha256` is 64 lower-case hexadecimal digits; `home` says where a user gets it, a page for
    people: nothing here ever goes there.
    """

    file_name: str
    sha256: str
    licence: Licence
    home: str

    @property
    def path(self) -> Path:
        """Where it belongs."""
        return weights_folder() / self.file_name

    @property
    def problem(self) -> str:
        """One sentence where the file is not there, '' where it is; its content is not looked at."""
        if self.path.is_file():
            return ""
        return (
            f"The weights {self.file_name} are not in {self.path.parent}; get them from {self.home} "
            f"(licence: {self.licence}) and put them there."
        )

    def checked_path(self) -> Path:
        """The file, its hash checked; raises MissingDependencyError. A generator loads from nowhere else."""
        if self.problem:
            raise MissingDependencyError(self.problem)
        try:
            with self.path.open("rb") as file:
                digest = hashlib.sha256()
                while block := file.read(_BLOCK_BYTES):
                    digest.update(block)
        except OSError as error:
            raise MissingDependencyError(
                f"The weights {self.path} cannot be read: {error.strerror}."
            ) from error
        found = digest.hexdigest()
        if found != self.sha256:
            raise MissingDependencyError(
                f"The weights {self.path} are not those this generator was made for (SHA-256 "
                f"{found[:12]}..., not {self.sha256[:12]}...); get them again from {self.home}."
            )
        return self.path
