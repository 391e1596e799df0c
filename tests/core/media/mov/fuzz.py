# SPDX-License-Identifier: Apache-2.0
"""Damages MOV and MP4 files and has them read, and rewritten where they are not refused.

    PYTHONPATH=core python tests/core/media/mov/fuzz.py 40000 [first seed] [a.mov ...]

A case fails on any exception but PlosiveError, on more than SLOWEST_SECONDS, on memory above the file's size
plus MOST_MEMORY, on a no-op that changes a byte, and on a rewrite after which a picture or the media of
another track is not what it must be.
"""

from __future__ import annotations

import contextlib
import io
import random
import struct
import sys
import tempfile
import time
import tracemalloc
from fractions import Fraction
from pathlib import Path
from typing import Any

from plosive.errors import MediaReadError, NotPatchableError
from plosive.media.mov import AddedSound, MovFile, MovRewriter, read_mov
from plosive.media.plateaudio import PlateAudio

SLOWEST_SECONDS = 3.0
MOST_MEMORY = 64 << 20
LIES = (0, 1, 2, 7, 8, 9, 12, 15, 16, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF)
FOURCCS = (
    b"moov trak mdia minf stbl stsd stsz stz2 stsc stco co64 stts ctts edts elst dinf dref tkhd mdhd hdlr "
    b"mvhd udta meta tref mdat free wide uuid saio iloc moof mvex vide soun subs gmhd tapt cmov"
).split()


def seeds(folder: Path) -> tuple[list[bytes], Path]:
    """Small files of several kinds, and a dub."""
    import av
    import numpy as np

    def made(name: str, encoder: str, pixel_format: str, sound: str, flags: str) -> bytes:
        path = folder / name
        with av.open(str(path), "w", options={"movflags": flags or "disable_chpl"}) as container:
            picture: Any = None
            if encoder:
                picture = container.add_stream(encoder, rate=25)
                picture.width, picture.height, picture.pix_fmt = 16, 16, pixel_format
                if name.endswith("mov"):
                    picture.metadata["timecode"] = "01:00:00:00"
            heard = container.add_stream(sound, rate=48_000, layout="mono")
            for index in range(6):
                if picture is not None:
                    frame = av.VideoFrame(16, 16, pixel_format)
                    frame.pts, frame.time_base = index, Fraction(1, 25)
                    container.mux(picture.encode(frame))
                tone = av.AudioFrame.from_ndarray(np.zeros((1, 1920), np.int16), "s16", "mono")
                tone.sample_rate, tone.pts, tone.time_base = 48_000, index * 1920, Fraction(1, 48_000)
                for one in av.AudioResampler(heard.codec_context.format, "mono", 48_000).resample(tone):
                    container.mux(heard.encode(one))
            if picture is not None:
                container.mux(picture.encode(None))
            container.mux(heard.encode(None))
        return path.read_bytes()

    made("dub.mov", "", "", "pcm_s24le", "")
    files = [
        made("a.mov", "prores_ks", "yuv422p10le", "pcm_s24le", "use_metadata_tags"),
        made("b.mov", "prores_ks", "yuv422p10le", "pcm_s16le", "faststart"),
        made("c.mp4", "libx264", "yuv420p", "aac", ""),
        made("d.mov", "rawvideo", "uyvy422", "pcm_s16le", ""),
    ]
    return files, folder / "dub.mov"


def damaged(data: bytes, rng: random.Random) -> bytes:
    """One to four kinds of damage, mostly to the index."""
    new = bytearray(data)
    for _ in range(rng.randint(1, 4)):
        at = _place(new, rng)
        kind = rng.randrange(9)
        if kind == 0:
            new[at] ^= 1 << rng.randrange(8)
        elif kind == 1:
            new[at] = rng.randrange(256)
        elif kind == 2:
            del new[rng.randrange(len(new)) :]
        elif kind == 3:
            struct.pack_into(">I", new, at, rng.choice(LIES))
        elif kind == 4:
            struct.pack_into(
                ">I", new, at, rng.choice((len(new), len(new) + 1, len(new) - at, rng.randrange(1 << 16)))
            )
        elif kind == 5:
            new[at : at + 4] = rng.choice(FOURCCS)
        elif kind == 6:
            other, size = _place(new, rng), rng.choice((4, 8, 12, 40, 200))
            new[at : at + size] = new[other : other + size]
        elif kind == 7:
            other = _place(new, rng)
            new[at:at] = new[other : other + rng.choice((8, 20, 64, 500))]
        else:
            new = _boxed(new, rng)
        if len(new) < 64:
            new += bytes(64)
    return bytes(new)


def _place(data: bytearray, rng: random.Random) -> int:
    """A byte, in two of three cases at or right behind a fourcc."""
    if rng.random() < 0.67:
        found = data.find(rng.choice(FOURCCS))
        if found >= 4:
            return max(0, min(found + rng.choice((-4, 0, 4, 8, 12, 16, 20, 24)), len(data) - 8))
    return rng.randrange(max(1, len(data) - 8))


def _boxed(data: bytearray, rng: random.Random) -> bytearray:
    """Boxes in boxes, deep."""
    inner = b""
    for _ in range(rng.choice((2, 13, 400))):
        inner = struct.pack(">I4s", 8 + len(inner), rng.choice((b"trak", b"udta", b"moov", b"stbl"))) + inner
    return data + inner


def media(file: MovFile, data: bytes, but: int) -> list[tuple[int, list[bytes]]]:
    """What lies in the chunks of every track but one."""
    found = []
    for track in file.tracks:
        if track.track_id != but:
            places = zip(track.table.chunk_offsets.tolist(), track.table.chunk_ends.tolist(), strict=True)
            found.append((track.track_id, [data[start:end] for start, end in places]))
    return found


def check(path: Path, dub: Path, rng: random.Random) -> str:
    """How far the case came. Raises AssertionError."""
    data = path.read_bytes()
    try:
        file = read_mov(path)
        for box in file.boxes():
            assert file.read(box) == data[box.offset : box.end]
    except MediaReadError:
        return "not read"
    for track in file.tracks:
        with contextlib.suppress(MediaReadError):
            _ = track.table, track.samples, track.decode_times(), track.composition_times()
    if not file.video_tracks:
        return "no picture"
    track = rng.choice(file.video_tracks)
    try:
        assert rewritten(file, track, {}).getvalue() == data
        sizes = track.samples.sizes.tolist()
        numbers = rng.sample(range(len(sizes)), min(len(sizes), 3))
        keeps = rng.random() < 0.5
        new = {number: rng.randbytes(sizes[number] if keeps else rng.randint(1, 3000)) for number in numbers}
        wish = rng.choice((PlateAudio.KEEP, PlateAudio.KEEP, PlateAudio.MUTE, PlateAudio.DROP))
        added = AddedSound(dub) if rng.random() < 0.3 else None
        out = rewritten(file, track, new, plate_audio=wish, added_sound=added, keeps_sizes=keeps)
    except NotPatchableError:
        return "refused"
    result = path.with_suffix(".out")
    result.write_bytes(out.getvalue())
    after = read_mov(result)
    made = after.track(track.track_id).samples
    places = zip(track.samples.offsets.tolist(), sizes, strict=True)
    wanted = [new.get(number, data[at : at + size]) for number, (at, size) in enumerate(places)]
    places = zip(made.offsets.tolist(), made.sizes.tolist(), strict=True)
    assert wanted == [out.getvalue()[at : at + size] for at, size in places]
    told = dict(media(file, data, track.track_id))
    for track_id, chunks in media(after, out.getvalue(), track.track_id):
        assert track_id not in told or told[track_id] == chunks
    return "rewritten"


def rewritten(file: MovFile, track: Any, new: dict[int, bytes], **sound: Any) -> io.BytesIO:
    output = io.BytesIO()
    with MovRewriter(file, track, output, **sound) as writer:
        for number, content in sorted(new.items()):
            writer.write_sample(number, content)
        writer.finish()
    return output


def run(count: int, first_seed: int, folder: Path, more: list[Path]) -> dict[str, int]:
    """How many cases ended how. Raises AssertionError with the seed of a case that failed."""
    files, dub = seeds(folder)
    files += [path.read_bytes() for path in more]
    path = folder / "case.mov"
    ends: dict[str, int] = {}
    tracemalloc.start()
    for seed in range(first_seed, first_seed + count):
        rng = random.Random(seed)
        data = damaged(files[seed % len(files)], rng)
        path.write_bytes(data)
        tracemalloc.reset_peak()
        before, started = tracemalloc.get_traced_memory()[0], time.process_time()
        try:
            end = check(path, dub, rng)
        except BaseException as error:
            raise AssertionError(f"seed {seed} of {files[seed % len(files)][:16]!r}: {error!r}") from error
        peak = tracemalloc.get_traced_memory()[1] - before
        assert time.process_time() - started < SLOWEST_SECONDS, f"seed {seed} is slow"
        assert peak < 8 * len(data) + MOST_MEMORY, f"seed {seed} takes {peak} bytes"
        ends[end] = ends.get(end, 0) + 1
    tracemalloc.stop()
    return ends


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        print(
            run(
                int(sys.argv[1]),
                int(sys.argv[2]) if sys.argv[2:] else 0,
                Path(scratch),
                [Path(one) for one in sys.argv[3:]],
            )
        )
