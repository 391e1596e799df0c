# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: RUF001  (brackets and dashes of other scripts)
"""What is spoken in a subtitle: without markup, sounds in brackets, songs, and the names of speakers."""

from __future__ import annotations

import html
import re

__all__ = ["spoken_text"]

_VOICE = re.compile(r"<v(?:\.[^\s>]*)?\s+([^>]+)>")
_MARKUP = re.compile(r"</?[A-Za-z][^<>]*>|<[\d:.]+>|\{[^{}]*\}")
_BRACKETED = re.compile(r"\[[^\]]*\]|\([^)]*\)|（[^）]*）|【[^】]*】|\*[^*\n]+\*")
_SONG = re.compile(r"^.*[♪♫].*$", re.MULTILINE)
_DASH = re.compile(r"^[\s>]*[-‐–—]+\s*")
_LABEL = re.compile(r"^\s*([^\W\d_a-zß-öø-ÿ][^a-zß-öø-ÿа-я:!?]{1,30}?)\s?:(?!\d)\s*")  # in capitals: BOB:


def spoken_text(text: str) -> tuple[str, str | None]:
    """What is spoken in `text` on one line, and the one speaker it names (None for none or several)."""
    speakers = [name.strip() for name in _VOICE.findall(text)]
    text = html.unescape(_MARKUP.sub("", text)).replace("\u00a0", " ")
    text = _SONG.sub("", _BRACKETED.sub(" ", text))
    lines: list[str] = []
    for line in text.splitlines():
        line = _DASH.sub("", line)
        label = _LABEL.match(line)
        if label and label.group(1).upper() == label.group(1) != label.group(1).lower():
            speakers.append(label.group(1).strip())
            line = _DASH.sub("", line[label.end() :])
        lines.append(line)
    named = list(dict.fromkeys(speakers))
    return " ".join(" ".join(lines).split()), named[0] if len(named) == 1 else None
