# SPDX-License-Identifier: Apache-2.0
"""The mouth motion of a dub before the job: what the job would hear, on the frames it would write.

Payload: a PreviewMotionRequest, base64 under `request`. Result: the fields of PreviewMotionResponse
(motion.proto). Curves are those of motion files, gains applied; strength and articulation are no part of
them: they need the actor.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import fields
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from plosive_daemon.workers.session import Session
from plosive_daemon.workers.tasks.requests import held_sources, preview_options_of, request_in
from plosive_proto.v1 import motion_pb2, sync_pb2

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from plosive.motion import MotionCurves
    from plosive.speech import Speech
    from plosive.sync.style import Style

__all__ = ["run"]


def run(payload: dict[str, Any], session: Session) -> dict[str, Any]:
    """Raises PlosiveError subclasses as the job would while it listens."""
    from plosive.sync.opened import open_job
    from plosive.sync.stopwatch import Stopwatch
    from plosive.sync.voices.voice import hear_lines

    request = request_in(payload, motion_pb2.PreviewMotionRequest())
    asked = sync_pb2.SyncRequest(clip=request.clip, voices=[request.voice], style=request.style)
    with held_sources(request, session), ExitStack() as stack:
        opened = open_job(preview_options_of(asked, session), stack)
        (voice, *_) = hear_lines(opened.lines, opened.placements, opened.info, Stopwatch(), session)
        curves = _channels(_gained(voice.curves, voice.styled(opened.style)))
        warnings = [*opened.info.warnings, *opened.lines.warnings, *voice.warnings]
        span = opened.span
        return {
            "phones": _phones(voice.speech),
            "curves": [
                {
                    "name": name,
                    "values": [round(float(value), 5) for value in span.written_part(values.tolist())],
                }
                for name, values in curves.items()
            ],
            "language": voice.speech.language,
            "confidence": round(float(voice.speech.confidence), 4),
            "warnings": list(dict.fromkeys(warnings)),
        }


def _phones(speech: Speech) -> list[dict[str, Any]]:
    """Each phone with the word that its middle lies in."""
    told = []
    for phone in speech.phones:
        middle = (phone.start_seconds + phone.end_seconds) / 2
        words = (word.text for word in speech.words if word.start_seconds <= middle < word.end_seconds)
        told.append(
            {
                "symbol": phone.symbol,
                "start_seconds": _rational(phone.start_seconds),
                "end_seconds": _rational(phone.end_seconds),
                "word": next(words, ""),
            }
        )
    return told


def _gained(curves: MotionCurves, style: Style) -> MotionCurves:
    """`curves` with the jaw's and the lips' gain of each frame."""
    import numpy as np

    from plosive.motion import with_gains

    gains = np.stack([style.jaw, style.lip], axis=1)
    pairs, which = np.unique(gains, axis=0, return_inverse=True)
    which = which.reshape(-1)
    if len(pairs) == 1:
        return with_gains(curves, float(pairs[0, 0]), float(pairs[0, 1]))
    values, articulators = curves.values.copy(), curves.articulators.copy()
    for number, (jaw, lip) in enumerate(pairs.tolist()):
        own = with_gains(curves, jaw, lip)
        values[which == number], articulators[which == number] = (
            own.values[which == number],
            own.articulators[which == number],
        )
    from dataclasses import replace

    return replace(curves, values=values, articulators=articulators)


def _channels(curves: MotionCurves) -> dict[str, NDArray[np.float32]]:
    from plosive.motion import ARTICULATORS, CHANNELS

    plain = {field.name for field in fields(curves)} & {"closure", "tuck", "rest"}
    told = {name: curves.channel(name) for name in (*CHANNELS, *ARTICULATORS)}
    return told | {name: getattr(curves, name) for name in ("closure", "tuck", "rest") if name in plain}


def _rational(value: Fraction) -> dict[str, int]:
    return {"numerator": value.numerator, "denominator": value.denominator}
