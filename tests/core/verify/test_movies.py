# SPDX-License-Identifier: Apache-2.0
"""Movies of other codecs and containers; sound, timecode, tags and boxes."""

from __future__ import annotations

import json
import struct
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from tests.core.verify.pairs import check, failed, matte, verified
from tests.core.verify.prores_pairs import HEIGHT, WIDTH, movie, replaced, samples_of

from plosive.errors import MediaReadError, OptionError
from plosive.verify.check import FrameState, Status


def remuxed(path: Path, out: Path, kinds: tuple[str, ...] = ("video", "audio")) -> Path:
    """The packets of `path` in a new container."""
    import av

    with av.open(str(path)) as source, av.open(str(out), "w") as target:
        streams: dict[int, Any] = {}
        for stream in source.streams:
            if stream.type in kinds:
                streams[stream.index] = target.add_stream_from_template(stream)  # type: ignore[arg-type]
        for packet in source.demux():
            if packet.size and packet.stream.index in streams:
                packet.stream = streams[packet.stream.index]
                target.mux(packet)
    return out


def test_a_remux_keeps_samples_and_sound_but_is_told(tmp_path: Path) -> None:
    plate = movie(tmp_path / "plate.mov")
    found = verified(plate, remuxed(plate, tmp_path / "out.mov"))
    assert check(found, "samples").figures["identical"] == 4
    assert check(found, "container").status is Status.INFO
    assert check(found, "container").figures["is_patched"] is False
    assert check(found, "audio").status is Status.PASS
    assert failed(found) == ["timecode"]
    assert check(found, "timecode").sentence == "The timecode 01:00:00:00 is lost."


def test_another_timecode_fails(tmp_path: Path) -> None:
    plate = movie(tmp_path / "plate.mov", tone=None)
    data = bytearray(plate.read_bytes())
    at = data.index(struct.pack(">I", 24 * 3600))  # the timecode track's one sample
    data[at + 3] ^= 1
    (tmp_path / "out.mov").write_bytes(data)
    found = verified(plate, tmp_path / "out.mov")
    assert failed(found) == ["timecode"]
    assert "OUT starts at 01:00:00:01, the plate at 01:00:00:00" in check(found, "timecode").sentence


def test_other_sound_fails(tmp_path: Path) -> None:
    plate = movie(tmp_path / "plate.mov")
    data = bytearray(plate.read_bytes())
    first = data.index(samples_of(plate)[0]) + len(samples_of(plate)[0])
    data[first + 400] ^= 1  # FFmpeg interleaves: sound follows the first picture
    (tmp_path / "out.mov").write_bytes(data)
    found = verified(plate, tmp_path / "out.mov")
    assert failed(found) == ["audio"]
    assert "is missing or was changed" in check(found, "audio").sentence
    assert verified(plate, tmp_path / "out.mov", allows_dropped_audio=True).has_passed


def test_a_box_that_must_not_differ_is_named(tmp_path: Path) -> None:
    plate = movie(tmp_path / "plate.mov")
    data = bytearray(plate.read_bytes())
    data[data.index(b"mdhd") + 26] ^= 4  # the language of the first track
    (tmp_path / "out.mov").write_bytes(data)
    found = verified(plate, tmp_path / "out.mov")
    assert "container" in failed(found)
    assert "moov/trak[0]/mdia/mdhd differs" in check(found, "container").sentence


def test_a_new_track_of_sound_is_told(tmp_path: Path) -> None:
    plate = movie(tmp_path / "plate.mov", timecode=None)
    both = tmp_path / "both.mov"
    import av

    dub = movie(tmp_path / "dub.mov", tone=200.0)
    with av.open(str(plate)) as one, av.open(str(dub)) as two, av.open(str(both), "w") as target:
        streams = (one, one.streams.video[0]), (one, one.streams.audio[0]), (two, two.streams.audio[0])
        made = [target.add_stream_from_template(stream) for _, stream in streams]
        for (source, stream), copy in zip(streams, made, strict=True):
            for packet in source.demux(stream):
                if packet.size:
                    packet.stream = copy
                    target.mux(packet)
            source.seek(0)
    found = verified(plate, both)
    assert check(found, "audio").status is Status.PASS
    assert "New in OUT: pcm_s16le, 48000 Hz, " in check(found, "audio").sentence


def encoded(path: Path, codec: str, seed: int = 0, **options: Any) -> Path:
    return movie(path, codec=codec, seed=seed, timecode=None, tone=None, pixel_format="yuv420p", **options)


def test_h264_is_told_and_fails_only_when_strict(tmp_path: Path) -> None:
    plate = encoded(tmp_path / "plate.mp4", "libx264", options={"crf": "12"})
    out = encoded(tmp_path / "out.mp4", "libx264", options={"crf": "17"})
    found = verified(plate, out)
    assert found.has_passed
    assert check(found, "picture").status is Status.INFO
    assert check(found, "picture").sentence.startswith(
        "Not bit-exact: frames 0-3 were compressed anew; in the"
    )
    assert 0 < float(str(check(found, "picture").figures["mean"])) < 4
    assert found.states == (FrameState.REENCODED,) * 4
    assert "picture" in [one.name for one in verified(plate, out, is_strict=True).failures]


def test_another_picture_fails_in_any_codec(tmp_path: Path) -> None:
    plate = encoded(tmp_path / "plate.mp4", "libx264", options={"crf": "12"})
    found = verified(plate, encoded(tmp_path / "out.mp4", "libx264", seed=1, options={"crf": "12"}))
    assert failed(found) == ["picture"]
    assert "another picture than the plate's" in check(found, "picture").sentence


def mixed(path: Path, one: Path, other: Path, wanted: set[int]) -> Path:
    """Packets of `one`, those `wanted` of `other`; both of one encoder and its settings."""
    import av

    with av.open(str(one)) as first, av.open(str(other)) as second, av.open(str(path), "w") as target:
        stream = target.add_stream_from_template(first.streams.video[0])
        pairs = zip(first.demux(video=0), second.demux(video=0), strict=True)
        for index, pair in enumerate(pairs):
            packet = pair[index in wanted]
            if packet.size:
                packet.stream = stream
                target.mux(packet)
    return path


def test_copied_groups_of_pictures_must_decode_as_they_did(tmp_path: Path) -> None:
    # Parameter sets must be equal, as a writer of copied groups sees to: only a psychovisual choice differs.
    same = "keyint=2:bframes=0:scenecut=0:rc-lookahead=0:threads=1"
    plate, anew = (
        encoded(
            tmp_path / f"psy{psy}.mp4", "libx264", options={"crf": "12", "x264-params": f"{same}:psy={psy}"}
        )
        for psy in (0, 1)
    )
    whole = verified(plate, mixed(tmp_path / "whole.mp4", plate, anew, {2, 3}))
    assert whole.has_passed
    assert whole.states == (FrameState.IDENTICAL,) * 2 + (FrameState.REENCODED,) * 2
    broken = verified(plate, mixed(tmp_path / "broken.mp4", plate, anew, {0, 2, 3}))
    assert "decoding" in failed(broken)  # frame 1 was copied, but leans on another picture now
    assert "Frame 1 has" in check(broken, "decoding").sentence


def test_the_report_is_held_to_what_it_says_of_copied_frames(tmp_path: Path) -> None:
    plate = encoded(tmp_path / "plate.mp4", "libx264", options={"crf": "12"})
    out = encoded(tmp_path / "out.mp4", "libx264", options={"crf": "17"})
    exactness = {
        "frames": {"copied": 2, "patched": 0, "rewritten": 2},
        "rewritten_ranges": [{"first_frame": 2, "last_frame_inclusive": 3, "reason": "H.264"}],
    }
    report = {"schema": "plosive.report.v1", "exactness": exactness}
    (tmp_path / "out.plosive.json").write_text(json.dumps(report))
    found = verified(plate, out)
    assert failed(found) == ["picture"]
    assert "Frames 0-1 were compressed anew, which the report beside OUT does not say" in (
        check(found, "picture").sentence
    )
    assert verified(plate, out, allowed_reencoded=((0, 1),)).has_passed
    assert verified(plate, out, uses_report=False).has_passed


def test_a_lossless_codec_must_be_equal_outside_the_matte(tmp_path: Path) -> None:
    plate = encoded(tmp_path / "plate.mkv", "ffv1")
    other = encoded(tmp_path / "other.mkv", "libx264", options={"crf": "10"})
    import av

    out = tmp_path / "out.mkv"
    with av.open(str(other)) as source, av.open(str(out), "w", options={"fflags": "+bitexact"}) as target:
        stream: Any = target.add_stream("ffv1", rate=24)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for frame in source.decode(video=0):
            target.mux(stream.encode(frame))
        target.mux(stream.encode(None))
    found = verified(plate, out, matte=matte(tmp_path / "m.exr", WIDTH, HEIGHT, (0, 0, 16, 16)))
    assert "picture" in failed(found)
    assert "though the codec is lossless" in check(found, "picture").sentence
    free = verified(plate, out, matte=matte(tmp_path / "all.exr", WIDTH, HEIGHT, (0, 0, WIDTH, HEIGHT)))
    assert check(free, "picture").status is Status.PASS


def test_another_codec_is_compared_as_it_decodes(tmp_path: Path) -> None:
    plate = encoded(tmp_path / "plate.mp4", "libx264", options={"crf": "12"})
    out = movie(tmp_path / "out.mov", timecode=None, tone=None)
    found = verified(plate, out)
    assert found.has_passed, found.checks
    assert "nothing to verify by bytes" in check(found, "format").sentence
    assert check(found, "picture").status is Status.INFO


def test_other_times_fail(tmp_path: Path) -> None:
    plate = movie(tmp_path / "plate.mov", tone=None, timecode=None)
    data = bytearray(plate.read_bytes())
    at = data.index(b"stts") + 16
    ticks = struct.unpack_from(">I", data, at)[0]
    struct.pack_into(">I", data, at, ticks * 24 // 25)
    (tmp_path / "out.mov").write_bytes(data)
    found = verified(plate, tmp_path / "out.mov")
    assert {"frames", "container"} <= set(failed(found))


def test_a_video_matte_and_its_still(tmp_path: Path) -> None:
    plate, other = (movie(tmp_path / f"{seed}.mov", seed=seed) for seed in (0, 1))
    out = replaced(plate, tmp_path / "out.mov", {2: samples_of(other)[2]})
    black = _video_matte(tmp_path / "black.mkv", ())
    white = _video_matte(tmp_path / "white.mkv", (2,))
    assert failed(verified(plate, out, matte=black)) == ["patch"]
    assert verified(plate, out, matte=white).has_passed
    with pytest.raises(OptionError, match="has no alpha"):
        verified(plate, out, matte=white, matte_channel="alpha")


def _video_matte(path: Path, white: tuple[int, ...]) -> Path:
    import av
    import numpy as np

    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("ffv1", rate=Fraction(24))
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for index in range(4):
            plane = np.full((HEIGHT * 3 // 2, WIDTH), 128, np.uint8)
            plane[:HEIGHT] = 235 if index in white else 16
            frame = av.VideoFrame.from_ndarray(plane, "yuv420p")
            frame.pts = index
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def test_what_is_no_video(tmp_path: Path) -> None:
    plate = movie(tmp_path / "plate.mov")
    (tmp_path / "text.mov").write_text("this is no movie")
    assert failed(verified(plate, tmp_path / "text.mov")) == ["readable"]
    with pytest.raises(MediaReadError):
        verified(tmp_path / "text.mov", plate)
    with pytest.raises(MediaReadError, match="check the path of OUT"):
        verified(plate, tmp_path / "missing.mov")


def test_every_byte_of_the_index_counts(tmp_path: Path) -> None:
    plate = movie(tmp_path / "plate.mov")
    whole = plate.read_bytes()
    index = whole.index(b"moov") + 4
    out = tmp_path / "out.mov"
    for place in range(index, len(whole), 7):
        data = bytearray(whole)
        data[place] ^= 0x20
        out.write_bytes(data)
        assert not verified(plate, out).has_passed, (place, whole[place - 16 : place + 4])


def test_bytes_between_samples_count(tmp_path: Path) -> None:
    plate = movie(tmp_path / "plate.mov", tone=None, timecode=None)
    ours = samples_of(plate)
    whole = plate.read_bytes()
    at = whole.index(ours[-1]) + len(ours[-1])
    made = {}
    for name, filling in (("a", b"\1" * 16), ("b", b"\2" * 16)):
        data = bytearray(whole[:at] + filling + whole[at:])
        mdat = data.index(b"mdat") - 4
        struct.pack_into(">I", data, mdat, struct.unpack_from(">I", data, mdat)[0] + 16)
        made[name] = tmp_path / f"{name}.mov"
        made[name].write_bytes(data)
    found = verified(made["a"], made["b"])
    assert failed(found) == ["container"]
    assert "mdat holds 16 other bytes than samples, the plate's 16" in check(found, "container").sentence
