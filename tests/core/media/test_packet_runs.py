# SPDX-License-Identifier: Apache-2.0
"""Where a plate's packets are cut apart, and the bits of NAL units on which that rests."""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plosive.errors import NotPatchableError
from plosive.media.splice.nalunits import BitReader, joined, raw_payload, split, stored_payload
from plosive.media.splice.numbering import renumbered
from plosive.media.splice.packets import PlatePackets, Run, decoding_times
from plosive.media.splice.parametersets import AvcPicture, CodecConfig, HevcPicture, number_of
from plosive.media.splice.reordering import avc_reordering, with_avc_reordering, with_hevc_reordering


def packets(order: list[int], entries: set[int]) -> PlatePackets:
    dts = decoding_times(order, [])
    return PlatePackets(tuple(order), dts, tuple(index in entries for index in range(len(order))))


def test_a_copied_run_begins_where_nothing_is_needed_and_ends_where_all_is_shown() -> None:
    stored = packets([0, 2, 1, 4, 3, 5, 7, 6, 8, 9], {0, 5})
    assert stored.is_cut == (True, True, False, True, False, True, True, False, True, True, True)
    assert stored.runs({4}, 1) == (Run(0, 3, True), Run(3, 5, False), Run(5, 10, True))
    assert stored.runs({0}, 1) == (Run(0, 5, False), Run(5, 10, True))
    assert stored.runs({7}, 1) == (Run(0, 6, True), Run(6, 10, False))
    assert stored.runs({4}, 4) == (Run(0, 5, False), Run(5, 10, True))
    assert stored.runs(range(10), 1) == (Run(0, 10, False),)
    assert stored.runs((), 1) == (Run(0, 10, True),)


def test_no_short_group_is_left_or_made_at_a_seam() -> None:
    stored = packets(list(range(30)), {0, 10, 20})
    assert stored.runs({12}, 1, 4) == (Run(0, 10, True), Run(10, 20, False), Run(20, 30, True))
    assert stored.runs({19}, 1, 4) == (Run(0, 16, True), Run(16, 20, False), Run(20, 30, True))
    assert stored.runs({29}, 1, 4) == (Run(0, 29, True), Run(29, 30, False))
    assert stored.runs({2}, 1, 4) == (Run(0, 10, False), Run(10, 30, True))
    alone = packets(list(range(9)), set(range(9)))
    assert alone.runs({4}, 1, 4) == (Run(0, 4, True), Run(4, 5, False), Run(5, 9, True))


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 60))
def test_runs_cover_all_frames_and_copy_no_changed_one(seed: int, count: int) -> None:
    chance = random.Random(seed)
    order: list[int] = []
    while len(order) < count:
        group = list(range(len(order), min(count, len(order) + chance.randint(1, 5))))
        order += [group[-1], *group[:-1]]
    stored = packets(order, {index for index in range(count) if chance.random() < 0.3})
    changed = {index for index in range(count) if chance.random() < 0.15}
    runs = stored.runs(changed, 2, chance.randint(1, 6))
    assert runs[0].first == 0 and runs[-1].end == count
    for run, following in pairwise(runs):
        assert run.end == following.first and (run.is_copied, following.is_copied) != (False, False)
    for run in runs:
        assert sorted(order[run.first : run.end]) == list(range(run.first, run.end))
        if run.is_copied:
            assert not changed & set(range(run.first, run.end)) and stored.is_entry[run.first]
    assert all(early <= late for early, late in zip(stored.dts, order, strict=True))
    assert all(early < late for early, late in pairwise(stored.dts))


@given(st.binary(max_size=60))
def test_emulation_prevention_goes_both_ways(raw: bytes) -> None:
    stored = stored_payload(raw)
    assert not any(bytes((0, 0, one)) in stored for one in range(3))
    assert raw_payload(stored) == raw


@pytest.mark.parametrize("length_bytes", [0, 4])
def test_units_are_framed_as_they_are_read(length_bytes: int) -> None:
    units = [b"\x65\x88\x01", b"\x41\x9a", b"\x06\x05\x80"]
    assert split(joined(units, length_bytes), length_bytes) == units
    with pytest.raises(NotPatchableError):
        split(b"\x00\x00\x00\x09\x65", 4)


def x265_units(settings: str = "bframes=0") -> list[bytes]:
    """Parameter sets and slices that x265 wrote (176 x 144, five pictures)."""
    return coded_units("libx265", {"x265-params": f"log-level=none:{settings}", "preset": "ultrafast"})


def coded_units(encoder: str, options: dict[str, str]) -> list[bytes]:
    import av

    context = av.codec.context.CodecContext.create(encoder, "w")
    assert isinstance(context, av.VideoCodecContext)
    context.width, context.height, context.pix_fmt = 176, 144, "yuv420p"
    context.framerate, context.time_base = Fraction(25), Fraction(1, 25)
    context.options = options
    found = []
    for number in range(6):
        picture = av.VideoFrame(176, 144, "yuv420p") if number < 5 else None
        if picture is not None:
            picture.pts = number
        for packet in context.encode(picture):
            found += split(bytes(packet), 0)
    return found


def test_renumbered_units_of_x265_mean_the_same_under_other_numbers() -> None:
    units = x265_units()
    made = [renumbered(unit, 3, 17) for unit in units]
    for unit, new in zip(units, made, strict=True):
        kind = (unit[0] >> 1) & 63
        if kind in (32, 33, 34):
            assert number_of(unit, "hevc") == 0 and number_of(new, "hevc") == (17 if kind == 34 else 3)
        elif kind < 32:
            # One byte longer, and all behind the header's first bits in its old place.
            assert len(new) == len(unit) + 1 and new[4:] == unit[3:]
            assert BitReader(new, 18 if kind >= 16 else 17).unsigned() == 17
    sps, new_sps = (next(one for one in group if one[0] >> 1 == 33) for group in (units, made))
    assert HevcPicture.parse(sps) == HevcPicture.parse(new_sps)
    assert HevcPicture.parse(sps).size == (176, 144)


def test_damaged_settings_are_refused_and_nothing_else_happens() -> None:
    chance = random.Random(4)
    sets = [unit for unit in x265_units() if 32 <= unit[0] >> 1 <= 34]
    header = bytes([1]) + bytes(20) + bytes([3, 3])
    for unit in sets:
        header += bytes([unit[0] >> 1, 0, 1]) + len(unit).to_bytes(2, "big") + unit
    assert CodecConfig.parse("hevc", header).sets == tuple(sets)
    assert CodecConfig.parse("hevc", CodecConfig.parse("hevc", header).with_sets(())) == CodecConfig.parse(
        "hevc", header
    )
    empty = CodecConfig.parse("hevc", header[:22] + bytes([0]))
    assert CodecConfig.parse("hevc", empty.with_sets(tuple(sets))).sets == tuple(sets)
    for number in range(3000):
        broken = bytearray(header)
        for _ in range(chance.randint(1, 4)):
            broken[chance.randrange(len(broken))] ^= 1 << chance.randrange(8)
        data = bytes(broken[: chance.randint(0, len(broken))] if number % 2 else broken)
        for codec in ("hevc", "h264"):
            try:
                config = CodecConfig.parse(codec, data)
                for unit in config.sets:
                    number_of(unit, codec)
                    (HevcPicture if codec == "hevc" else AvcPicture).parse(unit)
                config.with_sets(tuple(sets) if codec == "hevc" else ())
            except NotPatchableError:
                continue


def test_new_pictures_tell_of_the_plates_reordering() -> None:
    plate, own = (
        next(unit for unit in coded_units("libx264", {"x264-params": settings}) if unit[0] & 31 == 7)
        for settings in ("bframes=4:b-pyramid=2:ref=4:sps-id=0", "bframes=1:b-adapt=0:ref=1:sps-id=3")
    )
    fitted = with_avc_reordering(own, plate)
    assert avc_reordering(own) == 1 and avc_reordering(plate) == avc_reordering(fitted) == 2
    assert AvcPicture.parse(fitted) == AvcPicture.parse(own) and number_of(fitted, "h264") == 3
    assert with_avc_reordering(fitted, plate) == fitted

    units = [
        {unit[0] >> 1: unit for unit in x265_units(settings)}
        for settings in ("bframes=4:b-pyramid=1:ref=4", "bframes=0:ref=1")
    ]
    for kind in (32, 33, 34):
        fitted = with_hevc_reordering(units[1][kind], units[0][33])
        assert (fitted != units[1][kind]) == (kind != 34)
        if kind == 33:
            assert HevcPicture.parse(fitted) == HevcPicture.parse(units[1][33])
        assert with_hevc_reordering(fitted, units[0][33]) == fitted
