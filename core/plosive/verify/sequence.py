# SPDX-License-Identifier: Apache-2.0
"""Images against images: which file belongs to which, what is missing, and every pair compared."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from plosive.errors import MediaReadError
from plosive.media.imagefile import IMAGE_SUFFIXES, OpenedImage
from plosive.media.orientation import Orientation
from plosive.media.sequencefiles import (
    SequenceFiles,
    SequencePattern,
    find_sequence,
    numbered_pattern,
    parse_pattern,
)
from plosive.progress import Progress
from plosive.verify.check import Check, FrameState, Status
from plosive.verify.findings import Gathering
from plosive.verify.frameranges import range_facts, spoken
from plosive.verify.imagepair import compare_images
from plosive.verify.matte import Matte, PlateShape, open_matte
from plosive.verify.options import VerifyOptions
from plosive.verify.part import Part, part_of_numbers
from plosive.verify.record import Admissions

__all__ = ["compare_sequences", "is_images"]


@dataclass(frozen=True)
class _Pairs:
    """Plate frames by number, OUT's file for each (None: missing), and numbers OUT holds besides."""

    first_frame: int
    plate: tuple[Path, ...]
    out: tuple[Path | None, ...]
    extra: tuple[int, ...]
    note: str = ""
    part: Part | None = None
    files: SequenceFiles | None = None


def is_images(path: Path) -> bool:
    """Whether a path names images: a folder, a pattern, or a file by its extension."""
    if path.is_dir():
        return True
    return path.suffix.lower() in IMAGE_SUFFIXES and (path.exists() or parse_pattern(path) is not None)


def compare_sequences(
    options: VerifyOptions, admissions: Admissions, progress: Progress
) -> tuple[list[Check], tuple[FrameState, ...], int]:
    """(checks, state of every frame, number of the first). Raises MediaReadError when the plate cannot be
    read, OptionError for a matte that does not fit.
    """
    pairs = _paired(options, admissions)
    matte = _matte(options, pairs)
    gathering = Gathering()
    states: list[FrameState] = []
    progress.start("verify", len(pairs.plate))
    for index, (plate, out) in enumerate(zip(pairs.plate, pairs.out, strict=True)):
        number = pairs.first_frame + index
        if out is None:
            states.append(FrameState.MISSING)
        else:
            mask_of = None if matte is None else lambda index=index: matte.at(index)
            state, findings = compare_images(plate, out, mask_of, _admitted(options, admissions, number))
            states.append(state)
            for finding in findings:
                gathering.add(number, finding)
        progress.advance()
    progress.finish()
    states += [FrameState.EXTRA] * len(pairs.extra)
    checks = [_frames(pairs, options.out, admissions), *gathering.checks()]
    sound = _sound(options.out)
    return checks + ([sound] if sound else []), tuple(states), pairs.first_frame


def _admitted(options: VerifyOptions, admissions: Admissions, number: int) -> str | None:
    if options.allows_reencoding(number):
        return "--allow-reencoded names this frame"
    why = admissions.reencoding_of(number)
    return None if why is None else f"the report beside OUT says so{f' ({why})' if why else ''}"


def _paired(options: VerifyOptions, admissions: Admissions) -> _Pairs:
    files, out = find_sequence(options.plate), options.out
    if isinstance(files, Path):
        if not files.exists():
            raise MediaReadError(f"{files} does not exist; check the path.")
        return _still_pairs(files, out)
    ours = tuple(files.path(index) for index in range(files.frame_count))
    part = part_of_numbers(options, admissions, files.first_frame, files.last_frame_inclusive)
    pattern = _out_pattern(out, files)
    numbers = _numbers(pattern)
    wanted = range(files.first_frame, files.last_frame_inclusive + 1)
    if not numbers:
        raise MediaReadError(f"No file matches {pattern.text} in {pattern.folder}; check the path of OUT.")
    if part is not None:
        wanted = range(part.frames.first_frame, part.frames.last_frame_inclusive + 1)
        ours = ours[wanted.start - files.first_frame : wanted.stop - files.first_frame]
    if not set(wanted) & set(numbers) and len(numbers) == len(wanted):
        note = f" OUT's files are numbered from {numbers[0]}, the plate's from {wanted.start}."
        theirs_anew = tuple(pattern.path(number) for number in numbers)
        return _Pairs(wanted.start, ours, theirs_anew, (), note, part, files)
    there = set(numbers)
    is_part = files.pattern.first_frame is not None or files.pattern.last_frame_inclusive is not None
    extra = () if is_part else tuple(number for number in numbers if number not in wanted)
    theirs = tuple(pattern.path(number) if number in there else None for number in wanted)
    return _Pairs(wanted.start, ours, theirs, extra, "", part, files)


def _still_pairs(plate: Path, out: Path) -> _Pairs:
    found = out / plate.name if out.is_dir() and (out / plate.name).is_file() else find_sequence(out)
    if isinstance(found, Path):
        if not found.exists():
            raise MediaReadError(f"{found} does not exist; check the path of OUT.")
        return _Pairs(0, (plate,), (found,), ())
    count = found.frame_count
    note = f" The plate is a still; each of OUT's {count} frames is compared with it."
    return _Pairs(
        found.first_frame, (plate,) * count, tuple(found.path(index) for index in range(count)), (), note
    )


def _out_pattern(out: Path, plate: SequenceFiles) -> SequencePattern:
    """OUT's names, also where files are missing among them."""
    if out.is_dir():
        own = SequencePattern(out, plate.pattern.prefix, plate.pattern.suffix, plate.pattern.digits)
        if _numbers(own):
            return own
    try:
        found = find_sequence(out)
    except MediaReadError:
        pattern = None if out.is_dir() else parse_pattern(out) or numbered_pattern(out)
        if pattern is None:
            raise
        if pattern.is_any_padding:  # `#`: take the plate's digits, the ones found may differ by frame
            pattern = SequencePattern(pattern.folder, pattern.prefix, pattern.suffix, plate.pattern.digits)
        return pattern
    if isinstance(found, SequenceFiles):
        return found.pattern
    numbered = numbered_pattern(found)
    if numbered is None:
        raise MediaReadError(
            f"OUT is the single image {found.name}, but the plate a sequence; name OUT's sequence."
        )
    return numbered


def _numbers(pattern: SequencePattern) -> list[int]:
    """File numbers of a pattern that are there, rising."""
    found = []
    try:
        names = os.listdir(pattern.folder)
    except OSError as error:
        raise MediaReadError(f"The folder {pattern.folder} cannot be read ({error.strerror}).") from error
    for name in names:
        number = name[len(pattern.prefix) : len(name) - len(pattern.suffix)]
        if name.startswith(pattern.prefix) and name.endswith(pattern.suffix) and number.isdecimal():
            value = int(number)
            if pattern.path(value).name == name:
                found.append(value)
    return sorted(found)


def _matte(options: VerifyOptions, pairs: _Pairs) -> Matte | None:
    if options.matte is None:
        return None
    with OpenedImage(pairs.plate[0]) as file:
        spec = file.specs()[0]
        orientation = Orientation.of_exif(spec.get_int_attribute("Orientation") or 1)
        skipped = 0 if pairs.files is None else pairs.first_frame - pairs.files.first_frame
        shape = PlateShape(
            pairs.first_frame,
            len(pairs.plate),
            spec.full_width,
            spec.full_height,
            orientation,
            skipped,
            None if pairs.files is None else pairs.files.frame_count,
        )
    return open_matte(options.matte, options.matte_channel, shape)


def _frames(pairs: _Pairs, out: Path, admissions: Admissions) -> Check:
    count = len(pairs.plate)
    missing = [pairs.first_frame + index for index, path in enumerate(pairs.out) if path is None]
    figures = {"plate": count, "missing": range_facts(missing), "extra": range_facts(pairs.extra)}
    said = []
    status = Status.PASS
    if missing:
        said.append(f"{out.name} lacks {spoken(missing)}.")
        status = Status.FAIL
    if pairs.extra:
        whose = "the plate has not" if pairs.part is None else "are not of this part"
        said.append(f"{out.name} has {spoken(pairs.extra)}, which {whose}.")
        if status is not Status.FAIL:
            status = Status.REPORTED if admissions.holds_frames else Status.FAIL
    if not said:
        said.append(f"{count} of {count} frames are there.{pairs.note}")
        status = Status.INFO if "numbered" in pairs.note else Status.PASS
    if pairs.part is not None:
        status = max(status, pairs.part.status, key=lambda one: one.weight)
        said.append(pairs.part.sentence)
    return Check("frames", status, " ".join(said), figures)


def _sound(out: Path) -> Check | None:
    """The dub beside a sequence: told, for the plate has none to compare it with."""
    folder = out if out.is_dir() else out.parent
    files = sorted(folder.glob("*.wav"))[:8]
    if not files:
        return None
    import wave

    told = []
    facts: list[dict[str, object]] = []
    for path in files:
        fact: dict[str, object] = {"path": str(path)}
        try:
            with wave.open(str(path), "rb") as file:
                seconds = file.getnframes() / max(1, file.getframerate())
                fact |= {"seconds": round(seconds, 4), "rate": file.getframerate()}
                told.append(f"{path.name} ({seconds:.3f} s)")
        except (OSError, EOFError, wave.Error):
            told.append(path.name)
        facts.append(fact)
    text = f"Beside the sequence lies {', '.join(told)}; image plates hold no sound to compare it with."
    return Check("sound", Status.SKIPPED, text, {"files": facts})
