# SPDX-License-Identifier: Apache-2.0
"""What nodes show: real EXR files read, worked out as 32-bit floats, written again."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Picture", "Pictures", "file_of_frame"]

Plane = NDArray[np.float32]
_LONG = {"R": "red", "G": "green", "B": "blue", "A": "alpha"}
_SHORT = {long: short for short, long in _LONG.items()}
_LINEAR = ("linear", "scene_linear", "default", "default (linear)", "raw")


@dataclass(frozen=True)
class Picture:
    """`planes` are the whole format, upright; `box` is the data window (left, top, width, height) counted
    from the format's left top."""

    planes: dict[str, Plane]
    width: int
    height: int
    box: tuple[int, int, int, int]
    aspect: float = 1.0
    metadata: dict[str, Any] = field(default_factory=dict)

    def plane(self, name: str) -> Plane:
        return self.planes.get(name, np.zeros((self.height, self.width), np.float32))


def file_of_frame(pattern: str, frame: int, view: str) -> str:
    named = pattern.replace("%V", view).replace("%v", view[0])
    return re.sub(r"%0?(\d*)d", lambda found: str(frame).zfill(int(found[1] or 1)), named)


class Pictures:
    def __init__(self, app: Any) -> None:
        self._app = app

    def show(self, node: Any, frame: int, view: str) -> Picture:
        """Raises RuntimeError where Nuke shows an error."""
        if node is None:
            width, height = (int(word) for word in self._app.root()["format"].value().split()[:2])
            return Picture({}, width, height, (0, 0, 1, 1))
        kind = node.Class()
        if node["disable"].value() and kind not in ("Read", "Input"):
            return self.show(node.input(0), frame, view)
        return getattr(self, f"_{kind.lower()}")(node, frame, view)

    def _read(self, node: Any, frame: int, view: str) -> Picture:
        if node["disable"].value():
            raise RuntimeError(f"{node.name()} is disabled")
        assert node["raw"].value() or node["colorspace"].value() in _LINEAR, "the fake reads linear only"
        first, last = node["first"].value(), node["last"].value()
        at = self._file_frame(node, frame)
        for side, is_past, edge in (("before", at < first, first), ("after", at > last, last)):
            if is_past:
                if node[side].value() == "black":
                    shown = self._file(node, edge, view)
                    return replace(shown, planes={name: plane * 0 for name, plane in shown.planes.items()})
                assert node[side].value() == "hold"
                at = edge
        return self._file(node, at, view)

    def _file_frame(self, node: Any, frame: int) -> int:
        mode, text = node["frame_mode"].value(), node["frame"].value()
        if mode == "expression":
            if not text:
                return frame
            found = re.fullmatch(r"frame\s*([+-])\s*(\d+)", text)
            if text == "frame":
                return frame
            if found is None:
                from fakes.nuke.expressions import evaluated_expression

                return round(evaluated_expression(text, node, frame, ""))
            return frame + int(found[1] + found[2])
        if mode == "start at":
            return frame if not text else frame - int(text) + int(node["first"].value())
        return frame - int(text or 0)  # by what exporters write; Foundry's guide does not say

    def _file(self, node: Any, at: int, view: str) -> Picture:
        pattern = node["file"].getEvaluatedValue()
        if not pattern:
            raise RuntimeError(f"{node.name()}: no file is named")
        path = file_of_frame(pattern, at, view)
        if not os.path.exists(path):
            error = node["on_error"].value()
            if error == "error":
                raise RuntimeError(f"{path}: Read error: No such file or directory")
            width, height = (int(word) for word in self._app.root()["format"].value().split()[:2])
            return Picture({}, width, height, (0, 0, 1, 1))
        return read_picture(path)

    def _input(self, node: Any, frame: int, view: str) -> Picture:
        return self.show(node.parent().input(node["number"].value()), frame, view)

    def _group(self, node: Any, frame: int, view: str) -> Picture:
        output = next(one for one in node.nodes() if one.Class() == "Output")
        return self.show(output, frame, view)

    def _same(self, node: Any, frame: int, view: str) -> Picture:
        return self.show(node.input(0), frame, view)

    _dot = _noop = _output = _write = _viewer = _same

    def _timeoffset(self, node: Any, frame: int, view: str) -> Picture:
        return self.show(node.input(0), frame - int(node["time_offset"].value()), view)

    def _switch(self, node: Any, frame: int, view: str) -> Picture:
        return self.show(node.input(int(node["which"].now(view, frame))), frame, view)

    def _grade(self, node: Any, frame: int, view: str) -> Picture:
        below = self.show(node.input(0), frame, view)
        gain = np.float32(node["multiply"].now(view, frame))
        return _with(below, {name: below.plane(name) * gain for name in RGB})

    def _reformat(self, node: Any, frame: int, view: str) -> Picture:
        """To a box, distorted, the nearest pixel; the true filter is cubic."""
        below = self.show(node.input(0), frame, view)
        assert (node["type"].value(), node["resize"].value()) == ("to box", "distort") and node[
            "box_fixed"
        ].value()
        width, height = int(node["box_width"].value()), int(node["box_height"].value())
        rows = np.arange(height) * below.height // height
        columns = np.arange(width) * below.width // width
        planes = {name: plane[rows][:, columns] for name, plane in below.planes.items()}
        return replace(below, planes=planes, width=width, height=height, box=(0, 0, width, height))

    def _copy(self, node: Any, frame: int, view: str) -> Picture:
        below, above = self.show(node.input(0), frame, view), self.show(node.input(1), frame, view)
        assert node["channels"].value() == "none"
        made = {}
        assert (below.width, below.height) == (above.width, above.height), "the formats of a Copy differ"
        for number in range(4):
            source, target = node[f"from{number}"].value(), node[f"to{number}"].value()
            if target != "none":
                self._known(source), self._known(target)
                made[target] = above.plane(source)
        return _with(below, made)

    def _keymix(self, node: Any, frame: int, view: str) -> Picture:
        below, above, matte = (self.show(node.input(number), frame, view) for number in range(3))
        assert node["channels"].value() == "rgb"
        self._known(node["maskChannel"].value())
        mask = matte.plane(node["maskChannel"].value()) * np.float32(node["mix"].now(view, frame))
        if node["invertMask"].value():
            mask = 1 - mask
        return _with(below, {name: below.plane(name) * (1 - mask) + above.plane(name) * mask for name in RGB})

    def _merge2(self, node: Any, frame: int, view: str) -> Picture:
        below, above = self.show(node.input(0), frame, view), self.show(node.input(1), frame, view)
        alpha = above.plane("rgba.alpha")
        operation, output = node["operation"].value(), node["output"].value()
        wanted = {"rgb": RGB, "alpha": ("rgba.alpha",)}[output]
        made = {}
        for name in wanted:
            a, b = above.plane(name), below.plane(name)
            made[name] = {"matte": lambda a=a, b=b: a * alpha + b * (1 - alpha),
                          "multiply": lambda a=a, b=b: a * b}[operation]()  # fmt: skip
        return _with(below, made)

    def _shuffle2(self, node: Any, frame: int, view: str) -> Picture:
        sides = [self.show(node.input(number), frame, view) for number in range(max(1, node.inputs()))]
        words = node["mappings"].value().split()
        made = {}
        for start in range(1, 1 + 6 * int(words[0]), 6):
            source, side, _, target, _, _ = words[start : start + 6]
            layer = node[("in1", "in2")[int(side)]].value()
            assert source.split(".")[0] == layer, f"{source} is not of {layer}"
            self._known(source), self._known(target)
            made[target] = sides[0].plane(source)
        return _with(sides[0], made)

    def _ociocolorspace(self, node: Any, frame: int, view: str) -> Picture:
        assert node["in_colorspace"].value() == node["out_colorspace"].value(), "the fake has no OCIO"
        return self.show(node.input(0), frame, view)

    def _modifymetadata(self, node: Any, frame: int, view: str) -> Picture:
        below = self.show(node.input(0), frame, view)
        pairs = re.findall(r"\{set (\S+) (\"(?:[^\"\\]|\\.)*\"|\S+)\}", node["metadata"]._value)
        from fakes.nuke.knobs import unquoted

        return replace(below, metadata={**below.metadata, **{key: unquoted(text) for key, text in pairs}})

    def _known(self, channel: str) -> None:
        layer = channel.split(".")[0]
        assert channel in self._app.layers.get(layer, []), f"there is no channel {channel}"

    def write(self, node: Any, frame: int, view: str) -> None:
        """A Write at a frame."""
        picture = self.show(node.input(0), frame, view)
        if self._app.root()["proxy"].value():  # a proxy render is smaller: whoever forgets it is seen
            picture = replace(
                picture, planes={name: plane[::2, ::2] for name, plane in picture.planes.items()},
                width=(picture.width + 1) // 2, height=(picture.height + 1) // 2,
            )  # fmt: skip
        path = Path(file_of_frame(node["file"].getEvaluatedValue(), frame, view))
        if node["create_directories"].value():
            path.parent.mkdir(parents=True, exist_ok=True)
        assert node["file_type"].value() == "exr" and node["raw"].value(), "the fake writes raw EXR only"
        names = {"rgb": RGB, "rgba": (*RGB, "rgba.alpha")}[node["channels"].value()]
        is_half = node["datatype"].value() == "16 bit half"
        kept = picture.metadata if node["metadata"].value() == "all metadata" else {}
        write_picture(path, picture, [name for name in names if name in picture.planes], is_half, kept)


RGB = ("rgba.red", "rgba.green", "rgba.blue")


def read_picture(path: str) -> Picture:
    import OpenImageIO as oiio

    file = oiio.ImageInput.open(path)
    assert file is not None, oiio.geterror()
    spec = file.spec()
    pixels = np.asarray(file.read_image(0, 0, 0, spec.nchannels, oiio.FLOAT), np.float32)
    file.close()
    width, height = spec.full_width, spec.full_height
    left, top = spec.x - spec.full_x, spec.y - spec.full_y
    planes = {}
    for number, name in enumerate(spec.channelnames):
        whole = np.zeros((height, width), np.float32)
        whole[max(0, top) : top + spec.height, max(0, left) : left + spec.width] = pixels[
            max(0, -top) : height - top, max(0, -left) : width - left, number
        ]
        planes[_nuke_name(name)] = whole
    metadata = {
        f"exr/{one.name}": one.value for one in spec.extra_attribs if isinstance(one.value, (str, int, float))
    }
    aspect = float(spec.getattribute("PixelAspectRatio") or 1.0)
    return Picture(planes, width, height, (left, top, spec.width, spec.height), aspect, metadata)


def write_picture(
    path: Path, picture: Picture, names: list[str], is_half: bool, kept: dict[str, Any]
) -> None:
    import OpenImageIO as oiio

    left, top, width, height = picture.box
    spec = oiio.ImageSpec(width, height, len(names), oiio.HALF if is_half else oiio.FLOAT)
    spec.x, spec.y, spec.full_width, spec.full_height = left, top, picture.width, picture.height
    spec.channelnames = tuple(_exr_name(name) for name in names)
    for key, value in kept.items():
        if key.startswith("exr/") and isinstance(value, (str, int, float)):
            spec.attribute(key[4:], value)
    stacked = np.stack([picture.plane(name) for name in names], axis=2)
    file = oiio.ImageOutput.create(str(path))
    assert file.open(str(path), spec), file.geterror()
    assert file.write_image(np.ascontiguousarray(stacked[top : top + height, left : left + width]))
    file.close()


def _with(below: Picture, made: dict[str, Plane]) -> Picture:
    return replace(
        below, planes={**below.planes, **{name: np.asarray(one, np.float32) for name, one in made.items()}}
    )


def _nuke_name(name: str) -> str:
    layer, _, channel = name.rpartition(".")
    return f"{layer or 'rgba'}.{_LONG.get(channel, channel)}"


def _exr_name(name: str) -> str:
    layer, _, channel = name.rpartition(".")
    return _SHORT.get(channel, channel) if layer == "rgba" else f"{layer}.{_SHORT.get(channel, channel)}"
