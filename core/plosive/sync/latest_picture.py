# SPDX-License-Identifier: Apache-2.0
"""A small picture of the frame that was made last, for whoever watches a job."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from plosive.media.plate import PlateFrame

__all__ = ["LatestPicture"]

_QUALITY = 85


class LatestPicture:
    """Replaces the JPEG `path` with the frame that was made last, at most every `every_seconds`, at most
    `largest_side_pixels` wide and high, as `PlateFrame.rgb8` shows it. The file is whole at any moment, and
    nothing here fails a job. `number` is the index of the frame shown, None before the first.
    """

    def __init__(
        self,
        path: Path,
        largest_side_pixels: int = 480,
        every_seconds: float = 2.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.path = path
        self.number: int | None = None
        self._side = largest_side_pixels
        self._every = every_seconds
        self._clock = clock
        self._at: float | None = None

    def offer(self, frame: PlateFrame) -> None:
        """Show `frame`, if it is time."""
        import cv2

        now = self._clock()
        if self._at is not None and now - self._at < self._every:
            return
        self._at = now
        picture = frame.rgb8()
        height, width = picture.shape[:2]
        scale = min(1.0, self._side / max(height, width))
        size = max(1, round(width * scale)), max(1, round(height * scale))
        small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
        is_made, coded = cv2.imencode(".jpg", small[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
        partial = self.path.with_name(f".{self.path.name}.{os.getpid()}.part")
        try:
            if is_made:
                partial.write_bytes(coded.tobytes())
                os.replace(partial, self.path)
                self.number = frame.index
        except OSError:
            with suppress(OSError):
                partial.unlink(missing_ok=True)
