# SPDX-License-Identifier: Apache-2.0
"""Motion from a file in place of listening to the dub, and the file that tells a job's own."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from math import ceil

from plosive.media import Dub
from plosive.media.placement import Placement
from plosive.media.plate import PlateInfo
from plosive.motion import CurvesFrom, MotionCurves, MotionTrack, load_motion, motion_curves, save_motion
from plosive.motion.track import frame_centres
from plosive.speech import Speech
from plosive.speech.model import SILENCE
from plosive.sync.record import beside
from plosive.sync.sampling import sampled
from plosive.sync.style import Style
from plosive.sync_options import SyncOptions

__all__ = [
    "gained",
    "given_track",
    "keep_motion",
    "known_words",
    "length_warnings",
    "motion_facts",
    "unedited",
]

_SLACK_SECONDS = Fraction(1, 10)


def given_track(options: SyncOptions, dub: Dub) -> MotionTrack | None:
    """What `--motion` names; None without it. Raises MediaReadError as `load_motion` does.

    Phones without loudness (a TextGrid's) get that of `dub`.
    """
    if options.motion is None:
        return None
    track = load_motion(options.motion)
    return track.heard(dub.speech_samples()) if track.lacks_prosody else track


def gained(style: Style, track: MotionTrack | None) -> Style:
    """`style` with the gains that the motion file was made with on top."""
    if track is None:
        return style
    return replace(style, jaw=style.jaw * track.jaw_gain, lip=style.lip * track.lip_gain)


def unedited(track: MotionTrack, info: PlateInfo, placement: Placement) -> MotionCurves | None:
    """What the rules make of the phones of `track` where its curves are used; None without phones."""
    phones = any(phone.symbol != SILENCE for phone in track.speech.phones)
    if not phones or not track.uses_curves(placement.dub_centres):
        return None
    return sampled(
        placement,
        info.frame_rate,
        lambda centres, frame_seconds: motion_curves(track.speech, centres, frame_seconds=frame_seconds),
    )


def length_warnings(
    track: MotionTrack | None, options: SyncOptions, dub: Dub, placement: Placement
) -> list[str]:
    """A sentence when the motion file seems to be another dub's.

    A job's own file may end where its plate did, so only what the plate shows of the dub must be there.
    """
    if track is None or options.motion is None:
        return []
    length, dub_length = track.speech.duration_seconds, dub.duration_seconds
    wanted = min(dub_length, placement.last_centre)
    if wanted - _SLACK_SECONDS <= length <= dub_length + _SLACK_SECONDS:
        return []
    name, spoken = options.motion.name, dub.path.name
    told = f"{name} holds {float(length):.2f} s of motion, {spoken} {float(dub_length):.2f} s of sound"
    end = "the mouth rests after its end" if length < wanted else "what lies beyond the dub is still spoken"
    return [f"{told}: {end}; is it the motion of this dub?"]


def known_words(options: SyncOptions) -> tuple[str | None, str]:
    """What is said, as far as the job was told, and its language: its transcript or its motion file."""
    if options.motion is None:
        return options.transcript, options.language
    speech = load_motion(options.motion).speech
    return " ".join(word.text for word in speech.words) or None, speech.language


def motion_facts(options: SyncOptions, track: MotionTrack | None, placement: Placement) -> dict[str, object]:
    """Where the motion came from, for the record; nothing where the dub was listened to."""
    if track is None:
        return {}
    what = "curves" if track.uses_curves(placement.dub_centres) else "phones"
    return {"motion_from": {"file": options.motion, "used": what}}


def keep_motion(
    options: SyncOptions,
    speech: Speech,
    curves: MotionCurves,
    info: PlateInfo,
    placement: Placement,
    given: MotionTrack | None,
    suffix: str = "motion.json",
) -> None:
    """Write the job's motion beside OUT, ready to be edited. The file it was given is never written to."""
    path = beside(options.out, suffix)
    if options.motion is not None and options.motion.resolve() == path.resolve():
        return
    edited = given is not None and given.uses_curves(placement.dub_centres)
    source = CurvesFrom.CURVES if edited else CurvesFrom.AUTO
    first_frame = info.first_frame
    if placement.is_retimed:
        curves, first_frame = _on_timeline(speech, given, info, placement), 0
    save_motion(path, MotionTrack(speech, curves, info.frame_rate, first_frame, source))


def _on_timeline(
    speech: Speech, given: MotionTrack | None, info: PlateInfo, placement: Placement
) -> MotionCurves:
    """The motion of a retimed plate is kept in the dub's own time, up to the last moment that is shown."""
    frame_seconds = 1 / info.frame_rate
    centres = frame_centres(max(1, ceil(placement.last_centre * info.frame_rate)), info.frame_rate)
    if given is not None and given.uses_curves(placement.dub_centres):
        return given.at(centres, frame_seconds=frame_seconds)
    return motion_curves(speech, centres, frame_seconds=frame_seconds)
