# SPDX-License-Identifier: Apache-2.0
"""The report of one job: what it was asked for, what it found, what it did."""

from __future__ import annotations

from collections.abc import Sequence

from plosive.faces.pose import PoseZone, pose_zones, zone_ranges
from plosive.media.plate import PlateInfo
from plosive.sync.lacks import footage_facts
from plosive.sync.record import options_facts, plate_facts, track_facts
from plosive.sync.render import Part
from plosive.sync.stopwatch import Stopwatch
from plosive.sync.survey import PlateSurvey
from plosive.sync.voices.casting import CastVoice
from plosive.sync_options import SyncOptions

__all__ = ["job_report"]


def job_report(
    options: SyncOptions,
    info: PlateInfo,
    cast: Sequence[CastVoice],
    survey: PlateSurvey,
    parts: list[Part],
    kept: tuple[tuple[int, int, str], ...],
    warnings: list[str],
    watch: Stopwatch,
    device: str,
) -> dict[str, object]:
    """All that a job knows of itself, ready for JSON; frames in the plate's own numbers."""
    return {
        "schema": "plosive.report.v1",
        "options": options_facts(options),
        "device": device,
        "plate": plate_facts(info),
        "dub": cast[0].voice.facts(),
        "speakers": [
            {
                "name": one.voice.line.name or None,
                "dub": one.voice.line.options.dub if options.dub is None else options.dub,
                "faces": [track.number for track in one.tracks],
                "persons": sorted({track.person for track in one.tracks}),
                **one.voice.facts(),
            }
            for one in cast
        ],
        "shot_cuts_at_frames": [info.first_frame + index for index in survey.cut_indices],
        "faces": track_facts(survey.tracks, info.first_frame),
        "synced_faces": [
            {
                "number": part.track.number,
                "person": part.track.person,
                "blend": part.visibility.blend.tolist(),
                "pose": _pose_facts(part, info.first_frame),
                "choices": part.plan.choices(),
                **footage_facts(part, info.first_frame),
            }
            for part in parts
        ],
        "kept_ranges": [
            {"first_frame": first, "last_frame_inclusive": last, "reason": reason}
            for first, last, reason in kept
        ],
        "warnings": warnings,
        "stage_seconds": {stage: round(seconds, 3) for stage, seconds in watch.seconds.items()},
    }


def _pose_facts(part: Part, first_frame: int) -> list[dict[str, object]]:
    """Where the head is turned, and so treated otherwise than a frontal one (`faces.pose`)."""
    zones = pose_zones(part.track.head.angles_degrees())
    return [
        {"first_frame": first, "last_frame_inclusive": last, "zone": zone.value}
        for first, last, zone in zone_ranges(zones, part.track.indices, first_frame)
        if zone is not PoseZone.FRONTAL
    ]
