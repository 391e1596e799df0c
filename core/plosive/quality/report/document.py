# SPDX-License-Identifier: Apache-2.0
"""What the page's script works on, as compact JSON."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plosive.quality.report.moments import plot_of, worst_moments
from plosive.quality.report.pictures import Pictures
from plosive.quality.scorecard import Scorecard

__all__ = ["data_of", "json_for_html", "pictures_of"]

_DECIMALS = 4
_LARGEST_PLOTTED = 1e6


def data_of(card: Scorecard, pictures: Pictures) -> dict[str, Any]:
    """Curves, phones, flags and the names of frames. Positions on the time axis are frame numbers; frame n
    covers n - 0.5 to n + 0.5, so that a value measured in a frame and a sound at its middle share an x.
    """
    return {
        "firstFrame": card.first_frame,
        "frameCount": card.frame_count,
        "when": _when(card),
        "hasPlate": bool(pictures.plate),
        "start": _starting_frame(card),
        "width": pictures.width,
        "height": pictures.height,
        "series": {name: _curve(values) for name, values in card.series.items() if np.isfinite(values).any()},
        "phones": _phones(card),
        "flags": [
            [flag.first_frame, flag.last_frame_inclusive, plot_of(flag.figure), flag.sentence]
            for flag in card.flags
        ],
    }


def pictures_of(pictures: Pictures) -> dict[str, dict[int, str]]:
    """The pictures for browsing, as base64 of their JPEG files, by frame index."""
    return {"result": _base64(pictures.result), "plate": _base64(pictures.plate)}


def json_for_html(value: object) -> str:
    """JSON that may stand in a script element: no `<`, so that nothing in it can end the element."""
    written = json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return written.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _when(card: Scorecard) -> list[str]:
    """What every frame is called beside its number: its timecode, or its second."""
    if card.start_timecode is None:
        return [f"{float(seconds):.3f} s" for seconds in card.frame_seconds]
    frames = range(card.first_frame, card.first_frame + card.frame_count)
    return [card.timecode(frame) for frame in frames]


def _starting_frame(card: Scorecard) -> int:
    """The worst flag's frame if there is one, else the first with a face."""
    moments = worst_moments(card)
    if moments:
        return card.first_frame + moments[0].worst_index
    faces = np.flatnonzero(np.isfinite(card.lip_boxes).all(axis=1))
    return card.first_frame + (int(faces[0]) if len(faces) else 0)


def _curve(values: NDArray[np.float32]) -> list[float | None]:
    clipped = np.clip(values.astype(np.float64), -_LARGEST_PLOTTED, _LARGEST_PLOTTED)
    return [
        round(value, _DECIMALS) if known else None
        for value, known in zip(clipped.tolist(), np.isfinite(values).tolist(), strict=True)
    ]


def _phones(card: Scorecard) -> list[list[Any]]:
    """[symbol, start, end] with start and end on the time axis, silences left out."""
    spoken = [phone for phone in card.phones if phone.symbol not in ("", "SIL")]
    times = np.array([float(seconds) for seconds in card.frame_seconds])
    times = np.append(times, times[-1:] + float(1 / card.frame_rate))
    edges = np.array([[float(p.start_seconds), float(p.end_seconds)] for p in spoken]).reshape(-1, 2)
    positions = np.interp(edges, times, np.arange(len(times))) + (card.first_frame - 0.5)
    return [
        [phone.symbol, round(start, 3), round(end, 3)]
        for phone, (start, end) in zip(spoken, positions.tolist(), strict=True)
        if end > start
    ]


def _base64(pictures: Mapping[int, bytes]) -> dict[int, str]:
    return {index: base64.b64encode(picture).decode("ascii") for index, picture in pictures.items()}
