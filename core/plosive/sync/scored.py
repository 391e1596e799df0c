# SPDX-License-Identifier: Apache-2.0
"""What a job writes about itself: the record, and, where a page is asked for, the score of its result."""

from __future__ import annotations

from contextlib import suppress

from plosive.errors import JobCancelled, PlosiveError
from plosive.media.placement import Placement
from plosive.media.plate import PlateInfo
from plosive.progress import Progress
from plosive.score_options import REPORT_SUFFIXES, ScoreOptions
from plosive.sync.given import known_words
from plosive.sync.record import beside, write_json
from plosive.sync_options import SyncOptions

__all__ = ["require_page", "write_records"]


def require_page(options: SyncOptions) -> None:
    """Raise MediaWriteError now when the page that `options` asks for could not be written after the job."""
    if options.page is not None:
        from plosive.quality.outputs import require_output

        require_output(options.page, "the report", REPORT_SUFFIXES, options.overwrite)


def write_records(
    options: SyncOptions,
    info: PlateInfo,
    placement: Placement,
    record: dict[str, object],
    progress: Progress,
) -> tuple[tuple[str, ...], list[str]]:
    """Write `record` as JSON and, where a page is asked for, score the finished result: page, flags beside
    OUT, and `record["score"]`. The job is done by then, so what cannot be scored is a warning, no failure.

    Returns sentences on what was written, and warnings.
    """
    page = options.page
    place = beside(options.out, "plosive.json") if page or options.report is None else options.report
    write_json(place, record)
    if page is None:
        return (), []
    notes: list[str] = []
    warnings: list[str] = []
    if placement.held_frames:
        warnings.append("The result is longer than the plate, so its score compares nothing with the plate.")
    try:
        _score(options, _score_options(options, info, placement), record, notes, warnings, progress)
    except JobCancelled:
        raise
    except PlosiveError as error:
        warnings.append(f"The result is done, but there is no {page.name}: {error}")
        record.setdefault("score", {"reason": str(error)})
    for sentence in warnings:
        progress.warn(sentence)
    write_json(place, record)
    return tuple(notes), warnings


def _score(
    options: SyncOptions,
    wanted: ScoreOptions,
    record: dict[str, object],
    notes: list[str],
    warnings: list[str],
    progress: Progress,
) -> None:
    from plosive.quality.flags_file import write_flags
    from plosive.quality.job import score_result
    from plosive.quality.record import scorecard_facts
    from plosive.quality.report import write_report
    from plosive.speech import read_transcript

    assert options.page is not None
    flags = beside(options.out, "flags.json")
    with suppress(OSError):
        flags.unlink()  # an earlier result's
    card = score_result(wanted, progress)
    warnings += card.warnings
    record["score"] = scorecard_facts(card)
    if card.flags:
        words = read_transcript(wanted.transcript) if wanted.transcript else None
        write_flags(card, flags, True, words, wanted.language)
        count = "1 range is" if len(card.flags) == 1 else f"{len(card.flags)} ranges are"
        notes.append(f"{count} worth doing again: {flags}")
    write_report(card, options.page, options.overwrite, wanted.sequence_rate, progress)
    notes.insert(0, f"Scored {card.total:.1f} of {card.total_of}: {options.page}")


def _score_options(options: SyncOptions, info: PlateInfo, placement: Placement) -> ScoreOptions:
    """OUT may lack the plate's timecode or rate (an image sequence made from a video), so both are told."""
    start = placement.dub_start_seconds
    transcript, language = known_words(options)
    return ScoreOptions(
        result=options.out,
        dub=options.dub,
        plate=None if placement.held_frames else options.plate,
        audio_start=f"{float(start):.9f}" if start else None,
        audio_channel=options.audio_channel,
        transcript=transcript,
        language=language,
        face=options.face,
        sequence_rate=info.frame_rate,
    )
