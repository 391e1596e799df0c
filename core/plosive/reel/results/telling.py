# SPDX-License-Identifier: Apache-2.0
"""What a conform did, for a terminal and for JSON."""

from __future__ import annotations

from collections.abc import Iterator

from plosive.conform import Edit
from plosive.reel.options import ConformOptions
from plosive.reel.results.outcome import FAILED, KEPT, SYNCED, ConformResult, LanguageResult, ShotOutcome
from plosive.reel.results.report import score_of, shot_facts

__all__ = ["result_facts", "tell"]


def tell(result: ConformResult, dry_run: bool = False) -> Iterator[str]:
    """Lines for the terminal: every shot in a dry run, else those that are not synced, and what was
    written.
    """
    edit = result.edit
    yield (
        f"{edit.name}: {_counted(len(edit.shots))}, {edit.duration_frames} frames at "
        f"{float(edit.rate):.6g} fps, from {edit.timecode(0)}"
    )
    for offline in edit.offline:
        yield f"Offline: {offline.sentence}"
    for one in result.languages:
        yield from _language(edit, one, dry_run)
    if dry_run:
        yield (
            "Nothing was written." if result.sheet is None else f"Only the sheet was written: {result.sheet}"
        )


def _language(edit: Edit, one: LanguageResult, dry_run: bool) -> Iterator[str]:
    if one.language:
        speech = f", {one.spoken_seconds:.1f} s of speech" if dry_run else ""
        yield f"{one.language} ({one.dub}{speech}):"
    for sentence in one.warnings:
        yield f"  Note: {sentence}"
    for shot in one.shots:
        if dry_run or shot.state != SYNCED:
            yield f"  {_line(edit, shot)}"
    synced, kept, failed = (one.count(state) for state in (SYNCED, KEPT, FAILED))
    if dry_run:
        yield f"  Would sync {synced} of {_counted(len(one.shots))}."
        return
    new = sum(shot.is_new and shot.state == SYNCED for shot in one.shots)
    scores = [value for value in map(score_of, one.shots) if value is not None]
    mean = f", mean score {sum(scores) / len(scores):.1f}" if scores else ""
    yield f"  {synced} synced ({new} of them now), {kept} left alone, {failed} failed{mean}"
    for path in (*one.edits, *([one.report] if one.report else ())):
        yield f"  {path}"


def _counted(shots: int) -> str:
    return f"{shots} shot" if shots == 1 else f"{shots} shots"


def _line(edit: Edit, one: ShotOutcome) -> str:
    shot = one.shot
    place = f"{shot.number:>4}  {edit.timecode(shot.record.first_frame)} {shot.record.duration_frames:>5} f"
    speed = "" if shot.speed == 1 else f" at {float(shot.speed) * 100:.4g} %"
    media = f"{shot.media.name} at {float(shot.media.rate):.6g} fps" if shot.media is not None else "no media"
    played = shot.played_frames
    frames = f"{one.first_frame}-{one.last_frame_inclusive} of "
    if one.state != SYNCED:
        frames = f"{played.first_frame}-{played.last_frame_inclusive} of " if played is not None else ""
    known = {offline.sentence for offline in edit.offline}  # these are told once, above
    reason = "Its media is offline, see above." if one.reason in known else one.reason
    told = f"{frames}{media}{speed}{': ' if reason else ''}{reason}"
    notes = "".join(f" {sentence}" for sentence in shot.warnings if sentence not in (one.reason, *known))
    return f"{place}  {shot.name}: {told}{notes}"


def result_facts(result: ConformResult, options: ConformOptions) -> dict[str, object]:
    """The result for JSON."""
    edit = result.edit
    return {
        "edit": str(edit.path),
        "timeline": edit.name,
        "format": edit.format,
        "rate": str(edit.rate),
        "start": str(edit.timecode(0)),
        "duration_frames": edit.duration_frames,
        "dry_run": options.dry_run,
        "languages": [
            {
                "language": one.language,
                "dub": one.dub,
                "version": one.version,
                "edits": [str(path) for path in one.edits],
                "report": str(one.report) if one.report is not None else None,
                "shots": [shot_facts(edit, shot, options.out) for shot in one.shots],
                "warnings": list(one.warnings),
            }
            for one in result.languages
        ],
        "offline": [
            {"name": one.name, "shots": list(one.shots), "reason": one.sentence} for one in edit.offline
        ],
        "not_followed": list(edit.unsupported),
        "warnings": list(result.warnings),
        "wall_seconds": round(result.wall_seconds, 3),
    }
