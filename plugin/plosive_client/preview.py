# SPDX-License-Identifier: Apache-2.0
"""A look at one frame before the job (preview.proto)."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["PreviewFrame"]


@dataclass(frozen=True)
class PreviewFrame:
    """JPEG in sRGB, upright. Where `is_synced` is False the frame is the plate's, and `reason` says why."""

    image_jpeg: bytes
    width: int = 0
    height: int = 0
    is_synced: bool = False
    reason: str = ""
    warnings: tuple[str, ...] = ()
