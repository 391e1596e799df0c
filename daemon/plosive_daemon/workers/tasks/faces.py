# SPDX-License-Identifier: Apache-2.0
"""Who is in a clip: found as the job finds them, and kept for it.

Payload: an AnalyzeFacesRequest, base64 under `request`. Result: the fields of Faces (faces.proto).
"""

from __future__ import annotations

import base64
from contextlib import ExitStack, closing
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plosive.sync_options import SyncOptions
from plosive_daemon.workers.session import Session
from plosive_daemon.workers.tasks.previews import jpeg_of, previewer
from plosive_daemon.workers.tasks.requests import held_sources, request_in
from plosive_proto.v1 import clip_pb2, faces_pb2

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from plosive.faces.track import FaceTrack
    from plosive.media.imagereader import ImageReader
    from plosive.media.plate import PlateReader
    from plosive.media.videoreader import VideoReader

__all__ = ["options_of_clip", "run"]

_THUMBNAIL_PIXELS = 192
_THUMBNAIL_BYTES = 64 << 10
_MOST_BOXES = 2_000
_FACE_MARGIN = 0.4


def run(payload: dict[str, Any], session: Session) -> dict[str, Any]:
    """Raises PlosiveError subclasses where the clip cannot be read."""
    from plosive.faces.people.cast_file import read_cast
    from plosive.faces.people.roll import call_roll
    from plosive.media import open_plate
    from plosive.sync.span import job_span

    request = request_in(payload, faces_pb2.AnalyzeFacesRequest())
    with held_sources(request, session), ExitStack() as stack:
        known = read_cast(Path(request.cast_path)) if request.cast_path else None
        options = options_of_clip(request.clip)
        plate = open_plate(
            options.plate, sequence_rate=options.sequence_rate, colour=options.colour, view=options.view
        )
        stack.enter_context(plate)
        reader = plate.part(job_span(options, plate.info).looked)
        tracks, cuts = _survey(plate, reader, session)
        info = reader.info
        roll = call_roll(tracks, info, known)
        return {
            "people": [
                {
                    "number": person,
                    "name": roll.cast.name_of(person) or "",
                    "thumbnail_jpeg": _thumbnail(own, reader, session),
                    "tracks": [_track_facts(track, info.first_frame) for track in own],
                }
                for person, own in roll.persons.items()
            ],
            "width": info.width,
            "height": info.height,
            "shot_cut_frames": [info.first_frame + index for index in cuts],
            "warnings": list(dict.fromkeys([*info.warnings, *roll.change_sentences()])),
        }


def options_of_clip(clip: clip_pb2.ClipRange) -> SyncOptions:
    """As those of a job on `clip`, for which frames are looked at; there is no dub."""
    given = clip.sequence_rate
    is_part = clip.HasField("range") and clip.HasField("handle_frames")
    return SyncOptions(
        plate=Path(clip.media_path),
        dub=None,
        out=Path(),
        frame_range=f"{clip.range.first_frame}-{clip.range.last_frame_inclusive}" if is_part else None,
        only_range=is_part,
        handles=clip.handle_frames if is_part else 0,
        sequence_rate=Fraction(given.numerator, given.denominator) if given.denominator else None,
        colorspace=clip.colorspace or None,
        view=clip.view or None,
        ocio=clip.ocio_config_path or None,
    )


def _survey(
    plate: VideoReader | ImageReader, reader: PlateReader, session: Session
) -> tuple[tuple[FaceTrack, ...], tuple[int, ...]]:
    """Tracks and first frame indices of new shots. What the job would know is known; what is found is kept
    for it, and what is read for the first preview.
    """
    from plosive.sync.known_survey import SurveyCache

    cache = SurveyCache(reader)
    found = cache.find(with_observations=False)
    if found is not None:
        return found.tracks, found.cut_indices
    session.start("faces", reader.info.frame_count)
    survey = previewer().survey(plate, reader, session, cache)
    session.finish()
    return survey.tracks, survey.cut_indices


def _track_facts(track: FaceTrack, first_frame: int) -> dict[str, Any]:
    import numpy as np

    first, last = track.first_frame_index, track.last_frame_index_inclusive
    step = max(1, -(-(last - first + 1) // _MOST_BOXES))
    wanted = np.arange(first, last + 1, step)
    low, high = track.landmarks[:, :, :2].min(axis=1), track.landmarks[:, :, :2].max(axis=1)
    seen = np.concatenate([low, high - low], axis=1)
    boxes = np.stack([np.interp(wanted, track.indices, column) for column in seen.T], axis=1)
    return {
        "range": {"first_frame": first_frame + first, "last_frame_inclusive": first_frame + last},
        "face_width_pixels": round(float(track.face_widths.mean()), 2),
        "box_step_frames": step,
        "boxes": [round(value, 2) for value in boxes.ravel().tolist()],
    }


def _thumbnail(tracks: tuple[FaceTrack, ...], reader: PlateReader, session: Session) -> str:
    """The face where it is largest and turned to us, as base64 of a JPEG."""
    import numpy as np

    best: tuple[float, int, NDArray[np.float32]] | None = None
    for track in tracks:
        turned = np.cos(np.radians(track.head.angles_degrees()[:, :2])).clip(0, 1).prod(axis=1) ** 2
        points = track.face_widths * turned
        row = int(points.argmax())
        if best is None or points[row] > best[0]:
            best = float(points[row]), int(track.indices[row]), track.landmarks[row]
    assert best is not None
    session.check()
    frames = reader.frames(best[1])
    with closing(frames):  # type: ignore[type-var]
        picture = next(frames).rgb8()
    made = jpeg_of(_around(picture, best[2]), _THUMBNAIL_BYTES, _THUMBNAIL_PIXELS)
    return base64.b64encode(made).decode("ascii")


def _around(picture: NDArray[np.uint8], landmarks: NDArray[np.float32]) -> NDArray[np.uint8]:
    """The face of `landmarks` (478, 3) and a margin, cut out of `picture` (H, W, 3); smaller at the edges."""
    import numpy as np

    low, high = landmarks[:, :2].min(axis=0), landmarks[:, :2].max(axis=0)
    middle, half = (low + high) / 2, float((high - low).max()) * (0.5 + _FACE_MARGIN / 2)
    height, width = picture.shape[:2]
    left, top = np.clip(np.floor(middle - half), 0, (width - 1, height - 1)).astype(int).tolist()
    right, bottom = np.clip(np.ceil(middle + half), (left + 1, top + 1), (width, height)).astype(int).tolist()
    return picture[top:bottom, left:right]
