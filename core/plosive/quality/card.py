# SPDX-License-Identifier: Apache-2.0
"""From measured takes to the scorecard."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plosive.faces.choice import person_of
from plosive.faces.visibility import kept_ranges
from plosive.media.plate import PlateInfo
from plosive.quality.definitions import DEFINITIONS
from plosive.quality.equality import untouched_figure
from plosive.quality.expectation import Expectation
from plosive.quality.figure import Figure
from plosive.quality.flags import flags_of, flags_outside
from plosive.quality.found import FoundFace
from plosive.quality.measured import MeasuredTake, figures_of
from plosive.quality.points import points_of
from plosive.quality.scorecard import Equality, FaceScore, Flag, Scorecard, frame_name
from plosive.quality.survey import ClipSurvey
from plosive.quality.take import usable_reasons
from plosive.score_options import ScoreOptions

__all__ = ["make_card"]


def make_card(
    options: ScoreOptions,
    info: PlateInfo,
    times: tuple[Fraction, ...],
    survey: ClipSurvey,
    faces: Sequence[FoundFace],
    takes: dict[int, MeasuredTake],
    expectation: Expectation,
    equalities: tuple[Equality, ...],
    warnings: tuple[str, ...],
) -> Scorecard:
    """The scorecard of the result described by `info`; `takes` are the chosen faces by track number."""

    def name(index: int) -> str:
        return frame_name(info.first_frame + index, info.first_frame, info.start_timecode, info.frame_rate)

    figures = (
        *figures_of(list(takes.values()), name),
        untouched_figure(survey.outside, info.first_frame, options.plate is not None),
        _faces_figure(takes, info),
    )
    flags: list[Flag] = [*flags_outside(survey.outside, info.first_frame)]
    for face in faces:
        if face.number in takes:
            flags += flags_of(takes[face.number], person_of(face), info.first_frame, name)
    series, boxes = _series(list(takes.values()), info.frame_count)
    return Scorecard(
        result=options.result,
        plate=options.plate,
        dub=options.dub or options.result,
        frame_rate=info.frame_rate,
        first_frame=info.first_frame,
        frame_count=info.frame_count,
        start_timecode=info.start_timecode,
        width=info.width,
        height=info.height,
        frame_seconds=times,
        faces=tuple(_face_score(face, takes.get(face.number), info, name) for face in faces),
        figures=figures,
        points=points_of(figures),
        flags=tuple(sorted(flags, key=lambda flag: (flag.first_frame, flag.figure, flag.face))),
        series=series,
        lip_boxes=boxes,
        phones=expectation.phones,
        speech_source=expectation.speech.source.value,
        speech_confidence=expectation.speech.confidence,
        equalities=equalities,
        warnings=warnings,
    )


def _face_score(
    face: FoundFace, take: MeasuredTake | None, info: PlateInfo, name: Callable[[int], str]
) -> FaceScore:
    seen = face.seen
    reasons: list[str] = ["no face"] * info.frame_count
    for index, reason in zip(seen.indices.tolist(), usable_reasons(seen), strict=True):
        reasons[index] = reason
    first, last = int(seen.indices[0]), int(seen.indices[-1])
    return FaceScore(
        number=person_of(face),
        shot=face.shot,
        first_frame=info.first_frame + first,
        last_frame_inclusive=info.first_frame + last,
        frames=len(seen),
        width_pixels=float(np.median(seen.face_widths)),
        is_scored=take is not None,
        figures=() if take is None else figures_of([take], name),
        reasons=kept_ranges(tuple(reasons[first : last + 1]), info.first_frame + first),
        name=face.name,
    )


def _faces_figure(takes: dict[int, MeasuredTake], info: PlateInfo) -> Figure:
    """Share of all frames in which a chosen face can be judged, and why not in the others."""
    reasons = ["no face"] * info.frame_count
    for take in takes.values():
        for index, reason in zip(
            take.take.seen.indices.tolist(), usable_reasons(take.take.seen), strict=True
        ):
            reasons[index] = "" if "" in (reason, reasons[index]) else reason
    usable = reasons.count("")
    ranges = [
        {"first_frame": first, "last_frame_inclusive": last, "reason": reason}
        for first, last, reason in kept_ranges(tuple(reasons), info.first_frame)
    ]
    why = sorted({reason for reason in reasons if reason})
    note = (
        "" if not why else "Others: " + ", ".join(f"{reasons.count(reason)} {reason}" for reason in why) + "."
    )
    return Figure(
        DEFINITIONS["faces"], usable / info.frame_count, info.frame_count, "frames", note, {"ranges": ranges}
    )


def _series(
    takes: list[MeasuredTake], frame_count: int
) -> tuple[dict[str, NDArray[np.float32]], NDArray[np.float32]]:
    """Curves over the whole clip; takes of different shots lie side by side."""
    series: dict[str, NDArray[np.float32]] = {}

    def put(name: str, rows: NDArray[np.int64], values: NDArray[np.floating[Any]]) -> None:
        if np.isfinite(values).any():
            series.setdefault(name, np.full(frame_count, np.nan, dtype=np.float32))[rows] = values

    boxes = np.full((frame_count, 4), np.nan, dtype=np.float32)
    for measured in takes:
        rows = measured.take.seen.indices
        boxes[rows] = measured.take.seen.boxes
        if measured.articulation is not None:
            for column, name in enumerate(("aperture", "width", "jaw")):
                put(name, rows, measured.articulation.measured[:, column])
                put(f"{name}_expected", rows, measured.articulation.expected[:, column])
        if measured.sharpness is not None:
            put("sharpness", rows, measured.sharpness.per_frame)
        if measured.stability is not None:
            put("flicker", rows, measured.stability.flicker_frames)
            put("popping", rows, measured.stability.popping_frames)
        edges = [np.nan if edge is None else edge.gradient_ratio for edge in measured.take.edges]
        if edges:
            put("seam", rows, np.array(edges, dtype=np.float32))
    return series, boxes
