# SPDX-License-Identifier: Apache-2.0
"""Pictures and sound, in and out: `open_plate` and `open_writer`, `read_dub`, exact time and timecode.

Importing this is light; FFmpeg and OpenImageIO are loaded when a file is opened.
"""

from __future__ import annotations

from plosive.media.audio import Dub, DubTrack, read_dub
from plosive.media.mixing import cut_stem, mix_dubs
from plosive.media.plate import PlateFrame, PlateInfo, PlateKind, PlateReader, PlateWriter
from plosive.media.reading import open_plate
from plosive.media.timecode import FrameRange, Timecode, parse_frame_range, parse_time
from plosive.media.writing import copier_of, open_writer

__all__ = [
    "Dub",
    "DubTrack",
    "FrameRange",
    "PlateFrame",
    "PlateInfo",
    "PlateKind",
    "PlateReader",
    "PlateWriter",
    "Timecode",
    "copier_of",
    "cut_stem",
    "mix_dubs",
    "open_plate",
    "open_writer",
    "parse_frame_range",
    "parse_time",
    "read_dub",
]
