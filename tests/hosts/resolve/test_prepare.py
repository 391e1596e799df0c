# SPDX-License-Identifier: Apache-2.0
"""What only Resolve reads is made readable, and nothing of the artist's is changed by it.

Sound is written by `wave`; pictures are 64 x 48 MOVs of ProRes whose frames have their number as brightness.
"""

from __future__ import annotations

import array
import struct
import wave
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from fakes.resolve import FakeBehaviour, Scene
from fakes.resolve.cut import ItemState
from fakes.resolve.media import MediaState
from plosive_host import PlosiveHostError
from plosive_host.sound_piece import SoundPiece
from plosive_host.wave_pieces import assemble, read_wave
from plosive_resolve import (
    Choices,
    ClipUse,
    VoiceChoice,
    VoicesFound,
    clips_meant,
    fingerprint,
    open_host,
    place,
    prepare_media,
    request_of,
    view_timeline,
    voices_found,
)

RATE = 48_000


def ramp(path: Path, seconds: Fraction | int = 4, channels: int = 1, start: int = 0) -> Path:
    """16-bit samples that count up, each channel 7000 higher than the one before."""
    count = int(seconds * RATE)
    values = array.array(
        "h",
        ((number + start + 7000 * channel) % 30000 for number in range(count) for channel in range(channels)),
    )
    with wave.open(str(path), "wb") as file:
        file.setparams((channels, 2, RATE, count, "NONE", ""))
        file.writeframes(values.tobytes())
    return path


def samples(path: str | Path) -> list[int]:
    with wave.open(str(path), "rb") as file:
        return list(array.array("h", file.readframes(file.getnframes())))


def film(path: Path, frames: int, rate: Fraction | int = 24) -> Path:
    """Frame n is 4 n of 255 bright."""
    import av
    import numpy as np

    with av.open(str(path), "w") as container:
        stream = container.add_stream("prores_ks", rate=Fraction(rate), options={"profile": "3"})
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv422p10le"
        for number in range(frames):
            grey = np.full((48, 64, 3), 4 * number, np.uint8)
            frame = av.VideoFrame.from_ndarray(grey, format="rgb24").reformat(format="yuv422p10le")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def greys(path: str) -> list[float]:
    """How bright each frame is, of 255."""
    import av

    with av.open(path) as container:
        return [
            float(frame.to_ndarray(format="rgb24")[8:40, 8:56].mean()) for frame in container.decode(video=0)
        ]


class Cut:
    """A film of 60 frames, frames 20 to 43 of it on the timeline from frame 24 on."""

    def __init__(self, folder: Path, **how: Any) -> None:
        self.folder = folder
        self.scene = Scene(24, width=64, height=48, **how)
        self.plate = self.scene.imported(film(folder / "plate.mov", 60))
        self.item = self.scene.place(self.plate, record_frame=self.scene.frame(24), source_in=20, duration=24)
        self.scene.playhead(self.item.record_start)
        self.host = open_host(self.scene.app.script_globals())

    def dub(self, name: str, track: int, offset: int, source_in: int, duration: int, **how: Any) -> ItemState:
        path = self.folder / name
        media = self.scene.imported(path if path.exists() else ramp(path, **how))
        return self.scene.place(
            media, track, record_frame=self.scene.frame(offset), source_in=source_in, duration=duration
        )

    def read(self) -> tuple[ClipUse, VoicesFound]:
        (clip,) = clips_meant(self.host)
        return clip, voices_found(self.host, clip)

    def state(self) -> object:
        """All that must be as it was: settings, presets, jobs, timelines, tracks, page, bins."""
        project = self.scene.app.project
        render = project.render
        return (
            render.snapshot(),
            dict(render.presets),
            list(render.jobs),
            [timeline.name for timeline in project.timelines],
            project.current_timeline is self.scene.timeline,
            [(track.is_enabled, len(track.items)) for track in self.scene.timeline.audio],
            self.scene.app.page,
            project.current_folder.name,
            [clip.name for folder in project.root_folder.walk() for clip in folder.clips],
        )


@pytest.fixture
def cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Cut]:
    monkeypatch.setattr(Path, "home", lambda: tmp_path)  # where renders of camera files go
    return lambda **how: Cut(tmp_path, **how)


MakeCut = Callable[..., Cut]


def test_pieces_lie_sample_for_sample_where_the_track_has_them(tmp_path: Path) -> None:
    file = ramp(tmp_path / "a.wav")
    pieces = (
        piece(file, record=Fraction(1), source=Fraction(1, 2), duration=Fraction(1, 4)),
        piece(file, record=Fraction(3, 2), source=Fraction(2), duration=Fraction(1, 2)),
    )
    assemble(pieces, str(tmp_path / "out.wav"), Fraction(3, 4), Fraction(2))
    made, whole = samples(tmp_path / "out.wav"), samples(file)
    assert len(made) == RATE * 5 // 4
    quarter = RATE // 4
    assert made[:quarter] == [0] * quarter
    assert made[quarter : 2 * quarter] == whole[2 * quarter : 3 * quarter]
    assert made[2 * quarter : 3 * quarter] == [0] * quarter
    assert made[3 * quarter :] == whole[8 * quarter : 10 * quarter]
    assert [one.name for one in tmp_path.iterdir() if one.name.endswith(".part")] == []


def test_one_channel_is_taken_out(tmp_path: Path) -> None:
    file = ramp(tmp_path / "a.wav", 1, channels=3)
    one = piece(file, record=Fraction(0), source=Fraction(0), duration=Fraction(1), channels=(2,))
    assemble((one,), str(tmp_path / "out.wav"), Fraction(0), Fraction(1))
    assert samples(tmp_path / "out.wav") == samples(file)[1::3]
    assert read_wave(str(tmp_path / "out.wav")).channels == 1


def test_large_and_extensible_headers_are_read(tmp_path: Path) -> None:
    data = struct.pack("<4f", 0.5, -0.5, 0.25, 0.0)
    guid = struct.pack("<H", 3) + bytes.fromhex("000000001000800000aa00389b71")
    form = struct.pack("<HHIIHHHHI", 0xFFFE, 1, RATE, RATE * 4, 4, 32, 22, 32, 4) + guid
    chunks = b"ds64" + struct.pack("<IQQQI", 28, 0, len(data), 4, 0)
    chunks += b"bext" + struct.pack("<I", 3) + b"abc\0" + b"fmt " + struct.pack("<I", len(form)) + form
    chunks += b"data" + struct.pack("<I", 0xFFFFFFFF) + data
    path = tmp_path / "float.wav"
    path.write_bytes(b"RF64" + struct.pack("<I", 0xFFFFFFFF) + b"WAVE" + chunks)
    found = read_wave(str(path))
    assert (found.code, found.bits, found.sample_count) == (3, 32, 4)
    one = piece(path, record=Fraction(0), source=Fraction(0), duration=Fraction(4, RATE))
    assemble((one,), str(tmp_path / "out.wav"), Fraction(0), Fraction(4, RATE))
    assert (tmp_path / "out.wav").read_bytes().endswith(data)


@pytest.mark.parametrize("content", (b"", b"RIFF", b"RIFF\0\0\0\0WAVE", b"ID3 no sound at all"))
def test_what_is_no_wav_is_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.wav").write_bytes(content)
    with pytest.raises(PlosiveHostError, match="uncompressed WAV"):
        read_wave(str(tmp_path / "a.wav"))


def piece(
    path: Path, *, record: Fraction, source: Fraction, duration: Fraction, channels: tuple[int, ...] = ()
) -> SoundPiece:
    return SoundPiece(path.name, str(path), record, duration, source, None, channels)


def test_a_cut_up_dub_is_put_together_without_resolve(cut: MakeCut) -> None:
    c = cut()
    c.dub("a.wav", 1, 20, 24, 10)
    c.dub("a.wav", 1, 36, 60, 20)
    before = c.state()
    clip, voices = c.read()
    ready = prepare_media(c.host, clip, voices, Choices())
    assert c.state() == before and not any("Render" in name for name, _ in c.scene.app.calls)
    (voice,) = ready.voices
    assert voice.needs == "" and voice.dub_start_seconds == Fraction(c.scene.frame(20), 24)
    made, whole = samples(voice.dub_path), samples(c.folder / "a.wav")
    a_frame = RATE // 24
    assert made[: 10 * a_frame] == whole[24 * a_frame : 34 * a_frame]
    assert made[10 * a_frame : 16 * a_frame] == [0] * (6 * a_frame)
    assert made[16 * a_frame :] == whole[60 * a_frame : 80 * a_frame]
    sent = request_of(ready.clip, ready.voices, ready.choices)
    assert Fraction(sent["voices"][0]["dub_start_seconds"]) == Fraction(20 - 4, 24)
    assert Path(sent["output"]["versioned"]["folder_path"]).is_dir()
    again = prepare_media(c.host, clip, voices, Choices())
    assert again.made_paths != ready.made_paths, "nothing is written over"


def test_sound_that_only_resolve_has_is_rendered_without_a_trace(cut: MakeCut) -> None:
    c = cut()
    c.scene.track("audio", 2)
    c.dub("music.wav", 1, 0, 0, 60, start=9000)
    dub = c.dub("line.wav", 2, 30, 0, 10)
    assert dub.media is not None
    dub.speed = Fraction(1, 2)  # played slower: there is no file of it
    c.scene.app.page = "fairlight"
    c.scene.app.project.render.settings["CustomName"] = "mine"
    before = c.state()
    clip, voices = c.read()
    choices = Choices(voices={"A1": VoiceChoice(is_used=False)})
    told: list[tuple[str, float]] = []
    ready = prepare_media(c.host, clip, voices, choices, lambda text, share: not told.append((text, share)))
    assert c.state() == before
    (voice,) = ready.voices
    assert voice.dub_path.endswith(".mov") and Path(voice.dub_path).stat().st_size > 1000
    assert voice.dub_start_seconds == Fraction(c.scene.frame(0), 24), "a second around the clip"
    assert told and "Resolve renders the sound of" in told[0][0]
    assert "another speed" in ready.notes[0]


def test_a_retimed_clip_s_several_dubs_begin_together(cut: MakeCut) -> None:
    c = cut()
    c.item.speed, c.item.duration = Fraction(2), 12
    c.dub("anna.wav", 1, 20, 0, 60)
    c.dub("ben.wav", 2, 26, 0, 60)
    faces = {key: VoiceChoice(face=face) for key, face in (("A1", "1"), ("A2", "2"))}
    clip, voices = c.read()
    with pytest.raises(PlosiveHostError, match="begin at different moments"):
        request_of(clip, voices.voices, Choices(folder="/out", voices=faces))
    ready = prepare_media(c.host, clip, voices, Choices(voices=faces))
    sent = request_of(ready.clip, ready.voices, ready.choices)
    assert len(sent["voices"]) == 2 and len({voice.dub_start_seconds for voice in ready.voices}) == 1
    for voice, first in zip(ready.voices, (20, 26), strict=True):
        heard = next(number for number, value in enumerate(samples(voice.dub_path)) if value)
        assert heard == first * RATE // 24 + 1, "sample 0 of the ramp is 0"


@pytest.mark.parametrize("kind", ("raw", "compound"))
def test_a_picture_that_only_resolve_has_is_rendered_frame_for_frame(cut: MakeCut, kind: str) -> None:
    c = cut(behaviour=FakeBehaviour(job_status_language="it"))
    if kind == "raw":
        c.plate.video_codec = "Blackmagic RAW"
    else:
        c.item.media = nested(c)
    c.item.grade, c.item.properties = "warm", {"ZoomX": 1.5}
    c.dub("line.wav", 1, 20, 0, 40)
    before = c.state()
    clip, voices = c.read()
    assert clip.needs_rendering
    ready = prepare_media(c.host, clip, voices, Choices(handle_frames=5))
    assert c.state() == before
    assert all(
        abs(grey - 4 * frame) <= 2
        for grey, frame in zip(greys(ready.clip.media.path), range(15, 49), strict=True)
    )
    assert (ready.clip.first_frame, ready.clip.last_frame_inclusive) == (5, 28)
    assert ready.clip.media_frame_shown(c.item.record_start) == 5
    sent = request_of(ready.clip, ready.voices, ready.choices)
    assert sent["clip"]["media_path"] == ready.clip.media.path
    name = "plate" if kind == "raw" else "Compound 1"
    assert sent["output"]["versioned"]["stem"] == f"{name}_20-43", "named by what the artist sees"
    # frame 0 of the render is frame 15 of the media: frame 19 of the timeline; the dub begins on frame 20
    assert Fraction(sent["voices"][0]["dub_start_seconds"]) == Fraction(1, 24)
    again = prepare_media(c.host, clip, voices, Choices(handle_frames=5))
    assert (again.clip.media.path == ready.clip.media.path) == (kind == "raw"), "nested clips may be edited"


def nested(c: Cut) -> MediaState:
    """The film as a compound clip."""
    from fakes.resolve.cut import TimelineState

    inner = TimelineState("Compound 1", Fraction(24), 0, width=64, height=48)
    inner.video[0].items.append(ItemState("video", "plate", 0, 60, c.plate))
    return c.scene.nested(inner, "compound")


def test_the_result_of_a_render_goes_back_to_the_raw_clip(cut: MakeCut) -> None:
    c = cut()
    c.plate.video_codec = "Blackmagic RAW"
    c.dub("line.wav", 1, 20, 0, 40)
    clip, voices = c.read()
    before = fingerprint(view_timeline(c.host.timeline))
    ready = prepare_media(c.host, clip, voices, Choices(handle_frames=5))
    out = film(c.folder / "plate_v001.mov", 34)  # stands in for the synced render
    result = {"out_path": str(out), "frames_total": 34}
    placed = place(c.host, ready.clip, result, ready.choices, before, "job1", "line.wav")
    assert placed.mode == "take" and c.item.duration == 24 and c.item.media is not None
    assert c.item.media.path == str(out) and c.item.source_in == 5
    again, _ = c.read()
    assert again.needs_rendering and again.media.media_id == c.plate.id
    assert (again.first_frame, again.last_frame_inclusive) == (20, 43)


@pytest.mark.parametrize("fault", ("fails", "cancelled", "busy", "no preset"))
def test_a_render_that_does_not_end_leaves_no_trace(
    cut: MakeCut, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    c = cut()
    c.plate.video_codec = "Blackmagic RAW"
    c.dub("line.wav", 1, 20, 0, 40)
    before = c.state()
    clip, voices = c.read()
    render = c.scene.app.project.render
    says, code = "Disk full", "RENDER"
    if fault == "fails":
        render.failing = "Disk full"
    elif fault == "busy":
        monkeypatch.setattr("fakes.resolve.rendering.RenderHandle.IsRenderingInProgress", lambda _: True)
        says = "is rendering"
    elif fault == "no preset":
        monkeypatch.setattr("fakes.resolve.rendering.RenderHandle.SaveAsNewRenderPreset", lambda *_: False)
        says = "could not be kept safe"
    else:
        says, code = "Cancelled", "CANCELLED"
    with pytest.raises(PlosiveHostError, match=says) as caught:
        prepare_media(c.host, clip, voices, Choices(), lambda *_: fault != "cancelled")
    assert caught.value.code == code and c.state() == before
    (sources,) = c.folder.glob("*/Plosive/Show/sources")
    assert list(sources.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_told(cut: MakeCut) -> None:
    c = cut()
    (c.folder / "file").touch()
    clip, voices = c.read()
    with pytest.raises(PlosiveHostError, match="could not be made") as caught:
        prepare_media(c.host, clip, voices, Choices(folder=str(c.folder / "file" / "in it")))
    assert (caught.value.code, caught.value.field) == ("FOLDER", "folder")
