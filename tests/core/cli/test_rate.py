# SPDX-License-Identifier: Apache-2.0
"""Frame rates as typed."""

from __future__ import annotations

from fractions import Fraction

import pytest

from plosive.cli.rate import frame_rate
from plosive.errors import OptionError


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("24", Fraction(24)),
        ("25.0", Fraction(25)),
        ("23.976", Fraction(24000, 1001)),
        ("23.98", Fraction(24000, 1001)),
        ("29.97", Fraction(30000, 1001)),
        ("59.94", Fraction(60000, 1001)),
        ("24000/1001", Fraction(24000, 1001)),
        ("12.5", Fraction(25, 2)),
    ],
)
def test_exact(text: str, rate: Fraction) -> None:
    assert frame_rate(text) == rate


@pytest.mark.parametrize("text", ["", "fast", "24/0", "0", "-25", "nan", "1e9"])
def test_refused(text: str) -> None:
    with pytest.raises(OptionError):
        frame_rate(text)
