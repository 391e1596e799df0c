# SPDX-License-Identifier: Apache-2.0
"""What is said in a dub, read from text, subtitles, or timings of another program."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from plosive.errors import LanguageError, OptionError
from plosive.speech.text.cue_text import spoken_text
from plosive.speech.text.languages import known_language
from plosive.speech.text.script import Cue, Script
from plosive.speech.text.subtitles import SUBTITLE_SUFFIXES, read_subtitles
from plosive.speech.text.textfile import bytes_of, decoded
from plosive.speech.text.timings import TIMING_SUFFIXES, read_timings
from plosive.speech.text.wording import wordings_of

__all__ = ["may_be_path", "read_script", "read_transcript", "script_file", "words_of"]

_SUFFIXES = (".txt", *SUBTITLE_SUFFIXES, *TIMING_SUFFIXES)
_LONGEST_NAME = 1000


def read_script(
    text_or_path: str | Path, *, language: str | None = None, is_from_hour: bool = True
) -> Script:
    """What is said, and what is known of its times.

    `text_or_path` is the words themselves or a file: plain text (`.txt`), subtitles (`.srt`, `.vtt`, `.sbv`,
    `.ass`, `.ssa`, `.ttml`, `.dfxp`, `.itt`, `.xml`, `.stl`, `.scc`) or words and phones with times
    (`.TextGrid`, `.csv`, `.json`). Text may be UTF-8, UTF-16 or Windows Latin. Markup, bracketed sounds,
    songs and the names of speakers are left out. Times that begin beyond an hour count from it
    (`Script.from_hour`), without `is_from_hour` as the file has them. `language` says how IPA phones are to
    be read; a language that the file or its name claims (`line.de.srt`) is in `Script.language`.
    Raises `OptionError` for a file that is not there, cannot be read, or is of another kind, and
    `LanguageError` for a `language` that is not known.
    """
    path = script_file(text_or_path)
    if path is None:
        text = " ".join(str(text_or_path).split())
        return Script((Cue(text),) if text else ())
    named = _language_in_name(path)
    suffix = path.suffix.lower()
    if suffix in SUBTITLE_SUFFIXES:
        script = read_subtitles(path)
    elif suffix in TIMING_SUFFIXES:
        script = read_timings(path, known_language(language) if language else named or "")
    else:
        text, speaker = spoken_text(decoded(bytes_of(path)))
        script = Script((Cue(text, speaker=speaker),) if text else ())
    if is_from_hour:
        script = script.from_hour(path.name)
    return replace(script, language=named or script.language)


def read_transcript(text_or_path: str | Path) -> str:
    """The spoken text of a transcript, on one line; see `read_script`."""
    return read_script(text_or_path).text


def words_of(text: str, language: str) -> tuple[str, ...]:
    """The words of `text` in order as they are said: numbers and signs in words, punctuation dropped."""
    return tuple(wording.spoken for wording in wordings_of(text, language))


def may_be_path(text: str) -> bool:
    """Whether a transcript may be the path of a file: no other text is looked up."""
    return "\n" not in text and 0 < len(text) < _LONGEST_NAME


def script_file(text_or_path: str | Path) -> Path | None:
    """The file that is meant, None for text. Raises `OptionError` for a file of a kind that is not read."""
    given = str(text_or_path)
    is_path = may_be_path(given)
    if isinstance(text_or_path, Path) or (given.lower().endswith(_SUFFIXES) and is_path):
        return Path(text_or_path)
    path = Path(given) if is_path else None
    try:
        is_file = path is not None and bool(path.suffix) and path.is_file()
    except (OSError, ValueError):
        is_file = False
    if is_file:
        raise OptionError(
            f"The transcript {path} is of a kind that is not read; save it as .txt, .srt, .vtt, .ttml, "
            ".TextGrid or .json."
        )
    return None


def _language_in_name(path: Path) -> str | None:
    """The language in `line.de.srt`, `line.pt-BR.forced.vtt`."""
    for part in reversed(path.suffixes[:-1][-2:]):
        try:
            return known_language(part.strip(". "))
        except LanguageError:
            continue
    return None
