# SPDX-License-Identifier: Apache-2.0
"""A user's own ONNX embedder."""

from __future__ import annotations

import builtins
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.core.conftest import PictureFrame

from plosive.errors import MediaReadError, MissingDependencyError, OptionError
from plosive.faces.people.embedder import aligned_face, open_embedder
from plosive.faces.track import FaceTrack


def tiny_model(path: Path, side: int = 112) -> None:
    """Averages its input over 16 x 16 squares: (1, 3, side, side) to (1, 3 * 49)."""
    onnx = pytest.importorskip("onnx", reason="onnx, which makes the test's model, is not installed")
    pytest.importorskip("onnxruntime", reason="onnxruntime, an optional extra, is not installed")
    helper, kind = onnx.helper, onnx.TensorProto.FLOAT
    nodes = [
        helper.make_node("AveragePool", ["face"], ["small"], kernel_shape=[16, 16], strides=[16, 16]),
        helper.make_node("Flatten", ["small"], ["vector"]),
    ]
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("face", kind, [1, 3, side, side])],
        [helper.make_tensor_value_info("vector", kind, [1, 3 * (side // 16) ** 2])],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8), str(path))


def test_the_face_is_laid_where_such_models_want_it(portrait: list[PictureFrame], track: FaceTrack) -> None:
    rgb, landmarks = portrait[0].rgb8(), track.landmarks[0]
    marked = np.zeros_like(rgb)
    for point, channel in ((landmarks[1], 0), (landmarks[61], 1), (landmarks[291], 2)):
        x, y = np.round(point[:2]).astype(int)
        marked[y - 2 : y + 3, x - 2 : x + 3, channel] = 255
    face = aligned_face(marked, landmarks, 112, 112)
    for channel, (x, y) in enumerate(((56.0, 71.7), (41.5, 92.4), (70.7, 92.2))):
        rows, columns = np.nonzero(face[..., channel] > 100)
        assert abs(columns.mean() - x) < 8
        assert abs(rows.mean() - y) < 8


def test_without_onnxruntime_it_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = tmp_path / "model.onnx"
    model.write_bytes(b"x")
    real = builtins.__import__

    def without(name: str, *rest: Any, **more: Any) -> Any:
        if name == "onnxruntime":
            raise ImportError(name)
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingDependencyError, match="extra 'onnx'"):
        open_embedder(model)


def test_bad_settings_are_said(tmp_path: Path) -> None:
    model = tmp_path / "model.onnx"
    with pytest.raises(MediaReadError, match="cannot be read"):
        open_embedder(model)
    model.write_bytes(b"x")
    for settings, error in (
        ({"size": 3}, MediaReadError),
        ({"layout": "HWC"}, OptionError),
        ({"std": 0}, OptionError),
        ({"width": 3}, OptionError),
        ("no object", MediaReadError),
    ):
        model.with_suffix(".json").write_text(json.dumps(settings), encoding="utf-8")
        with pytest.raises(error):
            open_embedder(model)
    model.with_suffix(".json").unlink()
    with pytest.raises(OptionError, match="threshold"):
        open_embedder(model, 3.0)


def test_a_model_embeds_faces(tmp_path: Path, portrait: list[PictureFrame], track: FaceTrack) -> None:
    model = tmp_path / "model.onnx"
    tiny_model(model)
    embedder = open_embedder(model, 0.4)
    one, two = (embedder.embed(portrait[row].rgb8(), track.landmarks[row]) for row in (0, 1))
    other = embedder.embed(portrait[0].rgb8()[::-1].copy(), track.landmarks[0])
    assert one.shape == (147,)
    assert np.linalg.norm(one) == pytest.approx(1, abs=1e-5)
    assert one @ two > 0.95 > one @ other
    assert embedder.threshold == 0.4
    assert len(embedder.sha256) == 64
    model.with_suffix(".json").write_text(json.dumps({"width": 96, "height": 96}), encoding="utf-8")
    with pytest.raises(OptionError, match=r"model\.json"):
        open_embedder(model).embed(portrait[0].rgb8(), track.landmarks[0])


def test_a_file_that_is_no_model_is_said(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime", reason="onnxruntime, an optional extra, is not installed")
    (tmp_path / "model.onnx").write_bytes(b"not a model")
    with pytest.raises(MediaReadError, match="no ONNX model"):
        open_embedder(tmp_path / "model.onnx")
