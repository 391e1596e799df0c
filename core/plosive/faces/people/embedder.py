# SPDX-License-Identifier: Apache-2.0
"""A user's own face embedder: an ONNX model on disk. None comes with Plosive and none is fetched."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plosive.errors import MediaReadError, MissingDependencyError, OptionError

__all__ = ["Embedder", "EmbedderSettings", "open_embedder"]

_EYES_NOSE_MOUTH = ((33, 133), (362, 263), (1,), (61,), (291,))
"""Landmarks whose means are the five points: left eye in the picture, right eye, nose tip, mouth corners."""

_FIVE_POINTS_112 = np.array(
    [(38.2946, 51.6963), (73.5318, 51.5014), (56.0252, 71.7366), (41.5493, 92.3655), (70.7299, 92.2041)]
)
"""Where ArcFace (Deng et al. 2019) and most models after it expect them in 112 x 112 pixels."""


@dataclass(frozen=True)
class EmbedderSettings:
    """How a model wants its input. `layout` is NCHW or NHWC, `channels` RGB or BGR; a pixel (0 to 255) goes
    in as (pixel - mean) / std; up to `threshold` (cosine distance) two faces count as one person. The
    defaults are ArcFace's.
    """

    width: int = 112
    height: int = 112
    mean: float = 127.5
    std: float = 127.5
    layout: str = "NCHW"
    channels: str = "RGB"
    threshold: float = 0.6


class Embedder:
    """An opened model; `embed` has the shape of `appearance.Embed`."""

    def __init__(self, path: Path, session: Any, settings: EmbedderSettings, sha256: str) -> None:
        self.path = path
        self.sha256 = sha256
        self.settings = settings
        self._session = session
        self._input = session.get_inputs()[0].name

    @property
    def threshold(self) -> float:
        """Cosine distance up to which two faces count as one person."""
        return self.settings.threshold

    def embed(self, rgb: NDArray[np.uint8], landmarks: NDArray[np.float32]) -> NDArray[np.float32]:
        """The face at `landmarks` (478, 3) of `rgb` (H, W, 3) as a vector (D,) of length 1."""
        picture = aligned_face(rgb, landmarks, self.settings.width, self.settings.height)
        if self.settings.channels == "BGR":
            picture = picture[..., ::-1]
        values = (picture.astype(np.float32) - self.settings.mean) / self.settings.std
        batch = values[None] if self.settings.layout == "NHWC" else values.transpose(2, 0, 1)[None]
        try:
            answer = self._session.run(None, {self._input: np.ascontiguousarray(batch, dtype=np.float32)})[0]
        except Exception as error:  # whatever a stranger's model raises
            said = " ".join(str(error).split())[:200]
            raise OptionError(
                f"{self.path.name} cannot be run on faces of {self.settings.width} x "
                f"{self.settings.height} pixels ({said}); say what it wants in {_settings_path(self.path)}."
            ) from error
        vector = np.asarray(answer, dtype=np.float32).ravel()
        length = float(np.linalg.norm(vector))
        if not np.isfinite(length) or length == 0:
            return np.zeros_like(vector)
        return np.asarray(vector / np.float32(length))


def aligned_face(
    rgb: NDArray[np.uint8], landmarks: NDArray[np.float32], width: int, height: int
) -> NDArray[np.uint8]:
    """The face with eyes, nose and mouth corners where ArcFace has them: (height, width, 3) uint8."""
    import cv2

    points = np.array([landmarks[list(group), :2].mean(axis=0) for group in _EYES_NOSE_MOUTH], np.float64)
    target = _FIVE_POINTS_112 * np.array([width, height]) / 112.0
    move = _similarity(points, target)
    scale = float(np.hypot(move[0, 0], move[1, 0]))
    picture = rgb
    if scale < 0.5:  # warpAffine takes single pixels: large faces are averaged first
        span = np.ptp(landmarks[:, :2], axis=0)
        low = np.maximum(np.floor(landmarks[:, :2].min(axis=0) - 0.5 * span), 0).astype(int)
        high = np.ceil(landmarks[:, :2].max(axis=0) + 0.5 * span).astype(int)
        part = rgb[low[1] : high[1], low[0] : high[0]]
        picture = cv2.resize(part, None, fx=2 * scale, fy=2 * scale, interpolation=cv2.INTER_AREA)
        ratio = np.array(picture.shape[1::-1]) / np.array(part.shape[1::-1])
        move = _similarity((points - low + 0.5) * ratio - 0.5, target)
    return np.asarray(cv2.warpAffine(picture, move, (width, height), flags=cv2.INTER_LINEAR), dtype=np.uint8)


def open_embedder(path: Path, threshold: float | None = None) -> Embedder:
    """Open the ONNX model at `path`, with the settings in the JSON beside it where there is one
    (`model.json` beside `model.onnx`). `threshold` overrides that of the settings.

    Raises MissingDependencyError without onnxruntime, MediaReadError where the model or its settings cannot
    be read, OptionError for settings that make no sense.
    """
    settings = _settings(path)
    if threshold is not None:
        settings = EmbedderSettings(**{**vars(settings), "threshold": threshold})
    _require_sense(settings, path)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise MediaReadError(
            f"The embedder {path} cannot be read: {error.strerror or 'unknown reason'}."
        ) from error
    try:
        import onnxruntime
    except ImportError as error:
        raise MissingDependencyError(
            "--embedder needs onnxruntime, which is not installed; set Plosive up with its extra 'onnx'."
        ) from error
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    try:
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime has exceptions of its own for each way a model can be wrong
        said = " ".join(str(error).split())[:200]
        raise MediaReadError(f"{path} is no ONNX model that can be run: {said}.") from error
    return Embedder(path, session, settings, hashlib.sha256(content).hexdigest())


def _settings_path(path: Path) -> Path:
    return path.with_suffix(".json")


def _settings(path: Path) -> EmbedderSettings:
    beside = _settings_path(path)
    if not beside.exists():
        return EmbedderSettings()
    try:
        document = json.loads(beside.read_text(encoding="utf-8"))
        known = {name: type(value) for name, value in vars(EmbedderSettings()).items()}
        strange = sorted(set(document) - set(known))
        if strange:
            raise ValueError(f"it knows no {strange[0]!r}, only {', '.join(known)}")
        return EmbedderSettings(**{name: known[name](value) for name, value in document.items()})
    except (OSError, ValueError, TypeError) as error:
        said = " ".join(str(error).split()).rstrip(".")
        raise MediaReadError(f"The settings {beside} of the embedder cannot be used: {said}.") from error


def _require_sense(settings: EmbedderSettings, path: Path) -> None:
    problem = ""
    if not (16 <= settings.width <= 1024 and 16 <= settings.height <= 1024):
        problem = f"{settings.width} x {settings.height} pixels"
    elif settings.layout not in ("NCHW", "NHWC"):
        problem = f"layout {settings.layout!r} (NCHW or NHWC)"
    elif settings.channels not in ("RGB", "BGR"):
        problem = f"channels {settings.channels!r} (RGB or BGR)"
    elif settings.std == 0:
        problem = "std 0"
    elif not 0 < settings.threshold < 2:
        problem = f"threshold {settings.threshold:g} (between 0 and 2)"
    if problem:
        raise OptionError(f"The embedder {path.name} cannot be used with {problem}.")


def _similarity(source: NDArray[np.float64], target: NDArray[np.float64]) -> NDArray[np.float64]:
    """Turn, scale and shift (2, 3) that take `source` (P, 2) closest to `target` (Umeyama 1991)."""
    from_middle, to_middle = source.mean(axis=0), target.mean(axis=0)
    near, far = source - from_middle, target - to_middle
    size = max(float((near**2).sum()), 1e-12)
    along = float((near * far).sum()) / size
    across = float((near[:, 0] * far[:, 1] - near[:, 1] * far[:, 0]).sum()) / size
    turn = np.array([[along, -across], [across, along]])
    return np.concatenate([turn, (to_middle - turn @ from_middle)[:, None]], axis=1)
