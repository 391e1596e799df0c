# SPDX-License-Identifier: Apache-2.0
"""What must come back as it was: counts, rates, times, size, timecode, length of sound, samples outside."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from plosive.media.plate import PlateInfo
from plosive.quality.definitions import DEFINITIONS
from plosive.quality.difference import OutsideMeasure
from plosive.quality.figure import Figure
from plosive.quality.scorecard import Equality

__all__ = ["file_equalities", "untouched_figure"]

_FRAMES_NAMED = 20


def file_equalities(
    result: PlateInfo,
    plate: PlateInfo,
    result_times: Sequence[Fraction],
    plate_times: Sequence[Fraction],
    result_audio_seconds: Fraction | None,
) -> tuple[Equality, ...]:
    """Both files side by side; sound, if any, should last as long as the picture of the plate, to a frame."""
    frame = 1 / plate.frame_rate
    picture = plate_times[-1] + frame if plate_times else Fraction(0)
    sound = None
    if result_audio_seconds is not None:
        sound = abs(result_audio_seconds - picture) <= frame
    return (
        Equality(
            "frame count",
            str(plate.frame_count),
            str(result.frame_count),
            plate.frame_count == result.frame_count,
        ),
        Equality("frame rate", _rate(plate), _rate(result), plate.frame_rate == result.frame_rate),
        Equality(
            "frame times", _span(plate_times), _span(result_times), tuple(plate_times) == tuple(result_times)
        ),
        Equality(
            "size",
            f"{plate.width} x {plate.height}",
            f"{result.width} x {result.height}",
            (plate.width, plate.height) == (result.width, result.height),
        ),
        Equality(
            "pixel aspect",
            str(plate.pixel_aspect),
            str(result.pixel_aspect),
            plate.pixel_aspect == result.pixel_aspect,
        ),
        Equality(
            "timecode",
            plate.start_timecode or "none",
            result.start_timecode or "none",
            plate.start_timecode == result.start_timecode,
        ),
        Equality("codec", plate.codec, result.codec, plate.codec == result.codec),
        Equality(
            "pixel format", plate.pixel_format, result.pixel_format, plate.pixel_format == result.pixel_format
        ),
        Equality("transfer", plate.transfer.value, result.transfer.value, plate.transfer == result.transfer),
        Equality(
            "length of sound",
            f"{float(picture):.3f} s of picture",
            "none" if result_audio_seconds is None else f"{float(result_audio_seconds):.3f} s",
            sound,
        ),
    )


def untouched_figure(outside: OutsideMeasure | None, first_frame: int, has_plate: bool) -> Figure:
    """`untouched` of the whole clip."""
    definition = DEFINITIONS["untouched"]
    if outside is None or outside.samples == 0:
        why = "Plate and result differ in size." if has_plate else "Give the plate (--plate) to measure this."
        return Figure(definition, None, 0, "samples", why)
    share = 1 - outside.different / outside.samples
    unit = "code values" if outside.is_native else "of 255 levels (files store pictures differently)"
    mean = outside.absolute_sum / outside.samples
    note = (
        "Every sample is the plate's."
        if outside.different == 0
        else f"Largest difference {outside.largest:g}, mean {mean:.3g} {unit}; "
        f"{len(outside.changed_indices)} of {outside.frames} frames compared differ."
    )
    details: dict[str, object] = {
        "largest_difference": outside.largest,
        "mean_difference": mean,
        "is_native": outside.is_native,
        "changed_frames": len(outside.changed_indices),
        "first_changed_frames": [first_frame + index for index in outside.changed_indices[:_FRAMES_NAMED]],
    }
    return Figure(definition, share, outside.samples, "samples", note, details)


def _rate(info: PlateInfo) -> str:
    return f"{info.frame_rate}{' (variable)' if info.is_variable_rate else ''}"


def _span(times: Sequence[Fraction]) -> str:
    return f"{len(times)} times, last at {float(times[-1]):.4f} s" if times else "none"
