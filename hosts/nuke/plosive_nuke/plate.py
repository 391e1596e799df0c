# SPDX-License-Identifier: Apache-2.0
"""What comes into the node: a plain Read's own files, or something that has to be written first."""

from __future__ import annotations

import os
from dataclasses import dataclass
from fractions import Fraction

import nuke
from plosive_host import PlosiveHostError
from plosive_nuke.colour import PlateColour, read_colour
from plosive_nuke.frame_rate import exact_rate
from plosive_nuke.knobs import evaluated
from plosive_nuke.picture_files import MOVIES, PICTURES, for_view, frame_files
from plosive_nuke.read_frames import read_shift

__all__ = ["Plate", "plain_plate", "plain_read"]

_PASSING = ("Dot", "NoOp")


@dataclass(frozen=True)
class Plate:
    """A plate on disk. Media frame = frame of the script + `shift`; media frames are file numbers of a
    sequence, and count from 0 in a movie. `first` is the media's first frame, `last_inclusive` its last.
    `read_knobs` are what a Read of the result needs to show it as the plate is shown. `rate` is a movie's
    own, None where Nuke does not tell it.
    """

    media_path: str
    is_movie: bool
    shift: int
    first: int
    last_inclusive: int
    colour: PlateColour
    read_knobs: tuple[tuple[str, str | bool], ...]
    view: str = ""
    is_rendered: bool = False
    rate: Fraction | None = None

    @property
    def name(self) -> str:
        """Of the plate, without number and extension."""
        return os.path.basename(self.media_path).split("%")[0].split("#")[0].rstrip("._-") or "plate"


def plain_read(node: nuke.Node | None) -> nuke.Node | None:
    """The Read whose picture arrives at `node` unchanged; None where there is none."""
    seen = 0
    while node is not None and seen < 10_000:
        seen += 1
        kind = node.Class()
        if kind == "Read":
            return node if _is_on(node) else None
        if kind == "Input":
            group = node.parent()
            node = None if group is None else group.input(int(node["number"].value()))
        elif kind in _PASSING or _is_off(node):
            node = node.input(0)
        else:
            return None
    return None


def plain_plate(node: nuke.Node | None, first: int, last_inclusive: int, view: str) -> Plate | None:
    """The plate by its own path; None where it must be rendered for the script's frames first to
    last_inclusive.

    Raises PlosiveHostError where files of that range are missing, or none lies there.
    """
    read = plain_read(node)
    if read is None:
        return None
    told = evaluated(read, "file")
    path = os.path.abspath(for_view(told, view)) if told else ""
    shift = read_shift(read)
    extension = os.path.splitext(path)[1].lower()
    if shift is None or extension not in PICTURES + MOVIES or _is_moving(read):
        return None
    low, high = int(read["first"].value()), int(read["last"].value())
    if not low <= first + shift <= last_inclusive + shift <= high:
        return None  # it holds, loops or shows black there: what is seen is no file's frame
    knobs = _shown_as(read)
    colour = read_colour(read, extension == ".exr")
    if extension in MOVIES:
        if not os.path.isfile(path):
            raise PlosiveHostError(f"The plate {path} is not there; correct {read.name()}.", "MEDIA_READ")
        end = max(high, int(read["origlast"].value())) - 1  # Nuke counts movies from 1
        return Plate(path, True, shift - 1, 0, end, colour, knobs, rate=_rate(read))
    files = frame_files(path)
    if files is None:
        if os.path.isfile(path):
            return None  # one picture, held
        raise PlosiveHostError(f"No file of the plate {path} is there; correct {read.name()}.", "MEDIA_READ")
    missing = files.missing(first + shift, last_inclusive + shift)
    if missing:
        raise PlosiveHostError(
            f"The plate {path} lacks frame {missing[0]}"
            + (f" and {len(missing) - 1} more" if len(missing) > 1 else "")
            + "; render them, or choose a range without them.",
            "MEDIA_READ",
        )
    has_views = len(nuke.views()) > 1 and "%v" not in told.lower()
    part = view if has_views and _holds_view(read, view) else ""
    return Plate(path, False, shift, files.first, files.last_inclusive, colour, knobs, part)


def _shown_as(read: nuke.Node) -> tuple[tuple[str, str | bool], ...]:
    return (
        ("colorspace", str(read["colorspace"].value())),
        ("raw", bool(read["raw"].value())),
        ("premultiplied", bool(read["premultiplied"].value())),
    )


def _rate(movie: nuke.Node) -> Fraction | None:
    told = movie.metadata("input/frame_rate")
    return exact_rate(float(told)) if told else None


def _holds_view(read: nuke.Node, view: str) -> bool:
    """Whether one EXR holds several views, this one among them."""
    told = read.metadata("exr/multiView")
    return told is not None and view in str(told)


def _is_on(read: nuke.Node) -> bool:
    knob = read["disable"]
    return not bool(knob.value()) and not knob.isAnimated() and not knob.hasExpression()


def _is_off(node: nuke.Node) -> bool:
    knob = node.knob("disable")
    return knob is not None and bool(knob.value()) and not knob.isAnimated() and not knob.hasExpression()


def _is_moving(read: nuke.Node) -> bool:
    return any(read[name].isAnimated() or read[name].hasExpression() for name in ("first", "last", "raw"))
