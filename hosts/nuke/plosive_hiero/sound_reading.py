# SPDX-License-Identifier: Apache-2.0
"""Finds the dub of a clip on the sequence's audio tracks."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import hiero.core

from plosive_hiero.clip_use import ClipUse
from plosive_hiero.rates import exact, rate_of, rate_of_text
from plosive_hiero.reading import media_path
from plosive_hiero.voices import VoiceFound, voice_of
from plosive_host.sound_piece import SoundPiece

__all__ = ["voices_found"]


def voices_found(item: Any, use: ClipUse, chosen: Sequence[Any] = ()) -> tuple[VoiceFound, ...]:
    """One voice for each enabled audio track with sound over the clip, lowest first; several items on a track
    are one voice. Sound that is linked to the picture, or of its own file, is left out. Audio items that the
    artist `chosen` with the picture are the dub, whatever else there is.
    """
    picked = [one for one in chosen if one.mediaType() == hiero.core.TrackItem.kAudio]
    own = {one.guid() for one in item.linkedItems()}
    found: list[VoiceFound] = []
    for index, track in enumerate(item.parentSequence().audioTracks(), start=1):
        items = [one for one in track.items() if one.isEnabled() and _overlaps(one, use)]
        if picked:
            wanted = {one.guid() for one in picked}
            items = [one for one in items if one.guid() in wanted]
        else:
            items = [one for one in items if one.guid() not in own and not _is_of(one, use)]
        if not items or not (track.isEnabled() or picked):
            continue
        pieces = tuple(_piece(one, use.timeline_rate) for one in items)
        found.append(
            voice_of(
                f"A{index}", str(track.name()), pieces, use.start_seconds, use.end_seconds, use.timeline_rate
            )
        )
    return tuple(found)


def _overlaps(item: Any, use: ClipUse) -> bool:
    return bool(item.timelineIn() <= use.timeline_last_inclusive and item.timelineOut() >= use.timeline_first)


def _is_of(item: Any, use: ClipUse) -> bool:
    """Whether its sound is the picture's own file's."""
    source = item.source()
    return isinstance(source, hiero.core.Clip) and media_path(source.mediaSource()) == use.media.path


def _piece(item: Any, rate: Fraction) -> SoundPiece:
    name = str(item.name())
    record = Fraction(int(item.timelineIn())) / rate
    duration = Fraction(int(item.duration())) / rate
    clip = item.source()
    if not isinstance(clip, hiero.core.Clip):
        return SoundPiece(name, "", record, duration, Fraction(0), why_not=f"{name} is a sequence")
    source = clip.mediaSource()
    told = source.metadata()
    path = media_path(source)
    has_picture = bool(source.hasVideo())
    own_rate = rate
    if has_picture and told.hasKey("foundry.source.framerate"):
        own_rate = rate_of_text(str(told.value("foundry.source.framerate"))) or rate
    elif has_picture:
        own_rate = rate_of(clip) or rate
    why_not = ""
    if not source.isMediaPresent():
        why_not = f"The sound of {name} is offline; reconnect it"
    elif exact(item.playbackSpeed()) != 1:
        why_not = f"{name} is retimed; bounce the dub to a WAV file"
    elif own_rate != rate:
        why_not = f"{name} comes from a movie of another rate than the sequence; bounce the dub to a WAV file"
    begun = exact(item.sourceIn()) + int(clip.sourceIn()) - int(source.startTime())
    return SoundPiece(name, path, record, duration, begun / own_rate, _length(told), why_not=why_not)


def _length(told: Any) -> Fraction | None:
    """Of a file's sound, by its metadata."""
    keys = ("foundry.source.numsamples", "foundry.source.samplerate")
    if not all(told.hasKey(key) for key in keys):
        return None
    samples, rate = (rate_of_text(str(told.value(key))) for key in keys)
    return samples / rate if samples and rate else None
