# SPDX-License-Identifier: Apache-2.0
"""What a ConformRequest asks for, as the core takes it."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from plosive.errors import OptionError
from plosive_daemon.request_words import CONFORM_FIELDS, field_told, in_request_words
from plosive_daemon.service.conversion import fraction_of, require_device, seconds_text
from plosive_daemon.service.errors import InvalidRequest
from plosive_proto.v1 import conform_pb2

if TYPE_CHECKING:
    from plosive.reel.options import ConformOptions, DubWish, TranscriptWish

__all__ = ["conform_options_of"]

_USUAL_HANDLE_FRAMES = 12
_MOST_HANDLE_FRAMES = 10_000
_HIGHEST_RATE = 1_000
_LANGUAGE = re.compile(r"[A-Za-z0-9]+(?:[-_][A-Za-z0-9]+)*")
_RESERVED = ":;|@,="
_TIMECODE = re.compile(r"\d{1,2}:\d{1,2}:\d{1,2}[:;]\d{1,3}")
_GENERATOR = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


def conform_options_of(request: conform_pb2.ConformRequest, *, device: str = "auto") -> ConformOptions:
    """The validated options of a conform. `device` is auto, cpu, cuda or cuda:N (the worker knows which N it
    is). No file is looked at.

    Raises InvalidRequest with the field at fault.
    """
    from plosive.conform.results.exporting import EXPORTS
    from plosive.reel.options import ConformOptions

    _require(bool(request.edit_path), "There is no edit; give its path.", "edit_path")
    _require(bool(request.out_folder_path), "There is no folder for the result.", "out_folder_path")
    _require(bool(request.dubs) or request.named_tracks, "There is no dub; give one or more.", "dubs")
    if request.generator and not _GENERATOR.fullmatch(request.generator):
        raise InvalidRequest(f"'{request.generator}' is no generator's name.", "generator")
    for number, name in enumerate(request.extra_formats):
        known = ", ".join(EXPORTS)
        _require(name in EXPORTS, f"'{name}' is none of {known}.", f"extra_formats[{number}]")
    _require(request.seed < 2**63, "A seed is 0 to 2^63 - 1.", "seed")
    handles = request.handle_frames if request.HasField("handle_frames") else _USUAL_HANDLE_FRAMES
    _require(handles <= _MOST_HANDLE_FRAMES, "There are at most 10000 handle frames.", "handle_frames")
    try:
        return ConformOptions(
            edit=Path(request.edit_path),
            out=Path(request.out_folder_path),
            dubs=tuple(_dub(dub, f"dubs[{number}]") for number, dub in enumerate(request.dubs)),
            tracks=request.named_tracks,
            handles=handles,
            only=tuple(request.only),
            media=tuple(Path(folder) for folder in request.media_folder_paths),
            path_map=tuple(_moved(moved, number) for number, moved in enumerate(request.moved_folders)),
            rate=_rate(request),
            timeline=request.timeline or None,
            exports=tuple(dict.fromkeys(request.extra_formats)),
            score=request.score if request.HasField("score") else True,
            rest=request.rests_in_pauses,
            device=require_device(device, "device").partition(":")[0],
            seed=request.seed,
            generator=request.generator or "plate",
            transcripts=tuple(
                _transcript(one, f"transcripts[{number}]") for number, one in enumerate(request.transcripts)
            ),
            cast=Path(request.cast_path) if request.cast_path else None,
            sheet=Path(request.sheet_path) if request.sheet_path else None,
        ).validated()
    except OptionError as error:
        sentence = in_request_words(str(error), CONFORM_FIELDS)
        raise InvalidRequest(sentence, field_told(str(error), CONFORM_FIELDS)) from error


def _dub(dub: conform_pb2.ConformDub, field: str) -> DubWish:
    from plosive.reel.options import DubWish

    is_language = bool(_LANGUAGE.fullmatch(dub.language))
    _require(is_language, f"'{dub.language}' is no language such as de or pt-BR.", f"{field}.language")
    channel, speaker = dub.channel or None, _speaker(dub.speaker, field)
    if dub.track.strip():
        for name in ("dub_start_seconds", "dub_start_timecode"):
            is_said = any(told.name == name for told, _ in dub.ListFields())
            _require(not is_said, "A track of the edit lies where it lies.", f"{field}.{name}")
        return DubWish(dub.language, dub.track, None, channel, speaker)
    _require(bool(dub.dub_path), "A dub is a file, or a track of the edit.", field)
    start = _start(dub, "dub_start", field)
    return DubWish(dub.language, dub.dub_path, start, channel, speaker)


def _transcript(one: conform_pb2.ConformTranscript, field: str) -> TranscriptWish:
    from plosive.reel.options import TranscriptWish

    is_language = bool(_LANGUAGE.fullmatch(one.language))
    _require(is_language, f"'{one.language}' is no language such as de or pt-BR.", f"{field}.language")
    _require(bool(one.transcript_path), "There is no transcript.", f"{field}.transcript_path")
    speaker = _speaker(one.speaker, field)
    return TranscriptWish(one.language, one.transcript_path, _start(one, "start", field), speaker)


def _start(one: conform_pb2.ConformDub | conform_pb2.ConformTranscript, name: str, field: str) -> str | None:
    """The moment that `name`_seconds or `name`_timecode say, as `--dub` has it behind @."""
    timecode = getattr(one, f"{name}_timecode")
    is_in_seconds = any(told.name == f"{name}_seconds" for told, _ in one.ListFields())
    if timecode:
        is_timecode = bool(_TIMECODE.fullmatch(timecode)) and not is_in_seconds
        sentence = f"'{timecode}' is no timecode, or the start is said twice."
        _require(is_timecode, sentence, f"{field}.{name}_timecode")
        return str(timecode)
    if is_in_seconds:
        return seconds_text(fraction_of(getattr(one, f"{name}_seconds"), f"{field}.{name}_seconds"))
    return None


def _speaker(name: str, field: str) -> str:
    """As `--dub LANG:NAME=` takes it."""
    is_name = name == name.strip() and not set(name) & set(_RESERVED)
    _require(is_name, f"'{name}' is no speaker's name.", f"{field}.speaker")
    return name


def _rate(request: conform_pb2.ConformRequest) -> Fraction | None:
    if not request.HasField("edit_rate"):
        return None
    rate = fraction_of(request.edit_rate, "edit_rate")
    _require(0 < rate <= _HIGHEST_RATE, "A frame rate is above 0 and at most 1000.", "edit_rate")
    return rate


def _moved(moved: conform_pb2.MovedFolder, number: int) -> tuple[str, str]:
    field = f"moved_folders[{number}]"
    _require(bool(moved.beginning.strip()), "It is not said what stands in the edit.", f"{field}.beginning")
    _require(bool(moved.folder_path), "It is not said which folder it is here.", f"{field}.folder_path")
    return moved.beginning, moved.folder_path


def _require(is_right: bool, sentence: str, field: str) -> None:
    if not is_right:
        raise InvalidRequest(f"{sentence} ({field})", field)
