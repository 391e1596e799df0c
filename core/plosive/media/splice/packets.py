# SPDX-License-Identifier: Apache-2.0
"""The compressed pictures of a plate in the order they are stored, and where they can be cut apart."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from plosive.errors import MediaReadError, NotPatchableError

if TYPE_CHECKING:
    from av.container import InputContainer

    from plosive.media.videoreader import VideoReader

__all__ = ["Entry", "PlatePackets", "Run", "decoding_times", "opened_again", "packets_of", "scanned"]


class Entry(Enum):
    """Whether decoding may begin at a packet, with none before it."""

    NO = 0
    IF_SHOWN_FIRST = 1
    """Yes, unless pictures stored after it are shown before it."""
    YES = 2


@dataclass(frozen=True)
class Run:
    """Frames from `first` to before `end`, either all copied or all compressed anew."""

    first: int
    end: int
    is_copied: bool


@dataclass(frozen=True)
class PlatePackets:
    """Time stamps of the packets in stored (decoding) order, and which of them need none before them.

    `pts` and `dts` count in the stream's time base; `dts` rises.
    """

    pts: tuple[int, ...]
    dts: tuple[int, ...]
    is_entry: tuple[bool, ...]
    key_frames: tuple[int, ...] = ()
    """Where the container says that decoding can begin, if pictures shown before are left out."""

    def runs(self, changed: Collection[int], least_frames: int, least_group: int = 1) -> tuple[Run, ...]:
        """The plate cut into runs: copied ones have no changed frame and at least `least_frames`, need no
        picture outside themselves, and no run has a picture shown before or after another's.

        No group at a seam is shorter than `least_group`, unless all of the plate are: decoders that still
        hold pictures of the group before (OpenH264) mix them up.
        """
        count = len(self.pts)
        if all(self.is_entry):
            least_group = 1
        runs: list[Run] = []
        position = count
        for first, end in reversed(self._unchanged(changed)):
            end = self._cut_at(first, min(end, position - least_group) if position < count else end)
            group = max(
                (at for at in range(first, end) if self.is_entry[at] and self.is_cut[at]), default=end
            )
            if end < count and end - group < least_group:
                end = group
            if end - first < least_frames or 0 < first < least_group:
                continue
            if end < position:
                runs.append(Run(end, position, False))
            runs.append(Run(first, end, True))
            position = first
        if position:
            runs.append(Run(0, position, False))
        return tuple(reversed(runs))

    def _unchanged(self, changed: Collection[int]) -> list[tuple[int, int]]:
        """(first, end) of the longest stretches without a change that begin at an entry and end at a cut."""
        found: list[tuple[int, int]] = []
        start: int | None = None
        last_cut, count = 0, len(self.pts)
        for index in range(count + 1):
            if self.is_cut[index]:
                last_cut = index
                if start is None and index < count and self.is_entry[index]:
                    start = index
            if index == count or index in changed:
                if start is not None and last_cut > start:
                    found.append((start, last_cut))
                start = None
        return found

    def _cut_at(self, first: int, end: int) -> int:
        """The last cut up to `end`, not before `first`."""
        return next((at for at in range(end, first, -1) if self.is_cut[at]), first)

    @cached_property
    def ranks(self) -> tuple[int, ...]:
        """Per stored position the index of the frame."""
        ranks = {stamp: rank for rank, stamp in enumerate(sorted(self.pts))}
        return tuple(ranks[stamp] for stamp in self.pts)

    @cached_property
    def is_cut(self) -> tuple[bool, ...]:
        """Per position 0 to count: whether all pictures stored before it are shown before all others."""
        latest, cuts = -1, [True]
        for index, rank in enumerate(self.ranks):
            latest = max(latest, rank)
            cuts.append(latest == index)
        return tuple(cuts)


def scanned(reader: VideoReader, entry_of: Callable[[bytes, bool], Entry]) -> PlatePackets:
    """Reads all packets once. `entry_of` gets a packet's bytes and whether it is called a key frame.

    Raises NotPatchableError where the packets are not the frames that are shown.
    """
    pts, dts, entries = list[int](), list[int | None](), list[Entry]()
    key_frames = list[int]()
    with opened_again(reader) as container:
        for packet in packets_of(container, reader):
            if packet.pts is None:
                raise NotPatchableError("The plate does not say when each of its pictures is shown.")
            pts.append(packet.pts)
            dts.append(packet.dts)
            if packet.is_keyframe:
                key_frames.append(len(entries))
            entries.append(entry_of(bytes(packet), packet.is_keyframe))
    if tuple(sorted(pts)) != reader.presentation.pts:
        raise NotPatchableError("The plate hides some of its pictures, by an edit list or at its start.")
    shown = reader.presentation.pts
    is_entry = tuple(
        entry is Entry.YES or (entry is Entry.IF_SHOWN_FIRST and stamp == first)
        for entry, stamp, first in zip(entries, pts, shown, strict=True)
    )
    return PlatePackets(tuple(pts), decoding_times(pts, dts), is_entry, tuple(key_frames))


def decoding_times(pts: Sequence[int], dts: Sequence[int | None]) -> tuple[int, ...]:
    """The stored times where they are whole and rise; else the latest that rise and let every picture be
    decoded before it is shown.
    """
    known = [stamp for stamp in dts if stamp is not None]
    is_rising = all(earlier < later for earlier, later in pairwise(known))
    if (
        len(known) == len(pts)
        and is_rising
        and all(early <= late for early, late in zip(known, pts, strict=True))
    ):
        return tuple(known)
    shown = sorted(pts)
    ranks = {stamp: rank for rank, stamp in enumerate(shown)}
    delay = max(index - ranks[stamp] for index, stamp in enumerate(pts))
    step = max(1, (shown[-1] - shown[0]) // max(1, len(shown) - 1))
    early = [shown[0] - step * number for number in range(delay, 0, -1)]
    return tuple((early + shown)[: len(pts)])


def opened_again(reader: VideoReader) -> InputContainer:
    """The plate's file once more. Raises MediaReadError."""
    from plosive.media.videosource import open_video

    return open_video(reader.path)


def packets_of(container: InputContainer, reader: VideoReader) -> Iterator[Any]:
    """The plate's packets that hold something, in stored order; of a part of a plate, whose pictures must
    stand alone, those of its frames. Raises MediaReadError when one is broken.
    """
    import av

    stream, shown = container.streams[reader.stream_index], reader.presentation.pts
    try:
        if reader.is_part:
            container.seek(shown[0], stream=stream)
        for packet in container.demux(stream):
            if reader.is_part and packet.pts is not None:
                if packet.pts < shown[0]:
                    continue
                if packet.pts > shown[-1]:
                    return
            if packet.size:
                yield packet
    except (av.error.FFmpegError, IndexError) as error:
        raise MediaReadError(f"{reader.path.name} is damaged ({error}); copy or export it again.") from error
