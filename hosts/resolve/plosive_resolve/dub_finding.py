# SPDX-License-Identifier: Apache-2.0
"""Where the dub of a clip lies: sound on enabled audio tracks that overlaps the clip and is not its own.

An audio item's source start counts in the rate its media had when it was imported (a WAV has none of its
own), its left offset in the timeline's, with fractions: the offset is finer, so it is taken where both agree.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from fractions import Fraction

from plosive_host.sound_piece import SoundPiece
from plosive_resolve.application import Host, can
from plosive_resolve.clip_use import ClipUse
from plosive_resolve.timeline_view import Item, TimelineView, Track, item_of, view_timeline
from plosive_resolve.voice_found import VoiceFound, VoicesFound

__all__ = ["voices_found"]

_WAVE = (".wav", ".wave", ".bwf")
_NO_SPEECH = re.compile(
    r"(?i)(^|[^a-z])(m ?& ?e|mx|music|score|s?fx|effects|foley|ambi[ae]n[ct]e|amb|atmos?|room ?tone|beep)"
    r"([^a-z]|$)"
)


def voices_found(host: Host, clip: ClipUse) -> VoicesFound:
    """One voice for each enabled audio track with sound over the clip; several items on a track are one
    voice. Its linked sound and other sound of its own media are left out.
    """
    view = view_timeline(host.timeline)
    voices: list[VoiceFound] = []
    notes: list[str] = []
    for track in view.of_kind("audio"):
        items = list(_items_over(clip, track))
        if not items:
            continue
        if not track.is_enabled:
            notes.append(f"{_title(track)} is switched off and was left out.")
            continue
        foreign = [item for item in items if not _is_own(item, clip)]
        if foreign:
            voices.append(_voice(track, foreign, clip, view))
    if not voices:
        notes.append(f"No dub lies under {clip.name}; choose a file, or lay the dub on an audio track.")
    return VoicesFound(tuple(voices), tuple(notes))


def _items_over(clip: ClipUse, track: Track) -> Iterator[Item]:
    for place in track.items:
        if place.overlaps(clip.item.place):
            item = item_of(place.live)
            if item is not None and item.is_enabled and item.media is not None:
                yield item


def _is_own(item: Item, clip: ClipUse) -> bool:
    if item.place.item_id in clip.item.linked_ids or clip.item.place.item_id in item.linked_ids:
        return True
    assert item.media is not None
    same_file = bool(item.media.path) and item.media.path == clip.media.path
    return item.media.media_id == clip.media.media_id or same_file


def _voice(track: Track, items: list[Item], clip: ClipUse, view: TimelineView) -> VoiceFound:
    pieces = tuple(
        sorted(
            (_piece(item, view) for item in items), key=lambda piece: (piece.record_seconds, piece.item_id)
        )
    )
    found = VoiceFound(
        key=f"A{track.index}",
        track_index=track.index,
        track_name=track.name,
        pieces=pieces,
        is_suggested=_NO_SPEECH.search(track.name) is None,
    )
    needs, why = _needs(pieces, clip, view.rate)
    if needs:
        return VoiceFound(**{**vars(found), "needs": needs, "why": why})
    only = pieces[0]
    return VoiceFound(
        **{
            **vars(found),
            "dub_path": only.path,
            "dub_start_seconds": only.file_start_seconds,
            "dub_channel": only.channels[0] if only.channels else 0,
        }
    )


def _needs(pieces: tuple[SoundPiece, ...], clip: ClipUse, rate: Fraction) -> tuple[str, str]:
    """What must be done before the daemon can read these as they are heard, and why; two empty texts:
    nothing.
    """
    for piece in pieces:
        if piece.why_not:
            return "rendering", piece.why_not
    if len(pieces) > 1:
        needs, why = "assembling", f"{len(pieces)} items make the dub"
    else:
        only = pieces[0]
        start = clip.item.place.start_frame / rate
        end = clip.item.place.end_frame_exclusive / rate
        left = only.source_seconds if only.record_seconds > start else Fraction(0)
        told = (
            only.file_seconds
            if only.file_seconds is not None
            else only.source_seconds + only.duration_seconds
        )
        right = told - only.source_seconds - only.duration_seconds if only.end_seconds < end else Fraction(0)
        if max(left, right) * rate < 1:
            return "", ""
        needs, why = "assembling", f"{only.name} is trimmed within the clip, and its file goes on"
    if all(piece.path.lower().endswith(_WAVE) for piece in pieces):
        return needs, why
    return "rendering", why


def _piece(item: Item, view: TimelineView) -> SoundPiece:
    media = item.media
    assert media is not None
    rate = media.rate or view.rate
    channels, why_not = _channels(item)
    if media.kind == "made" or not media.path:
        why_not = f"{item.place.name} has no sound file of its own"
    elif not media.is_online:
        why_not = f"{item.place.name} is offline"
    elif _is_retimed(item, rate, view.rate):
        why_not = f"{item.place.name} is played at another speed"
    return SoundPiece(
        item_id=item.place.item_id,
        name=item.place.name,
        path="" if why_not else media.path,
        record_seconds=item.place.start_frame / view.rate,
        duration_seconds=item.place.duration_frames / view.rate,
        source_seconds=_source_seconds(item, rate, view.rate),
        file_seconds=media.frame_count / rate if media.frame_count else None,
        channels=channels,
        why_not=why_not,
    )


def _source_seconds(item: Item, media_rate: Fraction, timeline_rate: Fraction) -> Fraction:
    """Seconds after the file's first sample."""
    told = None if item.source_start is None else Fraction(item.source_start) / media_rate
    if item.left_offset is None:
        return told or Fraction(0)
    offset = item.left_offset / timeline_rate
    if told is None or abs(offset - told) <= 2 * max(1 / media_rate, 1 / timeline_rate):
        return offset
    return told


def _is_retimed(item: Item, media_rate: Fraction, timeline_rate: Fraction) -> bool:
    if item.speed is not None:
        return item.speed != 1
    if item.source_start is None or item.source_end is None:
        return False
    span = (item.source_end - item.source_start) / media_rate
    length = item.place.duration_frames / timeline_rate
    return span < 0 or abs(length - span) > Fraction(3) / media_rate + Fraction(1) / timeline_rate


def _channels(item: Item) -> tuple[tuple[int, ...], str]:
    """(channels of the file that are heard, from 1, empty: all; why there is no such file). The mapping is
    JSON as the vendor's README shows it.
    """
    live = item.place.live
    if not can(live, "GetSourceAudioChannelMapping"):
        return (), ""
    try:
        told = json.loads(live.GetSourceAudioChannelMapping() or "{}")
        embedded = int(told.get("embedded_audio_channels") or 0)
        tracks = [one for one in (told.get("track_mapping") or {}).values() if not one.get("mute")]
        heard = [int(index) for one in tracks for index in one.get("channel_idx") or ()]
    except (ValueError, TypeError, AttributeError):
        return (), ""
    if any(index > embedded for index in heard):
        return (), f"{item.place.name} takes its sound from a linked file"
    chosen = tuple(sorted(set(heard)))
    if not chosen or len(chosen) == embedded:
        return (), ""
    if len(chosen) > 1:
        return (), f"{item.place.name} uses {len(chosen)} of {embedded} channels"
    return chosen, ""


def _title(track: Track) -> str:
    return f"Audio track {track.index}" + (f" ({track.name})" if track.name else "")
