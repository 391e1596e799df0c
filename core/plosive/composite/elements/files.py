# SPDX-License-Identifier: Apache-2.0
"""Elements on disk: one EXR a frame, numbered like the plate, and what goes with them."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plosive.composite.elements.header import frame_spec
from plosive.composite.elements.layers import CHANNEL_NAMES, MadeFace, channels_of, made_box
from plosive.composite.elements.nuke import elements_nuke
from plosive.composite.elements.tracks import ElementsFace, MadeFrames, elements_json, landmarks_npz
from plosive.composite.elements.wanted import ElementsPlate, Made
from plosive.errors import MediaWriteError
from plosive.geometry import Box
from plosive.media.imageframe import ImagePlateFrame
from plosive.media.plate import PlateFrame
from plosive.media.scene import linear_box, linear_of
from plosive.media.staging import StagedFolder, require_writable_folder, write_error

__all__ = ["ElementsFolder", "ElementsWriter"]

_FRAME = re.compile(r"elements\.-?\d+\.exr")
_JSON, _LANDMARKS, _NUKE = "elements.json", "landmarks.npz", "elements.nk"


@dataclass(frozen=True)
class ElementsFolder:
    """Where elements go. `is_whole` asks for files as large as the picture instead of only what was made,
    `compression` is one of OpenEXR's.
    """

    path: Path
    overwrite: bool = False
    is_whole: bool = False
    compression: str = "zip"

    def require_free(self, plate_files: Sequence[Path] = ()) -> None:
        """Raise MediaWriteError now where elements could not be written after the job."""
        folder = self.path
        if folder.exists() and not folder.is_dir():
            raise MediaWriteError(f"The elements folder {folder} is a file; give another name.")
        if not folder.is_dir():
            existing = next(parent for parent in folder.resolve().parents if parent.exists())
            require_writable_folder(existing, folder)
            return
        require_writable_folder(folder, folder / _JSON)
        files = {path.resolve() for path in plate_files}
        mine = self.files()
        for file in mine:
            if file.resolve() in files:
                raise MediaWriteError(f"{file} belongs to the plate; give another folder for elements.")
        if mine and not self.overwrite:
            raise MediaWriteError(
                f"The folder {folder} holds elements already ({mine[0].name}); give another one, or "
                "--overwrite to replace them."
            )

    def files(self) -> list[Path]:
        """Elements that lie there already, by name."""
        names = sorted(os.listdir(self.path)) if self.path.is_dir() else []
        ours = (name for name in names if _FRAME.fullmatch(name) or name in (_JSON, _LANDMARKS, _NUKE))
        return [self.path / name for name in ours]


class ElementsWriter:
    """Writes elements of every frame of a plate, in any order, from several threads.

    As a context manager it finishes and moves all into the folder on success, and removes what it wrote when
    an exception passes through. Memory holds a few numbers a frame.
    """

    def __init__(
        self, folder: ElementsFolder, plate: ElementsPlate, made: Made, faces: Sequence[ElementsFace] = ()
    ) -> None:
        self._folder = folder
        self._plate = plate
        self._made = made
        self._faces = tuple(faces)
        self._frames = MadeFrames()
        self._staged: StagedFolder | None = None

    def path(self, index: int) -> Path:
        """The file of plate frame `index`."""
        return self._folder.path / f"elements.{self._plate.number(index):04d}.exr"

    def __enter__(self) -> ElementsWriter:
        try:
            self._folder.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise write_error(self._folder.path, error) from error
        self._staged = StagedFolder(self._folder.path, ".elements")
        return self

    def write(self, frame: PlateFrame, faces: Sequence[MadeFace]) -> None:
        """Write plate frame `frame`; `faces` are what was laid over it, in that order, none where the plate
        was kept. Raises MediaWriteError when the disk refuses, MediaReadError when the plate does.
        """
        plate = self._plate
        whole = Box(0, 0, frame.width, frame.height)
        box = whole if self._folder.is_whole else made_box(faces)
        below = linear_box(frame, plate.info.transfer, box)
        coverage = frame.coverage(box) if isinstance(frame, ImagePlateFrame) else None
        channels = channels_of(below, box, faces, self._linear, frame.width, frame.height, coverage)
        names: tuple[str, ...] = CHANNEL_NAMES
        alpha = frame.alpha(box) if plate.info.has_alpha and hasattr(frame, "alpha") else None
        if alpha is not None:
            names = (*CHANNEL_NAMES, "A")
            channels = np.concatenate([channels, alpha[..., None]], axis=2)
        spec = frame_spec(plate, self._made, frame, box, faces, names)
        spec.attribute("compression", self._folder.compression)
        self._save(self.path(frame.index), spec, channels)
        self._frames.add(frame.index, faces)

    def written(self, index: int) -> tuple[Path, list[dict[str, Any]]]:
        """Where the file of plate frame `index` lies until all are whole, and what is remembered of it, ready
        for JSON.
        """
        assert self._staged is not None
        facts = self._frames.facts(index, [face.number for face in self._faces])
        return self._staged.temporary / self.path(index).name, facts

    def take_up(self, index: int, file: Path, facts: Sequence[Mapping[str, Any]]) -> None:
        """Take what `written` told of an earlier, interrupted run in place of `write`; `file` stays where it
        is. Raises OSError, and KeyError, TypeError or ValueError for damaged `facts`.
        """
        assert self._staged is not None
        target = self._staged.temporary / self.path(index).name
        self._frames.recall(index, facts)
        # No second name: where an earlier run put one in the folder, renaming would do nothing.
        shutil.copyfile(file, target)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._staged is not None
        if kind is not None:
            self._staged.discard()
            return
        try:
            self._write_beside()
            kept = {path.name for path in self._staged.temporary.iterdir()}
            stale = [path for path in self._folder.files() if path.name not in kept]
        except BaseException:
            self._staged.discard()
            raise
        self._staged.commit()
        for path in stale:  # of an earlier, longer job: mixed in they would belong to no shot
            path.unlink(missing_ok=True)

    def _write_beside(self) -> None:
        assert self._staged is not None
        place = self._staged.temporary
        try:
            (place / _JSON).write_text(
                elements_json(self._plate, self._made, self._faces, self._frames), encoding="utf-8"
            )
            (place / _NUKE).write_text(
                elements_nuke(self._plate, self._faces, self._frames, self._folder.path.resolve()),
                encoding="utf-8",
            )
            with (place / _LANDMARKS).open("wb") as file:
                landmarks_npz(file, self._plate, self._faces)
        except OSError as error:
            raise write_error(self._folder.path, error) from error

    def _save(self, path: Path, spec: Any, channels: NDArray[np.float32]) -> None:
        import OpenImageIO as oiio

        assert self._staged is not None
        target = self._staged.temporary / path.name
        output = oiio.ImageOutput.create("exr")
        written = output.open(str(target), spec) and output.write_image(np.ascontiguousarray(channels))
        told = "" if written else output.geterror()
        if not (output.close() and written):
            reason = (told or output.geterror() or "unknown reason").replace(str(target), path.name)
            raise MediaWriteError(
                f"{path} cannot be written ({reason.strip().splitlines()[0]}); the disk may be full."
            )

    def _linear(self, working: NDArray[np.float32]) -> NDArray[np.float32]:
        return linear_of(working, self._plate.info.transfer)
