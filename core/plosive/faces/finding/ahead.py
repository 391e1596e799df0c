# SPDX-License-Identifier: Apache-2.0
"""Pictures made ready in a thread while the frame before is being looked at."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from plosive.media.plate import PlateFrame

__all__ = ["pictures_ahead"]

_FRAMES_AHEAD = 2


def pictures_ahead(frames: Iterable[PlateFrame]) -> Iterator[tuple[PlateFrame, NDArray[np.uint8]]]:
    """Each of `frames` with its `rgb8` picture, decoded and converted up to two frames ahead.

    What goes wrong while reading is raised here, in its turn. Nobody else may iterate `frames` meanwhile; ask
    a frame for other pixels only once it is given.
    """
    ready: queue.Queue[tuple[PlateFrame, NDArray[np.uint8]] | BaseException | None] = queue.Queue(
        _FRAMES_AHEAD
    )
    stopped = threading.Event()

    def put(item: tuple[PlateFrame, NDArray[np.uint8]] | BaseException | None) -> None:
        while not stopped.is_set():
            try:
                return ready.put(item, timeout=0.1)
            except queue.Full:
                continue

    def read() -> None:
        try:
            for frame in frames:
                put((frame, frame.rgb8()))
                if stopped.is_set():
                    return
            put(None)
        except BaseException as error:  # it belongs to whoever waits for the frame
            put(error)

    reader = threading.Thread(target=read, name="plosive-pictures-ahead", daemon=True)
    reader.start()
    try:
        while (item := ready.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        stopped.set()
        reader.join()
