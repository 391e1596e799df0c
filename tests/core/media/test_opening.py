# SPDX-License-Identifier: Apache-2.0
"""A media file is opened, and no other file or machine that it names."""

from __future__ import annotations

import ast
import os
import struct
import wave
from pathlib import Path
from typing import TYPE_CHECKING

import av
import numpy as np
import pytest

from plosive.errors import DubError, MediaReadError
from plosive.media import open_plate, read_dub
from plosive.media.opening import CONTAINER_FORMATS, open_media

if TYPE_CHECKING:
    from av.container import InputContainer


def write_movie(path: Path, grey: int) -> None:
    """3 frames of 64 x 48 of one grey (PNG in MOV) with 0.1 s of sound."""
    with av.open(str(path), "w", format="mov") as container:
        video = container.add_stream("png", rate=24, width=64, height=48, pix_fmt="rgb24")
        sound = container.add_stream("pcm_s16le", rate=48_000, layout="mono")
        for _ in range(3):
            frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), grey, np.uint8), format="rgb24")
            container.mux(video.encode(frame))
        heard = av.AudioFrame.from_ndarray(np.full((1, 4800), 9000, np.int16), "s16", "mono")
        heard.sample_rate = 48_000
        container.mux(sound.encode(heard))
        for stream in (video, sound):
            container.mux(stream.encode(None))


def greys(container: InputContainer) -> list[int]:
    return [int(frame.to_ndarray(format="rgb24")[0, 0, 0]) for frame in container.decode(video=0)]


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A movie outside the folder of what is opened."""
    (tmp_path / "secret").mkdir()
    path = tmp_path / "secret" / "secret.mov"
    write_movie(path, 200)
    with open_media(path) as whole:
        assert greys(whole) == [200] * 3 and whole.streams.audio, "read by its own name"
    return path


def playlists(secret: Path) -> dict[str, str]:
    """Files that name the secret one, each in a language that FFmpeg understands."""
    hls = "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n%s\n#EXT-X-ENDLIST\n"
    return {
        "list.m3u8": hls % f"file://{secret}",
        "relative.m3u8": hls % "../secret/secret.mov",
        "list.ffconcat": f"ffconcat version 1.0\nfile '{secret}'\n",
        "list.mpd": '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" '
        'mediaPresentationDuration="PT1S"><Period><AdaptationSet mimeType="video/mp4">'
        f'<Representation id="1"><BaseURL>file://{secret}</BaseURL></Representation>'
        "</AdaptationSet></Period></MPD>",
        "session.sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nm=video 1 RTP/AVP 96\n",
    }


@pytest.mark.parametrize("name", sorted(playlists(Path("x"))))
@pytest.mark.parametrize("suffix", ["", ".mov", ".wav", ".exr"])
def test_playlists_are_refused_whatever_they_are_called(
    secret: Path, tmp_path: Path, name: str, suffix: str
) -> None:
    path = tmp_path / f"{name}{suffix}"
    path.write_text(playlists(secret)[name])
    with pytest.raises(MediaReadError, match="cannot be read") as plate:
        open_plate(path).close()
    with pytest.raises(DubError, match="cannot be read") as dub:
        read_dub(path)
    assert "\n" not in str(plate.value) and "\n" not in str(dub.value)


def test_ffmpeg_alone_would_follow_them(secret: Path) -> None:
    """What the tests above hold off is real."""
    path = secret.with_name("list.ffconcat")
    path.write_text(f"ffconcat version 1.0\nfile '{secret.name}'\n")
    with av.open(str(path)) as container:
        assert greys(container) == [200] * 3
    with pytest.raises(OSError, match="it is a playlist"):
        open_media(path)


def test_the_data_of_a_mov_in_another_file_is_not_followed(secret: Path, tmp_path: Path) -> None:
    """A data reference (`dref`) that is a Macintosh alias to another file."""
    path = tmp_path / "plate.mov"
    write_movie(path, 77)
    path.write_bytes(with_alias(path.read_bytes(), str(secret)))
    asked = {"enable_drefs": "1", "use_absolute_path": "1"}
    with av.open(str(path), container_options=asked) as followed:
        assert greys(followed) == [200] * 3, "FFmpeg can be asked to read the other file"
    with open_media(path) as opened:
        assert 200 not in greys(opened), "a track that lies elsewhere is empty here"
    with pytest.raises(MediaReadError):
        open_plate(path).close()


def with_alias(data: bytes, target: str) -> bytes:
    """The first data reference of a MOV made one to the file `target`, as libavformat/mov.c reads it."""
    name = target.encode() + b"\0" * (len(target) % 2)
    record = bytes(10) + bytes(28) + bytes(12) + bytes(64) + bytes(16) + struct.pack(">HH", 0, 0) + bytes(16)
    record += struct.pack(">HH", 2, len(name)) + name + struct.pack(">HH", 0xFFFF, 0)
    alias = struct.pack(">I4sI", 12 + len(record), b"alis", 0) + record
    at = data.index(b"dref") + 12
    (old,) = struct.unpack(">I", data[at : at + 4])
    made = bytearray(data[:at] + alias + data[at + old :])
    found = 0
    for kind in (b"moov", b"trak", b"mdia", b"minf", b"dinf", b"dref"):  # each lies in the one before
        found = data.index(kind, found)
        (size,) = struct.unpack(">I", data[found - 4 : found])
        made[found - 4 : found] = struct.pack(">I", size + len(alias) - old)
    return bytes(made)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
@pytest.mark.parametrize("name", ["concat:a|b.wav", "subfile,,start,0,end,0,,:x.wav", "http:x.wav", "pipe:0"])
def test_a_name_is_never_an_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(tmp_path)
    with wave.open(str(tmp_path / name), "wb") as file:
        file.setparams((1, 2, 8_000, 0, "NONE", ""))
        file.writeframes(b"\1\x20" * 800)
    assert read_dub(name).sample_count == 800


@pytest.mark.parametrize("suffix", ["webp", "jp2", "ppm", "sgi", "pcx", "dds", "gif", "png"])
def test_stills_of_any_kind_are_still_read(tmp_path: Path, suffix: str) -> None:
    from PIL import Image

    path = tmp_path / f"still.{suffix}"
    Image.fromarray(np.full((48, 64, 3), 120, np.uint8)).save(path)
    with open_plate(path) as plate:
        (frame,) = plate.frames()
        assert abs(int(frame.rgb8()[24, 32].mean()) - 120) < 8


def test_nothing_else_opens_media(repository: Path) -> None:
    """Files that are read are opened by `open_media`; others are written, or are in memory."""
    readers = []
    parts = ("core", "daemon", "plugin", "hosts")
    for path in [file for part in parts for file in (repository / part).rglob("*.py")]:
        text = path.read_text(encoding="utf-8")
        for call in ast.walk(ast.parse(text)) if "av.open" in text else ():
            if not isinstance(call, ast.Call) or ast.unparse(call.func) != "av.open":
                continue
            given = [*call.args[1:2], *(word.value for word in call.keywords if word.arg == "mode")]
            if not any(isinstance(mode, ast.Constant) and mode.value == "w" for mode in given):
                readers.append((path.name, ast.unparse(call.args[0])))
    assert sorted(readers) == [("check.py", "file"), ("opening.py", "str(Path(path).absolute())")]


def test_the_formats_are_ffmpegs_own_names() -> None:
    for name in CONTAINER_FORMATS:
        assert av.ContainerFormat(name, "r").is_input, name
    followers = "hls dash concat image2 sdp rtsp rtp lavfi tty ffmetadata webm_dash_manifest"
    assert not set(followers.split()) & set(CONTAINER_FORMATS)
