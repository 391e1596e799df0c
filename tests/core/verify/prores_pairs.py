# SPDX-License-Identifier: Apache-2.0
"""ProRes movies by hand: two pictures encoded alike, then spliced slice by slice; both slices are legal."""

from __future__ import annotations

import struct
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT, FRAMES = 256, 96, 4
RATE = Fraction(24)
Picture = NDArray[np.uint16]


def picture(index: int, seed: int = 0) -> Picture:
    """R'G'B' (h, w, 3) uint16: ramps with grain, another one for every frame and seed."""
    random = np.random.default_rng(100 * seed + index)
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float64)
    ramps = np.stack([x / WIDTH, y / HEIGHT, (x + y + 40 * seed) / (WIDTH + HEIGHT + 80)], axis=-1)
    ramps = 1 - ramps if seed % 2 else ramps
    return np.asarray(np.clip(8000 + 40000 * ramps + random.normal(0, 900, ramps.shape), 0, 65535), np.uint16)


def movie(
    path: Path,
    *,
    seed: int = 0,
    pixel_format: str = "yuv422p10le",
    profile: str = "3",
    frames: int = FRAMES,
    timecode: str | None = "01:00:00:00",
    tone: float | None = 440.0,
    codec: str = "prores_ks",
    options: dict[str, str] | None = None,
    is_interlaced: bool = False,
) -> Path:
    """A movie of `picture` with one audio track of `tone` Hz."""
    import av

    with av.open(str(path), "w", options={"fflags": "+bitexact"}) as container:
        stream: Any = container.add_stream(codec, rate=RATE)
        context = stream.codec_context
        context.width, context.height, context.pix_fmt = WIDTH, HEIGHT, pixel_format
        context.time_base = 1 / RATE
        extra = {"flags": "+bitexact" + ("+ildct+ilme" if is_interlaced else "")}
        if codec == "prores_ks":
            extra |= {"profile": profile, "vendor": "apl0"}
        stream.options = extra | (options or {})
        if timecode is not None:
            stream.metadata["timecode"] = timecode
        sound: Any = None if tone is None else container.add_stream("pcm_s16le", rate=48000, layout="mono")
        for index in range(frames):
            rgb = picture(index, seed)
            alpha = np.full((HEIGHT, WIDTH, 1), 65535, np.uint16)
            alpha[: HEIGHT // 2] = 30000
            made = av.VideoFrame.from_ndarray(
                np.ascontiguousarray(np.concatenate([rgb, alpha], axis=-1)), "rgba64le"
            ).reformat(format=pixel_format)
            made.pts, made.time_base = index, 1 / RATE
            container.mux(stream.encode(made))
        container.mux(stream.encode(None))
        if sound is not None and tone is not None:
            time = np.arange(int(48000 * frames / RATE)) / 48000
            wave = np.rint(8000 * np.sin(2 * np.pi * tone * time)).astype(np.int16)
            frame = av.AudioFrame.from_ndarray(wave[None, :], "s16", "mono")
            frame.sample_rate, frame.pts = 48000, 0
            container.mux(sound.encode(frame))
            container.mux(sound.encode(None))
    return path


def samples_of(path: Path) -> list[bytes]:
    """The video samples in order."""
    import av

    with av.open(str(path)) as container:
        return [bytes(packet) for packet in container.demux(container.streams.video[0]) if packet.size]


def spliced(one: bytes, other: bytes, wanted: Callable[[int, int], bool]) -> bytes:
    """Frame `one` with the slices (picture, index) of `other` that are `wanted`; sizes written anew."""
    head = struct.unpack_from(">H", one, 8)[0] + 8
    places = [(head, *_slices(one, head))], [(head, *_slices(other, head))]
    if one[20] >> 2 & 3:
        for frame, found in zip((one, other), places, strict=True):
            found.append((found[0][2], *_slices(frame, found[0][2])))
    body = b""
    for number, ((at, mine, _), (_, theirs, _)) in enumerate(zip(*places, strict=True)):
        slices = [theirs[index] if wanted(number, index) else mine[index] for index in range(len(mine))]
        header = one[at : at + (one[at] >> 3)]
        table = b"".join(struct.pack(">H", len(piece)) for piece in slices)
        size = len(header) + len(table) + sum(map(len, slices))
        body += header[:1] + struct.pack(">I", size) + header[5:] + table + b"".join(slices)
    whole = one[4:head] + body + one[places[0][-1][2] :]
    return struct.pack(">I", len(whole) + 4) + whole


def _slices(frame: bytes, at: int) -> tuple[list[bytes], int]:
    """(slices, end) of the picture at byte `at`."""
    header, size, count = frame[at] >> 3, *struct.unpack_from(">IH", frame, at + 1)
    sizes = struct.unpack_from(f">{count}H", frame, at + header)
    start, found = at + header + 2 * count, []
    for length in sizes:
        found.append(frame[start : start + length])
        start += length
    return found, at + size


def replaced(path: Path, out: Path, frames: dict[int, bytes]) -> Path:
    """`path` with other video samples, its boxes following: what a patching writer makes.

    For files with the index behind the media, as FFmpeg writes them.
    """
    data = path.read_bytes()
    mdat = data.index(b"mdat") - 4
    moov = data.index(b"moov", mdat) - 4
    olds = samples_of(path)
    index = bytearray(data[moov:])
    media = data[:moov]
    shifts: list[tuple[int, int]] = []
    at = 0
    for number, old in enumerate(olds):
        place = media.index(old, at)
        new = frames.get(number, old)
        media = media[:place] + new + media[place + len(old) :]
        shifts.append((place, len(new) - len(old)))
        at = place + len(new)
    grown = sum(growth for _, growth in shifts)
    media = (
        media[:mdat] + struct.pack(">I", struct.unpack_from(">I", media, mdat)[0] + grown) + media[mdat + 4 :]
    )
    _resize(
        index, [len(frames.get(number, old)) for number, old in enumerate(olds)], [len(old) for old in olds]
    )
    _move(index, shifts)
    out.write_bytes(media + bytes(index))
    return out


def _resize(index: bytearray, new: list[int], old: list[int]) -> None:
    wanted = struct.pack(f">{len(old)}I", *old)
    at = index.index(wanted)
    index[at : at + len(wanted)] = struct.pack(f">{len(new)}I", *new)


def _move(index: bytearray, shifts: list[tuple[int, int]]) -> None:
    """Chunk offsets, which are of the old file: those behind a sample move by what it grew."""
    at = index.find(b"stco")
    while at >= 0:
        count = struct.unpack_from(">I", index, at + 8)[0]
        for place in range(at + 12, at + 12 + 4 * count, 4):
            offset = struct.unpack_from(">I", index, place)[0]
            moved = offset
            for start, growth in shifts:
                if start < moved:
                    moved += growth
            struct.pack_into(">I", index, place, moved)
        at = index.find(b"stco", at + 4)
