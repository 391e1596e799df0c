# SPDX-License-Identifier: Apache-2.0
"""Writing a plate's frames as numbered image files, and the dub as a WAV beside them."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from plosive.errors import MediaWriteError, RangeError
from plosive.media.audio import DubTrack
from plosive.media.exactness import Exactness, Fate, FrameFate
from plosive.media.imageframe import ImagePlateFrame
from plosive.media.imageoutput import write_edited, write_new
from plosive.media.imagetarget import ImageTarget
from plosive.media.plate import PlateFrame, PlateInfo
from plosive.media.scene import display_rgb, linear_rgb
from plosive.media.soundtracks import EncodedTrack
from plosive.media.staging import StagedFile, StagedFolder, write_error
from plosive.media.timecode import Timecode

if TYPE_CHECKING:
    from av.container import OutputContainer

__all__ = ["ImageWriter"]

_IN_PLACE = "In a patched file every byte but those of the pixels under the matte is the plate's."
_PROMISES = {
    ".exr": "In a patched file the header (but for a preview of the picture) and every chunk of pixels that "
    "the new mouth does not reach keep their bytes; all samples outside the matte, of every channel and "
    "part, keep their bits.",
    ".dpx": _IN_PLACE,
    ".bmp": _IN_PLACE,
    ".tga": _IN_PLACE,
    **dict.fromkeys(
        (".tif", ".tiff"),
        "In a patched file the tags and every strip or tile that the new mouth does not reach keep their "
        "bytes; all samples outside the matte keep their values.",
    ),
    ".png": "In a patched file all that is not picture keeps its bytes, and all samples outside the matte "
    "keep their values.",
}
_NO_PROMISE = "Frames with a new mouth are compressed anew whole."


class ImageWriter:
    """A `PlateWriter` of an image sequence. Nothing is created before `__enter__`."""

    def __init__(
        self, target: ImageTarget, info: PlateInfo, dub: DubTrack | None, warnings: tuple[str, ...]
    ) -> None:
        self._target = target
        self._info = info
        self._dub = dub
        self._warnings = list(warnings)
        self._staged: StagedFolder | None = None
        self._sound: _WavBeside | None = None
        self._written = 0
        self._last: Path | None = None
        self._fates: list[FrameFate] = []

    @property
    def warnings(self) -> tuple[str, ...]:
        return (*self._warnings, *self.exactness.reasons)

    @property
    def exactness(self) -> Exactness:
        return Exactness(self._promise(), tuple(self._fates))

    def _promise(self) -> str:
        if not self._target.is_like_plate:
            return "The result is of another format than the plate: every frame is written anew."
        return _PROMISES.get(self._target.path(0).suffix.lower(), _NO_PROMISE)

    def __enter__(self) -> ImageWriter:
        self._staged = StagedFolder(self._target.pattern.folder)
        if self._dub is not None:
            length = self._target.frame_count / self._info.frame_rate
            try:
                self._sound = _WavBeside(
                    self._staged.temporary / self._target.sound_path.name, self._dub, length
                )
            except BaseException:
                self._staged.discard()
                raise
        return self

    def write(self, frame: PlateFrame) -> None:
        assert self._staged is not None
        if self._written >= self._target.frame_count:
            raise MediaWriteError(f"{self._target.pattern.text} already has all {self._written} frames.")
        final = self._target.path(self._written)
        out_path = self._staged.temporary / final.name
        try:
            if self._target.is_like_plate and isinstance(frame, ImagePlateFrame):
                fate = write_edited(frame.layout, frame.edit, out_path)
            else:
                pixels, attributes = self._converted(frame)
                write_new(out_path, pixels, attributes, ("R", "G", "B"))
                fate = FrameFate(Fate.REWRITTEN)
        except OSError as error:
            raise write_error(final, error) from error
        self._advance(out_path, fate)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._staged is not None
        try:
            if kind is None:
                self._finish()
        except BaseException:
            kind = MediaWriteError
            raise
        finally:
            if kind is not None:
                if self._sound is not None:
                    self._sound.discard()
                self._staged.discard()
        if kind is None:
            self._staged.commit()

    def _finish(self) -> None:
        import shutil

        assert self._staged is not None
        if self._written < self._info.frame_count:
            raise MediaWriteError(
                f"Only {self._written} of {self._info.frame_count} frames came for "
                f"{self._target.pattern.text}."
            )
        while self._written < self._target.frame_count and self._last is not None:
            final = self._target.path(self._written)
            try:
                copy = Path(shutil.copyfile(self._last, self._staged.temporary / final.name))
            except OSError as error:
                raise write_error(final, error) from error
            self._advance(copy, self._fates[-1])
        if self._sound is not None:
            self._sound.finish()

    def _advance(self, out_path: Path, fate: FrameFate) -> None:
        self._last = out_path
        self._fates.append(fate)
        self._written += 1
        if self._sound is not None:
            self._sound.advance(self._written / self._info.frame_rate)

    def _converted(self, frame: PlateFrame) -> tuple[NDArray[Any], Mapping[str, Any]]:
        """(pixels, attributes) of a frame in another format than the plate's."""
        attributes: dict[str, Any] = {"PixelAspectRatio": float(self._info.pixel_aspect)}
        if self._target.is_linear:
            largest = np.float32(np.finfo(np.float16).max)
            linear = np.clip(linear_rgb(frame, self._info), -largest, largest)
            rate = self._info.frame_rate
            attributes |= {
                "compression": "zip",
                "FramesPerSecond": ("rational", (rate.numerator, rate.denominator)),
            }
            if self._target.chromaticities:
                attributes["chromaticities"] = ("float[8]", self._target.chromaticities)
            attributes |= self._timecode()
            return linear.astype(np.float16), attributes
        coded = np.clip(display_rgb(frame, self._info), 0, 1)
        if self._target.bit_depth == 8:
            return np.rint(coded * 255).astype(np.uint8), attributes
        if self._target.bit_depth == 10:
            attributes["oiio:BitsPerSample"] = 10
        return np.rint(coded * np.float32(65535)).astype(np.uint16), attributes

    def _timecode(self) -> dict[str, Any]:
        if self._info.start_timecode is None:
            return {}
        try:
            timecode = Timecode.parse(self._info.start_timecode, self._info.frame_rate) + self._written
        except RangeError:
            return {}
        packed = timecode.packed
        return {} if packed is None else {"smpte:TimeCode": ("timecode", packed)}


class _WavBeside:
    """The dub as a WAV file as long as the sequence."""

    def __init__(self, path: Path, dub: DubTrack, length_seconds: Fraction) -> None:
        import av

        self._staged = StagedFile(path)
        self._container: OutputContainer = av.open(
            self._staged, "w", format="wav", options={"fflags": "+bitexact"}
        )
        self._track = EncodedTrack(self._container, "wav", dub, length_seconds)

    def advance(self, until_seconds: Fraction) -> None:
        import av

        try:
            self._track.advance(until_seconds)
        except (av.error.FFmpegError, OSError) as error:
            raise self._failure(error) from error

    def finish(self) -> None:
        import av

        try:
            self._track.finish()
            self._container.close()
        except (av.error.FFmpegError, OSError) as error:
            raise self._failure(error) from error
        self._staged.commit()

    def discard(self) -> None:
        import av

        with contextlib.suppress(av.error.FFmpegError, OSError, ValueError):
            self._container.close()
        self._staged.discard()

    def _failure(self, error: BaseException) -> MediaWriteError:
        if isinstance(error, OSError):
            return write_error(self._staged.path, self._staged.error or error)
        return MediaWriteError(f"{self._staged.path.name} cannot be written ({error}).")
