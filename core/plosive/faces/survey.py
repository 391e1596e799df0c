# SPDX-License-Identifier: Apache-2.0
"""Which faces a plate holds, for people: numbers, ranges, sizes and a page of thumbnails."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from plosive.faces.finding.tracker import FaceTracker
from plosive.faces.track import FaceTrack
from plosive.progress import Progress

__all__ = ["FaceSummary", "FaceSurvey", "survey_faces"]

_THUMBNAIL_PIXELS = 192
_THUMBNAILS_PER_TRACK = 5
_FIRST_STRIDE_FRAMES = 8


@dataclass(frozen=True)
class FaceSummary:
    """One track: frames in the plate's own numbers; `frames` counts those the face is seen in."""

    number: int
    shot: int
    first_frame: int
    last_frame_inclusive: int
    frames: int
    width_px: float
    yaw_degrees: tuple[float, float]


@dataclass(frozen=True)
class FaceSurvey:
    """All tracks, most prominent first. `contact_sheet` (H, W, 3) uint8: one row of thumbnails a track."""

    tracks: tuple[FaceSummary, ...]
    contact_sheet: NDArray[np.uint8]


@dataclass(frozen=True)
class _Thumbnail:
    index: int
    picture: NDArray[np.uint8]


class _Thumbnails:
    """Evenly spread thumbnails of one track, a handful whatever its length."""

    def __init__(self) -> None:
        self.kept: list[_Thumbnail] = []
        self._stride = _FIRST_STRIDE_FRAMES
        self._seen = 0

    def offer(self, index: int, rgb: NDArray[np.uint8], landmarks: NDArray[np.float32]) -> None:
        due = self._seen % self._stride == 0
        self._seen += 1
        if not due:
            return
        self.kept.append(_Thumbnail(index, _face_picture(rgb, landmarks)))
        if len(self.kept) >= 4 * _THUMBNAILS_PER_TRACK:
            self._stride *= 2
            self.kept = self.kept[::2]

    def chosen(self) -> list[_Thumbnail]:
        places = np.unique(np.linspace(0, len(self.kept) - 1, _THUMBNAILS_PER_TRACK).round().astype(int))
        return [self.kept[place] for place in places]


def survey_faces(path: Path, progress: Progress) -> FaceSurvey:
    """Track all faces of the plate at `path`. Raises MediaReadError when it cannot be read."""
    from plosive.media import open_plate

    thumbnails: dict[int, _Thumbnails] = {}
    with open_plate(path) as reader, FaceTracker() as tracker:
        first_frame = reader.info.first_frame
        progress.start("faces", reader.info.frame_count)
        for frame in reader.frames():
            rgb = frame.rgb8()
            for face in tracker.see(frame.index, rgb):
                thumbnails.setdefault(face.key, _Thumbnails()).offer(frame.index, rgb, face.landmarks)
            progress.advance()
        progress.finish()
        tracks = tracker.tracks()
    ranked = sorted(tracks, key=lambda key: tracks[key].number)
    return FaceSurvey(
        tracks=tuple(_summary(tracks[key], first_frame) for key in ranked),
        contact_sheet=_sheet([(tracks[key], thumbnails[key]) for key in ranked], first_frame),
    )


def _summary(track: FaceTrack, first_frame: int) -> FaceSummary:
    yaw = track.head.angles_degrees()[:, 0]
    return FaceSummary(
        number=track.number,
        shot=track.shot,
        first_frame=first_frame + track.first_frame_index,
        last_frame_inclusive=first_frame + track.last_frame_index_inclusive,
        frames=len(track.indices),
        width_px=float(np.median(track.face_widths)),
        yaw_degrees=(float(yaw.min()), float(yaw.max())),
    )


def _face_picture(rgb: NDArray[np.uint8], landmarks: NDArray[np.float32]) -> NDArray[np.uint8]:
    """A square around the face, (192, 192, 3) uint8; black beyond the picture."""
    import cv2

    low, high = landmarks[:, :2].min(axis=0), landmarks[:, :2].max(axis=0)
    middle, half = (low + high) / 2, float((high - low).max()) * 0.7
    scale = _THUMBNAIL_PIXELS / (2 * half)
    move = np.array(
        [[scale, 0, -scale * (middle[0] - half)], [0, scale, -scale * (middle[1] - half)]], dtype=np.float64
    )
    size = (_THUMBNAIL_PIXELS, _THUMBNAIL_PIXELS)
    return np.asarray(cv2.warpAffine(rgb, move, size, flags=cv2.INTER_AREA), dtype=np.uint8)


def _sheet(tracks: list[tuple[FaceTrack, _Thumbnails]], first_frame: int) -> NDArray[np.uint8]:
    from plosive.review.contact_sheet import contact_sheet

    blank = np.zeros((_THUMBNAIL_PIXELS, _THUMBNAIL_PIXELS, 3), dtype=np.uint8)
    images: list[NDArray[np.uint8]] = []
    labels: list[str] = []
    for track, thumbnails in tracks:
        row = thumbnails.chosen()
        images += [thumbnail.picture for thumbnail in row] + [blank] * (_THUMBNAILS_PER_TRACK - len(row))
        labels += [f"face {track.number}  frame {first_frame + thumbnail.index}" for thumbnail in row]
        labels += [""] * (_THUMBNAILS_PER_TRACK - len(row))
    if not images:
        return contact_sheet([blank], ["no face"], 1)
    return contact_sheet(images, labels, _THUMBNAILS_PER_TRACK)
