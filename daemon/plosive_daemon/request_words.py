# SPDX-License-Identifier: Apache-2.0
"""The core's sentences in a request's own words: it names options as the command line does (`--audio-start`),
and who sent a request knows fields (`dub_start_seconds`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

__all__ = ["CONFORM_FIELDS", "FIELDS", "SCORE_FIELDS", "field_told", "fields_of", "in_request_words"]

FIELDS = {
    "--actor-footage": "sync.actor_footage_paths",
    "--articulation": "sync.style.articulation",
    "--audio": "sync.voices.dub_path",
    "--audio-channel": "sync.voices.dub_channel",
    "--audio-start": "sync.voices.dub_start_seconds",
    "--cast": "sync.cast_path",
    "--codec": "sync.output.codec",
    "--colorspace": "sync.clip.colorspace",
    "--device": "device",
    "--elements": "sync.elements",
    "--elements-compression": "sync.elements.compression",
    "--elements-start": "sync.elements.first_frame",
    "--elements-window": "sync.elements.whole_window",
    "--face": "sync.voices.face",
    "--generator": "sync.generator",
    "--handles": "sync.clip.handle_frames",
    "--jaw": "sync.style.jaw",
    "--language": "sync.voices.language",
    "--lip": "sync.style.lip",
    "--motion": "sync.voices.motion_path",
    "--no-sync": "sync.kept_ranges",
    "--ocio": "sync.clip.ocio_config_path",
    "--on-length-mismatch": "sync.output.length_mismatch",
    "--only-range": "sync.clip.handle_frames",
    "--overwrite": "sync.output.overwrite",
    "--plate": "sync.clip.media_path",
    "--plate-audio": "sync.output.plate_audio",
    "--range": "sync.clip.range",
    "--rate": "sync.clip.sequence_rate",
    "--report": "sync.score",
    "--retime": "sync.clip.retime",
    "--seed": "sync.seed",
    "--speaker": "sync.voices",
    "--strength": "sync.style.strength",
    "--transcript": "sync.voices.transcript",
    "--view": "sync.clip.view",
}
"""Options of `plosive sync` and their places in a SubmitJobRequest (job.proto)."""

CONFORM_FIELDS = {
    "--cast": "cast_path",
    "--device": "device",
    "--dub": "dubs",
    "--format": "extra_formats",
    "--generator": "generator",
    "--handles": "handle_frames",
    "--map": "moved_folders",
    "--media": "media_folder_paths",
    "--no-score": "score",
    "--only": "only",
    "--output": "out_folder_path",
    "--rate": "edit_rate",
    "--rest": "rests_in_pauses",
    "--seed": "seed",
    "--sheet": "sheet_path",
    "--timeline": "timeline",
    "--tracks": "named_tracks",
    "--transcript": "transcripts",
}
"""Options of `plosive conform` and their places in a ConformRequest (conform.proto)."""

SCORE_FIELDS = {
    "--audio": "voice.dub_path",
    "--audio-channel": "voice.dub_channel",
    "--audio-start": "voice.dub_start_seconds",
    "--face": "voice.face",
    "--language": "voice.language",
    "--plate": "plate_path",
    "--plate-range": "plate_range",
    "--report": "report_path",
    "--transcript": "voice.transcript",
}
"""Options of `plosive score` and their places in a ScoreResultRequest (score.proto)."""

_FLAG = re.compile(r"(?<![\w/\\.-])--[a-z]+(?:-[a-z]+)*(?![\w/\\.-]*[\w/\\-])")
"""Not within a path, such as /shots/a --range/b.mov has one after a blank."""


def fields_of(kind: str) -> Mapping[str, str]:
    """Options and their places in the request of a kind of work (`plosive_daemon.job.JobKind`, and others,
    whose requests hold parts of a sync's).
    """
    return {"conform": CONFORM_FIELDS, "score": SCORE_FIELDS}.get(kind, FIELDS)


def in_request_words(sentence: str, fields: Mapping[str, str] = FIELDS) -> str:
    """`sentence` with 'field' for every option that has one."""
    return _FLAG.sub(lambda found: _named(found[0], fields), sentence)


def field_told(sentence: str, fields: Mapping[str, str] = FIELDS) -> str:
    """The place in the request that a sentence of the core is about: that of the first option it names; empty
    where it names none.
    """
    found = _FLAG.search(sentence)
    return fields.get(found[0], "") if found else ""


def _named(flag: str, fields: Mapping[str, str]) -> str:
    place = fields.get(flag)
    return flag if place is None else f"'{place.rpartition('.')[2]}'"
