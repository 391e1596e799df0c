# SPDX-License-Identifier: Apache-2.0
"""MediaPipe Face Mesh, the only place that knows it."""

from __future__ import annotations

from types import TracebackType

import numpy as np
from numpy.typing import NDArray

__all__ = ["LANDMARK_COUNT", "FaceDetector"]

LANDMARK_COUNT = 478


class FaceDetector:
    """Finds the 478 landmarks of up to `max_faces` faces, following them from frame to frame.

    Weights travel inside the mediapipe 0.10.21 wheel (Apache-2.0); nothing is fetched. Call `reset` at a shot
    cut: the detector otherwise looks where the last shot's faces were. Use as a context manager.
    """

    def __init__(self, max_faces: int = 4) -> None:
        from mediapipe.python.solutions.face_mesh import FaceMesh

        self._mesh = FaceMesh(
            static_image_mode=False,
            max_num_faces=max_faces,
            refine_landmarks=True,
            min_detection_confidence=0.5,
            min_tracking_confidence=0.5,
        )

    def find(self, rgb: NDArray[np.uint8]) -> list[NDArray[np.float32]]:
        """Faces in one picture (H, W, 3) uint8 display-referred RGB: each (478, 3) float32.

        x and y are pixels from the top left corner; z, at the scale of x, grows away from the camera.
        """
        height, width = rgb.shape[:2]
        found = self._mesh.process(np.ascontiguousarray(rgb)).multi_face_landmarks or []
        size = np.array([width, height, width], dtype=np.float32)
        return [
            np.array([(point.x, point.y, point.z) for point in face.landmark], dtype=np.float32) * size
            for face in found
        ]

    def reset(self) -> None:
        """Forget where faces were."""
        self._mesh.reset()

    def __enter__(self) -> FaceDetector:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._mesh.close()
