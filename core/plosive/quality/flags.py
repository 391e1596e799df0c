# SPDX-License-Identifier: Apache-2.0
"""Ranges below the bar: where to look, how bad, and why."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plosive.quality.closures import PhoneMeasure
from plosive.quality.difference import OutsideMeasure
from plosive.quality.measured import MeasuredTake
from plosive.quality.scorecard import Flag

__all__ = ["flags_of", "flags_outside", "severity"]

_SURE = 0.6
_LATE_MS, _VERY_LATE_MS = 90.0, 300.0
_OPEN_IN_SILENCE_IOD, _WIDE_IN_SILENCE_IOD = 0.06, 0.2
_SOFT, _BLURRED = 0.7, 0.3
_STEEP, _EDGE = 1.4, 2.2
_TINTED, _COLOURED = 2.0, 8.0
_FLICKERS, _STROBES = 5.0, 15.0
_POPS, _JUMPS = 4.0, 12.0
_STILL, _FROZEN = 0.2, 0.0
_LEAST_RUN_FRAMES = 3
_JOIN_FRAMES = 3
_STILL_WINDOW_SECONDS = 1.0


def severity(value: float, limit: float, worst: float) -> float:
    """0.1 at the limit, 1 at `worst` and beyond, straight between; `worst` may lie below `limit`."""
    return float(np.clip(0.1 + 0.9 * (value - limit) / (worst - limit), 0.1, 1.0))


def flags_of(
    take: MeasuredTake, number: int, first_frame: int, timecode: Callable[[int], str]
) -> tuple[Flag, ...]:
    """The ranges of one take, face `number`, by frame; frames are numbered from `first_frame`."""
    found = [
        *_misses(take.closures, "closures", number, first_frame, timecode),
        *_misses(take.tucks, "tucks", number, first_frame, timecode),
        *_late(take, number, first_frame),
        *_open_in_silence(take, number, first_frame),
        *_still(take, number, first_frame),
        *_curves(take, number, first_frame),
    ]
    return tuple(sorted(found, key=lambda flag: (flag.first_frame, flag.figure)))


def flags_outside(outside: OutsideMeasure | None, first_frame: int) -> tuple[Flag, ...]:
    """Frames of a lossless result that changed outside the faces; none where a codec encoded every frame."""
    if outside is None or outside.frames == 0 or len(outside.changed_indices) > outside.frames // 2:
        return ()
    changed = np.array(outside.changed_indices, dtype=np.int64)
    return tuple(
        Flag(
            first_frame + first,
            first_frame + last,
            "untouched",
            1.0,
            outside.largest,
            0.0,
            0,
            f"Pixels outside the face differ from the plate's by up to {outside.largest:g}.",
        )
        for first, last in _runs(changed)
    )


def _misses(
    phones: Sequence[PhoneMeasure], key: str, number: int, first_frame: int, timecode: Callable[[int], str]
) -> Iterator[Flag]:
    for phone in phones:
        if phone.is_met:
            continue
        worst = severity(phone.aperture, phone.limit, 0.15)
        what = "the lips do not meet" if key == "closures" else "the lip does not reach the teeth"
        frame = first_frame + phone.frame_index
        yield Flag(
            max(first_frame, frame - 2),
            frame + 2,
            key,
            worst if key == "closures" else worst / 2,
            phone.aperture,
            phone.limit,
            number,
            f"{phone.symbol} at {timecode(phone.frame_index)}: {what} ({phone.aperture:.3f} IOD apart).",
        )


def _late(take: MeasuredTake, number: int, first_frame: int) -> Iterator[Flag]:
    """Windows whose lag is sure and large; the whole clip's own flag comes from the figure."""
    if take.timing is None:
        return
    bad = [
        window
        for window in take.timing.windows
        if window.confidence >= _SURE and abs(window.lag_ms) >= _LATE_MS
    ]
    half, times, indices = 1.5, take.take.times, take.take.seen.indices
    rows = np.zeros(len(times), dtype=bool)
    for window in bad:
        rows |= np.abs(times - window.centre_seconds) <= half
    for first, last in _runs(indices[rows]):
        ends = times[indices.searchsorted([first, last])]
        inside = [
            window.lag_ms for window in bad if ends.min() - half <= window.centre_seconds <= ends.max() + half
        ]
        lag = max(inside, key=abs)
        yield Flag(
            first_frame + first,
            first_frame + last,
            "lag",
            severity(abs(lag), _LATE_MS, _VERY_LATE_MS),
            lag,
            _LATE_MS,
            number,
            f"The picture is {abs(lag):.0f} ms {'late' if lag > 0 else 'early'} here.",
        )


def _open_in_silence(take: MeasuredTake, number: int, first_frame: int) -> Iterator[Flag]:
    if take.silence is None:
        return
    inner = take.take
    rest = float(np.percentile(inner.seen.aperture[inner.usable], 10))
    gap = inner.seen.aperture - rest
    parted = inner.expectation.is_silent(inner.times) & inner.usable & (gap > _OPEN_IN_SILENCE_IOD)
    for first, last in _runs(inner.seen.indices[parted], least=_LEAST_RUN_FRAMES):
        widest = float(gap[_between(inner.seen.indices, first, last)].max())
        yield Flag(
            first_frame + first,
            first_frame + last,
            "silence_aperture",
            severity(widest, _OPEN_IN_SILENCE_IOD, _WIDE_IN_SILENCE_IOD),
            widest,
            _OPEN_IN_SILENCE_IOD,
            number,
            f"Nobody speaks, and the lips are {widest:.2f} inter-ocular distances apart.",
        )


def _still(take: MeasuredTake, number: int, first_frame: int) -> Iterator[Flag]:
    """Stretches of a second and more in which the dub moves the mouth and the picture does not."""
    if take.articulation is None:
        return
    inner, curves = take.take, take.articulation
    window = round(_STILL_WINDOW_SECONDS * inner.rate)
    if len(inner.times) < window:
        return
    asked, shown = _spread(curves.expected[:, 0], window), _spread(inner.seen.channels[:, 0], window)
    usual = float(np.percentile(shown, 90)) if len(shown) else 0.0
    plate = inner.plate
    if plate is not None and len(plate) >= window:
        usual = max(usual, float(np.percentile(_spread(plate.channels[:, 0], window), 90)))
    spoken = np.convolve(inner.expectation.is_spoken(inner.times), np.ones(window) / window, mode="valid")
    moving = (asked >= 0.5 * float(np.percentile(asked, 90))) & (spoken >= 0.6)
    still = np.flatnonzero(moving & (shown < _STILL * max(usual, 0.02)) & inner.usable[: len(shown)])
    rows = np.zeros(len(inner.times), dtype=bool)
    for start in still.tolist():
        rows[start : start + window] = True
    for first, last in _runs(inner.seen.indices[rows], least=window):
        inside = _between(inner.seen.indices, first, last)[: len(shown)]
        least = float(shown[inside[: len(shown)]].min() / max(usual, 0.02)) if inside.any() else 0.0
        yield Flag(
            first_frame + first,
            first_frame + last,
            "amplitude_aperture",
            severity(least, _STILL, _FROZEN),
            least,
            _STILL,
            number,
            "The dub speaks here and the mouth all but stands still.",
        )


def _curves(take: MeasuredTake, number: int, first_frame: int) -> Iterator[Flag]:
    """Runs of frames beyond a limit in the per-frame curves."""
    inner = take.take
    indices = inner.seen.indices
    if take.sharpness is not None and take.sharpness.is_against_plate:
        smooth = _middle(take.sharpness.per_frame)
        words = "The mouth has {:.0%} of the detail it should have."
        yield from _beyond(
            indices, smooth, "sharpness", _SOFT, _BLURRED, number, first_frame, words, _LEAST_RUN_FRAMES
        )
    if inner.edges:
        ratio = np.array([np.nan if edge is None else edge.gradient_ratio for edge in inner.edges])
        colour = np.array([np.nan if edge is None else edge.ring_colour for edge in inner.edges])
        words = "The edge of the change is {:.1f} times as steep as the plate there."
        yield from _beyond(
            indices, ratio, "seam", _STEEP, _EDGE, number, first_frame, words, _LEAST_RUN_FRAMES
        )
        words = "Colour steps by {:.1f} dE at the edge of the change."
        yield from _beyond(
            indices, colour, "ring_colour", _TINTED, _COLOURED, number, first_frame, words, _LEAST_RUN_FRAMES
        )
    if take.stability is not None:
        words = "Brightness of the lower face flickers {:.0f} times as much as usual."
        yield from _beyond(
            indices, take.stability.flicker_frames, "flicker", _FLICKERS, _STROBES, number, first_frame, words
        )
        words = "The inside of the mouth jumps {:.0f} times as far as its opening explains."
        yield from _beyond(
            indices, take.stability.popping_frames, "popping", _POPS, _JUMPS, number, first_frame, words
        )


def _beyond(
    indices: NDArray[np.int64],
    values: NDArray[np.floating[Any]],
    key: str,
    limit: float,
    worst: float,
    number: int,
    first_frame: int,
    words: str,
    least: int = 1,
) -> Iterator[Flag]:
    """One flag a run of frames whose value lies beyond `limit`, towards `worst`."""
    away = (values > limit) if worst > limit else (values < limit)
    for first, last in _runs(indices[away & np.isfinite(values)], least=least):
        inside = values[_between(indices, first, last)]
        extreme = float(np.nanmax(inside) if worst > limit else np.nanmin(inside))
        yield Flag(
            first_frame + first,
            first_frame + last,
            key,
            severity(extreme, limit, worst),
            extreme,
            limit,
            number,
            words.format(extreme),
        )


def _runs(indices: NDArray[np.int64], least: int = 1) -> Iterator[tuple[int, int]]:
    """(first, last) of runs of rising frame indices; gaps of up to three frames do not part them."""
    if len(indices) == 0:
        return
    for run in np.split(indices, np.flatnonzero(np.diff(indices) > _JOIN_FRAMES) + 1):
        if len(run) >= least:
            yield int(run[0]), int(run[-1])


def _between(indices: NDArray[np.int64], first: int, last: int) -> NDArray[np.bool_]:
    return np.asarray((indices >= first) & (indices <= last))


def _spread(values: NDArray[np.floating[Any]], window: int) -> NDArray[np.float64]:
    """10th to 90th percentile over `window` values from each one on."""
    views = np.lib.stride_tricks.sliding_window_view(np.nan_to_num(values.astype(np.float64)), window)
    low, high = np.percentile(views, (10, 90), axis=1)
    return np.asarray(high - low)


def _middle(values: NDArray[np.float32]) -> NDArray[np.float64]:
    """Median of three neighbours, so that one frame's measure does not make a range; NaN stays."""
    padded = np.pad(values.astype(np.float64), 1, mode="edge")
    stacked = np.stack([padded[:-2], padded[1:-1], padded[2:]])
    result = np.full(len(values), np.nan)
    known = np.isfinite(stacked).any(axis=0) & np.isfinite(values)
    result[known] = np.nanmedian(stacked[:, known], axis=0)
    return result
