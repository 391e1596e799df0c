# SPDX-License-Identifier: Apache-2.0
"""The score of any synced video.

Payload: a ScoreResultRequest, base64 under `request`. Result: the fields of Score (score.proto).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plosive.score_options import REPORT_SUFFIXES, ScoreOptions
from plosive_daemon.request_words import in_request_words
from plosive_daemon.service.conversion import fraction_of, range_text, seconds_text
from plosive_daemon.workers.session import Session
from plosive_daemon.workers.tasks.requests import held_sources, request_in
from plosive_proto.v1 import score_pb2

if TYPE_CHECKING:
    from plosive.quality.scorecard import Scorecard

__all__ = ["run"]

_MOST_JSON_BYTES = 4 << 20


def run(payload: dict[str, Any], session: Session) -> dict[str, Any]:
    """Raises PlosiveError subclasses as `plosive score` does."""
    from plosive.quality.job import score_result

    request = request_in(payload, score_pb2.ScoreResultRequest())
    report = Path(request.report_path) if request.report_path else None
    if report is not None:
        from plosive.quality.outputs import require_output

        require_output(report, "the report", REPORT_SUFFIXES, False)
        session.write_to((report.parent,))
    with held_sources(request, session):
        card = score_result(_options(request), session)
        session.warn_all(card.warnings)
        if report is not None:
            from plosive.quality.report import write_report

            write_report(card, report, False, None, session)
    return _facts(card)


def _options(request: score_pb2.ScoreResultRequest) -> ScoreOptions:
    voice = request.voice if request.HasField("voice") else None
    start = None
    if voice is not None and voice.HasField("dub_start_seconds"):
        start = seconds_text(fraction_of(voice.dub_start_seconds, "voice.dub_start_seconds"))
    part = range_text(request.plate_range, "plate_range") if request.HasField("plate_range") else None
    return ScoreOptions(
        result=Path(request.result_path),
        dub=Path(voice.dub_path) if voice is not None and voice.dub_path else None,
        plate=Path(request.plate_path) if request.plate_path else None,
        plate_range=part,
        audio_start=start,
        audio_channel=(voice.dub_channel or None) if voice is not None else None,
        transcript=(voice.transcript_path or voice.transcript or None) if voice is not None else None,
        language=(voice.language or "auto") if voice is not None else "auto",
        face=(voice.face or "auto") if voice is not None else "auto",
    )


def _facts(card: Scorecard) -> dict[str, Any]:
    from plosive.quality.record import scorecard_facts

    text = json.dumps(scorecard_facts(card), allow_nan=False, separators=(",", ":"))
    return {
        "total": card.total,
        "reasons": [
            in_request_words(f"{point.title}: {point.reason}") for point in card.points if point.reason
        ],
        "flagged": [
            {
                "range": {"first_frame": flag.first_frame, "last_frame_inclusive": flag.last_frame_inclusive},
                "reason": in_request_words(flag.sentence),
            }
            for flag in card.flags
        ],
        "json": text if len(text) <= _MOST_JSON_BYTES else "",
    }
