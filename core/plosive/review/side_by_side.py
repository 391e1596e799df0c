# SPDX-License-Identifier: Apache-2.0
"""Plate and result next to each other in one small file that any player plays."""

from __future__ import annotations

import os
from fractions import Fraction
from pathlib import Path

import numpy as np

from plosive.errors import MediaReadError, MediaWriteError
from plosive.media import open_plate
from plosive.media.opening import open_media
from plosive.media.plate import PlateReader
from plosive.progress import Progress

__all__ = ["write_side_by_side"]

_TICKS_PER_SECOND = 90_000


def write_side_by_side(left: Path, right: Path, audio: Path, out: Path, progress: Progress) -> None:
    """Write H.264 `out` (MP4): frames of `left` and `right`, each at its own time, with the sound of `audio`.

    Both must have the same size and number of frames. `audio` starts with the first frame.
    """
    partial = out.with_name(f".{out.stem}.partial{out.suffix}")
    with open_plate(left) as left_reader, open_plate(right) as right_reader:
        if left_reader.info.frame_count != right_reader.info.frame_count:
            raise MediaReadError(f"{left.name} and {right.name} differ in their number of frames.")
        progress.start("compare", left_reader.info.frame_count)
        try:
            _write(left_reader, right_reader, audio, partial, progress)
            os.replace(partial, out)
        except OSError as error:
            raise MediaWriteError(f"{out} cannot be written: {error.strerror or error}.") from error
        finally:
            partial.unlink(missing_ok=True)
    progress.finish()


def _write(left: PlateReader, right: PlateReader, audio: Path, out: Path, progress: Progress) -> None:
    import av
    from av.video.reformatter import ColorRange, Colorspace

    info = left.info
    with av.open(str(out), "w", format="mp4", options={"movflags": "faststart"}) as container:
        video = container.add_stream("libx264", rate=info.frame_rate, options={"crf": "16", "preset": "fast"})
        video.width, video.height = info.width * 2 // 2 * 2, info.height // 2 * 2
        video.pix_fmt = "yuv420p"
        video.codec_context.time_base = Fraction(1, _TICKS_PER_SECOND)
        video.codec_context.colorspace = Colorspace.ITU709
        video.codec_context.color_range = ColorRange.MPEG
        with open_media(audio) as sound:
            source = sound.streams.audio[0]
            stereo = container.add_stream("aac", rate=48_000, layout="stereo")
            for before, after in zip(left.frames(), right.frames(), strict=True):
                both = np.concatenate([before.rgb8(), after.rgb8()], axis=1)[: video.height, : video.width]
                frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(both), format="rgb24")
                frame = frame.reformat(
                    format="yuv420p", dst_colorspace=Colorspace.ITU709, dst_color_range=ColorRange.MPEG
                )
                frame.pts = round(before.start_seconds * _TICKS_PER_SECOND)
                frame.time_base = Fraction(1, _TICKS_PER_SECOND)
                container.mux(video.encode(frame))
                progress.advance()
            container.mux(video.encode(None))
            resampler = av.AudioResampler(format="fltp", layout="stereo", rate=48_000)
            for decoded in sound.decode(source):
                for piece in resampler.resample(decoded):
                    container.mux(stereo.encode(piece))
            for piece in resampler.resample(None):
                container.mux(stereo.encode(piece))
            container.mux(stereo.encode(None))
