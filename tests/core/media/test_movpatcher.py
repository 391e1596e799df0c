# SPDX-License-Identifier: Apache-2.0
"""A MOV of single pictures is patched: only changed frames and the new sound differ from the plate."""

from __future__ import annotations

from fractions import Fraction
from hashlib import sha256
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from plosive.errors import MediaReadError, MediaWriteError, NotPatchableError
from plosive.geometry import Box
from plosive.media import DubTrack, PlateFrame, open_plate, open_writer, read_dub
from plosive.media.exactness import Fate
from plosive.media.movpatcher import MovPatcher
from plosive.media.plateaudio import PlateAudio
from plosive.media.videowriter import VideoWriter

MOUTH = Box(40, 24, 56, 40)
CHANGED = (2, 3)


def changed(frame: PlateFrame, by: float = 0.1) -> PlateFrame:
    """The frame, a little lighter in a disc."""
    y, x = np.mgrid[-1:1:16j, -1:1:16j]
    return frame.merged(MOUTH, np.full((16, 16, 3), by, np.float32), x * x + y * y < 1)


def patched(plate: Path, out: Path, **options: Any) -> VideoWriter | MovPatcher:
    """Write the plate with the frames CHANGED changed."""
    with open_plate(plate) as reader:
        writer = open_writer(out, reader, **options)
        assert isinstance(writer, VideoWriter | MovPatcher)
        with writer:
            for frame in reader.frames():
                writer.write(changed(frame) if frame.index in CHANGED else frame)
    return writer


def packets(path: Path, kind: str = "video", track: int = 0) -> list[bytes]:
    with av.open(str(path)) as container:
        stream = getattr(container.streams, kind)[track]
        return [bytes(packet) for packet in container.demux(stream) if packet.size]


def planes(path: Path) -> list[list[np.ndarray[Any, Any]]]:
    with open_plate(path) as reader:
        return [[plane.copy() for plane in frame.planes()] for frame in reader.frames()]  # type: ignore[union-attr]


PRORES = [
    ("proxy", "yuv422p10le", False),
    ("hq", "yuv422p10le", False),
    ("hq", "yuv422p10le", True),
    ("4444", "yuva444p10le", False),
    ("4444xq", "yuv444p10le", False),
]


@pytest.mark.parametrize(("profile", "pixel_format", "is_interlaced"), PRORES)
def test_only_touched_blocks_of_changed_frames_differ(
    make: Any, profile: str, pixel_format: str, is_interlaced: bool
) -> None:
    plate = make.video(
        "p.mov",
        "prores_ks",
        pixel_format,
        options={"profile": profile},
        timecode="01:00:00:00",
        is_interlaced=is_interlaced,
    )
    out = make.folder / "o.mov"
    writer = patched(plate, out)
    assert isinstance(writer, MovPatcher) and writer.warnings == ()
    fates = [one.fate for one in writer.exactness.fates]
    assert fates == [Fate.PATCHED if index in CHANGED else Fate.COPIED for index in range(6)]
    same = [one == other for one, other in zip(packets(plate), packets(out), strict=True)]
    assert same == [index not in CHANGED for index in range(6)]
    for index, (before, after) in enumerate(zip(planes(plate), planes(out), strict=True)):
        differs = before[0] != after[0]
        assert differs.any() == (index in CHANGED)
        if index in CHANGED:
            assert np.abs(after[0][28:36, 44:52].astype(int) - before[0][28:36, 44:52]).mean() > 20
            differs[16:48, 40:56] = False  # the mouth grown to blocks; of 16 rows, as fields have
            assert not differs.any()
        if len(before) == 4:
            assert np.array_equal(before[3], after[3])
    with open_plate(out) as reader:
        assert reader.info.start_timecode == "01:00:00:00"


def test_nothing_changed_gives_the_very_file(make: Any) -> None:
    plate = make.video("p.mov", "prores_ks", "yuv422p10le", timecode="01:00:00:00", sound_rate=48_000)
    out = make.folder / "o.mov"
    with open_plate(plate) as reader, open_writer(out, reader) as writer:
        for frame in reader.frames():
            writer.write(changed(frame, 0.0))  # merged, with nothing to add
    assert out.read_bytes() == plate.read_bytes()
    assert writer.exactness.count(Fate.COPIED) == 6


@pytest.mark.parametrize("wish", list(PlateAudio))
def test_the_dub_comes_beside_the_plates_sound(make: Any, wish: PlateAudio) -> None:
    plate = make.video("p.mov", "prores_ks", "yuv422p10le", frames=12, rate=Fraction(24), sound_rate=44_100)
    dub = make.sound("s.wav", rate=48_000, seconds=1)
    out = make.folder / "o.mov"
    writer = patched(plate, out, dub=DubTrack(read_dub(dub), Fraction(1, 4)), plate_audio=wish)
    assert isinstance(writer, MovPatcher)
    from av.stream import Disposition

    with av.open(str(out)) as container:
        sounding = [bool(one.disposition & Disposition.default) for one in container.streams.audio]
    own = {PlateAudio.MUTE: [False], PlateAudio.DROP: []}.get(wish, [True])
    assert sounding == [*own, True]
    if own:
        assert packets(out, "audio") == packets(plate, "audio")
    with av.open(str(out)) as container:
        stream = container.streams.audio[len(own)]
        heard = np.concatenate([frame.to_ndarray().ravel() for frame in container.decode(stream)])
    with av.open(str(dub)) as container:
        meant = np.concatenate([frame.to_ndarray().ravel() for frame in container.decode(audio=0)])
    assert len(heard) == 24_000  # as long as the picture: half a second
    assert not heard[:12_000].any() and np.array_equal(heard[12_000:], meant[:12_000])
    assert read_dub(out).sample_rate == 48_000, "the dub is what is heard in a result"
    assert not list(make.folder.glob(".*")), "nothing temporary is left"


def test_a_frame_that_cannot_be_patched_is_compressed_anew_and_told(
    make: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import plosive.media.prores as prores

    real, refused = prores.patch_frame, []

    def patch(sample: bytes, *others: Any) -> Any:
        if not refused:
            refused.append(sample)
            raise NotPatchableError("This frame has a slice of an unknown kind.")
        return real(sample, *others)

    monkeypatch.setattr(prores, "patch_frame", patch)
    plate = make.video("p.mov", "prores_ks", "yuv422p10le")
    out = make.folder / "o.mov"
    writer = patched(plate, out)
    fates = [one.fate for one in writer.exactness.fates]
    assert fates == [Fate.COPIED, Fate.COPIED, Fate.REWRITTEN, Fate.PATCHED, Fate.COPIED, Fate.COPIED]
    assert writer.warnings == ("This frame has a slice of an unknown kind.",)
    assert writer.exactness.facts(1001)["rewritten_ranges"] == [
        {
            "first_frame": 1003,
            "reason": "This frame has a slice of an unknown kind.",
            "last_frame_inclusive": 1003,
        }
    ]
    before, after = planes(plate), planes(out)
    assert np.abs(before[2][0].astype(int) - after[2][0])[:16].mean() < 2


def test_other_codecs_of_single_pictures_keep_their_untouched_frames(make: Any) -> None:
    plate = make.video(
        "p.mov",
        "dnxhd",
        "yuv422p",
        width=256,
        height=128,
        options={"profile": "dnxhr_hq"},
        timecode="01:00:00:00",
    )
    out = make.folder / "o.mov"
    writer = patched(plate, out)
    assert isinstance(writer, MovPatcher)
    same = [one == other for one, other in zip(packets(plate), packets(out), strict=True)]
    assert same == [index not in CHANGED for index in range(6)]
    assert len({len(packet) for packet in packets(out)}) == 1, "DNxHR frames are of one size"
    assert all("DNxHR cannot be patched" in sentence for sentence in writer.warnings)
    assert len(planes(out)) == 6


@pytest.mark.parametrize(
    ("name", "encoder", "pixel_format", "out"),
    [
        ("p.mp4", "libx264", "yuv420p", "o.mp4"),
        ("p.mov", "prores_ks", "yuv422p10le", "o.mkv"),
        ("p.mkv", "ffv1", "yuv422p10le", "o.mov"),
    ],
)
def test_other_formats_are_written_as_new_files(
    make: Any, name: str, encoder: str, pixel_format: str, out: str
) -> None:
    assert not isinstance(patched(make.video(name, encoder, pixel_format), make.folder / out), MovPatcher)


def test_held_frames_and_an_asked_for_codec_make_a_new_file(make: Any) -> None:
    plate = make.video("p.mov", "prores_ks", "yuv422p10le")
    with open_plate(plate) as reader:
        held = open_writer(make.folder / "o.mov", reader, held_frames=2)
        assert isinstance(held, VideoWriter)
        assert any("holds the last frame longer" in sentence for sentence in held.warnings)
        assert isinstance(open_writer(make.folder / "o.mov", reader, codec="prores_hq"), VideoWriter)


def test_one_frame_alone_is_patched(make: Any) -> None:
    """FFmpeg notes its size for all pictures: the note becomes a list."""
    plate = make.video("p.mov", "prores_ks", "yuv422p10le", frames=1)
    out = make.folder / "o.mov"
    with open_plate(plate) as reader, open_writer(out, reader) as writer:
        assert isinstance(writer, MovPatcher)
        for frame in reader.frames():
            writer.write(changed(frame))
    assert not np.array_equal(planes(plate)[0][0], planes(out)[0][0])
    assert writer.exactness.count(Fate.PATCHED) == 1 and not writer.warnings


def test_a_failure_leaves_nothing_behind_and_the_plate_as_it_was(make: Any) -> None:
    plate = make.video("p.mov", "prores_ks", "yuv422p10le")
    before = sha256(plate.read_bytes()).digest()
    out = make.folder / "o.mov"
    dub = DubTrack(read_dub(make.sound("s.wav")))
    with open_plate(plate) as reader:
        frames = list(reader.frames())
        with pytest.raises(MediaWriteError, match="Only 5 of 6"), open_writer(out, reader, dub=dub) as writer:
            for frame in frames[:5]:
                writer.write(frame)
        with pytest.raises(KeyboardInterrupt), open_writer(out, reader, dub=dub) as writer:
            writer.write(changed(frames[0]))
            raise KeyboardInterrupt
    assert not out.exists() and not list(make.folder.glob(".*"))
    assert sha256(plate.read_bytes()).digest() == before


def test_the_same_job_gives_the_same_bytes(make: Any) -> None:
    plate = make.video("p.mov", "prores_ks", "yuv422p10le")
    dub = DubTrack(read_dub(make.sound("s.wav")))
    results = []
    for name in ("a.mov", "b.mov"):
        patched(plate, make.folder / name, dub=dub)
        results.append((make.folder / name).read_bytes())
    assert results[0] == results[1]


def test_a_plate_that_changes_meanwhile_is_told_and_nothing_is_left(make: Any) -> None:
    """Pictures of one size lie where they lay: without a look at the file two plates would mix unseen."""
    plate = make.video("p.mov", "v210", "yuv422p10le")
    other = make.video("q.mov", "v210", "yuv422p10le", tags=(9, 1, 9, 1)).read_bytes()
    assert len(other) == plate.stat().st_size and other != plate.read_bytes()
    out = make.folder / "o.mov"
    with (
        open_plate(plate) as reader,
        pytest.raises(MediaReadError, match="was changed while it was read"),
        open_writer(out, reader) as writer,
    ):
        for frame in reader.frames():
            if frame.index == 3:
                plate.write_bytes(other)
            writer.write(changed(frame))
    assert not out.exists() and not list(make.folder.glob(".*"))
