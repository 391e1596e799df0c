# SPDX-License-Identifier: Apache-2.0
"""The LipSync node as a script: a Group that holds all it needs, so that farms and copies need nothing of
ours.

`python -m plosive_nuke.toolset` writes it anew; a test holds the file to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from plosive_nuke.panel import PANEL, Item

__all__ = ["LAYERS", "toolset_text"]

LAYERS = (
    "mouth mouth.red mouth.green mouth.blue mouth.alpha",
    "matte matte.alpha",
    "blend blend.alpha",
    "lips lips.alpha",
    "st st.u st.v",
)
"""As `elements.nk` declares them."""

_NUMBERS = {
    "tab": 20,
    "line": 26,
    "text": 26,
    "string": 1,
    "file": 2,
    "int": 3,
    "choice": 4,
    "check": 6,
    "number": 7,
    "position": 12,
    "button": 22,
    "link": 41,
    "words": 43,
}
_HELP = (
    "Lip sync by Plosive. Input 0 is the plate, input 1 an optional matte of what lies before the face. "
    "The result is read from files: rendering needs neither Plosive nor its daemon."
)
_CHANGED = (
    "try:\n    from plosive_nuke import buttons\n"
    "except ImportError:\n    pass\nelse:\n    buttons.changed()\n"
)
_WHICH = (
    "parent.show == 3 && parent.has_preview && frame == parent.preview_frame ? 3 : parent.show == 0 || "
    "!parent.has_result || frame < parent.result_first || frame > parent.result_last ? 0 : "
    "parent.show == 2 && parent.can_rebuild ? 2 : 1"
)
_LAYERED = (
    "parent.has_layers && parent.has_result && frame >= parent.result_first && frame <= parent.result_last "
    "? 1 : 0"
)


@dataclass(frozen=True)
class _Node:
    kind: str
    name: str
    x: int
    y: int
    inputs: tuple[str, ...] = ()
    knobs: tuple[tuple[str, str], ...] = ()


_READ = (("on_error", "error"), ("raw", "true"), ("localizationPolicy", "off"))
_RGB = tuple(
    (f"{side}{place}", f"rgba.{name}")
    for place, name in enumerate(("red", "green", "blue"))
    for side in ("from", "to")
)
_MOUTH = tuple(
    (f"{side}{place}", f"{layer}.{name}")
    for place, name in enumerate(("red", "green", "blue"))
    for side, layer in (("from", "rgba"), ("to", "mouth"))
)
_OWN = tuple(
    (f"{side}{place}", f"{layer}.alpha")
    for place, layer in enumerate(("mouth", "matte", "blend", "lips"))
    for side in ("from", "to")
)
_ST = tuple((f"{side}{place}", f"st.{name}") for place, name in enumerate("uv") for side in ("from", "to"))
_TO_B = (("fromInput1", "{{0} B}"), ("fromInput2", "{{0} B}"))
_MATTED = " ".join(
    f"mouth.{name} 0 {place} rgba.{name} 0 {place}" for place, name in enumerate(("red", "green", "blue"))
)
_BLEND = " ".join(
    f"blend.alpha 0 0 rgba.{name} 0 {place}" for place, name in enumerate(("red", "green", "blue", "alpha"))
)
_ALPHA = (("Achannels", "alpha"), ("Bchannels", "alpha"), ("output", "alpha"))

_INSIDE = (
    _Node("Input", "plate", 0, 0),
    _Node("Input", "occluder", 440, 0, (), (("number", "1"),)),
    _Node(
        "Write",
        "PlateWrite",
        -330,
        100,
        ("plate",),
        (
            ("channels", "rgb"),
            ("file_type", "exr"),
            ("raw", "true"),
            ("datatype", '"32 bit float"'),
            ("metadata", '"all metadata"'),
            ("create_directories", "true"),
            ("disable", "true"),
            ("label", '"on only while Plosive writes the plate"'),
        ),
    ),
    _Node("Read", "Result", -110, 100, (), (*_READ, ("label", '"the synced picture"'))),
    _Node("Read", "Elements", 220, 100, (), (*_READ, ("label", '"layers of it"'))),
    _Node("Read", "Preview", 110, 100, (), (*_READ, ("label", '"one frame, to look at"'))),
    _Node(
        "Shuffle2",
        "Mouth",
        220,
        220,
        ("Elements",),
        (
            _TO_B[0],
            ("in1", "mouth"),
            _TO_B[1],
            ("in2", "matte"),
            ("mappings", f'"4 {_MATTED} matte.alpha 1 0 rgba.alpha 0 3"'),
        ),
    ),
    _Node(
        "OCIOColorSpace",
        "LayersLight",
        220,
        280,
        ("Mouth",),
        (("channels", "rgb"), ("disable", "true"), ("label", '"to the working space"')),
    ),
    _Node(
        "Shuffle2",
        "Blend",
        330,
        280,
        ("Elements",),
        (_TO_B[0], ("in1", "blend"), _TO_B[1], ("mappings", f'"4 {_BLEND}"')),
    ),
    _Node(
        "Merge2",
        "Share",
        220,
        340,
        ("LayersLight", "Blend"),
        (("operation", "multiply"), *_ALPHA, ("label", '"matte x blend"')),
    ),
    _Node("Copy", "Synced", -110, 400, ("plate", "Result"), _RGB),
    _Node("Merge2", "Rebuilt", 220, 400, ("plate", "Share"), (("operation", "matte"), ("output", "rgb"))),
    _Node(
        "Reformat",
        "PreviewSize",
        110,
        340,
        ("Preview",),
        (("type", '"to box"'), ("box_fixed", "true"), ("resize", "distort")),
    ),
    _Node("Copy", "Previewed", 110, 400, ("plate", "PreviewSize"), _RGB),
    _Node(
        "Switch",
        "Which",
        0,
        500,
        ("plate", "Synced", "Rebuilt", "Previewed"),
        (("which", f'{{{{"{_WHICH}"}}}}'),),
    ),
    _Node(
        "Keymix",
        "OccluderMix",
        0,
        560,
        ("Which", "plate", "occluder"),
        (("channels", "rgb"), ("disable", '{{"!parent.use_occluder"}}')),
    ),
    _Node("Copy", "MouthLayer", 220, 620, ("OccluderMix", "LayersLight"), _MOUTH),
    _Node("Copy", "MatteLayers", 220, 680, ("MouthLayer", "Elements"), _OWN),
    _Node("Copy", "MapLayer", 220, 740, ("MatteLayers", "Elements"), _ST),
    _Node("Switch", "Layered", 0, 800, ("OccluderMix", "MapLayer"), (("which", f'{{{{"{_LAYERED}"}}}}'),)),
    _Node("ModifyMetaData", "Stamp", 0, 860, ("Layered",)),
    _Node("Output", "Output1", 0, 920, ("Stamp",)),
)


def toolset_text() -> str:
    """The toolset, to be pasted: its first input is what is selected."""
    lines = ["set cut_paste_input [stack 0]", "version 13.0 v1"]
    lines += [f"add_layer {{{layer}}}" for layer in LAYERS]
    lines += ["push 0", "push $cut_paste_input", "Group {", " inputs 2", " name LipSync1"]
    lines += [
        f' help "{_HELP}"',
        " tile_color 0x7a5c2eff",
        " selected true",
        f' knobChanged "{_escaped(_CHANGED)}"',
    ]
    for item in PANEL:
        lines += [f" {line}" for line in _knob(item)]
    lines.append("}")
    for node in _INSIDE:
        lines += [f" {line}" for line in _inside(node)]
    lines.append("end_group")
    return "\n".join(lines) + "\n"


def _inside(node: _Node) -> Iterator[str]:
    for source in reversed(node.inputs):
        yield f"push $N{source}"
    yield f"{node.kind} {{"
    if len(node.inputs) != 1:
        yield f" inputs {len(node.inputs)}"
    for name, value in node.knobs:
        yield f" {name} {value}"
    yield f" name {node.name}"
    yield f" xpos {node.x}"
    yield f" ypos {node.y}"
    yield "}"
    yield f"set N{node.name} [stack 0]"


def _knob(item: Item) -> Iterator[str]:
    parts = [str(_NUMBERS[item.kind]), item.name]
    label = item.label if item.kind != "line" else f"<b>{item.label}</b>"
    parts += ["l", _quoted(label)] if item.label else []
    parts += ["t", _quoted(item.tooltip)] if item.tooltip else []
    if item.is_beside:
        parts.append("-STARTLINE")
    elif item.kind in ("button", "check", "text", "line"):
        parts.append("+STARTLINE")
    if item.is_hidden:
        parts.append("+INVISIBLE")
    if item.choices:
        parts += ["M", "{" + " ".join(_quoted(one) for one in item.choices) + "}"]
    if item.limits:
        parts += ["R", *(f"{one:g}" for one in item.limits)]
    if item.kind == "button":
        parts += ["T", _quoted(_script(item.name))]
    if item.kind == "text":
        parts += ["T", _quoted(item.default)]
    if item.kind == "link":
        parts += ["T", item.target]
    yield "addUserKnob {" + " ".join(parts) + "}"
    if item.default and item.kind not in ("text", "line"):
        yield f"{item.name} {item.default if item.kind == 'position' else _quoted(item.default)}"


def _script(button: str) -> str:
    return (
        "import nuke\ntry:\n    from plosive_nuke import buttons\nexcept ImportError:\n"
        "    nuke.message('Plosive is not installed in this Nuke, or it is older than 14; "
        "see plosive doctor nuke.')\n"
        f"else:\n    buttons.pressed('{button}')\n"
    )


def _quoted(text: str) -> str:
    """As a script writes a word; a path's `[value ...]` stays a command."""
    return text if re.fullmatch(r"[\w./-]+", text) else f'"{_escaped(text)}"'


def _escaped(text: str) -> str:
    return re.sub(r'([\\"\[$])', r"\\\1", text).replace("\n", "\\n")


if __name__ == "__main__":
    from pathlib import Path

    place = Path(__file__).resolve().parents[1] / "ToolSets" / "Plosive" / "LipSync.nk"
    place.write_text(toolset_text(), encoding="utf-8", newline="\n")
