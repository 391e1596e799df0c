# SPDX-License-Identifier: Apache-2.0
"""Made-up scores over small videos, for the tests of the report."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from plosive.demo.sample import SamplePlate
from plosive.quality.figure import Better, Definition, Figure
from plosive.quality.scorecard import Equality, FaceScore, Flag, Point, Scorecard, ScoredPhone

RATE = Fraction(24)
WIDTH, HEIGHT = 320, 180
HOSTILE = "</script><script>window.broken = true</script> <b>&\"'"


def write_clip(path: Path, frame_count: int, level: int, size: tuple[int, int] = (WIDTH, HEIGHT)) -> Path:
    """FFV1 of the demo's portrait with a square on the mouth that is `level` bright and moves every frame."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=RATE)
        stream.width, stream.height, stream.pix_fmt = *size, "yuv444p"
        for index, picture in enumerate(SamplePlate(frame_count, *size).frames()):
            shown = (picture >> 8).astype(np.uint8)
            top, left = size[1] // 2 + 10, size[0] // 2 - 20 + index % 30
            shown[top : top + 12, left : left + 12] = level
            container.mux(stream.encode(av.VideoFrame.from_ndarray(shown, format="rgb24")))
        container.mux(stream.encode(None))
    return path


def make_card(result: Path, plate: Path | None, frame_count: int, **changes: Any) -> Scorecard:
    """A card as measuring makes them, with every kind of thing in it; `changes` replace fields."""
    times = np.arange(frame_count, dtype=np.float32)
    opening = (0.5 + 0.5 * np.sin(times / 4)).astype(np.float32)
    sharpness = np.full(frame_count, 0.9, np.float32)
    sharpness[frame_count // 2] = 0.25
    sharpness[: frame_count // 10] = np.nan
    ratio = Definition(
        "sharpness", "Sharpness", "ratio", "Detail <of> the mouth.", Better.REFERENCE, (0.9, 1.1)
    )
    share = Definition("closures", "Lips closed", "share", "Share of p, b, m.", Better.HIGH, (0.66, 1.0))
    seam = Definition("seam", "Edge", "ratio", "Slope at the edge.", Better.LOW, (1.0, 1.0), needs_plate=True)
    figures = (
        Figure(ratio, 0.25, frame_count),
        Figure(share, 0.75, 4, "phones", HOSTILE),
        Figure(seam, None, 0, "frames", "No plate was given."),
    )
    first = 1001
    middle = first + frame_count // 2
    boxes = np.tile(np.array([110, 60, 210, 165], np.float32), (frame_count, 1))
    boxes += np.stack([times % 3, times % 2, times % 3, times % 2], axis=1)
    values: dict[str, Any] = {
        "result": result,
        "plate": plate,
        "dub": Path("dub <de> & co.wav"),
        "frame_rate": RATE,
        "first_frame": first,
        "frame_count": frame_count,
        "start_timecode": "01:00:00:00",
        "width": WIDTH,
        "height": HEIGHT,
        "frame_seconds": tuple(Fraction(index) / RATE for index in range(frame_count)),
        "faces": (
            FaceScore(
                1,
                1,
                first,
                first + frame_count - 1,
                frame_count,
                90.0,
                True,
                figures,
                ((first, first, "<dark>"),),
            ),
            FaceScore(2, 1, first, first + 2, 3, 40.0, False),
        ),
        "figures": figures,
        "points": (
            Point("closures", "Closures on time", 0.75, "Lips closed on 3 of 4 p, b, m."),
            Point("sharp", "Sharp", 1.0, "All well."),
            Point("seam", "No seam", None, "Needs the plate: give --plate."),
            Point("natural", "Natural", 1.0, "All well."),
            Point("stable", "Stable", 0.5, HOSTILE),
        ),
        "flags": (
            Flag(middle - 1, middle + 1, "sharpness", 0.8, 0.25, 0.7, 1, "Blurred here."),
            Flag(first + 2, first + 6, "closures", 0.4, 0.1, 0.02, 1, f"B at 01:00:00:04: {HOSTILE}"),
        ),
        "series": {
            "aperture": opening,
            "aperture_expected": opening[::-1].copy(),
            "jaw": opening,
            "jaw_expected": opening,
            "sharpness": sharpness,
            "flicker": opening + 0.5,
            "popping": np.full(frame_count, np.nan, np.float32),
        },
        "lip_boxes": boxes,
        "phones": (
            ScoredPhone("SIL", Fraction(0), Fraction(1, 10)),
            ScoredPhone("B", Fraction(1, 10), Fraction(2, 10)),
            ScoredPhone("AA", Fraction(2, 10), Fraction(6, 10)),
            ScoredPhone("F", Fraction(6, 10), Fraction(8, 10)),
        ),
        "speech_source": "forced alignment of the transcript",
        "speech_confidence": 0.876,
        "equalities": (Equality("frame count", "40", "40", True), Equality("codec", "ffv1", "h264", False)),
        "warnings": (HOSTILE,),
    }
    return Scorecard(**{**values, **changes})
