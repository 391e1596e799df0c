# SPDX-License-Identifier: Apache-2.0
"""A plate of which no frame changed goes out as it came in: its packets are copied, nothing is encoded."""

from __future__ import annotations

from collections.abc import Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Any

from plosive.errors import MediaReadError
from plosive.media.exactness import Exactness, Fate, FrameFate
from plosive.media.plate import PlateFrame
from plosive.media.videoreader import VideoReader
from plosive.media.videowriter import VideoWriter, may_copy

if TYPE_CHECKING:
    from av.container import InputContainer

__all__ = ["VideoCopier", "unchanged_copier"]


def unchanged_copier(writer: object) -> VideoCopier | None:
    """A writer to the same OUT that copies the plate's packets; None where codec or container differ,
    frames are held, or the file hides some of its pictures. To be asked before `writer` is entered.
    """
    if not isinstance(writer, VideoWriter) or writer.reader is None:
        return None
    reader, target = writer.reader, writer.target
    source, encoding = reader.source, target.encoding
    if encoding.codec != source.codec_name or encoding.container not in ("mov", "mp4", "matroska"):
        return None
    if not may_copy(encoding.container, source, source.codec_name):
        return None
    if len(target.time_stamps) != reader.info.frame_count:
        return None
    if target.timecode and not _keeps_timecode():
        return None
    with _opened(reader) as container:
        stamps = sorted(packet.pts for packet in _packets(container, reader) if packet.pts is not None)
    if tuple(stamps) != reader.presentation.pts:
        return None
    return VideoCopier(writer)


class VideoCopier(VideoWriter):
    """A `PlateWriter` that takes frames only to count them."""

    def __init__(self, writer: VideoWriter) -> None:
        assert writer.reader is not None
        note = "No frame changed: the picture is copied as it is, not compressed again."
        super().__init__(writer.target, writer.info, writer.reader, writer.dub, writer.plate_audio, (note,))
        self._source_reader = writer.reader

    @property
    def exactness(self) -> Exactness:
        return Exactness(
            "No frame changed: the compressed pictures are the plate's own bytes, in a new container.",
            (FrameFate(Fate.COPIED),) * self._written,
        )

    def __enter__(self) -> VideoCopier:
        self._source = _opened(self._source_reader)
        super().__enter__()
        self._copied = _packets(self._source, self._source_reader)
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
        del frame
        packet = next(self._copied, None)
        if packet is None:
            raise MediaReadError(f"{self._source_reader.path.name} ended before its last frame.")
        first = self._source_reader.presentation.pts[0]
        packet.stream = self._stream
        packet.pts = None if packet.pts is None else packet.pts - first
        packet.dts = None if packet.dts is None else packet.dts - first
        self._mux(packet)

    def _make_stream(self) -> Any:
        stream = self._source.streams[self._source_reader.stream_index]
        made: Any = self._container.add_stream_from_template(stream)
        made.time_base = stream.time_base
        # Without a rate the mov muxer leaves the timecode track out.
        made.codec_context.framerate = self.target.frame_rate
        return made

    def _flush(self) -> None:
        return


def _keeps_timecode() -> bool:
    """PyAV 17, the last for Python 3.10, gives copied streams no rate, and so the file no timecode track."""
    import av

    return int(av.__version__.split(".")[0]) >= 18


def _opened(reader: VideoReader) -> InputContainer:
    import av

    return av.open(str(reader.path))


def _packets(container: InputContainer, reader: VideoReader) -> Iterator[Any]:
    stream = container.streams[reader.stream_index]
    return (packet for packet in container.demux(stream) if packet.size)
