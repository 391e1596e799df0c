# SPDX-License-Identifier: Apache-2.0
"""Only a range of a plate, with handles: what is looked at, what is written, and that it is exact."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from plosive.colour.transfer import Transfer
from plosive.demo.sample import SamplePlate, write_sample
from plosive.errors import OptionError, RangeError
from plosive.media import FrameRange, open_plate, read_dub
from plosive.media.audio import decoded_blocks
from plosive.media.placement import place_dub
from plosive.media.plate import PlateInfo, PlateKind
from plosive.progress import SilentProgress
from plosive.speakers import NoSync
from plosive.sync import SyncOptions, sync_plate
from plosive.sync.known_survey import SurveyCache
from plosive.sync.span import job_span, placement_in

WORDS = "Maybe Bob prefers fluffy purple muffins"
PLATE = PlateInfo(
    path=Path("master.mov"),
    kind=PlateKind.VIDEO,
    width=1920,
    height=1080,
    frame_count=90_000,
    frame_rate=Fraction(25),
    first_frame=0,
    start_timecode="10:00:00:00",
    pixel_aspect=Fraction(1),
    codec="prores",
    pixel_format="yuv422p10le",
    bit_depth=10,
    is_float=False,
    is_variable_rate=False,
    is_interlaced=False,
    has_alpha=False,
    has_audio=True,
    rotation_degrees=0,
    transfer=Transfer.BT1886,
)


def wish(**options: object) -> SyncOptions:
    return replace(SyncOptions(Path("master.mov"), Path("dub.wav"), Path("out.mov")), **options)  # type: ignore[arg-type]


def samples(path: Path) -> list[bytes]:
    with av.open(str(path)) as container:
        return [bytes(packet) for packet in container.demux(container.streams.video[0]) if packet.size]


def sound(path: Path) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    with av.open(str(path)) as container:
        index = container.streams.audio[0].index
    return np.concatenate(list(decoded_blocks(path, index)), axis=1)


def test_of_a_long_plate_only_a_little_around_the_range_is_looked_at() -> None:
    span = job_span(wish(frame_range="40000-40099", only_range=True, handles=12), PLATE)
    assert span.written == FrameRange(39988, 40111)
    assert span.looked == FrameRange(39938, 40161)
    assert (span.first_index, span.end_index) == (50, 174)
    assert span.facts()["looked_range"] == {"first_frame": 39938, "last_frame_inclusive": 40161}
    assert span.facts()["out_range"] == {
        "first_frame": 39988,
        "last_frame_inclusive": 40111,
        "handles_before": 12,
        "handles_after": 12,
    }
    assert span.written_indices({0, 49, 50, 60, 173, 174}) == {0, 10, 123}
    assert not span.note
    whole = job_span(wish(frame_range="40000-40099"), PLATE)
    assert whole.written == whole.looked == FrameRange(0, 89_999) and not whole.is_part


def test_handles_the_plate_lacks_are_told() -> None:
    span = job_span(wish(frame_range="5-89999", only_range=True, handles=12), PLATE)
    assert span.written == FrameRange(0, 89_999)
    assert span.note == (
        "The plate has no 12 handles around frames 5-89999: OUT has 5 before and 0 after them."
    )
    with pytest.raises(RangeError, match="leaves the plate"):
        job_span(wish(frame_range="5-90000", only_range=True), PLATE)


def test_options_that_make_no_sense_together_are_refused() -> None:
    ranged = wish(frame_range="1-2", only_range=True)
    assert ranged.validated().only_range
    for bad, said in (
        (wish(only_range=True), "name them"),
        (wish(frame_range="1-2", handles=4), "for --only-range"),
        (replace(ranged, handles=-1), "0 or more"),
        (replace(ranged, on_length_mismatch="hold"), "whole plate"),
        (replace(ranged, redo=Path("flags.json")), "leave --only-range out"),
    ):
        with pytest.raises(OptionError, match=said):
            bad.validated()


def test_the_dub_lies_where_it_lies_on_the_whole_plate() -> None:
    info = replace(PLATE, frame_count=100)
    times = [Fraction(index, 25) for index in range(100)]
    whole = place_dub(info, times, Fraction(2), "10:00:01:05", "plate")
    part = placement_in(whole, FrameRange(20, 39), info)
    assert part.dub_start_seconds == Fraction(10, 25)
    assert part.before_seconds == Fraction(20, 25)
    assert part.frame_starts == tuple(times[:20])
    assert part.dub_centres == whole.dub_centres[20:40]
    inner = placement_in(part, FrameRange(30, 39), replace(info, first_frame=20, frame_count=20))
    assert inner.dub_start_seconds == 0 and inner.before_seconds == Fraction(30, 25)
    assert placement_in(whole, FrameRange(0, 99), info) is whole


@pytest.fixture(scope="module")
def plate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("span") / "plate.mov"
    write_sample(path, SamplePlate(34, 640, 360), SilentProgress())
    return path


def test_a_survey_of_a_part_is_kept_apart(plate: Path) -> None:
    with open_plate(plate) as reader:
        keys = [SurveyCache(one)._key for one in (reader, *map(reader.part, parts()))]
    assert len(set(keys)) == 1 + len(parts())


def parts() -> list[FrameRange]:
    return [FrameRange(0, 9), FrameRange(1, 10), FrameRange(1, 33), FrameRange(24, 33)]


def test_out_holds_the_range_and_its_handles(plate: Path, spoken_line: Path, tmp_path: Path) -> None:
    options = SyncOptions(
        plate,
        spoken_line,
        tmp_path / "out.mov",
        audio_start="01:00:00:08",
        transcript=WORDS,
        frame_range="11-20",
        only_range=True,
        handles=4,
        no_sync=(NoSync.parse("7-10"), NoSync.parse("21-24")),
        elements=tmp_path / "elements",
    )
    result = sync_plate(options, SilentProgress())
    before, after = samples(plate)[7:25], samples(result.out)
    assert len(after) == result.frames_total == 18
    assert after[:4] == before[:4] and after[14:] == before[14:], "handles that keep the plate: its bytes"
    assert all(one != other for one, other in zip(before[4:14], after[4:14], strict=True))
    assert result.kept_ranges == ((7, 10, "no lip sync wanted"), (21, 24, "no lip sync wanted"))
    assert result.frames_synced == 10
    with open_plate(plate) as whole, open_plate(result.out) as made:
        assert made.info.start_timecode == "01:00:00:07"
        assert made.info.frame_count == 18 and made.info.frame_rate == whole.info.frame_rate
    dub = sound(spoken_line)
    heard = sound(result.out)
    rate = read_dub(spoken_line).sample_rate
    assert abs(heard.shape[1] - rate * 18 / 24) <= 1
    begin = round(Fraction(rate, 24))
    assert not heard[:, :begin].any()
    assert np.array_equal(heard[0, begin:], dub[0, : heard.shape[1] - begin])
    record = json.loads((tmp_path / "out.plosive.json").read_text(encoding="utf-8"))
    assert record["out_range"] == {
        "first_frame": 7,
        "last_frame_inclusive": 24,
        "handles_before": 4,
        "handles_after": 4,
    }
    assert record["plate"]["frame_count"] == 34
    assert record["dub"]["starts_at_plate_seconds"] == "1/3"
    names = sorted(path.name for path in (tmp_path / "elements").glob("*.exr"))
    assert names == [f"elements.{number:04d}.exr" for number in range(7, 25)]
    told = json.loads((tmp_path / "elements" / "elements.json").read_text(encoding="utf-8"))["elements"]
    assert (told["first_frame"], told["last_frame_inclusive"]) == (7, 24)


def test_a_dub_that_began_before_the_plate_loses_its_head(
    plate: Path, spoken_line: Path, tmp_path: Path
) -> None:
    options = SyncOptions(
        plate,
        spoken_line,
        tmp_path / "out.mov",
        audio_start="-0.5",
        transcript=WORDS,
        frame_range="3-8",
        only_range=True,
    )
    result = sync_plate(options, SilentProgress())
    assert result.frames_synced == result.frames_total == 6
    record = json.loads((tmp_path / "out.plosive.json").read_text(encoding="utf-8"))
    assert record["dub"]["starts_at_plate_seconds"] == "-1/2"
    dub, heard = sound(spoken_line), sound(result.out)
    rate = read_dub(spoken_line).sample_rate
    begin = round(rate * (Fraction(1, 2) + Fraction(3, 24)))
    assert np.array_equal(heard[0], dub[0, begin : begin + heard.shape[1]])
    motion = json.loads((tmp_path / "out.motion.json").read_text(encoding="utf-8"))
    assert Fraction(motion["frames"]["dub_starts_seconds"]) == Fraction(-1, 2)


def test_of_a_sequence_only_these_files_come_out_under_their_numbers(
    spoken_line: Path, tmp_path: Path
) -> None:
    from PIL import Image

    for number in range(1001, 1009):
        rows, columns = np.mgrid[:90, :160]
        wall = np.stack([rows * 2, columns, np.full_like(rows, number % 256)], axis=-1).astype(np.uint8)
        Image.fromarray(wall).save(tmp_path / f"wall.{number}.png")
    options = SyncOptions(
        tmp_path / "wall.%04d.png",
        spoken_line,
        tmp_path / "out" / "wall.%04d.png",
        frame_range="1004-1005",
        only_range=True,
        handles=1,
    )
    result = sync_plate(options, SilentProgress())
    assert result.frames_total == 4 and result.kept_ranges == ((1003, 1006, "no face"),)
    made = sorted((tmp_path / "out").glob("*.png"))
    assert [path.name for path in made] == [f"wall.{number}.png" for number in range(1003, 1007)]
    assert all(path.read_bytes() == (tmp_path / path.name).read_bytes() for path in made)
