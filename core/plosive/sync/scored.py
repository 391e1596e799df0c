# SPDX-License-Identifier: Apache-2.0
"""What a job writes about itself: the record, and, where a page is asked for, the score of its result."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from plosive.attended import attended
from plosive.errors import JobCancelled, PlosiveError
from plosive.media.placement import Placement
from plosive.media.plate import PlateInfo, PlateKind
from plosive.progress import Progress
from plosive.quality.dub_time import KnownDub
from plosive.score_options import REPORT_SUFFIXES, ScoreOptions
from plosive.speech import Speech
from plosive.sync.given import known_words
from plosive.sync.known_speech import hear_known
from plosive.sync.opened import OpenedJob, open_attended
from plosive.sync.plate_memory import PlateMemory
from plosive.sync.record import beside, plain_facts, write_json
from plosive.sync.span import JobSpan
from plosive.sync.voices.casting import CastVoice
from plosive.sync.voices.line import Line
from plosive.sync_options import SyncOptions

__all__ = ["require_page", "score_finished", "write_records"]


def require_page(options: SyncOptions, suffix: str = "") -> None:
    """Raise MediaWriteError now when the page that `options` asks for could not be written after the job.
    `suffix` is that of one of several speakers.
    """
    page = _page(options, suffix)
    if page is not None:
        from plosive.quality.outputs import require_output

        require_output(page, "the report", REPORT_SUFFIXES, options.overwrite)


def write_records(
    options: SyncOptions,
    info: PlateInfo,
    cast: Sequence[CastVoice],
    record: dict[str, object],
    progress: Progress,
    span: JobSpan | None = None,
) -> tuple[tuple[str, ...], list[str]]:
    """Write `record` as JSON and, where a page is asked for, score the finished result: page and flags beside
    OUT for each speaker, and `record["score"]` (`"scores"` by name where there are several). The job is done
    by then, so what cannot be scored is a warning, no failure.

    `span` says what of the frames of `info` OUT holds (None: all). Returns sentences on what was written, and
    warnings.
    """
    place = beside(options.out, "plosive.json") if options.page or options.report is None else options.report
    write_json(place, record)
    if options.page is None:
        return (), []
    notes: list[str] = []
    warnings: list[str] = []
    first_index = 0 if span is None else span.first_index
    if cast[0].voice.placement.held_frames:
        warnings.append("The result is longer than the plate, so its score compares nothing with the plate.")
    scores: dict[str, object] = {}
    memory = PlateMemory()  # speakers of one plate share what is seen of it
    cast = [one for one in cast if one.tracks] or cast  # who is not seen has no mouth to score
    for one in cast:
        line, placement = one.voice.line, one.voice.placement
        name = line.name
        own: dict[str, object] = {}
        page = _page(options, line.suffix)
        assert page is not None
        face = one.click(info) if name and one.tracks else line.options.face
        wanted = _score_options(line, placement, face, info, span)
        # Where an artist drew the motion, the dub is listened to again, as anybody would.
        known = KnownDub(_dub_moments(placement, first_index), None if line.given else one.voice.speech)
        try:
            _score(options, line, wanted, known, own, notes, warnings, progress, memory)
        except JobCancelled:
            raise
        except PlosiveError as error:
            warnings.append(f"The result is done, but there is no {page.name}: {error}")
            own.setdefault("score", {"reason": str(error)})
        scores[name] = own["score"]
    if len(cast) == 1:
        record["score"] = scores[cast[0].voice.line.name]
    else:
        record["scores"] = scores
    for sentence in warnings:
        progress.warn(sentence)
    write_json(place, record)
    return tuple(notes), warnings


def score_finished(
    options: SyncOptions, progress: Progress, memory: PlateMemory | None = None
) -> tuple[dict[str, object], list[str], Path | None]:
    """Score a result that lies at `options.out` as its job would have at its end, had it not been stopped:
    the page `options.report`, flags, the score in the record beside OUT; for each of several speakers whose
    face is in the plate. An earlier page goes. `memory` is what was seen of the plate for earlier results.

    Returns the score as it is in the record, of several speakers the lowest with the flags of all, warnings,
    and the page of that score (None: nobody has one). Raises PlosiveError subclasses as `score_result`
    does, and where the page cannot be written.
    """
    options = replace(options, overwrite=True).validated()
    require_page(options)
    pages: dict[str, Path] = {}
    with ExitStack() as stack:
        memory = memory or stack.enter_context(PlateMemory())
        opened = open_attended(options, progress, stack)
        warnings: list[str] = []
        place = beside(options.out, "plosive.json")
        record: dict[str, Any] = {}
        with suppress(OSError, ValueError):
            record = json.loads(place.read_text(encoding="utf-8"))
        scores: dict[str, Any] = {}
        for line, placement in zip(opened.lines.lines, opened.placements, strict=True):
            face = _known_click(record, line.name, opened) if line.name else line.options.face
            if not face:
                continue
            wanted = _score_options(line, placement, face, opened.info, opened.span)
            found: dict[str, object] = {}
            moments = _dub_moments(placement, opened.span.first_index)
            known = KnownDub(moments, _known_speech(line, placement, progress))
            pages[line.name] = _score(options, line, wanted, known, found, [], warnings, progress, memory)
            scores[line.name] = plain_facts(found)["score"]
    own = {"score": next(iter(scores.values()))} if len(scores) == 1 else {"scores": scores}
    with suppress(TypeError, KeyError):
        record["options"]["report"] = str(options.report)
        write_json(place, record | own)
    if not scores:
        return {"reason": "No face says any of it."}, warnings, None
    least = min(scores, key=lambda name: scores[name].get("total", 0) / (scores[name].get("total_of") or 1))
    score: dict[str, object] = dict(scores[least])
    score["flags"] = [flag for one in scores.values() for flag in one.get("flags") or []]
    return score, list(dict.fromkeys(warnings)), pages[least]


def _known_click(record: dict[str, Any], name: str, opened: OpenedJob) -> str:
    """The face that a job found for the speaker `name`, as a click in OUT; '' where it found none there."""
    speakers = record.get("speakers") or []
    numbers: list[int] = next((one["faces"] for one in speakers if one["name"] == name), [])
    tracks = [one for one in record.get("faces") or [] if one["number"] in numbers]
    written = opened.span.written
    is_numbered = opened.plate.info.kind is PlateKind.SEQUENCE  # movies count from 0
    shift = 0 if is_numbered else written.first_frame - opened.plate.info.first_frame
    clicks: list[list[str]] = [[]]
    for one in tracks:
        places = zip(one["frames"], one["nose_x_pixels"], one["nose_y_pixels"], strict=True)
        clicks.append(
            [
                f"{x:.1f},{y:.1f}@{frame - shift}"
                for frame, x, y in places
                if written.first_frame <= frame <= written.last_frame_inclusive
            ]
        )
    longest = max(clicks, key=len)
    return longest[len(longest) // 2] if longest else ""


def _page(options: SyncOptions, suffix: str) -> Path | None:
    """`shot.html`, or `shot.anna.html` for one of several speakers."""
    page = options.page
    if page is None or not suffix:
        return page
    return page.with_name(f"{page.stem}.{suffix.rstrip('.')}{page.suffix}")


def _score(
    options: SyncOptions,
    line: Line,
    wanted: ScoreOptions,
    known: KnownDub,
    record: dict[str, object],
    notes: list[str],
    warnings: list[str],
    progress: Progress,
    memory: PlateMemory,
) -> Path:
    """The page that it wrote."""
    from plosive.quality.flags_file import write_flags
    from plosive.quality.job import score_result
    from plosive.quality.record import scorecard_facts
    from plosive.quality.report import write_report

    page = _page(options, line.suffix)
    assert page is not None
    flags = beside(options.out, f"{line.suffix}flags.json")
    with suppress(OSError):
        flags.unlink()  # an earlier result's
    card = score_result(wanted, progress, known, memory)
    if options.has_turns and options.dub is not None:
        card = replace(card, dub=options.dub)  # a stem of it was listened to, which will be gone
    warnings += card.warnings
    record["score"] = scorecard_facts(card)
    if card.flags and not options.retime:  # --redo cannot make such a result again
        words = _words(wanted)
        write_flags(card, flags, True, words, wanted.language)
        count = "1 range is" if len(card.flags) == 1 else f"{len(card.flags)} ranges are"
        notes.append(f"{count} worth doing again: {flags}")
    rate, colour, view = wanted.sequence_rate, wanted.colour, wanted.view
    write_report(card, page, options.overwrite, rate, progress, colour, view)
    notes.insert(0, f"Scored {card.total:.1f} of {card.total_of}: {page}")
    return page


def _dub_moments(placement: Placement, first_index: int) -> tuple[Fraction, ...] | None:
    """What of the dub the frames from `first_index` on show, where that is not simply their time."""
    return placement.dub_centres[first_index:] if placement.is_retimed else None


def _known_speech(line: Line, placement: Placement, progress: Progress) -> Speech | None:
    """What the job heard, None where it did not listen."""
    wish = line.options
    if line.given is not None or not wish.use_cache:
        return None
    told = wish.transcript, wish.language, placement.last_centre, wish.transcript_speaker
    return attended(lambda: hear_known(line.dub.speech_samples(), *told), progress)


def _words(wanted: ScoreOptions) -> str | None:
    from plosive.speech import read_script

    if not wanted.transcript:
        return None
    script = read_script(wanted.transcript)
    is_one_of_several = wanted.transcript_speaker is not None and script.speakers
    return (script.spoken_by(wanted.transcript_speaker or "") if is_one_of_several else script).text


def _score_options(
    line: Line, placement: Placement, face: str, info: PlateInfo, span: JobSpan | None
) -> ScoreOptions:
    """OUT may lack the plate's timecode or rate (an image sequence made from a video), so both are told."""
    options = line.options
    start = placement.dub_start_seconds
    if span is not None and span.first_index:
        start -= placement.frame_starts[span.first_index]
    part = span.written if span is not None and span.is_part else None
    transcript, language = known_words(options)
    return ScoreOptions(
        result=options.out,
        dub=options.dub,
        plate=None if placement.held_frames else options.plate,
        plate_range=None if part is None else f"{part.first_frame}-{part.last_frame_inclusive}",
        audio_start=f"{float(start):.9f}" if start and not placement.is_retimed else None,
        audio_channel=options.audio_channel,
        transcript=transcript,
        transcript_speaker=options.transcript_speaker,
        language=language,
        face=face,
        sequence_rate=info.frame_rate,
        cast=options.cast,
        # Another format than the plate's holds other samples.
        colorspace=options.colorspace if options.out.suffix == options.plate.suffix else None,
        ocio=options.ocio,
        view=options.view,
    )
