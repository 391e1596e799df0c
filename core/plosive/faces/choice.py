# SPDX-License-Identifier: Apache-2.0
"""Which faces to sync: `auto`, a person's number or name, a click, or a box."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Protocol, TypeVar

from plosive.errors import FaceError, OptionError

__all__ = ["Choosable", "choose_tracks", "person_of"]


class Choosable(Protocol):
    """A face in one shot, as far as choosing needs to know it."""

    @property
    def number(self) -> int:
        """Which track it is."""

    @property
    def person(self) -> int:
        """Who it is, over all shots; 0 where nobody asked."""

    @property
    def name(self) -> str:
        """What the cast calls them; may be empty."""

    @property
    def shot(self) -> int:
        """The shot it is in, from 0."""

    @property
    def prominence(self) -> float:
        """How much it asks to be the one."""

    def covers(self, frame_index: int, x: float, y: float) -> bool:
        """Whether it is at a place (pixels) in a frame."""


_Face = TypeVar("_Face", bound=Choosable)

_NUMBER = r"\s*(-?\d+(?:\.\d+)?)\s*"
_CLICK = re.compile(rf"^{_NUMBER},{_NUMBER}@\s*(-?\d+)\s*$")
_BOX = re.compile(rf"^{_NUMBER},{_NUMBER},{_NUMBER},{_NUMBER}@\s*(-?\d+)\s*$")
_POINTS_ACROSS_BOX = 5


def person_of(face: Choosable) -> int:
    """Who it is: the person's number, or the track's own where persons were not told apart."""
    return face.person or face.number


def choose_tracks(tracks: Sequence[_Face], wish: str, first_frame: int = 0) -> list[_Face]:
    """The tracks to sync, in order of shot and number.

    `wish` is `auto` (the most prominent person of each shot), a person's number or name, `X,Y@FRAME` or
    `X,Y,W,H@FRAME` (a click or a box, pixels, left and top first; a frame in the plate's own numbering that
    starts at `first_frame`): whoever is there. A person is all their tracks: one in each of their shots, or
    several where they leave a shot and return. Raises OptionError for anything else and FaceError when there
    is no such face. `auto` over no tracks gives an empty list.
    """
    wish = wish.strip()
    if wish == "auto":
        best: dict[int, _Face] = {}
        for track in tracks:
            held = best.get(track.shot)
            if held is None or track.prominence > held.prominence:
                best[track.shot] = track
        chosen = {(shot, person_of(track)) for shot, track in best.items()}
        return _in_order([track for track in tracks if (track.shot, person_of(track)) in chosen])
    named = [track for track in tracks if track.name and track.name.casefold() == wish.casefold()]
    if named:
        return _in_order(named)
    if wish.isdigit():
        numbered = [track for track in tracks if person_of(track) == int(wish)]
        if not numbered:
            raise FaceError(
                f"There is no face {int(wish)}: the plate has {_count(len({*map(person_of, tracks)}))}; "
                "'plosive faces' shows them with their numbers."
            )
        return _in_order(numbered)
    frame, places, told = _places(wish, tracks)
    for x, y in places:
        for track in sorted(tracks, key=lambda track: track.number):
            if track.covers(frame - first_frame, x, y):
                return _in_order([one for one in tracks if person_of(one) == person_of(track)])
    raise FaceError(
        f"There is no face at {told} in frame {frame}; 'plosive faces' shows where faces were found."
    )


def _places(wish: str, tracks: Sequence[Choosable]) -> tuple[int, list[tuple[float, float]], str]:
    """The frame and the points to look at, the likeliest first, and how to say where that is."""
    click, box = _CLICK.match(wish), _BOX.match(wish)
    if click is not None:
        x, y = float(click[1]), float(click[2])
        return int(click[3]), [(x, y)], f"{x:g},{y:g}"
    if box is not None:
        left, top, width, height = (float(box[place]) for place in range(1, 5))
        if width <= 0 or height <= 0:
            raise OptionError(f"--face {wish!r} is not understood: a box is X,Y,W,H with W and H above zero.")
        steps = [(place + 0.5) / _POINTS_ACROSS_BOX for place in range(_POINTS_ACROSS_BOX)]
        points = [(left + width * across, top + height * down) for down in steps for across in steps]
        middle = (left + width / 2, top + height / 2)
        points.sort(key=lambda point: (point[0] - middle[0]) ** 2 + (point[1] - middle[1]) ** 2)
        return int(box[5]), points, f"{left:g},{top:g} {width:g} x {height:g}"
    names = sorted({track.name for track in tracks if track.name})
    told = f" The cast knows {', '.join(names)}." if names else ""
    raise OptionError(
        f"--face {wish!r} is not understood: give auto, a face number, a name from --cast, X,Y@FRAME or "
        f"X,Y,W,H@FRAME.{told}"
    )


def _in_order(tracks: list[_Face]) -> list[_Face]:
    return sorted(tracks, key=lambda track: (track.shot, track.number))


def _count(faces: int) -> str:
    return "no face" if faces == 0 else "1 face" if faces == 1 else f"{faces} faces"
