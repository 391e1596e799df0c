# SPDX-License-Identifier: Apache-2.0
"""Occluders with known mattes that move over real plates: two real hands, a bar, a microphone, a subtitle."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from plosive.media import open_plate

__all__ = ["KINDS", "Hand", "cut_hands", "occluder"]

KINDS = ("hand0", "hand1", "bar", "microphone", "subtitle")

_CUTS = {80: (575, 985, 900, 1255), 120: (670, 945, 960, 1265)}  # left, top, right, bottom in ls_demo3
_TIPS = ((60, 110), (90, 110))
_WIDTHS_FACES = (1.15, 1.1)
_COMES_FROM = ((1.3, 0.6), (0.6, 1.4))
_BAR_COLOURS = ((60, 66, 70), (150, 40, 35), (190, 185, 170))


@dataclass(frozen=True)
class Hand:
    """Picture (h, w, 3) float32 0..255 and matte (h, w) 0..1."""

    picture: NDArray[np.float32]
    matte: NDArray[np.float32]


def cut_hands(plate: Path) -> list[Hand]:
    """Two hands from ls_demo3.mp4, where they lie before a white shirt."""
    with open_plate(plate) as reader:
        found = []
        for frame in reader.frames():
            if frame.index in _CUTS:
                left, top, right, bottom = _CUTS[frame.index]
                found.append(_cut(frame.rgb8()[top:bottom, left:right].copy()))
            if len(found) == len(_CUTS):
                break
    return found


def _cut(picture: NDArray[np.uint8]) -> Hand:
    import cv2

    skin = (cv2.cvtColor(picture, cv2.COLOR_RGB2YCrCb)[..., 1] > 143).astype(np.uint8)
    _, labels, facts, _ = cv2.connectedComponentsWithStats(skin)
    solid = (labels == 1 + facts[1:, 4].argmax()).astype(np.uint8)
    solid = cv2.erode(cv2.morphologyEx(solid, cv2.MORPH_CLOSE, np.ones((5, 5))), np.ones((3, 3)))
    inner = cv2.erode(solid, np.ones((3, 3))).astype(np.float32)
    spread = cv2.GaussianBlur(picture * inner[..., None], (0, 0), 2.5)
    weight = cv2.GaussianBlur(inner, (0, 0), 2.5)[..., None]
    clean = np.where(inner[..., None] > 0, picture, spread / np.maximum(weight, 1e-3))
    return Hand(clean.astype(np.float32), cv2.GaussianBlur(solid.astype(np.float32), (0, 0), 0.8))


def occluder(
    kind: str,
    time: float,
    mouth: NDArray[np.float32],
    still_mouth: NDArray[np.float32],
    face_width: float,
    shape: tuple[int, int],
    hands: list[Hand],
    seed: int,
) -> tuple[NDArray[np.float32], NDArray[np.float32]] | None:
    """Picture (h, w, 3) 0..255 and matte (h, w) at `time` 0..1 of the clip; None while nothing is there.

    `mouth` (2,) is roughly followed by what a person holds, `still_mouth` is where a subtitle stands.
    """
    if kind.startswith("hand"):
        if not 0.25 < time < 0.75:
            return None
        which = int(kind[-1])
        hand, away = hands[which], 1 - _eased((time - 0.25) / 0.15) * _eased((0.75 - time) / 0.15)
        x = mouth[0] + face_width * (_COMES_FROM[which][0] * away + 0.06 * np.sin(9 * time))
        y = mouth[1] + face_width * (_COMES_FROM[which][1] * away + 0.05 * np.sin(13 * time))
        zoom = face_width * _WIDTHS_FACES[which] / hand.matte.shape[1]
        return _placed(hand, zoom, 0.15 * np.sin(7 * time) - 0.1, _TIPS[which], (x, y), shape)
    side = 4 * int(np.ceil(face_width))
    middle = (side / 2, side / 2)
    if kind == "bar":
        if not 0.25 < time < 0.75:
            return None
        noise = np.random.default_rng(seed).normal(0, 3, (side, side, 1))
        picture = np.clip(np.array(_BAR_COLOURS[seed % 3]) + noise, 0, 255).astype(np.float32)
        matte = np.zeros((side, side), dtype=np.float32)
        matte[int(side / 2 - 0.16 * face_width) : int(side / 2 + 0.16 * face_width)] = 1
        down = (time - 0.5) / 0.25 * face_width
        return _placed(Hand(picture, matte), 1, 0.5, middle, (mouth[0], mouth[1] + down), shape)
    if kind == "microphone":
        if not 0.2 < time < 0.8:
            return None
        away = 1 - _eased((time - 0.2) / 0.15) * _eased((0.8 - time) / 0.15)
        at = (mouth[0] + 0.06 * face_width * np.sin(8 * time), mouth[1] + face_width * (0.12 + 1.1 * away))
        return _placed(_microphone(side, face_width), 1, 0.35 + 0.06 * np.sin(6 * time), middle, at, shape)
    return _subtitle(time, still_mouth, face_width, shape)


def _microphone(side: int, face_width: float) -> Hand:
    import cv2

    rows, columns = np.mgrid[:side, :side]
    step = max(4.0, 0.03 * face_width)
    mesh = 18 * np.sin(columns * 2 * np.pi / step) * np.sin(rows * 2 * np.pi / step)
    picture = np.clip(np.array([38, 38, 42]) + mesh[..., None], 0, 255).astype(np.float32)
    matte = np.zeros((side, side), dtype=np.uint8)
    axes = (int(0.17 * face_width), int(0.21 * face_width))
    cv2.ellipse(matte, (side // 2, side // 2), axes, 0, 0, 360, 255, -1, cv2.LINE_AA)
    half = int(0.055 * face_width)
    cv2.rectangle(matte, (side // 2 - half, side // 2), (side // 2 + half, side - 1), 255, -1)
    return Hand(picture, (matte / 255).astype(np.float32))


def _subtitle(
    time: float, mouth: NDArray[np.float32], face_width: float, shape: tuple[int, int]
) -> tuple[NDArray[np.float32], NDArray[np.float32]] | None:
    """White letters with a black outline; two texts, 40 % of the clip."""
    import cv2

    if not (0.3 < time < 0.5 or 0.62 < time < 0.82):
        return None
    text = "Nobody told me about it" if time < 0.55 else "so we went home again"
    size, font = face_width / 177, cv2.FONT_HERSHEY_DUPLEX
    thick = max(1, round(1.25 * size))
    (wide, tall), _ = cv2.getTextSize(text, font, size, thick)
    at = (int(mouth[0] - wide / 2), int(mouth[1] + 0.06 * face_width + tall / 2))
    outline, fill = np.zeros(shape, dtype=np.uint8), np.zeros(shape, dtype=np.uint8)
    cv2.putText(outline, text, at, font, size, 255, 3 * thick, cv2.LINE_AA)
    cv2.putText(fill, text, at, font, size, 255, thick, cv2.LINE_AA)
    picture = fill.astype(np.float32)[..., None] * np.array([240, 238, 225], dtype=np.float32) / 255
    return picture, np.maximum(outline, fill).astype(np.float32) / 255


def _placed(
    thing: Hand,
    zoom: float,
    turn: float,
    anchor: tuple[float, float],
    at: tuple[float, float],
    shape: tuple[int, int],
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """`thing` with its point `anchor` (x, y) at `at`: picture and matte of `shape`."""
    import cv2

    cosine, sine = np.cos(turn) * zoom, np.sin(turn) * zoom
    spin = np.array([[cosine, -sine], [sine, cosine]])
    move = np.concatenate([spin, (np.array(at) - spin @ np.array(anchor))[:, None]], axis=1)
    size = (shape[1], shape[0])
    picture = cv2.warpAffine(thing.picture, move, size, borderMode=cv2.BORDER_REPLICATE)
    return picture, cv2.warpAffine(thing.matte, move, size)


def _eased(share: float) -> float:
    share = float(np.clip(share, 0, 1))
    return share * share * (3 - 2 * share)
