# SPDX-License-Identifier: Apache-2.0
"""Dissolves and speeds of an AAF, as Media Composer writes them: the ids are Avid's, taken from its files."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any

__all__ = ["Effects"]

_DISSOLVE = ("89d9b67e-5584-302d-9abd-8bd330c46841", "VideoDissolve_2", b"EFF2_BLEND_DISSOLVE\0")
_FADE_UP = ("a3479fae-4715-38b8-b020-907ae09e8769", "FadeUp_2", b"EFF2_BLEND_FADE_UP\0")
_FADE_DOWN = ("624e04b0-8063-3d9f-8172-6ea7cf0bed6d", "FadeDown_2", b"EFF2_BLEND_FADE_DOWN\0")
_MOTION = ("9d2ea890-0968-11d3-8a38-0050040ef7d2", "Motion Control")
_PARAMETERS = {  # name: (id, type)
    "AvidParameterByteOrder": ("c0038672-a8cf-11d3-a05b-006094eb75cb", "aafUInt16"),
    "AvidEffectID": ("93994bd6-a81d-11d3-a05b-006094eb75cb", "AvidBagOfBits"),
    "AFX_FG_KEY_OPACITY_U": ("8d56813d-847e-11d5-935a-50f857c10000", "Rational"),
    "AvidMotionPulldown": ("f7ffed29-fc8e-43ed-943a-4b57b5c157ee", "aafInt32"),
    "AvidMotionInputFormat": ("1c5a02d5-e503-4ca6-8617-d7914bb8ac03", "aafInt32"),
    "AvidMotionOutputFormat": ("8dde1839-6862-4874-a1e9-4fbd1164f22a", "aafInt32"),
    "AvidPhase": ("5b22ff71-c51b-11d3-a069-006094eb75cb", "aafInt32"),
    "SpeedRatio": ("72559a80-24d7-11d3-8a50-0050040ef7d2", "Rational"),
    "PARAM_SPEED_MAP_U": ("8d56827c-847e-11d5-935a-50f857c10000", "Rational"),
    "PARAM_SPEED_OFFSET_MAP_U": ("8d56827d-847e-11d5-935a-50f857c10000", "Rational"),
}
_EXTRAPOLATION = "0e24dd54-66cd-4f1a-b0a0-670ac3a7a0b3"
_LITTLE_ENDIAN = 18761  # "II"
_PROGRESSIVE = 2
_LARGEST = 2**30  # AAF has 32 bits for each part of a rational

_Points = Sequence[tuple[Fraction, Fraction]]


class Effects:
    """Makes them in one file, each definition once."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self._operations: dict[str, Any] = {}
        self._parameters: dict[str, Any] = {}
        self._linear: Any = None

    def dissolve(self, frames: int, cut_point: int, black: str = "") -> Any:
        """A transition of `frames`; `black` is `in` or `out` for a fade."""
        auid, name, own_id = {"in": _FADE_UP, "out": _FADE_DOWN}.get(black, _DISSOLVE)
        operation = self._operation(auid, name, 2, is_time_warp=False)
        group = self._file.create.OperationGroup(operation, frames, media_kind="picture")
        one = Fraction(1, max(1, frames - 1))
        points = ((-one, Fraction(0)), (1 + one, Fraction(100)))
        group.parameters.append(self._varying("AFX_FG_KEY_OPACITY_U", points))
        group.parameters.append(self._constant("AvidParameterByteOrder", _LITTLE_ENDIAN))
        group.parameters.append(self._constant("AvidEffectID", list(own_id)))
        transition = self._file.create.Transition(media_kind="picture", length=frames)
        transition["OperationGroup"].value = group
        transition["CutPoint"].value = cut_point
        return transition

    def motion(self, clip: Any, frames: int, points: _Points) -> Any:
        """`clip` made to last `frames`; `points` are (frame, frame of the clip then shown)."""
        operation = self._operation(*_MOTION, 1, is_time_warp=True)
        group = self._file.create.OperationGroup(operation, frames, media_kind="picture")
        group.segments.append(clip)
        (first, shown), (last, ends) = points[0], points[-1]
        speed = (ends - shown) / (last - first)
        ratio = Fraction(frames, max(1, clip.length)) * (-1 if speed < 0 else 1)
        for name, value in (
            ("AvidMotionPulldown", 0),
            ("AvidMotionInputFormat", _PROGRESSIVE),
            ("AvidMotionOutputFormat", _PROGRESSIVE),
            ("AvidPhase", 0),
        ):
            group.parameters.append(self._constant(name, value))
        speeds = [(at, (b - a) / (to - at)) for (at, a), (to, b) in pairwise(points)]
        group.parameters.append(self._varying("PARAM_SPEED_MAP_U", speeds))
        group.parameters.append(self._varying("PARAM_SPEED_OFFSET_MAP_U", points))
        group.parameters.append(self._constant("SpeedRatio", _rational(ratio)))
        return group

    def _operation(self, auid: str, name: str, inputs: int, *, is_time_warp: bool) -> Any:
        known = self._operations.get(name)
        if known is None:
            known = self._file.create.OperationDef(auid, name, "")
            self._file.dictionary.register_def(known)
            known.media_kind = "picture"
            known["IsTimeWarp"].value = is_time_warp
            known["Bypass"].value = 0
            known["NumberInputs"].value = inputs
            known["OperationCategory"].value = "OperationCategory_Effect"
            self._operations[name] = known
        return known

    def _parameter(self, name: str) -> Any:
        known = self._parameters.get(name)
        if known is None:
            auid, kind = _PARAMETERS[name]
            typed = self._file.dictionary.lookup_typedef(kind)
            known = self._file.create.ParameterDef(auid, name, "", typed)
            self._file.dictionary.register_def(known)
            self._parameters[name] = known
        return known

    def _constant(self, name: str, value: Any) -> Any:
        made = self._file.create.ConstantValue()
        made.parameterdef = self._parameter(name)
        made.value = value
        return made

    def _varying(self, name: str, points: _Points) -> Any:
        from aaf2.auid import AUID
        from aaf2.misc import LinearInterp

        if self._linear is None:
            self._linear = self._file.create.InterpolationDef(LinearInterp, "LinearInterp", "")
            self._file.dictionary.register_def(self._linear)
        made = self._file.create.VaryingValue()
        made.parameterdef = self._parameter(name)
        made["Interpolation"].value = self._linear
        made["VVal_Extrapolation"].value = AUID(_EXTRAPOLATION)
        made["VVal_FieldCount"].value = 1
        for at, value in points:
            point = self._file.create.ControlPoint()
            point["EditHint"].value = "Proportional"
            point["Time"].value = _rational(at)
            point.value = _rational(value)
            made["PointList"].append(point)
        return made


def _rational(value: Fraction) -> Any:
    from aaf2.rational import AAFRational

    room = int(_LARGEST / max(Fraction(1), abs(value)))
    near = value.limit_denominator(max(1, room))
    return AAFRational(near.numerator, near.denominator)
