# SPDX-License-Identifier: Apache-2.0
"""Shot cuts, found while frames stream by."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plosive.faces.finding.shrink import shrunk

__all__ = ["CutDetector"]

_LONG_SIDE = 128
_LEAST_SCORE = 5.5
_LEAST_DOUBT, _TIMES_USUAL, _USUAL_FRAMES, _LEAST_USUAL = 1.5, 4.0, 12, 0.1
_BACK_WITHIN_FRAMES = 4
_BACK_DIFFERENCE, _BACK_SIMILARITY = 4.0, 0.85
_SAME_SCENE_SIMILARITY = 0.74
_SAME_STEP = 0.12
_LEAST_CONTRAST = 8.0
_DISSOLVE_FRAMES = (8, 16, 32, 48)
_DISSOLVE_CHANGE, _DISSOLVE_SHARE, _DISSOLVE_SIMILARITY = 8.0, 0.3, 0.45


@dataclass(frozen=True)
class _Left:
    """A shot that was left a moment ago: its number, its last picture, and the first frame without it."""

    shot: int
    picture: NDArray[np.uint8]
    frame: int


class CutDetector:
    """Numbers the shots of a clip, frame by frame.

    FFmpeg's scene change detector (`scdet`) looks at small pictures; its score is how much more than just
    before the picture changed, 0 to 100. Trials on 23 plates: within shots at most 4.5, at hard cuts
    between any two of them at least 6.2. What it cannot know is decided here: a second cut right after a
    cut (its score forgets shots of one frame); a change of light or a fast pan, in which most pieces of the
    picture are found again in the last one, is no cut; a picture that is back within 4 frames (flash,
    black frame) goes on with the shot that was left; and a dissolve or a fade to black, which it never
    notices, is a cut somewhere in its second half.
    """

    def __init__(self) -> None:
        self._graph: Any = None
        self._size = (0, 0)
        self._frame = -1
        self._shots = 0
        self._last: NDArray[np.uint8] | None = None
        self._cut_frame = -2
        self._left: list[_Left] = []
        self._before: NDArray[np.uint8] | None = None
        self._changes: deque[float] = deque(maxlen=_USUAL_FRAMES)
        self._recent: deque[NDArray[np.uint8]] = deque(maxlen=max(_DISSOLVE_FRAMES) + 1)
        self.shot = 0
        self.is_doubtful = False
        """The last picture changed more than usual, though not enough for a cut by itself."""

    def see(self, rgb: NDArray[np.uint8]) -> int:
        """The shot that the next picture, (H, W, 3) uint8, belongs to; the first is 0.

        A new number is a cut; a lower one than before is a shot that goes on after a flash.
        """
        self._frame += 1
        picture = _small(rgb)
        last, self._last = self._last, picture
        size = (rgb.shape[0], rgb.shape[1])
        same_size, self._size = size == self._size, size
        self._recent.append(picture)
        if last is None or last.shape != picture.shape:
            self._begin(picture)
        change, score = self._measured(picture)
        usual = max(float(np.median(self._changes)), _LEAST_USUAL) if self._changes else _LEAST_SCORE
        self._changes.append(change)
        self._before = last
        self.is_doubtful = score >= max(_LEAST_DOUBT, _TIMES_USUAL * usual)
        if last is None:
            return self.shot
        self._left = [left for left in self._left if self._frame - left.frame <= _BACK_WITHIN_FRAMES]
        after_a_cut = self._frame == self._cut_frame + 1
        jumped = score >= _LEAST_SCORE or (after_a_cut and change >= _LEAST_SCORE)
        if not same_size:
            self._cut(last)
            self._left = []
        elif jumped:
            for left in self._left:
                if _is_back(left.picture, picture):
                    self.shot = left.shot
                    self._left = self._left[: self._left.index(left)]
                    self._cut_frame = self._frame
                    self._recent.clear()
                    return self.shot
            if _similarity(last, picture) < _SAME_SCENE_SIMILARITY:
                self._cut(last)
        elif any(self._is_dissolved(frames) for frames in _DISSOLVE_FRAMES):
            self._cut(last)
            self._left = []
        return self.shot

    def camera_step(self) -> tuple[float, float]:
        """How far the whole picture moved since the one before, in pixels of a long side of 1."""
        import cv2

        if self._before is None or self._last is None or self._before.shape != self._last.shape:
            return 0.0, 0.0
        one, two = (cv2.cvtColor(each, cv2.COLOR_RGB2GRAY) for each in (self._before, self._last))
        (x, y), _ = cv2.phaseCorrelate(one.astype(np.float64), two.astype(np.float64))
        return x / _LONG_SIDE, y / _LONG_SIDE

    def cut_here(self) -> int:
        """The last picture begins a new shot after all; returns its number."""
        if self._before is not None:
            self._cut(self._before)
        return self.shot

    def _is_dissolved(self, frames: int) -> bool:
        """Whether over so many frames one picture faded into another: halfway it was half of each.

        A picture that comes out of black is none: the cut was where the one before went into black.
        """
        if len(self._recent) <= frames:
            return False
        first, middle, now = (self._recent[-1 - back] for back in (frames, frames // 2, 0))
        ends = first.astype(np.float32), now.astype(np.float32)
        change = float(np.abs(ends[1] - ends[0]).mean())
        if change * 100 / 255 < _DISSOLVE_CHANGE or float(ends[0].std()) < _LEAST_CONTRAST:
            return False
        between = float(np.abs(middle - (ends[0] + ends[1]) / 2).mean())
        return between <= _DISSOLVE_SHARE * change and _similarity(first, now) < _DISSOLVE_SIMILARITY

    def _cut(self, last: NDArray[np.uint8]) -> None:
        self._changes.clear()
        self.is_doubtful = False
        self._left.append(_Left(self.shot, last, self._frame))
        self._recent.clear()
        self._recent.append(self._last if self._last is not None else last)
        self._shots += 1
        self.shot = self._shots
        self._cut_frame = self._frame

    def _begin(self, picture: NDArray[np.uint8]) -> None:
        import av.filter

        height, width = _lying(picture).shape[:2]
        graph = av.filter.Graph()
        source = graph.add_buffer(
            width=width, height=height, format=av.VideoFormat("rgb24"), time_base=Fraction(1, 24)
        )
        detector, sink = graph.add("scdet", "threshold=0"), graph.add("buffersink")
        source.link_to(detector)
        detector.link_to(sink)
        graph.configure()
        self._graph = graph

    def _measured(self, picture: NDArray[np.uint8]) -> tuple[float, float]:
        """(mean difference to the last picture, FFmpeg's score), both 0..100."""
        import av

        frame = av.VideoFrame.from_ndarray(_lying(picture), format="rgb24")
        frame.pts, frame.time_base = self._frame, Fraction(1, 24)
        self._graph.push(frame)
        facts = self._graph.pull().metadata
        return float(facts.get("lavfi.scd.mafd", 0)), float(facts.get("lavfi.scd.score", 0))


def _lying(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The picture with its 128 pixels across: FFmpeg's fast comparison reads past narrower rows, into memory
    that nobody has set, and its score would change from run to run.
    """
    if picture.shape[1] == _LONG_SIDE:
        return picture
    return np.ascontiguousarray(picture.transpose(1, 0, 2))


def _small(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The picture at a long side of 128 pixels."""
    height, width = rgb.shape[:2]
    scale = _LONG_SIDE / max(height, width)
    size = (max(8, round(width * scale)), max(8, round(height * scale)))
    return shrunk(rgb, *size)


def _is_back(before: NDArray[np.uint8], now: NDArray[np.uint8]) -> bool:
    """Whether the picture is again what it was a few frames ago."""
    difference = float(np.abs(before.astype(np.int16) - now).mean()) * 100 / 255
    return difference <= _BACK_DIFFERENCE or (
        difference <= 3 * _BACK_DIFFERENCE and _similarity(before, now) >= _BACK_SIMILARITY
    )


def _similarity(before: NDArray[np.uint8], now: NDArray[np.uint8]) -> float:
    """How well the pieces of a picture are found in an earlier one, moved there all alike: up to 1.

    Median of nine overlapping quarters, correlated without their brightness. Pieces that moved otherwise than
    most count as not found: two people who change sides at a cut are both found again, but no camera does
    that.
    """
    import cv2

    one, two = _detail(before), _detail(now)
    height, width = two.shape
    high, wide = height // 2, width // 2
    found: list[tuple[float, float, float]] = []
    for top in (0, (height - high) // 2, height - high):
        for left in (0, (width - wide) // 2, width - wide):
            piece = two[top : top + high, left : left + wide]
            if float(piece.std()) < 0.5:
                found.append((0.0, np.nan, np.nan))
                continue
            match = cv2.matchTemplate(one, piece, cv2.TM_CCOEFF_NORMED)
            _, best, _, (x, y) = cv2.minMaxLoc(match)
            found.append((float(best), x - left, y - top))
    matches = np.array(found, dtype=np.float64)
    steps = matches[:, 1:]
    limit = _SAME_STEP * max(height, width)
    alike = (np.abs(steps[:, None] - steps[None]) <= limit).all(axis=2)
    leader = int(alike.sum(axis=1).argmax())
    return float(np.median(np.where(alike[leader], matches[:, 0], 0.0)))


def _detail(picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    import cv2

    small = cv2.resize(picture, None, fx=0.75, fy=0.75, interpolation=cv2.INTER_AREA)
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(np.float32)
    return np.asarray(grey - cv2.GaussianBlur(grey, (0, 0), 10), dtype=np.float32)
