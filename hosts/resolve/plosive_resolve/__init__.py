# SPDX-License-Identifier: Apache-2.0
"""Lip Sync Clip in DaVinci Resolve: which clip, which dub, and the result in its place.

    host = open_host(globals())
    for clip in clips_meant(host):
        found = voices_found(host, clip)
        before = fingerprint(view_timeline(host.timeline))
        ready = prepare_media(host, clip, found, choices)
        sync = request_of(ready.clip, ready.voices, ready.choices)   # `submit` of PROTOCOL.md
        placed = place(host, ready.clip, result, ready.choices, before, job_id)

Runs in Resolve's Python: the standard library and plosive_host only, from Python 3.9 on.
"""

from __future__ import annotations

from plosive_resolve.application import Edition, Host, can, open_host
from plosive_resolve.choices import OUTPUT_MODES, Choices, VoiceChoice
from plosive_resolve.clip_use import ClipUse
from plosive_resolve.dub_finding import voices_found
from plosive_resolve.fingerprint import Fingerprint, fingerprint
from plosive_resolve.placing import Placed, place, undo
from plosive_resolve.prepare import Prepared, prepare_media
from plosive_resolve.reading import clips_meant
from plosive_resolve.request import clip_range_of, request_of
from plosive_resolve.timeline_view import TimelineView, view_timeline
from plosive_resolve.voice_found import VoiceFound, VoicesFound

__all__ = [
    "OUTPUT_MODES",
    "Choices",
    "ClipUse",
    "Edition",
    "Fingerprint",
    "Host",
    "Placed",
    "Prepared",
    "TimelineView",
    "VoiceChoice",
    "VoiceFound",
    "VoicesFound",
    "can",
    "clip_range_of",
    "clips_meant",
    "fingerprint",
    "open_host",
    "place",
    "prepare_media",
    "request_of",
    "undo",
    "view_timeline",
    "voices_found",
]
