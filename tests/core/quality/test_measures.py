# SPDX-License-Identifier: Apache-2.0
"""Each measure on a mouth that is known to be right, or wrong in one known way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from plosive.quality.articulation import measure_articulation, measure_silence
from plosive.quality.closures import LABIALS, LABIODENTALS, measure_phones
from plosive.quality.drift import measure_drift
from plosive.quality.expectation import Expectation, expect
from plosive.quality.sharpness import measure_sharpness
from plosive.quality.stability import measure_stability
from plosive.quality.take import Take, usable_reasons
from plosive.quality.timing import measure_timing
from plosive.speech import Phone, PhoneSource, Sound, Speech

MakeTake = Callable[..., Take]


@pytest.fixture(scope="module")
def paused() -> Expectation:
    """A second of silence, half a second of speech, a second of silence, half a second of speech, half of
    silence.
    """
    tiles, at = [], Fraction(0)
    for symbol, hundredths in (
        ("SIL", 100),
        ("M", 10),
        ("AA", 40),
        ("SIL", 100),
        ("M", 10),
        ("AA", 40),
        ("SIL", 50),
    ):
        tiles.append(Phone(symbol, at, at + Fraction(hundredths, 100)))
        at = tiles[-1].end_seconds
    empty = np.zeros(int(at * 100), np.float32)
    speech = Speech(at, tuple(tiles), (), Sound(empty, empty, empty), PhoneSource.ALIGNED, "en", 0.9)
    return expect(speech, Fraction(0), Fraction(1, 25))


class TestTiming:
    @pytest.mark.parametrize("lag_seconds", [-0.32, -0.08, 0.0, 0.03, 0.16])
    def test_finds_a_lag_to_a_few_milliseconds(self, make_take: MakeTake, lag_seconds: float) -> None:
        timing = measure_timing(make_take(lag_seconds))
        assert timing is not None
        assert timing.lag_ms == pytest.approx(lag_seconds * 1000, abs=8)
        assert timing.confidence > 0.95
        assert timing.correlation > 0.95

    def test_windows_follow_a_lag_that_changes(self, make_take: MakeTake) -> None:
        early, late = make_take(0.0), make_take(0.2)
        half = len(early.seen) // 2
        mixed = np.concatenate([early.seen.channels[:half], late.seen.channels[half:]])
        timing = measure_timing(replace(early, seen=replace(early.seen, channels=mixed)))
        assert timing is not None
        assert all(-250 < window.lag_ms < 250 for window in timing.windows)

    def test_a_mouth_that_says_something_else_has_little_evidence(self, make_take: MakeTake) -> None:
        right, backwards = make_take(), make_take()
        turned = replace(
            backwards, seen=replace(backwards.seen, channels=backwards.seen.channels[::-1].copy())
        )
        own, other = measure_timing(right), measure_timing(turned)
        assert own is not None and other is not None
        assert own.evidence > 8
        assert other.evidence < 3

    def test_a_still_mouth_gives_no_number_that_is_not_one(self, make_take: MakeTake) -> None:
        take = make_take(size=0.0)
        still = np.repeat(take.seen.channels[:1], len(take.seen), axis=0)
        timing = measure_timing(replace(take, seen=replace(take.seen, channels=still)))
        assert timing is not None
        assert np.isfinite([timing.lag_ms, timing.confidence, timing.evidence]).all()
        assert timing.evidence == pytest.approx(0, abs=0.1)
        assert timing.confidence < 0.2

    def test_less_than_a_second_is_not_judged(self, make_take: MakeTake) -> None:
        take = make_take()
        hidden = np.zeros(len(take.seen), bool)
        hidden[:20] = True
        assert measure_timing(replace(take, seen=replace(take.seen, is_inside=hidden))) is None


class TestClosures:
    def test_lips_that_do_as_asked_close_on_every_labial(self, make_take: MakeTake, spoken: Speech) -> None:
        phones = measure_phones(make_take(), LABIALS)
        assert len(phones) == sum(phone.symbol in LABIALS for phone in spoken.phones) >= 6
        assert all(phone.is_met for phone in phones)

    def test_lips_held_open_miss_all_and_say_where(self, make_take: MakeTake) -> None:
        take = make_take()
        parted = np.full(len(take.seen), 0.08, np.float32)
        phones = measure_phones(replace(take, seen=replace(take.seen, aperture=parted)), LABIALS)
        assert not any(phone.is_met for phone in phones)
        for phone in phones:
            moment = take.times[phone.frame_index]
            assert phone.start_seconds - 0.05 < moment < phone.end_seconds + 0.05
            assert phone.aperture == pytest.approx(0.08)

    def test_one_frame_beside_the_phone_counts_and_three_do_not(self, make_take: MakeTake) -> None:
        take = make_take()
        (first, *_) = measure_phones(take, LABIALS)
        middle = int((first.start_seconds + first.end_seconds) / 2 * 25)
        last = int(np.flatnonzero(take.times <= first.end_seconds)[-1])
        for row, met in ((last + 1, True), (last + 4, False)):
            aperture = np.full(len(take.seen), 0.1, np.float32)
            aperture[row] = 0.0
            phones = measure_phones(replace(take, seen=replace(take.seen, aperture=aperture)), LABIALS)
            assert phones[0].is_met is met, (row, middle)

    def test_phones_without_a_face_are_not_counted(self, make_take: MakeTake) -> None:
        take = make_take()
        widths = take.seen.face_widths.copy()
        widths[len(widths) // 2 :] = 10
        phones = measure_phones(replace(take, seen=replace(take.seen, face_widths=widths)), LABIALS)
        assert 0 < len(phones) < len(measure_phones(take, LABIALS))

    def test_f_and_v_have_a_wider_limit(self, make_take: MakeTake) -> None:
        take = make_take()
        nearly = np.full(len(take.seen), 0.03, np.float32)
        assert all(
            phone.is_met
            for phone in measure_phones(replace(take, seen=replace(take.seen, aperture=nearly)), LABIODENTALS)
        )


class TestArticulation:
    def test_size_of_movement_is_measured_against_the_plate(self, make_take: MakeTake) -> None:
        sizes = {}
        for size in (0.3, 1.0, 2.0):
            take = make_take(size=size, plate=True)
            articulation = measure_articulation(take, measure_timing(take))
            assert articulation is not None and articulation.is_actors_range
            assert articulation.correlations[0] > 0.9
            sizes[size] = float(articulation.amplitudes[0])
        assert sizes[0.3] == pytest.approx(0.3 * sizes[1.0], rel=0.05)
        assert sizes[2.0] == pytest.approx(2.0 * sizes[1.0], rel=0.05)
        assert 0.6 < sizes[1.0] < 1.4

    def test_a_sure_lag_does_not_count_twice(self, make_take: MakeTake) -> None:
        take = make_take(0.12)
        timing = measure_timing(take)
        with_lag, without = measure_articulation(take, timing), measure_articulation(take, None)
        assert with_lag is not None and without is not None
        assert with_lag.correlations[0] > 0.95 > without.correlations[0]

    def test_lips_that_part_or_move_in_a_pause_are_seen(
        self, make_take: MakeTake, paused: Expectation
    ) -> None:
        take = make_take(of=paused)
        calm = measure_silence(take)
        assert calm is not None and calm.frames >= 20
        assert calm.excess_aperture < 0.01 and calm.lip_speed < 0.1
        silent = paused.is_silent(take.times)
        aperture, lips = take.seen.aperture.copy(), take.seen.lips.copy()
        aperture[silent] = 0.15
        lips[np.flatnonzero(silent)[::2], :, 1] += 0.03
        restless = measure_silence(replace(take, seen=replace(take.seen, aperture=aperture, lips=lips)))
        assert restless is not None
        assert restless.excess_aperture == pytest.approx(0.15, abs=0.01)
        assert restless.lip_speed > 0.3

    def test_the_moment_before_a_word_is_not_silence(self, paused: Expectation) -> None:
        times = np.arange(0, 3.5, 0.04) + 0.02
        silent = paused.is_silent(times)
        assert silent[times < 0.6].all()
        assert not silent[(times > 0.7) & (times < 1.6)].any()
        assert silent[(times > 1.7) & (times < 2.1)].all()  # a pause of a second, less its ends
        assert not silent[(times > 2.2) & (times < 2.5)].any()


class TestSharpness:
    def test_the_plate_itself_is_one(self, make_take: MakeTake) -> None:
        found = measure_sharpness(make_take(plate=True))
        assert found is not None and found.is_against_plate
        assert found.overall == pytest.approx(1, abs=0.01)

    def test_a_quarter_of_the_power_is_half_the_detail(self, make_take: MakeTake) -> None:
        take = make_take(plate=True)
        soft = take.seen.detail.copy()
        soft[:, 0] /= 4
        found = measure_sharpness(replace(take, seen=replace(take.seen, detail=soft)))
        assert found is not None
        assert found.overall == pytest.approx(0.5, abs=0.02)
        assert found.fast == pytest.approx(0.5, abs=0.02)

    def test_softness_in_fast_frames_only_shows_there(self, make_take: MakeTake) -> None:
        take = make_take(plate=True)
        speed = np.nan_to_num(take.lip_speed)
        soft = take.seen.detail.copy()
        soft[speed >= np.quantile(speed, 0.65), 0] /= 9
        found = measure_sharpness(replace(take, seen=replace(take.seen, detail=soft)))
        assert found is not None
        assert found.fast < 0.4 < 0.9 < found.overall


class TestStability:
    def test_the_plate_itself_is_one(self, make_take: MakeTake) -> None:
        found = measure_stability(make_take(plate=True))
        assert found is not None
        assert found.flicker == pytest.approx(1, abs=0.05)
        assert found.popping == pytest.approx(1, abs=0.1)
        assert found.jitter == pytest.approx(1, abs=0.05)

    def test_brightness_of_the_lower_face_that_jumps_is_flicker(self, make_take: MakeTake) -> None:
        take = make_take(plate=True)
        gain = 1 + 0.05 * np.random.default_rng(1).standard_normal((len(take.seen), 1)).astype(np.float32)
        own = measure_stability(replace(take, seen=replace(take.seen, skin=take.seen.skin * gain)))
        scene = measure_stability(
            replace(take, seen=replace(take.seen, skin=take.seen.skin * gain, upper=take.seen.upper * gain))
        )
        assert own is not None and own.flicker > 5
        assert scene is not None and scene.flicker < 1.5  # the whole scene's light is not the mouth's fault

    def test_teeth_that_pop_in_single_frames_show_in_the_peaks(self, make_take: MakeTake) -> None:
        take = make_take(plate=True)
        inside = take.seen.inside.copy()
        inside[np.flatnonzero(take.seen.aperture > 0.05)[::6]] *= 2
        found = measure_stability(replace(take, seen=replace(take.seen, inside=inside)))
        assert found is not None and found.popping is not None and found.popping_peaks is not None
        assert found.popping > 2
        assert found.popping_peaks > 3

    def test_a_trembling_mouth_is_jitter(self, make_take: MakeTake) -> None:
        take = make_take(plate=True)
        shake = 0.02 * np.random.default_rng(2).standard_normal((len(take.seen), 1, 2)).astype(np.float32)
        found = measure_stability(replace(take, seen=replace(take.seen, lips=take.seen.lips + shake)))
        assert found is not None and found.jitter > 3

    def test_gaps_in_the_track_are_not_changes(self, make_take: MakeTake) -> None:
        take = make_take(plate=True)
        rows = np.concatenate([np.arange(0, 30), np.arange(40, len(take.seen))])
        seen = replace(take.seen, **{
            name: getattr(take.seen, name)[rows]
            for name in take.seen.__dataclass_fields__
            if name != "shot"
        })  # fmt: skip
        skin = seen.skin.copy()
        skin[30:] *= 2  # another exposure after the gap
        found = measure_stability(replace(take, seen=replace(seen, skin=skin), times=take.times[rows]))
        assert found is not None and found.flicker == pytest.approx(1, abs=0.1)


class TestDrift:
    def test_colour_that_changes_with_the_plate_is_no_drift(self, make_take: MakeTake) -> None:
        take = make_take(plate=True)
        assert take.plate is not None
        ramp = np.linspace(0, 0.1, len(take.seen), dtype=np.float32)[:, None] * np.array(
            [1, 0.3, 0.3], np.float32
        )
        tinted = replace(take.seen, lower_colour=take.seen.lower_colour + ramp)
        own = measure_drift(replace(take, seen=tinted))
        shared = measure_drift(
            replace(take, seen=tinted, plate=replace(take.plate, lower_colour=tinted.lower_colour))
        )
        assert own is not None and own.colour > 3
        assert shared is not None and shared.colour < 0.5

    def test_lips_at_rest_that_wander_are_drift(self, make_take: MakeTake) -> None:
        take = make_take(plate=True)
        lips = take.seen.lips + np.linspace(0, 0.1, len(take.seen), dtype=np.float32)[:, None, None]
        found = measure_drift(replace(take, seen=replace(take.seen, lips=lips)))
        assert found is not None and found.outline is not None and found.outline > 0.02

    def test_a_short_take_is_not_judged(self, make_take: MakeTake) -> None:
        take = make_take()
        inside = np.zeros(len(take.seen), bool)
        inside[:20] = True
        assert measure_drift(replace(take, seen=replace(take.seen, is_inside=inside))) is None


def test_reasons_name_what_is_wrong(make_take: MakeTake) -> None:
    take = make_take()
    widths, angles, inside = take.seen.face_widths.copy(), take.seen.angles.copy(), take.seen.is_inside.copy()
    widths[0], angles[1, 0], inside[2] = 10, -60, False
    reasons = usable_reasons(replace(take.seen, face_widths=widths, angles=angles, is_inside=inside))
    assert list(reasons[:4]) == ["face too small", "face turned away", "mouth outside the picture", ""]
