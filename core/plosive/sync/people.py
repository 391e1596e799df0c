# SPDX-License-Identifier: Apache-2.0
"""Who is in a plate, found once: later jobs and previews of the plate need not look again."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from plosive.attended import attended
from plosive.colour.plate_colour import ColourChoice
from plosive.faces.people.cast import Cast
from plosive.faces.people.roll import call_roll
from plosive.faces.survey import FaceSurvey, thumbnails_of
from plosive.generate.crops import CropFile
from plosive.media import open_plate
from plosive.media.fingerprint import fingerprint
from plosive.progress import Progress
from plosive.sync.known_survey import SurveyCache
from plosive.sync.late_crops import LateCropFile
from plosive.sync.stopwatch import Stopwatch
from plosive.sync.survey import survey_plate

__all__ = ["find_people"]


def find_people(
    plate: Path,
    progress: Progress,
    cast: Cast | None = None,
    *,
    sequence_rate: Fraction | None = None,
    colour: ColourChoice | None = None,
    view: str | None = None,
    use_cache: bool = True,
) -> FaceSurvey:
    """All faces of `plate`, told apart and numbered as `sync` does with the same `cast`, a few thumbnails of
    each. The other arguments are those of `SyncOptions`. A plate that was looked at before is only read where
    the thumbnails are. Raises MediaReadError when the plate cannot be read.
    """
    with open_plate(plate, sequence_rate=sequence_rate, colour=colour, view=view) as reader:
        content = attended(lambda: fingerprint(reader.paths), progress) if use_cache else None
        cache = SurveyCache(reader, content=content) if use_cache else None
        is_known = cache is not None and cache.find(with_observations=False) is not None
        progress.start("faces", None if is_known else reader.info.frame_count)
        with LateCropFile() if is_known else CropFile() as crops:
            survey = survey_plate(reader, crops, progress, Stopwatch(), cache=cache)
        roll = call_roll(survey.tracks, reader.info, cast)
        thumbnails = thumbnails_of(reader, roll.tracks, progress)
        progress.finish()
    return FaceSurvey(roll, thumbnails)
