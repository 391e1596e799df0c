# SPDX-License-Identifier: Apache-2.0
"""Made frames kept on disk until the job is done, so that one that was killed goes on where it stopped.

A journal is a folder: `journal.json` with the job's key, and `000012.frame` for each frame that was made
(`framechange`), `000012.exr` where elements are wanted. Files appear whole under their names; what is damaged
is made again. Nothing here ever fails a job.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from plosive.composite.elements import ElementsWriter
from plosive.media.imageframe import ImagePlateFrame
from plosive.media.plate import PlateFrame
from plosive.media.staging import linked_or_copied
from plosive.media.videoframe import VideoPlateFrame
from plosive.sync.framechange import DamagedChange, packed, unpacked
from plosive.sync.render import Maker, Part

__all__ = ["JournaledMaker", "RenderJournal"]

_SCHEMA = "plosive.journal.v1"
_HEADER = "journal.json"
_OWN = re.compile(r"\.?(?:journal\.json|\d{6,}\.(?:frame|exr))(?:\.\d+\.part)?")
_MOST_FRAME_BYTES = 1 << 31
_BLOCK_BYTES = 1 << 20


class RenderJournal:
    """The journal of the job `key` in `folder`, which is made where it is missing. One of another key, or one
    without a header, is emptied. Several threads may use it at once, but no two jobs.

    `taken_up` counts frames that were found. `problem` is one sentence on why nothing more is kept, '' while
    it is; what was kept before is found all the same.
    """

    def __init__(self, folder: Path, key: str) -> None:
        self._folder = folder
        self.taken_up = 0
        self.problem = ""
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            if not _is_of(folder / _HEADER, key):
                self._empty()
                header = json.dumps({"schema": _SCHEMA, "key": key})
                self._write(_HEADER, header.encode())
        except OSError as error:
            self._give_up(error)

    @property
    def notes(self) -> tuple[str, ...]:
        """One sentence where frames were taken up."""
        if not self.taken_up:
            return ()
        frames = "1 frame was" if self.taken_up == 1 else f"{self.taken_up} frames were"
        return (f"{frames} taken up from a run that was stopped.",)

    def find(self, frame: PlateFrame, elements: ElementsWriter | None = None) -> PlateFrame | None:
        """What `keep` was given for plate frame `frame`, to the bit; None where there is nothing, or where
        anything of it is not as it was. Its elements go to `elements`.
        """
        if not isinstance(frame, VideoPlateFrame | ImagePlateFrame):
            return None
        try:
            path = self._path(frame.index, "frame")
            if path.stat().st_size > _MOST_FRAME_BYTES:
                return None
            made, note = unpacked(frame, path.read_bytes())
            if elements is not None:
                told: dict[str, Any] = json.loads(note)
                file = self._path(frame.index, "exr")
                if _digest_of(file) != told["exr"]:
                    return None
                elements.take_up(frame.index, file, told["faces"])
        except (OSError, DamagedChange, KeyError, TypeError, ValueError):
            return None
        self.taken_up += 1
        return made

    def keep(self, plate: PlateFrame, made: PlateFrame, elements: ElementsWriter | None = None) -> None:
        """Keep what `made` is beside `plate`, and the frame's elements, which were written already."""
        if self.problem:
            return
        if not (
            isinstance(plate, VideoPlateFrame | ImagePlateFrame)
            and isinstance(made, VideoPlateFrame | ImagePlateFrame)
        ):
            return
        try:
            note = b""
            if elements is not None:
                file, faces = elements.written(plate.index)
                own = self._path(plate.index, "exr")
                partial = self._partial(own)
                linked_or_copied(file, partial)
                os.replace(partial, own)
                note = json.dumps({"exr": _digest_of(own), "faces": faces}).encode()
            self._write(self._path(plate.index, "frame").name, packed(plate, made, note))
        except OSError as error:
            self._give_up(error)

    def _path(self, index: int, suffix: str) -> Path:
        return self._folder / f"{index:06d}.{suffix}"

    @staticmethod
    def _partial(path: Path) -> Path:
        return path.with_name(f".{path.name}.{os.getpid()}.part")

    def _write(self, name: str, data: bytes) -> None:
        path = self._folder / name
        partial = self._partial(path)
        try:
            partial.write_bytes(data)
            os.replace(partial, path)
        except OSError:
            with suppress(OSError):
                partial.unlink(missing_ok=True)
            raise

    def _empty(self) -> None:
        """Remove what a journal wrote, and nothing else. The header goes first: without it nothing counts."""
        (self._folder / _HEADER).unlink(missing_ok=True)
        for path in self._folder.iterdir():
            if _OWN.fullmatch(path.name):
                path.unlink(missing_ok=True)

    def _give_up(self, error: OSError) -> None:
        self.problem = (
            f"Made frames are not kept in {self._folder} ({error.strerror or error}): a job that is stopped "
            "now would start anew."
        )


class JournaledMaker:
    """Makes only frames that `journal` does not hold, and keeps those it makes. `inner` must make each frame
    from that frame alone (`GeneratorFacts.is_any_order`): others would miss the rows left out.
    """

    def __init__(self, inner: Maker, journal: RenderJournal, elements: ElementsWriter | None = None) -> None:
        self._inner = inner
        self._journal = journal
        self._written = elements

    def synced(self, frame: PlateFrame, parts: Sequence[Part]) -> PlateFrame:
        known = self._journal.find(frame, self._written)
        if known is not None:
            return known
        made = self._inner.synced(frame, parts)
        self._journal.keep(frame, made, self._written)
        return made


def _is_of(header: Path, key: str) -> bool:
    try:
        told = json.loads(header.read_bytes()[:4096])
    except (OSError, ValueError):
        return False
    return bool(told == {"schema": _SCHEMA, "key": key})


def _digest_of(path: Path) -> str:
    digest = hashlib.blake2b(digest_size=16)
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()
