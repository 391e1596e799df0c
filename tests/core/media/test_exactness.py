# SPDX-License-Identifier: Apache-2.0
"""What a writer says of its result."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from plosive.geometry import Box
from plosive.media import open_plate, open_writer
from plosive.media.exactness import Exactness, Fate, FrameFate

COPIED, PATCHED = FrameFate(Fate.COPIED), FrameFate(Fate.PATCHED)
BROKEN, OTHER = FrameFate(Fate.REWRITTEN, "It is broken."), FrameFate(Fate.REWRITTEN, "It is another.")


def test_counts_ranges_and_sentences() -> None:
    told = Exactness(
        "Blocks stay.",
        (COPIED, PATCHED, BROKEN, BROKEN, PATCHED, BROKEN, OTHER),
        lost=("The tags are lost.",),
    )
    facts = told.facts(1001)
    assert facts["frames"] == {"copied": 1, "patched": 2, "rewritten": 4}
    assert facts["rewritten_ranges"] == [
        {"first_frame": 1003, "last_frame_inclusive": 1004, "reason": "It is broken."},
        {"first_frame": 1006, "last_frame_inclusive": 1006, "reason": "It is broken."},
        {"first_frame": 1007, "last_frame_inclusive": 1007, "reason": "It is another."},
    ]
    assert told.reasons == ("It is broken.", "It is another.")
    assert told.sentences() == (
        "Frames: 1 copied byte for byte, 2 patched where the matte is, 4 compressed anew. Blocks stay.",
        "The tags are lost.",
    )


@pytest.mark.parametrize(
    ("suffix", "kind", "promise"),
    [
        ("exr", "half", "every chunk of pixels"),
        ("dpx", "uint16", "every byte but those"),
        ("tif", "uint16", "every strip or tile"),
        ("png", "uint8", "all that is not picture"),
        ("jpg", "uint8", "compressed anew whole"),
    ],
)
def test_each_image_format_has_its_promise(make: Any, suffix: str, kind: str, promise: str) -> None:
    plate = make.images(f"p.{{frame}}.{suffix}", kind)
    out = make.folder / "out"
    out.mkdir()
    with open_plate(plate) as reader, open_writer(out / f"p.####.{suffix}", reader) as writer:
        for frame in reader.frames():
            change, touched = np.full((8, 8, 3), 0.1, np.float32), np.ones((8, 8), bool)
            writer.write(frame.merged(Box(8, 8, 16, 16), change, touched) if frame.index == 1 else frame)
    assert promise in writer.exactness.promise
    expected = Fate.REWRITTEN if suffix == "jpg" else Fate.PATCHED
    assert [one.fate for one in writer.exactness.fates] == [Fate.COPIED, expected, Fate.COPIED]
