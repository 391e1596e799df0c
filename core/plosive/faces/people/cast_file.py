# SPDX-License-Identifier: Apache-2.0
"""The cast as a file, so that one plate's people are known in the next.

Schema (frames in each plate's own numbers; docs/faces-people.md tells more):

    {"schema": "plosive.cast.v1", "embedder": "sha256" or "",
     "people": [{"number": 1, "name": "Anna" or "", "appearance": {"patterns": {"dtype": "uint8",
                 "shape": [12, 72, 59], "zlib_base64": "..."}, ...}}],
     "plates": [{"file": "shot.mov", "width": 1920, "height": 1080, "frame_count": 96, "first_frame": 1001,
                 "tracks": [{"person": 1, "shot": 0, "first_frame": 1001, "last_frame_inclusive": 1040,
                             "at": [1020, 812.5, 420.0], "is_decided": false}]}]}
"""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plosive.errors import MediaReadError, MediaWriteError
from plosive.faces.people.appearance import Appearance
from plosive.faces.people.cast import Cast, CastPerson, CastPlate, CastTrack
from plosive.media.staging import require_writable_target, write_whole

__all__ = ["CAST_SCHEMA", "read_cast", "require_cast_target", "write_cast"]

CAST_SCHEMA = "plosive.cast.v1"
_DTYPES = ("float32", "int64", "uint8")
_LARGEST_ARRAY_BYTES = 1 << 26


def require_cast_target(path: Path, overwrite: bool) -> None:
    """Raise MediaWriteError now when a cast could not be written to `path` later."""
    if path.suffix.lower() != ".json":
        raise MediaWriteError(f"{path} must end in .json to hold a cast.")
    require_writable_target(path, (), overwrite)


def write_cast(cast: Cast, path: Path, overwrite: bool = False) -> None:
    """Write `cast` to `path`, whole or not at all. Raises MediaWriteError."""
    require_cast_target(path, overwrite)
    document = {
        "schema": CAST_SCHEMA,
        "embedder": cast.embedder,
        "people": [
            {
                "number": person.number,
                "name": person.name,
                "appearance": {
                    name: _packed(value) for name, value in sorted(person.appearance.arrays().items())
                },
            }
            for person in cast.people
        ],
        "plates": [asdict(plate) for plate in cast.plates],
    }
    write_whole(path, json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False) + "\n")


def read_cast(path: Path) -> Cast:
    """What `write_cast` wrote. Raises MediaReadError for a missing or damaged file and any other kind."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise MediaReadError(
            f"The cast file {path} cannot be read: {error.strerror or 'unknown reason'}."
        ) from error
    except (ValueError, RecursionError) as error:
        raise MediaReadError(f"The cast file {path} is not valid JSON: {error}.") from error
    if not isinstance(document, dict) or document.get("schema") != CAST_SCHEMA:
        raise MediaReadError(f"{path} is no cast of this version; 'plosive faces --save-cast' writes one.")
    try:
        people = tuple(_person(entry) for entry in document["people"])
        plates = tuple(_plate(entry) for entry in document["plates"])
        cast = Cast(tuple(sorted(people, key=lambda one: one.number)), plates, str(document["embedder"]))
        _require_sound(cast)
    except KeyError as error:
        raise MediaReadError(f"The cast file {path} is damaged: it lacks {error}.") from error
    except (ValueError, TypeError, AttributeError, binascii.Error, zlib.error) as error:
        said = " ".join(str(error).split()).rstrip(".")
        raise MediaReadError(f"The cast file {path} is damaged: {said}.") from error
    return cast


def _require_sound(cast: Cast) -> None:
    numbers = [person.number for person in cast.people]
    if len(set(numbers)) != len(numbers) or any(number < 1 for number in numbers):
        raise ValueError("two people have one number, or a number is below 1")
    strangers = {track.person for plate in cast.plates for track in plate.tracks} - set(numbers)
    if strangers:
        raise ValueError(f"it has tracks of face {min(strangers)}, who is not among its people")


def _packed(value: NDArray[Any]) -> dict[str, Any]:
    content = zlib.compress(np.ascontiguousarray(value).tobytes(), 9)
    return {
        "dtype": str(value.dtype),
        "shape": list(value.shape),
        "zlib_base64": base64.b64encode(content).decode("ascii"),
    }


def _unpacked(entry: Mapping[str, Any]) -> NDArray[Any]:
    """Raises ValueError where it is no array of ours, or would fill the memory."""
    if entry["dtype"] not in _DTYPES:
        raise ValueError(f"{entry['dtype']!r} is no type of its arrays")
    shape = tuple(int(length) for length in entry["shape"])
    size = int(np.prod(shape, dtype=np.int64)) * np.dtype(entry["dtype"]).itemsize
    if not 0 <= size <= _LARGEST_ARRAY_BYTES:
        raise ValueError(f"an array of shape {shape} is too large")
    packed = base64.b64decode(entry["zlib_base64"], validate=True)
    content = zlib.decompressobj().decompress(packed, size + 1)
    if len(content) != size:
        raise ValueError(f"an array does not fill its shape {shape}")
    return np.frombuffer(content, dtype=entry["dtype"]).reshape(shape).copy()


def _person(entry: Mapping[str, Any]) -> CastPerson:
    appearance = {name: _unpacked(value) for name, value in entry["appearance"].items()}
    return CastPerson(int(entry["number"]), str(entry["name"]), Appearance.from_arrays(appearance))


def _plate(entry: Mapping[str, Any]) -> CastPlate:
    tracks = []
    for track in entry["tracks"]:
        frame, x, y = track["at"]
        tracks.append(
            CastTrack(
                person=int(track["person"]),
                shot=int(track["shot"]),
                first_frame=int(track["first_frame"]),
                last_frame_inclusive=int(track["last_frame_inclusive"]),
                at=(int(frame), float(x), float(y)),
                is_decided=bool(track["is_decided"]),
            )
        )
    return CastPlate(
        file=str(entry["file"]),
        width=int(entry["width"]),
        height=int(entry["height"]),
        frame_count=int(entry["frame_count"]),
        first_frame=int(entry["first_frame"]),
        tracks=tuple(tracks),
    )
