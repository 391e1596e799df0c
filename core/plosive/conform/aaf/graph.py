# SPDX-License-Identifier: Apache-2.0
"""Media Composer's graphs of motion effects: which frame an effect shows at which of its own.

Facts of the format, read off Avid's own files: `PARAM_SPEED_OFFSET_MAP_U` and `PARAM_OFFSET_MAP_U` are graphs
of frames shown over frames of the effect, where there is one it counts and not `SpeedRatio`; the frame shown
is the value itself, backwards too. A graph whose times end by 1 is stretched over the effect: 1 is its last
frame, not its end.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from plosive.conform.times.rates import exact_value

__all__ = ["AvidGraph", "avid_graph"]

Point = tuple[Fraction, Fraction]


@dataclass(frozen=True)
class AvidGraph:
    """`points` are (frame of the effect, frame shown), rising; `curve` is `Linear`, `Cubic` or another."""

    points: tuple[Point, ...]
    curve: str

    def is_straight(self) -> bool:
        (start, first), (end, last) = self.points[0], self.points[-1]
        pace = (last - first) / (end - start)
        return all(abs(first + (at - start) * pace - shown) < Fraction(1, 100) for at, shown in self.points)

    def shown(self, frame: Fraction) -> Fraction:
        """The frame at one of the effect's own; straight on beyond the outer points."""
        points = self.points
        index = next((n for n, (at, _) in enumerate(points[1:-1], 1) if at > frame), len(points) - 1)
        before, after = points[index - 1], points[index]
        if self.curve == "Cubic" and before[0] <= frame <= after[0]:
            return self._curved(index, frame)
        return before[1] + (frame - before[0]) * (after[1] - before[1]) / (after[0] - before[0])

    def listed(self, begins: Fraction, frames: Fraction) -> tuple[Point, ...]:
        """What each frame shows, counted from frame `begins` of the effect, to the end of the last."""
        return tuple((Fraction(at), self.shown(begins + at)) for at in range(int(frames) + 1))

    def _curved(self, index: int, frame: Fraction) -> Fraction:
        before, after = self.points[index - 1], self.points[index]
        (_, leave), (enter, _) = self._tangents(index - 1), self._tangents(index)
        ends = (before, _moved(before, leave), _moved(after, enter), after)
        times, shown = ([float(point[axis]) for point in ends] for axis in (0, 1))
        low, high, wanted = 0.0, 1.0, float(frame)
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if _bezier(times, middle) < wanted else (low, middle)
        return exact_value(_bezier(shown, high))

    def _tangents(self, index: int) -> tuple[Point, Point]:
        """Of a point of Media Composer's spline, as offsets inwards and outwards: two fifths of the way to
        its neighbours, as steep as they lie, less where one is nearer in value, level where the curve turns.
        At the ends the neighbour is mirrored. These are the tangents in its files.
        """
        here = self.points[index]
        after = self.points[index + 1] if index + 1 < len(self.points) else None
        before = self.points[index - 1] if index else _mirrored(here, after)
        after = after or _mirrored(here, before)
        slope = Fraction(0)
        rises = (here[1] - before[1], after[1] - here[1])
        if rises[0] * rises[1] > 0:
            slope = 2 * min(map(abs, rises)) / (after[0] - before[0]) * (1 if rises[0] > 0 else -1)
        back, on = (before[0] - here[0]) * Fraction(2, 5), (after[0] - here[0]) * Fraction(2, 5)
        return (back, back * slope), (on, on * slope)


def _mirrored(point: Point, other: Point | None) -> Point:
    return point if other is None else (2 * point[0] - other[0], 2 * point[1] - other[1])


def _moved(point: Point, offset: Point) -> Point:
    return point[0] + offset[0], point[1] + offset[1]


def _bezier(values: list[float], at: float) -> float:
    one, two, three, four = values
    left = 1 - at
    return left**3 * one + 3 * left * at * (left * two + at * three) + at**3 * four


def avid_graph(effect: Any, length_frames: Fraction) -> AvidGraph | None:
    """The graph of a motion effect that lasts `length_frames`, as the AAF adapter keeps it; None without."""
    parameters = effect.metadata.get("AAF", {}).get("Parameters", {})
    if not hasattr(parameters, "get"):
        return None
    for name in ("PARAM_SPEED_OFFSET_MAP_U", "PARAM_OFFSET_MAP_U"):
        graph = parameters.get(name)
        if graph is None or not hasattr(graph, "get"):
            continue
        points = [(_exact(at), _exact(shown)) for at, shown in graph.get("keyframe_values", ())]
        found = sorted(dict(points).items())
        if len(found) < 2:
            continue
        if length_frames > 2 and found[0][0] >= 0 and found[-1][0] * (length_frames - 1) <= length_frames:
            found = [(at * (length_frames - 1), shown) for at, shown in found]
        return AvidGraph(tuple(found), str(graph.get("keyframe_interpolation", "")))
    return None


def _exact(value: float) -> Fraction:
    return exact_value(float(value))
