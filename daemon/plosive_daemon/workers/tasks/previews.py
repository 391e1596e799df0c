# SPDX-License-Identifier: Apache-2.0
"""Small pictures: JPEG in sRGB order, as big as they may be; and who makes single frames."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from plosive.sync.latest_picture import LatestPicture
from plosive_daemon.workers.session import Session

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from plosive.media.plate import PlateFrame
    from plosive.sync.preview_frame import FramePreviewer

__all__ = ["FramePreviews", "jpeg_of", "previewer"]

_QUALITIES = (88, 75, 60, 40, 20)


def jpeg_of(picture: NDArray[np.uint8], most_bytes: int, largest_side_pixels: int | None = None) -> bytes:
    """`picture` (H, W, 3) uint8 RGB as JPEG (baseline, 4:2:0), shrunk to `largest_side_pixels` where it is
    larger; as good as `most_bytes` allow, at half the size where no quality does.
    """
    import cv2

    height, width = picture.shape[:2]
    scale = 1.0 if largest_side_pixels is None else largest_side_pixels / max(height, width)
    if scale < 1:
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        picture = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    bgr = cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)
    while True:
        for quality in _QUALITIES:
            _, made = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, quality])
            if len(made) <= most_bytes or min(bgr.shape[:2]) < 2:
                return bytes(made)
        bgr = cv2.resize(bgr, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)


@lru_cache(maxsize=1)
def previewer() -> FramePreviewer:
    """Of this process: what it found out for one request it uses for the next."""
    from plosive.sync.preview_frame import FramePreviewer

    return FramePreviewer()


class FramePreviews(LatestPicture):
    """A picture of the latest synced frame, told to the daemon whenever there is a new one."""

    def __init__(self, path: Path, session: Session) -> None:
        super().__init__(path)
        self._session = session

    def offer(self, frame: PlateFrame) -> None:
        before = self.number
        super().offer(frame)
        if self.number != before:
            self._session.show(self.path)
