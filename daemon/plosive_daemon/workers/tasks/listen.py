# SPDX-License-Identifier: Apache-2.0
"""What is said in a clip, heard ahead of the first job on it: while its faces are looked for, say.

Payload: an AnalyzeFacesRequest, base64 under `request`. Result: nothing; what was heard is kept for the job.
A job with a transcript does without, and a dub in another language than English is compared with the clip
heard in that language: neither is known here.
"""

from __future__ import annotations

from typing import Any

from plosive_daemon.workers.session import Session
from plosive_daemon.workers.tasks.faces import options_of_clip
from plosive_daemon.workers.tasks.requests import held_sources, request_in
from plosive_proto.v1 import faces_pb2

__all__ = ["run"]

_LANGUAGE = "en"


def run(payload: dict[str, Any], session: Session) -> dict[str, Any]:
    """Raises PlosiveError subclasses where the clip cannot be read."""
    from plosive.attended import attended
    from plosive.media import open_plate
    from plosive.sync.actor import plate_sound
    from plosive.sync.span import job_span

    request = request_in(payload, faces_pb2.AnalyzeFacesRequest())
    with held_sources(request, session):
        options = options_of_clip(request.clip)
        with open_plate(
            options.plate, sequence_rate=options.sequence_rate, colour=options.colour, view=options.view
        ) as plate:
            info = plate.part(job_span(options, plate.info).looked).info
            attended(lambda: plate_sound(info, _LANGUAGE, is_cached=True), session)
    return {}
