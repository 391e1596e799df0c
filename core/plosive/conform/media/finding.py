# SPDX-License-Identifier: Apache-2.0
"""Finding the media of an edit on this machine: as written, mapped, beside the edit, by name, by timecode."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from pathlib import Path, PurePosixPath

from plosive.conform.media.clock import covers, with_facts
from plosive.conform.media.path_map import PathMap, is_windows_path
from plosive.conform.media.probe import MediaFacts, MediaProbe
from plosive.conform.media.references import plain_path
from plosive.conform.media.sequence_run import run_around
from plosive.conform.shot import ShotMedia
from plosive.errors import PlosiveError
from plosive.media.sequencefiles import numbered_pattern

__all__ = ["Found", "MediaFinder"]

Clock = tuple[Fraction, Fraction]


@dataclass(frozen=True)
class Found:
    """The media, online or not, and sentences: why it is offline, or what to know of it."""

    media: ShotMedia
    offline: str = ""
    warnings: tuple[str, ...] = ()


@dataclass
class MediaFinder:
    """Looks for media, each piece once. Paths without a beginning count from `base`. With
    `is_counting_frames` the edit counts frames of timecode, whatever the media's rate (EDL). `may_open` is
    asked of each path before anything is looked up there, and raises PlosiveError for one that is not to be
    opened: it counts as not there.
    """

    base: Path
    media_folders: tuple[Path, ...]
    path_map: PathMap
    is_probing: bool = True
    is_counting_frames: bool = False
    may_open: Callable[[Path], None] | None = None
    file_rates: Counter[Fraction] = field(default_factory=Counter)
    _probe: MediaProbe = field(default_factory=MediaProbe)
    _refusals: dict[tuple[str, str], str] = field(default_factory=dict)
    _places: dict[tuple[str, str], tuple[tuple[str, Path], ...]] = field(default_factory=dict)

    def find(self, media: ShotMedia, wanted: Clock) -> Found:
        """`media` with its place and frames; `wanted` are the first and last moment of its clock that are
        shown.
        """
        if media.frame_step != 1:
            return Found(media, offline=_stepped(media))
        places = self._candidates(media)
        failures: list[str] = []
        fitting: list[tuple[ShotMedia, tuple[str, ...]]] = []
        for how, path in places:
            if not self.is_probing:
                return Found(replace(media, path=path, found=how))
            facts = self._facts(path, media)
            part = run_around(path, media, wanted) if facts.failure and media.kind == "sequence" else None
            if part is not None:
                facts = self._facts(part, media)
            if facts.failure:
                failures.append(facts.failure)
                continue
            if facts.rate is not None and media.kind == "file":
                self.file_rates[facts.rate] += 1
            placed, notes = with_facts(media, facts, wanted, self.is_counting_frames)
            placed = replace(placed, path=path, found=how, is_part=part is not None)
            if how not in ("by name", "by timecode"):
                return Found(placed, warnings=notes)
            if covers(placed, wanted):
                fitting.append((placed, notes))
        nearest = _nearest([media for media, _ in fitting], plain_path(media.url))
        if nearest is not None:
            return Found(fitting[nearest][0], warnings=fitting[nearest][1])
        return Found(media, offline=self._sentence(media, places, failures, len(fitting)))

    def _facts(self, path: Path, media: ShotMedia) -> MediaFacts:
        if media.kind == "sound":
            return self._probe.sound_facts(path, media.rate)
        return self._probe.facts(path, media.rate)

    def _sentence(
        self, media: ShotMedia, places: tuple[tuple[str, Path], ...], failures: list[str], fitting: int
    ) -> str:
        name = media.name or media.url
        refusal = self._refusals.get((media.url, media.name), "")
        if refusal and not places:
            return refusal
        if fitting > 1:
            listed = ", ".join(str(path) for _, path in places[:4])
            return (
                f"{fitting} files are called {name} and have its timecode ({listed}); "
                "name the folder of one of them alone."
            )
        if failures:
            return failures[0]
        if places:
            return (
                f"{name} was found by its name at {places[0][1]}, but without the frames that the edit shows."
            )
        where = f" (the edit has it at {plain_path(media.url)})" if media.url else ""
        return (
            f"{name} is offline{where}; name the folder it lies in with --media, or its new place with --map."
        )

    def _candidates(self, media: ShotMedia) -> tuple[tuple[str, Path], ...]:
        key = (media.url, media.name)
        if key not in self._places:
            self._places[key] = tuple(self._looked_for(media))
        return self._places[key]

    def _looked_for(self, media: ShotMedia) -> Iterator[tuple[str, Path]]:
        text = plain_path(media.url)
        if text:
            for how, path in self._direct(text):
                if self._is_allowed(path, media) and _exists(path, media.kind):
                    yield how, path
                    return
        names = [name for name in (_basename(text), media.name, *media.aliases) if name]
        for name in dict.fromkeys(names):
            named = self._named.get(_key(name), ())
            if found := [("by name", path) for path in named if self._is_allowed(path, media)]:
                yield from found
                return
        for name in dict.fromkeys(names):
            alike = self._stems.get(_stem(name), ())
            if found := [("by timecode", path) for path in alike if self._is_allowed(path, media)]:
                yield from found
                return

    def _is_allowed(self, path: Path, media: ShotMedia) -> bool:
        if self.may_open is None:
            return True
        try:
            self.may_open(path)
        except PlosiveError as error:
            self._refusals.setdefault((media.url, media.name), str(error))
            return False
        return True

    def _direct(self, text: str) -> Iterator[tuple[str, Path]]:
        mapped = self.path_map.here(text)
        if mapped is not None:
            yield "mapped", mapped
        plain = text if os.name == "nt" or not is_windows_path(text) else ""
        if plain and Path(plain).is_absolute():
            yield "as written", Path(plain)
        elif plain:
            yield "as written", self.base / plain.replace("\\", "/")
        yield "beside the edit", self.base / _basename(text)

    @cached_property
    def _files(self) -> tuple[Path, ...]:
        """Every media file below the folders; of a sequence its pattern, once."""
        found: dict[Path, None] = {}
        for folder in self.media_folders:
            for root, folders, names in os.walk(folder):
                folders[:] = sorted(name for name in folders if not name.startswith("."))
                for name in sorted(names):
                    path = Path(root, name)
                    found[path] = None
                    pattern = numbered_pattern(path)
                    if pattern is not None:
                        found[pattern.folder / pattern.text] = None
        return tuple(found)

    @cached_property
    def _named(self) -> dict[str, list[Path]]:
        by_name: dict[str, list[Path]] = {}
        for path in self._files:
            by_name.setdefault(_key(path.name), []).append(path)
        return by_name

    @cached_property
    def _stems(self) -> dict[str, list[Path]]:
        by_stem: dict[str, list[Path]] = {}
        for path in self._files:
            by_stem.setdefault(_stem(path.name), []).append(path)
        return by_stem


def _stepped(media: ShotMedia) -> str:
    return (
        f"{media.name} is played in steps of {media.frame_step} files, Plosive needs every one: render it "
        "to a sequence without steps."
    )


def _exists(path: Path, kind: str) -> bool:
    if kind != "sequence":
        return path.is_file()
    head, tail = path.name.split("#", 1)[0], path.name.rsplit("#", 1)[-1]
    try:
        with os.scandir(path.parent) as entries:
            return any(entry.name.startswith(head) and entry.name.endswith(tail) for entry in entries)
    except OSError:
        return False


def _basename(text: str) -> str:
    return text.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1]


def _key(name: str) -> str:
    """Names compare without case; sequences whatever their padding."""
    lowered = name.casefold()
    while "##" in lowered:
        lowered = lowered.replace("##", "#")
    return lowered


def _stem(name: str) -> str:
    return PurePosixPath(name.casefold()).stem.rstrip("#").rstrip("._-")


def _nearest(found: list[ShotMedia], text: str) -> int | None:
    """Which of several pieces of media lies in folders called most like those the edit has; None for no
    single one.
    """
    tails = [_common_tail(media.path, text) if media.path is not None else 0 for media in found]
    best = [index for index, tail in enumerate(tails) if tail == max(tails)]
    return best[0] if len(best) == 1 else None


def _common_tail(path: Path, text: str) -> int:
    """How many folders from the file upwards are called the same as the edit has them."""
    ours = [part.casefold() for part in path.parts[::-1]]
    theirs = [part.casefold() for part in text.replace("\\", "/").split("/")[::-1]]
    count = 0
    for one, other in zip(ours, theirs, strict=False):
        if one != other:
            break
        count += 1
    return count
