# SPDX-License-Identifier: Apache-2.0
"""Shots of a conformed edit switched back to their originals, and forth to their synced plates."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from plosive.conform.formats import load_timeline
from plosive.conform.reading import read_edit
from plosive.conform.results.conformed_timeline import METADATA_KEY, ORIGINAL_KEY, SYNCED_KEY
from plosive.conform.results.cutting import cut_of
from plosive.conform.results.exporting import EXPORTS, write_edit, write_exports
from plosive.errors import MediaReadError, MediaWriteError, OptionError

__all__ = ["SIDES", "Switched", "switch_shots"]

SIDES = ("original", "synced")
_ORIGINAL_RANGE, _SYNCED_RANGE = "original_source_range", "synced_source_range"


@dataclass(frozen=True)
class Switched:
    """`shots` are (number, name) of those that show something else now, `paths` what was written, `notes`
    sentences on what a format other than OTIO does not say.
    """

    shots: tuple[tuple[int | None, str], ...]
    paths: tuple[Path, ...]
    notes: tuple[str, ...] = ()


def switch_shots(edit: Path, shots: Sequence[str], to: str, out: Path) -> Switched:
    """Write the conformed edit `edit` (OTIO) as `out`, with `shots` (names, or numbers as the report has
    them; none means all) showing their `original` or their `synced` plates. `out` may end in otio, edl, xml,
    fcpxml or aaf, and must not exist. The dub stays as it is.

    Raises MediaReadError, MediaWriteError, OptionError, MissingDependencyError.
    """
    if to not in SIDES:
        raise OptionError(f"A shot is switched to {' or '.join(SIDES)}, not to '{to}'.")
    suffix = out.suffix.lower().lstrip(".")
    if suffix != "otio" and suffix not in EXPORTS:
        raise OptionError(f"{out.name} must end in .otio, {', '.join(f'.{one}' for one in EXPORTS)}.")
    if edit.suffix.lower() not in (".otio", ".otioz", ".otiod"):
        raise MediaReadError(f"{edit.name} holds one plate for each shot; switch the conformed OTIO edit.")
    if out.exists():
        raise MediaWriteError(f"{out} exists already; it is left as it is: name another.")
    timeline = load_timeline(edit).timeline
    timeline.name = out.stem
    changed = tuple(_switched(_chosen(edit, timeline, shots), to))
    if suffix == "otio":
        write_edit(timeline, out)
        return Switched(changed, (out,))
    with TemporaryDirectory(prefix="plosive-switch-") as folder:
        made = Path(folder) / f"{out.stem}.otio"
        write_edit(timeline, made)
        written = write_exports(cut_of(read_edit(made), out.stem, {}), out.parent, suffix)
    return Switched(changed, written.paths, written.notes)


def _chosen(edit: Path, timeline: Any, shots: Sequence[str]) -> list[Any]:
    """The clips that `shots` name, of those that have both plates."""
    both = [
        clip
        for clip in timeline.find_clips()
        if {ORIGINAL_KEY, SYNCED_KEY} <= set(clip.media_references()) and METADATA_KEY in clip.metadata
    ]
    if not both:
        raise OptionError(f"{edit.name} has no synced shot to switch; name an edit that conform wrote.")
    if not shots:
        return both
    chosen: list[Any] = []
    for wish in shots:
        found = [clip for clip in both if wish in (clip.name, str(_number(clip)))]
        if not found:
            known = ", ".join(f"{_number(clip) or ''} {clip.name}".strip() for clip in both[:12])
            more = ", ..." if len(both) > 12 else ""
            raise OptionError(f"{edit.name} has no synced shot '{wish}', but {known}{more}.")
        chosen += [clip for clip in found if not any(clip is one for one in chosen)]
    return chosen


def _number(clip: Any) -> int | None:
    number = clip.metadata[METADATA_KEY].get("shot")
    return int(number) if number is not None else None


def _switched(clips: Sequence[Any], to: str) -> Iterator[tuple[int | None, str]]:
    """Switch the clips; number and name of those that were on the other side."""
    key, here, there = (
        (ORIGINAL_KEY, _SYNCED_RANGE, _ORIGINAL_RANGE)
        if to == "original"
        else (SYNCED_KEY, _ORIGINAL_RANGE, _SYNCED_RANGE)
    )
    for clip in clips:
        if clip.active_media_reference_key == key:
            continue
        clip.active_media_reference_key = key
        about = clip.metadata[METADATA_KEY]
        wanted = about.get(there)
        if wanted is not None:  # media without timecode: each side counts from its own first frame
            now = clip.source_range
            for marker in clip.markers:
                _move(marker, wanted.start_time - now.start_time)
            about[here] = now
            clip.source_range = wanted
        yield _number(clip), clip.name


def _move(marker: Any, by: Any) -> None:
    import opentimelineio as otio

    marked = marker.marked_range
    start = marked.start_time + by.rescaled_to(marked.start_time.rate)
    marker.marked_range = otio.opentime.TimeRange(start, marked.duration)
