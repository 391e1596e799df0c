# SPDX-License-Identifier: Apache-2.0
"""What one job did, as JSON beside its result."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from plosive.errors import MediaWriteError
from plosive.faces.track import FaceTrack
from plosive.keyed import KeyedValue
from plosive.media.plate import PlateInfo
from plosive.speech.model import BREATH, SILENCE, Speech
from plosive.sync_options import SyncOptions

__all__ = [
    "beside",
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
    partial = path.with_name(f".{path.name}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text(json.dumps(content, indent=1, default=_plain), encoding="utf-8")
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise MediaWriteError(f"The report {path} cannot be written: {error.strerror}.") from error


def plate_facts(info: PlateInfo) -> dict[str, object]:
    """The plate as JSON-ready facts."""
    return {field.name: getattr(info, field.name) for field in dataclasses.fields(info)}


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
    """Each face track: where it is and how it is turned, per frame."""
    facts: list[dict[str, object]] = []
    for track in tracks:
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
                "nose_x_pixels": nose[:, 0].round(2).tolist(),
                "nose_y_pixels": nose[:, 1].round(2).tolist(),
                "face_width_pixels": track.face_widths.round(2).tolist(),
                "yaw_degrees": angles[:, 0].round(2).tolist(),
                "pitch_degrees": angles[:, 1].round(2).tolist(),
                "roll_degrees": angles[:, 2].round(2).tolist(),
                "covered_ranges": [
                    {"first_frame": first, "last_frame_inclusive": last}
                    for first, last in _covered(track, first_frame)
                ],
            }
        )
    return facts


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
