# SPDX-License-Identifier: Apache-2.0
"""Scoring from files to a scorecard."""

from __future__ import annotations

import time
from contextlib import ExitStack
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from plosive.attended import attended
from plosive.errors import DubError, FaceError, MediaReadError
from plosive.faces.choice import choose_tracks
from plosive.faces.people.cast_file import read_cast
from plosive.media import Dub, open_plate, read_dub
from plosive.media.placement import place_dub
from plosive.media.plate import PlateInfo, PlateKind, PlateReader
from plosive.media.reading import view_in
from plosive.media.timecode import FrameRange, parse_frame_range
from plosive.progress import Progress
from plosive.quality.card import make_card
from plosive.quality.dub_time import DubTime, KnownDub
from plosive.quality.equality import file_equalities
from plosive.quality.expectation import Expectation, expect
from plosive.quality.found import FoundFace, numbered_faces
from plosive.quality.measured import MeasuredTake, measure_take
from plosive.quality.scorecard import Equality, Scorecard
from plosive.quality.survey import ClipSurvey, survey_clip
from plosive.quality.take import Take, usable_reasons
from plosive.quality.watched_plate import WatchedPlates
from plosive.score_options import ScoreOptions
from plosive.speech import PhoneSource, Speech, hear

__all__ = ["score_result", "score_survey"]

if TYPE_CHECKING:
    from plosive.media.imagereader import ImageReader
    from plosive.media.videoreader import VideoReader

_LEAST_FACE_SECONDS = 1
_UNSURE_WORDS = 0.55


def score_result(
    options: ScoreOptions,
    progress: Progress,
    known: KnownDub | None = None,
    plates: WatchedPlates | None = None,
) -> Scorecard:
    """Measure `options.result` from its own pictures against its dub and, if given, its plate. Where `known`
    tells moments of the dub, `options.audio_start` counts for nothing. `plates` hands what was seen of the
    plate on to the next scoring against it; the score is the same.

    Raises PlosiveError subclasses where there is nothing to score: unreadable files, or a result and a plate
    (or what of it `options.plate_range` names) that differ in length (MediaReadError), a range that leaves
    the plate (RangeError), no sound or no speech (DubError), no face seen for a second
    (FaceError). There is never a score of zero for what could not be measured.
    """
    options = options.validated()
    seconds: dict[str, float] = {}
    with ExitStack() as stack:
        dub = _dub(options)
        result: PlateReader = _opened(options.result, options, dub.duration_seconds, stack)
        plate, plate_range = None, None
        if options.plate is not None:
            plate, plate_range = _plate(options.plate, options, dub, result.info, stack)
            _require_same_length(result.info, plate.info, plate_range)
        info, times = result.info, result.frame_times()
        placement = None
        known = known or KnownDub()
        dub_time = None if known.moments is None else DubTime(known.moments[: info.frame_count])
        if dub_time is None:
            placement = place_dub(info, times, dub.duration_seconds, options.audio_start, "plate")
            last_centre, start = placement.dub_centres[-1], placement.dub_start_seconds
        else:
            last_centre, start = max(dub_time.moments), Fraction(0)
        began = time.perf_counter()
        progress.start("speech", None)
        speech = known.speech or attended(lambda: _speech(options, dub, last_centre), progress)
        _require_speech(speech, dub)
        progress.finish()
        seconds["speech"] = time.perf_counter() - began
        began = time.perf_counter()
        survey = survey_clip(result, plate, progress, plates)
        seconds["watch"] = time.perf_counter() - began
        began = time.perf_counter()
        heard_rate = None if dub_time is None else dub_time.rate
        expectation = expect(speech, start, 1 / (heard_rate or info.frame_rate))
        equalities = (
            ()
            if plate is None
            else file_equalities(
                info, plate.info, times, plate.frame_times(), _sound_seconds(options.result, info)
            )
        )
    notes = () if placement is None else placement.notes
    warnings = [*info.warnings, *dub.warnings, *notes, *speech.warnings, *_doubts(speech)]
    told = tuple(dict.fromkeys(warnings))
    card = attended(
        lambda: score_survey(options, info, times, survey, expectation, equalities, told, dub_time), progress
    )
    seconds["measure"] = time.perf_counter() - began
    return replace(card, stage_seconds=seconds, plate_range=plate_range)


def score_survey(
    options: ScoreOptions,
    info: PlateInfo,
    times: tuple[Fraction, ...],
    survey: ClipSurvey,
    expectation: Expectation,
    equalities: tuple[Equality, ...] = (),
    warnings: tuple[str, ...] = (),
    dub_time: DubTime | None = None,
) -> Scorecard:
    """Score a clip that was already looked at: `info` and `times` (frame starts) are the result's. With
    `dub_time` the `expectation` is in the time of the dub, else in that of the result.

    Raises FaceError where no chosen face can be judged for a second.
    """
    cast = None if options.cast is None else read_cast(options.cast)
    faces = numbered_faces(survey, info, cast, "" if options.plate is None else options.plate.name)
    chosen = choose_tracks(faces, options.face, info.first_frame)
    heard_rate = None if dub_time is None else dub_time.rate
    _require_faces(options.result, survey, chosen, heard_rate or info.frame_rate)
    shown = _centres(times, info.frame_rate)
    heard = shown if dub_time is None else dub_time.moments
    centres = np.array([float(centre) for centre in heard])
    takes = {face.number: _measured(face, survey, expectation, centres, info, heard_rate) for face in chosen}
    card = make_card(options, info, times, survey, faces, takes, expectation, equalities, warnings)
    return card if dub_time is None else replace(card, phones=dub_time.laid(card.phones, shown))


def _dub(options: ScoreOptions) -> Dub:
    try:
        dub = read_dub(options.dub or options.result, channel=options.audio_channel)
    except DubError as error:
        if options.dub is None:
            open_plate(options.result).close()  # a file that is not there has a sentence of its own
            raise DubError(
                f"{options.result.name} has no sound of its own: give the dub with --audio."
            ) from error
        raise
    if dub.is_silent:
        raise DubError(
            f"{dub.path.name} is silent: without speech there is nothing to score a mouth against."
        )
    return dub


def _plate(
    path: Path, options: ScoreOptions, dub: Dub, result: PlateInfo, stack: ExitStack
) -> tuple[PlateReader, FrameRange | None]:
    """What of the plate the result holds; the range where that is not all. A still is alike in all parts."""
    if options.plate_range is None:
        return _opened(path, options, dub.duration_seconds, stack), None
    reader = _opened(path, options, result.duration_seconds, stack)
    info = reader.info
    if info.kind is PlateKind.STILL:
        return reader, None
    frames = parse_frame_range(options.plate_range, info.first_frame, info.last_frame_inclusive)
    return reader.part(frames), frames


def _opened(
    path: Path, options: ScoreOptions, still_seconds: Fraction, stack: ExitStack
) -> VideoReader | ImageReader:
    reader = open_plate(
        path,
        sequence_rate=options.sequence_rate,
        still_seconds=still_seconds,
        colour=options.colour,
        view=view_in(path, options.view),
    )
    stack.enter_context(reader)
    return reader


def _require_same_length(result: PlateInfo, plate: PlateInfo, part: FrameRange | None) -> None:
    if result.frame_count == plate.frame_count:
        return
    if part is not None:
        raise MediaReadError(
            f"{result.path.name} has {result.frame_count} frames, and frames {part.first_frame}-"
            f"{part.last_frame_inclusive} of its plate {plate.path.name} are {plate.frame_count}: name those "
            "that the result holds, with its handles, in --plate-range."
        )
    known = "give the plate of this very result, or leave --plate out"
    if result.frame_count < plate.frame_count:
        known = "name the part of the plate that it holds with --plate-range FIRST-LAST, or leave --plate out"
    raise MediaReadError(
        f"{result.path.name} has {result.frame_count} frames and its plate {plate.path.name} has "
        f"{plate.frame_count}: they cannot be compared frame by frame; {known}."
    )


def _speech(options: ScoreOptions, dub: Dub, last_centre: Fraction) -> Speech:
    return hear(
        dub.speech_samples(), options.transcript, options.language, last_centre, options.transcript_speaker
    )


def _require_speech(speech: Speech, dub: Dub) -> None:
    if speech.is_silent:
        raise DubError(f"Nobody speaks in {dub.path.name}: there is nothing to score a mouth against.")


def _require_faces(path: Path, survey: ClipSurvey, chosen: list[FoundFace], heard_rate: Fraction) -> None:
    if survey.is_flat:
        raise FaceError(f"{path.name} is one even colour in every frame: there is no picture to score.")
    if not chosen:
        raise FaceError(f"No face was found in {path.name}: there is no mouth to score.")
    usable = sum(usable_reasons(face.seen).count("") for face in chosen)
    if usable < _LEAST_FACE_SECONDS * heard_rate:
        raise FaceError(
            f"The face in {path.name} can be judged in {usable} frames only (elsewhere it is too small, "
            "turned away or cut off): a score needs a second of it."
        )


def _centres(times: tuple[Fraction, ...], rate: Fraction) -> tuple[Fraction, ...]:
    ends = [*times[1:], times[-1] + 1 / rate]
    return tuple((start + end) / 2 for start, end in zip(times, ends, strict=True))


def _measured(
    face: FoundFace,
    survey: ClipSurvey,
    expectation: Expectation,
    centres: NDArray[np.float64],
    info: PlateInfo,
    heard_rate: Fraction | None,
) -> MeasuredTake:
    edges = survey.edges.get(face.key, {})
    has_edges = survey.outside is not None
    return measure_take(
        Take(
            seen=face.seen,
            plate=survey.plate_faces.get(face.key),
            expectation=expectation,
            times=centres[np.minimum(face.seen.indices, len(centres) - 1)],
            frame_rate=info.frame_rate,
            edges=tuple(edges.get(index) for index in face.seen.indices.tolist()) if has_edges else (),
            heard_rate=heard_rate,
        )
    )


def _sound_seconds(path: Path, info: PlateInfo) -> Fraction | None:
    return read_dub(path).duration_seconds if info.has_audio else None


def _doubts(speech: Speech) -> list[str]:
    if speech.source is PhoneSource.DECODED:
        return [
            "No words could be made out in the dub: figures of single phones are rough; give --transcript."
        ]
    if speech.source is PhoneSource.RECOGNISED or speech.confidence < _UNSURE_WORDS:
        return ["The words were recognised, not given: give --transcript for surer closures."]
    return []
