# SPDX-License-Identifier: Apache-2.0
"""What two videos say of themselves: format, colour, timecode, metadata."""

from __future__ import annotations

from collections.abc import Iterator

from plosive.media.videoreader import VideoReader
from plosive.verify.check import Check, Status
from plosive.verify.streams import Movie

__all__ = ["format_check", "metadata_check", "timecode_check"]

_OF_THE_WRITER = frozenset(
    {
        "encoder",
        "vendor_id",
        "handler_name",
        "major_brand",
        "minor_version",
        "compatible_brands",
        "duration",
        "timecode",
    }
)
"""Keys that say who wrote the file, are made by FFmpeg itself, or have a check of their own."""

_NO_LANGUAGE = {"language": "und"}
"""What some containers spell out and others leave out."""


def format_check(plate: VideoReader, out: VideoReader, is_same_codec: bool, is_intra: bool) -> Check:
    """Codec, size, samples, colour tags, aspect, fields and turn."""
    rows = list(_rows(plate, out))
    wrong = [(name, mine, its) for name, mine, its in rows if mine != its]
    figures = {name: {"plate": mine, "out": its} for name, mine, its in rows}
    if not wrong:
        text = ", ".join(its for name, _, its in rows if name in ("codec", "size", "samples"))
        return Check("format", Status.PASS, f"Both are {text}, with the same tags.", figures)
    said = ", ".join(f"{name} is {its} instead of {mine}" for name, mine, its in wrong)
    if {name for name, _, _ in wrong} == {"profile"} and not is_intra:
        text = f"{said[:1].upper()}{said[1:]}, as encoders choose it; the rest is the plate's."
        return Check("format", Status.INFO, text, figures)
    if not is_same_codec:
        return Check(
            "format",
            Status.INFO,
            f"There is nothing to verify by bytes: {said}. Pictures are compared as they decode.",
            figures,
        )
    return Check("format", Status.FAIL, f"{said[:1].upper()}{said[1:]}.", figures)


def _rows(plate: VideoReader, out: VideoReader) -> Iterator[tuple[str, str, str]]:
    for name, of in (
        ("codec", lambda reader: reader.source.codec_name),
        ("profile", lambda reader: str(reader.source.profile)),
        ("size", lambda reader: f"{reader.samples.width}x{reader.samples.height}"),
        ("samples", lambda reader: reader.info.pixel_format),
        ("primaries", lambda reader: str(reader.source.tags.primaries)),
        ("transfer", lambda reader: str(reader.source.tags.transfer)),
        ("matrix", lambda reader: str(reader.source.tags.matrix)),
        ("range", lambda reader: str(max(1, reader.source.tags.range))),
        ("pixel aspect", lambda reader: str(reader.info.pixel_aspect)),
        # 0 is not said, 1 progressive (above: video levels): the same to every reader.
        ("field order", lambda reader: str(max(1, reader.source.field_order))),
        ("turn", lambda reader: str(reader.source.display_matrix)),
    ):
        yield name, of(plate), of(out)


def timecode_check(plate: VideoReader, out: VideoReader, movies: tuple[Movie, Movie]) -> Check:
    """The start timecode, and the bytes of timecode tracks. A part of a plate begins with the timecode of its
    first frame, so that its track has bytes of its own.
    """
    ours, theirs = plate.info.start_timecode, out.info.start_timecode
    tracks = [[track.sha256 for track in movie.of_kind("data")] for movie in movies]
    figures = {"plate": ours, "out": theirs, "data_tracks": tracks}
    of = f"'s frame {plate.info.first_frame}" if plate.is_part and ours else ""
    if ours != theirs:
        text = (
            f"The timecode {ours} is lost."
            if theirs is None
            else f"OUT starts at {theirs}, the plate{of} {'at ' + ours if ours else 'has no timecode'}."
        )
        return Check("timecode", Status.FAIL, text, figures)
    if plate.is_part and ours is not None:
        text = f"OUT starts at {theirs}, as its first frame does in the plate."
        return Check("timecode", Status.PASS, text, figures)
    if tracks[0] != tracks[1] and not plate.is_part:
        if ours is None and not tracks[0]:
            text = "OUT has a data track that the plate has not."
            return Check("timecode", Status.FAIL, text, figures)
        text = f"Both start at {ours}, but the samples of their timecode or data tracks differ."
        return Check("timecode", Status.FAIL, text, figures)
    if ours is None:
        return Check("timecode", Status.SKIPPED, "The plate has no timecode, nor has OUT.", figures)
    where = ", and so are the samples of its track" if tracks[0] else ""
    return Check("timecode", Status.PASS, f"The start timecode {ours} is the plate's{where}.", figures)


def metadata_check(movies: tuple[Movie, Movie], is_new_file: bool) -> Check:
    """Tags of the file and of its picture, as FFmpeg tells them. `is_new_file`: the report admits it is
    one.
    """
    lost: list[str] = []
    new: list[str] = []
    changed: list[str] = []
    plate, out = movies
    pairs = (
        ("", plate.metadata, out.metadata),
        ("video:", plate.tracks[plate.picture].metadata, out.tracks[out.picture].metadata),
    )
    for prefix, ours, theirs in pairs:
        for key in dict.fromkeys((*ours, *theirs)):
            if key.lower() in _OF_THE_WRITER:
                continue
            mine, its = (said.get(key, _NO_LANGUAGE.get(key)) for said in (ours, theirs))
            if mine != its:
                (lost if its is None else new if mine is None else changed).append(prefix + key)
    figures = {"lost": lost, "new": new, "changed": changed}
    if not (lost or new or changed):
        return Check(
            "metadata", Status.PASS, "All tags of the file and its picture are the plate's.", figures
        )
    said = "; ".join(
        f"{what} {', '.join(keys[:6])}"
        for what, keys in (("lost", lost), ("new", new), ("changed", changed))
        if keys
    )
    status = Status.FAIL if lost or changed else Status.INFO
    if status is Status.FAIL and is_new_file:
        status = Status.REPORTED
    return Check("metadata", status, f"Tags differ: {said}.", figures)
