# SPDX-License-Identifier: Apache-2.0
"""The node that takes a plate, read raw, to the light its elements are in: no setting of Nuke's has a say."""

from __future__ import annotations

import numpy as np

from plosive.colour.coding import SceneLinear
from plosive.colour.transfer import Transfer
from plosive.composite.elements.script import NukeNode, quoted
from plosive.media.plate import PlateInfo

__all__ = ["DECODE", "decoding_node"]

_PQ_ROOT = "pow(min(fabs({c}),1),1/78.84375)"
DECODE = {
    Transfer.BT1886: "({c}<0?-1:1)*pow(fabs({c}),2.4)",
    Transfer.SRGB: "({c}<0?-1:1)*(fabs({c})<=0.04045?fabs({c})/12.92:pow((fabs({c})+0.055)/1.055,2.4))",
    Transfer.PQ: f"({{c}}<0?-1:1)*100*pow(max({_PQ_ROOT}-0.8359375,0)/(18.8515625-18.6875*{_PQ_ROOT}),"
    "1/0.1593017578125)",
    Transfer.HLG: "({c}<0?-1:1)*(fabs({c})<=0.5?{c}*{c}/3:"
    "(exp((fabs({c})-0.559910729529562)/0.17883277)+0.28466892)/12)",
}
"""Expressions from coded R'G'B', `{c}` a channel, to linear light (colour/transfer.py); linear plates have
none."""

_MOST_CURVE_BITS = 12  # a key for every code up to here; straight between keys above


def decoding_node(info: PlateInfo) -> NukeNode:
    """`PlateLinear`, under `Plate`."""

    def node(kind: str, label: str, *knobs: tuple[str, str]) -> NukeNode:
        told = (*knobs, ("label", quoted(label))) if label else knobs
        return NukeNode(kind, "PlateLinear", told, ("Plate",), 0, 100)

    coding = None if info.colour is None else info.colour.coding
    decode = DECODE.get(info.transfer)
    if decode is not None:
        expressions = ((f"expr{at}", quoted(decode.format(c=name))) for at, name in enumerate("rgb"))
        return node("Expression", f"{info.transfer.value} to linear", *expressions)
    if info.colour is None or coding is None or isinstance(coding, SceneLinear):
        return node("NoOp", "")
    if coding.mixes_channels:
        spaces = (("in_colorspace", quoted(info.colour.space)), ("out_colorspace", "scene_linear"))
        return node("OCIOColorSpace", "", *spaces)
    steps = (1 << min(info.bit_depth, _MOST_CURVE_BITS)) - 1
    stored = np.arange(steps + 1) / steps
    light = coding.linear(np.repeat(stored.astype(np.float32)[:, None], 3, axis=1))[:, 0]
    keys = " ".join(f"x{code:.8g} {value:.8g}" for code, value in zip(stored, light.tolist(), strict=True))
    curve = f"{{master {{curve L {keys}}} red {{}} green {{}} blue {{}} alpha {{}}}}"
    return node("ColorLookup", f"{info.colour.space} to linear", ("channels", "rgb"), ("lut", curve))
