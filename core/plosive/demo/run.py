# SPDX-License-Identifier: Apache-2.0
"""The demo: sample plate in, synced plate out, and two things to look at."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, cast

from plosive.demo.sample import SamplePlate, spoken_line, write_sample
from plosive.errors import MediaWriteError
from plosive.progress import Progress
from plosive.sync_options import SyncOptions, SyncResult

__all__ = ["DemoResult", "run_demo"]


@dataclass(frozen=True)
class DemoResult:
    """Where everything is; `contact_sheet` is None when no face was synced. `proof` is what `verify` says of
    plate and synced plate.
    """

    plate: Path
    dub: Path
    words: str
    side_by_side: Path
    contact_sheet: Path | None
    layers: Path
    sync: SyncResult
    proof: str


def run_demo(folder: Path, progress: Progress) -> DemoResult:
    """Make the sample in `folder`, sync and verify it, and write the side-by-side and the contact sheet."""
    from plosive.review.side_by_side import write_side_by_side
    from plosive.sync import sync_plate
    from plosive.verify.job import verify_files
    from plosive.verify.options import VerifyOptions

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise MediaWriteError(f"The folder {folder} cannot be made: {error.strerror}.") from error
    dub, words = spoken_line()
    plate, out = folder / "sample_plate.mov", folder / "sample_synced.mov"
    sample = SamplePlate(math.ceil(_seconds(dub) * SamplePlate(1).frame_rate))
    write_sample(plate, sample, progress)
    layers = folder / "sample_layers"
    options = SyncOptions(plate=plate, dub=dub, out=out, transcript=words, elements=layers, overwrite=True)
    result = sync_plate(options.validated(), progress)
    proof = verify_files(VerifyOptions(plate=plate, out=out, matte=layers), progress).verdict
    comparison = folder / "sample_side_by_side.mp4"
    write_side_by_side(plate, out, dub, comparison, progress)
    sheet = _sheet(folder / "sample_contact_sheet.png", plate, result, sample.frame_rate)
    return DemoResult(plate, dub, words, comparison, sheet, layers, result, proof)


def _seconds(dub: Path) -> Fraction:
    import wave

    with wave.open(str(dub)) as file:
        return Fraction(file.getnframes(), file.getframerate())


def _sheet(path: Path, plate: Path, result: SyncResult, frame_rate: Fraction) -> Path | None:
    """The contact sheet of the face that was synced first, or None when none was."""
    from plosive.demo.phone_sheet import moments, phone_sheet
    from plosive.motion import load_motion
    from plosive.review.picture_file import write_picture

    report = cast("dict[str, Any]", result.report)
    numbers = [synced["number"] for synced in report["synced_faces"]]
    if not numbers:
        return None
    face = next(track for track in report["faces"] if track["number"] == numbers[0])
    speech = load_motion(result.out.with_suffix(".motion.json")).speech
    chosen = moments(speech.phones, face, first_frame=0, frame_rate=frame_rate)
    if not chosen:
        return None
    write_picture(path, phone_sheet(plate, result.out, chosen))
    return path
