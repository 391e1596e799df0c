# SPDX-License-Identifier: Apache-2.0
"""Which faces to sync: `auto`, a number, or a click."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Protocol, TypeVar

from plosive.errors import FaceError, OptionError

__all__ = ["Choosable", "choose_tracks"]


class Choosable(Protocol):
    """A face in one shot, as far as choosing needs to know it."""

    @property
    def number(self) -> int:
        """How the artist names it."""

    @property
    def shot(self) -> int:
        """The shot it is in, from 0."""

    @property
    def prominence(self) -> float:
        """How much it asks to be the one."""

    def covers(self, frame_index: int, x: float, y: float) -> bool:
        """Whether it is at a place (pixels) in a frame."""


_Face = TypeVar("_Face", bound=Choosable)

_CLICK = re.compile(r"^\s*(-?\d+(?:\.\d+)?)\s*,\s*(-?\d+(?:\.\d+)?)\s*@\s*(-?\d+)\s*$")


def choose_tracks(tracks: Sequence[_Face], wish: str, first_frame: int = 0) -> list[_Face]:
    """The tracks to sync, at most one per shot, in shot order.

    `wish` is `auto` (the most prominent face of each shot), a track number, or `X,Y@FRAME` (pixels, and a
    frame in the plate's own numbering that starts at `first_frame`). Raises OptionError for anything else
    and FaceError when there is no such face. `auto` over no tracks gives an empty list.
    """
    if wish == "auto":
        best: dict[int, _Face] = {}
        for track in tracks:
            held = best.get(track.shot)
            if held is None or track.prominence > held.prominence:
                best[track.shot] = track
        return [best[shot] for shot in sorted(best)]
    if wish.strip().isdigit():
        number = int(wish)
        chosen = [track for track in tracks if track.number == number]
        if not chosen:
            raise FaceError(
                f"There is no face {number}: the plate has {_count(len(tracks))}; "
                "'plosive faces' shows them with their numbers."
            )
        return chosen
    click = _CLICK.match(wish)
    if click is None:
        raise OptionError(f"--face {wish!r} is not understood: give auto, a face number, or X,Y@FRAME.")
    return [_clicked(tracks, float(click[1]), float(click[2]), int(click[3]), first_frame)]


def _clicked(tracks: Sequence[_Face], x: float, y: float, frame: int, first_frame: int) -> _Face:
    for track in sorted(tracks, key=lambda track: track.number):
        if track.covers(frame - first_frame, x, y):
            return track
    raise FaceError(
        f"There is no face at {x:g},{y:g} in frame {frame}; 'plosive faces' shows where faces were found."
    )


def _count(faces: int) -> str:
    return "no face" if faces == 0 else "1 face" if faces == 1 else f"{faces} faces"
