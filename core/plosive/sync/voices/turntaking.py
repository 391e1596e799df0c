# SPDX-License-Identifier: Apache-2.0
"""Whose lips move in whose turns: a dub takes its turns where the actors of the plate took theirs."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from plosive.errors import OptionError
from plosive.faces.measure import aperture_iod
from plosive.faces.track import FaceTrack
from plosive.media.plate import PlateInfo
from plosive.speech import Turn

__all__ = ["lip_activity", "match_speakers"]

_LEAST_SECONDS = 0.5
_LEAST_MARGIN = 0.25


def lip_activity(tracks: Sequence[FaceTrack], info: PlateInfo) -> NDArray[np.float64]:
    """How fast the lips of one person open and close in each plate frame: (F,), NaN where they are not seen.

    Change of the gap a second in inter-ocular distances, the mean over half a second around the frame.
    """
    speed = np.full(info.frame_count, np.nan)
    rate = float(info.frame_rate)
    for track in tracks:
        gap = aperture_iod(track.landmarks).astype(np.float64)
        if len(gap) < 2:
            continue
        per_frame = np.abs(np.gradient(gap, track.indices.astype(np.float64)))
        inside = track.indices < info.frame_count
        speed[track.indices[inside]] = per_frame[inside] * rate
    half = max(1, round(rate / 4))
    kernel = np.ones(2 * half + 1)
    seen = ~np.isnan(speed)
    weight = np.convolve(seen.astype(np.float64), kernel, mode="same")
    mean = np.convolve(np.where(seen, speed, 0), kernel, mode="same") / np.maximum(weight, 1)
    return np.asarray(np.where(seen, mean, np.nan))


def match_speakers(
    names: Sequence[str],
    turns: Sequence[tuple[Turn, Fraction]],
    tracks: Sequence[FaceTrack],
    info: PlateInfo,
) -> dict[str, str]:
    """The person (number as text) of each of `names`. `turns` come with the plate's second at which the dub
    begins; `tracks` are the faces to choose from.

    A person fits a speaker by how much faster the lips move in that speaker's turns than in all others',
    relative to their mean; the assignment with the greatest sum is taken (Kuhn 1955). Raises OptionError
    where another one fits nearly as well: a wrong guess would cost more than a question.
    """
    from scipy.optimize import linear_sum_assignment

    persons = sorted({track.person for track in tracks})
    if len(names) == 1 and len(persons) == 1:
        return {names[0]: str(persons[0])}
    fits = np.full((len(names), max(len(persons), len(names))), -1.0)
    for column, person in enumerate(persons):
        activity = lip_activity([track for track in tracks if track.person == person], info)
        usual = np.nanmean(activity) if np.isfinite(activity).any() else 0.0
        if usual > 0:
            for row, name in enumerate(names):
                fits[row, column] = _fit(activity / usual, _frames_of(name, turns, info), info)
    rows, columns = linear_sum_assignment(-fits)
    best = float(fits[rows, columns].sum())
    if not persons or best - _second_best(fits, columns) < _LEAST_MARGIN:
        raise OptionError(
            f"It cannot be told from the picture whose face says what ({', '.join(names)}): name the faces, "
            f"as in --speaker 1={names[0]}, or in a cast or the sheet of a reel; 'plosive faces' shows their "
            "numbers."
        )
    return {
        names[row]: str(persons[column])
        for row, column in zip(rows.tolist(), columns.tolist(), strict=True)
        if column < len(persons)
    }


def _frames_of(name: str, turns: Sequence[tuple[Turn, Fraction]], info: PlateInfo) -> NDArray[np.int64]:
    """Per plate frame 1 in a turn of `name` alone, -1 in one of others alone, 0 elsewhere: (F,)."""
    own, others = np.zeros(info.frame_count, dtype=bool), np.zeros(info.frame_count, dtype=bool)
    for turn, start in turns:
        first = max(0, int((turn.start_seconds + start) * info.frame_rate))
        end = max(0, int((turn.end_seconds + start) * info.frame_rate) + 1)
        (own if turn.speaker.casefold() == name.casefold() else others)[first:end] = True
    return np.where(own & ~others, 1, np.where(others & ~own, -1, 0))


def _fit(activity: NDArray[np.float64], frames: NDArray[np.int64], info: PlateInfo) -> float:
    """Mean activity in the speaker's own turns minus that in others'; -1 where the face is not seen in own
    turns for half a second, and against 1, the usual, where it is never seen in others'.
    """
    least = _LEAST_SECONDS * float(info.frame_rate)
    own, others = (
        activity[(frames == 1) & ~np.isnan(activity)],
        activity[(frames == -1) & ~np.isnan(activity)],
    )
    if len(own) < least:
        return -1.0
    return float(own.mean() - (others.mean() if len(others) >= least else 1.0))


def _second_best(fits: NDArray[np.float64], columns: NDArray[np.int64]) -> float:
    """The greatest sum of an assignment that differs from `columns` in some row."""
    from scipy.optimize import linear_sum_assignment

    sums = [-np.inf]
    for row, column in enumerate(columns.tolist()):
        barred = fits.copy()
        barred[row, column] = -1e6
        rows, others = linear_sum_assignment(-barred)
        sums.append(float(barred[rows, others].sum()))
    return max(sums)
