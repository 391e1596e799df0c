# SPDX-License-Identifier: Apache-2.0
"""Plates that cannot be patched by block: frames without a change keep the plate's compressed pictures."""

from __future__ import annotations

from collections.abc import Collection
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from plosive.errors import MediaWriteError
from plosive.geometry import Box
from plosive.media import DubTrack, copier_of, open_plate, open_writer, read_dub
from plosive.media.exactness import Exactness, Fate

CLOSED_X264 = {"x264-params": "keyint=8:min-keyint=8:bframes=2:scenecut=0:open-gop=0"}
OPEN_X264 = {"x264-params": "keyint=8:min-keyint=8:bframes=2:scenecut=0:open-gop=1"}
CLOSED_X265 = {"x265-params": "keyint=8:min-keyint=8:bframes=2:scenecut=0:open-gop=0:log-level=none"}
OPEN_X265 = {"x265-params": "keyint=8:min-keyint=8:bframes=2:scenecut=0:open-gop=1:log-level=none"}

pytestmark = pytest.mark.skipif(
    int(av.__version__.split(".")[0]) < 18, reason="PyAV 17 cannot keep the timecode beside copied pictures"
)


def changed_frame(frame: Any) -> Any:
    box = Box(8, 8, 40, 40)
    return frame.merged(box, np.full((32, 32, 3), 0.1, np.float32), np.ones((32, 32), bool))


def written(plate: Path, out: Path, changed: Collection[int], **options: Any) -> Exactness:
    """What a job does when the frames `changed` get a new mouth."""
    with open_plate(plate) as reader:
        writer = copier_of(open_writer(out, reader, overwrite=True, **options), changed)
        with writer:
            for frame in reader.frames():
                writer.write(changed_frame(frame) if frame.index in changed else frame)
        return writer.exactness


def fates(exactness: Exactness) -> str:
    return "".join(one.fate.value[0] for one in exactness.fates)


def planes(path: Path, first: int = 0) -> list[list[Any]]:
    with open_plate(path) as reader:
        return [[plane.copy() for plane in frame.planes()] for frame in reader.frames(first)]


def require_result(plate: Path, out: Path, exactness: Exactness, changed: Collection[int]) -> None:
    """Copied frames decode to the plate's samples, from the start and after seeks; others look like it."""
    wanted, shown = planes(plate), planes(out)
    assert len(shown) == len(wanted) == len(exactness.fates)
    for index, (before, after) in enumerate(zip(wanted, shown, strict=True)):
        same = all(np.array_equal(one, other) for one, other in zip(before, after, strict=True))
        if exactness.fates[index].fate is Fate.COPIED:
            assert index not in changed and same, index
            continue
        depth = 8 if before[0].dtype == np.uint8 else 10
        most = (30 if index in changed else 1.5) * 2 ** (depth - 8)
        assert np.abs(after[0].astype(int) - before[0]).mean() < most, index
        if index in changed:
            assert not np.array_equal(before[0][8:40, 8:40], after[0][8:40, 8:40])
    with open_plate(plate) as reader, open_plate(out) as result:
        assert result.frame_times() == reader.frame_times()
        assert result.info.start_timecode == reader.info.start_timecode
        assert result.source.tags == reader.source.tags
        for first in range(0, len(wanted), 3):
            frame = next(result.frames(first))
            assert all(np.array_equal(a, b) for a, b in zip(frame.planes(), shown[first], strict=True)), first


GROUPS = [
    ("closed.mp4", "libx264", "yuv420p", CLOSED_X264),
    ("closed.mkv", "libx264", "yuv420p", CLOSED_X264),
    ("closed.ts", "libx264", "yuv420p", CLOSED_X264),
    ("ten.mp4", "libx264", "yuv422p10le", CLOSED_X264),
    ("hevc.mp4", "libx265", "yuv420p", CLOSED_X265),
    ("hevc10.mkv", "libx265", "yuv420p10le", CLOSED_X265),
    ("hevc.ts", "libx265", "yuv420p", CLOSED_X265),
]


@pytest.mark.parametrize(("name", "encoder", "pixel_format", "options"), GROUPS)
def test_groups_without_a_change_are_copied(
    make, tmp_path: Path, name: str, encoder: str, pixel_format: str, options: dict[str, str]
) -> None:
    plate = make.video(name, encoder, pixel_format, frames=32, options=options)
    out = tmp_path / f"out{plate.suffix}"
    cases = {
        (14, 15): ("c" * 8, "r" * 2, "c" * 16),
        (1,): ("r" * 8, "c" * 24),
        (31,): ("c" * 24, "r"),
        (): ("c" * 32,),
    }
    for changed, parts in cases.items():
        exactness = written(plate, out, changed)
        told = fates(exactness)
        # A copied run ends at the last place where all stored pictures are shown before the others.
        assert told.startswith(parts[0]) and told.endswith(parts[-1]) and parts[len(parts) // 2] in told
        require_result(plate, out, exactness, changed)
    assert "crf 8" in written(plate, out, (31,)).promise


@pytest.mark.parametrize(
    ("name", "encoder", "options"), [("open.mp4", "libx264", OPEN_X264), ("open.mkv", "libx265", OPEN_X265)]
)
def test_open_groups_are_copied_only_before_the_change(
    make, tmp_path: Path, name: str, encoder: str, options: dict[str, str]
) -> None:
    plate = make.video(name, encoder, "yuv420p", frames=32, options=options)
    out = tmp_path / f"out{plate.suffix}"
    exactness = written(plate, out, {14})
    told = fates(exactness)
    assert told.startswith("c" * 11) and set(told[14:]) == {"r"}
    require_result(plate, out, exactness, {14})
    assert any("group of pictures" in sentence for sentence in exactness.reasons)
    whole = written(plate, out, {0})
    assert set(fates(whole)) == {"r"} and "stands alone" in whole.promise
    require_result(plate, out, whole, {0})


@pytest.mark.parametrize("changed", [{12}, set(range(32))])
def test_everything_changed_or_a_single_group_is_compressed_anew(
    make, tmp_path: Path, changed: set[int]
) -> None:
    plate = make.video("one.mp4", "libx264", "yuv420p", frames=32, gop=250)
    exactness = written(plate, tmp_path / "out.mp4", changed)
    assert set(fates(exactness)[12:]) == {"r"}
    require_result(plate, tmp_path / "out.mp4", exactness, changed)


@pytest.mark.parametrize(
    ("name", "encoder"), [("m2.ts", "mpeg2video"), ("m2.mkv", "mpeg2video"), ("m1.mpg", "mpeg1video")]
)
def test_mpeg_is_copied_up_to_the_change_and_from_the_next_closed_group(
    make, tmp_path: Path, name: str, encoder: str
) -> None:
    plate = make.video(name, encoder, "yuv420p", frames=36, rate=Fraction(25), gop=12, options={"bf": "2"})
    out = tmp_path / f"out{plate.suffix}"
    exactness = written(plate, out, {16})
    assert fates(exactness).startswith("c" * 13) and fates(exactness).endswith("r")
    require_result(plate, out, exactness, {16})
    simple = make.video(f"simple{plate.suffix}", encoder, "yuv420p", frames=36, rate=Fraction(25), gop=12)
    exactness = written(simple, out, {16})
    assert fates(exactness) == "c" * 16 + "r" * 8 + "c" * 12
    require_result(simple, out, exactness, {16})


ALONE: list[tuple[str, str, str, dict[str, Any]]] = [
    ("hr.mxf", "dnxhd", "yuv422p", {"width": 1280, "height": 720, "options": {"profile": "dnxhr_sq"}}),
    ("hqx.mxf", "dnxhd", "yuv422p10le", {"width": 256, "height": 128, "options": {"profile": "dnxhr_hqx"}}),
    ("hd.mxf", "dnxhd", "yuv422p", {"width": 1280, "height": 720, "options": {"b": "75M"}}),
    ("pr.mxf", "prores_ks", "yuv422p10le", {"options": {"profile": "hq"}}),
    ("pr.mkv", "prores_ks", "yuv422p10le", {"options": {"profile": "lt"}}),
    ("f.mkv", "ffv1", "yuv420p10le", {"gop": 1, "options": {"level": "3", "slices": "16", "slicecrc": "0"}}),
    ("j.avi", "mjpeg", "yuvj420p", {}),
    ("r.avi", "rawvideo", "yuv420p", {}),
    ("u.avi", "utvideo", "yuv422p", {}),
]


@pytest.mark.parametrize(("name", "encoder", "pixel_format", "options"), ALONE)
def test_pictures_that_stand_alone_are_copied_one_by_one(
    make, tmp_path: Path, name: str, encoder: str, pixel_format: str, options: dict[str, Any]
) -> None:
    timecode = "01:00:00:00" if name.endswith("mxf") else None
    plate = make.video(name, encoder, pixel_format, frames=5, rate=Fraction(25), timecode=timecode, **options)
    out = tmp_path / f"out{plate.suffix}"
    for changed, told in (({2}, "ccrcc"), ({0, 4}, "rcccr"), (set(), "ccccc"), (set(range(5)), "rrrrr")):
        exactness = written(plate, out, changed)
        assert fates(exactness) == told, exactness.promise
        require_result(plate, out, exactness, changed)


def test_timecode_sound_and_tags_stay_and_the_same_work_gives_the_same_bytes(make, tmp_path: Path) -> None:
    plate = make.video(
        "plate.mov", "libx264", "yuv420p", frames=32, options=CLOSED_X264, timecode="01:00:00:00"
    )
    dub = make.video("dub.mov", "prores_ks", "yuv422p10le", sound_rate=48000, frames=32)
    outs = [tmp_path / "one.mov", tmp_path / "two.mov"]
    for out in outs:
        exactness = written(plate, out, {12}, dub=DubTrack(read_dub(dub), Fraction(0)))
    assert "r" in fates(exactness) and "c" in fates(exactness)
    assert outs[0].read_bytes() == outs[1].read_bytes()
    require_result(plate, outs[0], exactness, {12})
    assert "The start timecode 01:00:00:00 is kept." in exactness.kept
    with open_plate(outs[0]) as reader:
        assert reader.info.has_audio and reader.info.start_timecode == "01:00:00:00"


def test_a_held_frame_is_compressed_after_copied_ones(make, tmp_path: Path) -> None:
    plate = make.video("plate.mp4", "libx264", "yuv420p", frames=24, options=CLOSED_X264)
    exactness = written(plate, tmp_path / "held.mp4", {2}, held_frames=3)
    assert fates(exactness).endswith("c" * 16 + "rrr")
    shown, wanted = planes(tmp_path / "held.mp4"), planes(plate)
    assert len(shown) == 27
    assert all(np.array_equal(a, b) for a, b in zip(shown[23], wanted[23], strict=True))
    assert np.abs(shown[26][0].astype(int) - wanted[23][0]).mean() < 1.5


def test_a_named_codec_and_interlaced_groups_are_compressed_anew(make, tmp_path: Path) -> None:
    plate = make.video("plate.mp4", "libx264", "yuv420p", frames=24, options=CLOSED_X264)
    exactness = written(plate, tmp_path / "out.mp4", {2}, codec="h264")
    assert set(fates(exactness)) == {"r"} and "--codec" in exactness.promise
    fields = make.video("fields.mp4", "libx264", "yuv420p", frames=12, is_interlaced=True)
    exactness = written(fields, tmp_path / "out.mp4", {2})
    assert set(fates(exactness)) == {"r"} and "interlaced" in exactness.promise


def test_a_change_in_a_frame_to_be_copied_is_refused(make, tmp_path: Path) -> None:
    plate = make.video("plate.mp4", "libx264", "yuv420p", frames=24, options=CLOSED_X264)
    out = tmp_path / "out.mp4"
    with open_plate(plate) as reader, pytest.raises(MediaWriteError, match="was to be copied"):
        writer = copier_of(open_writer(out, reader), {2})
        with writer:
            for frame in reader.frames():
                writer.write(changed_frame(frame))
    assert not out.exists() and len(list(tmp_path.iterdir())) == 1


def test_what_is_lost_is_told(make, tmp_path: Path) -> None:
    plate = make.video("plate.mov", "libx264", "yuv420p", frames=24, options=CLOSED_X264)
    own = bytes(plate.read_bytes()) + (16).to_bytes(4, "big") + b"prvt" + b"12345678"
    plate.write_bytes(own)
    exactness = written(plate, tmp_path / "out.mov", {2})
    assert any("prvt" in sentence for sentence in exactness.lost)


def test_variable_rate_rotation_and_drop_frame_timecode_stay(make, tmp_path: Path) -> None:
    stamps = [index * 1000 + 400 * (index % 3) for index in range(32)]
    varying = make.video(
        "vfr.mp4", "libx264", "yuv420p", frames=32, options=CLOSED_X264,
        time_stamps=stamps, time_base=Fraction(1, 24000), rotation=90, pixel_aspect=Fraction(4, 3),
    )  # fmt: skip
    ntsc = make.video(
        "ntsc.mov", "libx264", "yuv420p", frames=32, options=CLOSED_X264,
        rate=Fraction(30000, 1001), timecode="01:00:00;02",
    )  # fmt: skip
    for plate in (varying, ntsc):
        out = tmp_path / f"out{plate.suffix}"
        exactness = written(plate, out, {12})
        assert fates(exactness).startswith("c" * 8) and fates(exactness).endswith("c" * 16)
        require_result(plate, out, exactness, {12})
        with open_plate(plate) as reader, open_plate(out) as result:
            assert result.source.display_matrix == reader.source.display_matrix
            assert result.info.pixel_aspect == reader.info.pixel_aspect
            assert result.info.is_variable_rate == reader.info.is_variable_rate


def test_new_groups_tell_of_the_mastering_display_too(make, tmp_path: Path) -> None:
    settings = CLOSED_X265["x265-params"] + (
        ":master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,1):max-cll=1000,400"
    )
    plate = make.video(
        "hdr.mp4", "libx265", "yuv420p10le", frames=24, tags=(9, 16, 9, 1), options={"x265-params": settings}
    )
    exactness = written(plate, tmp_path / "out.mp4", {12})
    assert set(fates(exactness)) == {"c", "r"}
    with av.open(str(tmp_path / "out.mp4")) as container:
        told = [{data.type.name for data in picture.side_data} for picture in container.decode(video=0)]
    assert all({"MASTERING_DISPLAY_METADATA", "CONTENT_LIGHT_LEVEL"} <= names for names in told)


def test_a_result_that_is_not_what_was_written_is_removed(
    make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from plosive.media.splice.check import SeamRecord

    plate = make.video("plate.mp4", "libx264", "yuv420p", frames=24, options=CLOSED_X264)
    monkeypatch.setattr(SeamRecord, "copied", lambda self, packet: self.digests.append(b"another"))
    with pytest.raises(MediaWriteError, match="failed its check"):
        written(plate, tmp_path / "out.mp4", {2})
    assert [path.name for path in tmp_path.iterdir()] == ["plate.mp4"]


def test_a_trial_that_fails_means_a_whole_rewrite(
    make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from plosive.media.splice import trial

    plate = make.video("plate.mp4", "libx264", "yuv420p", frames=24, options=CLOSED_X264)
    monkeypatch.setattr(trial, "is_equal", lambda first, second: False)
    exactness = written(plate, tmp_path / "out.mp4", {2})
    assert set(fates(exactness)) == {"r"} and "trial" in exactness.promise
    require_result(plate, tmp_path / "out.mp4", exactness, {2})
