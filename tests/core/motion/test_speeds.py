# SPDX-License-Identifier: Apache-2.0
"""The demo sentence said slowly and fast: every p, b and m still closes."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import plosive.demo
from plosive.motion import motion_curves
from plosive.speech import SAMPLE_RATE, PhoneSource, Speech, analyse_speech

WORDS = "Maybe Bob prefers fluffy purple muffins"
LABIALS = ["M", "B", "B", "B", "P", "P", "P", "M"]
RATES = (Fraction(24000, 1001), Fraction(25), Fraction(60))


def said_at(speed: float) -> NDArray[np.float32]:
    """The sentence of the demo at `speed`, its pitch kept (FFmpeg's atempo); mono 16 kHz."""
    import av
    from av.filter import Graph

    path = Path(plosive.demo.__file__).parent / "maybe_bob.wav"
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        graph = Graph()
        nodes = [
            graph.add_abuffer(template=stream),
            graph.add("atempo", f"{speed}"),
            graph.add("aformat", f"sample_fmts=flt:sample_rates={SAMPLE_RATE}:channel_layouts=mono"),
            graph.add("abuffersink"),
        ]
        graph.link_nodes(*nodes).configure()
        pieces = []
        for frame in [*container.decode(stream), None]:
            graph.push(frame)
            while True:
                try:
                    pieces.append(graph.pull().to_ndarray()[0])
                except (av.error.BlockingIOError, av.error.EOFError):
                    break
    return np.concatenate(pieces).astype(np.float32)


@pytest.fixture(scope="module", params=[0.7, 1.0, 1.6, 2.2])
def speech(request: pytest.FixtureRequest) -> Speech:
    return analyse_speech(said_at(request.param), transcript=WORDS)


def test_every_plosive_is_heard(speech: Speech) -> None:
    assert speech.source is PhoneSource.ALIGNED
    assert [phone.symbol for phone in speech.phones if phone.symbol in LABIALS] == LABIALS


@pytest.mark.parametrize("rate", RATES)
def test_every_plosive_closes(speech: Speech, rate: Fraction) -> None:
    centres = [(k + Fraction(1, 2)) / rate for k in range(int(speech.duration_seconds * rate))]
    curves = motion_curves(speech, centres, frame_seconds=1 / rate)
    for phone in speech.phones:
        if phone.symbol in LABIALS:
            around = [
                row
                for row, centre in enumerate(centres)
                if phone.start_seconds - 1 / rate <= centre <= phone.end_seconds + 1 / rate
            ]
            assert (curves.values[around, 0] == 0).any(), phone
            assert (curves.closure[around] == 1).any(), phone


def test_vowels_open_between_them_even_when_fast(speech: Speech) -> None:
    centres = [(k + Fraction(1, 2)) / 60 for k in range(int(speech.duration_seconds * 60))]
    curves = motion_curves(speech, centres, frame_seconds=Fraction(1, 60))
    bob = next(word for word in speech.words if word.text.lower() == "bob")
    inside = [row for row, centre in enumerate(centres) if bob.start_seconds <= centre <= bob.end_seconds]
    assert curves.values[inside, 0].max() > 0.15
