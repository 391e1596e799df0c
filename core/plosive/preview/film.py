# SPDX-License-Identifier: Apache-2.0
"""The preview as an H.264 file with the dub's sound."""

from __future__ import annotations

import os
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from plosive.errors import MediaWriteError
from plosive.media.opening import open_media
from plosive.preview.scene import Scene
from plosive.preview.screen import HEIGHT, WIDTH, Screen
from plosive.progress import Progress

if TYPE_CHECKING:
    import av
    from av.container import OutputContainer

__all__ = ["PREVIEW_SUFFIXES", "write_preview"]

PREVIEW_SUFFIXES = (".mp4", ".mov", ".mkv")
_SOUND_RATE = 48_000


def write_preview(path: Path, scene: Scene, dub: Path, dub_track: int, progress: Progress) -> None:
    """Write `scene` to `path`, whole or not at all, with the sound of stream `dub_track` of `dub`, cut where
    the pictures end. An existing file is replaced. Raises MediaWriteError.
    """
    import av

    partial = path.with_name(f".{path.stem}.partial{path.suffix}")
    progress.start("preview", scene.frame_count)
    options = {"movflags": "faststart"} if path.suffix.lower() in (".mp4", ".mov") else {}
    try:
        with av.open(str(partial), "w", options=options) as container:
            _write(container, scene, dub, dub_track, progress)
        os.replace(partial, path)
    except (OSError, av.error.FFmpegError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise MediaWriteError(f"The preview {path} cannot be written: {reason}.") from error
    finally:
        partial.unlink(missing_ok=True)
    progress.finish()


def _write(container: OutputContainer, scene: Scene, dub: Path, dub_track: int, progress: Progress) -> None:
    import av
    import cv2
    from av.video.reformatter import ColorRange, Colorspace

    settings = {"crf": "18", "preset": "ultrafast"}
    video = container.add_stream("libx264", rate=scene.frame_rate, options=settings)
    video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
    video.codec_context.time_base = 1 / scene.frame_rate
    video.codec_context.colorspace = Colorspace.ITU601
    video.codec_context.color_range = ColorRange.MPEG
    sound = container.add_stream("aac", rate=_SOUND_RATE, layout="stereo", options={"aac_coder": "fast"})
    screen = Screen(scene)
    for index in range(scene.frame_count):
        # OpenCV's conversion (BT.601, video range) takes a quarter of FFmpeg's time.
        planes = cv2.cvtColor(screen.draw(index), cv2.COLOR_RGB2YUV_I420)
        frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
        frame.pts, frame.time_base = index, 1 / scene.frame_rate
        container.mux(video.encode(frame))
        progress.advance()
    container.mux(video.encode(None))
    end = int(scene.frame_count / scene.frame_rate * _SOUND_RATE)
    start = round(scene.dub_starts_seconds * _SOUND_RATE)
    resampler = av.AudioResampler(format="fltp", layout="stereo", rate=_SOUND_RATE)
    at = start
    with open_media(dub) as source:
        for packet in source.demux(source.streams[dub_track]):
            if at >= end:
                break
            try:
                decoded = packet.decode()
            except av.error.InvalidDataError:
                continue
            for block in decoded:
                for piece in resampler.resample(block):
                    heard = _from_zero(piece, at)
                    at += piece.samples
                    if heard is not None:
                        container.mux(sound.encode(heard))
    container.mux(sound.encode(None))


def _from_zero(piece: av.AudioFrame, at: int) -> av.AudioFrame | None:
    """`piece`, stereo floats whose first sample lies at sample `at` of the film, without what lies before the
    film; None where that is all of it.
    """
    import av

    if at + piece.samples <= 0:
        return None
    if at < 0:
        rest = np.ascontiguousarray(piece.to_ndarray()[:, -at:])
        piece, at = av.AudioFrame.from_ndarray(rest, "fltp", "stereo"), 0
        piece.sample_rate = _SOUND_RATE
    piece.pts, piece.time_base = at, Fraction(1, _SOUND_RATE)
    return piece
