# SPDX-License-Identifier: Apache-2.0
"""ProRes frames, patched block by block with every other byte or coefficient kept. Bytes in, bytes out."""

from __future__ import annotations

from plosive.media.prores.compare import changed_blocks
from plosive.media.prores.frame import ProResFrame, Slice, parse_frame
from plosive.media.prores.patch import PatchedFrame, patch_frame

__all__ = ["PatchedFrame", "ProResFrame", "Slice", "changed_blocks", "parse_frame", "patch_frame"]
