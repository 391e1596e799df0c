# SPDX-License-Identifier: Apache-2.0
"""The whole preview picture: heading, grey face, strip, and the dub from end to end."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from plosive.media.timecode import Timecode
from plosive.preview.face_mesh import face_mesh
from plosive.preview.face_picture import FacePicture
from plosive.preview.lettering import Digits, paste, word
from plosive.preview.lip_pose import mouth_pose
from plosive.preview.palette import AMBER, BACKGROUND, CLOSED, DIM, INK, PANEL, RULE, TEXT, WAVE
from plosive.preview.profile_picture import ProfilePicture
from plosive.preview.scene import Scene, sound_columns
from plosive.preview.timeline import GUTTER, Timeline, phone_colour
from plosive.speech.model import BREATH, SILENCE

__all__ = ["HEIGHT", "WIDTH", "Screen"]

WIDTH, HEIGHT = 960, 540
_HEAD, _FOOT = 44, 84
_FACE_WIDTH = 384
_MIDDLE = HEIGHT - _HEAD - _FOOT
_IOD_PIXELS = 178.0
_PROFILE = (108, 130)  # width and height
_PROFILE_IOD_PIXELS = 125.0
_OVERVIEW = (HEIGHT - _FOOT + 22, HEIGHT - 16)
_MARGIN = 16
_CHIP = (56, 30)


class Screen:
    """Draws the frames of one scene; what does not change is drawn once."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._mesh = face_mesh()
        self._face = FacePicture(self._mesh, _FACE_WIDTH, _MIDDLE, _IOD_PIXELS)
        self._profile = ProfilePicture(*_PROFILE, _PROFILE_IOD_PIXELS)
        self._timeline = Timeline(scene, WIDTH - _FACE_WIDTH, _MIDDLE)
        self._large = Digits(24, TEXT, BACKGROUND)
        self._small = Digits(15, DIM, BACKGROUND)
        self._chips: dict[str, NDArray[np.uint8]] = {}
        self._ground = self._still()

    def draw(self, frame: int) -> NDArray[np.uint8]:
        """Frame `frame` (0 is the first): (540, 960, 3) RGB."""
        scene = self._scene
        picture = self._ground.copy()
        pose = mouth_pose(scene.curves, frame)
        points = self._mesh.placed(pose)
        middle = picture[_HEAD : _HEAD + _MIDDLE]
        middle[:, :_FACE_WIDTH] = self._face.draw(points, pose)
        width, height = _PROFILE
        inset = middle[_MIDDLE - height - 8 : _MIDDLE - 8, _FACE_WIDTH - width - 8 : _FACE_WIDTH - 8]
        inset[:] = self._profile.draw(points, pose)
        self._timeline.show(middle[:, _FACE_WIDTH + GUTTER :], frame)
        cursor = _FACE_WIDTH + self._timeline.cursor
        middle[:, cursor - 1 : cursor + 1] = TEXT
        self._large.put(picture, str(scene.first_frame + frame), _MARGIN, 9)
        code = Timecode(scene.start_timecode_frame + frame, scene.frame_rate, scene.is_drop_frame)
        self._small.put(picture, str(code), _MARGIN + 100, 15)
        chip = self._chip(scene.curves.symbols[frame])
        left = _FACE_WIDTH - 8 - _CHIP[0]
        picture[8 : 8 + _CHIP[1], left : left + _CHIP[0]] = chip
        x = round(self._overview_column(frame + 0.5))
        picture[_OVERVIEW[0] - 4 : _OVERVIEW[1] + 4, x - 1 : x + 1] = TEXT
        return picture

    def _overview_column(self, frames: float) -> float:
        return _MARGIN + frames / self._scene.frame_count * (WIDTH - 2 * _MARGIN)

    def _chip(self, symbol: str) -> NDArray[np.uint8]:
        if symbol not in self._chips:
            silent = symbol == SILENCE
            chip = np.full((_CHIP[1], _CHIP[0], 3), PANEL if silent else phone_colour(symbol), np.uint8)
            text = {SILENCE: "rest", BREATH: "breath"}.get(symbol, symbol)
            size = 14 if text.islower() else 20
            left = (_CHIP[0] - word(text, size).shape[1]) // 2
            paste(chip, text, size, left, (_CHIP[1] - size) // 2 - 2, DIM if silent else INK)
            self._chips[symbol] = chip
        return self._chips[symbol]

    def _still(self) -> NDArray[np.uint8]:
        scene = self._scene
        picture = np.full((HEIGHT, WIDTH, 3), BACKGROUND, np.uint8)
        rate = float(scene.frame_rate)
        end = f"{rate:.5g} fps"
        room = WIDTH - _FACE_WIDTH - GUTTER - 2 * _MARGIN - word(end, 13).shape[1]
        paste(picture, _shortened(scene.title, 15, room), 15, _FACE_WIDTH + GUTTER, 14, TEXT)
        paste(picture, end, 13, WIDTH - _MARGIN - word(end, 13).shape[1], 15, DIM)
        middle = picture[_HEAD : _HEAD + _MIDDLE]
        middle[:, _FACE_WIDTH : _FACE_WIDTH + GUTTER] = self._timeline.gutter()
        x = paste(picture, "lips sealed: p b m", 12, _MARGIN, HEIGHT - _FOOT + 2, CLOSED)
        paste(picture, "lip under teeth: f v", 12, x + 14, HEIGHT - _FOOT + 2, AMBER)
        self._overview(picture)
        return picture

    def _overview(self, picture: NDArray[np.uint8]) -> None:
        scene = self._scene
        top, bottom = _OVERVIEW
        width = WIDTH - 2 * _MARGIN
        picture[top:bottom, _MARGIN : _MARGIN + width] = PANEL
        ends = sound_columns(scene, 0, width, width / scene.frame_count)
        centre, half = (top + bottom) / 2, (bottom - top) / 2 - 2
        low, high = np.rint(centre - ends.T * half).astype(int)
        for column, (upper, lower) in enumerate(zip(high.tolist(), low.tolist(), strict=True)):
            picture[upper : lower + 1, _MARGIN + column] = WAVE
        picture[bottom : bottom + 1, _MARGIN : _MARGIN + width] = RULE
        for rule, colour in ((scene.curves.tuck, AMBER), (scene.curves.closure, CLOSED)):
            for frame in np.flatnonzero(rule > 0.99).tolist():
                left, right = round(self._overview_column(frame)), round(self._overview_column(frame + 1))
                picture[bottom + 2 : bottom + 7, left : max(right, left + 1)] = colour


def _shortened(text: str, size: int, room: int) -> str:
    """`text`, its middle left out where it is wider than `room` pixels."""
    kept = len(text)
    short = text
    while word(short, size).shape[1] > room and kept > 2:
        kept -= 2
        short = f"{text[: kept // 2]}...{text[-(kept // 2) :]}"
    return short
