# SPDX-License-Identifier: Apache-2.0
"""A table of a reel's shots, with columns in which an artist chooses for single shots.

One line a shot: which it is (`number` to `last_frame`), what would be done (`plan`, `why`, and `heard`: whose
stems or lines), and what is chosen, empty where nothing is: `sync` (yes, no), `face` (as `--face` names one,
or one for each speaker, `Anna=1; Ben=off`), `speaker` (who is heard, `Anna; Ben`), `transcript` (the words,
or a file; a line may begin with `Anna:`), `strength`, `jaw`, `lip`, `articulation`, `note`. `language` empty
is all languages; a second line of a shot, with a language, says what is different there.
"""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

from plosive.conform import Edit, Shot
from plosive.errors import OptionError
from plosive.keyed import KeyedValue
from plosive.keyed_reading import read_keyed
from plosive.reel.choosing.choices import STYLES, ReelChoices, ShotChoice
from plosive.reel.choosing.sheet_rows import Row, matched, shot_cells
from plosive.reel.results.outcome import SYNCED, LanguageResult

__all__ = ["COLUMNS", "read_sheet", "sheet_text"]

COLUMNS = (
    "number", "name", "record_in", "record_out", "media", "first_frame", "last_frame", "language", "plan",
    "why", "heard", "sync", "face", "speaker", "transcript", *STYLES, "note",
)  # fmt: skip
_CHOSEN = ("sync", "face", "speaker", "transcript", *STYLES, "note")
_YES = ("yes", "y", "true", "1", "x")
_NO = ("no", "n", "false", "0", "-")
_HIGHEST = {"strength": 1.0, "jaw": 2.0, "lip": 2.0, "articulation": 2.0}
_PARTS = re.compile(r"[;|\n]")
_DECIMAL_COMMA = re.compile(r"\d*,\d+")
_PERCENT = re.compile(r"(\d+(?:[.,]\d+)?)\s*%")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def sheet_text(edit: Edit, results: Sequence[LanguageResult], choices: ReelChoices) -> str:
    """The sheet of an edit as CSV, to be written as UTF-8 with a mark, by which spreadsheets know it:
    `results` are those of a dry run, `choices` what was chosen before.
    """
    rows = io.StringIO()
    table = csv.DictWriter(rows, COLUMNS, restval="")
    table.writeheader()
    for place, shot in enumerate(edit.shots):
        told = [(one.language, one.shots[place]) for one in results]
        plans = ["sync" if one.state == SYNCED else "leave" for _, one in told]
        whys = [one.reason for _, one in told]
        heard = [", ".join(voice.speaker for voice in one.voices if voice.speaker) for _, one in told]
        if len(told) > 1:
            languages = [language for language, _ in told]
            plans = [f"{language}: {plan}" for language, plan in zip(languages, plans, strict=True)]
            whys = [f"{language}: {why}" for language, why in zip(languages, whys, strict=True) if why]
            heard = [
                f"{language}: {names}" for language, names in zip(languages, heard, strict=True) if names
            ]
        about = shot_cells(edit, shot) | {
            "plan": "; ".join(plans),
            "why": " ".join(whys),
            "heard": "; ".join(heard),
        }
        chosen = {
            language: choice
            for (number, language), choice in choices.by_shot.items()
            if number == shot.number
        }
        for language, choice in sorted(({"": ShotChoice()} | chosen).items()):
            cells = about | {"language": language} | _written(choice)
            table.writerow({name: _safe(text) for name, text in cells.items()})
    return rows.getvalue()


def read_sheet(path: Path, edit: Edit, may_open: Callable[[Path], None] | None = None) -> ReelChoices:
    """What a sheet chooses for the shots of `edit`, however a spreadsheet saved it: separated by commas,
    semicolons or tabs, in any of the usual encodings, lines and columns in any order, columns of its own.

    A line is the shot of its number if name and timecode are still that shot's; else the one that the edit
    has now for its name and timecode, or its name and media frames, and a warning says so. A line without
    any choice need not be found. `may_open` is asked of each file that it names.
    Raises OptionError for what cannot be read or understood, with its line, and what `may_open` raises.
    """
    rows = _rows(path)
    found, warnings = matched([row for row in rows if any(row.cells.get(name) for name in _CHOSEN)], edit)
    by_shot: dict[tuple[int, str], ShotChoice] = {}
    lines: dict[tuple[int, str], int] = {}
    for row, shot in found:
        choice = _choice(row, path, shot, may_open)
        key = (shot.number, row.cells.get("language", "").casefold())
        if key in by_shot:
            raise OptionError(
                f"{path.name}: lines {lines[key]} and {row.line} are both for shot {shot.number} "
                f"'{shot.name}'; leave one of them, or name a language in the column 'language'."
            )
        by_shot[key], lines[key] = choice, row.line
    return ReelChoices(by_shot, tuple(f"{path.name}: {sentence}" for sentence in warnings))


def _rows(path: Path) -> list[Row]:
    from plosive.speech.text.textfile import bytes_of, decoded

    text = decoded(bytes_of(path))
    if "\n" not in text:
        text = text.replace("\r", "\n")
    first, _, rest = text.partition("\n")
    if first.strip().casefold().startswith("sep=") and len(first.strip()) == 5:
        text = rest  # spreadsheets do not count it as a line
    head = text.lstrip().partition("\n")[0]
    mark = max(",;\t", key=head.count)
    try:
        table = list(csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True))
    except csv.Error as error:
        raise OptionError(f"The sheet {path} cannot be read as CSV ({error}); save it anew.") from error
    names = [re.sub(r"[\s-]+", "_", name.strip().casefold()) for name in (table[0] if table else [])]
    if not {"number", "record_in", "name"} & set(names) or not set(_CHOSEN) & set(names):
        raise OptionError(
            f"{path} is no sheet of a reel: its first line has no columns number and "
            f"{', '.join(_CHOSEN[:4])}; --write-sheet makes one."
        )
    twice = [name for name in COLUMNS if names.count(name) > 1]
    if twice:
        raise OptionError(f"{path}: there are two columns {twice[0]}; leave one out.")
    return [
        Row(number, {name: _plain(text) for name, text in zip(names, cells, strict=False)})
        for number, cells in enumerate(table[1:], start=2)
    ]


def _choice(row: Row, path: Path, shot: Shot, may_open: Callable[[Path], None] | None) -> ShotChoice:
    from plosive.speech.text.transcript import may_be_path

    told = f"{path.name}, line {row.line}, shot {shot.number} '{shot.name}'"
    cell = {name: row.cells.get(name, "") for name in _CHOSEN}
    styles: dict[str, KeyedValue | None] = {name: _style(cell[name], name, told) for name in STYLES}
    transcript = cell["transcript"]
    if may_be_path(transcript):
        beside = path.parent / transcript
        if may_open is not None:
            for place in filter(os.path.lexists, (beside, Path(transcript))):
                may_open(place)
        if os.path.isfile(beside):
            transcript = str(beside)
    return ShotChoice(
        sync=_yes_or_no(cell["sync"], told),
        faces=_faces(cell["face"], told),
        speakers=tuple(part.strip() for part in _PARTS.split(cell["speaker"]) if part.strip()),
        transcript=transcript,
        note=cell["note"],
        told=told,
        **styles,
    )


def _yes_or_no(text: str, told: str) -> bool | None:
    if not text:
        return None
    if text.casefold() in _YES:
        return True
    if text.casefold() in _NO:
        return False
    raise OptionError(f"{told}: the column sync says {text!r}; write yes, no, or nothing.")


def _faces(text: str, told: str) -> tuple[tuple[str, str], ...]:
    faces: list[tuple[str, str]] = []
    for part in _PARTS.split(text):
        name, mark, face = (one.strip() for one in part.rpartition("="))
        if not part.strip():
            continue
        if not face or (mark and not name):
            raise OptionError(f"{told}: the column face says {text!r}; write a face, or as Anna=1; Ben=2.")
        if name.casefold() in (known.casefold() for known, _ in faces):
            raise OptionError(f"{told}: the column face names {name or 'a face'} twice; write Anna=1; Ben=2.")
        faces.append((name, face))
    return tuple(faces)


def _style(text: str, name: str, told: str) -> KeyedValue | None:
    if not text:
        return None
    percent = _PERCENT.fullmatch(text)
    if percent is not None:
        value = KeyedValue.of(float(Fraction(percent[1].replace(",", ".")) / 100))
    try:
        if percent is None:
            value = read_keyed(text.replace(",", ".") if _DECIMAL_COMMA.fullmatch(text) else text, name)
        value.require_between(name, _HIGHEST[name])
    except OptionError as error:
        raise OptionError(f"{told}: {str(error).removeprefix('--')}") from error
    return value


def _written(choice: ShotChoice) -> dict[str, str]:
    """A choice as `_choice` reads it."""
    return {
        "sync": {None: "", True: "yes", False: "no"}[choice.sync],
        "face": "; ".join(f"{name}={face}" if name else face for name, face in choice.faces),
        "speaker": "; ".join(choice.speakers),
        "transcript": choice.transcript,
        "note": choice.note,
        **{name: _told(getattr(choice, name)) for name in STYLES},
    }


def _told(value: KeyedValue | None) -> str:
    if value is None:
        return ""
    if value.constant is not None:
        return repr(value.constant)
    return ", ".join(f"{position}={number!r}" for position, number in value.keys)


def _safe(text: str) -> str:
    """Nothing that a spreadsheet would reckon with: a name that begins like a formula is text."""
    return f"'{text}" if text.lstrip("'").startswith(_FORMULA) else text


def _plain(text: str) -> str:
    text = text.strip().replace("\r\n", "\n").replace("\r", "\n")
    return text[1:] if text[:1] == "'" and text.lstrip("'").startswith(_FORMULA) else text
