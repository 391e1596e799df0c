# SPDX-License-Identifier: Apache-2.0
"""One synced frame before the job.

Payload: a RenderPreviewFrameRequest, base64 under `request`. Result: the fields of
RenderPreviewFrameResponse (preview.proto).
"""

from __future__ import annotations

import base64
from typing import Any

from plosive_daemon.workers.device_memory import roomy_device
from plosive_daemon.workers.session import Session
from plosive_daemon.workers.tasks.previews import jpeg_of, previewer
from plosive_daemon.workers.tasks.requests import held_sources, preview_options_of, request_in
from plosive_proto.v1 import preview_pb2

__all__ = ["run"]

_USUAL_PIXELS, _LEAST_PIXELS, _MOST_PIXELS = 960, 64, 2048
_MOST_BYTES = 1 << 20


def run(payload: dict[str, Any], session: Session) -> dict[str, Any]:
    """Raises PlosiveError subclasses as the job would."""
    from dataclasses import replace

    request = request_in(payload, preview_pb2.RenderPreviewFrameRequest())
    wanted = request.largest_side_pixels or _USUAL_PIXELS
    with held_sources(request.sync, session):
        options = preview_options_of(request.sync, session)
        device = "cpu" if request.device == "cpu" else options.device
        options = replace(options, device=roomy_device(device, session))
        pixels = min(max(wanted, _LEAST_PIXELS), _MOST_PIXELS)
        made = previewer().frame(options, request.frame, pixels, session)
    height, width = made.picture.shape[:2]
    return {
        "image_jpeg": base64.b64encode(jpeg_of(made.picture, _MOST_BYTES)).decode("ascii"),
        "width": width,
        "height": height,
        "is_synced": not made.reason,
        "reason": made.reason,
        "warnings": list(made.warnings),
    }
