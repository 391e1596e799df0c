# SPDX-License-Identifier: Apache-2.0
"""One frame of a job before the job runs: the very pixels it will give, made smaller for an eye."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plosive.errors import MediaReadError, OptionError, RangeError
from plosive.media.imagereader import ImageReader
from plosive.media.plate import PlateFrame, PlateInfo, PlateReader
from plosive.media.videoreader import VideoReader
from plosive.progress import Progress, SilentProgress
from plosive.sync.kept import kept_reasons
from plosive.sync.known_survey import SurveyCache
from plosive.sync.opened import OpenedJob, open_job
from plosive.sync.plate_memory import PlateMemory, file_states
from plosive.sync.prepared import plan_parts
from plosive.sync.render import FrameMaker, Part
from plosive.sync.sparing import SparingMerger
from plosive.sync.stopwatch import Stopwatch
from plosive.sync.survey import PlateSurvey, survey_plate
from plosive.sync.understood import UnderstoodJob, understand_job
from plosive.sync_options import SyncOptions

__all__ = ["FramePreviewer", "SyncedFrame", "sync_frame"]

_REDO = "The preview shows the first choice; what --redo flags is tried again when the job runs."


@dataclass(frozen=True)
class SyncedFrame:
    """Frame `number` of the plate (its own numbering) as the job gives it.

    `picture` is (height, width, 3) uint8, upright, display-referred R'G'B' as `PlateFrame.rgb8` shows it (PQ
    and HLG are not tone mapped), as wide as it is seen where pixels are not square. `reason` says why the
    plate is kept, '' where a mouth is new. `stage_seconds` is where the time went.
    """

    number: int
    picture: NDArray[np.uint8]
    reason: str
    warnings: tuple[str, ...]
    stage_seconds: dict[str, float]


@dataclass(frozen=True)
class _Held:
    """A job that was understood, what it was understood of, and its faces planned so far, by track number."""

    options: SyncOptions
    state: tuple[object, ...]
    job: UnderstoodJob
    maker: FrameMaker
    planned: dict[int, tuple[Part, ...]] = field(default_factory=dict)

    def parts(self, index: int, progress: Progress, watch: Stopwatch) -> list[Part]:
        """Those of the job's faces that are synced in frame `index`, in the job's order. No plan knows of
        another, so that the others need not be made.
        """
        job = self.job
        tracks = [track for one in job.seen for track in one.tracks]
        seen = {
            track.number
            for track in tracks
            if track.row(index) is not None and job.visibilities[track.number].blend[index] > 0
        }
        missing = seen - set(self.planned)
        if missing:
            parts = [part for own in plan_parts(job, progress, watch, missing) for part in own]
            for number in missing:
                self.planned[number] = tuple(part for part in parts if part.track.number == number)
            progress.finish()
        return [
            part
            for number in dict.fromkeys(track.number for track in tracks)
            if number in seen
            for part in self.planned[number]
        ]


class FramePreviewer:
    """Makes single frames of jobs; what it found out for one frame is used for the next. Use as a context
    manager, from one thread.

    Another frame of the same job takes only its rendering. Other options on the same plate keep the pictures
    of mouths that were read; faces and speech come from the cache, where `SyncOptions.use_cache` is on.
    """

    def __init__(self) -> None:
        self._job_stack, self._memory = ExitStack(), PlateMemory()
        self._held: _Held | None = None
        self._decoder = ThreadPoolExecutor(1, thread_name_prefix="plosive-preview")
        self._next: tuple[OpenedJob, int, Future[PlateFrame]] | None = None

    def frame(
        self,
        options: SyncOptions,
        number: int,
        largest_side_pixels: int,
        progress: Progress | None = None,
    ) -> SyncedFrame:
        """Frame `number` of the plate, at most `largest_side_pixels` wide and high, never enlarged.

        OUT is not looked at. Raises RangeError for a frame that the job does not write, OptionError for a
        generator that works through a shot in order, and PlosiveError subclasses as the job would.
        """
        if largest_side_pixels < 1:
            raise OptionError(f"A preview must be 1 pixel large at least, not {largest_side_pixels}.")
        watch, progress = Stopwatch(), progress or SilentProgress()
        held = self._understood(_of_one_frame(options), number, progress, watch)
        info = held.job.opened.info
        index = _index_of(number, held.job.opened)
        decoding = self._decoding(held.job.opened, index)
        parts = held.parts(index, progress, watch)
        with watch.running("decode"):
            plate = decoding.result()
            self._next = None
        with watch.running("render"):
            made = held.maker.synced(plate, parts)
        with watch.running("picture"):
            picture = _shrunk(made, info, largest_side_pixels)
        visibilities = [held.job.visibilities[track.number] for one in held.job.seen for track in one.tracks]
        reasons = kept_reasons(visibilities, info.frame_count, held.job.opened.style)
        warnings = [
            *info.warnings,
            *held.job.warnings(),
            *held.job.opened.generator.warnings,
            *([_REDO] if options.redo is not None else []),
        ]
        told = tuple(dict.fromkeys(warnings))
        return SyncedFrame(number, picture, reasons[index], told, dict(watch.seconds))

    def close(self) -> None:
        """Let everything go."""
        self._decoder.shutdown(cancel_futures=True)
        self._held, self._next = None, None
        self._job_stack.close()
        self._memory.close()

    def __enter__(self) -> FramePreviewer:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def survey(
        self, plate: VideoReader | ImageReader, reader: PlateReader, progress: Progress, cache: SurveyCache
    ) -> PlateSurvey:
        """`survey_plate` of `reader`, some or all of `plate`: pictures of mouths that are read on the way are
        there for frames of jobs on the same part, unless they are very many.
        """
        self._held = None  # its pictures go with another plate, and would be read through `reader`
        self._job_stack.close()
        crops = self._memory.crops(plate, reader)
        try:
            return survey_plate(reader, crops, progress, Stopwatch(), cache=cache)
        finally:
            self._memory.trim()

    def _decoding(self, opened: OpenedJob, index: int) -> Future[PlateFrame]:
        """The plate's frame, read beside what else is done: from a long group of pictures it takes long."""
        if self._next is None or self._next[0] is not opened or self._next[1] != index:
            self._next = opened, index, self._decoder.submit(_frame_at, opened, index)
        return self._next[2]

    def _understood(self, options: SyncOptions, number: int, progress: Progress, watch: Stopwatch) -> _Held:
        held = self._held
        if held is not None and held.options == options and held.state == _state_of(held.job, options):
            return held
        self._held = None
        self._job_stack.close()
        with ExitStack() as opened_stack:
            with watch.running("open"):
                opened = open_job(options, opened_stack)
                if not opened.generator.facts.is_any_order:
                    raise OptionError(
                        f"Generator '{options.generator}' works through a shot in order, so that no single "
                        "frame can be shown; run the job."
                    )
            index = _index_of(number, opened)
            files = file_states(opened.plate.paths)
            if held is not None and file_states(held.job.opened.plate.paths) == files:
                opened.share_fingerprint(held.job.opened)
            crops = self._memory.crops(opened.plate, opened.reader)
            self._decoding(opened, index)
            job = understand_job(opened, progress, watch, opened_stack, crops)
            maker = FrameMaker(SparingMerger(opened.device), opened.info.transfer, Stopwatch())
            self._held = _Held(options, _state_of(job, options), job, maker)
            self._job_stack = opened_stack.pop_all()
        return self._held


def sync_frame(
    options: SyncOptions, number: int, largest_side_pixels: int, progress: Progress | None = None
) -> SyncedFrame:
    """`FramePreviewer.frame` for one frame alone."""
    with FramePreviewer() as previewer:
        return previewer.frame(options, number, largest_side_pixels, progress)


def _of_one_frame(options: SyncOptions) -> SyncOptions:
    """`options` without what only counts where files are written."""
    plain: dict[str, Any] = {"report": None, "elements": None, "redo": None, "overwrite": True}
    return replace(options, **plain).validated()


def _index_of(number: int, opened: OpenedJob) -> int:
    info, written = opened.info, opened.span.written
    if not written.first_frame <= number <= written.last_frame_inclusive:
        raise RangeError(
            f"Frame {number} is none of this job: it writes frames {written.first_frame}-"
            f"{written.last_frame_inclusive} of {info.path.name}."
        )
    return number - info.first_frame


def _frame_at(opened: OpenedJob, index: int) -> PlateFrame:
    for frame in opened.reader.frames(index):
        return frame
    raise MediaReadError(f"Frame {index} of {opened.info.path.name} cannot be read.")


def _state_of(job: UnderstoodJob, options: SyncOptions) -> tuple[object, ...]:
    """Changes whenever a file does that the job was prepared of, as far as size and date tell."""
    named = [options.motion, options.turns, options.cast]
    texts = [options.transcript, options.ocio, *(one.transcript for one in options.speakers)]
    paths = [
        *job.opened.plate.paths,
        *options.dubs,
        *options.actor_footage,
        *(path for path in named if path is not None),
        *(Path(text) for text in texts if text is not None and len(text) < 1000),
    ]
    return file_states(paths)


def _shrunk(frame: PlateFrame, info: PlateInfo, largest_side_pixels: int) -> NDArray[np.uint8]:
    """The picture as it is seen, not larger than asked: (h, w, 3) uint8. Averages of the pixels it covers."""
    import cv2

    picture = frame.rgb8()
    height, width = picture.shape[:2]
    aspect = float(info.pixel_aspect)
    seen = (width * aspect, height) if aspect < 1 else (width, height / aspect)
    scale = min(1.0, largest_side_pixels / max(seen))
    size = max(1, round(seen[0] * scale)), max(1, round(seen[1] * scale))
    if size == (width, height):
        return picture
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
