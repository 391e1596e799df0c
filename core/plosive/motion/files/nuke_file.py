# SPDX-License-Identifier: Apache-2.0
"""Motion as a Nuke node with one animated knob a curve, to paste into a script and to read back from one.

Syntax: Foundry, NDK Developer Guide, "Curve serialisation format" (`L` makes keys linear, `x` gives a key's
frame), and user knobs as Nuke writes them: `addUserKnob {type name l label R lowest highest}`, 20 a tab,
7 a number, 3 a whole number, 1 a line of text, 26 a heading.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from plosive.motion.build import symbols_at
from plosive.motion.curves import ARTICULATORS, CHANNELS
from plosive.motion.files.json_file import RULES, curve_rows, drawn_curves
from plosive.motion.phonetrack import given_speech, known_symbol
from plosive.motion.track import CurvesFrom, MotionTrack, frame_centres
from plosive.nuke_curve import nuke_keys
from plosive.speech.model import Phone, Speech

__all__ = ["motion_nuke", "nuke_curve", "read_motion_nuke"]

_NODE = re.compile(r"^[ \t]*NoOp \{\n(?:(?![ \t]*\}\s*$).*\n)*?(?=[ \t]*\}\s*$)", re.MULTILINE)
_KNOB = re.compile(r"^[ \t]+(\w+) (.+)$", re.MULTILINE)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_CURVE = re.compile(r"curve( [^{}\"'()*]+)")
_MOST_FRAMES = 10_000_000

_HEADINGS = (
    ("shapes", "mouth, 0 to 1 is a speaker's usual range", CHANNELS),
    ("rules", "1 where the rule holds", RULES),
    ("shown", "lips, teeth and tongue", ARTICULATORS),
)
_RANGES = {"aperture": (0, 1.5), **{name: (-0.5, 1.5) for name in CHANNELS[1:]}}
_TILE_COLOUR = 0x7A5C2EFF


def motion_nuke(track: MotionTrack) -> str:
    """A `NoOp` named PlosiveMotion; its knobs are keyed at every frame with the track's frame numbers.

    Raises ValueError for a track without curves.
    """
    curves = track.curves
    if curves is None:
        raise ValueError("there are no curves to write")
    first, last = track.first_frame, track.first_frame + len(curves.symbols) - 1
    rows = curve_rows(curves)
    lines = [
        "NoOp {",
        " inputs 0",
        " name PlosiveMotion",
        f" tile_color {_TILE_COLOUR:#010x}",
        f' label "frames {first}-{last}\\nopen \\[format %.2f \\[value aperture]]"',
        " addUserKnob {20 plosive l Plosive}",
    ]
    for name, text, channels in _HEADINGS:
        lines.append(f' addUserKnob {{26 {name}_heading l "" +STARTLINE T "{text}"}}')
        for channel in channels:
            lowest, highest = _RANGES.get(channel, (0, 1))
            lines.append(f" addUserKnob {{7 {channel} l {_label(channel)} R {lowest:g} {highest:g}}}")
            lines.append(f" {channel} {{{nuke_curve(first, rows[channel])}}}")
    starts = Fraction(1, 2) / track.frame_rate - curves.centre_seconds[0]
    lines += [
        ' addUserKnob {26 read_back l "" +STARTLINE T "for plosive sync --motion"}',
        " addUserKnob {3 first_frame l first}",
        f" first_frame {first}",
        " addUserKnob {3 last_frame l last}",
        f" last_frame {last}",
        " addUserKnob {1 frame_rate l rate}",
        f" frame_rate {track.frame_rate}",
        ' addUserKnob {1 dub_starts l "dub starts (s)"}',
        f" dub_starts {starts}",
        " addUserKnob {1 phones}",
        f' phones "{_phones_text(track.speech.phones)}"',
        "}",
        "",
    ]
    return "\n".join(lines)


def read_motion_nuke(text: str) -> MotionTrack:
    """The curves of a node as `motion_nuke` writes it, or as Nuke saves it again in a script: they count.

    Keys that are not linear are read as straight lines, held ones as held. Raises ValueError, with a sentence
    for the artist, without such a node or where a knob is driven by an expression.
    """
    nodes = ({m[1]: m[2].strip() for m in _KNOB.finditer(node[0])} for node in _NODE.finditer(text))
    knobs = next((knobs for knobs in nodes if "dub_starts" in knobs), None)
    if knobs is None:
        raise ValueError("it has no node that `plosive motion` wrote")
    first, last = int(knobs["first_frame"]), int(knobs["last_frame"])
    rate, starts = Fraction(knobs["frame_rate"]), Fraction(knobs["dub_starts"])
    if not 0 <= last - first < _MOST_FRAMES or rate <= 0:
        raise ValueError(f"its frames {first}-{last} at {rate} a second make no sense")
    frames = np.arange(first, last + 1)
    rows = {name: _values(knobs[name], name, frames) for name in (*CHANNELS, *RULES, *ARTICULATORS)}
    centres = frame_centres(len(frames), rate, starts)
    speech = _speech(knobs["phones"].strip('"'))
    curves = drawn_curves(centres, rows, symbols_at(speech, centres))
    return MotionTrack(speech, curves, rate, first, CurvesFrom.CURVES)


def _values(written: str, name: str, frames: NDArray[np.int_]) -> NDArray[np.float32]:
    """A knob at `frames`: one number, or a curve."""
    inside = written.strip("{} ")
    if not (_NUMBER.fullmatch(inside) or _CURVE.fullmatch(inside)):
        raise ValueError(f"knob {name} is driven by an expression; bake it to keys in Nuke first")
    if not inside.startswith("curve"):
        return np.full(len(frames), float(inside), np.float32)
    at, values, holds = _keys(inside.split()[1:], name)
    drawn = np.interp(frames, at, values)
    before = np.clip(np.searchsorted(at, frames, side="right") - 1, 0, len(at) - 1)
    held = np.array(holds)[before]
    return np.where(held, np.array(values)[before], drawn).astype(np.float32)


def _keys(words: Sequence[str], name: str) -> tuple[list[float], list[float], list[bool]]:
    """Frame, value and whether it is held up to the next, of every key."""
    try:
        keys = list(nuke_keys(words))
    except ValueError as error:
        raise ValueError(f"'{error}' in the curve of knob {name} is not understood") from None
    if not keys or any(after.frame <= before.frame for before, after in pairwise(keys)):
        raise ValueError(f"the keys of knob {name} are not in order of time")
    return [float(key.frame) for key in keys], [key.value for key in keys], [key.holds for key in keys]


def _phones_text(phones: Sequence[Phone]) -> str:
    """`0 SIL 41/100 M 47/100`: each phone between the moments it starts and ends."""
    ends = "".join(f" {phone.symbol} {phone.end_seconds}" for phone in phones)
    return f"{phones[0].start_seconds}{ends}" if phones else "0"


def _speech(written: str) -> Speech:
    moments = [Fraction(word) for word in written.split()[::2]]
    phones = [
        Phone(known_symbol(symbol), start, end)
        for symbol, start, end in zip(written.split()[1::2], moments, moments[1:], strict=False)
    ]
    return given_speech(phones, moments[-1])


def nuke_curve(first_frame: int, values: Sequence[str]) -> str:
    """`{curve L x1001 0.1 x1002 0.25}`: a key a frame, straight between them."""
    keys = " ".join(f"x{first_frame + number} {float(value):g}" for number, value in enumerate(values))
    return f"{{curve L {keys}}}"


def _label(channel: str) -> str:
    return f'"{channel.replace("_", " ")}"' if "_" in channel else channel
