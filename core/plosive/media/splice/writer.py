# SPDX-License-Identifier: Apache-2.0
"""Writing a plate some of whose frames changed: what can be copied is copied, the rest compressed anew."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Any

from plosive.errors import MediaReadError, MediaWriteError
from plosive.media.encodercontext import tag_picture
from plosive.media.encodersettings import quality
from plosive.media.exactness import Exactness, Fate, FrameFate
from plosive.media.remuxlosses import remux_keeps, remux_losses
from plosive.media.samplemaking import is_changed
from plosive.media.splice.check import SeamRecord, require_clean
from plosive.media.splice.encoder import lone_encoder
from plosive.media.splice.packets import opened_again, packets_of
from plosive.media.splice.plan import SeamPlan
from plosive.media.videoframe import VideoPlateFrame
from plosive.media.videowriter import VideoWriter

if TYPE_CHECKING:
    import av

    from plosive.media.plate import PlateFrame
    from plosive.media.splice.codec import Splice

__all__ = ["VideoSplicer"]


class VideoSplicer(VideoWriter):
    """A `PlateWriter` that copies the plate's packets for the frames of `plan`'s copied runs.

    Codecs whose pictures stand alone are copied frame by frame wherever nothing was changed, planned or not.
    """

    def __init__(self, writer: VideoWriter, plan: SeamPlan) -> None:
        assert writer.reader is not None
        super().__init__(
            writer.target, writer.info, writer.reader, writer.dub, writer.plate_audio, plan.warnings(writer)
        )
        self._plan = plan
        self._plate = writer.reader
        self._position = 0  # packets taken from the plate
        self._encoder: av.VideoCodecContext | None = None
        self._sent = 0  # index of the next packet that the encoder gives
        self._run_start = 0  # index of the encoder's first frame
        self._is_copied: list[bool] = []
        self._record = SeamRecord()

    @property
    def exactness(self) -> Exactness:
        splice = self._plan.splice
        promise = "The compressed pictures are the plate's own bytes, in a new container."
        if splice is not None and not all(self._is_copied):
            promise = (
                f"{sum(self._is_copied)} of {len(self._is_copied)} frames are the plate's own compressed "
                f"pictures, byte for byte; the others are compressed anew as {quality(splice.encoding)}."
            )
        fates = tuple(
            FrameFate(Fate.COPIED) if is_copied else FrameFate(Fate.REWRITTEN, self._plan.why(index))
            for index, is_copied in enumerate(self._is_copied)
        )
        return Exactness(
            promise,
            fates,
            remux_keeps(self._plate, self.target.path),
            remux_losses(self._plate, self.target.path),
        )

    def __enter__(self) -> VideoSplicer:
        self._source = opened_again(self._plate)
        try:
            super().__enter__()
        except BaseException:
            self._source.close()
            raise
        self._packets = packets_of(self._source, self._plate)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            super().__exit__(kind, error, trace)
        finally:
            self._source.close()

    def write(self, frame: PlateFrame) -> None:
        index = self._written
        if index >= self.info.frame_count:
            raise MediaWriteError(f"{self.target.path.name} already has all {index} frames.")
        is_own = isinstance(frame, VideoPlateFrame) and not is_changed(frame)
        if self._plan.is_free:
            is_copied = is_own
        else:
            is_copied = self._plan.is_copied(index)
            if is_copied and not is_own:
                raise MediaWriteError(f"Frame {index} was changed, but was to be copied from the plate.")
        if not is_copied:
            super().write(frame)
            return
        self._drain()
        packet = self._own_packet(index)
        self._record.copied(packet)
        self._is_copied.append(True)
        if index == self.info.frame_count - 1:
            self._last = self._picture(frame)
        self._mux(self._placed(packet, index))

    def _encode(self, picture: av.VideoFrame) -> None:
        import av

        index, target = self._written, self.target
        self._last = picture
        picture.pts, picture.time_base = target.time_stamps[index], target.time_base
        tag_picture(picture, target)
        try:
            if self.info.is_interlaced:
                picture = self._fields.marked(picture)
                tag_picture(picture, target)
            if self._encoder is None:
                splice = self._splice
                self._encoder = lone_encoder(
                    target, splice.encoding, self.info.is_interlaced, splice.has_global_header
                )
                self._sent = self._run_start = index
            self._splice.prepare(picture, index - self._run_start)
            packets = self._encoder.encode(picture)
        except (av.error.FFmpegError, OSError, ValueError) as error:
            raise self._failure(error) from error
        self._record.encoded(picture, self._plan.is_at_seam(index))
        self._is_copied.append(False)
        self._mux([self._adopted(packet) for packet in packets])

    @property
    def _splice(self) -> Splice:
        assert self._plan.splice is not None  # without it nothing is encoded
        return self._plan.splice

    def _drain(self) -> None:
        """All that the encoder still holds goes out; the next frame gets a fresh one."""
        import av

        encoder, self._encoder = self._encoder, None
        if encoder is None:
            return
        try:
            self._container.mux([self._adopted(packet) for packet in encoder.encode(None)])
        except (av.error.FFmpegError, OSError, ValueError) as error:
            raise self._failure(error) from error

    def _flush(self) -> None:
        self._drain()

    def _finish(self) -> None:
        super()._finish()
        assert self._staged is not None
        self._staged.flush()
        require_clean(self._staged.temporary, self._plate, self.target, self._record)

    def _own_packet(self, index: int) -> Any:
        packet = None
        while self._position <= index:
            packet = next(self._packets, None)
            if packet is None:
                raise MediaReadError(f"{self._plate.path.name} ended before its last frame.")
            self._position += 1
        assert packet is not None
        return packet

    def _adopted(self, encoded: Any) -> Any:
        """A packet of the encoder, framed and timed like the plate's."""
        import av

        index, self._sent = self._sent, self._sent + 1
        if encoded.pts != self.target.time_stamps[index]:
            raise MediaWriteError(f"The encoder gave the frames of {self.target.path.name} in another order.")
        packet: Any = av.Packet(self._splice.adopted(bytes(encoded)))
        packet.is_keyframe = encoded.is_keyframe
        return self._placed(packet, index)

    def _placed(self, packet: Any, index: int) -> Any:
        """The packet stored at `index`. What is compressed anew is stored in the order it is shown."""
        plan = self._plan
        packet.stream = self._stream
        packet.time_base = self._plate.presentation.time_base
        packet.pts, packet.dts = plan.stamps(index)
        return packet

    def _make_stream(self) -> Any:
        return self._plan.make_stream(self._container, self._source)
