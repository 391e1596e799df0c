# SPDX-License-Identifier: Apache-2.0
"""MediaPipe's own face models as graphs of ours: the only place that knows how MediaPipe is run."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["ModelGraph", "detection_graph", "landmark_graph"]

_DETECTION = """
input_stream: "image"
output_stream: "found"
node {
  calculator: "FaceDetectionShortRangeCpu"
  input_stream: "IMAGE:image"
  output_stream: "DETECTIONS:found"
}
"""
_LANDMARKS = """
input_stream: "image"
input_stream: "roi"
output_stream: "found"
input_side_packet: "with_attention"
node {
  calculator: "FaceLandmarkCpu"
  input_stream: "IMAGE:image"
  input_stream: "ROI:roi"
  input_side_packet: "WITH_ATTENTION:with_attention"
  output_stream: "LANDMARKS:found"
}
"""


class ModelGraph:
    """One running graph. `send` as many pictures as wanted, then `receive` all answers in their order.

    Sending returns at once: several graphs fed before the first `receive` share the processor's cores.
    Weights travel inside the mediapipe 0.10.21 wheel (Apache-2.0); nothing is fetched.
    """

    def __init__(self, text: str, *, with_attention: bool | None = None) -> None:
        import mediapipe
        from mediapipe.python import CalculatorGraph, packet_creator
        from mediapipe.python._framework_bindings import resource_util

        # The solutions of the wheel do the same: the models are named by their path below this folder.
        resource_util.set_resource_dir(os.path.dirname(os.path.dirname(mediapipe.__file__)))
        self._found: list[Any] = []
        self._time = 0
        self._graph = CalculatorGraph(graph_config=text)
        self._graph.observe_output_stream("found", lambda _, packet: self._found.append(packet), True)
        side = (
            {} if with_attention is None else {"with_attention": packet_creator.create_bool(with_attention)}
        )
        self._graph.start_run(side)

    def send(self, rgb: NDArray[np.uint8], roi: Sequence[float] | None = None) -> None:
        """Ask about a picture (H, W, 3) uint8; `roi` is (x centre, y centre, width, height, radians), sizes
        as shares of the picture.
        """
        from mediapipe.framework.formats import rect_pb2
        from mediapipe.python import packet_creator
        from mediapipe.python._framework_bindings import image_frame

        self._time += 1
        packet = packet_creator.create_image_frame(
            image_format=image_frame.ImageFormat.SRGB, data=np.ascontiguousarray(rgb)
        )
        self._graph.add_packet_to_input_stream("image", packet.at(self._time))
        if roi is not None:
            names = ("x_center", "y_center", "width", "height", "rotation")
            rect = rect_pb2.NormalizedRect(**dict(zip(names, map(float, roi), strict=True)))
            self._graph.add_packet_to_input_stream("roi", packet_creator.create_proto(rect).at(self._time))

    def receive(self) -> list[Any]:
        """The packets of everything sent since the last call; a packet may be empty."""
        self._graph.wait_until_idle()
        found, self._found = sorted(self._found, key=lambda packet: packet.timestamp), []
        return found

    def close(self) -> None:
        """End the graph; it cannot be used again."""
        self._graph.close()


def detection_graph() -> ModelGraph:
    """Short-range face detection (BlazeFace), made for pictures of 128 x 128; the answers are detections."""
    return ModelGraph(_DETECTION)


def landmark_graph() -> ModelGraph:
    """478 landmarks with refined lips, eyes and irises in a region; an empty packet where no face is."""
    return ModelGraph(_LANDMARKS, with_attention=True)
