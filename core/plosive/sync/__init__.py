# SPDX-License-Identifier: Apache-2.0
"""The whole job: plate and dub in, synced plate out. Start reading at `job.sync_plate`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from plosive.progress import Progress
from plosive.sync_options import SyncOptions, SyncResult

if TYPE_CHECKING:
    from plosive.media.plate import PlateFrame

__all__ = ["SyncOptions", "SyncResult", "sync_plate"]


def sync_plate(
    options: SyncOptions,
    progress: Progress,
    journal: Path | None = None,
    show: Callable[[PlateFrame], None] | None = None,
) -> SyncResult:
    """See `plosive.sync.job.sync_plate`; heavy libraries load on the first call."""
    from plosive.sync.job import sync_plate as run

    return run(options, progress, journal, show)
