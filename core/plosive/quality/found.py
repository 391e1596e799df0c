# SPDX-License-Identifier: Apache-2.0
"""The faces of a clip that was looked at: which tracks there are, and whose they are."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from plosive.faces.people.appearance import no_appearance
from plosive.faces.people.cast import Cast
from plosive.faces.people.joining import Sighting, join
from plosive.faces.track import prominence
from plosive.media.plate import PlateInfo
from plosive.quality.observation import FaceObservation
from plosive.quality.survey import ClipSurvey

__all__ = ["FoundFace", "numbered_faces"]


@dataclass(frozen=True)
class FoundFace:
    """One track of a face in the result, its person and their name; see `faces.choice.Choosable`."""

    number: int
    shot: int
    prominence: float
    key: int
    seen: FaceObservation
    person: int = 0
    name: str = ""

    def covers(self, frame_index: int, x: float, y: float) -> bool:
        row = self.seen.row(frame_index)
        if row is None:
            return False
        away = np.abs(np.array([x, y]) - self.seen.nose[row]) / self.seen.face_widths[row]
        return bool(away[0] <= 0.6 and away[1] <= 0.8)


def numbered_faces(
    survey: ClipSurvey, info: PlateInfo, cast: Cast | None = None, made_from: str = ""
) -> list[FoundFace]:
    """Tracks by prominence, numbered from 1, with their persons as `plosive faces` numbers them.

    People of `cast` keep their numbers and names. `made_from` is the file name of the plate, which the cast
    may know.
    """
    weights = {
        key: prominence(seen.face_widths, seen.nose, info.width, info.height)
        for key, seen in survey.faces.items()
    }
    ranked = sorted(weights, key=lambda key: (-weights[key], key))
    faces = [
        FoundFace(number, survey.faces[key].shot, weights[key], key, survey.faces[key])
        for number, key in enumerate(ranked, start=1)
    ]
    cast = cast or Cast()
    sightings = [_sighting(face, survey, info) for face in faces]
    persons = join(sightings, cast.known(), cast.pins(faces, info, made_from)).persons
    return [
        replace(face, person=persons[face.number], name=cast.name_of(persons[face.number])) for face in faces
    ]


def _sighting(face: FoundFace, survey: ClipSurvey, info: PlateInfo) -> Sighting:
    width = float(np.median(face.seen.face_widths))
    nose = np.median(face.seen.nose, axis=0) / info.width
    return Sighting(
        number=face.number,
        shot=face.shot,
        indices=face.seen.indices,
        prominence=face.prominence,
        place=(float(nose[0]), float(nose[1])),
        size=width / info.width,
        width_pixels=width,
        appearance=survey.appearances.get(face.key, no_appearance()),
    )
