# SPDX-License-Identifier: Apache-2.0
"""`plosive motion`: what the mouth would do, as files to edit and as a preview to watch."""

from __future__ import annotations

import json
import math
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import click

from plosive.cli.console_progress import ConsoleProgress
from plosive.cli.rate import frame_rate
from plosive.errors import MediaWriteError, OptionError

if TYPE_CHECKING:
    from collections.abc import Callable
    from fractions import Fraction

    import numpy as np
    from numpy.typing import NDArray

    from plosive.cli.motion_frames import MotionFrames
    from plosive.media import Dub
    from plosive.motion import MotionTrack

__all__ = ["motion"]

_PATH = click.Path(path_type=Path)
_MOST_GAIN = 2.0
_MOST_TOLD = 24  # closures in the summary; --json has all


@click.command(short_help="Write, watch and convert the motion of a dub.")
@click.argument("dub", type=_PATH)
@click.option(
    "-o",
    "--output",
    "outputs",
    metavar="OUT",
    type=_PATH,
    multiple=True,
    help="X.json, X.csv, X.nk or X.TextGrid; may be given more than once.",
)
@click.option("--preview", metavar="OUT.mp4", type=_PATH, help="A grey face that speaks it, to watch.")
@click.option("--transcript", metavar="TEXT|FILE", help="What is said: text, subtitles, or timed words.")
@click.option("--language", default="auto", show_default=True, help="Language spoken, such as de or pt-BR.")
@click.option("--motion", "given", metavar="FILE", type=_PATH, help="Take this motion file, do not listen.")
@click.option("--audio-channel", type=int, metavar="N", help="Listen to this channel only; 1 is the first.")
@click.option("--plate", metavar="PLATE", type=_PATH, help="Curves on this plate's frames and frame numbers.")
@click.option("--audio-start", metavar="TIME", help="Timecode or seconds in PLATE where the dub begins.")
@click.option("--rate", metavar="FPS", help="Frames a second without a plate; default: 24.")
@click.option("--first-frame", type=int, metavar="N", help="Number of the first frame; default: 0.")
@click.option("--jaw", type=float, default=1.0, show_default=True, help="Gain of the jaw's motion, 0 to 2.")
@click.option("--lip", type=float, default=1.0, show_default=True, help="Gain of the lips' motion, 0 to 2.")
@click.option("--json", "as_json", is_flag=True, help="Print what was found as JSON on standard output.")
@click.option("--overwrite", is_flag=True, help="Replace what is written if it exists.")
def motion(
    dub: Path,
    outputs: tuple[Path, ...],
    preview: Path | None,
    transcript: str | None,
    language: str,
    given: Path | None,
    audio_channel: int | None,
    plate: Path | None,
    audio_start: str | None,
    rate: str | None,
    first_frame: int | None,
    jaw: float,
    lip: float,
    as_json: bool,
    overwrite: bool,
) -> None:
    """Work out what a mouth that says DUB does, and write it for editing: `sync --motion` uses what you made
    of it.

    Without -o and --preview it only tells what it heard.
    """
    wanted = None if rate is None else frame_rate(rate)
    _require_options(transcript, language, given, audio_channel, jaw, lip)
    _require_outputs((*outputs, *([preview] if preview else [])), (dub, given, plate), preview, overwrite)

    from plosive.cli.motion_frames import motion_frames
    from plosive.media import read_dub
    from plosive.motion import load_motion, save_motion

    earlier = None if given is None else load_motion(given)
    with ConsoleProgress() as progress:
        sound = read_dub(dub, channel=audio_channel)
        frames = motion_frames(sound, earlier, plate, audio_start, wanted, first_frame)
        progress.start("speech", None)
        samples = cache(sound.speech_samples)  # decoded once, and only where somebody listens
        track = _track(earlier, sound, samples, frames, transcript, language, (jaw, lip))
        progress.finish()
        warnings = dict.fromkeys([*sound.warnings, *frames.notes, *track.speech.warnings])
        for sentence in warnings:
            progress.warn(sentence)
        for path in outputs:
            save_motion(path, track)
        if preview is not None:
            _preview(preview, track, sound, samples(), frames, progress)
    facts = _facts(track, sound, outputs, preview, list(warnings))
    if as_json:
        click.echo(json.dumps(facts, indent=1))
    else:
        _tell(facts)


def _require_options(
    transcript: str | None,
    language: str,
    given: Path | None,
    audio_channel: int | None,
    jaw: float,
    lip: float,
) -> None:
    if given is not None and (transcript is not None or language != "auto"):
        raise OptionError(
            "--motion holds the words and their times already; leave --transcript and --language out."
        )
    if audio_channel is not None and audio_channel < 1:
        raise OptionError(f"--audio-channel counts from 1, not {audio_channel}.")
    for name, gain in (("jaw", jaw), ("lip", lip)):
        if not (math.isfinite(gain) and 0 <= gain <= _MOST_GAIN):
            raise OptionError(f"--{name} must be between 0 and {_MOST_GAIN:g}, not {gain:g}.")


def _require_outputs(
    paths: tuple[Path, ...], inputs: tuple[Path | None, ...], preview: Path | None, overwrite: bool
) -> None:
    """Raise now what could not be written later."""
    from plosive.media.staging import require_writable_target
    from plosive.motion import MOTION_SUFFIXES
    from plosive.preview import PREVIEW_SUFFIXES

    motion_endings = {suffix.lower() for suffix in MOTION_SUFFIXES}
    if len({path.resolve() for path in paths}) < len(paths):
        raise OptionError("Two outputs have the same name; give each its own.")
    for path in paths:
        known = PREVIEW_SUFFIXES if path is preview else MOTION_SUFFIXES
        endings = set(PREVIEW_SUFFIXES) if path is preview else motion_endings
        if path.suffix.lower() not in endings:
            what = "the preview" if path is preview else "motion"
            raise MediaWriteError(f"{path} must end in {', '.join(known)} to hold {what}.")
        if any(given is not None and given.resolve() == path.resolve() for given in inputs):
            raise OptionError(f"The output may not be one of the inputs ({path}); choose another name.")
        require_writable_target(path, (), overwrite)


def _track(
    earlier: MotionTrack | None,
    dub: Dub,
    samples: Callable[[], NDArray[np.float32]],
    frames: MotionFrames,
    transcript: str | None,
    language: str,
    gains: tuple[float, float],
) -> MotionTrack:
    """The motion on the frames asked for, gains in its curves."""
    from dataclasses import replace

    from plosive.motion import CurvesFrom, MotionTrack, with_gains
    from plosive.speech import hear

    if earlier is None:
        speech = hear(samples(), transcript, language, dub.duration_seconds)
        earlier = MotionTrack(speech, None, frames.frame_rate)
    elif earlier.lacks_prosody:
        earlier = earlier.heard(samples())
    is_edited = earlier.uses_curves(frames.centre_seconds) and earlier.curves_from is CurvesFrom.CURVES
    jaw, lip = earlier.jaw_gain * gains[0], earlier.lip_gain * gains[1]
    plain = earlier.at(frames.centre_seconds, frame_seconds=1 / frames.frame_rate)
    return replace(
        earlier,
        curves=with_gains(plain, jaw, lip),
        frame_rate=frames.frame_rate,
        first_frame=frames.first_frame,
        curves_from=CurvesFrom.CURVES if is_edited else CurvesFrom.AUTO,
        jaw_gain=jaw,
        lip_gain=lip,
    )


def _preview(
    path: Path,
    track: MotionTrack,
    dub: Dub,
    samples: NDArray[np.float32],
    frames: MotionFrames,
    progress: ConsoleProgress,
) -> None:
    from plosive.motion import with_gains
    from plosive.preview import Scene, write_preview

    even = track.at(frames.even(), frame_seconds=1 / frames.frame_rate)
    scene = Scene(
        title=dub.path.name,
        speech=track.speech,
        curves=with_gains(even, track.jaw_gain, track.lip_gain),
        samples=samples,
        frame_rate=frames.frame_rate,
        first_frame=frames.first_frame,
        start_timecode_frame=frames.start.frame_number,
        is_drop_frame=frames.start.is_drop_frame,
    )
    write_preview(path, scene, dub.path, dub.stream_index, progress)


def _facts(
    track: MotionTrack, dub: Dub, outputs: tuple[Path, ...], preview: Path | None, warnings: list[str]
) -> dict[str, object]:
    from plosive.motion import closed_frames
    from plosive.speech.model import BREATH, SILENCE

    assert track.curves is not None
    speech = track.speech
    spoken = [phone for phone in speech.phones if phone.symbol not in (SILENCE, BREATH)]
    seconds = float(sum((phone.end_seconds - phone.start_seconds for phone in spoken), start=_none()))
    last = track.first_frame + len(track.curves.symbols) - 1
    return {
        "dub": str(dub.path),
        "duration_seconds": round(float(dub.duration_seconds), 3),
        "phones": len(spoken),
        "phones_per_second": round(len(spoken) / seconds, 1) if seconds else 0.0,
        "breaths": sum(phone.symbol == BREATH for phone in speech.phones),
        "phones_from": speech.source.value,
        "voice_confidence": round(speech.voice_confidence, 2),
        "confidence": round(speech.confidence, 2),
        "frame_rate": str(track.frame_rate),
        "first_frame": track.first_frame,
        "last_frame_inclusive": last,
        "closures": [
            {"phones": phones, "first_frame": first, "last_frame_inclusive": last}
            for phones, first, last in closed_frames(track.curves, track.first_frame)
        ],
        "warnings": warnings,
        "motion": [str(path) for path in outputs],
        "preview": None if preview is None else str(preview),
    }


def _none() -> Fraction:
    from fractions import Fraction

    return Fraction(0)


def _tell(facts: dict[str, object]) -> None:
    closures = facts["closures"]
    assert isinstance(closures, list)
    name = Path(str(facts["dub"])).name
    click.echo(
        f"{name}: {facts['duration_seconds']} s, {facts['phones']} phones "
        f"({facts['phones_per_second']} a second of speech), from {facts['phones_from']}, "
        f"confidence {facts['confidence']}"
    )
    frames = f"{facts['first_frame']}-{facts['last_frame_inclusive']}"
    click.echo(f"Frames {frames} at {facts['frame_rate']} a second; lips sealed {len(closures)} times")
    if closures:
        more = f" and {len(closures) - _MOST_TOLD} more" if len(closures) > _MOST_TOLD else ""
        click.echo("  " + ", ".join(_closure(one) for one in closures[:_MOST_TOLD]) + more)
    motion = facts["motion"]
    assert isinstance(motion, list)
    for path in motion:
        click.echo(f"Motion: {path}")
    if facts["preview"] is not None:
        click.echo(f"Preview: {facts['preview']}")


def _closure(facts: dict[str, object]) -> str:
    first, last = facts["first_frame"], facts["last_frame_inclusive"]
    frames = f"{first}" if first == last else f"{first}-{last}"
    return f"{str(facts['phones']).lower()} {frames}"
