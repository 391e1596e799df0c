# SPDX-License-Identifier: Apache-2.0
"""The score as plain facts, for pipelines."""

from __future__ import annotations

import dataclasses
import math
from enum import Enum
from fractions import Fraction
from pathlib import Path

import numpy as np

from plosive import __version__
from plosive.quality.figure import Figure
from plosive.quality.scorecard import FaceScore, Flag, Scorecard

__all__ = ["SCORE_SCHEMA", "json_ready", "scorecard_facts"]

SCORE_SCHEMA = "plosive.score.v1"


def scorecard_facts(card: Scorecard, with_series: bool = False) -> dict[str, object]:
    """All of `card` as strict JSON: what is not a number is null, exact times and rates are text such as
    `1001/24000`. `with_series` adds the curves, the time of each frame, and the boxes of the lower face.
    """
    facts: dict[str, object] = {
        "schema": SCORE_SCHEMA,
        "plosive": __version__,
        "result": card.result,
        "plate": card.plate,
        "plate_range": None if card.plate_range is None else dataclasses.asdict(card.plate_range),
        "dub": card.dub,
        "frame_rate": card.frame_rate,
        "first_frame": card.first_frame,
        "last_frame_inclusive": card.last_frame_inclusive,
        "frame_count": card.frame_count,
        "start_timecode": card.start_timecode,
        "width": card.width,
        "height": card.height,
        "total": card.total,
        "total_of": card.total_of,
        "points": [dataclasses.asdict(point) for point in card.points],
        "figures": [_figure_facts(figure) for figure in card.figures],
        "faces": [_face_facts(face) for face in card.faces],
        "flags": [_flag_facts(card, flag) for flag in card.flags],
        "equalities": [dataclasses.asdict(equality) for equality in card.equalities],
        "speech": {"phones_from": card.speech_source, "confidence": card.speech_confidence},
        "phones": [dataclasses.asdict(phone) for phone in card.phones],
        "warnings": card.warnings,
        "stage_seconds": card.stage_seconds,
    }
    if with_series:
        facts["frame_seconds"] = card.frame_seconds
        facts["series"] = card.series
        facts["lip_boxes"] = card.lip_boxes
    ready = json_ready(facts)
    assert isinstance(ready, dict)
    return ready


def json_ready(value: object) -> object:
    """`value` in strict JSON's own types. Numbers that are not finite become None, float32 the shortest
    decimal that reads back the same, fractions and paths text, arrays and tuples lists.
    """
    if isinstance(value, np.ndarray):
        return [json_ready(one) for one in value]
    if isinstance(value, np.floating):
        return json_ready(float(str(value)))
    if isinstance(value, np.generic):
        return json_ready(value.item())
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, (Fraction, Path)):
        return str(value)
    if isinstance(value, Enum):
        return json_ready(value.value)
    if isinstance(value, dict):
        return {str(key): json_ready(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [json_ready(one) for one in value]
    raise TypeError(f"{type(value).__name__} has no JSON form")


def _figure_facts(figure: Figure) -> dict[str, object]:
    definition = figure.definition
    return {
        "key": figure.key,
        "title": definition.title,
        "value": figure.value,
        "unit": definition.unit,
        "text": definition.text,
        "better": definition.better,
        "reference": definition.reference,
        "needs_plate": definition.needs_plate,
        "sample_count": figure.sample_count,
        "counted": figure.counted,
        "note": figure.note,
        "details": figure.details,
    }


def _face_facts(face: FaceScore) -> dict[str, object]:
    return {
        "number": face.number,
        "name": face.name,
        "shot": face.shot,
        "first_frame": face.first_frame,
        "last_frame_inclusive": face.last_frame_inclusive,
        "frames": face.frames,
        "width_pixels": face.width_pixels,
        "is_scored": face.is_scored,
        "figures": [_figure_facts(figure) for figure in face.figures],
        "not_measured": [
            {"first_frame": first, "last_frame_inclusive": last_inclusive, "reason": reason}
            for first, last_inclusive, reason in face.reasons
        ],
    }


def _flag_facts(card: Scorecard, flag: Flag) -> dict[str, object]:
    timecodes: tuple[str | None, str | None] = (None, None)
    if card.start_timecode is not None:
        timecodes = card.timecode(flag.first_frame), card.timecode(flag.last_frame_inclusive)
    return {
        **dataclasses.asdict(flag),
        "first_timecode": timecodes[0],
        "last_timecode_inclusive": timecodes[1],
    }
