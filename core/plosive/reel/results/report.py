# SPDX-License-Identifier: Apache-2.0
"""The report of one language of a reel: what became of every shot, as JSON and as a page."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from html import escape
from importlib import resources
from pathlib import Path
from typing import Any
from urllib.parse import quote

from plosive import __version__
from plosive.conform import Edit
from plosive.reel.results.outcome import FAILED, KEPT, SYNCED, LanguageResult, ShotOutcome

__all__ = ["report_facts", "report_page", "shot_facts"]

_SCHEMA = "plosive.conform.v1"
_STATES = {SYNCED: "synced", KEPT: "original", FAILED: "failed"}
_SECTIONS = (("Failed: the original stands", FAILED), ("Synced", SYNCED), ("Left alone", KEPT))
_FEWEST_IN_COMMON = 2
_FIGURES = ("Speed", "Score", "Time")
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title}</title>
<style>
{style}
table.reel {{ border-collapse: collapse; width: 100%; }}
.reel th {{ text-align: left; font-weight: 400; color: var(--quiet); padding: 3px 14px 3px 0; }}
.reel td {{ padding: 4px 14px 4px 0; border-top: 1px solid var(--faint); vertical-align: top; }}
.reel td.n, .reel th.n {{ text-align: right; }}
.reel tr.failed td {{ color: var(--bright); }}
.reel tr.failed .state {{ border-left: 3px solid #e0e0e0; padding-left: 8px; }}
.reel tr.original td {{ color: var(--quiet); }}
.reel .why {{ overflow-wrap: anywhere; width: 50%; }}
.reel td.n {{ white-space: nowrap; }}
a {{ color: inherit; }}
</style>
</head>
<body>
<header>
<div class="subject"><h1>{title}</h1>
<dl class="facts">{facts}</dl></div>
</header>
<main>
{warnings}
{sections}
</main>
</body>
</html>
"""


def shot_facts(edit: Edit, one: ShotOutcome, folder: Path) -> dict[str, object]:
    """A shot for JSON. Moments of the edit are timecode; frames are the media's own numbers."""
    shot = one.shot
    facts: dict[str, object] = {
        "number": shot.number,
        "name": shot.name,
        "track": shot.track_name,
        "record_in": str(edit.timecode(shot.record.first_frame)),
        "record_out": str(edit.timecode(max(shot.record.first_frame, shot.record.last_frame_inclusive + 1))),
        "record_frames": shot.record.duration_frames,
        "media": shot.media.name if shot.media is not None else "",
        "media_rate": str(shot.media.rate) if shot.media is not None else "",
        "speed": str(shot.speed),
        "played_first_frame": shot.played_frames.first_frame if shot.played_frames is not None else None,
        "played_last_frame_inclusive": (
            shot.played_frames.last_frame_inclusive if shot.played_frames is not None else None
        ),
        "handles_before": shot.handles_before,
        "handles_after": shot.handles_after,
        "state": one.state,
        "reason": one.reason,
        "warnings": [*shot.warnings, *one.warnings],
    }
    if one.state == SYNCED:
        facts |= {
            "voices": [asdict(voice) for voice in one.voices],
            "first_frame": one.first_frame,
            "last_frame_inclusive": one.last_frame_inclusive,
            "frames_synced": one.frames_synced,
        }
    if one.out is not None:
        facts |= {
            "out": one.out.relative_to(folder).as_posix(),
            "is_new": one.is_new,
            "seconds": one.seconds,
            "key": one.key,
            "kept_ranges": [
                {"first_frame": first, "last_frame_inclusive": last, "reason": reason}
                for first, last, reason in one.kept_ranges
            ],
            "score": score_of(one),
            "page": one.page.relative_to(folder).as_posix() if one.page is not None else None,
        }
    return facts


def score_of(one: ShotOutcome) -> float | None:
    """Its total in per cent of what could be measured; None where there is none."""
    score: Any = one.score or {}
    total, most = score.get("total"), score.get("total_of")
    if not isinstance(total, (int, float)) or not isinstance(most, (int, float)) or not most:
        return None
    return round(100 * total / most, 1)


def report_facts(edit: Edit, result: LanguageResult, folder: Path) -> str:
    """The report as JSON text."""
    facts = {
        "schema": _SCHEMA,
        "plosive": __version__,
        "edit": edit.path.name,
        "timeline": edit.name,
        "rate": str(edit.rate),
        "language": result.language,
        "dub": result.dub,
        "version": result.version,
        "conformed": [path.name for path in result.edits],
        "counts": {name: result.count(state) for state, name in _STATES.items()},
        "shots": [shot_facts(edit, one, folder) for one in result.shots],
        "offline": [
            {"name": one.name, "shots": list(one.shots), "reason": one.sentence} for one in edit.offline
        ],
        "not_followed": list(edit.unsupported),
        "warnings": [*edit.warnings, *result.warnings],
    }
    return json.dumps(facts, indent=1, ensure_ascii=False) + "\n"


def report_page(edit: Edit, result: LanguageResult, folder: Path) -> str:
    """The report as a page of its own, without scripts, in the look of the score's."""
    counted = ", ".join(f"{result.count(state)} {name}" for state, name in _STATES.items())
    scores = [value for value in map(score_of, result.shots) if value is not None]
    new = sum(one.is_new and one.state == SYNCED for one in result.shots)
    known = [
        ("Edit", edit.path.name),
        ("Language", result.language),
        ("Dub", result.dub),
        ("Version", f"v{result.version:03d}"),
        ("Rate", f"{float(edit.rate):.6g} fps"),
        ("Shots", counted),
        ("Synced now", str(new)),
        ("Mean score", f"{sum(scores) / len(scores):.1f}" if scores else "none"),
    ]
    common = _of_all_synced(result)
    sections = [
        _section(edit, title, [one for one in result.shots if one.state == state], folder, common)
        for title, state in (
            ("Failed: the original stands", FAILED),
            ("Synced", SYNCED),
            ("Left alone", KEPT),
        )
    ]
    told = [*edit.warnings, *result.warnings, *(f"Not followed: {one}." for one in edit.unsupported)]
    told += [f"All synced shots: {note}" for note in common]
    return _PAGE.format(
        title=escape(f"{edit.name}, {result.language}, v{result.version:03d}"),
        style=(resources.files("plosive.quality.report") / "report.css").read_text(encoding="utf-8"),
        facts="".join(f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in known),
        warnings=_list(told),
        sections="\n".join(sections),
    )


def _of_all_synced(result: LanguageResult) -> tuple[str, ...]:
    """Notes that every synced shot has: told once, so that those of single shots are seen."""
    synced = [one.warnings for one in result.shots if one.state == SYNCED]
    if len(synced) < _FEWEST_IN_COMMON:
        return ()
    return tuple(note for note in synced[0] if all(note in notes for notes in synced))


def _section(edit: Edit, title: str, shots: Sequence[ShotOutcome], folder: Path, told: Sequence[str]) -> str:
    if not shots:
        return ""
    names = ["", "Shot", "Track", "In", "Out", "Speed", "Frames", "Score", "Time", ""]
    head = "".join(f'<th class="n">{name}</th>' if name in _FIGURES else f"<th>{name}</th>" for name in names)
    rows = "".join(_row(edit, one, folder, told) for one in shots)
    body = f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody>"
    return f'<h2>{escape(title)}</h2><table class="reel">{body}</table>'


def _row(edit: Edit, one: ShotOutcome, folder: Path, told_of_all: Sequence[str]) -> str:
    shot = one.shot
    score = score_of(one)
    told = f"{score:.1f}" if score is not None else ""
    if one.page is not None:
        told = f'<a href="{quote(one.page.relative_to(folder).as_posix())}">{told or "page"}</a>'
    frames = f"{one.first_frame}-{one.last_frame_inclusive}" if one.state == SYNCED else ""
    seconds = f"{one.seconds:.1f} s" if one.is_new else ("earlier run" if one.state == SYNCED else "")
    why = [one.reason] if one.reason else []
    why += [f"Plate kept in {first}-{last}: {reason}." for first, last, reason in one.kept_ranges if one.out]
    why += [*map(str, one.voices), *shot.warnings, *(n for n in one.warnings if n not in told_of_all)]
    cells = [
        f'<td class="n">{shot.number}</td>',
        f'<td class="state">{escape(shot.name)}</td>',
        f"<td>{escape(shot.track_name)}</td>",
        f"<td>{edit.timecode(shot.record.first_frame)}</td>",
        f"<td>{edit.timecode(max(shot.record.first_frame, shot.record.last_frame_inclusive + 1))}</td>",
        f'<td class="n">{float(shot.speed) * 100:.4g} %</td>',
        f"<td>{frames}</td>",
        f'<td class="n">{told}</td>',
        f'<td class="n">{seconds}</td>',
        f'<td class="why">{"<br>".join(escape(text) for text in dict.fromkeys(why))}</td>',
    ]
    return f'<tr class="{one.state}">{"".join(cells)}</tr>'


def _list(sentences: Sequence[str]) -> str:
    if not sentences:
        return ""
    lines = "".join(f"<li>{escape(text)}</li>" for text in dict.fromkeys(sentences))
    return f'<div class="warnings"><ul>{lines}</ul></div>'
