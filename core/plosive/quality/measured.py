# SPDX-License-Identifier: Apache-2.0
"""Everything measured of one take, and the figures that come of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from plosive.quality.articulation import Articulation, Silence, measure_articulation, measure_silence
from plosive.quality.closures import LABIALS, LABIODENTALS, PhoneMeasure, measure_phones
from plosive.quality.definitions import DEFINITIONS
from plosive.quality.drift import Drift, measure_drift
from plosive.quality.figure import Figure
from plosive.quality.sharpness import Sharpness, measure_sharpness
from plosive.quality.stability import Stability, measure_stability
from plosive.quality.take import Take
from plosive.quality.timing import Timing, measure_timing

__all__ = ["MeasuredTake", "figures_of", "measure_take"]

_NO_SILENCE = "The dub has no pause of half a second in which the face is seen."
_TOO_SHORT = "The face is seen for less than a second."
_NO_PLATE = "Give the plate (--plate) to measure this."


@dataclass(frozen=True)
class MeasuredTake:
    """A take with its measures; None where there was too little to measure."""

    take: Take
    closures: tuple[PhoneMeasure, ...]
    tucks: tuple[PhoneMeasure, ...]
    timing: Timing | None
    articulation: Articulation | None
    silence: Silence | None
    sharpness: Sharpness | None
    stability: Stability | None
    drift: Drift | None


def measure_take(take: Take) -> MeasuredTake:
    """Measure everything."""
    timing = measure_timing(take)
    return MeasuredTake(
        take=take,
        closures=tuple(measure_phones(take, LABIALS)),
        tucks=tuple(measure_phones(take, LABIODENTALS)),
        timing=timing,
        articulation=measure_articulation(take, timing),
        silence=measure_silence(take),
        sharpness=measure_sharpness(take),
        stability=measure_stability(take),
        drift=measure_drift(take),
    )


def figures_of(takes: Sequence[MeasuredTake], timecode: Callable[[int], str]) -> tuple[Figure, ...]:
    """Figures of one or several takes together: means weighted by what was counted.

    `timecode` names a frame index. `untouched` and `faces` belong to the whole clip and are not among them.
    """
    return (
        _phones("closures", [phone for take in takes for phone in take.closures], "p, b, m", timecode),
        _phones("tucks", [phone for take in takes for phone in take.tucks], "f, v", timecode),
        *_timing(takes),
        *_articulation(takes),
        *_silence(takes),
        *_sharpness(takes),
        *_edges(takes),
        *_stability(takes),
        *_drift(takes),
    )


def _phones(key: str, phones: Sequence[PhoneMeasure], spelled: str, timecode: Callable[[int], str]) -> Figure:
    if not phones:
        return Figure(
            DEFINITIONS[key], None, 0, "phones", f"The dub has no {spelled} while the face is seen."
        )
    misses = [
        {
            "phone": phone.symbol,
            "frame_index": phone.frame_index,
            "timecode": timecode(phone.frame_index),
            "aperture": round(phone.aperture, 4),
        }
        for phone in phones
        if not phone.is_met
    ]
    return Figure(
        DEFINITIONS[key],
        sum(phone.is_met for phone in phones) / len(phones),
        len(phones),
        "phones",
        ""
        if not misses
        else "Missed at " + ", ".join(f"{miss['phone']} {miss['timecode']}" for miss in misses),
        {"misses": misses},
    )


def _pooled(
    key: str,
    values: Sequence[tuple[float | None, float]],
    counted: str,
    empty: str,
    note: str = "",
    against_plate: bool = True,
    **details: object,
) -> Figure:
    """The mean of (value, count) weighted by count."""
    definition = DEFINITIONS[key]
    if not against_plate:
        details["against_plate"] = False
        if definition.reference_alone is not None:
            definition = replace(definition, reference=definition.reference_alone)
    known = [(value, count) for value, count in values if value is not None and count > 0]
    if not known:
        return Figure(definition, None, 0, counted, empty)
    total = sum(count for _, count in known)
    mean = sum(value * count for value, count in known) / total
    return Figure(definition, float(mean), int(total), counted, note, dict(details))


def _timing(takes: Sequence[MeasuredTake]) -> list[Figure]:
    found = [take.timing for take in takes if take.timing is not None]
    sure = sum(timing.confidence * timing.frames for timing in found) / max(
        sum(timing.frames for timing in found), 1
    )
    windows = [
        {
            "centre_seconds": window.centre_seconds,
            "lag_ms": round(window.lag_ms, 1),
            "confidence": round(window.confidence, 3),
        }
        for timing in found
        for window in timing.windows
    ]
    weights = [(timing.lag_ms, timing.confidence * timing.frames) for timing in found]
    note = f"Confidence {sure:.0%}."
    lag = _pooled("lag", weights, "frames", _TOO_SHORT, note, confidence=round(sure, 3), windows=windows)
    evidence = float(np.sqrt(sum(max(timing.evidence, 0.0) ** 2 for timing in found)))
    count = sum(timing.frames for timing in found)
    sync = Figure(
        DEFINITIONS["sync"], evidence if found else None, count, "frames", "" if found else _TOO_SHORT
    )
    return [lag, sync]


def _articulation(takes: Sequence[MeasuredTake]) -> list[Figure]:
    found = [take.articulation for take in takes if take.articulation is not None]
    empty = "Fewer than 12 frames show the face while someone speaks."
    against = all(one.is_actors_range for one in found)
    note = "" if against else "Against the range of other people: the plate would tell this actor's."
    figures = []
    for column, name in ((0, "aperture"), (2, "jaw"), (1, "width")):
        agreed = [(float(one.correlations[column]), one.frames) for one in found]
        figures.append(_humbled(_pooled(f"r_{name}", agreed, "frames", empty)))
    for column, name in ((0, "aperture"), (2, "jaw"), (1, "width")):
        sized = [(float(one.amplitudes[column]), one.frames) for one in found]
        figures.append(_pooled(f"amplitude_{name}", sized, "frames", empty, note, against))
    return figures


def _humbled(figure: Figure) -> Figure:
    """With a word of caution where it is better than real mouths are."""
    reference = figure.definition.reference
    if figure.value is None or reference is None or figure.value <= reference[1]:
        return figure
    return replace(
        figure,
        note="Above what real mouths reach: most likely driven by rules like those it is measured with, "
        "so it proves agreement with them, not that it looks natural.",
    )


def _silence(takes: Sequence[MeasuredTake]) -> list[Figure]:
    found = [take.silence for take in takes if take.silence is not None]
    return [
        _pooled(
            "silence_aperture", [(one.excess_aperture, one.frames) for one in found], "frames", _NO_SILENCE
        ),
        _pooled("silence_speed", [(one.lip_speed, one.frames) for one in found], "frames", _NO_SILENCE),
    ]


def _sharpness(takes: Sequence[MeasuredTake]) -> list[Figure]:
    found = [take.sharpness for take in takes if take.sharpness is not None]
    against = all(one.is_against_plate for one in found)
    note = "" if against else "Without the plate this is a rough figure."
    bands = [[round(float(value), 3) for value in one.bands] for one in found]
    overall = [(one.overall, one.frames) for one in found]
    fast = [(one.fast, one.fast_frames) for one in found]
    return [
        _pooled("sharpness", overall, "frames", _TOO_SHORT, note, against, bands=bands),
        _pooled("sharpness_fast", fast, "frames", _TOO_SHORT, note, against),
    ]


def _edges(takes: Sequence[MeasuredTake]) -> list[Figure]:
    if not any(take.take.edges for take in takes):
        return [Figure(DEFINITIONS[key], None, 0, "frames", _NO_PLATE) for key in ("seam", "ring_colour")]
    changed = [edge for take in takes for edge in take.take.edges if edge is not None]
    looked = sum(len(take.take.edges) for take in takes)
    if not changed:
        note = "No frame of the face differs from the plate."
        return [
            Figure(DEFINITIONS["seam"], 1.0, looked, "frames", note),
            Figure(DEFINITIONS["ring_colour"], 0.0, looked, "frames", note),
        ]
    return [
        Figure(DEFINITIONS[key], float(np.median(values)), len(changed), "changed frames")
        for key, values in (
            ("seam", [edge.gradient_ratio for edge in changed]),
            ("ring_colour", [edge.ring_colour for edge in changed]),
        )
    ]


def _stability(takes: Sequence[MeasuredTake]) -> list[Figure]:
    found = [take.stability for take in takes if take.stability is not None]
    against = all(one.is_against_plate for one in found)
    note = "" if against else "Against other people's usual: give the plate."
    few = "The mouth is open in too few frames in a row."
    pairs = "pairs of frames"
    return [
        _pooled("flicker", [(one.flicker, one.frames) for one in found], "frames", _TOO_SHORT, note, against),
        _pooled("popping", [(one.popping, one.open_pairs) for one in found], pairs, few, note, against),
        _pooled(
            "popping_peaks", [(one.popping_peaks, one.open_pairs) for one in found], pairs, few, note, against
        ),
        _pooled("jitter", [(one.jitter, one.frames) for one in found], "frames", _TOO_SHORT, note, against),
    ]


def _drift(takes: Sequence[MeasuredTake]) -> list[Figure]:
    found = [take.drift for take in takes if take.drift is not None]
    against = all(take.take.has_plate for take in takes)
    note = "" if against else "The scene's own change of light counts, too: give the plate."
    short = "No take of the face lasts 24 frames."
    few = "Too few frames in both halves show it."
    return [
        _pooled("colour_drift", [(one.colour, one.frames) for one in found], "frames", short, note, against),
        _pooled(
            "outline_drift", [(one.outline, one.closed_frames) for one in found], "frames", few, note, against
        ),
        _pooled("teeth_drift", [(one.teeth, one.open_frames) for one in found], "frames", few, note, against),
    ]
