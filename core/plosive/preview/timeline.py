# SPDX-License-Identifier: Apache-2.0
"""The strip that runs past a fixed line: words, phones, sound and curves, whole columns a frame."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from plosive.motion.visemes import LABIALS, LABIODENTALS, VOWELS
from plosive.preview.lettering import paste, word
from plosive.preview.palette import AMBER, BACKGROUND, CLOSED, CURVE, DIM, INK, PANEL, RULE, TEXT, WAVE
from plosive.preview.scene import Scene, sound_columns
from plosive.speech.model import BREATH, SILENCE

__all__ = ["GUTTER", "Timeline", "phone_colour"]

GUTTER = 82
_COLUMNS_PER_SECOND = 200
_TILE_FRAMES = 240
_RULER, _WORDS, _PHONES, _SOUND = (0, 22), (24, 48), (50, 78), (84, 156)
_CURVES = (  # name, lowest and highest value shown
    ("aperture", 0.0, 1.2),
    ("jaw", -0.2, 1.4),
    ("width", -0.2, 1.0),
    ("protrusion", 0.0, 1.0),
    ("teeth", 0.0, 1.0),
)
_CURVES_TOP = 166
_TINT = 0.26


class Timeline:
    """Strips of `height` rows for any frame; tiles of 240 frames are drawn when they are needed."""

    def __init__(self, scene: Scene, width: int, height: int) -> None:
        self._scene, self._height = scene, height
        self.per_frame = max(2, round(_COLUMNS_PER_SECOND / scene.frame_rate))
        self._shown = width - GUTTER
        self._before = round(self._shown * 0.38) // self.per_frame * self.per_frame
        self.cursor = GUTTER + self._before + self.per_frame // 2
        self._lanes = self._curve_lanes()
        self._tiles: dict[int, NDArray[np.uint8]] = {}

    def gutter(self) -> NDArray[np.uint8]:
        """The names beside the strip: (height, GUTTER, 3)."""
        names = np.full((self._height, GUTTER, 3), BACKGROUND, np.uint8)
        rows = (("frame", _RULER), ("words", _WORDS), ("phones", _PHONES), ("sound", _SOUND))
        for name, (top, bottom) in (*rows, *((name, lane) for name, _, _, lane in self._lanes)):
            paste(names, name, 12, GUTTER - 10 - word(name, 12).shape[1], (top + bottom) // 2 - 8, DIM)
        return names

    def show(self, picture: NDArray[np.uint8], frame: int) -> None:
        """Copy the strip around `frame` (0 is the first) into `picture` (height, width - GUTTER, 3)."""
        left = frame * self.per_frame - self._before
        at = 0
        size = _TILE_FRAMES * self.per_frame
        while at < self._shown:
            number, offset = divmod(left + at, size)
            count = min(size - offset, self._shown - at)
            picture[:, at : at + count] = self._tile(number)[:, offset : offset + count]
            at += count

    def _tile(self, number: int) -> NDArray[np.uint8]:
        if number not in self._tiles:
            if len(self._tiles) > 2:
                self._tiles.pop(min(self._tiles))
            self._tiles[number] = self._drawn(number * _TILE_FRAMES)
        return self._tiles[number]

    def _curve_lanes(self) -> tuple[tuple[str, float, float, tuple[int, int]], ...]:
        height = (self._height - _CURVES_TOP) // len(_CURVES)
        return tuple(
            (name, low, high, (_CURVES_TOP + row * height, _CURVES_TOP + (row + 1) * height - 8))
            for row, (name, low, high) in enumerate(_CURVES)
        )

    def _drawn(self, first: int) -> NDArray[np.uint8]:
        width = _TILE_FRAMES * self.per_frame
        tile = np.full((self._height, width, 3), BACKGROUND, np.uint8)
        for top, bottom in (_SOUND, *(lane for *_, lane in self._lanes)):
            tile[top:bottom] = PANEL
        self._ruler(tile, first)
        self._rules(tile, first)
        self._sound(tile, first)
        for name, low, high, lane in self._lanes:
            self._curve(tile, first, name, (low, high), lane)
        self._labels(tile, first)
        return tile

    def _ruler(self, tile: NDArray[np.uint8], first: int) -> None:
        scene = self._scene
        step = max(1, round(scene.frame_rate / 2))
        for frame in range(first - step, first + _TILE_FRAMES + 1):
            number = scene.first_frame + frame
            if number % step or not 0 <= frame < scene.frame_count:
                continue
            x = (frame - first) * self.per_frame + self.per_frame // 2
            if 0 <= x < tile.shape[1]:
                tile[_RULER[1] - 5 : _RULER[1], x] = DIM
                tile[_SOUND[0] :, x] = np.maximum(tile[_SOUND[0] :, x], 46)
            paste(tile, str(number), 11, x + 4, 4, DIM)

    def _rules(self, tile: NDArray[np.uint8], first: int) -> None:
        """Columns where lips are sealed or tucked, tinted from the sound down."""
        curves = self._scene.curves
        for rule, colour in ((curves.closure, CLOSED), (curves.tuck, AMBER)):
            for frame in np.flatnonzero(rule > 0.05).tolist():
                if not first <= frame < first + _TILE_FRAMES:
                    continue
                x = (frame - first) * self.per_frame
                part = tile[_SOUND[0] :, x : x + self.per_frame]
                share = _TINT * float(rule[frame])
                part[:] = (part * (1 - share) + np.array(colour) * share).astype(np.uint8)

    def _sound(self, tile: NDArray[np.uint8], first: int) -> None:
        import cv2

        width = tile.shape[1]
        ends = sound_columns(self._scene, first * self.per_frame, width, self.per_frame)
        middle, half = (_SOUND[0] + _SOUND[1]) / 2, (_SOUND[1] - _SOUND[0]) / 2 - 2
        low, high = np.rint(middle - ends.T * half).astype(int)
        for x in np.flatnonzero(low > high).tolist():
            cv2.line(tile, (x, int(high[x])), (x, int(low[x])), WAVE)
        tile[round(middle)] = np.maximum(tile[round(middle)], np.array(RULE, np.uint8))

    def _curve(
        self,
        tile: NDArray[np.uint8],
        first: int,
        name: str,
        limits: tuple[float, float],
        lane: tuple[int, int],
    ) -> None:
        import cv2

        values = self._scene.curves.channel(name)
        frames = np.arange(max(first - 1, 0), min(first + _TILE_FRAMES + 1, len(values)))
        if len(frames) < 1:
            return
        top, bottom = lane
        height = (np.clip(values[frames], *limits) - limits[0]) / (limits[1] - limits[0])
        x = (frames - first + 0.5) * self.per_frame
        y = bottom - 2 - height * (bottom - top - 4)
        line = np.rint(np.stack([x, y], axis=1) * 16).astype(np.int32)
        floor = np.array([[line[-1, 0], (bottom - 1) * 16], [line[0, 0], (bottom - 1) * 16]], np.int32)
        area = tile.copy()
        cv2.fillPoly(area, [np.concatenate([line, floor])], CURVE, cv2.LINE_AA, 4)
        tile[top:bottom] = cv2.addWeighted(area[top:bottom], 0.22, tile[top:bottom], 0.78, 0)
        cv2.polylines(tile, [line], False, CURVE, 2, cv2.LINE_AA, 4)

    def _labels(self, tile: NDArray[np.uint8], first: int) -> None:
        import cv2

        for spoken in self._scene.speech.words:
            left, right = self._span(spoken.start_seconds, spoken.end_seconds, first)
            if right > 0 and left < tile.shape[1]:
                cv2.rectangle(tile, (left, _WORDS[0]), (right - 2, _WORDS[1]), PANEL, -1)
                paste(tile, spoken.text, 15, left + 5, _WORDS[0] + 3, TEXT)
        for phone in self._scene.speech.phones:
            left, right = self._span(phone.start_seconds, phone.end_seconds, first)
            if phone.symbol == SILENCE or right <= 0 or left >= tile.shape[1]:
                continue
            cv2.rectangle(tile, (left, _PHONES[0]), (right - 2, _PHONES[1]), phone_colour(phone.symbol), -1)
            room = right - left
            text = "breath" if phone.symbol == BREATH else phone.symbol
            size = next((size for size in (14, 10) if word(text, size).shape[1] <= room), 0)
            if not size:
                continue
            x = (left + right - 1 - word(text, size).shape[1]) // 2
            y = sum(_PHONES) // 2 - size * 2 // 3 - 1
            paste(tile, text, size, x, y, INK)

    def _span(self, start: Fraction, end: Fraction, first: int) -> tuple[int, int]:
        offset = first * self.per_frame
        columns = (self._scene.column(seconds, self.per_frame) for seconds in (start, end))
        left, right = (round(column) - offset for column in columns)
        return left, right


def phone_colour(symbol: str) -> tuple[int, int, int]:
    """Lips together, lip at the teeth, vowels, and everything else."""
    if symbol in LABIALS:
        return CLOSED
    if symbol in LABIODENTALS:
        return AMBER
    return CURVE if symbol in VOWELS else DIM
