# SPDX-License-Identifier: Apache-2.0
"""MediaStorage."""

from __future__ import annotations

from pathlib import Path

from fakes.resolve.api import Handle, api
from fakes.resolve.mediapool import MediaPool
from fakes.resolve.poolitem import MediaPoolItem

__all__ = ["MediaStorage"]


class MediaStorage(Handle):
    """The disks as Resolve sees them."""

    @api(failed=[])
    def GetMountedVolumeList(self) -> list[str]:
        return [str(Path.cwd().anchor)]

    @api(failed=[])
    def AddItemListToMediaPool(self, items: list[str]) -> list[MediaPoolItem]:
        """[V] as ImportMedia of paths."""
        return MediaPool(self._app).ImportMedia(list(items))
