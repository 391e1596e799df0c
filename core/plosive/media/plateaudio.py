# SPDX-License-Identifier: Apache-2.0
"""What becomes of the plate's own audio tracks in a result that also holds the dub."""

from __future__ import annotations

from enum import Enum

__all__ = ["PlateAudio"]


class PlateAudio(Enum):
    """The artist's wish. In an image sequence there is no room for sound; the wish is told off there."""

    AUTO = "auto"
    """Kept where the plate's file is patched, for nothing in it but the mouth shall change; dropped where a
    new file is written with a dub."""
    KEEP = "keep"
    """Kept beside the dub, and switched on as it was."""
    MUTE = "mute"
    """Kept, but switched off, so that players sound the dub alone."""
    DROP = "drop"
    """Left out: the dub replaces it."""

    @property
    def is_in_new_file(self) -> bool:
        """Whether a file that is not a patched one holds it."""
        return self in (PlateAudio.KEEP, PlateAudio.MUTE)
