# SPDX-License-Identifier: Apache-2.0
"""A finished result, imported into the bin of Plosive and read as its plate is read."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from plosive_host import PlosiveHostError
from plosive_resolve.application import Host, no_answer
from plosive_resolve.choices import Choices
from plosive_resolve.clip_use import ClipUse
from plosive_resolve.marks import FILE_RATE, ResultMarks, marks_text, read_file_rate
from plosive_resolve.media_view import Media, media_of, path_and_numbers
from plosive_resolve.naming import BIN_NAME, version_of_path

if TYPE_CHECKING:
    from resolve_api import Folder, ImportInfo, MediaPool

__all__ = ["ResultFile", "import_result", "result_bin", "result_file"]

# How a clip is interpreted; the result is a version of the plate and wants the same.
_INTERPRETATION = (
    "Input Color Space",
    "Input LUT",
    "IDT",
    "Data Level",
    "Alpha mode",
    "PAR",
    "Field Dominance",
    "Reel Name",
)
_PATTERN = re.compile(r"#+|%0?\d*d")


@dataclass(frozen=True)
class ResultFile:
    """Frame 0 of the result is the plate's `first_frame` (the daemon's number)."""

    path: str
    first_frame: int
    frame_count: int
    is_sequence: bool

    @property
    def last_frame_inclusive(self) -> int:
        return self.first_frame + self.frame_count - 1


def result_file(clip: ClipUse, job_result: Mapping[str, Any], choices: Choices) -> ResultFile:
    """Raises PlosiveHostError (PLACING) where the job's result is not what was asked for."""
    path = str(job_result.get("out_path") or "")
    first, last = clip.with_handles(choices.handle_frames)
    count = last - first + 1
    told = job_result.get("frames_total")
    if not path:
        raise PlosiveHostError(f"The job for {clip.name} left no result; its log says why.", "PLACING")
    if told is not None and int(told) not in (0, count):
        raise PlosiveHostError(
            f"{path} has {told} frames where {count} were asked for, so it was not placed.", "PLACING"
        )
    is_sequence = _PATTERN.search(os.path.basename(path)) is not None
    if not is_sequence and not os.path.exists(path):
        raise PlosiveHostError(f"The result {path} is not there; was it moved?", "PLACING")
    return ResultFile(path, first, count, is_sequence)


def result_bin(host: Host) -> Folder:
    """The bin, made where it is not there. Raises PlosiveHostError (PLACING)."""
    pool = host.media_pool
    root = pool.GetRootFolder()
    if root is None:
        raise no_answer()
    for folder in root.GetSubFolderList() or ():
        if folder.GetName() == BIN_NAME:
            return folder
    made = pool.AddSubFolder(root, BIN_NAME)
    if made is None:
        raise PlosiveHostError(
            f"The bin {BIN_NAME} could not be made; close any open window of Resolve and try again.",
            "PLACING",
        )
    return made


def import_result(
    host: Host, file: ResultFile, clip: ClipUse, job_id: str, dub: str, metadata: Mapping[str, str]
) -> Media:
    """Imported once: a result that is in the bin already is taken from there. Raises PlosiveHostError:
    PLACING where Resolve does not take it, or sees other frames in it; RATE where the plate's rate was
    changed.
    """
    pool, plate = host.media_pool, clip.media
    current = pool.GetCurrentFolder()
    folder = result_bin(host)
    try:
        media = _known(folder, file) or _imported(pool, folder, file)
    finally:
        if current is not None:
            pool.SetCurrentFolder(current)
    if media is None:
        raise PlosiveHostError(f"Resolve did not take {file.path}; import it by hand to see why.", "PLACING")
    _require_known_rate(media, plate)
    media = _interpreted(media, plate)
    if media.frame_count not in (None, file.frame_count):
        raise PlosiveHostError(
            f"Resolve sees {media.frame_count} frames in {file.path}, which has {file.frame_count}; it was "
            "imported but not placed.",
            "PLACING",
        )
    _require_same_time(media, plate, file)
    marks = ResultMarks(
        job_id,
        dub,
        version_of_path(file.path),
        (clip.rendered_from or plate).path,
        plate.media_id,
        file.first_frame + clip.rendered_shift,
    )
    media.in_pool.SetThirdPartyMetadata(marks_text(marks))
    media.in_pool.SetMetadata(dict(metadata))
    again = media_of(media.in_pool)
    assert again is not None
    return again


def _known(folder: Folder, file: ResultFile) -> Media | None:
    for pool_item in folder.GetClipList() or ():
        media = media_of(pool_item)
        if media is not None and media.path and _PATTERN.sub("#", media.path) == _PATTERN.sub("#", file.path):
            return media
    return None


def _imported(pool: MediaPool, folder: Folder, file: ResultFile) -> Media | None:
    """ImportMedia lands in the current bin, whatever bin is meant."""
    if not pool.SetCurrentFolder(folder):
        return None
    if file.is_sequence:
        info: ImportInfo = {
            "FilePath": _printf_pattern(file.path),
            "StartIndex": file.first_frame,
            "EndIndex": file.last_frame_inclusive,
        }
        answer = pool.ImportMedia([info])
    else:
        answer = pool.ImportMedia([file.path])
    made = [item for item in answer or () if item is not None]
    return media_of(made[0]) if len(made) == 1 else None


def _printf_pattern(path: str) -> str:
    path, _ = path_and_numbers(path)
    return re.sub(r"#+(?=[^#/\\]*$)", lambda match: f"%0{len(match.group())}d", path)


def _interpreted(media: Media, plate: Media) -> Media:
    """Colour space, levels, aspect and rate as of the plate: artists set them per clip."""
    pool_item = media.in_pool
    for name in _INTERPRETATION:
        wanted = plate.properties.get(name)
        if wanted and wanted != media.properties.get(name):
            pool_item.SetClipProperty(name, wanted)
    if plate.rate is not None and media.rate != plate.rate:
        pool_item.SetClipProperty("FPS", f"{float(plate.rate):.3f}".rstrip("0").rstrip("."))
    return media_of(pool_item) or media


def _require_known_rate(media: Media, plate: Media) -> None:
    """A result has the rate of the plate's file. If Resolve plays the plate at another one, which nothing
    told before, the dub was laid on other moments than it is heard at: it is noted on the plate for the next
    run.
    """
    if media.kind == "sequence" or media.rate == plate.rate or media.rate is None:
        return
    if plate.pool_item is None or read_file_rate(plate.marks) == media.rate:
        return
    plate.in_pool.SetThirdPartyMetadata({FILE_RATE: str(media.rate)})
    raise PlosiveHostError(
        f"{plate.name} plays at {float(plate.rate or 0):g} fps by its clip attributes and its file at "
        f"{float(media.rate):g}, which nothing told before; run Lip Sync Clip again and the dub fits.",
        "RATE",
    )


def _require_same_time(media: Media, plate: Media, file: ResultFile) -> None:
    """Timecode of both tells whether the result begins where it should, when both have one at one rate."""
    if media.rate != plate.rate:
        raise PlosiveHostError(
            f"Resolve plays {file.path} at {float(media.rate or 0):g} fps and the plate at "
            f"{float(plate.rate or 0):g}; set the result's clip attributes by hand and place it.",
            "PLACING",
        )
    ours, theirs = media.start_timecode_frames, plate.start_timecode_frames
    if not ours or not theirs or read_file_rate(plate.marks):  # none, or midnight: files without timecode
        return
    if ours - theirs != file.first_frame - plate.first_number:
        raise PlosiveHostError(
            f"{file.path} begins at {media.start_timecode}, which is not frame {file.first_frame} of "
            f"{plate.name}; it was imported but not placed.",
            "PLACING",
        )
