# SPDX-License-Identifier: Apache-2.0
"""Reading a spliced result back: copied packets are the plate's, pictures at seams what they shall be."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice, pairwise
from typing import IO, TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from plosive.errors import MediaWriteError
from plosive.media.opening import open_media
from plosive.media.videoframe import planar_picture, plane_views

if TYPE_CHECKING:
    from pathlib import Path

    import av

    from plosive.media.videoreader import VideoReader
    from plosive.media.videotarget import VideoTarget

__all__ = ["SeamRecord", "is_close", "is_equal", "require_clean", "small"]

_MOST_SEAMS = 8
_FRAMES_BESIDE_SEAM = 2
_CELLS = 16
_MOST_MEAN_DIFFERENCE = 0.02
"""Of full scale, between the means of a picture's cells before and after it was coded."""


@dataclass
class SeamRecord:
    """What was written: per frame a digest of its packet if copied, and near seams a small picture if not."""

    digests: list[bytes | None] = field(default_factory=list)
    pictures: dict[int, NDArray[np.float32]] = field(default_factory=dict)

    def copied(self, packet: Any) -> None:
        self.digests.append(_digest(bytes(packet)))

    def encoded(self, picture: av.VideoFrame, is_at_seam: bool) -> None:
        if is_at_seam:
            self.pictures[len(self.digests)] = small(picture)
        self.digests.append(None)

    @property
    def seams(self) -> list[int]:
        """Frames that begin a run."""
        kinds = [digest is None for digest in self.digests]
        return [index for index, (before, now) in enumerate(pairwise(kinds), 1) if before != now]


def require_clean(path: Path, reader: VideoReader, target: VideoTarget, record: SeamRecord) -> None:
    """Raises MediaWriteError where the file at `path` is not what was written to it."""
    import av

    try:
        stamps = _checked_stamps(path, target, record)
        seams = record.seams
        for seam in seams[:: max(1, -(-len(seams) // _MOST_SEAMS))]:
            _require_seam(path, reader, target, record, stamps, seam)
    except (av.error.FFmpegError, OSError, ValueError, IndexError) as error:
        raise _failure(target, str(error)) from error


def _require_seam(
    path: Path, reader: VideoReader, target: VideoTarget, record: SeamRecord, stamps: list[int], seam: int
) -> None:
    first = max(0, seam - _FRAMES_BESIDE_SEAM)
    end = min(len(stamps), seam + _FRAMES_BESIDE_SEAM)
    shown = _pictures(path, stamps[first:end], target.encoding.container != "mpeg")
    plate = {frame.index: frame for frame in islice(reader.frames(first), end - first)}
    for index in range(first, end):
        picture = shown.get(stamps[index])
        if picture is None:
            raise _failure(target, f"frame {index} cannot be decoded")
        if record.digests[index] is None:
            wanted = record.pictures.get(index)
            if wanted is not None and not is_close(wanted, small(picture)):
                raise _failure(target, f"frame {index} is not the one that was written")
        elif not is_equal(picture, plate[index].original):
            raise _failure(target, f"frame {index} is not the plate's")


def _checked_stamps(path: Path, target: VideoTarget, record: SeamRecord) -> list[int]:
    """The time stamps of the result's frames, in order."""

    stamps: list[int] = []
    with open_media(path) as container:
        time_base = container.streams.video[0].time_base
        for index, packet in enumerate(one for one in container.demux(video=0) if one.size):
            if packet.pts is None or index >= len(record.digests):
                raise _failure(target, "it holds other pictures than were written")
            stamps.append(packet.pts)
            digest = record.digests[index]
            if digest is not None and digest != _digest(bytes(packet)):
                raise _failure(target, f"the compressed picture {index} is not the plate's")
    stamps.sort()
    if len(stamps) != len(target.time_stamps) or time_base is None:
        raise _failure(target, f"it holds {len(stamps)} of {len(target.time_stamps)} frames")
    rounding = max(time_base, target.time_base)
    for index, (stamp, wanted) in enumerate(zip(stamps, target.time_stamps, strict=True)):
        if abs((stamp - stamps[0]) * time_base - wanted * target.time_base) > rounding:
            raise _failure(target, f"frame {index} is shown at another time")
    return stamps


def _failure(target: VideoTarget, what: str) -> MediaWriteError:
    return MediaWriteError(
        f"{target.path.name} failed its check after writing ({what}) and was removed; "
        "choose another --codec or extension, and please report this."
    )


def _pictures(path: Path, stamps: Sequence[int], can_seek: bool) -> dict[int, av.VideoFrame]:
    """The pictures shown at `stamps`, found by a seek as players do; where the container has no index and
    the seek goes too far, from the beginning.
    """
    found = _found(path, stamps, has_seek=True) if can_seek else {}
    return found if len(found) == len(stamps) else _found(path, stamps, has_seek=False)


def _found(path: Path, stamps: Sequence[int], has_seek: bool) -> dict[int, av.VideoFrame]:
    import av

    found: dict[int, av.VideoFrame] = {}
    with open_media(path) as container:
        if has_seek:
            with suppress(av.error.FFmpegError):
                container.seek(stamps[0], stream=container.streams.video[0])
        for packet in container.demux(video=0):
            pictures: list[Any] = []
            with suppress(av.error.FFmpegError):  # a copied picture may be as damaged as in the plate
                pictures = packet.decode()
            for picture in pictures:
                if picture.pts in stamps:
                    found[picture.pts] = picture
                if len(found) == len(stamps) or (picture.pts or 0) > stamps[-1]:
                    return found
    return found


def decoded_file(file: IO[bytes]) -> Iterator[av.VideoFrame]:
    """All pictures of an open file. Raises FFmpeg's errors."""
    import av

    file.seek(0)
    with av.open(file, metadata_errors="replace") as container:
        yield from container.decode(video=0)


def is_equal(first: av.VideoFrame, second: av.VideoFrame) -> bool:
    """Whether two pictures have the same form and every sample in common."""
    first, second = planar_picture(first), planar_picture(second)
    if (first.format.name, first.width, first.height) != (second.format.name, second.width, second.height):
        return False
    return all(np.array_equal(one, other) for one, other in zip(_planes(first), _planes(second), strict=True))


def _planes(picture: av.VideoFrame) -> list[NDArray[Any]]:
    from plosive.media.layout import SampleLayout

    layout = SampleLayout.parse(picture.format.name)
    assert layout is not None  # the plate's reader has asked
    return plane_views(picture, layout)


def small(picture: av.VideoFrame) -> NDArray[np.float32]:
    """Means of the first plane in 16 x 16 cells, 0 to 1: what the picture shows, coarsely."""
    plane = _planes(planar_picture(picture))[0]
    rows = np.linspace(0, plane.shape[0], _CELLS + 1).astype(int)[:-1]
    columns = np.linspace(0, plane.shape[1], _CELLS + 1).astype(int)[:-1]
    scale = float(np.iinfo(plane.dtype).max) if plane.dtype == np.uint8 else _scale(picture)
    sums = np.add.reduceat(np.add.reduceat(plane, rows, 0, dtype=np.float64), columns, 1)
    counts = np.outer(np.diff([*rows, plane.shape[0]]), np.diff([*columns, plane.shape[1]]))
    return (sums / counts / scale).astype(np.float32)


def _scale(picture: av.VideoFrame) -> float:
    return float((1 << max(component.bits for component in picture.format.components)) - 1)


def is_close(first: NDArray[np.float32], second: NDArray[np.float32]) -> bool:
    """Whether two `small` pictures show the same."""
    return bool(np.abs(first - second).max() <= _MOST_MEAN_DIFFERENCE)


def _digest(packet: bytes) -> bytes:
    return hashlib.blake2b(packet, digest_size=16).digest()
