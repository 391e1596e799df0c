# SPDX-License-Identifier: Apache-2.0
"""What a SyncRequest asks for, as the core takes it."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plosive_daemon.service.errors import InvalidRequest
from plosive_proto.v1 import clip_pb2, sync_pb2

if TYPE_CHECKING:
    from plosive.keyed import KeyedValue
    from plosive.speakers import Speaker
    from plosive.sync_options import SyncOptions

__all__ = ["fraction_of", "out_path_of", "range_text", "require_device", "seconds_text", "sync_options_of"]

_DEVICE = re.compile(r"auto|cpu|cuda(:\d{1,2})?")
_GENERATOR = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_HIGHEST_RATE = 1_000
_MOST_HANDLE_FRAMES = 10_000
_LENGTH_MISMATCH = {
    sync_pb2.LENGTH_MISMATCH_UNSPECIFIED: "plate",
    sync_pb2.LENGTH_MISMATCH_ERROR: "error",
    sync_pb2.LENGTH_MISMATCH_HOLD: "hold",
}
_PLATE_AUDIO = {
    sync_pb2.PLATE_AUDIO_UNSPECIFIED: "auto",
    sync_pb2.PLATE_AUDIO_KEEP: "keep",
    sync_pb2.PLATE_AUDIO_MUTE: "mute",
    sync_pb2.PLATE_AUDIO_DROP: "drop",
}


def sync_options_of(
    sync: sync_pb2.SyncRequest, *, device: str = "auto", out: Path | None = None
) -> SyncOptions:
    """The validated options of a job. `device` is auto, cpu, cuda or cuda:N (the worker knows which N it is);
    `out` stands in for the request's output, as for a preview that has none. No file is looked at.

    Raises InvalidRequest with the field at fault, OptionError for what makes no sense to the core.
    """
    from plosive.media.plateaudio import PlateAudio
    from plosive.speakers import NoSync
    from plosive.sync_options import SyncOptions

    clip = sync.clip
    _require(bool(clip.media_path), "There is no clip; give its path.", "sync.clip.media_path")
    out = out or out_path_of(sync.output)
    style, elements = sync.style, sync.elements
    if sync.generator and not _GENERATOR.fullmatch(sync.generator):
        raise InvalidRequest(f"'{sync.generator}' is no generator's name.", "sync.generator")
    choices: dict[str, Any] = {
        "frame_range": range_text(clip.range, "sync.clip.range") if clip.HasField("range") else None,
        "device": require_device(device, "device").partition(":")[0],
        "generator": sync.generator or "plate",
        "seed": sync.seed,
        "overwrite": sync.output.overwrite,
        "on_length_mismatch": _one_of(
            _LENGTH_MISMATCH, sync.output.length_mismatch, "sync.output.length_mismatch"
        ),
        "plate_audio": PlateAudio(_one_of(_PLATE_AUDIO, sync.output.plate_audio, "sync.output.plate_audio")),
        "codec": sync.output.codec or None,
        "cast": _path(sync.cast_path),
        "actor_footage": tuple(Path(text) for text in sync.actor_footage_paths),
        "colorspace": clip.colorspace or None,
        "view": clip.view or None,
        "ocio": clip.ocio_config_path or None,
        "no_sync": tuple(
            NoSync(range_text(kept.range, f"sync.kept_ranges[{number}].range"), kept.face or None)
            for number, kept in enumerate(sync.kept_ranges)
        ),
        "strength": _keyed(style.strength, "sync.style.strength"),
        "jaw": _keyed(style.jaw, "sync.style.jaw"),
        "lip": _keyed(style.lip, "sync.style.lip"),
        "articulation": _keyed(style.articulation, "sync.style.articulation"),
        "report": out.with_name(f"{_plain_stem(out)}.score.html") if sync.score else None,
    }
    if clip.HasField("sequence_rate"):
        rate = fraction_of(clip.sequence_rate, "sync.clip.sequence_rate")
        _require(
            0 < rate <= _HIGHEST_RATE, "A frame rate is above 0 and at most 1000.", "sync.clip.sequence_rate"
        )
        choices["sequence_rate"] = rate
    if sync.HasField("elements"):
        _require(bool(elements.folder_path), "Elements need a folder.", "sync.elements.folder_path")
        choices |= {
            "elements": Path(elements.folder_path),
            "elements_window": "whole" if elements.whole_window else "made",
            "elements_start": elements.first_frame if elements.HasField("first_frame") else None,
            "elements_compression": elements.compression or "zip",
        }
    choices |= _voices(sync.voices) | _handles(clip) | _retime(clip)
    return SyncOptions(plate=Path(clip.media_path), out=out, **choices).validated()


def out_path_of(output: sync_pb2.Output) -> Path:
    """Where the result goes. Raises InvalidRequest where nothing says so, or its version is not found."""
    text = output.path or output.versioned.found_path
    _require(
        bool(text), "There is no place for the result; give output.path or output.versioned.", "sync.output"
    )
    return Path(text)


def fraction_of(rational: clip_pb2.Rational, field: str) -> Fraction:
    """Exact; raises InvalidRequest where the denominator is not above 0."""
    if rational.denominator <= 0:
        raise InvalidRequest(f"{field} needs a denominator above 0.", field)
    return Fraction(rational.numerator, rational.denominator)


def seconds_text(seconds: Fraction) -> str:
    """Exact seconds as `plosive.media.timecode.parse_time` reads them, such as 1001/24000."""
    return str(seconds)


def require_device(text: str, field: str) -> str:
    """`text`, auto where it is empty. Raises InvalidRequest for what is no device's name."""
    if text and not _DEVICE.fullmatch(text):
        raise InvalidRequest(f"'{text}' is no device; give auto, cpu, cuda or cuda:N.", field)
    return text or "auto"


def _voices(voices: Sequence[clip_pb2.Voice]) -> dict[str, Any]:
    _require(1 <= len(voices) <= 16, "A job has 1 to 16 voices.", "sync.voices")
    for number, voice in enumerate(voices):
        place = f"sync.voices[{number}]"
        _require(bool(voice.dub_path), "A voice needs a dub.", f"{place}.dub_path")
        _require(
            not (voice.transcript and voice.transcript_path),
            "Give the words as text or as a file, not both.",
            f"{place}.transcript_path",
        )
    first = voices[0]
    common: dict[str, Any] = {
        "language": _common([voice.language for voice in voices], "language") or "auto",
        "audio_channel": _common([voice.dub_channel for voice in voices], "dub_channel") or None,
    }
    if len(voices) > 1:
        for number, voice in enumerate(voices):
            _require(
                bool(voice.face), "With several voices each names its face.", f"sync.voices[{number}].face"
            )
            _require(
                not voice.motion_path,
                "A motion file is for a job with one voice; give that face a job of its own.",
                f"sync.voices[{number}].motion_path",
            )
        speakers = tuple(_speaker(voice, f"sync.voices[{number}]") for number, voice in enumerate(voices))
        return {**common, "dub": None, "speakers": speakers}
    return {
        **common,
        "dub": Path(first.dub_path),
        "audio_start": _start(first, "sync.voices[0]"),
        "transcript": _words(first),
        "motion": _path(first.motion_path),
        "face": first.face or "auto",
    }


def _speaker(voice: clip_pb2.Voice, place: str) -> Speaker:
    from plosive.speakers import Speaker

    return Speaker(voice.face, voice.dub_path, _start(voice, place), _words(voice))


def _start(voice: clip_pb2.Voice, place: str) -> str | None:
    if not voice.HasField("dub_start_seconds"):
        return None
    return seconds_text(fraction_of(voice.dub_start_seconds, f"{place}.dub_start_seconds"))


def _words(voice: clip_pb2.Voice) -> str | None:
    if voice.transcript_path:
        return voice.transcript_path
    # The core takes one line that ends in .txt and the like for a file, whose path nobody has checked.
    return f"{voice.transcript}\n" if voice.transcript.strip() else None


def _handles(clip: clip_pb2.ClipRange) -> dict[str, Any]:
    if not clip.HasField("handle_frames"):
        return {}
    from plosive.sync_options import SyncOptions

    field = "sync.clip.handle_frames"
    _require(clip.handle_frames <= _MOST_HANDLE_FRAMES, "There are at most 10000 handle frames.", field)
    _require(clip.HasField("range"), "Handles are frames beside a range; give the range.", field)
    _require("handles" in SyncOptions.__dataclass_fields__, "This Plosive writes whole plates only.", field)
    return {"only_range": True, "handles": clip.handle_frames}


def _retime(clip: clip_pb2.ClipRange) -> dict[str, Any]:
    if not clip.HasField("retime"):
        return {}
    keys = [
        (
            fraction_of(key.media_frame, f"sync.clip.retime.keys[{number}].media_frame"),
            fraction_of(key.timeline_seconds, f"sync.clip.retime.keys[{number}].timeline_seconds"),
        )
        for number, key in enumerate(clip.retime.keys)
    ]
    _require(len(keys) >= 2, "A retime has two keys or more.", "sync.clip.retime")
    rises = all(before < after for (before, _), (after, _) in pairwise(keys))
    _require(rises, "The frames of a retime's keys must rise.", "sync.clip.retime")
    return {"retime": ", ".join(f"{frame}={seconds}" for frame, seconds in keys)}


def _keyed(curve: clip_pb2.Curve, field: str) -> KeyedValue:
    from plosive.keyed import KeyedValue

    for number, key in enumerate(curve.keys):
        _require(math.isfinite(key.value), "A value must be a number.", f"{field}.keys[{number}].value")
    if not curve.keys:
        return KeyedValue.of(1.0)
    if len(curve.keys) == 1:
        return KeyedValue.of(curve.keys[0].value)
    return KeyedValue(
        tuple(
            (fraction_of(key.media_frame, f"{field}.keys[{number}].media_frame"), key.value)
            for number, key in enumerate(curve.keys)
        )
    )


def range_text(frames: clip_pb2.FrameRange, field: str) -> str:
    """As the command line has it: `FIRST-LAST`. Raises InvalidRequest where it runs backwards."""
    if frames.last_frame_inclusive < frames.first_frame:
        raise InvalidRequest(
            f"{field} runs backwards ({frames.first_frame} to {frames.last_frame_inclusive}).", field
        )
    return f"{frames.first_frame}-{frames.last_frame_inclusive}"


def _one_of(known: dict[Any, str], value: int, field: str) -> str:
    if value not in known:
        raise InvalidRequest(f"{field} is {value}, which this Plosive does not know.", field)
    return known[value]


def _common(values: Sequence[Any], name: str) -> Any:
    """What all voices say, where they say something."""
    said = {value for value in values if value}
    _require(len(said) <= 1, f"All voices of a job have one {name}.", "sync.voices")
    return said.pop() if said else None


def _path(text: str) -> Path | None:
    return Path(text) if text else None


def _plain_stem(out: Path) -> str:
    """A file's name without its extension and frame pattern."""
    return re.sub(r"[._-]?(#+|@+|%(0\d+)?d)$", "", out.stem) or out.stem


def _require(is_right: bool, sentence: str, field: str) -> None:
    if not is_right:
        raise InvalidRequest(f"{sentence} ({field})", field)
