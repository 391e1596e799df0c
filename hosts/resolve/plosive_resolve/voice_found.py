# SPDX-License-Identifier: Apache-2.0
"""Speech found on a timeline, and what has to be done before the daemon can read it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from plosive_host.sound_piece import SoundPiece

__all__ = ["VoiceFound", "VoicesFound"]


@dataclass(frozen=True)
class VoiceFound:
    """The speech of one track over a clip: `key` names it (A3: audio track 3). `needs` says what has to be
    done first: nothing (the file is the dub), `assembling` (cut from WAV files) or `rendering` (by Resolve),
    and `why` in a sentence. `dub_path` and `dub_start_seconds` (when its first sample sounds, after the
    timeline's frame 0) are set where nothing is needed; `dub_channel` from 1, 0: all. `is_suggested`: it is
    speech, as far as the track's name tells.
    """

    key: str
    track_index: int
    track_name: str
    pieces: tuple[SoundPiece, ...]
    needs: str = ""
    why: str = ""
    dub_path: str = ""
    dub_start_seconds: Fraction = Fraction(0)
    dub_channel: int = 0
    is_suggested: bool = True

    @property
    def label(self) -> str:
        names = ", ".join(dict.fromkeys(piece.name for piece in self.pieces))
        return f"{self.track_name or self.key}: {names}"


@dataclass(frozen=True)
class VoicesFound:
    """All speech over one clip, lowest audio track first; `notes` are sentences on what was left out."""

    voices: tuple[VoiceFound, ...]
    notes: tuple[str, ...] = ()

    @property
    def suggested(self) -> tuple[VoiceFound, ...]:
        return tuple(voice for voice in self.voices if voice.is_suggested)
