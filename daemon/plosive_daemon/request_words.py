# SPDX-License-Identifier: Apache-2.0
"""The core's sentences in a request's own words: it names options as the command line does (`--audio-start`),
and who sent a request knows fields (`dub_start_seconds`).
"""

from __future__ import annotations

import re

__all__ = ["FIELDS", "field_told", "in_request_words"]

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

_FLAG = re.compile(r"(?<![\w/\\.-])--[a-z]+(?:-[a-z]+)*(?![\w/\\.-]*[\w/\\-])")
"""Not within a path, such as /shots/a --range/b.mov has one after a blank."""


def in_request_words(sentence: str) -> str:
    """`sentence` with 'field' for every option that has one."""
    return _FLAG.sub(lambda found: _named(found[0]), sentence)


def field_told(sentence: str) -> str:
    """The place in the request that a sentence of the core is about: that of the first option it names; empty
    where it names none.
    """
    found = _FLAG.search(sentence)
    return FIELDS.get(found[0], "") if found else ""


def _named(flag: str) -> str:
    place = FIELDS.get(flag)
    return flag if place is None else f"'{place.rpartition('.')[2]}'"
