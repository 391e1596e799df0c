# SPDX-License-Identifier: Apache-2.0
"""The whole job: plate and dub in, synced plate out. Start reading at `job.sync_plate`."""

from __future__ import annotations

from pathlib import Path

from plosive.progress import Progress
from plosive.sync.latest_picture import LatestPicture
from plosive.sync_options import SyncOptions, SyncResult

__all__ = ["LatestPicture", "SyncOptions", "SyncResult", "sync_plate"]


def sync_plate(
    options: SyncOptions,
    progress: Progress,
    journal: Path | None = None,
    picture: LatestPicture | None = None,
) -> SyncResult:
    """See `plosive.sync.job.sync_plate`; heavy libraries load on the first call."""
    from plosive.sync.job import sync_plate as run

    return run(options, progress, journal, picture)
