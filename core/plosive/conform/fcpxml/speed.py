# SPDX-License-Identifier: Apache-2.0
"""A piece's own time in FCPXML: where it starts, and the map from there to its media's clock.

Without a speed the two are one. With one, own time begins where the media's clock begins and goes through all
of it, as Final Cut Pro writes it: backwards it begins at the media's end.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from plosive.conform.results.cut import Piece

__all__ = ["OwnTime", "own_time"]


@dataclass(frozen=True)
class OwnTime:
    """`start` is own time where the piece begins, in seconds; `keys` are (own time, the media's clock), none
    for a piece as it was shot.
    """

    start: Fraction
    keys: tuple[tuple[Fraction, Fraction], ...]


def own_time(piece: Piece, edit_rate: Fraction) -> OwnTime:
    media, retime = piece.media, piece.retime
    begins = media.start_frame / media.rate
    first_frame, interval = piece.record.first_frame, retime.interval_seconds

    def clock(position: Fraction) -> Fraction:
        return begins + position / media.rate

    position = piece.position(first_frame)
    speed = piece.speed * edit_rate / media.rate  # seconds of the media for each second of the edit
    if retime.is_constant and speed == 1:
        return OwnTime(clock(position), ())
    held = Fraction(media.frames if media.frames is not None else max(piece.frames()) + 1)
    if retime.is_constant and speed:
        edge = Fraction(0) if speed > 0 else held
        start = begins + (position - edge) / media.rate / speed
        length = held / media.rate / abs(speed)
        whole = ((begins, clock(edge)), (begins + length, clock(held - edge)))
        return OwnTime(start, whole)
    span = piece.shown
    start, end = span.first_frame * interval, (span.last_frame_inclusive + 1) * interval
    inner = [at for at, _ in retime.keys if start < at < end]
    keys = tuple((begins + at - start, clock(retime.position(at))) for at in (start, *inner, end))
    return OwnTime(begins + first_frame * interval - start, keys)
