# SPDX-License-Identifier: Apache-2.0
"""A renderer that only copies, for runs over a reel in which pictures do not matter."""

from __future__ import annotations

import shutil
from pathlib import Path

from plosive.progress import Progress
from plosive.sync.resting import RESTING
from plosive.sync_options import SyncOptions, SyncResult


class Copier:
    """Stands in for `sync_plate`: copies the plate, fails where told to, and remembers its jobs."""

    def __init__(self) -> None:
        self.jobs: list[SyncOptions] = []
        self.failures: dict[str, Exception] = {}

    def __call__(
        self,
        options: SyncOptions,
        progress: Progress,
        journal: Path | None = None,
        picture: object = None,
        memory: object = None,
    ) -> SyncResult:
        del progress, journal, picture, memory
        self.jobs.append(options)
        for name, error in self.failures.items():
            if name in options.out.name:
                raise error
        shutil.copy(options.plate, options.out)
        kept = ((6, 8, RESTING), (11, 12, "the face is in profile"))
        return SyncResult(options.out, 20, 15, kept)
