# SPDX-License-Identifier: Apache-2.0
"""Measuring what `plosive motion` does to a dub whose words are known, in a process of its own.

`python -m plosive.bench.listening DUB WORDS FOLDER` prints the figures as JSON on its last line.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from plosive.bench.measuring import Clock, answered, run_apart
from plosive.progress import SilentProgress

__all__ = ["MeasuredMotion", "measure_motion", "measure_motion_apart", "motion_lines"]

_RATE = Fraction(24)


@dataclass(frozen=True)
class MeasuredMotion:
    """A dub of `dub_seconds` made into phones (loading of libraries included), curves, and a preview."""

    dub_seconds: float
    speech_seconds: float
    curves_seconds: float
    preview_seconds: float


def measure_motion_apart(dub: Path, words: str, folder: Path) -> MeasuredMotion:
    """Run `measure_motion` in a new process. Its expected failures are raised here as PlosiveError."""
    return MeasuredMotion(**run_apart("plosive.bench.listening", str(dub), words, str(folder)))


def measure_motion(dub: Path, words: str, folder: Path) -> MeasuredMotion:
    """Listen to `dub`, in which `words` are said, and draw it; the preview lies in `folder` for a moment."""
    clock = Clock()
    from plosive.media import read_dub
    from plosive.motion import frame_centres, motion_curves
    from plosive.speech import hear

    sound = read_dub(dub)
    samples = sound.speech_samples()
    speech = hear(samples, words, "en", sound.duration_seconds)
    speech_seconds, _ = clock.read()
    clock = Clock()
    centres = frame_centres(int(sound.duration_seconds * _RATE), _RATE, Fraction(0))
    curves = motion_curves(speech, centres, frame_seconds=1 / _RATE)
    curves_seconds, _ = clock.read()
    clock = Clock()
    from plosive.preview import Scene, write_preview

    film = folder / "preview.mp4"
    scene = Scene(dub.name, speech, curves, samples, _RATE, 0)
    write_preview(film, scene, dub, sound.stream_index, SilentProgress())
    preview_seconds, _ = clock.read()
    film.unlink()
    return MeasuredMotion(float(sound.duration_seconds), speech_seconds, curves_seconds, preview_seconds)


def motion_lines(motion: MeasuredMotion) -> Iterator[str]:
    """Lines for the terminal."""
    yield f"  motion of {motion.dub_seconds:.0f} s of dub, words known"
    parts = {
        "phones, from a cold start": motion.speech_seconds,
        "curves": motion.curves_seconds,
        "preview": motion.preview_seconds,
    }
    for name, seconds in parts.items():
        faster = motion.dub_seconds / max(seconds, 1e-6)
        yield f"    {name:<26}{seconds:>8.2f} s  {faster:>8.1f} x real time"


def _main(arguments: list[str]) -> int:
    dub, words, folder = arguments
    return answered(lambda: measure_motion(Path(dub), words, Path(folder)))


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1:]))
