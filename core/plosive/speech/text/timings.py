# SPDX-License-Identifier: Apache-2.0
"""Words and phones that another program has timed: Praat and Montreal Forced Aligner, Resolve, Whisper.

Read are TextGrid (long and short), the aligner's CSV (`Begin,End,Label,Type`) and JSON (praatio's tiers), and
JSON of words: a list of them, `{"words": [...]}`, or `{"language": "de", "segments": [{"start": 0, "end": 1,
"text": "...", "speaker": "...", "words": [...]}]}` as Resolve's GetTranscription, Whisper and WhisperX give.
A word is `{"word" or "text": "Bob", "start" or "start_sec": 0.5, "end" or "end_sec": 0.9}`.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from plosive.errors import OptionError
from plosive.speech.model import Word
from plosive.speech.text.cue_text import spoken_text
from plosive.speech.text.phone_labels import Interval, phones_of
from plosive.speech.text.script import Cue, Script
from plosive.speech.text.textfile import bytes_of, decoded

__all__ = ["TIMING_SUFFIXES", "read_timings"]

TIMING_SUFFIXES = (".textgrid", ".csv", ".json")
_SILENT = frozenset({"", "sil", "sp", "spn", "<eps>", "<sil>", "<unk>", "{sl}", "{ns}", "#"})
_CLOCK = re.compile(r"^(?:(\d+):)?(\d{1,2}):(\d{1,2}(?:[.,]\d+)?)$")
_STARTS = ("start", "start_sec", "start_seconds", "start_time", "begin")
_ENDS = ("end", "end_sec", "end_seconds", "end_time")


def read_timings(path: Path, language: str = "") -> Script:
    """Words, phones or both from `path`; times are seconds of the dub, rounded to hops of 10 ms for phones.

    Phones come in the aligner's symbols, without gaps; IPA is read as the sounds of `language`. Without a
    tier of words the script has no text. Raises `OptionError` for a file that is none of the forms above.
    """
    text = decoded(bytes_of(path))
    try:
        if path.suffix.lower() == ".csv":
            script = _from_tiers(_csv_tiers(text), language)
        elif path.suffix.lower() == ".json":
            script = _from_json(json.loads(text), language)
        else:
            script = _from_tiers(_textgrid_tiers(text), language)
    except OptionError:
        raise
    except Exception as error:  # praatio raises anything on a damaged file
        kind = {".csv": "a CSV of an aligner", ".json": "timed words in JSON"}.get(
            path.suffix.lower(), "a TextGrid"
        )
        raise OptionError(f"{path} cannot be read as {kind}; export it anew.") from error
    if not (script.words or script.phones or script.cues):
        raise OptionError(
            f"{path} has no timed words or phones; tiers are called 'words' and 'phones', words have a start "
            "and an end."
        )
    return script


def _textgrid_tiers(text: str) -> dict[str, list[Interval]]:
    from praatio.utilities.textgrid_io import parseTextgridStr

    tiers: dict[str, list[Interval]] = {}
    for tier in parseTextgridStr(text, includeEmptyIntervals=True)["tiers"]:
        if tier["class"] == "IntervalTier" or tier["class"] == "interval":
            entries = (
                Interval(_seconds(start), _seconds(end), str(label)) for start, end, label in tier["entries"]
            )
            tiers.setdefault(_kind(tier["name"]), []).extend(entries)
    return tiers


def _csv_tiers(text: str) -> dict[str, list[Interval]]:
    tiers: dict[str, list[Interval]] = {}
    for row in csv.DictReader(io.StringIO(text)):
        cells = {(name or "").strip().lower(): (cell or "") for name, cell in row.items() if name}
        label = cells["label"] if "label" in cells else cells["text"]
        interval = Interval(_seconds(cells["begin"]), _seconds(cells["end"]), label)
        tiers.setdefault(_kind(cells.get("type", "words")), []).append(interval)
    return tiers


def _kind(name: str) -> str:
    """`words`, `phones` or neither: the last part of a tier's name (`Ann - phones`) says which."""
    last = re.split(r"[\s/:_-]+", name.strip().lower())[-1]
    if last in ("word", "words", "wrd", "ort", "orthography", "kan"):
        return "words"
    return "phones" if last in ("phone", "phones", "phn", "phoneme", "phonemes", "segments", "mau") else last


def _from_tiers(tiers: dict[str, list[Interval]], language: str) -> Script:
    spoken = [each for each in tiers.get("words", []) if each.label.strip().lower() not in _SILENT]
    words = _words((each.label, each.start, each.end) for each in spoken)
    phones, warnings = phones_of(tiers.get("phones", []), language)
    return Script(_cues_of(words), words, phones, warnings=warnings)


def _from_json(document: Any, language: str) -> Script:
    if isinstance(document, dict) and isinstance(document.get("tiers"), (dict, list)):
        return _from_tiers(_textgrid_tiers(json.dumps(document)), language)
    found = document if isinstance(document, dict) else {"words": document}
    said = found.get("language")
    claim = said if isinstance(said, str) and said else None
    segments = found.get("segments") or [found]
    listed: list[dict[str, Any]] = found.get("words") or []
    if not listed:
        listed = [word for segment in segments for word in segment.get("words") or []]
    words = _words(_timed(listed))
    if words:
        return Script(_cues_of(words), words, language=claim)
    cues: list[Cue] = []
    for segment in segments:
        text, speaker = spoken_text(str(segment.get("text") or ""))
        start, end = (_optional(segment, names) for names in (_STARTS, _ENDS))
        if text and start is not None and end is not None and end > start:
            cues.append(Cue(text, start, end, segment.get("speaker") or speaker))
        elif text:
            cues.append(Cue(text, speaker=segment.get("speaker") or speaker))
    return Script(tuple(cues), language=claim)


def _timed(listed: Iterable[dict[str, Any]]) -> Iterator[tuple[str, Fraction, Fraction]]:
    """Words with times; one without them (Whisper times no digits) shares the gap between its neighbours."""
    waiting: list[str] = []
    since = Fraction(0)
    for word in [*listed, {}]:
        text = str(word.get("word") or word.get("text") or word.get("punctuated_word") or "").strip()
        start, end = (_optional(word, names) for names in (_STARTS, _ENDS))
        if word and (start is None or end is None):
            waiting += [text] if text else []
            continue
        if waiting:
            until = start if start is not None and start > since else since + Fraction(len(waiting), 4)
            step = (until - since) / len(waiting)
            yield from (
                (each, since + step * row, since + step * (row + 1)) for row, each in enumerate(waiting)
            )
            waiting = []
        if text and start is not None and end is not None:
            yield text, start, end
            since = max(since, end)


def _words(timed: Iterable[tuple[str, Fraction, Fraction]]) -> tuple[Word, ...]:
    """In order of time, none before the dub or shorter than nothing, none beyond the next one's start."""
    ordered = sorted(
        (max(start, Fraction(0)), end, text.strip()) for text, start, end in timed if text.strip()
    )
    words: list[Word] = []
    for row, (start, end, text) in enumerate(ordered):
        if row + 1 < len(ordered) and ordered[row + 1][0] > start:
            end = min(end, ordered[row + 1][0])
        if end > start:
            words.append(Word(text, start, end))
    return tuple(words)


def _cues_of(words: Sequence[Word]) -> tuple[Cue, ...]:
    return tuple(Cue(word.text, word.start_seconds, word.end_seconds) for word in words)


def _optional(item: dict[str, Any], names: Sequence[str]) -> Fraction | None:
    found = [item[name] for name in names if item.get(name) is not None]
    return _seconds(found[0]) if found else None


def _seconds(value: Any) -> Fraction:
    """Seconds of a number, its text, or `01:02:03.5`; what a float meant, to the microsecond.

    Raises `OptionError` for a timecode, whose frame rate nobody says.
    """
    if isinstance(value, str):
        clock = _CLOCK.match(value.strip())
        if clock:
            hours, minutes, seconds = clock.groups()
            return int(hours or 0) * 3600 + int(minutes) * 60 + Fraction(seconds.replace(",", "."))
        if value.count(":") + value.count(";") == 3:
            raise OptionError(
                f"The time '{value}' counts frames, which words need in seconds; export seconds."
            )
        return Fraction(value.strip())
    return Fraction(str(value)).limit_denominator(1_000_000)
