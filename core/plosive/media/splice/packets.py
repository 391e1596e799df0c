# SPDX-License-Identifier: Apache-2.0
"""The compressed pictures of a plate in the order they are stored, and where they can be cut apart."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from plosive.errors import NotPatchableError

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

    def runs(self, changed: Collection[int], least_frames: int) -> tuple[Run, ...]:
        """The plate cut into runs: copied ones have no changed frame and at least `least_frames`, need no
        picture outside themselves, and no run has a picture shown before or after another's.
        """
        count = len(self.pts)
        is_cut = self.is_cut
        copied: list[tuple[int, int]] = []
        start: int | None = None
        last_cut = 0
        for index in range(count + 1):
            if is_cut[index]:
                last_cut = index
                if start is None and index < count and self.is_entry[index]:
                    start = index
            if index == count or index in changed:
                if start is not None and last_cut - start >= least_frames:
                    copied.append((start, last_cut))
                start = None
        runs: list[Run] = []
        position = 0
        for first, end in copied:
            if first > position:
                runs.append(Run(position, first, False))
            runs.append(Run(first, end, True))
            position = end
        if position < count:
            runs.append(Run(position, count, False))
        return tuple(runs)

    @cached_property
    def is_cut(self) -> tuple[bool, ...]:
        """Per position 0 to count: whether all pictures stored before it are shown before all others."""
        ranks = {stamp: rank for rank, stamp in enumerate(sorted(self.pts))}
        latest, cuts = -1, [True]
        for index, stamp in enumerate(self.pts):
            latest = max(latest, ranks[stamp])
            cuts.append(latest == index)
        return tuple(cuts)


def scanned(reader: VideoReader, entry_of: Callable[[bytes, bool], Entry]) -> PlatePackets:
    """Reads all packets once. `entry_of` gets a packet's bytes and whether it is called a key frame.

    Raises NotPatchableError where the packets are not the frames that are shown.
    """
    pts, dts, entries = list[int](), list[int | None](), list[Entry]()
    with opened_again(reader) as container:
        for packet in packets_of(container, reader):
            if packet.pts is None:
                raise NotPatchableError("The plate does not say when each of its pictures is shown.")
            pts.append(packet.pts)
            dts.append(packet.dts)
            entries.append(entry_of(bytes(packet), packet.is_keyframe))
    if tuple(sorted(pts)) != reader.presentation.pts:
        raise NotPatchableError("The plate hides some of its pictures, by an edit list or at its start.")
    shown = reader.presentation.pts
    is_entry = tuple(
        entry is Entry.YES or (entry is Entry.IF_SHOWN_FIRST and stamp == first)
        for entry, stamp, first in zip(entries, pts, shown, strict=True)
    )
    return PlatePackets(tuple(pts), decoding_times(pts, dts), is_entry)


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
    import av

    return av.open(str(reader.path))


def packets_of(container: InputContainer, reader: VideoReader) -> Iterator[Any]:
    """The plate's packets that hold something, in stored order."""
    stream = container.streams[reader.stream_index]
    return (packet for packet in container.demux(stream) if packet.size)
