# SPDX-License-Identifier: Apache-2.0
"""The daemon's SyncRequest for a clip, in the JSON form of plosive_client/PROTOCOL.md."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from plosive_host import PlosiveHostError
from plosive_resolve.choices import Choices, VoiceChoice
from plosive_resolve.clip_use import ClipUse
from plosive_resolve.naming import elements_folder, result_stem
from plosive_resolve.voice_found import VoiceFound

__all__ = ["clip_range_of", "request_of", "used_voices"]

_MOST_VOICES = 16


def used_voices(voices: Sequence[VoiceFound], choices: Choices) -> tuple[VoiceFound, ...]:
    """The voices that the choices take; a chosen file stands in place of all."""
    if choices.dub_path:
        return ()
    return tuple(
        voice
        for voice in voices
        if (choices.voices[voice.key].is_used if voice.key in choices.voices else voice.is_suggested)
    )


def request_of(clip: ClipUse, voices: Sequence[VoiceFound], choices: Choices) -> dict[str, Any]:
    """What `submit` takes as `sync`. The clip and its voices need nothing more done to them (`prepare_media`
    sees to that), and `choices.folder` is the folder of the results. Raises PlosiveHostError: NO_DUB,
    NOT_PREPARED, CHOICE.
    """
    used = used_voices(voices, choices)
    _require(clip, used, choices)
    style = {
        name: {"keys": [{"media_frame": clip.first_frame, "value": value}]}
        for name, value in (("strength", choices.strength), ("jaw", choices.jaw), ("lip", choices.lip))
        if value != 1
    }
    request: dict[str, Any] = {
        "clip": clip_range_of(clip, choices, _dub_origin_seconds(clip, used)),
        "voices": [_voice(clip, voice, choices) for voice in used] or [_file_voice(clip, choices)],
        "output": {"versioned": {"folder_path": choices.folder, "stem": result_stem(clip, choices)}},
    }
    if style:
        request["style"] = style
    kept = _kept_ranges(clip, choices)
    if kept:
        request["kept_ranges"] = kept
    if choices.generator:
        request["generator"] = choices.generator
    if choices.elements:
        request["elements"] = {"folder_path": elements_folder(clip, choices)}
    if choices.score and not clip.has_other_time:  # then the dub is in another time than the frames
        request["score"] = True
    return request


def clip_range_of(clip: ClipUse, choices: Choices, origin_seconds: Fraction | None = None) -> dict[str, Any]:
    """The `clip` of a request, also for `faces` and `motion`. `origin_seconds` is when the time of a retime
    begins, in seconds after the timeline's frame 0; None: with the clip.
    """
    fields: dict[str, Any] = {
        "media_path": clip.media.path,
        "range": {"first_frame": clip.first_frame, "last_frame_inclusive": clip.last_frame_inclusive},
        "handle_frames": choices.handle_frames,
    }
    if clip.media.kind == "sequence":
        fields["sequence_rate"] = str(clip.media_rate)
    if clip.has_other_time:
        if origin_seconds is None:
            origin_seconds = clip.item.place.start_frame / clip.timeline_rate
        ends = (clip.first_frame, clip.last_frame_inclusive + 1)
        fields["retime"] = {
            "keys": [
                {
                    "media_frame": end,
                    "timeline_seconds": str(clip.record_seconds(Fraction(end)) - origin_seconds),
                }
                for end in ends
            ]
        }
    return fields


def _require(clip: ClipUse, used: Sequence[VoiceFound], choices: Choices) -> None:
    if not used and not choices.dub_path:
        raise PlosiveHostError(
            f"There is no dub for {clip.name}; choose a file or an audio track with the speech.", "NO_DUB"
        )
    if len(used) > _MOST_VOICES:
        raise PlosiveHostError(
            f"{len(used)} audio tracks are chosen for {clip.name}; at most {_MOST_VOICES} can speak.",
            "CHOICE",
        )
    if not choices.folder:
        raise PlosiveHostError("There is no folder for the results; choose one.", "CHOICE", "folder")
    unready = clip.needs_rendering or next((voice.why for voice in used if voice.needs), "")
    if unready:
        raise PlosiveHostError(f"{unready}; it has to be rendered first.", "NOT_PREPARED")
    if len(used) > 1:
        nameless = [voice.label for voice in used if not _choice(voice, choices).face]
        if nameless:
            raise PlosiveHostError(
                f"Several voices speak: choose the face of {nameless[0]}, or leave its track out.",
                "CHOICE",
                "face",
            )


def _choice(voice: VoiceFound, choices: Choices) -> VoiceChoice:
    return choices.voices.get(voice.key, VoiceChoice())


def _dub_origin_seconds(clip: ClipUse, used: Sequence[VoiceFound]) -> Fraction | None:
    """Where a clip is retimed its time is made to begin with the dub's first sample: then the dub's start
    need not be said, which the daemon takes as a moment of the media and not of the timeline.
    """
    if not clip.has_other_time or not used:
        return None
    starts = {voice.dub_start_seconds for voice in used}
    if len(starts) > 1:
        raise PlosiveHostError(
            f"{clip.name} is retimed and its dubs begin at different moments; they have to be made to begin "
            "together first.",
            "NOT_PREPARED",
        )
    return starts.pop()


def _voice(clip: ClipUse, voice: VoiceFound, choices: Choices) -> dict[str, Any]:
    chosen = _choice(voice, choices)
    fields = _words(chosen.transcript or choices.transcript, choices.language)
    fields["dub_path"] = voice.dub_path
    if not clip.has_other_time:
        first_sample = voice.dub_start_seconds - clip.record_seconds(Fraction(clip.media.first_number))
        fields["dub_start_seconds"] = str(first_sample)
    if voice.dub_channel:
        fields["dub_channel"] = voice.dub_channel
    if chosen.face:
        fields["face"] = chosen.face
    return fields


def _file_voice(clip: ClipUse, choices: Choices) -> dict[str, Any]:
    """A chosen file begins with the clip's first frame."""
    fields = _words(choices.transcript, choices.language)
    fields["dub_path"] = choices.dub_path
    if not clip.has_other_time:
        start = clip.item.place.start_frame / clip.timeline_rate
        fields["dub_start_seconds"] = str(start - clip.record_seconds(Fraction(clip.media.first_number)))
    face = choices.voices.get("", VoiceChoice()).face
    if face:
        fields["face"] = face
    return fields


def _words(transcript: str, language: str) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    if transcript:
        fields["transcript"] = transcript
    if language:
        fields["language"] = language
    return fields


def _kept_ranges(clip: ClipUse, choices: Choices) -> list[dict[str, Any]]:
    """Frames that the chosen part of the clip leaves out keep the plate."""
    first = choices.first_record_frame
    last = choices.last_record_frame_inclusive
    first = clip.first_record_frame if first is None else max(first, clip.first_record_frame)
    last = clip.last_record_frame_inclusive if last is None else min(last, clip.last_record_frame_inclusive)
    if first > last:
        raise PlosiveHostError(
            f"The chosen range lies outside {clip.name}, which is on frames {clip.first_record_frame} to "
            f"{clip.last_record_frame_inclusive} of the timeline.",
            "CHOICE",
            "range",
        )
    if (first, last) == (clip.first_record_frame, clip.last_record_frame_inclusive):
        return []
    shown = sorted((clip.media_frame_shown(first), clip.media_frame_shown(last)))
    out_first, out_last = clip.with_handles(choices.handle_frames)
    ranges = ((out_first, shown[0] - 1), (shown[1] + 1, out_last))
    return [
        {"range": {"first_frame": start, "last_frame_inclusive": end}}
        for start, end in ranges
        if start <= end
    ]
