# SPDX-License-Identifier: Apache-2.0
"""Who is in a plate, for people: one pass that tells everybody apart, and a page of thumbnails."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from plosive.faces.finding.ahead import pictures_ahead
from plosive.faces.finding.tracker import FaceTracker
from plosive.faces.people.appearance import AppearanceObserver, Embed
from plosive.faces.people.cast import Cast
from plosive.faces.people.roll import Roll, call_roll
from plosive.faces.threads import single_products
from plosive.faces.track import FaceTrack
from plosive.progress import Progress

__all__ = ["FaceSurvey", "Thumbnail", "survey_faces"]

_THUMBNAIL_PIXELS = 192
_THUMBNAILS_PER_TRACK = 3
_THUMBNAILS_PER_PERSON = 8
_FIRST_STRIDE_FRAMES = 8


@dataclass(frozen=True)
class Thumbnail:
    """A face in frame `index` of the plate, with its surroundings: (192, 192, 3) uint8."""

    index: int
    picture: NDArray[np.uint8]


@dataclass(frozen=True)
class FaceSurvey:
    """Everybody in a plate; `thumbnails` are by track number, few of each."""

    roll: Roll
    thumbnails: dict[int, tuple[Thumbnail, ...]]

    def contact_sheet(self) -> NDArray[np.uint8]:
        """One row a person, through all their shots, and the frames they are in: (H, W, 3) uint8."""
        from plosive.review.contact_sheet import SheetRow, titled_sheet

        start = self.roll.info.first_frame
        rows = []
        for person, tracks in self.roll.persons.items():
            chosen = _spread([one for track in tracks for one in self.thumbnails[track.number]])
            rows.append(
                SheetRow(
                    title=f"{person}  {self.roll.cast.name_of(person)}".rstrip(),
                    subtitle=_ranges(tracks, start),
                    images=tuple(one.picture for one in chosen),
                    labels=tuple(str(start + one.index) for one in chosen),
                )
            )
        if not rows:
            blank = np.zeros((_THUMBNAIL_PIXELS, _THUMBNAIL_PIXELS, 3), dtype=np.uint8)
            rows.append(SheetRow("no face", "", (blank,), ("",)))
        return titled_sheet(rows)


class _Thumbnails:
    """Evenly spread thumbnails of one track, a handful whatever its length."""

    def __init__(self) -> None:
        self.kept: list[Thumbnail] = []
        self._stride = _FIRST_STRIDE_FRAMES
        self._seen = 0

    def offer(self, index: int, rgb: NDArray[np.uint8], landmarks: NDArray[np.float32]) -> None:
        due = self._seen % self._stride == 0
        self._seen += 1
        if not due:
            return
        self.kept.append(Thumbnail(index, _face_picture(rgb, landmarks)))
        if len(self.kept) >= 4 * _THUMBNAILS_PER_TRACK:
            self._stride *= 2
            self.kept = self.kept[::2]

    def chosen(self) -> tuple[Thumbnail, ...]:
        """From the middle of each third of the track."""
        places = (np.arange(_THUMBNAILS_PER_TRACK) + 0.5) * len(self.kept) / _THUMBNAILS_PER_TRACK
        return tuple(self.kept[place] for place in np.unique(places.astype(int)).tolist())


def survey_faces(
    path: Path,
    progress: Progress,
    cast: Cast | None = None,
    embed: Embed | None = None,
    embedder: str = "",
    embedding_threshold: float | None = None,
    view: str | None = None,
) -> FaceSurvey:
    """Track all faces of the plate at `path` and tell who is who. Raises MediaReadError when it cannot be
    read. `embed`, `embedder` (its SHA-256) and `embedding_threshold` are the user's own embedder, if any.
    `view` is that of a stereo EXR plate.
    """
    from plosive.media import open_plate

    thumbnails: dict[int, _Thumbnails] = {}
    looks: dict[int, AppearanceObserver] = {}
    with single_products(), open_plate(path, view=view) as reader, FaceTracker() as tracker:
        info = reader.info
        progress.start("faces", info.frame_count)
        for frame, rgb in pictures_ahead(reader.frames()):
            for face in tracker.see(frame.index, rgb):
                if face.key not in looks:
                    thumbnails[face.key], looks[face.key] = _Thumbnails(), AppearanceObserver(embed)
                thumbnails[face.key].offer(frame.index, rgb, face.landmarks)
                looks[face.key].add(frame.index, rgb, face.landmarks)
            progress.advance()
        progress.finish()
        found = tracker.tracks()
    tracks = [replace(track, appearance=looks[key].finish()) for key, track in found.items()]
    roll = call_roll(
        sorted(tracks, key=lambda track: track.number), info, cast, embedder, embedding_threshold
    )
    return FaceSurvey(roll, {track.number: thumbnails[key].chosen() for key, track in found.items()})


def _spread(thumbnails: list[Thumbnail]) -> list[Thumbnail]:
    """A row's worth, evenly over all of them."""
    if len(thumbnails) <= _THUMBNAILS_PER_PERSON:
        return thumbnails
    places = np.linspace(0, len(thumbnails) - 1, _THUMBNAILS_PER_PERSON).round().astype(int)
    return [thumbnails[place] for place in places.tolist()]


def _ranges(tracks: Sequence[FaceTrack], start: int) -> str:
    """`frames 0-24, 50-99 of 3 shots`, neighbouring stretches as one."""
    runs: list[tuple[int, int]] = []
    for track in tracks:
        first, last = start + track.first_frame_index, start + track.last_frame_index_inclusive
        if runs and runs[-1][1] >= first - 1:
            runs[-1] = (runs[-1][0], max(runs[-1][1], last))
        else:
            runs.append((first, last))
    shots = len({track.shot for track in tracks})
    told = ", ".join(f"{first}-{last}" for first, last in runs)
    return f"frames {told}" + (f"  in {shots} shots" if shots > 1 else "")


def _face_picture(rgb: NDArray[np.uint8], landmarks: NDArray[np.float32]) -> NDArray[np.uint8]:
    """A square around the face, (192, 192, 3) uint8; black beyond the picture."""
    import cv2

    low, high = landmarks[:, :2].min(axis=0), landmarks[:, :2].max(axis=0)
    middle, half = (low + high) / 2, float((high - low).max()) * 0.7
    height, width = rgb.shape[:2]
    left, top = np.floor(np.clip(middle - half, 0, (width - 1, height - 1))).astype(int)
    right, bottom = np.ceil(np.clip(middle + half, (left + 1, top + 1), (width, height))).astype(int)
    part = rgb[top:bottom, left:right]
    scale = _THUMBNAIL_PIXELS / (2 * half)
    # warpAffine takes single pixels where it shrinks: averaged first.
    small = cv2.resize(part, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else part
    done = np.array(small.shape[1::-1]) / (right - left, bottom - top)
    move = np.array([[scale / done[0], 0, 0], [0, scale / done[1], 0]], dtype=np.float64)
    move[:, 2] = scale * (np.array([left, top]) - (middle - half))
    size = (_THUMBNAIL_PIXELS, _THUMBNAIL_PIXELS)
    return np.asarray(cv2.warpAffine(small, move, size, flags=cv2.INTER_LINEAR), dtype=np.uint8)
