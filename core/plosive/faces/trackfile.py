# SPDX-License-Identifier: Apache-2.0
"""Face tracks as plain arrays, ready for a file, and back."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plosive.faces.light.face_light import FaceLight
from plosive.faces.occlusion.cover import Occlusion
from plosive.faces.people.appearance import Appearance
from plosive.faces.track import FaceTrack

__all__ = ["track_arrays", "tracks_from_arrays"]

_PARTS: dict[str, Any] = {"appearance": Appearance, "light": FaceLight, "occlusion": Occlusion}
"""Fields of a track that are made of several arrays, with their classes (`arrays`, `from_arrays`)."""


def track_arrays(tracks: Sequence[FaceTrack]) -> dict[str, NDArray[Any]]:
    """Everything that `tracks` hold, each under `<place>.<field>`."""
    arrays: dict[str, NDArray[Any]] = {"count": np.array(len(tracks))}
    for place, track in enumerate(tracks):
        for field in dataclasses.fields(track):
            value = getattr(track, field.name)
            if value is None:
                continue
            if field.name in _PARTS:
                own = {f"{field.name}.{key}": part for key, part in value.arrays().items()}
            else:
                own = {field.name: np.asarray(value)}
            arrays |= {f"{place}.{key}": part for key, part in own.items()}
    return arrays


def tracks_from_arrays(arrays: Mapping[str, NDArray[Any]]) -> tuple[FaceTrack, ...]:
    """What `track_arrays` made; KeyError or ValueError for anything else."""
    return tuple(_track(arrays, f"{place}.") for place in range(int(arrays["count"])))


def _track(arrays: Mapping[str, NDArray[Any]], prefix: str) -> FaceTrack:
    own = {key.removeprefix(prefix): arrays[key] for key in arrays if key.startswith(prefix)}
    values: dict[str, Any] = {}
    for name in dict.fromkeys(key.partition(".")[0] for key in own):
        if name in _PARTS:
            head = f"{name}."
            part = {key.removeprefix(head): array for key, array in own.items() if key.startswith(head)}
            values[name] = _PARTS[name].from_arrays(part)
        else:
            values[name] = own[name].item() if own[name].ndim == 0 else own[name]
    return FaceTrack(**values)
