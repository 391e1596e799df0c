# SPDX-License-Identifier: Apache-2.0
"""What one job did, as JSON beside its result."""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plosive.errors import MediaWriteError
from plosive.faces.stable.canonical import identity_shape, metric_head
from plosive.faces.track import FaceTrack
from plosive.keyed import KeyedValue
from plosive.media.plate import PlateInfo
from plosive.speech.model import BREATH, SILENCE, Speech
from plosive.sync_options import SyncOptions

__all__ = [
    "beside",
    "colour_notes",
    "covered_notes",
    "options_facts",
    "plain_facts",
    "plate_facts",
    "speech_facts",
    "track_facts",
    "write_json",
]


def beside(out: Path, suffix: str) -> Path:
    """A file beside OUT: `shot.mov` and `shot.%04d.exr` both give `shot.<suffix>`; a folder holds its own."""
    if not out.suffix:
        return out / f"plosive.{suffix}"
    stem = out.name[: -len(out.suffix)].rstrip("#@").split("%")[0].rstrip("._-")
    return out.with_name(f"{stem or 'plosive'}.{suffix}")


def write_json(path: Path, content: object) -> None:
    """Write `content` whole under a temporary name, then rename; fractions become text like `1001/24000`."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text(json.dumps(content, indent=1, default=_plain), encoding="utf-8")
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise MediaWriteError(f"The report {path} cannot be written: {error.strerror}.") from error


def plate_facts(info: PlateInfo) -> dict[str, object]:
    """The plate as JSON-ready facts."""
    facts = {field.name: getattr(info, field.name) for field in dataclasses.fields(info)}
    return facts | {"colour": None if info.colour is None else info.colour.facts()}


def speech_facts(speech: Speech) -> dict[str, object]:
    """How the dub was understood; its phones are in the motion file."""
    return {
        "phones_from": speech.source.value,
        "confidence": round(speech.confidence, 3),
        "language": speech.language,
        "duration_seconds": speech.duration_seconds,
        "words": [word.text for word in speech.words],
        "voice_confidence": round(speech.voice_confidence, 3),
        "phone_count": sum(phone.symbol not in (SILENCE, BREATH) for phone in speech.phones),
        "breath_count": sum(phone.symbol == BREATH for phone in speech.phones),
    }


def track_facts(tracks: Sequence[FaceTrack], first_frame: int) -> list[dict[str, object]]:
    """Each face track: where it is and how it is turned, per frame; its head in centimetres before a normal
    lens (`faces.stable.canonical.MetricHead`), rotation row by row.
    """
    facts: list[dict[str, object]] = []
    shapes = _shapes_of_persons(tracks)
    for track in tracks:
        head = metric_head(
            track.head, track.frame_width, track.frame_height, shape=shapes[track.person or -track.number]
        )
        angles = track.head.angles_degrees()
        nose = track.landmarks[:, 1, :2]
        facts.append(
            {
                "number": track.number,
                "person": track.person,
                "name": track.name or None,
                "shot": track.shot,
                "first_frame": first_frame + track.first_frame_index,
                "last_frame_inclusive": first_frame + track.last_frame_index_inclusive,
                "frames": (track.indices + first_frame).tolist(),
                "nose_x_pixels": _rounded(nose[:, 0], 2),
                "nose_y_pixels": _rounded(nose[:, 1], 2),
                "face_width_pixels": _rounded(track.face_widths, 2),
                "yaw_degrees": _rounded(angles[:, 0], 2),
                "pitch_degrees": _rounded(angles[:, 1], 2),
                "roll_degrees": _rounded(angles[:, 2], 2),
                "head_focal_pixels": round(head.focal_pixels, 2),
                "head_place_cm": _rounded(head.translation, 3),
                "head_rotation": _rounded(head.rotation.reshape(-1, 9), 5),
                "covered_ranges": [
                    {"first_frame": first, "last_frame_inclusive": last}
                    for first, last in _covered(track, first_frame)
                ],
            }
        )
    return facts


def _rounded(values: NDArray[np.float32], digits: int) -> list[Any]:
    """For JSON: as doubles, which float32 would write out to the last digit."""
    plain: list[Any] = values.astype(np.float64).round(digits).tolist()
    return plain


def _shapes_of_persons(tracks: Sequence[FaceTrack]) -> dict[int, NDArray[np.float32]]:
    """One face shape for all tracks of a person; by person, or less than 0 by track where that is unknown."""
    sums: dict[int, tuple[NDArray[np.float32], int]] = {}
    for track in tracks:
        key, count = track.person or -track.number, len(track.indices)
        held, seen = sums.get(key, (np.zeros((478, 3), dtype=np.float32), 0))
        sums[key] = (held + count * identity_shape(track.head.upright), seen + count)
    return {key: np.asarray(total / seen, dtype=np.float32) for key, (total, seen) in sums.items()}


def colour_notes(info: PlateInfo) -> tuple[str, ...]:
    """What a scene-referred plate's samples were taken for, and why."""
    colour = info.colour
    if colour is None or not colour.coding.is_scene_referred:
        return ()
    return (f"Colour of {info.path.name}: {colour.space} ({colour.reason}).",)


def covered_notes(tracks: Sequence[FaceTrack], first_frame: int) -> tuple[str, ...]:
    """One sentence for each stretch in which something lies before a face."""
    return tuple(
        f"Something lies before face {track.person or track.number} in frames {first}-{last}: it stays."
        for track in tracks
        for first, last in _covered(track, first_frame)
    )


def _covered(track: FaceTrack, first_frame: int) -> list[tuple[int, int]]:
    if track.occlusion is None:
        return []
    return [
        (first + first_frame, last + first_frame) for first, last in track.occlusion.ranges(track.indices)
    ]


def options_facts(options: SyncOptions) -> dict[str, object]:
    """The options as given; a value over time is a number, or [frame or timecode, value] pairs, speakers and
    ranges are written as they are typed.
    """
    facts = {field.name: getattr(options, field.name) for field in dataclasses.fields(options)}
    facts["speakers"] = [str(speaker) for speaker in options.speakers]
    facts["no_sync"] = [str(range_) for range_ in options.no_sync]
    return {name: value.facts() if isinstance(value, KeyedValue) else value for name, value in facts.items()}


def plain_facts(facts: dict[str, object]) -> dict[str, Any]:
    """`facts` as they come back from the file they are written to."""
    plain: dict[str, Any] = json.loads(json.dumps(facts, default=_plain))
    return plain


def _plain(value: object) -> object:
    if isinstance(value, Fraction):
        return str(value)
    if isinstance(value, Path):
        return str(value)
    if hasattr(value, "value"):
        return value.value
    raise TypeError(f"{type(value).__name__} has no JSON form")
