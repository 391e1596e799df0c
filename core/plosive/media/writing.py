# SPDX-License-Identifier: Apache-2.0
"""Opening OUT: every reason it cannot be written is found here, before any work is done."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from plosive.errors import MediaWriteError, NotPatchableError
from plosive.media.imagefile import IMAGE_SUFFIXES
from plosive.media.imagereader import ImageReader
from plosive.media.plate import PlateReader, PlateWriter
from plosive.media.plateaudio import PlateAudio
from plosive.media.sequencefiles import SequenceFiles
from plosive.media.staging import require_writable_target
from plosive.media.videoreader import VideoReader

if TYPE_CHECKING:
    from plosive.media.audio import DubTrack
    from plosive.media.imagewriter import ImageWriter
    from plosive.media.movpatcher import MovPatcher
    from plosive.media.videowriter import VideoWriter

__all__ = ["open_writer"]


def open_writer(
    out_path: str | os.PathLike[str],
    reader: PlateReader,
    *,
    dub: DubTrack | None = None,
    plate_audio: PlateAudio = PlateAudio.AUTO,
    overwrite: bool = False,
    codec: str | None = None,
    held_frames: int = 0,
) -> VideoWriter | MovPatcher | ImageWriter:
    """A writer of all frames of `reader` (made by `open_plate`) to `out_path`.

    OUT's extension chooses: the plate's own leads to its own codec, profile and types, any other to a
    fitting one; `codec` (see `encoding.CODEC_NAMES`) overrides. A MOV of the plate's own codec whose frames
    stand alone (ProRes, DNxHR) is a copy of the plate in which only changed frames are written anew; with
    `codec` all are. After the last frame it is repeated `held_frames` times. The dub is cut or padded to the
    picture's length; image sequences get it as a WAV beside. Nothing is created before the writer is entered
    as a context manager, and a temporary name is used until all is written. Raises MediaWriteError.
    """
    out_path = Path(out_path)
    if not isinstance(reader, VideoReader | ImageReader):
        raise TypeError("open_writer needs a reader made by open_plate")
    is_folder = out_path.is_dir() or (not out_path.suffix and isinstance(reader, ImageReader))
    if is_folder or out_path.suffix.lower() in IMAGE_SUFFIXES:
        return _image_writer(out_path, reader, dub, plate_audio, overwrite, codec, held_frames)
    from plosive.media.splice.intra import is_intra_codec
    from plosive.media.videotarget import video_target
    from plosive.media.videowriter import VideoWriter

    require_writable_target(out_path, _plate_files(reader), overwrite)
    target, warnings = video_target(out_path, reader, codec, held_frames)
    if not isinstance(reader, VideoReader):
        return VideoWriter(target, reader.info, None, dub, plate_audio, warnings)
    if dub is None and plate_audio is PlateAudio.AUTO:
        plate_audio = PlateAudio.KEEP  # nothing comes in its place
    if codec is None:
        from plosive.media.movpatcher import mov_patcher

        try:
            patcher = mov_patcher(target, reader, dub, plate_audio)
        except NotPatchableError as refusal:
            warnings = (f"The plate's own file cannot be patched: {refusal}", *warnings)
        else:
            if patcher is not None:
                return patcher
    writer = VideoWriter(target, reader.info, reader, dub, plate_audio, warnings)
    if reader.is_part and not is_intra_codec(reader.source.codec_name):
        writer.why_rewritten = (
            "Only a part of the plate is written, and its pictures refer to others, so none is copied."
        )
    if codec is not None:
        writer.why_rewritten = "The codec was named for this result (--codec), so no picture is copied."
    return writer


def _image_writer(
    out_path: Path,
    reader: VideoReader | ImageReader,
    dub: DubTrack | None,
    plate_audio: PlateAudio,
    overwrite: bool,
    codec: str | None,
    held_frames: int,
) -> ImageWriter:
    from plosive.media.imagetarget import image_target, require_free
    from plosive.media.imagewriter import ImageWriter

    if codec is not None:
        raise MediaWriteError(f"A codec ({codec}) makes no sense for an image sequence; leave it out.")
    target, warnings = image_target(out_path, reader, held_frames)
    require_free(target, _plate_files(reader), overwrite)
    notes = list(warnings)
    if plate_audio.is_in_new_file and reader.info.has_audio:
        notes.append("An image sequence has no room for the plate's own audio; it is left out.")
    if dub is not None:
        if target.sound_path.exists() and not overwrite:
            raise MediaWriteError(f"{target.sound_path} exists already; give another name, or --overwrite.")
        notes.append(f"An image sequence holds no sound: the dub is beside it as {target.sound_path.name}.")
    return ImageWriter(target, reader.info, dub, tuple(notes))


def copier_of(writer: PlateWriter, changed: Collection[int] = ()) -> PlateWriter:
    """The writer to the same OUT that keeps most when only the frames `changed` (0 is the first) will differ
    from the plate: it copies compressed pictures where that is safe. It may be `writer` itself. Neither may
    have been entered.
    """
    from plosive.media.videowriter import VideoWriter

    if type(writer) is not VideoWriter:
        return writer
    from plosive.media.videocopier import copying_writer

    return copying_writer(writer, changed)


def _plate_files(reader: VideoReader | ImageReader) -> list[Path]:
    if isinstance(reader, VideoReader):
        return [reader.path]
    files = reader.plate_files
    return (
        [files.path(index) for index in range(files.frame_count)]
        if isinstance(files, SequenceFiles)
        else [files]
    )
