# SPDX-License-Identifier: Apache-2.0
"""Motion as a Nuke node with one animated knob a curve, to paste into a script or to import.

Syntax: Foundry, NDK Developer Guide, "Curve serialisation format" (`L` makes keys linear, `x` gives a key's
frame), and user knobs as Nuke writes them: `addUserKnob {type name l label R lowest highest}`, 20 a tab,
7 a number, 1 a line of text, 26 a heading.
"""

from __future__ import annotations

from collections.abc import Sequence

from plosive.motion.curves import ARTICULATORS, CHANNELS
from plosive.motion.json_file import RULES, curve_rows
from plosive.motion.track import MotionTrack

__all__ = ["motion_nuke", "nuke_curve"]

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
    lines += [" addUserKnob {1 frame_rate l rate}", f" frame_rate {track.frame_rate}", "}", ""]
    return "\n".join(lines)


def nuke_curve(first_frame: int, values: Sequence[str]) -> str:
    """`{curve L x1001 0.1 x1002 0.25}`: a key a frame, straight between them."""
    keys = " ".join(f"x{first_frame + number} {float(value):g}" for number, value in enumerate(values))
    return f"{{curve L {keys}}}"


def _label(channel: str) -> str:
    return f'"{channel.replace("_", " ")}"' if "_" in channel else channel
