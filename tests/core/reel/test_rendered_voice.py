# SPDX-License-Identifier: Apache-2.0
"""What the report of a reel says of who says what."""

from __future__ import annotations

import pytest

from plosive.reel.dub.job_voice import JobVoice
from plosive.reel.renders.voice import rendered_voices


def record(
    *speakers: tuple[str | None, list[int]], names: tuple[str | None, ...] = (None, None)
) -> dict[str, object]:
    return {
        "faces": [
            {"number": 10 + place, "person": place, "name": name} for place, name in enumerate(names, start=1)
        ],
        "speakers": [{"name": name, "faces": numbers} for name, numbers in speakers],
    }


@pytest.mark.parametrize(
    ("voice", "made", "said", "found"),
    [
        (JobVoice(), record((None, [11])), "face 1, words as heard", "auto"),
        (JobVoice(face="2"), record((None, [12])), "face 2, words as heard", "chosen"),
        (
            JobVoice("Anna", told="a.srt"), record(("ANNA", [12])),
            "Anna: face 2 (told by its lips), words from a.srt", "lips",
        ),
        (
            JobVoice("Anna"), record(("Anna", [12]), names=("Ben", "anna")),
            "Anna: face anna, words as heard", "cast",
        ),
        (JobVoice("Anna"), record(("Anna", [11]), names=(None,)), "Anna: face 1, words as heard", "only"),
        (
            JobVoice("Anna", "3,4@5"), record(("Anna", [11])),
            "Anna: face 1 (3,4@5), words as heard", "chosen",
        ),
        (JobVoice("Ben", "off", note="for 0.2 s"), record(("Ben", [])), "Ben: no face, for 0.2 s", ""),
        (JobVoice("Ben"), {}, "Ben: no face, words as heard", ""),
    ],
)  # fmt: skip
def test_who_says_what(voice: JobVoice, made: dict[str, object], said: str, found: str) -> None:
    (told,) = rendered_voices((voice,), made)
    assert (str(told), told.found) == (said, found)
