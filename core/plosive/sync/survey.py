# SPDX-License-Identifier: Apache-2.0
"""The first pass over a plate: faces tracked, and pictures of their mouths collected."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from plosive.attended import attended
from plosive.colour.transfer import Transfer, finite_working
from plosive.faces.behind import WorkBehind
from plosive.faces.finding.ahead import pictures_ahead
from plosive.faces.finding.tracker import FaceTracker, SeenFace
from plosive.faces.observers import FaceObservers, finished
from plosive.faces.threads import single_products
from plosive.faces.track import FaceTrack
from plosive.generate.crops import CropFile, Ticket
from plosive.generate.sources import KnownSources, SourceCollector, SourceLibrary, uncovered
from plosive.media.plate import PlateFrame, PlateReader
from plosive.progress import Progress
from plosive.quality.observation import FaceObservation, FaceRecorder
from plosive.sync.known_survey import KnownSurvey, SurveyCache
from plosive.sync.late_crops import LateCropFile
from plosive.sync.stopwatch import Stopwatch

__all__ = ["PlateSurvey", "survey_plate", "survey_take"]


@dataclass(frozen=True)
class PlateSurvey:
    """Every face track of a plate with the sources of its mouth, most prominent first.

    `observations` are its faces by number as scoring measures them, where they were asked for.
    """

    tracks: tuple[FaceTrack, ...]
    sources: dict[int, SourceLibrary]
    cut_indices: tuple[int, ...]
    observations: dict[int, FaceObservation] = field(default_factory=dict)

    def library(self, track: FaceTrack) -> SourceLibrary:
        """The sources of `track`, by its number."""
        return self.sources[track.number]


def survey_plate(
    reader: PlateReader,
    crops: CropFile,
    progress: Progress,
    watch: Stopwatch,
    with_observations: bool = False,
    cache: SurveyCache | None = None,
) -> PlateSurvey:
    """Look at every frame once. Pixels of mouths go to `crops`; memory holds only numbers.

    What `cache` knows of the plate is not looked for again: then only the pixels are read. The survey is the
    same to the bit.
    """
    with watch.running("cache"):
        known = None if cache is None else cache.find(with_observations)
    if known is not None and isinstance(crops, LateCropFile):
        survey = _promised(known, crops, progress, watch, cache)
    elif known is not None:
        survey = _seen_again(known, reader.frames(), crops, progress, watch)
    else:
        survey = _seen(reader.frames(), crops, progress, watch, with_observations, reader.info.transfer)
        if isinstance(crops, LateCropFile):
            _remember(survey, crops)
    if cache is not None:
        with watch.running("cache"):
            if known is None:
                sources = {number: KnownSources.of(library) for number, library in survey.sources.items()}
                cache.keep(KnownSurvey(survey.tracks, survey.cut_indices, sources, survey.observations))
            if not isinstance(crops, LateCropFile) or crops.is_attended:
                cache.pictures.keep(survey.tracks, survey.sources)
    return survey


def survey_take(
    reader: PlateReader, frame_count: int, progress: Progress, cache: SurveyCache
) -> tuple[FaceTrack, ...]:
    """Every face in the first `frame_count` frames of another take, most prominent first: numbers alone,
    which `cache` keeps. Raises MediaReadError when the take cannot be read.
    """
    known = cache.find(with_observations=False)
    if known is None:
        frames = islice(reader.frames(), frame_count)
        seen = _seen(frames, None, progress, Stopwatch(), False, reader.info.transfer)
        known = KnownSurvey(seen.tracks, seen.cut_indices, {}, {})
        cache.keep(known)
    return known.tracks


def _promised(
    known: KnownSurvey,
    crops: LateCropFile,
    progress: Progress,
    watch: Stopwatch,
    cache: SurveyCache | None,
) -> PlateSurvey:
    """The survey that is `known`, the pixels of its sources to be read when they are looked at."""
    sources: dict[int, SourceLibrary] = {}
    for track in known.tracks:
        own = known.sources[track.number]
        indices = track.indices[own.looks["rows"]].tolist()
        tickets = [crops.promise(index, own.box(place)) for place, index in enumerate(indices)]
        sources[track.number] = own.library(tickets, crops)
    with watch.running("sources"):
        if crops.is_attended and (cache is None or not cache.pictures.lend(crops)):
            crops.read_ahead(progress)
    return PlateSurvey(known.tracks, sources, known.cut_indices, known.observations)


def _remember(survey: PlateSurvey, crops: LateCropFile) -> None:
    """What was read while looking is there for the next job on the plate."""
    for track in survey.tracks:
        library = survey.library(track)
        for row, ticket in zip(library.rows.tolist(), library.tickets, strict=True):
            crops.remember(int(track.indices[row]), ticket)


def _seen_again(
    known: KnownSurvey,
    frames: Iterable[PlateFrame],
    crops: CropFile,
    progress: Progress,
    watch: Stopwatch,
) -> PlateSurvey:
    """The survey that is `known`, the pixels of its sources read anew."""
    wanted: dict[int, list[tuple[int, int]]] = {}
    tickets: dict[int, dict[int, Ticket]] = {track.number: {} for track in known.tracks}
    for track in known.tracks:
        for source, row in enumerate(known.sources[track.number].looks["rows"].tolist()):
            wanted.setdefault(int(track.indices[row]), []).append((track.number, source))
    for frame in watch.timed("decode", frames):
        with watch.running("sources"):
            for number, source in wanted.get(frame.index, ()):
                box = known.sources[number].box(source)
                tickets[number][source] = crops.add(finite_working(frame.working(box)), box)
        progress.advance()
    return PlateSurvey(
        tracks=known.tracks,
        sources={
            number: sources.library([tickets[number][place] for place in range(len(sources.boxes))], crops)
            for number, sources in known.sources.items()
        },
        cut_indices=known.cut_indices,
        observations=known.observations,
    )


def _seen(
    frames: Iterable[PlateFrame],
    crops: CropFile | None,
    progress: Progress,
    watch: Stopwatch,
    with_observations: bool,
    transfer: Transfer,
) -> PlateSurvey:
    """Sources are collected where there are `crops` to keep them in."""
    collectors: dict[int, SourceCollector] = {}
    recorders: dict[int, FaceRecorder] = {}
    observers: dict[int, FaceObservers] = {}

    def watch_faces(frame: PlateFrame, rgb: NDArray[np.uint8], faces: list[SeenFace]) -> None:
        for face in faces:
            if crops is not None:
                collectors.setdefault(face.key, SourceCollector(crops)).add(frame, face.landmarks)
            observers.setdefault(face.key, FaceObservers(transfer)).add(frame, rgb, face.landmarks)
            if with_observations:
                recorder = recorders.setdefault(face.key, FaceRecorder(face.shot, frame.width, frame.height))
                recorder.add(frame.index, rgb, face.landmarks)

    with single_products(), FaceTracker() as tracker:
        with WorkBehind() as behind:
            for frame, rgb in watch.timed("decode", pictures_ahead(frames)):
                with watch.running("faces"):
                    behind.do(partial(watch_faces, frame, rgb, tracker.see(frame.index, rgb)))
                progress.advance()
        with watch.running("faces"):
            tracks = attended(lambda: finished(observers, tracker.tracks()), progress)
    ranked = sorted(tracks.items(), key=lambda item: item[1].number)
    return PlateSurvey(
        tracks=tuple(track for _, track in ranked),
        sources={
            track.number: uncovered(collectors[key].library(), track)
            for key, track in ranked
            if key in collectors
        },
        cut_indices=tuple(tracker.cut_indices),
        observations={
            track.number: recorders[key].observation() for key, track in ranked if key in recorders
        },
    )
