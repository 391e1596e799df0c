# SPDX-License-Identifier: Apache-2.0
"""Hands before a face, which may have its very tone: where MediaPipe's hand model sees their bones."""

from __future__ import annotations

from types import TracebackType

import numpy as np
from numpy.typing import NDArray

__all__ = ["HandFinder"]

_FINGERS = ((1, 2, 3, 4), (5, 6, 7, 8), (9, 10, 11, 12), (13, 14, 15, 16), (17, 18, 19, 20))
_PALM = [0, 1, 5, 9, 13, 17]
_SURE_PALMS, _NEAR_PALMS = 0.17, 0.42  # finger widths in widths of the palm
_LEAST_CONFIDENCE = 0.3


class HandFinder:
    """Finds hands in single pictures; close it, or use it as a context."""

    def __init__(self) -> None:
        from mediapipe.python.solutions.hands import Hands

        self._hands = Hands(
            static_image_mode=False, max_num_hands=2, min_detection_confidence=_LEAST_CONFIDENCE
        )

    def see(self, picture: NDArray[np.uint8]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Pixels of `picture` (S, S, 3) that are surely hand and that are about one, (S, S) each."""
        import cv2

        side = picture.shape[0]
        sure, near = (np.zeros((side, side), dtype=np.uint8) for _ in range(2))
        for hand in self._hands.process(np.ascontiguousarray(picture)).multi_hand_landmarks or []:
            points = np.array([(point.x, point.y) for point in hand.landmark]) * side
            palm = float(np.linalg.norm(points[5] - points[17]))
            palm = max(palm, 0.55 * float(np.linalg.norm(points[0] - points[9])))
            for solid, share in ((sure, _SURE_PALMS), (near, _NEAR_PALMS)):
                thick = max(1, round(share * palm))
                whole = np.round(points * 16).astype(np.int32)
                cv2.fillPoly(solid, [whole[_PALM]], 1, cv2.LINE_8, 4)
                for finger in _FINGERS:
                    cv2.polylines(solid, [whole[list(finger)]], False, 1, thick, cv2.LINE_8, 4)
        return sure > 0, near > 0

    def __enter__(self) -> HandFinder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._hands.close()
