# SPDX-License-Identifier: Apache-2.0
"""Small media made by the tests themselves, with PyAV and OpenImageIO, into tmp_path.

Every picture is `painted(index, width, height)`: smooth ramps with a disc that moves a little each frame,
so codecs keep it well, every frame differs, and a transposed or shifted picture is told from the right one.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray


def painted(index: int, width: int, height: int) -> NDArray[np.float32]:
    """R'G'B' (height, width, 3) float32, 0.1 to 0.9."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    red = 0.15 + 0.6 * x / width
    green = 0.15 + 0.5 * y / height
    blue = np.full_like(red, 0.3 + 0.01 * (index % 8))
    disc = (x - width * 0.3 - 2 * index) ** 2 + (y - height * 0.4) ** 2 < (height / 6) ** 2
    rgb = np.stack([red, green, blue], axis=-1)
    rgb[disc] += 0.12
    return rgb


class Maker:
    """Writes media below one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def video(
        self,
        name: str,
        encoder: str,
        pixel_format: str,
        *,
        width: int = 96,
        height: int = 64,
        frames: int = 6,
        rate: Fraction = Fraction(24),
        options: dict[str, str] | None = None,
        time_stamps: list[int] | None = None,
        time_base: Fraction | None = None,
        timecode: str | None = None,
        rotation: int | None = None,
        pixel_aspect: Fraction | None = None,
        tags: tuple[int, int, int, int] = (1, 1, 1, 1),
        sound_rate: int | None = None,
        sound_codec: str = "pcm_s16le",
        gop: int = 3,
        is_interlaced: bool = False,
    ) -> Path:
        """A video of `painted` frames. `tags` are primaries, transfer, matrix, range (H.273 numbers)."""
        import av

        path = self.folder / name
        with av.open(str(path), "w", options={"fflags": "+bitexact"}) as container:
            stream: Any = container.add_stream(encoder, rate=rate)
            context = stream.codec_context
            context.width, context.height, context.pix_fmt = width, height, pixel_format
            context.time_base = time_base or 1 / rate
            context.gop_size = gop
            stream.options = {
                "flags": "+bitexact" + ("+ildct+ilme" if is_interlaced else ""),
                **(options or {}),
            }
            context.color_primaries, context.color_trc, context.colorspace, context.color_range = tags
            if pixel_aspect is not None:
                context.sample_aspect_ratio = pixel_aspect
            if rotation is not None:
                stream.set_display_rotation(-rotation)
            if timecode is not None:
                stream.metadata["timecode"] = timecode
            sound = self._sound_stream(container, sound_codec, sound_rate)
            for index in range(frames):
                picture = self._picture(index, width, height, pixel_format, tags)
                if is_interlaced:
                    picture = self._interlaced(picture, 1 / rate)
                picture.pts = index if time_stamps is None else time_stamps[index]
                picture.time_base = context.time_base
                container.mux(stream.encode(picture))
            container.mux(stream.encode(None))
            if sound is not None and sound_rate is not None:
                self._mux_tone(container, sound, sound_rate, Fraction(frames) / rate)
        return path

    def images(
        self,
        name: str,
        type_name: str,
        *,
        frames: tuple[int, ...] = (1001, 1002, 1003),
        width: int = 48,
        height: int = 32,
        channels: tuple[str, ...] = ("R", "G", "B"),
        attributes: dict[str, Any] | None = None,
        window: tuple[int, int, int, int] | None = None,
    ) -> Path:
        """Numbered files of `painted` frames; `name` holds `{frame}`. `window`: display window x, y, w, h."""
        import OpenImageIO as oiio

        for index, frame in enumerate(frames):
            spec = oiio.ImageSpec(width, height, len(channels), type_name)
            spec.channelnames = channels
            spec.attribute("oiio:UnassociatedAlpha", 1)
            for key, value in (attributes or {}).items():
                if isinstance(value, tuple):
                    spec.attribute(key, oiio.TypeDesc(value[0]), value[1])
                else:
                    spec.attribute(key, value)
            if window is not None:
                spec.full_x, spec.full_y, spec.full_width, spec.full_height = window
            pixels = np.full((height, width, len(channels)), 0.5, np.float32)
            pixels[..., : min(3, len(channels))] = painted(index, width, height)[..., : len(channels)]
            path = self.folder / name.format(frame=f"{frame:04d}")
            output = oiio.ImageOutput.create(str(path))
            assert output.open(str(path), spec), output.geterror()
            assert output.write_image(pixels), output.geterror()
            output.close()
        return self.folder / name.format(frame="####" if frames != (0,) else "")

    def sound(
        self,
        name: str,
        *,
        rate: int = 48_000,
        channels: int = 1,
        seconds: float = 1.0,
        codec: str = "pcm_s16le",
    ) -> Path:
        """A file whose channel n (from 1) is a tone of n * 200 Hz at -12 dB."""
        import av

        path = self.folder / name
        count = round(rate * seconds)
        time = np.arange(count) / rate
        tones = np.stack([0.25 * np.sin(2 * np.pi * 200 * (n + 1) * time) for n in range(channels)])
        with av.open(str(path), "w") as container:
            layout = {1: "mono", 2: "stereo", 6: "5.1"}[channels]
            stream = container.add_stream(codec, rate=rate, layout=layout)
            frame = av.AudioFrame.from_ndarray(
                np.ascontiguousarray(np.rint(tones.T * 32767).astype(np.int16).reshape(1, -1)), "s16", layout
            )
            frame.sample_rate, frame.pts = rate, 0
            container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
        return path

    @staticmethod
    def _picture(index: int, width: int, height: int, pixel_format: str, tags: tuple[int, ...]) -> Any:
        from plosive.media.conversion import picture_from_rgb, target_coding
        from plosive.media.ycbcr import Matrix

        matrix = {6: Matrix.BT601, 9: Matrix.BT2020}.get(tags[2], Matrix.BT709)
        coding = target_coding(pixel_format, matrix, tags[3] == 2)
        picture = picture_from_rgb(painted(index, width, height), coding)
        picture.color_primaries, picture.color_trc, picture.colorspace, picture.color_range = tags
        return picture if picture.format.name == pixel_format else picture.reformat(format=pixel_format)

    @staticmethod
    def _interlaced(picture: Any, time_base: Fraction) -> Any:
        from plosive.media.fields import FieldMarker

        picture.pts, picture.time_base = 0, time_base
        return FieldMarker(2, time_base).marked(picture)

    @staticmethod
    def _sound_stream(container: Any, codec: str, rate: int | None) -> Any:
        return None if rate is None else container.add_stream(codec, rate=rate, layout="stereo")

    @staticmethod
    def _mux_tone(container: Any, stream: Any, rate: int, seconds: Fraction) -> None:
        import av

        count = int(rate * seconds)
        tone = np.rint(8000 * np.sin(2 * np.pi * 440 * np.arange(count) / rate)).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(np.repeat(tone, 2).reshape(1, -1), "s16", "stereo")
        frame.sample_rate, frame.pts = rate, 0
        for made in av.AudioResampler(stream.format, "stereo", rate).resample(frame):
            container.mux(stream.encode(made))
        container.mux(stream.encode(None))


@pytest.fixture
def make(tmp_path: Path) -> Maker:
    return Maker(tmp_path)


@pytest.fixture
def paint() -> Callable[[int, int, int], NDArray[np.float32]]:
    return painted
