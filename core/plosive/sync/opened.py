# SPDX-License-Identifier: Apache-2.0
"""One sync job whose files are open: every wish that cannot be met is found here, in the first second."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

from plosive.attended import attended
from plosive.faces.people.cast import Cast
from plosive.faces.people.cast_file import read_cast
from plosive.generate import find_generator
from plosive.media import open_plate
from plosive.media.fingerprint import fingerprint
from plosive.media.imagereader import ImageReader
from plosive.media.placement import Placement
from plosive.media.plate import PlateInfo
from plosive.media.videoreader import VideoReader
from plosive.progress import Progress
from plosive.quality.flags_file import FlagsFile
from plosive.speech.hearing import require_hearable
from plosive.sync.flagged import require_flags
from plosive.sync.kept import outside_range
from plosive.sync.needs import require_redoable
from plosive.sync.span import JobSpan, job_span, placement_in
from plosive.sync.sparing import SparingGenerator, compute_device
from plosive.sync.style import Style, style_of
from plosive.sync.takes import TakeReading, require_takes
from plosive.sync.voices.line import Lines, read_lines
from plosive.sync.voices.voice import place_lines
from plosive.sync_options import SyncOptions

__all__ = ["OpenedJob", "open_attended", "open_job"]


@dataclass(frozen=True)
class OpenedJob:
    """What `options` ask for, read and laid on the plate, before any long work. OUT is not looked at.

    `plate` is opened whole; `reader` reads what of it the job looks at (`span`), and all indices count from
    the first frame of that. `frame_times` are those of its frames; `placements` lay one line of `lines` each
    on them. `outside` says which frame indices --range leaves alone, and why. `flags` are those of --redo,
    `known` the people of --cast. `scratch` is a folder that lives as long as the job.
    """

    options: SyncOptions
    device: str
    generator: SparingGenerator
    lines: Lines
    plate: VideoReader | ImageReader
    span: JobSpan
    reader: VideoReader | ImageReader
    frame_times: tuple[Fraction, ...]
    placements: tuple[Placement, ...]
    style: Style
    outside: dict[int, str]
    flags: FlagsFile | None
    reading: TakeReading
    known: Cast | None
    scratch: Path

    @property
    def info(self) -> PlateInfo:
        """The plate, or what of it the job looks at."""
        return self.reader.info

    @cached_property
    def plate_fingerprint(self) -> str:
        """What the plate's files hold (`media.fingerprint`), read when first asked for."""
        return fingerprint(self.reader.paths)

    def share_fingerprint(self, other: OpenedJob) -> None:
        """Take that of `other`, if it has one: a job on the same files, which nobody touched since."""
        if "plate_fingerprint" in vars(other):
            vars(self)["plate_fingerprint"] = other.plate_fingerprint

    @property
    def held_frames(self) -> int:
        """How often the plate's last frame is repeated."""
        return self.placements[0].held_frames


def open_attended(options: SyncOptions, progress: Progress, stack: ExitStack) -> OpenedJob:
    """`open_job`, which `progress` may stop."""

    def opened() -> tuple[OpenedJob, ExitStack]:
        with ExitStack() as own:
            return open_job(options, own), own.pop_all()

    job, own = attended(opened, progress)
    stack.enter_context(own)
    return job


def open_job(options: SyncOptions, stack: ExitStack) -> OpenedJob:
    """Open what valid `options` name; `stack` closes it. Raises PlosiveError subclasses for what the artist
    can act on.
    """
    device = compute_device(options.device)
    generator = SparingGenerator(find_generator(options.generator), device)
    require_redoable(options, generator)
    scratch = Path(stack.enter_context(TemporaryDirectory(prefix="plosive-sound-")))
    lines = read_lines(options, scratch)
    for line in lines.lines:
        if line.given is None:
            wish = line.options
            require_hearable(wish.transcript, wish.language, wish.transcript_speaker)
    plate = open_plate(
        options.plate,
        sequence_rate=options.sequence_rate,
        still_seconds=lines.longest_seconds,
        colour=options.colour,
        view=options.view,
    )
    stack.enter_context(plate)
    span = job_span(options, plate.info)
    placements = tuple(
        placement_in(placement, span.looked, plate.info)
        for placement in place_lines(lines, plate.info, plate.frame_times())
    )
    reader = plate.part(span.looked)
    info, times = reader.info, reader.frame_times()
    outside = outside_range(options, info)
    frame_count = info.frame_count + placements[0].held_frames
    style = style_of(options, info, frame_count)
    flags = None if options.redo is None else require_flags(options.redo, info, frame_count)
    reading = TakeReading(options.plate.suffix, options.colour, options.sequence_rate)
    require_takes(options.actor_footage, reading)
    known = None if options.cast is None else read_cast(options.cast)
    return OpenedJob(
        options,
        device,
        generator,
        lines,
        plate,
        span,
        reader,
        times,
        placements,
        style,
        outside,
        flags,
        reading,
        known,
        scratch,
    )
