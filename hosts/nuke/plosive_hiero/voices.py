# SPDX-License-Identifier: Apache-2.0
"""The dub of a clip: sound on enabled audio tracks that overlaps it and is not its own.

An audio item's times count in frames of the sequence where its file has no picture, else in the file's own
(as OpenTimelineIO's Hiero plug-in reads them). The channel that an audio item takes of its file can be set
(`TrackItem.setSource(clip, trackIndex)`) but not read: the dialog asks for it.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from fractions import Fraction

from plosive_host.sound_piece import SoundPiece

__all__ = ["VoiceFound", "voice_of"]

_WAVE = (".wav", ".wave", ".bwf")
_NO_SPEECH = re.compile(
    r"(?i)(^|[^a-z])(m ?& ?e|mx|music|score|s?fx|effects|foley|ambi[ae]n[ct]e|amb|atmos?|room ?tone|beep)"
    r"([^a-z]|$)"
)


@dataclass(frozen=True)
class VoiceFound:
    """The speech of one track over a clip. `needs_assembling`: it has to be cut together first, from WAV
    files; `why_not` in a sentence: it cannot be used. Times are seconds after the timeline's frame 0.
    """

    key: str
    track_name: str
    pieces: tuple[SoundPiece, ...]
    needs_assembling: bool = False
    why_not: str = ""
    is_suggested: bool = True

    @property
    def label(self) -> str:
        names = ", ".join(dict.fromkeys(piece.name for piece in self.pieces))
        return f"{self.track_name or self.key}: {names}"

    @property
    def dub_path(self) -> str:
        """The file, where one is the whole voice."""
        return self.pieces[0].path

    @property
    def dub_start_seconds(self) -> Fraction:
        return self.pieces[0].file_start_seconds


def voice_of(
    key: str,
    track_name: str,
    pieces: tuple[SoundPiece, ...],
    start_seconds: Fraction,
    end_seconds: Fraction,
    rate: Fraction,
) -> VoiceFound:
    """The voice that a track's pieces make over a clip from `start_seconds` to `end_seconds`."""
    pieces = tuple(sorted(pieces, key=lambda piece: piece.record_seconds))
    why_not = next((piece.why_not for piece in pieces if piece.why_not), "")
    why = _why_assembled(pieces, start_seconds, end_seconds, rate)
    others = [piece.name for piece in pieces if not piece.path.lower().endswith(_WAVE)]
    if why and others and not why_not:
        why_not = f"{why}, and {os.path.basename(others[0])} is no WAV file; bounce the dub to one"
    speaks = _NO_SPEECH.search(track_name) is None and not why_not
    return VoiceFound(key, track_name, pieces, bool(why), why_not, speaks)


def _why_assembled(
    pieces: tuple[SoundPiece, ...], start_seconds: Fraction, end_seconds: Fraction, rate: Fraction
) -> str:
    """Why no file alone is what is heard over the clip; empty: it is. What differs by less than a frame does
    not count.
    """
    if len(pieces) > 1:
        return f"{len(pieces)} items make the dub"
    only = pieces[0]
    left = only.source_seconds if only.record_seconds > start_seconds else Fraction(0)
    told = only.file_seconds
    right = Fraction(0)
    if only.end_seconds < end_seconds:
        right = Fraction(1) if told is None else told - only.source_seconds - only.duration_seconds
    return f"{only.name} is trimmed within the clip" if max(left, right) * rate >= 1 else ""
