# SPDX-License-Identifier: Apache-2.0
"""A plate that did not change is copied packet by packet, whatever its codec loses."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import pytest

from plosive.media import DubTrack, copier_of, open_plate, open_writer, read_dub


def packets(path: Path) -> list[bytes]:
    with av.open(str(path)) as container:
        return [bytes(packet) for packet in container.demux(video=0) if packet.size]


@pytest.mark.parametrize(
    ("name", "encoder", "pixel_format"),
    [("plate.mp4", "libx264", "yuv420p"), ("plate.mov", "libx264", "yuv420p")],
)
def test_packets_times_timecode_and_dub(
    make, tmp_path: Path, name: str, encoder: str, pixel_format: str
) -> None:
    plate = make.video(name, encoder, pixel_format, timecode="01:00:00:00" if "mov" in name else None)
    dub = make.video("dub.mov", "prores_ks", "yuv422p10le", sound_rate=48000)
    out = tmp_path / f"out{plate.suffix}"
    with open_plate(plate) as reader:
        copier = copier_of(open_writer(out, reader, dub=DubTrack(read_dub(dub), Fraction(0))))
        if copier is None and reader.info.start_timecode and av.__version__.startswith("17."):
            pytest.skip("PyAV 17 cannot keep the timecode of a copied stream; it is encoded instead")
        assert copier is not None
        with copier:
            for frame in reader.frames():
                copier.write(frame)
        assert any("copied" in sentence for sentence in copier.warnings)
        before = reader.info
        times = reader.frame_times()
    assert packets(out) == packets(plate)
    with open_plate(out) as reader:
        assert reader.frame_times() == times
        assert reader.info.start_timecode == before.start_timecode
        assert reader.info.has_audio


def test_another_format_or_a_few_frames_with_held_ones_cannot_be_copied(make, tmp_path: Path) -> None:
    plate = make.video("plate.mp4", "libx264", "yuv420p")
    with open_plate(plate) as reader:
        for writer in (
            open_writer(tmp_path / "out.mov", reader, codec="prores"),
            open_writer(tmp_path / "out.mkv", reader, codec="h264"),
            open_writer(tmp_path / "held.mp4", reader, held_frames=3),
        ):
            assert copier_of(writer) is writer
