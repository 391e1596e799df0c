# SPDX-License-Identifier: Apache-2.0
"""The score as strict JSON."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from plosive.quality.record import json_ready, scorecard_facts
from plosive.quality.scorecard import Scorecard


def test_facts_are_strict_json_and_say_all(small_card: Scorecard) -> None:
    facts = json.loads(json.dumps(scorecard_facts(small_card), allow_nan=False))
    assert facts["schema"] == "plosive.score.v1"
    assert (facts["total"], facts["total_of"]) == (1.525, 2)
    assert [point["value"] for point in facts["points"]] == [0.625, 0.9, None]
    assert facts["frame_rate"] == "24000/1001"
    assert (facts["first_frame"], facts["last_frame_inclusive"], facts["frame_count"]) == (0, 11, 12)
    closures, drift = facts["figures"]
    assert closures == {
        "key": "closures",
        "title": "Closures",
        "value": 0.625,
        "unit": "",
        "text": "Share of p, b, m.",
        "better": "higher is better",
        "reference": [0.85, 1.0],
        "needs_plate": False,
        "sample_count": 8,
        "counted": "phones",
        "note": "",
        "details": {"missed": [3, None], "rate": "1/3"},
    }
    assert (drift["value"], drift["reference"], drift["note"]) == (None, None, "There is no plate.")
    first, second = facts["faces"]
    assert first["figures"] == [closures]
    assert first["not_measured"] == [
        {"first_frame": 11, "last_frame_inclusive": 11, "reason": "the face is turned away"}
    ]
    assert second["is_scored"] is False
    flag, other = facts["flags"]
    assert (flag["first_timecode"], flag["last_timecode_inclusive"]) == ("01:00:00:02", "01:00:00:04")
    assert (flag["severity"], flag["value"], flag["reference"], flag["face"]) == (0.75, 0.1, 0.85, 1)
    assert other["value"] is None
    assert facts["equalities"][1]["is_equal"] is None
    assert facts["phones"] == [{"symbol": "B", "start_seconds": "1/24", "end_seconds": "1/12"}]
    assert facts["speech"] == {"phones_from": "forced alignment of the transcript", "confidence": 0.61}
    assert facts["warnings"] == ["The dub is quiet."]
    assert facts["plate"] == str(small_card.plate)
    assert "series" not in facts


def test_series_read_back_to_the_same_numbers(small_card: Scorecard) -> None:
    facts = json.loads(json.dumps(scorecard_facts(small_card, with_series=True), allow_nan=False))
    aperture = facts["series"]["aperture"]
    assert aperture[-1] is None
    assert np.array_equal(np.array(aperture[:-1], np.float32), small_card.series["aperture"][:-1])
    assert facts["frame_seconds"][:3] == ["0", "1001/24000", "1001/12000"]
    assert np.shape(facts["lip_boxes"]) == (12, 4)


def test_without_timecode_or_plate_there_is_none(small_card: Scorecard) -> None:
    from dataclasses import replace

    facts = scorecard_facts(replace(small_card, start_timecode=None, plate=None))
    assert facts["plate"] is None
    (flag, _) = facts["flags"]  # type: ignore[misc]
    assert flag["first_timecode"] is None  # type: ignore[has-type]


def test_every_kind_of_number_is_made_plain() -> None:
    given = {1: np.float32(0.1), "b": np.int64(3), "c": np.bool_(True), "d": float("inf"), "e": Path("a")}
    assert json_ready(given) == {"1": 0.1, "b": 3, "c": True, "d": None, "e": "a"}
    with pytest.raises(TypeError, match="set has no JSON form"):
        json_ready({1, 2})
