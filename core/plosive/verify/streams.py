# SPDX-License-Identifier: Apache-2.0
"""All packets of a video file as FFmpeg's demuxer gives them: which bytes each picture and track has."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plosive.errors import MediaReadError
from plosive.media.presentation import Presentation
from plosive.media.videosource import open_video

if TYPE_CHECKING:
    import av

__all__ = ["Movie", "SampleReader", "Track", "read_movie"]

_FAR = 12  # frames: a seek is quicker than reading what lies between


@dataclass
class Track:
    """One stream. `sha256` is of all its packets one after the other; `start_seconds` is its first stamp."""

    index: int
    kind: str
    codec: str
    metadata: dict[str, str]
    rate: int = 0
    channels: int = 0
    layout: str = ""
    start_seconds: Fraction | None = None
    byte_count: int = 0
    packet_count: int = 0
    sha256: str = ""
    extradata: str = ""

    @property
    def title(self) -> str:
        """What to call it: codec, and a name where it has one that says more than the handler's kind."""
        name = self.metadata.get("title") or self.metadata.get("handler_name") or ""
        known = ("SoundHandler", "VideoHandler", "TimeCodeHandler", "DataHandler", "")
        return self.codec if name in known else f"{self.codec} '{name}'"


@dataclass
class Movie:
    """What a file's packets are. `digests` has one sha256 per picture of `presentation`, None where packets
    do not say which picture they are; `hidden` is of those the file says not to show.
    """

    path: Path
    container: str
    metadata: dict[str, str]
    tracks: list[Track]
    picture: int
    presentation: Presentation
    digests: list[bytes] | None
    hidden: str
    sizes: list[int] = field(default_factory=list)

    @property
    def others(self) -> list[Track]:
        """All tracks but the picture."""
        return [track for track in self.tracks if track.index != self.picture]

    def of_kind(self, kind: str) -> list[Track]:
        return [track for track in self.others if track.kind == kind]


def read_movie(path: Path, picture: int, presentation: Presentation) -> Movie:
    """Reads every packet once. `picture` is the stream whose pictures `presentation` lists. Raises
    MediaReadError.
    """
    import av

    with open_video(path) as container:
        tracks = [_track(stream) for stream in container.streams]
        hashes = [hashlib.sha256() for _ in tracks]
        hidden = hashlib.sha256()
        found: dict[int, tuple[bytes, int]] = {}
        in_order: list[tuple[bytes, int]] = []
        packets = container.demux()
        while True:
            try:
                packet = next(packets)
            except StopIteration:
                break
            except av.error.FFmpegError as error:
                raise MediaReadError(
                    f"{path.name} is damaged ({error.strerror}); copy or export it again."
                ) from error
            if not packet.size:
                continue
            track = tracks[packet.stream.index]
            if track.index == picture:
                digest = hashlib.sha256(packet).digest(), packet.size
                index = None if packet.pts is None else presentation.index_of(packet.pts)
                if packet.is_discard or (index is None and packet.pts is not None) or index in found:
                    hidden.update(packet)
                elif index is not None:
                    found[index] = digest
                else:
                    in_order.append(digest)
            else:
                hashes[track.index].update(packet)
            track.byte_count += packet.size
            track.packet_count += 1
            if track.start_seconds is None and packet.pts is not None and packet.time_base is not None:
                track.start_seconds = packet.pts * packet.time_base
        for track, made in zip(tracks, hashes, strict=True):
            track.sha256 = made.hexdigest()
        digests = _in_order(found, in_order, len(presentation.pts))
        return Movie(
            path,
            container.format.name,
            dict(container.metadata),
            tracks,
            picture,
            presentation,
            None if digests is None else [digest for digest, _ in digests],
            hidden.hexdigest(),
            [] if digests is None else [size for _, size in digests],
        )


def _in_order(
    found: dict[int, tuple[bytes, int]], unstamped: list[tuple[bytes, int]], count: int
) -> list[tuple[bytes, int]] | None:
    """One entry per picture, or None when packets and pictures do not go together."""
    if len(found) == count:
        return [found[index] for index in range(count)]
    return unstamped if not found and len(unstamped) == count else None


def _track(stream: Any) -> Track:
    context = stream.codec_context
    extradata = b"" if context is None else bytes(getattr(context, "extradata", None) or b"")
    track = Track(
        stream.index,
        stream.type or "data",
        "data" if context is None else context.name,
        dict(stream.metadata),
        extradata=hashlib.sha256(extradata).hexdigest() if extradata else "",
    )
    if stream.type == "audio" and context is not None:
        track.rate, track.channels = int(context.sample_rate or 0), len(context.layout.channels)
        track.layout = context.layout.name
    return track


class SampleReader:
    """Samples of chosen pictures of a codec whose pictures stand alone, with their decoded planes."""

    def __init__(self, path: Path, stream_index: int, presentation: Presentation) -> None:
        self._path, self._stream_index, self._presentation = path, stream_index, presentation

    def read(self, indices: Sequence[int]) -> Iterator[tuple[int, bytes, av.VideoFrame | None]]:
        """(index, sample, picture) of each of rising `indices`; the picture is None where the sample cannot
        be decoded. Raises MediaReadError when a sample is not there.
        """
        pts = self._presentation.pts
        with open_video(self._path) as container:
            stream: Any = container.streams[self._stream_index]
            packets: Iterator[Any] | None = None
            at = -1
            for index in indices:
                if packets is None or index - at > _FAR:
                    container.seek(pts[index], stream=stream)
                    packets = container.demux(stream)
                packet = self._find(packets, pts[index])
                if packet is None:
                    container.seek(0)
                    packets = container.demux(stream)
                    packet = self._find(packets, pts[index])
                if packet is None:
                    raise MediaReadError(f"{self._path.name} is damaged: frame {index} cannot be read.")
                at = index
                yield index, bytes(packet), _decoded(packet)

    @staticmethod
    def _find(packets: Iterator[Any], wanted: int) -> Any:
        import av

        try:
            for packet in packets:
                if packet.size and packet.pts == wanted and not packet.is_discard:
                    return packet
                if packet.pts is not None and packet.pts > wanted:
                    return None
        except av.error.FFmpegError:
            return None
        return None


def _decoded(packet: Any) -> av.VideoFrame | None:
    import av

    try:
        return next(iter(packet.decode()), None)
    except av.error.FFmpegError:
        return None
