# SPDX-License-Identifier: Apache-2.0
"""A cut as CMX 3600 edit lists, one for each video track.

Written here and not by OpenTimelineIO's adapter (1.0.0), which counts record timecode from 0, divides by a
speed where it should multiply, and makes 29.97 drop frame always.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil

from plosive.conform.results.cut import Cut, CutMedia, CutTrack, Dissolve, Piece
from plosive.media.timecode import FrameRange, Timecode

__all__ = ["edit_lists"]

_ZERO = "00:00:00:00"
_BLACK = "BL"


def edit_lists(cut: Cut) -> tuple[dict[str, str], tuple[str, ...]]:
    """The lists by the end of their name (`_V1`, `_V2`; empty where there is one track alone), and sentences
    on what they do not say.
    """
    notes: list[str] = []
    tracks = [track for track in cut.video if track.pieces]
    lists = {}
    for number, track in enumerate(tracks, 1):
        lines = [f"TITLE: {cut.name}", f"FCM: {'DROP FRAME' if cut.is_drop_frame else 'NON-DROP FRAME'}"]
        for event, told in enumerate(_events(cut, track, notes), 1):
            lines += [line.replace("#", f"{event:03d}", 1) for line in told]
        lists[f"_V{number}" if len(tracks) > 1 else ""] = "\r\n".join(lines) + "\r\n"
    if cut.audio:
        notes.append("EDL: sound is left out; take it from the OTIO or lay the dub yourself.")
    return lists, tuple(notes)


@dataclass(frozen=True)
class _Side:
    """One side of an event: what is shown, in which frames of the edit."""

    piece: Piece
    span: FrameRange


def _events(cut: Cut, track: CutTrack, notes: list[str]) -> Iterator[list[str]]:
    """Lines of each event, `#` for its number."""
    before: _Side | None = None
    for piece in track.pieces:
        if not piece.is_enabled or not track.is_enabled:
            notes.append(f"EDL: shot {piece.number}, '{piece.name}', is switched off and left out.")
            continue
        begin, end = piece.record.first_frame, piece.record.last_frame_inclusive + 1
        if piece.dissolve_in is not None:
            begin = piece.dissolve_in.first_frame
        if piece.dissolve_out is not None:
            end = piece.dissolve_out.first_frame
        if end <= begin:
            notes.append(f"EDL: shot {piece.number}, '{piece.name}', is all dissolve, which no EDL can say.")
            continue
        side = _Side(piece, FrameRange(begin, end - 1))
        if piece.dissolve_in is None:
            yield [_line(cut, side, "C", notes), *_about(cut, side, "FROM")]
        else:
            from_black = piece.fades_in or before is None
            yield [
                _left(cut, None if from_black else before, begin),
                _line(cut, side, f"D    {piece.dissolve_in.frames:03d}", notes),
                *([] if from_black or before is None else [f"* FROM CLIP NAME:  {_clip_name(before.piece)}"]),
                *_about(cut, side, "TO"),
            ]
        if piece.dissolve_out is not None and piece.fades_out:
            yield _to_black(cut, side, piece.dissolve_out)
        before = side


def _line(cut: Cut, side: _Side, kind: str, notes: list[str]) -> str:
    start, length = _source(cut, side, notes)
    codes = [
        start,
        start + length,
        cut.timecode(side.span.first_frame),
        cut.timecode(side.span.last_frame_inclusive + 1),
    ]
    return f"#  {side.piece.media.reel:<8} V     {kind:<8} " + " ".join(map(str, codes))


def _left(cut: Cut, side: _Side | None, at: int) -> str:
    """The first line of a dissolve: what is left, no frame long."""
    record = cut.timecode(at)
    if side is None:
        return f"#  {_BLACK:<8} V     {'C':<8} {_ZERO} {_ZERO} {record} {record}"
    start, length = _source(cut, side, [])
    return f"#  {side.piece.media.reel:<8} V     {'C':<8} {start + length} {start + length} {record} {record}"


def _to_black(cut: Cut, side: _Side, dissolve: Dissolve) -> list[str]:
    zero = Timecode(0, cut.rate, cut.is_drop_frame)
    codes = [
        zero,
        zero + dissolve.frames,
        cut.timecode(dissolve.first_frame),
        cut.timecode(dissolve.end_frame),
    ]
    black = f"#  {_BLACK:<8} V     D    {dissolve.frames:03d} " + " ".join(map(str, codes))
    return [_left(cut, side, dissolve.first_frame), black, f"* FROM CLIP NAME:  {_clip_name(side.piece)}"]


def _source(cut: Cut, side: _Side, notes: list[str]) -> tuple[Timecode, int]:
    """Timecode of the lowest frame shown, and how many frames the list says there are."""
    piece, span = side.piece, side.span
    speed = _speed(cut, piece, span)
    start = _start(cut, piece.media, piece.lowest(span))
    length = span.duration_frames
    if speed is not None:
        length = max(1, round(length * abs(speed)))
    where = f"EDL: shot {piece.number}, '{piece.name}'"
    if not _is_counted(cut, piece.media):
        notes.append(
            f"{where}: {piece.media.name} has {float(piece.media.rate):.6g} frames a second, for which an "
            "EDL has no room; check its frames."
        )
    elif piece.media.is_drop_frame != cut.is_drop_frame:
        notes.append(
            f"{where}: only one of the list's and the plate's timecode is drop frame; check its frames."
        )
    elif not piece.retime.is_constant:
        notes.append(f"{where}, changes its speed, which an EDL cannot say: the mean is written.")
    elif not piece.is_said_by(Fraction(piece.lowest(span)), _said(cut, speed), span):
        notes.append(f"{where}, is between two frames, which an EDL cannot say: it may be one frame off.")
    return start, length


def _is_counted(cut: Cut, media: CutMedia) -> bool:
    """Whether the media's timecode counts as many frames a second as the list."""
    return ceil(media.rate) == ceil(cut.rate)


def _start(cut: Cut, media: CutMedia, frame: int) -> Timecode:
    own = media.timecode(frame)
    hours, minutes, seconds, frames = own.fields
    nominal = ceil(cut.rate)
    if not _is_counted(cut, media):
        frames = min(nominal - 1, round(Fraction(frames * nominal, ceil(media.rate))))
        return Timecode(((hours * 60 + minutes) * 60 + seconds) * nominal + frames, cut.rate)
    return own


def _speed(cut: Cut, piece: Piece, span: FrameRange) -> Fraction | None:
    """Frames of the media for each of the edit, as `M2` says it; None where none is needed."""
    if not _is_counted(cut, piece.media):
        speed = piece.speed * cut.rate / piece.media.rate
        return None if speed == 1 else speed
    plain = piece.retime.is_constant and piece.is_said_by(Fraction(piece.lowest(span)), Fraction(1), span)
    return None if plain and piece.speed > 0 and abs(piece.speed - 1) < Fraction(1, 100) else piece.speed


def _said(cut: Cut, speed: Fraction | None) -> Fraction:
    return Fraction(1) if speed is None else Fraction(_m2(cut, speed)) / ceil(cut.rate)


def _m2(cut: Cut, speed: Fraction) -> str:
    """Frames a second at the nominal rate; with three decimals where one is not exact."""
    value = speed * ceil(cut.rate)
    sign = "-" if value < 0 else ""
    digits = 1 if (value * 10).denominator == 1 else 3
    return f"{sign}{float(abs(value)):0{4 + digits}.{digits}f}"


def _about(cut: Cut, side: _Side, which: str) -> Iterator[str]:
    piece, span = side.piece, side.span
    speed = _speed(cut, piece, span)
    if speed is not None:
        start = _start(cut, piece.media, piece.lowest(span))
        yield f"M2   {piece.media.reel:<8}       {_m2(cut, speed)}                {start}"
    yield f"* {which} CLIP NAME:  {_clip_name(piece)}"
    if speed == 0:
        yield "* * FREEZE FRAME"
    if which == "FROM":  # of a dissolve the line would say the wrong side's, to some
        yield f"* FROM CLIP: {_shown_files(piece, span)}"
    if piece.name and piece.name != piece.media.name:
        yield f"* SHOT: {piece.name}"
    for mark in piece.markers:
        if span.first_frame <= mark.record.first_frame <= span.last_frame_inclusive:
            text = " ".join(f"{mark.name}: {mark.comment}".strip(": ").split())
            yield f"* LOC: {cut.timecode(mark.record.first_frame)} {mark.colour or 'RED':<7} {text}"


def _clip_name(piece: Piece) -> str:
    return piece.media.ranged_name


def _shown_files(piece: Piece, span: FrameRange) -> str:
    """The path, of a sequence with the numbers of the files shown, as OpenTimelineIO's adapter means it."""
    frames = piece.frames(span)
    part = replace(
        piece.media,
        first_number=(piece.media.first_number or 0) + min(frames),
        frames=max(frames) - min(frames) + 1,
    )
    return piece.media.path.replace(piece.media.name, part.ranged_name) if "#" in part.name else part.path
