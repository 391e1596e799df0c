# SPDX-License-Identifier: Apache-2.0
"""Very fast speech, slowed for the aligner: its phones last at least 30 ms, a hurried speaker's do not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from plosive.speech.alignment.aligner import Aligned
from plosive.speech.model import SAMPLE_RATE
from plosive.speech.text.lexicon import Pronunciation

__all__ = ["at_full_speed", "haste", "slowed"]

_USUAL_PHONES_PER_SECOND = 13.0
_FAST_PHONES_PER_SECOND = 18.0  # up to here alignment holds; it fails from about 23 on
_SKEW_HOPS = 2  # atempo brings what it slows 20 ms early (phones of one sentence at 2 to 3 times its speed)
_MOST_SLOWED = 2.0


def haste(words: Sequence[Pronunciation], runs: Sequence[tuple[int, int]]) -> float:
    """By how much to slow speech in `runs` (hops) that holds all of `words`; 1.0 where it need not be."""
    phones = sum(len(word.ways[0]) for word in words if word.ways)
    seconds = sum(end - start for start, end in runs) / 100
    if not seconds or phones / seconds <= _FAST_PHONES_PER_SECOND:
        return 1.0
    return min(phones / seconds / _USUAL_PHONES_PER_SECOND, _MOST_SLOWED)


def slowed(samples: NDArray[np.float32], factor: float) -> NDArray[np.float32]:
    """Mono 16 kHz `samples` lasting `factor` times as long, pitch kept (FFmpeg's atempo, a WSOLA)."""
    import av
    from av.filter import Graph

    layout = "mono"
    graph = Graph()
    nodes = [
        graph.add_abuffer(sample_rate=SAMPLE_RATE, format="flt", layout=layout),
        graph.add("atempo", f"{1 / factor:.6f}"),
        graph.add("aformat", f"sample_fmts=flt:sample_rates={SAMPLE_RATE}:channel_layouts={layout}"),
        graph.add("abuffersink"),
    ]
    graph.link_nodes(*nodes).configure()
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples[None, :], np.float32), "flt", layout)
    frame.sample_rate = SAMPLE_RATE
    pieces: list[NDArray[np.float32]] = []
    for given in (frame, None):
        graph.push(given)
        while True:
            try:
                pieces.append(graph.pull().to_ndarray()[0])
            except (av.error.BlockingIOError, av.error.EOFError):
                break
    return np.concatenate(pieces).astype(np.float32) if pieces else samples


def at_full_speed(found: Aligned, factor: float, hops: int) -> Aligned:
    """`found` in sound slowed by `factor`, in hops of the sound as it was, which has `hops` of them."""

    def hop(slow: int) -> int:
        return min(round((slow + _SKEW_HOPS) / factor), hops)

    phones = [
        replace(phone, start=hop(phone.start), end=hop(phone.end), score=phone.score / factor)
        for phone in found.phones
    ]
    if phones:
        phones[0] = replace(phones[0], start=0)
        phones[-1] = replace(phones[-1], end=hops)
    words = [replace(word, start=hop(word.start), end=max(hop(word.end), 1)) for word in found.words]
    return Aligned(tuple(phone for phone in phones if phone.end > phone.start), tuple(words))
