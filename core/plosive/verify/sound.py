# SPDX-License-Identifier: Apache-2.0
"""Audio tracks of two videos: which have the same bytes, which sound the same, what is missing or new."""

from __future__ import annotations

import hashlib
from fractions import Fraction
from pathlib import Path

from plosive.errors import PlosiveError
from plosive.media.audio import decoded_blocks
from plosive.verify.check import Check, Status
from plosive.verify.streams import Movie, Track

__all__ = ["described", "sound_check", "subtitle_check"]

_UNSAID = "channels"  # FFmpeg names a layout the file does not tell "2 channels"
_SAME_START = Fraction(1, 1000)


def sound_check(movies: tuple[Movie, Movie], may_drop: str | None) -> Check:
    """Tracks are matched by their bytes, those left over in order by how they decode. `may_drop` is why
    tracks of the plate may be missing, None when they may not.
    """
    plate, out = movies
    ours, theirs = plate.of_kind("audio"), list(out.of_kind("audio"))
    told: list[dict[str, object]] = []
    said: list[str] = []
    same, missing, moved = 0, [], 0
    status = Status.PASS
    for track in ours:
        found = next((one for one in theirs if _is_same(track, one)), None)
        kind = "bytes"
        if found is None:
            found = next((one for one in theirs if _sounds_same((plate.path, track), (out.path, one))), None)
            kind = "samples"
        if found is None:
            missing.append(track)
            told.append({"plate": track.index, "out": None, "same": "nothing"})
            continue
        theirs.remove(found)
        same += 1
        shift = _shift(plate, out, track, found)
        moved += abs(shift) > _SAME_START
        told.append(
            {
                "plate": track.index,
                "out": found.index,
                "same": kind,
                "sha256": track.sha256,
                "shift_seconds": float(shift),
            }
        )
    if same:
        said.append(f"{same} of {len(ours)} audio tracks of the plate are the same.")
    if moved:
        status = Status.FAIL
        said.append(f"{moved} of them begin at another moment of the picture.")
    if missing:
        names = ", ".join(track.title for track in missing[:4])
        if may_drop is None:
            status = Status.FAIL
            said.append(f"Of the plate's sound {names} is missing or was changed.")
        else:
            status = max(status, Status.REPORTED, key=lambda one: one.weight)
            said.append(f"Of the plate's sound {names} is missing ({may_drop}).")
    told += [{"plate": None, "out": track.index, "same": "new"} for track in theirs]
    if theirs:
        said.append(f"New in OUT: {', '.join(described(track) for track in theirs[:4])}.")
    if not said:
        return Check("audio", Status.SKIPPED, "Neither file has sound.", {"tracks": []})
    return Check("audio", status, " ".join(said), {"tracks": told})


def subtitle_check(movies: tuple[Movie, Movie]) -> Check | None:
    """Other tracks: subtitles, cover pictures, second videos, attachments; None where neither has any."""
    kinds = [
        [
            (track.kind, track.codec, track.sha256)
            for track in movie.others
            if track.kind not in ("audio", "data")
        ]
        for movie in movies
    ]
    if not kinds[0] and not kinds[1]:
        return None
    figures = {"plate": len(kinds[0]), "out": len(kinds[1])}
    if kinds[0] == kinds[1]:
        text = f"{len(kinds[0])} other tracks (subtitles, pictures) have the plate's bytes."
        return Check("other tracks", Status.PASS, text, figures)
    text = f"Other tracks (subtitles, pictures) differ: {len(kinds[0])} in the plate, {len(kinds[1])} in OUT."
    return Check("other tracks", Status.FAIL, text, figures)


def _is_same(ours: Track, theirs: Track) -> bool:
    return (
        ours.sha256 == theirs.sha256
        and ours.codec == theirs.codec
        and (ours.rate, ours.channels) == (theirs.rate, theirs.channels)
        and (ours.layout == theirs.layout or _UNSAID in ours.layout + theirs.layout)
        and ours.extradata == theirs.extradata
    )


def _sounds_same(ours: tuple[Path, Track], theirs: tuple[Path, Track]) -> bool:
    """Whether two tracks decode to the same samples, though their bytes differ (16 against 24 bits, ...)."""
    if (ours[1].rate, ours[1].channels) != (theirs[1].rate, theirs[1].channels):
        return False
    hashes = [_decoded_hash(path, track.index) for path, track in (ours, theirs)]
    return hashes[0] is not None and hashes[0] == hashes[1]


def _decoded_hash(path: Path, index: int) -> bytes | None:
    made, count = hashlib.sha256(), 0
    try:
        for block in decoded_blocks(path, index):
            made.update(block.T.tobytes())
            count += block.shape[1]
    except PlosiveError:
        return None
    return made.digest() if count else None


def _shift(plate: Movie, out: Movie, ours: Track, theirs: Track) -> Fraction:
    """How much later a track begins in OUT, against the picture."""
    starts = []
    for movie, track in ((plate, ours), (out, theirs)):
        first = movie.presentation.pts[0] * movie.presentation.time_base
        starts.append((track.start_seconds or Fraction(0)) - first)
    return starts[1] - starts[0]


def described(track: Track) -> str:
    """A track for people: codec and name, rate, channels."""
    return f"{track.title}, {track.rate} Hz, {track.layout or track.channels}"
