# SPDX-License-Identifier: Apache-2.0
"""The elements of one job: asked for before the long work, made of its parts, written while it renders."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

import plosive
from plosive.composite.elements import ElementsFace, ElementsFolder, ElementsPlate, ElementsWriter, Made
from plosive.media.imagereader import ImageReader
from plosive.media.imagetarget import chromaticities_of
from plosive.media.sequencefiles import SequenceFiles
from plosive.media.videoreader import VideoReader
from plosive.motion import CHANNELS
from plosive.sync.render import Part
from plosive.sync.span import JobSpan
from plosive.sync_options import SyncOptions

__all__ = ["elements_folder", "elements_writer"]


def elements_folder(options: SyncOptions, reader: VideoReader | ImageReader) -> ElementsFolder | None:
    """Where elements go, or None where none are wanted. Raises MediaWriteError where they cannot go there."""
    if options.elements is None:
        return None
    is_whole = options.elements_window == "whole"
    folder = ElementsFolder(options.elements, options.overwrite, is_whole, options.elements_compression)
    folder.require_free(reader.paths)
    return folder


def elements_writer(
    folder: ElementsFolder,
    options: SyncOptions,
    reader: VideoReader | ImageReader,
    parts: Sequence[Part],
    span: JobSpan,
) -> ElementsWriter:
    """The writer of a job's elements; `parts` are the faces that are synced. --elements-start is the number
    of the first written frame.
    """
    info = reader.info
    first = info.first_frame if options.elements_start is None else options.elements_start - span.first_index
    plate = ElementsPlate(
        info,
        _nuke_files(reader),
        first,
        chromaticities_of(reader),
        span.looked.first_frame - span.plate.first_frame,
        range(span.first_index, span.end_index) if span.is_part else None,
    )
    made = Made(plosive.__version__, options.generator, options.seed, tuple(dub.name for dub in options.dubs))
    return ElementsWriter(folder, plate, made, [_face(part) for part in parts])


def _face(part: Part) -> ElementsFace:
    track, wish = part.track, part.shot.wish
    curves: dict[str, NDArray[np.float32]] = {
        name: wish.values[:, column] for column, name in enumerate(CHANNELS)
    }
    curves |= {"closure": wish.closure, "tuck": wish.tuck, "rest": wish.rest}
    return ElementsFace(
        track.number,
        track.person,
        track.name,
        track.shot,
        track.indices,
        track.landmarks,
        part.visibility.blend[track.indices],
        curves,
    )


def _nuke_files(reader: VideoReader | ImageReader) -> str:
    """The plate as Nuke names it: a sequence with `%04d`."""
    if isinstance(reader, ImageReader) and isinstance(reader.files, SequenceFiles):
        pattern = reader.files.pattern
        name = f"{pattern.prefix}%0{pattern.digits}d{pattern.suffix}"
        return (pattern.folder.resolve() / name).as_posix()
    return reader.info.path.resolve().as_posix()
