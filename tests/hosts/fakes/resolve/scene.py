# SPDX-License-Identifier: Apache-2.0
"""Builds what a test needs: a program with a timeline, media on it, a playhead, a selection."""

from __future__ import annotations

import os
from fractions import Fraction
from typing import Literal

from fakes.resolve.application import FakeApplication, Resolve
from fakes.resolve.cut import ItemState, TimelineState, TrackState
from fakes.resolve.edition import FakeBehaviour, FakeEdition
from fakes.resolve.fusion import CompState
from fakes.resolve.media import MediaState
from fakes.resolve.nesting import as_media
from fakes.resolve.probing import probe_file, probe_sequence
from plosive.media import Timecode

__all__ = ["Scene"]

Kind = Literal["video", "audio", "both"]


class Scene:
    """A project with one empty timeline at `rate` that starts at `start`; drop frame where that has a ';'.

    >>> scene = Scene(Fraction(24000, 1001))
    >>> plate = scene.imported("plate.mov")
    >>> clip = scene.place(plate, record_frame=scene.frame(10), source_in=5, duration=40)
    >>> scene.select(clip)
    >>> globals_of_script = scene.app.script_globals("Edit")
    """

    def __init__(
        self,
        rate: Fraction | int = 24,
        start: str = "01:00:00:00",
        *,
        edition: FakeEdition | None = None,
        behaviour: FakeBehaviour | None = None,
        name: str = "Reel 1",
        width: int = 1920,
        height: int = 1080,
    ) -> None:
        self.app = FakeApplication(edition, behaviour)
        self.rate = Fraction(rate)
        first = Timecode.parse(start, self.rate)
        project = self.app.project
        project.rate, project.width, project.height = self.rate, width, height
        self.timeline = TimelineState(name, self.rate, first.frame_number, first.is_drop_frame, width, height)
        project.add_timeline(self.timeline)

    @property
    def resolve(self) -> Resolve:
        """The object `resolve` that a script gets."""
        return self.app.resolve()

    def frame(self, offset_frames: int) -> int:
        """The absolute number of the frame this many frames after the timeline's begin."""
        return self.timeline.start_frame + offset_frames

    # media

    def imported(
        self, path: str | os.PathLike[str], first_file: int | None = None, last_file: int | None = None
    ) -> MediaState:
        """A real file in the root bin; a sequence by pattern (a.%04d.exr) with its first and last number."""
        if first_file is not None and last_file is not None:
            media = probe_sequence(os.fspath(path), first_file, last_file, self.rate)
        else:
            media = probe_file(os.fspath(path), self.rate)
        return self.add_media(media)

    def add_media(self, media: MediaState) -> MediaState:
        self.app.project.root_folder.clips.append(media)
        return media

    def picture(
        self,
        name: str = "plate.mov",
        frames: int = 200,
        rate: Fraction | int | None = None,
        *,
        start_timecode: str = "00:00:00:00",
        audio_channels: int = 0,
        folder: str = "/media",
    ) -> MediaState:
        """A video that lies nowhere: for tests that need no pictures."""
        own = self.rate if rate is None else Fraction(rate)
        start = Timecode.parse(start_timecode, own)
        return self.add_media(
            MediaState(
                name,
                f"{folder}/{name}",
                "both" if audio_channels else "video",
                own,
                frames,
                start_timecode_frame=start.frame_number,
                is_drop_frame=start.is_drop_frame,
                width=1920,
                height=1080,
                video_codec="Apple ProRes 422 HQ",
                audio_channels=audio_channels,
                sample_rate=48000 if audio_channels else 0,
                audio_seconds=Fraction(frames) / own if audio_channels else Fraction(0),
            )
        )

    def sequence(
        self,
        name: str = "shot",
        first_file: int = 1001,
        frames: int = 100,
        *,
        start_timecode: str = "00:00:00:00",
    ) -> MediaState:
        """An EXR sequence that lies nowhere, at the timeline's rate."""
        shown = f"{name}.[{first_file:04d}-{first_file + frames - 1:04d}].exr"
        start = Timecode.parse(start_timecode, self.rate).frame_number
        return self.add_media(
            MediaState(
                shown,
                f"/media/{shown}",
                "sequence",
                self.rate,
                frames,
                first_file_number=first_file,
                start_timecode_frame=start,
                width=1920,
                height=1080,
                video_codec="OpenEXR",
            )
        )

    def sound(
        self,
        name: str = "dub.wav",
        seconds: Fraction | int = 10,
        *,
        rate: Fraction | int | None = None,
        channels: int = 1,
        folder: str = "/media",
    ) -> MediaState:
        """A sound file that lies nowhere. `rate` is the project's when it was imported: its 'FPS'."""
        own = self.rate if rate is None else Fraction(rate)
        return self.add_media(
            MediaState(
                name,
                f"{folder}/{name}",
                "audio",
                own,
                int(Fraction(seconds) * own),
                audio_channels=channels,
                sample_rate=48000,
                audio_seconds=Fraction(seconds),
            )
        )

    # the cut

    def track(self, kind: Literal["video", "audio"], index: int) -> TrackState:
        """A track, made when it is not there."""
        tracks = self.timeline.tracks(kind)
        while len(tracks) < index:
            tracks.append(
                TrackState(f"{kind.capitalize()} {len(tracks) + 1}", "mono" if kind == "audio" else "")
            )
        return tracks[index - 1]

    def place(
        self,
        media: MediaState,
        track: int = 1,
        *,
        record_frame: int | None = None,
        source_in: Fraction | int = 0,
        duration: int | None = None,
        speed: Fraction | int = 1,
        kind: Kind | None = None,
        audio_track: int | None = None,
        name: str = "",
    ) -> ItemState:
        """Puts media on a track, at an absolute frame (default: at its end), for `duration` frames of the
        timeline (default: to the media's end). `source_in` is the frame of the media (from 0) shown first;
        backwards, too.

        `kind` 'both' places its sound, linked, on `audio_track` (default: the same number). Answers the
        picture's item, or the sound's of sound alone.
        """
        speed, first = Fraction(speed), Fraction(source_in)
        kind = kind or ("audio" if not media.has_video else "video")
        kinds: tuple[Literal["video", "audio"], ...] = ("video", "audio") if kind == "both" else (kind,)
        start = self.track(kinds[0], track)
        if record_frame is None:
            record_frame = max(
                (i.record_end_exclusive for i in start.items), default=self.timeline.start_frame
            )
        position = first + 1 if speed < 0 else first
        per_frame = speed * media.rate / self.rate
        if duration is None:
            room = media.frame_count - position if speed > 0 else position
            assert per_frame, "say how long a freeze lasts"
            duration = int(room / abs(per_frame))
        end = position + duration * per_frame
        assert duration > 0 and 0 <= min(position, end) <= max(position, end) <= media.frame_count, (
            f"{media.name} has {media.frame_count} frames, not {position} to {end}"
        )
        link = self.timeline.new_link() if len(kinds) > 1 else 0
        made = [
            ItemState(
                one, name or media.name, record_frame, duration, media, position, speed, link_group=link
            )
            for one in kinds
        ]
        for item in made:
            home = self.track(
                "video" if item.kind == "video" else "audio",
                track if item.kind == kinds[0] else audio_track or track,
            )
            assert not home.overlaps(record_frame, record_frame + duration), "something lies there"
            home.items.append(item)
        return made[0]

    def generator(self, track: int, record_frame: int, duration: int, name: str = "Solid Color") -> ItemState:
        item = ItemState("generator", name, record_frame, duration)
        self.track("video", track).items.append(item)
        return item

    def transition(
        self, track: int, cut_frame: int, duration: int, name: str = "Cross Dissolve"
    ) -> ItemState:
        """[M] an item of its own across the cut."""
        item = ItemState("transition", name, cut_frame - duration // 2, duration)
        self.track("video", track).items.append(item)
        return item

    def nested(
        self, timeline: TimelineState, kind: Literal["timeline", "compound"] = "timeline"
    ) -> MediaState:
        """A timeline as a clip of the media pool."""
        return self.add_media(as_media(timeline, kind, timeline.name))

    def link(self, *items: ItemState) -> None:
        group = self.timeline.new_link()
        for item in items:
            item.link_group = group

    def linked_to(self, item: ItemState) -> list[ItemState]:
        """The others of its link group."""
        same = [one for one in self.timeline.all_items() if one.link_group == item.link_group]
        return [one for one in same if one is not item] if item.link_group else []

    def fusion_comp(self, item: ItemState) -> CompState:
        """Gives a clip a composition, as opening it on the Fusion page does."""
        comp = CompState(f"Composition {len(item.fusion_comps) + 1}")
        item.fusion_comps.append(comp)
        return comp

    # what the artist does

    def select(self, *items: ItemState) -> None:
        self.timeline.selected = list(items)

    def playhead(self, frame: int) -> None:
        self.timeline.playhead_frame = frame
