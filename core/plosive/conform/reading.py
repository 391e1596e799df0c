# SPDX-License-Identifier: Apache-2.0
"""Reading an edit: `read_edit`, from a file of any of the known formats to shots with exact frames."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from plosive.conform.aaf.reading import NOT_FOLLOWED
from plosive.conform.covering import hidden_shots
from plosive.conform.edit import AudioUse, Edit, EditMarker, EditTrack, OfflineMedia
from plosive.conform.formats import SUFFIXES, LoadedTimeline, load_timeline
from plosive.conform.marking import item_markers, timeline_markers
from plosive.conform.media.bundle import media_base
from plosive.conform.media.clock import aligned
from plosive.conform.media.finding import MediaFinder
from plosive.conform.media.path_map import PathMap
from plosive.conform.media.references import active_media
from plosive.conform.media.sounds import audio_use
from plosive.conform.planning import planned_shot
from plosive.conform.shot import Shot
from plosive.conform.times.edit_rate import drops_frames, edit_rate_of
from plosive.conform.times.rates import exact_seconds, nearest_frame
from plosive.conform.walk import Placed, duration_seconds, placed_items
from plosive.errors import OptionError

__all__ = ["read_edit"]

_NTSC = Fraction(1000, 1001)


def read_edit(
    path: Path,
    *,
    handles: int = 0,
    media_folders: Sequence[Path] = (),
    path_map: Sequence[tuple[str, str]] = (),
    rate: Fraction | None = None,
    timeline_name: str | None = None,
    probe: bool = True,
    unpack_to: Path | None = None,
    may_open: Callable[[Path], None] | None = None,
) -> Edit:
    """The edit in a file.

    `handles` are frames of the edit at both ends of each shot. Media is looked for where the edit says, then
    with each (there, here) of `path_map` put in place of a path's beginning, then beside the edit, then by
    name and timecode in `media_folders`. `rate` is the edit's frame rate where its file does not say (EDL).
    With `probe` False media that exists is not opened, and the edit's word on its frames is taken. The media
    in an otioz is unpacked to a folder in `unpack_to`, if that is given; else it is offline. `may_open` is
    asked of each path that the edit leads to before anything is looked up there; where it raises PlosiveError
    the media is offline for that reason, unless it is found elsewhere.

    Raises MediaReadError, MediaWriteError (unpacking), RangeError, MissingDependencyError and OptionError,
    each with one sentence.
    """
    if handles < 0:
        raise OptionError(f"--handles must be 0 or more, not {handles}.")
    finder = MediaFinder(
        media_base(path, unpack_to),
        tuple(media_folders),
        PathMap(tuple(path_map)),
        is_probing=probe,
        may_open=may_open,
    )
    loaded = load_timeline(path, timeline_name, rate)
    reel = _read(loaded, rate, handles, finder)
    if loaded.edl is not None and rate is None and _is_ntsc(reel.edit_rate, finder):
        loaded = load_timeline(path, timeline_name, reel.edit_rate * _NTSC)
        reel = _read(loaded, None, handles, finder)
    timeline, edit_rate, start = loaded.timeline, reel.edit_rate, loaded.timeline.global_start_time
    duration = nearest_frame(duration_seconds(timeline.tracks), edit_rate)
    markers = (*timeline_markers(timeline, edit_rate, duration), *reel.markers)
    is_drop_frame = loaded.edl.is_drop_frame if loaded.edl is not None else drops_frames(timeline, edit_rate)
    warnings = loaded.edl.warnings if loaded.edl is not None else ()
    if loaded.edl is not None and rate is None:
        spoken = f"{float(edit_rate):.6g}"
        warnings += (
            f"{path.name} does not say its frame rate: {spoken} was taken; name another with --rate.",
        )
    return Edit(
        path=path,
        format=SUFFIXES[loaded.suffix][1],
        name=timeline.name or path.stem,
        rate=edit_rate,
        is_drop_frame=is_drop_frame,
        start_frame=nearest_frame(exact_seconds(start), edit_rate) if start is not None else 0,
        duration_frames=duration,
        tracks=tuple(_with_roles(_tracks(timeline), reel.audio)),
        shots=reel.seen(),
        audio=tuple(reel.audio),
        markers=tuple(sorted(markers, key=lambda one: one.record.first_frame)),
        offline=reel.offline,
        unsupported=tuple(dict.fromkeys((*reel.unsupported, *_not_followed(loaded)))),
        warnings=warnings,
        otio_timeline=timeline,
    )


def _read(loaded: LoadedTimeline, rate: Fraction | None, handles: int, finder: MediaFinder) -> _Reel:
    timeline = loaded.timeline
    edl_rate = loaded.edl.rate if loaded.edl is not None else None
    finder.is_counting_frames = loaded.edl is not None
    reel = _Reel(rate or edit_rate_of(timeline, edl_rate), handles, finder)
    for one in sorted(placed_items(timeline, "Video"), key=lambda one: (one.start_seconds, one.path)):
        reel.add(one)
    by_place = {track.otio_index: track.index for track in _tracks(timeline)}
    for one in placed_items(timeline, "Audio"):
        reel.add_sound(one, by_place[one.path[0]])
    return reel


@dataclass
class _Reel:
    """Shots, sounds and markers as they are met, and what is missing or not followed."""

    edit_rate: Fraction
    handles: int
    finder: MediaFinder
    shots: list[Shot] = field(default_factory=list)
    audio: list[AudioUse] = field(default_factory=list)
    markers: list[EditMarker] = field(default_factory=list)
    unsupported: list[str] = field(default_factory=list)
    _laid: list[tuple[Placed, Shot | None]] = field(default_factory=list)
    _missing: dict[tuple[str, str, str], list[int]] = field(default_factory=dict)

    def add(self, placed: Placed) -> None:
        self.unsupported += placed.unsupported
        if not placed.is_clip:
            self._laid.append((placed, None))
            self.markers += item_markers(placed, self.edit_rate, None)
            return
        media = active_media(placed.item, self.edit_rate)
        if media is None:
            self._laid.append((placed, None))
            kind = placed.item.media_reference.schema_name()
            self.unsupported.append(f"{kind} '{placed.item.name}', which has no frames of its own")
            self.markers += item_markers(placed, self.edit_rate, None)
            return
        number = len(self.shots) + 1
        self.markers += item_markers(placed, self.edit_rate, number)
        wanted = (placed.source_start, placed.source_end)
        found = self.finder.find(media, wanted)
        media, notes = found.media, found.warnings
        if not media.is_probed:
            media, note = aligned(media, wanted, None, is_said=media.available is not None)
            notes += (note,) if note else ()
        if found.offline:
            self._missing.setdefault((media.name, media.url, found.offline), []).append(number)
        self.shots.append(planned_shot(number, placed, media, self.edit_rate, self.handles, notes))
        self._laid.append((placed, self.shots[-1]))

    def add_sound(self, placed: Placed, track_index: int) -> None:
        self.unsupported += placed.unsupported
        if placed.is_clip:
            self.audio.append(audio_use(placed, self.edit_rate, track_index, self.finder))

    def seen(self) -> tuple[Shot, ...]:
        """The shots; those that nobody sees say what hides them."""
        hidden = hidden_shots(self._laid)
        return tuple(
            replace(shot, hidden=hidden[shot.number]) if shot.number in hidden else shot
            for shot in self.shots
        )

    @property
    def offline(self) -> tuple[OfflineMedia, ...]:
        return tuple(
            OfflineMedia(name, url, tuple(shots), sentence)
            for (name, url, sentence), shots in self._missing.items()
        )


def _not_followed(loaded: LoadedTimeline) -> tuple[str, ...]:
    """What the reader of the file's format left out."""
    notes = loaded.edl.notes if loaded.edl is not None else ()
    return (*notes, *loaded.timeline.metadata.get(NOT_FOLLOWED, ()))


def _is_ntsc(rate: Fraction, finder: MediaFinder) -> bool:
    """Whether most movies of an edit list that counts 24, 30 or 60 have as many frames in 1.001 seconds."""
    common = finder.file_rates.most_common(1)
    return bool(common) and common[0][0] == rate * _NTSC


def _with_roles(tracks: list[EditTrack], audio: list[AudioUse]) -> list[EditTrack]:
    roles: dict[int, dict[str, None]] = {}
    for use in audio:
        if use.role:
            roles.setdefault(use.otio_path[0], {})[use.role] = None
    return [replace(track, roles=tuple(roles.get(track.otio_index, ()))) for track in tracks]


def _tracks(timeline: Any) -> list[EditTrack]:
    tracks: list[EditTrack] = []
    for otio_index, track in enumerate(timeline.tracks):
        kind = str(getattr(track, "kind", "Video")).lower()
        index = 1 + sum(one.kind == kind for one in tracks)
        is_enabled = bool(getattr(track, "enabled", True))
        tracks.append(EditTrack(track.name, kind, index, otio_index, is_enabled))
    return tracks
