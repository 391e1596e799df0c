# SPDX-License-Identifier: Apache-2.0
"""What the first pass over a plate found, kept for the next dub of the same plate."""

from __future__ import annotations

import dataclasses
import hashlib
import importlib.metadata
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plosive import __version__
from plosive.cache_folder import CacheFolder
from plosive.faces.track import FaceTrack
from plosive.faces.trackfile import track_arrays, tracks_from_arrays
from plosive.generate.sources import KnownSources
from plosive.media.fingerprint import fingerprint
from plosive.media.plate import PlateReader
from plosive.quality.observation import FaceObservation
from plosive.sync.known_crops import CropCache
from plosive.user_folders import cache_root

__all__ = ["KnownSurvey", "SurveyCache"]

_VERSION = 24
"""Counts up whenever the first pass finds something else in the same pictures."""


@dataclass(frozen=True)
class KnownSurvey:
    """Everything the first pass finds but pictures: tracks, cuts, what sources look like and where they lie,
    and, where they were asked for, the faces as scoring measures them. By track number.
    """

    tracks: tuple[FaceTrack, ...]
    cut_indices: tuple[int, ...]
    sources: dict[int, KnownSources]
    observations: dict[int, FaceObservation]

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All of it as plain arrays."""
        made: dict[str, NDArray[Any]] = {"cut_indices": np.array(self.cut_indices, dtype=np.int64)}
        made |= {f"tracks.{key}": array for key, array in track_arrays(self.tracks).items()}
        for number, sources in self.sources.items():
            made |= {f"sources.{number}.{key}": array for key, array in sources.arrays().items()}
        for number, seen in self.observations.items():
            made |= {
                f"observations.{number}.{field.name}": np.asarray(getattr(seen, field.name))
                for field in dataclasses.fields(seen)
            }
        return made

    @staticmethod
    def from_arrays(arrays: Mapping[str, NDArray[Any]]) -> KnownSurvey:
        """What `arrays` made; KeyError, TypeError or ValueError for anything else."""
        sources = {
            int(number): KnownSources.from_arrays(own)
            for number, own in _grouped(_below(arrays, "sources.")).items()
        }
        observations = {
            int(number): _observation(own)
            for number, own in _grouped(_below(arrays, "observations.")).items()
        }
        tracks = tracks_from_arrays(_below(arrays, "tracks."))
        return KnownSurvey(tracks, tuple(arrays["cut_indices"].tolist()), sources, observations)


class SurveyCache:
    """The place of one plate's survey among those kept; `is_used` False keeps and finds nothing.
    `kind` tells apart what is looked for: `plate`, or `take` (tracks alone). `content` is the fingerprint of
    the plate's files where it is known already.
    """

    def __init__(
        self, reader: PlateReader, is_used: bool = True, kind: str = "plate", content: str | None = None
    ) -> None:
        self._folder = CacheFolder(cache_root() / "faces", ".npz")
        self._key = _key(reader, kind, content or fingerprint(reader.paths)) if is_used else ""

    @cached_property
    def pictures(self) -> CropCache:
        """The place of the pictures that plans look at."""
        return CropCache(self._key)

    def find(self, with_observations: bool) -> KnownSurvey | None:
        """What was found in this plate before; None where there is nothing, or not all that is wanted."""
        path = self._folder.find(self._key) if self._key else None
        if path is None:
            return None
        try:
            with np.load(path, allow_pickle=False) as arrays:
                known = KnownSurvey.from_arrays({key: arrays[key] for key in arrays.files})
        except (OSError, KeyError, TypeError, ValueError, EOFError, zipfile.BadZipFile):
            self._folder.drop(self._key)
            return None
        return known if known.observations or not (with_observations and known.tracks) else None

    def keep(self, known: KnownSurvey) -> None:
        """Keep what was found in this plate."""
        if self._key:
            self._folder.keep(self._key, lambda path: _write(path, known))


def _observation(arrays: Mapping[str, NDArray[Any]]) -> FaceObservation:
    values: dict[str, Any] = {
        key: array.item() if array.ndim == 0 else array for key, array in arrays.items()
    }
    return FaceObservation(**values)


def _write(path: Path, known: KnownSurvey) -> None:
    with path.open("wb") as file:
        np.savez(file, **known.arrays())


def _key(reader: PlateReader, kind: str, content: str) -> str:
    """Content of the plate, how it is shown, and what looks at it."""
    info = reader.info
    look = "" if info.colour is None else info.colour.key
    shown: tuple[object, ...] = (
        info.width,
        info.height,
        info.frame_count,
        info.rotation_degrees,
        info.transfer.value,
    )
    if look:
        shown += (look,)
    if info.start_seconds:  # some frames alone: not the survey of the whole plate, nor of other frames
        shown += (f"from {info.start_seconds} s",)
    if info.view:
        shown += (f"view {info.view}",)
    versions = [importlib.metadata.version(name) for name in ("mediapipe", "opencv-contrib-python")]
    about = repr((_VERSION, kind, __version__, versions, shown, content))
    return hashlib.blake2b(about.encode(), digest_size=16).hexdigest()


def _below(arrays: Mapping[str, NDArray[Any]], head: str) -> dict[str, NDArray[Any]]:
    return {key.removeprefix(head): array for key, array in arrays.items() if key.startswith(head)}


def _grouped(arrays: Mapping[str, NDArray[Any]]) -> dict[str, dict[str, NDArray[Any]]]:
    groups: dict[str, dict[str, NDArray[Any]]] = {}
    for key, array in arrays.items():
        head, _, rest = key.partition(".")
        groups.setdefault(head, {})[rest] = array
    return groups
