# SPDX-License-Identifier: Apache-2.0
"""A small stand-in for Nuke: reads scripts strictly, and works out what a node shows at a frame.

It knows the node classes and knobs that `elements.nk` uses, by Foundry's reference guide, and refuses any
other, so that a misspelt knob fails here and not on an artist's desk. Pictures are dictionaries of channels,
float32, the whole format; outside a file's data window a channel is 0.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.float32]
Picture = dict[str, Plane]

COMMON = {"name", "xpos", "ypos", "label", "tile_color", "disable", "inputs", "selected", "note_font_size"}
KNOBS: dict[str, set[str]] = {
    "Read": {"file", "file_type", "format", "first", "last", "origfirst", "origlast", "origset", "raw",
             "colorspace", "on_error", "frame_mode", "frame", "before", "after"},
    "NoOp": set(),
    "Expression": {"expr0", "expr1", "expr2", "expr3"},
    "Shuffle2": {"fromInput1", "fromInput2", "in1", "in2", "out1", "out2", "mappings"},
    "Merge2": {"operation", "Achannels", "Bchannels", "output", "mix"},
    "Grade": {"channels", "blackpoint", "whitepoint", "black", "white", "multiply", "add", "gamma",
              "black_clamp", "white_clamp", "maskChannelInput"},
    "Multiply": {"channels", "value"},
    "Transform": {"translate", "rotate", "scale", "center", "filter", "black_outside"},
    "STMap": {"channels", "uv", "filter"},
    "ColorLookup": {"channels", "lut"},
    "OCIOColorSpace": {"in_colorspace", "out_colorspace"},
    "BackdropNode": {"bdwidth", "bdheight", "z_order"},
}  # fmt: skip
INPUTS = {"Read": 0, "Merge2": 2, "STMap": 2, "BackdropNode": 0}
ROOT_KNOBS = {"first_frame", "last_frame", "lock_range", "frame", "fps", "format", "inputs", "name"}
USER_KNOB = re.compile(r"\{(20|3|7|12) (\w+)(?: l (\w+|\"[^\"]*\"))?(?: R -?[\d.]+ -?[\d.]+)?\}")
CURVE = re.compile(r"\{curve L((?: x-?\d+ -?\d+(?:\.\d+)?)+)\}")


@dataclass
class Node:
    kind: str
    knobs: dict[str, str] = field(default_factory=dict)
    user: dict[str, int] = field(default_factory=dict)
    inputs: list[Node | None] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.knobs["name"]

    def text(self, knob: str, default: str = "") -> str:
        """A knob's string, quotes and escapes taken away."""
        value = self.knobs.get(knob, default)
        return re.sub(r"\\(.)", r"\1", value[1:-1]) if value.startswith('"') else value


@dataclass
class Script:
    root: dict[str, str]
    layers: dict[str, list[str]]
    nodes: dict[str, Node]


def read_script(text: str) -> Script:
    """Raises AssertionError for what Nuke would not know."""
    script = Script({}, {"rgba": ["rgba.red", "rgba.green", "rgba.blue", "rgba.alpha"]}, {})
    stack: list[Node | None] = []
    kept: dict[str, Node | None] = {}
    lines = iter(text.split("\n"))
    assert re.fullmatch(r"version \d+\.\d+ v\d+", next(lines))
    for line in lines:
        if not line:
            continue
        if opened := re.fullmatch(r"(\w+) \{", line):
            body = []
            while (inner := next(lines)) != "}":
                assert inner.startswith(" ") and inner.count("{") == inner.count("}"), inner
                body.append(inner[1:].split(" ", 1))
            if opened[1] == "Root":
                script.root = {name: value for name, value in body}
                assert set(script.root) <= ROOT_KNOBS
                continue
            node = _node(opened[1], body)
            count = int(node.knobs.get("inputs", "1"))
            node.inputs = [stack.pop() for _ in range(count)]
            assert node.name not in script.nodes
            script.nodes[node.name] = node
            stack.append(node)
        elif declared := re.fullmatch(r"add_layer \{(\w+)((?: \w+\.\w+)+)\}", line):
            script.layers[declared[1]] = declared[2].split()
            assert all(name.startswith(f"{declared[1]}.") for name in script.layers[declared[1]])
        elif kept_as := re.fullmatch(r"set (N\w+) \[stack 0\]", line):
            kept[kept_as[1]] = stack[-1]
        elif pushed := re.fullmatch(r"push (?:\$(N\w+)|0)", line):
            stack.append(kept[pushed[1]] if pushed[1] else None)
        else:
            raise AssertionError(f"not a line of a script: {line}")
    return script


def _node(kind: str, body: list[list[str]]) -> Node:
    node = Node(kind)
    for name, value in body:
        if name == "addUserKnob":
            added = USER_KNOB.fullmatch(value)
            assert added, value
            node.user[added[2]] = int(added[1])
            continue
        assert name in KNOBS[kind] | COMMON | set(node.user), f"{kind} has no knob {name}"
        if not value.startswith("{"):
            assert len(shlex.split(value)) == 1, f"{name} {value} is more than one word"
        node.knobs[name] = value
    assert int(node.knobs.get("inputs", "1")) in (0, 1, INPUTS.get(kind, 1))
    return node


def keys(written: str) -> list[dict[int, float]]:
    """The curves of an animated knob: value at each keyed frame."""
    found = CURVE.findall(written)
    assert found and "{" + " ".join(f"{{curve L{curve}}}" for curve in found) + "}" == written
    pairs = [re.findall(r"x(-?\d+) (-?\d+(?:\.\d+)?)", curve) for curve in found]
    return [{int(frame): float(value) for frame, value in curve} for curve in pairs]


class Viewer:
    """Shows nodes of a script. `files` gives a Read's picture: (file knob, file frame) to channels."""

    def __init__(self, script: Script, files: Callable[[str, int], Picture]) -> None:
        self._script = script
        self._files = files
        self._pinned: dict[str, Picture] = {}

    def pin(self, name: str, picture: Picture) -> None:
        """Show `picture` wherever node `name` stands, as if an artist had worked there."""
        self._pinned[name] = picture

    def show(self, name: str, frame: int) -> Picture:
        node = self._script.nodes[name]
        return self._shown(node, frame)

    def _shown(self, node: Node, frame: int) -> Picture:
        if node.name in self._pinned:
            return self._pinned[node.name]
        sources = [None if one is None else self._shown(one, frame) for one in node.inputs]
        if node.text("disable") == "true":
            assert sources[0] is not None
            return sources[0]
        made = getattr(self, f"_{node.kind.lower()}")(node, frame, *sources)
        assert all(plane.dtype == np.float32 for plane in made.values())
        return dict(made)

    def _read(self, node: Node, frame: int) -> Picture:
        first, last = int(node.text("first")), int(node.text("last"))
        assert (node.text("origfirst"), node.text("origlast")) == (str(first), str(last))
        assert node.text("origset") == "true" and node.text("raw") == "true"
        at = frame
        if node.text("frame_mode"):
            assert node.text("frame_mode") == "start at"
            at = frame - int(node.text("frame")) + first
        return self._files(node.text("file"), min(max(at, first), last))  # held before and after

    def _noop(self, node: Node, frame: int, below: Picture) -> Picture:
        return below

    def _expression(self, node: Node, frame: int, below: Picture) -> Picture:
        made = dict(below)
        for place, name in enumerate(("red", "green", "blue", "alpha")):
            text = node.text(f"expr{place}")
            if text:
                letters = {
                    short: below[f"rgba.{long}"]
                    for short, long in zip("rgb", ("red", "green", "blue"), strict=True)
                }
                made[f"rgba.{name}"] = evaluated(text, letters)
        return made

    def _colorlookup(self, node: Node, frame: int, below: Picture) -> Picture:
        lut = re.fullmatch(
            r"\{master \{curve L((?: x\S+ \S+)+)\} red \{\} green \{\} blue \{\} alpha \{\}\}",
            node.knobs["lut"],
        )
        assert lut and node.text("channels") == "rgb"
        words = lut[1].split()
        at, value = [float(word[1:]) for word in words[::2]], [float(word) for word in words[1::2]]
        return {
            name: np.interp(plane, at, value).astype(np.float32) if name in RGB else plane
            for name, plane in below.items()
        }

    def _shuffle2(self, node: Node, frame: int, below: Picture) -> Picture:
        assert node.text("fromInput1") == node.text("fromInput2") == "{{0} B}"
        words = node.text("mappings").split()
        count, made = int(words[0]), dict(below)
        assert len(words) == 1 + 6 * count
        sides = (node.text("in1", "rgba"), node.text("in2", "none"))
        for start in range(1, len(words), 6):
            source, side, source_place, target, out, target_place = words[start : start + 6]
            assert source.split(".")[0] == sides[int(side)], f"{source} is not of layer {sides[int(side)]}"
            assert self._place(source) == int(source_place) and self._place(target) == int(target_place)
            assert target.split(".")[0] == "rgba" and out == "0"
            made[target] = below[source]
        return made

    def _place(self, channel: str) -> int:
        """Where a channel stands in its layer's column of the panel: alpha is always the fourth."""
        members = self._script.layers[channel.split(".")[0]]
        return members.index(channel)

    def _merge2(self, node: Node, frame: int, below: Picture, above: Picture) -> Picture:
        operation = node.text("operation", "over")
        alpha = above["rgba.alpha"]
        maths: dict[str, Callable[[Plane, Plane], Plane]] = {
            "matte": lambda a, b: a * alpha + b * (1 - alpha),
            "multiply": lambda a, b: np.where((a < 0) & (b < 0), a, a * b),
            "plus": lambda a, b: a + b,
            "minus": lambda a, b: a - b,
            "difference": lambda a, b: np.abs(a - b),
        }
        wanted = {"rgb": ("red", "green", "blue"), "alpha": ("alpha",)}[node.text("output")]
        for side in ("Achannels", "Bchannels"):
            assert node.text(side, "rgba") in ("rgba", node.text("output"))
        made = dict(below)
        with np.errstate(invalid="ignore"):
            for name in wanted:
                made[f"rgba.{name}"] = maths[operation](above[f"rgba.{name}"], below[f"rgba.{name}"])
        return made

    def _grade(self, node: Node, frame: int, below: Picture) -> Picture:
        assert node.text("black_clamp", "true") == "false", "negative values would be lost"
        gain = np.float32(node.text("multiply", "1"))
        mask = below[node.text("maskChannelInput")] if "maskChannelInput" in node.knobs else None
        graded = {name: below[name] * gain for name in RGB}
        if mask is not None:
            graded = {name: below[name] + mask * (plane - below[name]) for name, plane in graded.items()}
        return {**below, **graded}

    def _multiply(self, node: Node, frame: int, below: Picture) -> Picture:
        assert node.text("channels") == "alpha"
        value = node.knobs["value"]
        factor = keys(value)[0][frame] if value.startswith("{{curve") else float(value)
        return {**below, "rgba.alpha": below["rgba.alpha"] * np.float32(factor)}

    def _transform(self, node: Node, frame: int, below: Picture) -> Picture:
        right, up = (float(word) for word in node.text("translate").strip("{}").split())
        assert right == int(right) and up == int(up), "whole pixels only"
        return {name: _moved(plane, int(right), int(up)) for name, plane in below.items()}

    def _stmap(self, node: Node, frame: int, below: Picture, map_: Picture) -> Picture:
        import cv2

        u, v = (map_[name] for name in self._script.layers[node.text("uv")][:2])
        height, width = u.shape
        x, y = (u * width - 0.5).astype(np.float32), ((1 - v) * height - 0.5).astype(np.float32)
        made = dict(below)
        for name in RGB:
            made[name] = cv2.remap(below[name], x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_CONSTANT)
        assert node.text("channels") == "rgb"
        return made


RGB = ("rgba.red", "rgba.green", "rgba.blue")


def nodes_below(node: Node) -> set[str]:
    """Names of all nodes that a node depends on."""
    direct = [one for one in node.inputs if one is not None]
    return {one.name for one in direct}.union(*(nodes_below(one) for one in direct))


def _moved(plane: Plane, right: int, up: int) -> Plane:
    made = np.zeros_like(plane)
    height, width = plane.shape
    source = plane[max(0, up) : height + min(0, up), max(0, -right) : width + min(0, -right)]
    top, left = max(0, -up), max(0, right)
    made[top : top + source.shape[0], left : left + source.shape[1]] = source
    return made


def evaluated(text: str, channels: Picture) -> Plane:
    """An expression of channels with `c ? a : b`, comparisons, sums, products and functions, in float32."""
    names: dict[str, object] = {
        **channels, "pow": np.power, "fabs": np.abs, "exp": np.exp, "min": np.minimum, "max": np.maximum,
        "choose": lambda test, yes, no: np.where(test, yes, no),
    }  # fmt: skip
    with np.errstate(all="ignore"):
        return np.asarray(eval(_chosen(text), {"__builtins__": {}}, names), np.float32)


def _chosen(text: str) -> str:
    """`c?a:b` as `choose(c,a,b)`, innermost brackets first."""
    inside: list[str] = []
    while found := re.search(r"\(([^()]*)\)", text):
        parts = [_one(part) for part in found[1].split(",")]
        inside.append(f"({','.join(parts)})")
        text = f"{text[: found.start()]}\x00{len(inside) - 1}\x01{text[found.end() :]}"
    text = _one(text)
    while found := re.search("\x00(\\d+)\x01", text):
        text = text.replace(found[0], inside[int(found[1])])
    return text


def _one(text: str) -> str:
    if "?" not in text:
        return text
    test, rest = text.split("?", 1)
    yes, no = rest.rsplit(":", 1)
    return f"choose({test},{_one(yes)},{_one(no)})"
