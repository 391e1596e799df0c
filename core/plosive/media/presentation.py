# SPDX-License-Identifier: Apache-2.0
"""When each picture of a video is shown, found without decoding pictures where the file allows it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

from plosive.errors import MediaReadError

if TYPE_CHECKING:
    from pathlib import Path

    import av
    from av.container import InputContainer
    from av.stream import Stream

__all__ = ["Presentation", "presentation_of", "skip_other_streams"]


@dataclass(frozen=True)
class Presentation:
    """The time stamps of all shown pictures, rising, in units of `time_base` seconds."""

    pts: tuple[int, ...]
    time_base: Fraction
    frame_rate: Fraction
    is_variable_rate: bool

    def start_seconds(self, index: int) -> Fraction:
        """Exact time after the first picture's.

        At constant rate this is index over rate even where the container rounds (Matroska's milliseconds).
        """
        if self.is_variable_rate:
            return (self.pts[index] - self.pts[0]) * self.time_base
        return index / self.frame_rate

    def without_first(self, dropped: int) -> Presentation:
        """The same without the first `dropped` pictures."""
        return Presentation(self.pts[dropped:], self.time_base, self.frame_rate, self.is_variable_rate)

    def part(self, first_index: int, count: int) -> Presentation:
        """`count` pictures from `first_index` on."""
        return replace(self, pts=self.pts[first_index : first_index + count])

    def index_of(self, pts: int) -> int | None:
        """The position of the picture stamped `pts`, or None."""
        position = bisect_left(self.pts, pts)
        return position if position < len(self.pts) and self.pts[position] == pts else None


def presentation_of(container: InputContainer, stream: av.VideoStream, path: Path) -> Presentation:
    """The presentation of a video stream of a freshly opened container, which is used up by it.

    Raises MediaReadError when the file ends before the pictures it declares.
    """
    time_base = stream.time_base or Fraction(1, 90000)
    rates = [rate for rate in (stream.guessed_rate, stream.average_rate, stream.base_rate) if rate]
    pts = _from_intra_index(stream, path) or _from_packets(container, stream, path)
    if pts is None:
        pts = _from_decoding(container, stream)
    frame_rate, is_variable_rate = _rate(pts, time_base, rates)
    return Presentation(tuple(pts), time_base, frame_rate, is_variable_rate)


def _from_intra_index(stream: av.VideoStream, path: Path) -> list[int] | None:
    """Time stamps from the index of a MOV/MP4 whose pictures stand alone (ProRes, DNxHR), read at once."""
    if "mov" not in stream.container.format.name.split(",") or not stream.codec.intra_only:
        return None
    entries = list(stream.index_entries)
    if not entries:
        return None
    size = path.stat().st_size
    whole = sum(1 for entry in entries if entry.pos + entry.size <= size)
    if whole < len(entries):
        raise truncated(path, whole, len(entries))
    pts = [entry.timestamp for entry in entries if not entry.is_discard]
    return pts if _is_rising(pts) else None


def _from_packets(container: InputContainer, stream: av.VideoStream, path: Path) -> list[int] | None:
    """Time stamps of the packets, or None when they do not say it all (missing or doubled stamps)."""
    declared = stream.frames or 0
    skip_other_streams(container, stream)
    packet_count, pts, is_complete = 0, [], True
    for packet in _packets(container, stream):
        packet_count += 1
        if packet.is_discard:
            continue
        if packet.pts is None:
            is_complete = False
        else:
            pts.append(packet.pts)
    expected = min(declared, len(stream.index_entries)) if _has_sample_table(container) else 0
    if packet_count < expected:
        raise truncated(path, packet_count, declared)
    pts.sort()
    return pts if is_complete and pts and _is_rising(pts) else None


def _from_decoding(container: InputContainer, stream: av.VideoStream) -> list[int]:
    """Time stamps found by decoding everything; holes in them are filled at the nominal rate."""
    import av

    container.seek(0)
    stream.codec_context.flush_buffers()
    stream.thread_type = "AUTO"
    time_base = stream.time_base or Fraction(1, 90000)
    step = max(1, round(1 / ((stream.guessed_rate or Fraction(25)) * time_base)))
    pts: list[int] = []
    for packet in _packets(container, stream, with_flush=True):
        try:
            pictures = packet.decode()
        except av.error.FFmpegError:
            continue
        for picture in pictures:
            stamp = picture.pts
            if stamp is None or (pts and stamp <= pts[-1]):
                stamp = pts[-1] + step if pts else 0
            pts.append(stamp)
    return pts


def _packets(
    container: InputContainer, stream: av.VideoStream, with_flush: bool = False
) -> Iterable[av.Packet[av.VideoStream]]:
    """Packets until the end, or until the first that cannot be read."""
    import av

    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets)
        except (StopIteration, av.error.FFmpegError, IndexError):  # the last: of a stream that came up late
            return
        if with_flush or packet.size:
            yield packet


def skip_other_streams(container: InputContainer, stream: Stream) -> None:
    """Tell the demuxer not to read the samples of streams nobody asked for."""
    from av.stream import Discard

    for other in container.streams:
        if other.index != stream.index:
            other.discard = Discard.all


def _has_sample_table(container: InputContainer) -> bool:
    return "mov" in container.format.name.split(",")


def _rate(pts: Sequence[int], time_base: Fraction, rates: Sequence[Fraction]) -> tuple[Fraction, bool]:
    """(nominal rate, whether the pictures leave it by more than the container's rounding)."""
    if len(pts) < 2:
        return (rates[0] if rates else Fraction(25)), False
    for rate in rates:
        ticks = 1 / (rate * time_base)
        if all(abs(stamp - pts[0] - index * ticks) <= 1 for index, stamp in enumerate(pts)):
            return rate, False
    mean = (len(pts) - 1) / ((pts[-1] - pts[0]) * time_base)
    return (rates[0] if rates and abs(rates[0] / mean - 1) < Fraction(1, 4) else mean), True


def _is_rising(pts: Sequence[int]) -> bool:
    return all(earlier < later for earlier, later in pairwise(pts))


def truncated(path: Path, readable: int, declared: int) -> MediaReadError:
    """The error of a file that holds fewer pictures than it declares."""
    return MediaReadError(
        f"{path.name} is cut short: it declares {declared} frames but only {readable} can be read; "
        "copy or export it again."
    )
