# SPDX-License-Identifier: Apache-2.0
"""Which frames of a result are copied and which compressed anew, decided before the first is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from plosive.errors import NotPatchableError
from plosive.media.encodersettings import quality
from plosive.media.splice.packets import PlatePackets, Run

if TYPE_CHECKING:
    from av.container import InputContainer, OutputContainer

    from plosive.media.splice.codec import Splice
    from plosive.media.videoreader import VideoReader
    from plosive.media.videotarget import VideoTarget
    from plosive.media.videowriter import VideoWriter

__all__ = ["SeamPlan"]

_NEAR_SEAM_FRAMES = 2


@dataclass(frozen=True)
class SeamPlan:
    """What `VideoSplicer` does. `runs` cover the plate's frames; those held after them are compressed anew.
    Without a `splice` all is copied.
    """

    reader: VideoReader
    target: VideoTarget
    splice: Splice | None
    packets: PlatePackets
    runs: tuple[Run, ...]
    changed: frozenset[int]

    @classmethod
    def whole(cls, reader: VideoReader, target: VideoTarget, packets: PlatePackets) -> SeamPlan:
        """All copied."""
        return cls(reader, target, None, packets, (Run(0, len(packets.pts), True),), frozenset())

    @property
    def is_free(self) -> bool:
        """Whether any frame can be copied or not, as it comes."""
        return self.splice is not None and self.splice.is_intra

    def is_copied(self, index: int) -> bool:
        return any(run.is_copied and run.first <= index < run.end for run in self.runs)

    def is_at_seam(self, index: int) -> bool:
        """Whether a run begins or ends within a few frames."""
        near = range(index - _NEAR_SEAM_FRAMES, index + _NEAR_SEAM_FRAMES + 2)
        return any(run.first in near or run.end in near for run in self.runs)

    def why(self, index: int) -> str:
        """Why the frame is compressed anew."""
        if index in self.changed:
            return "The frame was changed, and its codec cannot be patched block by block."
        if index >= len(self.packets.pts):
            return "The last frame is held, and a held frame has no compressed picture in the plate."
        return "The frame did not change, but belongs to a group of pictures in which one did."

    def warnings(self, writer: VideoWriter) -> tuple[str, ...]:
        """Those of the whole rewrite, with what is copied in place of 'the whole picture'."""
        if self.splice is None:
            return ("No frame changed: the picture is copied as it is, not compressed again.",)
        copied = sum(run.end - run.first for run in self.runs if run.is_copied)
        note = (
            f"{copied} of {len(self.packets.pts)} frames did not change and are copied as they are; the "
            f"others are compressed anew as {quality(self.splice.encoding)}."
        )
        kept = [sentence for sentence in writer.warnings if "compressed once more" not in sentence]
        return (note, *kept)

    def stamps(self, index: int) -> tuple[int, int]:
        """(pts, dts) of the packet stored at `index`, from the first shown picture on."""
        shown, first = self.reader.presentation, self.reader.presentation.pts[0]
        count = len(shown.pts)
        if index >= count:
            held = round(self.target.time_stamps[index] * self.target.time_base / shown.time_base)
            return held, held
        pts = self.packets.pts[index] if self.is_copied(index) else shown.pts[index]
        return pts - first, self.packets.dts[index] - first

    def make_stream(self, container: OutputContainer, source: InputContainer) -> Any:
        """The video stream of the result."""
        stream = source.streams[self.reader.stream_index]
        made: Any = container.add_stream_from_template(stream)
        made.time_base = stream.time_base
        # Without a rate the mov muxer leaves the timecode track out.
        made.codec_context.framerate = self.target.frame_rate
        if self.splice is not None and self.splice.extradata is not None:
            made.codec_context.extradata = self.splice.extradata
        container_name = self.target.encoding.container
        if container_name == "avi" or (
            self.reader.source.codec_name == "hevc" and container_name in ("mov", "mp4")
        ):  # elsewhere FFmpeg finds the fitting one
            made.codec_context.codec_tag = self.reader.source.codec_tag
        return made

    def require_copied(self) -> None:
        """Raises NotPatchableError where nothing is copied."""
        if not any(run.is_copied for run in self.runs):
            raise NotPatchableError(
                "No group of the plate's pictures both stands alone and has no changed frame."
            )
