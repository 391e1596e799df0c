# SPDX-License-Identifier: Apache-2.0
"""What a conform leaves for one language: the conformed edit, in all formats wanted, and its report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from plosive.conform import Edit
from plosive.conform.results.conformed_timeline import AddedDub, Flagged, Replacement, conformed_timeline
from plosive.conform.results.cutting import cut_of
from plosive.conform.results.exporting import write_edit, write_exports
from plosive.errors import PlosiveError
from plosive.media.staging import write_error
from plosive.media.timecode import FrameRange
from plosive.reel.jobs import UNSPOKEN
from plosive.reel.options import ConformOptions
from plosive.reel.planning import LanguagePlan
from plosive.reel.results.naming import version_name
from plosive.reel.results.outcome import SYNCED, LanguageResult, ShotOutcome
from plosive.reel.results.publishing import publish
from plosive.reel.results.report import report_facts, report_page
from plosive.sync.kept import NO_SYNC
from plosive.sync.resting import RESTING

__all__ = ["write_language"]

_WISHED = (NO_SYNC, RESTING)
_MOST_NAMED = 12


def write_language(
    edit: Edit,
    plan: LanguagePlan,
    shots: tuple[ShotOutcome, ...],
    version: int,
    options: ConformOptions,
) -> LanguageResult:
    """Write everything under the name of `version`: all of it or nothing, the edit last. Raises
    MediaWriteError.
    """
    name = version_name(options.edit, plan.language, version)
    replaced = {one.shot.number: _replacement(one) for one in shots if one.state == SYNCED}
    facts = {"language": plan.language, "version": f"v{version:03d}"}
    dubs = tuple(_added(plan))
    timeline = conformed_timeline(edit, name, replaced, dubs, facts)
    exported: dict[str, bytes] = {}
    warnings = [*plan.warnings, *_unseen_mouths(shots)]
    with TemporaryDirectory(prefix="plosive-edits-") as made:
        for suffix in options.exports:
            try:
                cut = cut_of(edit, name, replaced, dubs)
                written = write_exports(cut, Path(made), suffix)
                exported.update((path.name, path.read_bytes()) for path in written.paths)
                warnings += written.notes
            except PlosiveError as error:
                warnings.append(str(error))
        otio = Path(made) / f"{name}.otio"
        write_edit(timeline, otio)
        edit_bytes = otio.read_bytes()
    out = options.out
    page = out / f"{name}.html"
    edits = (out / otio.name, *(out / file for file in exported))
    result = LanguageResult(
        plan.language, plan.told, shots, edits, page, version, tuple(dict.fromkeys(warnings))
    )
    contents = {
        **exported,
        f"{name}.json": report_facts(edit, result, out).encode("utf-8"),
        page.name: report_page(edit, result, out).encode("utf-8"),
        otio.name: edit_bytes,
    }
    try:
        publish(out, name, contents)
    except OSError as error:
        raise write_error(out, error) from error
    return result


def _unseen_mouths(shots: Sequence[ShotOutcome]) -> list[str]:
    """A sentence on shots left alone unseen: somebody may speak in their pictures."""
    numbers = [str(one.shot.number) for one in shots if one.reason == UNSPOKEN]
    if not numbers:
        return []
    told = f"{', '.join(numbers[:_MOST_NAMED])}{', ...' if len(numbers) > _MOST_NAMED else ''}"
    return [
        f"Nobody speaks in {len(numbers)} of the shots ({told}), and nobody looked whether mouths move in "
        "their pictures: --rest looks, and lets these rest."
    ]


def _added(plan: LanguagePlan) -> Iterator[AddedDub]:
    """Sound files, which the edit does not have; tracks of the edit are in it."""
    for dub, voice in zip(plan.dubs, plan.heard.voices, strict=True):
        if dub.is_mix:
            piece = dub.pieces[0]
            length = voice.sound.end_seconds - voice.sound.start_seconds
            name = f"Dub {dub.language} {dub.speaker}".rstrip()
            yield AddedDub(piece.path.resolve(), piece.record_start_seconds, length, name)


def _replacement(one: ShotOutcome) -> Replacement:
    assert one.out is not None
    flagged = tuple(
        Flagged(FrameRange(first, last), "Plosive: plate kept", f"{reason[:1].upper()}{reason[1:]}.")
        for first, last, reason in one.kept_ranges
        if reason not in _WISHED
    )
    return Replacement(
        one.out.resolve(),
        FrameRange(one.first_frame, one.last_frame_inclusive),
        one.key,
        (*flagged, *_score_flags(one)),
    )


def _score_flags(one: ShotOutcome) -> Iterator[Flagged]:
    """What the score flags; it counts frames of the result by its own numbers."""
    score: Any = one.score or {}
    base = score.get("first_frame")
    if not isinstance(base, int):
        return
    for flag in score.get("flags") or []:
        first = flag["first_frame"] - base + one.first_frame
        last = flag["last_frame_inclusive"] - base + one.first_frame
        yield Flagged(FrameRange(first, last), "Plosive: worth a look", str(flag.get("sentence", "")))
