# SPDX-License-Identifier: Apache-2.0
"""Random cuts: what is asked for is what is played, and the result plays the same frames then."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.hosts.hiero.test_timeline import Trial, played

from fakes.hiero import install
from fakes.hiero.scene import Cut

RATES = [Fraction(24), Fraction(25), Fraction(24000, 1001), Fraction(30000, 1001), Fraction(50)]
SPEEDS = [
    Fraction(1),
    Fraction(1),
    Fraction(-1),
    Fraction(2),
    Fraction(1, 3),
    Fraction(-3, 2),
    Fraction(7, 5),
]


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_random_cuts(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("cut")
        patch.setenv("PLOSIVE_HOST_DATA", str(folder / "data"))
        one_cut(data, Cut(install(patch), folder, data.draw(st.sampled_from(RATES), "sequence rate")))


def one_cut(data: st.DataObject, cut: Cut) -> None:
    is_movie = data.draw(st.booleans(), "movie")
    speed = data.draw(st.sampled_from(SPEEDS), "speed")
    rate = data.draw(st.sampled_from([cut.rate, Fraction(25)]), "media rate")
    first = 0 if is_movie else data.draw(st.integers(0, 2000), "first number")
    count = 200
    media = cut.media("p_v03.mov" if is_movie else "p_v03.####.exr", first, first + count - 1, rate=rate)
    trim = data.draw(st.integers(0, 40), "clip trim")
    clip = cut.clip(media, first + trim, first + count - 1 - trim) if trim else cut.clip(media)
    length = data.draw(st.integers(2, 25), "length")
    reach = ceil((length - 1) * abs(speed))
    low = data.draw(st.integers(0, clip.duration() - 1 - reach), "source")
    item = cut.item(
        clip, data.draw(st.integers(0, 5000), "at"), low + (reach if speed < 0 else 0), length, float(speed)
    )
    dub_at = item.timelineIn() + data.draw(st.integers(-20, length - 1), "dub")
    cut.dub(dub_at, 60)
    mode = data.draw(st.sampled_from(["version", "track"]), "mode")
    handles = data.draw(st.integers(0, 30), "handles")
    trial = Trial(cut, item, output=mode, handles=handles)
    wanted = trial.sync["clip"]["range"]
    numbers = played(item)
    assert wanted["first_frame"] == floor(min(numbers)) and wanted["last_frame_inclusive"] == ceil(
        max(numbers)
    )
    dub_is_heard_where_it_lies(cut, trial, item, dub_at, speed, rate)
    path = trial.finish()
    assert trial.screen.told[0][1].startswith("3 of "), trial.screen.told
    if mode == "version":
        assert item.source().mediaSource().firstpath() == path and played(item) == numbers
        return
    [made] = cut.sequence.videoTracks()[-1].items()
    out_first = max(first, wanted["first_frame"] - handles) if is_movie else 0
    assert (made.timelineIn(), made.timelineOut()) == (item.timelineIn(), item.timelineOut())
    assert [number + out_first for number in played(made)] == numbers
    assert made.source().mediaSource().firstpath() == path


def dub_is_heard_where_it_lies(
    cut: Cut, trial: Trial, item: object, dub_at: int, speed: Fraction, rate: Fraction
) -> None:
    """The moment of the first frame, told by the request alone, against the timeline."""
    clip, [voice] = trial.sync["clip"], trial.sync["voices"]
    at, position = item.timelineIn(), played(item)[0]  # type: ignore[attr-defined]
    if "retime" in clip:
        a, b = (
            (Fraction(key["media_frame"]), Fraction(key["timeline_seconds"]))
            for key in clip["retime"]["keys"]
        )
        assert "dub_start_seconds" not in voice
        shown = position + 1 if speed < 0 else position
        heard = a[1] + (shown - a[0]) * (b[1] - a[1]) / (b[0] - a[0])
        assert heard == Fraction(at - dub_at) / cut.rate
    else:
        media = cut.world.media[clip["media_path"]]
        own_rate = media.rate if "sequence_rate" not in clip else Fraction(clip["sequence_rate"])
        assert own_rate == cut.rate and speed == 1
        into = (position - media.first) / own_rate - Fraction(voice["dub_start_seconds"])
        assert into == Fraction(at - dub_at) / cut.rate
