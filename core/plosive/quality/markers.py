# SPDX-License-Identifier: Apache-2.0
"""Flagged ranges as markers on a clip, in an OTIO file for editing programs."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

from plosive import __version__
from plosive.errors import MissingDependencyError
from plosive.media.imagefile import IMAGE_SUFFIXES
from plosive.media.sequencefiles import SequenceFiles, find_sequence
from plosive.media.staging import write_whole
from plosive.media.timecode import Timecode
from plosive.quality.outputs import MARKERS_SUFFIXES, require_output
from plosive.quality.record import json_ready
from plosive.quality.scorecard import Flag, Scorecard

__all__ = ["MARKERS_SCHEMA", "write_markers"]

MARKERS_SCHEMA = "plosive.markers.v1"


def write_markers(card: Scorecard, path: Path, overwrite: bool = False) -> None:
    """Write one timeline with one clip, the result, and a marker for each flag, whole or not at all.

    Times are the media's own: frames counted from 00:00:00:00 where the result has timecode, else its frame
    numbers, at its exact rate. Colours go by severity: yellow below a third, orange, red from two thirds.
    Raises MediaWriteError; MediaReadError when the result is a sequence that is there no more;
    MissingDependencyError without OpenTimelineIO.
    """
    require_output(path, "markers", MARKERS_SUFFIXES, overwrite)
    try:
        import opentimelineio as otio
    except ImportError as error:
        raise MissingDependencyError(
            "Markers need OpenTimelineIO; install it with: pip install opentimelineio==0.18.1"
        ) from error

    rate = float(card.frame_rate)
    media_start = _media_start(card)

    def span(first_frame: int, frames: int) -> Any:
        start = media_start + first_frame - card.first_frame
        return otio.opentime.TimeRange(
            otio.opentime.RationalTime(start, rate), otio.opentime.RationalTime(frames, rate)
        )

    whole = span(card.first_frame, card.frame_count)
    media, name = _media(otio, card, whole)
    clip = otio.schema.Clip(name, media, whole, {"plosive": json_ready({"plate": card.plate})})
    for flag in card.flags:
        clip.markers.append(
            otio.schema.Marker(
                name=_title(card, flag),
                marked_range=span(flag.first_frame, flag.last_frame_inclusive - flag.first_frame + 1),
                color=_colour(otio, flag.severity),
                metadata={"plosive": json_ready(dataclasses.asdict(flag))},
                comment=flag.sentence,
            )
        )
    track = otio.schema.Track("Video 1", [clip], kind=otio.schema.TrackKind.Video)
    timeline = otio.schema.Timeline(f"{name} flags", [track], whole.start_time)
    timeline.metadata["plosive"] = json_ready(
        {"schema": MARKERS_SCHEMA, "plosive": __version__, "result": card.result, "dub": card.dub}
    )
    write_whole(path, otio.adapters.write_to_string(timeline, "otio_json", indent=1) + "\n")


def _media_start(card: Scorecard) -> int:
    """The first frame on the media's own clock, in frames."""
    if card.start_timecode is None:
        return card.first_frame
    return Timecode.parse(card.start_timecode, card.frame_rate).frame_number


def _media(otio: Any, card: Scorecard, whole: Any) -> tuple[Any, str]:
    """The reference to the result's file or files, and the name an artist knows it by."""
    files: SequenceFiles | Path = card.result.absolute()
    if card.result.is_dir() or card.result.suffix.lower() in IMAGE_SUFFIXES:
        files = find_sequence(card.result.absolute())
    if isinstance(files, Path):
        return otio.schema.ExternalReference(files.as_uri(), whole), files.name
    pattern = files.pattern
    media = otio.schema.ImageSequenceReference(
        target_url_base=pattern.folder.as_uri(),
        name_prefix=pattern.prefix,
        name_suffix=pattern.suffix,
        start_frame=files.first_frame,
        rate=whole.start_time.rate,
        frame_zero_padding=pattern.digits,
        available_range=whole,
    )
    span = f"[{files.first_frame:0{pattern.digits}d}-{files.last_frame_inclusive:0{pattern.digits}d}]"
    return media, f"{pattern.prefix}{span}{pattern.suffix}"


def _title(card: Scorecard, flag: Flag) -> str:
    """The figure's title: the whole result's, else a face's."""
    figures = [*card.figures, *(figure for face in card.faces for figure in face.figures)]
    return next((figure.definition.title for figure in figures if figure.key == flag.figure), flag.figure)


def _colour(otio: Any, severity: float) -> str:
    colours = otio.schema.MarkerColor
    if severity >= 2 / 3:
        return str(colours.RED)
    return str(colours.ORANGE if severity >= 1 / 3 else colours.YELLOW)
