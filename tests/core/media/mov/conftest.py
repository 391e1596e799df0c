# SPDX-License-Identifier: Apache-2.0
"""Files made by FFmpeg, changed by hand, and a walker of boxes that shares no code with ours."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

CONTAINERS = {b"moov", b"trak", b"mdia", b"minf", b"stbl", b"edts", b"dinf", b"udta", b"tref", b"gmhd"}


def boxes(
    data: bytes, start: int = 0, end: int | None = None, path: str = ""
) -> Iterator[tuple[str, int, int]]:
    """(path, offset, size) of all boxes, outer first; every box of a kind has its number."""
    end = len(data) if end is None else end
    seen: dict[bytes, int] = {}
    while start + 8 <= end:
        size, fourcc = struct.unpack_from(">I4s", data, start)
        header = 8
        if size == 1:
            size, header = struct.unpack_from(">Q", data, start + 8)[0], 16
        elif size == 0:
            size = end - start
        if size < header or start + size > end:
            break
        name = f"{path}/{fourcc.decode('latin-1')}{seen.setdefault(fourcc, 0)}"
        seen[fourcc] += 1
        yield name, start, size
        if fourcc in CONTAINERS:
            yield from boxes(data, start + header, start + size, name)
        start += size


def leaves(data: bytes) -> dict[str, bytes]:
    """What is in each box that holds no other, media aside; and the first 8 bytes of the others."""
    found = list(boxes(data))
    parents = {path.rpartition("/")[0] for path, _, _ in found}
    return {
        path: data[offset : offset + (8 if path in parents else size)]
        for path, offset, size in found
        if not path.startswith("/mdat")
    }


def changed(before: bytes, after: bytes) -> set[str]:
    """Paths of boxes that differ, are gone or new."""
    first, second = leaves(before), leaves(after)
    assert [path for path in first if path in second] == [path for path in second if path in first]
    return {path for path in first.keys() | second.keys() if first.get(path) != second.get(path)}


def packets(path: Path) -> dict[int, list[str]]:
    """SHA of every packet of every track, by track id, as FFmpeg demuxes it; with its times."""
    import av

    found: dict[int, list[str]] = {}
    with av.open(str(path)) as container:
        for stream in container.streams:
            found[stream.id] = []
        for packet in container.demux():
            if packet.size:
                digest = hashlib.sha256(bytes(packet)).hexdigest()
                found[packet.stream.id].append(f"{packet.pts} {packet.dts} {packet.duration} {digest}")
    return found


def sound(path: Path, stream_id: int) -> Any:
    """(samples, channels) of one track, as stored."""
    import av

    with av.open(str(path)) as container:
        stream = next(one for one in container.streams.audio if one.id == stream_id)
        arrays = [frame.to_ndarray() for frame in container.decode(stream)]
        return np.concatenate(arrays, axis=1).reshape(-1, len(stream.layout.channels))


def moov_first(data: bytes) -> bytes:
    """The same file with its index after ftyp, as `qt-faststart` does it."""
    top = [(path, data[offset : offset + size]) for path, offset, size in boxes(data) if path.count("/") == 1]
    moov = bytearray(next(content for path, content in top if path == "/moov0"))
    for path, offset, _ in boxes(bytes(moov)):
        kind = path.rpartition("/")[2][:4]
        if kind in ("stco", "co64"):
            code, width = (">I", 4) if kind == "stco" else (">Q", 8)
            (count,) = struct.unpack_from(">I", moov, offset + 12)
            for at in range(offset + 16, offset + 16 + width * count, width):
                struct.pack_into(code, moov, at, struct.unpack_from(code, moov, at)[0] + len(moov))
    rest = [content for path, content in top if path != "/moov0"]
    return b"".join([rest[0], bytes(moov), *rest[1:]])


def atom(fourcc: bytes, payload: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(payload), fourcc) + payload


def with_private_atoms(data: bytes) -> bytes:
    """uuid, user data, tapt, clap and unknown atoms at every level of a file whose index comes last."""
    private = (
        atom(b"uuid", bytes(range(16)) + b"grading notes")
        + atom(b"PRIV", b"\0\0\0\1stco")
        + atom(b"skip", b"x")
    )
    tapt = atom(b"tapt", atom(b"clef", bytes(12)) + atom(b"prof", bytes(12)) + atom(b"enof", bytes(12)))
    new = bytearray(data)
    places = [(offset, size, path) for path, offset, size in boxes(data)]

    def insert(path_end: str, content: bytes, entry: bool = False) -> None:
        """At the end of the box (in its first description with `entry`)."""
        nonlocal new, places
        places = [(offset, size, path) for path, offset, size in boxes(bytes(new))]
        offset, size, _ = next(place for place in places if place[2].endswith(path_end))
        sizes = [at for at, length, _ in places if at <= offset and offset + size <= at + length]
        end = offset + size
        if entry:
            sizes.append(offset + 16)
            end = offset + 16 + int.from_bytes(new[offset + 16 : offset + 20], "big")
        new[end:end] = content
        for at in sizes:
            new[at : at + 4] = (int.from_bytes(new[at : at + 4], "big") + len(content)).to_bytes(4, "big")

    insert("/trak0/mdia0/minf0/stbl0/stsd0", atom(b"clap", bytes(32)) + atom(b"xtra", b"?"), entry=True)
    insert("/trak0/mdia0/minf0/stbl0", private)
    insert("/trak0/mdia0", private)
    insert("/trak0", tapt + private)
    insert(
        "/moov0", private + atom(b"udta", atom(b"\xa9cam", b"\0\4\0\0Abel") + atom(b"prvt", b"1") + bytes(4))
    )
    return bytes(new) + private + b"\0\0\0"  # and three bytes that are no box at all


@dataclass(frozen=True)
class Maker:
    folder: Path

    def movie(
        self,
        name: str = "plate.mov",
        *,
        encoder: str = "prores_ks",
        pixel_format: str = "yuv422p10le",
        rate: Fraction = Fraction(25),
        frames: int = 12,
        timecode: str | None = "01:00:00:00",
        sounds: int = 2,
        movflags: str = "use_metadata_tags",
        options: dict[str, str] | None = None,
    ) -> Path:
        """96 x 64 noise, tones in 24 bit, tags and a timecode track."""
        import av

        path = self.folder / name
        noise = np.random.default_rng(7)
        with av.open(str(path), "w", options={"movflags": movflags}) as container:
            container.metadata.update({"com.apple.quicktime.make": "ARRI", "reel": "A001C002"})
            stream: Any = container.add_stream(encoder, rate=rate, options=options or {})
            stream.width, stream.height, stream.pix_fmt = 96, 64, pixel_format
            stream.codec_context.time_base = 1 / rate
            if timecode:
                stream.metadata["timecode"] = timecode
            tracks = [
                container.add_stream(
                    "pcm_s24le" if name.endswith(".mov") else "aac", rate=48_000, layout="stereo"
                )
                for _ in range(sounds)
            ]
            for index in range(frames):
                frame = av.VideoFrame.from_ndarray(
                    noise.integers(0, 255, (64, 96, 3), np.uint8), format="rgb24"
                ).reformat(format=pixel_format)
                frame.pts, frame.time_base = index, 1 / rate
                container.mux(stream.encode(frame))
                for number, track in enumerate(tracks):
                    container.mux(self._tone(track, number, int(48_000 / rate), index))
            for track in (stream, *tracks):
                container.mux(track.encode(None))
        return path

    def dub(self, name: str = "dub.mov", seconds: Fraction = Fraction(12, 25), channels: int = 1) -> Path:
        """A sound-only MOV as the writer of results makes it: 24-bit noise."""
        import av

        path = self.folder / name
        count = int(seconds * 48_000)
        samples = np.random.default_rng(3).integers(-(1 << 23), 1 << 23, (count, channels), np.int32) << 8
        with av.open(str(path), "w", options={"fflags": "+bitexact"}) as container:
            layout = {1: "mono", 2: "stereo"}[channels]
            stream = container.add_stream("pcm_s24le", rate=48_000, layout=layout)
            for start in range(0, count, 4096):
                frame = av.AudioFrame.from_ndarray(
                    samples[start : start + 4096].reshape(1, -1), "s32", layout
                )
                frame.sample_rate, frame.pts, frame.time_base = 48_000, start, Fraction(1, 48_000)
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
        return path

    @staticmethod
    def _tone(track: Any, number: int, count: int, index: int) -> Any:
        import av

        time = (np.arange(count) + index * count) / 48_000
        tone = np.rint(2e9 * np.sin(2 * np.pi * 300 * (number + 1) * time)).astype(np.int32)
        frame = av.AudioFrame.from_ndarray(np.repeat(tone, 2).reshape(1, -1), "s32", "stereo")
        frame.sample_rate, frame.pts, frame.time_base = 48_000, index * count, Fraction(1, 48_000)
        if track.codec_context.format.name != "s32":
            resampled = av.AudioResampler(track.codec_context.format, "stereo", 48_000).resample(frame)
            return [packet for made in resampled for packet in track.encode(made)]
        return track.encode(frame)


@pytest.fixture
def maker(tmp_path: Path) -> Maker:
    return Maker(tmp_path)


@dataclass(frozen=True)
class Tools:
    """The functions above, for tests that cannot import a conftest."""

    boxes: Callable[..., Iterator[tuple[str, int, int]]] = boxes
    changed: Callable[[bytes, bytes], set[str]] = changed
    leaves: Callable[[bytes], dict[str, bytes]] = leaves
    packets: Callable[[Path], dict[int, list[str]]] = packets
    sound: Callable[[Path, int], Any] = sound
    moov_first: Callable[[bytes], bytes] = moov_first
    with_private_atoms: Callable[[bytes], bytes] = with_private_atoms
    atom: Callable[[bytes, bytes], bytes] = atom


@pytest.fixture
def tools() -> Tools:
    return Tools()
