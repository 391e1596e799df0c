# SPDX-License-Identifier: Apache-2.0
"""The acoustic aligner: pocketsphinx with the model its wheel carries.

Beams, padding and the order of attempts come from trials on clean, noisy, fast and foreign speech.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plosive.speech.sound.prosody import HOP_SAMPLES
from plosive.speech.text.lexicon import Pronunciation

__all__ = ["Aligned", "AlignedPhone", "AlignedWord", "Grammar", "align", "decode_phones", "recognise"]

_PAD_HOPS = 30  # speech that starts or stops at the very edge fails to align
# A frame of the aligner stands for the 25.6 ms after its time, so its boundaries come early: by 7.8 ms on
# paper, by 10 in the median of 866 boundaries of synthetic speech in six languages and by 5 to 9 on speech
# labelled by hand. A little more silence in front puts them right.
_EARLY_SAMPLES = 160
_COARSE_SCALE = 1.4  # makes coarse scores comparable (eight languages)
_SKIP = 1e-3  # price of leaving out a word


class Grammar(Enum):
    """How strictly the words must be said."""

    EXACT = "all words, in order"
    WIDE = "all words, in order, however badly they fit"
    COARSE = "all words, in order, with scores in coarse steps"
    OPTIONAL = "any word may be left out"
    PREFIX = "the words from the first on, up to any one"


_BEAMS: dict[Grammar, dict[str, float]] = {
    Grammar.EXACT: {},
    Grammar.WIDE: {"beam": 1e-80, "pbeam": 1e-80, "wbeam": 1e-60},
    # In the usual fine steps the scores of long bad stretches overflow and good paths are lost.
    Grammar.COARSE: {"beam": 1e-80, "pbeam": 1e-80, "wbeam": 1e-60, "logbase": 1.0003},
    Grammar.OPTIONAL: {"beam": 1e-60, "pbeam": 1e-60, "wbeam": 1e-40},
    Grammar.PREFIX: {"beam": 1e-60, "pbeam": 1e-60, "wbeam": 1e-40},
}


@dataclass(frozen=True)
class AlignedPhone:
    """A phone in hops of the given samples; `score` is the aligner's (0 is best) over the whole phone."""

    symbol: str
    start: int
    end: int
    score: float = 0.0


@dataclass(frozen=True)
class AlignedWord:
    """A word in hops; `index` is its place in the words given (or -1), `likelihood` 0..1 when recognised."""

    text: str
    start: int
    end: int
    index: int = -1
    likelihood: float = 1.0


@dataclass(frozen=True)
class Aligned:
    """What was found: phones that tile the samples, and words in order."""

    phones: tuple[AlignedPhone, ...]
    words: tuple[AlignedWord, ...]


def align(
    samples: NDArray[np.float32], words: Sequence[Pronunciation], grammar: Grammar = Grammar.EXACT
) -> Aligned | None:
    """`words` placed in mono 16 kHz `samples`, or None when they do not fit."""
    with tempfile.TemporaryDirectory(prefix="plosive") as folder:
        dictionary = Path(folder) / "words.dict"
        names = _write_dictionary(dictionary, words)
        said = [name for name in names if name]
        if not said:
            return None
        places = [place for place, name in enumerate(names) if name]
        pcm = _padded(samples)
        beams = _BEAMS[grammar]
        if grammar in (Grammar.OPTIONAL, Grammar.PREFIX):
            chooser = _decoder(dict=str(dictionary), lm=None, **beams)
            _set_grammar(chooser, said, grammar)
            if not _run(chooser, pcm) or chooser.hyp() is None:
                return None
            heard = [_plain(segment.word) for segment in chooser.seg()]
            chosen = _chosen([word for word in heard if word.startswith("w")], said)
            said, places = [said[row] for row in chosen], [places[row] for row in chosen]
        if not said:
            return None
        decoder = _decoder(dict=str(dictionary), lm=None, **beams)
        decoder.set_align_text(" ".join(said))
        if not _run(decoder, pcm) or decoder.hyp() is None:
            return None
        found = _phones_of(decoder, pcm, len(samples), _COARSE_SCALE if grammar is Grammar.COARSE else 1.0)
    if found is None or len(found.words) != len(places):
        return None
    named = tuple(
        AlignedWord(words[place].word, word.start, word.end, place)
        for word, place in zip(found.words, places, strict=True)
    )
    return Aligned(found.phones, named)


def recognise(samples: NDArray[np.float32]) -> Aligned | None:
    """English words heard in mono 16 kHz `samples`, each with its likelihood; None when none was."""
    decoder = _decoder()
    pcm = _padded(samples)
    if not _run(decoder, pcm) or decoder.hyp() is None:
        return None
    heard = [(_plain(segment.word), float(segment.prob)) for segment in decoder.seg()]
    spoken = [(word, likelihood) for word, likelihood in heard if not word.startswith(("<", "[", "+"))]
    found = _phones_of(decoder, pcm, len(samples)) if spoken else None
    if found is None or len(found.words) != len(spoken):
        return None
    named = tuple(
        AlignedWord(text, word.start, word.end, -1, min(max(likelihood, 0.0), 1.0))
        for word, (text, likelihood) in zip(found.words, spoken, strict=True)
    )
    return Aligned(found.phones, named)


def decode_phones(samples: NDArray[np.float32]) -> tuple[AlignedPhone, ...]:
    """Phones heard in mono 16 kHz `samples` whatever the language, tiling them."""
    from pocketsphinx import get_model_path

    model = Path(get_model_path("en-us")) / "en-us-phone.lm.bin"
    decoder = _decoder(allphone=str(model), lm=None, lw=2.0, beam=1e-20, pbeam=1e-20)
    if not _run(decoder, _padded(samples)) or decoder.hyp() is None:
        return _tiled([], len(samples))
    return _tiled(
        [AlignedPhone(s.word, s.start_frame, s.end_frame + 1) for s in decoder.seg()],
        len(samples),
    )


def _decoder(**options: Any) -> Any:
    from pocketsphinx import Decoder

    return Decoder(loglevel="FATAL", **options)


def _padded(samples: NDArray[np.float32]) -> bytes:
    silence = np.zeros(_PAD_HOPS * HOP_SAMPLES, np.float32)
    padded = np.concatenate([silence, np.zeros(_EARLY_SAMPLES, np.float32), samples, silence])
    return bytes((np.clip(padded, -1, 1) * 32767).astype("<i2").tobytes())


def _run(decoder: Any, pcm: bytes) -> bool:
    """One pass over the sound; False when the aligner gives up.

    Never ask for `hyp()` after the phone pass: pocketsphinx 5 crashes there.
    """
    try:
        decoder.start_utt()
        decoder.process_raw(pcm, no_search=False, full_utt=True)
        decoder.end_utt()
    except RuntimeError:  # "Failed to stop utterance": no path reached the end
        return False
    return True


def _phones_of(decoder: Any, pcm: bytes, samples: int, scale: float = 1.0) -> Aligned | None:
    """Second pass: the phones of the words just found; their scores are multiplied by `scale`."""
    try:
        decoder.set_alignment()
    except RuntimeError:
        return None
    if not _run(decoder, pcm):
        return None
    phones: list[AlignedPhone] = []
    words: list[AlignedWord] = []
    for word in decoder.get_alignment():
        phones += [AlignedPhone(p.name, p.start, p.start + p.duration, -p.score * scale) for p in word]
        if not word.name.startswith(("<", "[", "+")):
            start, end = word.start - _PAD_HOPS, word.start + word.duration - _PAD_HOPS
            words.append(AlignedWord(_plain(word.name), max(start, 0), max(end, 1)))
    return Aligned(_tiled(phones, samples), tuple(words))


def _tiled(phones: list[AlignedPhone], samples: int) -> tuple[AlignedPhone, ...]:
    """Phones without the padding, fillers as SIL and joined, covering every hop of the samples."""
    hops = -(-samples // HOP_SAMPLES)
    tiles: list[AlignedPhone] = []
    at = 0
    for phone in [*phones, AlignedPhone("SIL", hops + _PAD_HOPS, hops + _PAD_HOPS)]:
        start, end = (min(max(time - _PAD_HOPS, 0), hops) for time in (phone.start, phone.end))
        symbol = phone.symbol if phone.symbol.isalpha() else "SIL"
        start = max(start, at)
        pieces = [AlignedPhone("SIL", at, start)] if start > at else []
        if end > start:
            pieces.append(AlignedPhone(symbol, start, end, phone.score))
        for piece in pieces:
            if tiles and tiles[-1].symbol == piece.symbol == "SIL":
                piece = AlignedPhone("SIL", tiles.pop().start, piece.end)
            tiles.append(piece)
        at = max(at, end)
    return tuple(tiles)


def _plain(word: str) -> str:
    """A word without the number of its pronunciation: `read(2)` -> `read`."""
    return str(word).split("(")[0]


def _write_dictionary(path: Path, words: Sequence[Pronunciation]) -> list[str]:
    """Writes the pronunciations; gives each word's name in it, empty for one that cannot be said."""
    names: dict[str, str] = {}
    lines: list[str] = []
    for word in words:
        if word.word not in names:
            name = names[word.word] = f"w{len(names)}" if word.ways else ""
            for number, way in enumerate(word.ways, start=1):
                lines.append(f"{name}{f'({number})' if number > 1 else ''} {' '.join(way)}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return [names[word.word] for word in words]


def _set_grammar(decoder: Any, said: list[str], grammar: Grammar) -> None:
    """A chain of words with ways to leave it: skipping single words, or ending early."""
    last = len(said)
    transitions: list[tuple[Any, ...]] = []
    for state, name in enumerate(said):
        transitions.append((state, state + 1, 1.0 - _SKIP, name))
        transitions.append((state, state + 1 if grammar is Grammar.OPTIONAL else last, _SKIP))
    fsg = decoder.create_fsg("words", 0, last, transitions)
    decoder.add_fsg("words", fsg)
    decoder.activate_search("words")


def _chosen(heard: list[str], said: list[str]) -> list[int]:
    """Which of the words `said` were heard; `heard` is `said` with some left out, so look ahead in order."""
    rows: list[int] = []
    at = 0
    for word in heard:
        at = said.index(word, at)
        rows.append(at)
        at += 1
    return rows
