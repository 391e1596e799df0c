# SPDX-License-Identifier: Apache-2.0
"""Two videos compared: time, packets, pictures, container, sound, timecode, tags."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from plosive.colour.plate_colour import ColourChoice
from plosive.errors import MediaReadError
from plosive.media.videoreader import VideoReader
from plosive.progress import Progress
from plosive.verify.check import Check, FrameState, Status
from plosive.verify.container import compare_containers
from plosive.verify.cut import compare_cut_containers
from plosive.verify.decodedframes import compare_decoded
from plosive.verify.frameranges import range_facts, spoken
from plosive.verify.matte import Matte, PlateShape, open_matte
from plosive.verify.options import VerifyOptions
from plosive.verify.part import Part, part_of_movie
from plosive.verify.proresmovie import compare_prores_frames
from plosive.verify.record import Admissions
from plosive.verify.sound import sound_check, subtitle_check
from plosive.verify.streams import Movie, read_movie
from plosive.verify.stretch import other_tracks_in, sound_in, stretch_of
from plosive.verify.tags import format_check, metadata_check, timecode_check

__all__ = ["compare_movies"]

_BOXED = "mov"
_INTRA = frozenset({"prores", "dnxhd", "mjpeg", "cfhd", "v210", "rawvideo", "jpeg2000", "png", "ffv1"})
"""Codecs whose pictures stand alone."""


def compare_movies(
    options: VerifyOptions, admissions: Admissions, progress: Progress
) -> tuple[list[Check], tuple[FrameState, ...], int]:
    """(checks, state of every frame, number of the first). Raises MediaReadError when the plate cannot be
    read, OptionError for a matte that does not fit.
    """
    progress.start("read", None)
    plate = VideoReader(options.plate, ColourChoice())
    ours = read_movie(options.plate, plate.stream_index, plate.presentation)
    try:
        out = VideoReader(options.out, ColourChoice())
        theirs = read_movie(options.out, out.stream_index, out.presentation)
    except MediaReadError as error:
        return [Check("readable", Status.FAIL, str(error))], (), 0
    part = part_of_movie(options, admissions, plate.info, out.info)
    whole_count = plate.info.frame_count
    if part is not None:
        plate = plate.part(part.frames)
        ours = read_movie(options.plate, plate.stream_index, plate.presentation)
    matte = _matte(options, plate, whole_count)
    movies = ours, theirs
    kinds = [
        (reader.source.codec_name, reader.samples.width, reader.samples.height, reader.info.pixel_format)
        for reader in (plate, out)
    ]
    is_same_kind = kinds[0] == kinds[1]
    may_drop = _may_drop(options, admissions)
    checks = [
        _frames(plate, out, admissions, part),
        format_check(plate, out, is_same_kind, plate.source.codec_name in _INTRA),
    ]
    changed = _changed(ours, theirs) if is_same_kind else None
    if changed is not None:
        checks.append(_packets(ours, theirs, changed, plate.info.first_frame, part is not None))
    count = min(len(plate.presentation.pts), len(out.presentation.pts))
    states = [FrameState.IDENTICAL] * count
    if kinds[0][1:3] != kinds[1][1:3]:
        text = "Pictures of another size cannot be compared."
        checks.append(Check("picture", Status.FAIL, text))
        states = [FrameState.REENCODED] * count
    elif is_same_kind and changed is not None and plate.source.codec_name == "prores":
        checks += compare_prores_frames(options, admissions, (plate, out), changed, matte, states, progress)
    elif changed is None or changed or _extradata(ours) != _extradata(theirs):
        checks += compare_decoded(
            options, admissions, (plate, out), changed, is_same_kind, matte, states, progress
        )
    progress.finish()
    if part is None:
        other = subtitle_check(movies)
        sound = sound_check(movies, may_drop)
    else:
        stretch = stretch_of(plate, out)
        other = other_tracks_in(movies, stretch, admissions.lost)
        sound = sound_in(movies, stretch, may_drop, admissions.lost)
    silent = int(str(sound.figures.get("silent", 0)))
    checks.append(
        _container(options, movies, changed, count, is_same_kind, may_drop, plate, admissions, silent)
    )
    checks.append(sound)
    checks.append(timecode_check(plate, out, movies))
    checks.append(metadata_check(movies, admissions.is_new_file))
    checks += [other] if other is not None else []
    states += [FrameState.MISSING] * (len(plate.presentation.pts) - count)
    states += [FrameState.EXTRA] * (len(out.presentation.pts) - count)
    return checks, tuple(states), plate.info.first_frame


def _container(
    options: VerifyOptions,
    movies: tuple[Movie, Movie],
    changed: Sequence[int] | None,
    frame_count: int,
    is_same_kind: bool,
    may_drop: str | None,
    plate: VideoReader,
    admissions: Admissions,
    silent: int,
) -> Check:
    """`silent` audio tracks have nothing in the frames of a part."""
    if not is_same_kind or not all(_BOXED in movie.container.split(",") for movie in movies):
        text = "Only MOV and MP4 files of one codec are compared box by box; streams and tags are compared."
        return Check("container", Status.SKIPPED, text)
    is_intra = plate.source.codec_name in _INTRA
    may_differ = "the report beside OUT says that it is a new file" if admissions.is_new_file else None
    if plate.is_part:
        may_lack = silent if may_drop is None else None
        return compare_cut_containers(
            options.plate, options.out, is_intra, may_differ, may_lack, admissions.lost
        )
    is_changed = None
    if changed is not None and is_intra:
        there = set(changed)
        is_changed = [index in there for index in range(frame_count)]
    return compare_containers(options.plate, options.out, is_changed, may_drop, is_intra, may_differ)


def _matte(options: VerifyOptions, plate: VideoReader, whole_count: int) -> Matte | None:
    if options.matte is None:
        return None
    samples, info = plate.samples, plate.info
    shape = PlateShape(
        info.first_frame,
        info.frame_count,
        samples.width,
        samples.height,
        samples.orientation,
        info.first_frame,
        whole_count,
    )
    return open_matte(options.matte, options.matte_channel, shape)


def _may_drop(options: VerifyOptions, admissions: Admissions) -> str | None:
    if options.allows_dropped_audio:
        return "--allow-dropped-audio"
    return "the report beside OUT says so" if admissions.has_dropped_audio else None


def _changed(ours: Movie, theirs: Movie) -> list[int] | None:
    """Frames whose packets differ; None where packets cannot be told apart by frame."""
    if ours.digests is None or theirs.digests is None:
        return None
    pairs = zip(ours.digests, theirs.digests, strict=False)
    return [index for index, (mine, its) in enumerate(pairs) if mine != its]


def _extradata(movie: Movie) -> str:
    return movie.tracks[movie.picture].extradata


def _frames(plate: VideoReader, out: VideoReader, admissions: Admissions, part: Part | None) -> Check:
    """The number of frames, and when each is shown; of a part of the plate those in it alone."""
    check = _frames_at_their_times(plate, out, admissions)
    if part is None:
        return check
    figures = {
        **check.figures,
        **range_facts(range(part.frames.first_frame, part.frames.last_frame_inclusive + 1))[0],
    }
    status = max(check.status, part.status, key=lambda one: one.weight)
    return Check("frames", status, f"{part.sentence} {check.sentence}", figures)


def _frames_at_their_times(plate: VideoReader, out: VideoReader, admissions: Admissions) -> Check:
    ours, theirs = plate.presentation, out.presentation
    counts = len(ours.pts), len(theirs.pts)
    figures: dict[str, object] = {
        "plate": counts[0],
        "out": counts[1],
        "plate_rate": str(ours.frame_rate),
        "out_rate": str(theirs.frame_rate),
    }
    if counts[1] < counts[0]:
        first = plate.info.first_frame
        lost = range(first + counts[1], first + counts[0])
        figures["missing"] = range_facts(lost)
        text = f"OUT has {counts[1]} frames, the plate {counts[0]}: it lacks {spoken(lost)}."
        text += "" if plate.is_part else " If it is meant to be a part of the plate, name it with --range."
        return Check("frames", Status.FAIL, text, figures)
    worst = Fraction(0)
    for index in range(counts[0]):
        apart = (ours.pts[index] - ours.pts[0]) * ours.time_base - (
            theirs.pts[index] - theirs.pts[0]
        ) * theirs.time_base
        worst = max(worst, abs(apart))
    figures["largest_shift_seconds"] = float(worst)
    if worst > max(ours.time_base, theirs.time_base):
        text = f"Frames are shown at other times, up to {float(worst):.4f} s apart."
        return Check("frames", Status.FAIL, text, figures)
    if counts[1] > counts[0]:
        extra = range(counts[0], counts[1])
        figures["extra"] = range_facts(extra)
        held = admissions.holds_frames
        text = f"OUT has {counts[1]} frames, the plate {counts[0]}: {spoken(extra)} are new"
        text += "; the report beside OUT says that they are held." if held else "."
        return Check("frames", Status.REPORTED if held else Status.FAIL, text, figures)
    if worst:
        text = f"All {counts[0]} frames are there; their times are rounded by the container."
        return Check("frames", Status.INFO, text, figures)
    return Check("frames", Status.PASS, f"All {counts[0]} frames are there, at the same times.", figures)


def _packets(ours: Movie, theirs: Movie, changed: Sequence[int], first_frame: int, is_part: bool) -> Check:
    """Which frames have the plate's very bytes. In a part those outside it are hidden ones."""
    assert ours.digests is not None
    count = len(ours.digests)
    changed = [first_frame + index for index in changed]
    figures: dict[str, object] = {
        "identical": count - len(changed),
        "changed": range_facts(changed),
        "plate_bytes": sum(ours.sizes),
        "out_bytes": sum(theirs.sizes),
    }
    if ours.hidden != theirs.hidden and not is_part:
        text = "Frames that the file says not to show (before its edit) have other bytes."
        return Check("samples", Status.INFO, text, figures)
    if not changed:
        return Check("samples", Status.PASS, f"All {count} frames have the plate's very bytes.", figures)
    differ = f"{spoken(changed)} {'differs' if len(changed) == 1 else 'differ'}"
    text = f"{count - len(changed)} of {count} frames have the plate's very bytes; {differ}."
    return Check("samples", Status.PASS, text, figures)
