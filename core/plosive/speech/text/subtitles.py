# SPDX-License-Identifier: Apache-2.0
"""Subtitle files: SRT, WebVTT, SBV, ASS and SSA through pysubs2, TTML, EBU STL and SCC through ttconv."""

from __future__ import annotations

import io
import logging
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from plosive.errors import OptionError
from plosive.speech.text.cue_text import spoken_text
from plosive.speech.text.script import Cue, Script
from plosive.speech.text.textfile import bytes_of, decoded

__all__ = ["SUBTITLE_SUFFIXES", "read_subtitles"]

_TEXT_FORMATS = {".srt": "srt", ".vtt": "vtt", ".sbv": "sbv", ".ass": "ass", ".ssa": "ssa"}
_XML = (".ttml", ".dfxp", ".itt", ".xml")
SUBTITLE_SUFFIXES = (*_TEXT_FORMATS, *_XML, ".stl", ".scc")
_TOUCHING_SECONDS = Fraction(1, 20)
_LEFTOVER = re.compile(r"^\s*(?:\d+|.*-->.*)$", re.MULTILINE)  # of a damaged cue: its number, its times
_ID = "{http://www.w3.org/XML/1998/namespace}id"
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_AGENT = "{http://www.w3.org/ns/ttml#metadata}"


def read_subtitles(path: Path) -> Script:
    """The cues of a subtitle file, in order of time, with what is spoken in them.

    Times are as the file counts them. Raises `OptionError` for a file that cannot be read or has no subtitles
    in it.
    """
    suffix = path.suffix.lower()
    raw = bytes_of(path)
    language: str | None = None
    try:
        with _quiet():
            if suffix in _XML:
                cues, language = _from_ttml(raw)
            elif suffix in (".stl", ".scc"):
                cues = _from_broadcast(raw, suffix)
            else:
                cues = _from_text(decoded(raw), _TEXT_FORMATS[suffix])
    except Exception as error:  # a damaged file makes the libraries raise anything
        reason = " ".join(str(error).split()) or type(error).__name__
        raise OptionError(
            f"The subtitles {path} cannot be read ({reason[:120]}); export them anew."
        ) from error
    if not cues:
        raise OptionError(f"The subtitles {path} have no cue that can be read; export them anew.")
    cues = _without_repeats(cues)
    return Script(tuple(_spoken(cues)), language=language)


@contextmanager
def _quiet() -> Iterator[None]:
    """ttconv logs, and pysubs2 warns of, each odd line."""
    logger = logging.getLogger("ttconv")
    level = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)


def _from_text(text: str, form: str) -> list[Cue]:
    from pysubs2 import SSAFile

    text = text.replace("\r\n", "\n").replace("\r", "\n")
    own = {"keep_html_tags": True, "keep_unknown_html_tags": True} if form in ("srt", "vtt") else {}
    # SBV has no name in pysubs2, which knows it when it sees it.
    subtitles = SSAFile.from_string(text, format_=None if form == "sbv" else form, **own)
    cues: list[Cue] = []
    for event in subtitles:
        if event.is_comment or event.is_drawing:
            continue
        lines = event.text.replace("\\N", "\n").replace("\\n", "\n").replace("\\h", " ")
        if form == "vtt":
            lines = lines.split("\n\n")[0]  # a note or a style may follow
        elif form == "srt":
            lines = _LEFTOVER.sub("", lines) if "-->" in lines else lines
        start, end = Fraction(event.start, 1000), Fraction(event.end, 1000)
        cues.append(_cue(lines, start, end, event.name or None))
    return cues


def _from_ttml(raw: bytes) -> tuple[list[Cue], str | None]:
    import xml.etree.ElementTree as Tree

    from ttconv.imsc import reader

    # Drafts of the standard had other names for the same elements.
    raw = re.sub(rb"http://www\.w3\.org/2006/\d\d/ttaf1", b"http://www.w3.org/ns/ttml", raw)
    root = Tree.fromstring(raw)
    names = {
        agent.get(_ID): (agent.findtext(f"{_AGENT}name") or "").strip()
        for agent in root.iter(f"{_AGENT}agent")
    }
    for paragraph in root.iter("{http://www.w3.org/ns/ttml}p"):
        name = names.get(paragraph.get(f"{_AGENT}agent"))
        if name:  # the library drops agents: told as WebVTT tells them
            paragraph.text = f"<v {name}>{paragraph.text or ''}"
    document = reader.to_model(Tree.ElementTree(root))
    body = document.get_body() if document is not None else None
    cues = list(_paragraphs(body, Fraction(0))) if body is not None else []
    return cues, root.get(_LANGUAGE) or None


def _from_broadcast(raw: bytes, suffix: str) -> list[Cue]:
    if suffix == ".stl":
        from ttconv.stl import reader as stl

        document: Any = stl.to_model(io.BytesIO(raw))
    else:
        from ttconv.scc import reader as scc

        document = scc.to_model(decoded(raw))
    body = document.get_body()
    return list(_paragraphs(body, Fraction(0))) if body is not None else []


def _paragraphs(element: Any, since: Fraction) -> Iterator[Cue]:
    """The cues within `element` of a ttconv document; `since` is where its parent begins."""
    from ttconv import model

    begin = since + Fraction(element.get_begin() or 0)
    if not isinstance(element, model.P):
        for child in element:
            yield from _paragraphs(child, begin)
        return
    end = None if element.get_end() is None else since + Fraction(element.get_end())
    if element.get_begin() is None and end is None:
        own = [span for span in element if isinstance(span, model.Span) and span.get_begin() is not None]
        ends = [span.get_end() for span in own if span.get_end() is not None]
        end = begin + max(map(Fraction, ends)) if ends else None
        begin += min((Fraction(span.get_begin()) for span in own), default=Fraction(0))
    yield _cue(_text_of(element), None if end is None else begin, end)


def _text_of(element: Any) -> str:
    from ttconv import model

    if isinstance(element, model.Text):
        return " ".join(element.get_text().split("\n"))
    if isinstance(element, model.Br):
        return "\n"
    if isinstance(element, (model.Rt, model.Rp)):  # how a character is read, beside it
        return ""
    return "".join(_text_of(child) for child in element)


def _cue(text: str, start: Fraction | None, end: Fraction | None, speaker: str | None = None) -> Cue:
    if start is None or end is None or end <= start:
        return Cue(text, speaker=speaker)
    return Cue(text, start, end, speaker)


def _without_repeats(cues: list[Cue]) -> list[Cue]:
    """In order of time, without lines that live captions show once more while they roll up."""
    order: list[tuple[Fraction, int, Cue]] = []  # a cue without times stays behind the one before it
    for row, cue in enumerate(cues):
        start = cue.start_seconds
        order.append(((order[-1][0] if order else Fraction(0)) if start is None else start, row, cue))
    kept: list[Cue] = []
    shown: list[str] = []
    until = Fraction(-1)
    for _, _, cue in sorted(order, key=lambda item: item[:2]):
        lines = [line for line in cue.text.split("\n") if line.strip()]
        start, end = cue.start_seconds, cue.end_seconds
        plain = [re.sub(r"<[^>]*>", "", line).strip() for line in lines]
        if start is not None and end is not None and abs(start - until) < _TOUCHING_SECONDS:
            rolling = len(lines) > 1 or end - start < _TOUCHING_SECONDS
            while rolling and plain and plain[0] in shown:
                lines, plain = lines[1:], plain[1:]
        if end is not None:
            shown, until = plain or shown, end
        if lines:
            kept.append(replace(cue, text="\n".join(lines)))
    return kept


def _spoken(cues: list[Cue]) -> Iterator[Cue]:
    for cue in cues:
        text, speaker = spoken_text(cue.text)
        if text:
            yield replace(cue, text=text, speaker=cue.speaker or speaker)
