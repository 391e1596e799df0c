# SPDX-License-Identifier: Apache-2.0
"""What a render job writes: a QuickTime of ProRes or PCM, or EXR files, of what the timeline shows and
sounds.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from fakes.resolve.rejection import FakeRejection
from fakes.resolve.render import TimelineRenderer
from fakes.resolve.renderqueue import RenderJob
from plosive.media import Timecode

__all__ = ["deliver"]

PRORES = {
    "ProRes422": ("2", "yuv422p10le"),
    "ProRes422HQ": ("3", "yuv422p10le"),
    "ProRes4444": ("4", "yuva444p10le"),
    "ProRes4444XQ": ("5", "yuva444p10le"),
}
SAMPLE_RATE = 48_000


def deliver(job: RenderJob, name: str) -> list[Path]:
    """The files of a job. Raises FakeRejection where a file would be overwritten, or the format is not
    played.
    """
    folder = Path(job.settings["TargetDir"])
    folder.mkdir(parents=True, exist_ok=True)
    if job.format == "mov" and (job.codec in PRORES or job.codec == "LinearPCM"):
        target = folder / name
        if target.exists():
            raise FakeRejection(f"the render would write over {target.name}")
        _write_mov(job, target)
        return [target]
    if job.format == "exr":
        return _write_exr(job, folder, Path(name).stem)
    raise FakeRejection(f"{job.format} with {job.codec} is not played")


def _write_mov(job: RenderJob, target: Path) -> None:
    import av

    timeline = job.timeline
    has_picture = bool(job.settings.get("ExportVideo", True)) and job.codec in PRORES
    has_sound = bool(job.settings.get("ExportAudio", True))
    width = int(job.settings.get("FormatWidth", timeline.width))
    height = int(job.settings.get("FormatHeight", timeline.height))
    with TimelineRenderer(timeline) as renderer, av.open(str(target), "w") as container:
        picture: Any = None
        if has_picture:
            profile, pixels = PRORES[job.codec]
            picture = container.add_stream("prores_ks", rate=timeline.rate, options={"profile": profile})
            picture.width, picture.height, picture.pix_fmt = width, height, pixels
            picture.time_base = 1 / timeline.rate
            start = Timecode(job.mark_in, timeline.rate, timeline.is_drop_frame)
            picture.metadata["timecode"] = str(start)
        sound: Any = None
        if has_sound:
            sound = container.add_stream("pcm_s24le", rate=SAMPLE_RATE, layout="stereo")
        if picture is not None:
            for index, frame in enumerate(range(job.mark_in, job.mark_out_inclusive + 1)):
                shown = av.VideoFrame.from_ndarray(renderer.picture(frame), format="rgb24")
                native = shown.reformat(width, height, picture.pix_fmt)
                native.pts, native.time_base = index, 1 / Fraction(timeline.rate)
                container.mux(picture.encode(native))
            container.mux(picture.encode(None))
        if sound is not None:
            samples = renderer.sound(job.mark_in, job.mark_out_inclusive, SAMPLE_RATE, 2)
            packed = np.round(np.clip(samples, -1, 1) * (2**31 - 1)).astype(np.int32)
            block = av.AudioFrame.from_ndarray(np.ascontiguousarray(packed.T.reshape(1, -1)), "s32", "stereo")
            block.sample_rate, block.pts, block.time_base = SAMPLE_RATE, 0, Fraction(1, SAMPLE_RATE)
            container.mux(sound.encode(block))
            container.mux(sound.encode(None))


def _write_exr(job: RenderJob, folder: Path, stem: str) -> list[Path]:
    import OpenImageIO as oiio

    made = []
    with TimelineRenderer(job.timeline) as renderer:
        for frame in range(job.mark_in, job.mark_out_inclusive + 1):
            target = folder / f"{stem}{frame:08d}.exr"
            pixels = renderer.picture(frame).astype(np.float32) / 255
            spec = oiio.ImageSpec(pixels.shape[1], pixels.shape[0], 3, "half")
            output = oiio.ImageOutput.create(str(target))
            output.open(str(target), spec)
            output.write_image(pixels)
            output.close()
            made.append(target)
    return made
