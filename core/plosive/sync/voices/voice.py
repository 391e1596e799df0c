# SPDX-License-Identifier: Apache-2.0
"""One speaker of a job: what is said, understood and laid on the plate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from plosive.attended import attended
from plosive.media.placement import Placement, place_dub, place_retimed
from plosive.media.plate import PlateInfo
from plosive.media.retime import parse_retime
from plosive.motion import MotionCurves, motion_curves
from plosive.progress import Progress
from plosive.speech import Speech, hear
from plosive.sync.given import gained, keep_motion, length_warnings, motion_facts, unedited
from plosive.sync.known_speech import hear_known
from plosive.sync.record import speech_facts
from plosive.sync.sampling import sampled
from plosive.sync.stopwatch import Stopwatch
from plosive.sync.style import Style
from plosive.sync.voices.line import Line, Lines

__all__ = ["Voice", "hear_lines", "place_lines"]


@dataclass(frozen=True)
class Voice:
    """A line, understood and laid on the plate; `unedited` is what the rules make of its sounds where an
    artist drew `curves`.
    """

    line: Line
    placement: Placement
    speech: Speech
    curves: MotionCurves
    unedited: MotionCurves | None = None

    def styled(self, style: Style) -> Style:
        """`style` with the gains of this voice's motion file on top."""
        return gained(style, self.line.given)

    @property
    def warnings(self) -> list[str]:
        """What the artist should know, with the speaker's name where there are several."""
        line = self.line
        told = [
            *self.placement.notes,
            *length_warnings(line.given, line.options, line.dub, self.placement),
            *self.speech.warnings,
        ]
        return [f"{line.name}: {sentence}" if line.name else sentence for sentence in told]

    def facts(self) -> dict[str, object]:
        """For the report."""
        return {
            **speech_facts(self.speech),
            **motion_facts(self.line.options, self.line.given, self.placement),
            "starts_at_plate_seconds": self.placement.dub_start_seconds + self.placement.before_seconds,
            "held_frames": self.placement.held_frames,
        }

    def keep_motion(self, info: PlateInfo) -> None:
        """Write this voice's motion beside OUT, ready to be edited."""
        line = self.line
        suffix = f"{line.suffix}motion.json"
        keep_motion(line.options, self.speech, self.curves, info, self.placement, line.given, suffix)


def place_lines(lines: Lines, info: PlateInfo, frame_times: Sequence[Fraction]) -> tuple[Placement, ...]:
    """Lay every line on the plate; all hold the last frame as long as the longest needs. Raises RangeError,
    DubError, OptionError as `place_dub` and `place_retimed` do.
    """

    def placed(line: Line, held: int = 0) -> Placement:
        wish = line.options
        seconds = line.dub.duration_seconds
        if wish.retime is not None:
            return place_retimed(info, frame_times, parse_retime(wish.retime), wish.audio_start, seconds)
        return place_dub(info, frame_times, seconds, wish.audio_start, wish.on_length_mismatch, held)

    placements = [placed(line) for line in lines.lines]
    held = max(placement.held_frames for placement in placements)
    return tuple(
        placement if placement.held_frames == held else placed(line, held)
        for line, placement in zip(lines.lines, placements, strict=True)
    )


def hear_lines(
    lines: Lines, placements: Sequence[Placement], info: PlateInfo, watch: Stopwatch, progress: Progress
) -> tuple[Voice, ...]:
    """Understand every line. Raises what `hear` does."""
    return tuple(
        _heard(line, placement, info, watch, progress)
        for line, placement in zip(lines.lines, placements, strict=True)
    )


def _heard(line: Line, placement: Placement, info: PlateInfo, watch: Stopwatch, progress: Progress) -> Voice:
    given, rate = line.given, info.frame_rate
    if given is not None:
        curves = sampled(placement, rate, lambda centres, step: given.at(centres, frame_seconds=step))
        return Voice(line, placement, given.speech, curves, unedited(given, info, placement))
    progress.start("speech", None)
    with watch.running("speech"):
        wish = line.options
        told = wish.transcript, wish.language, placement.last_centre, wish.transcript_speaker

        def heard() -> Speech:
            return (hear_known if wish.use_cache else hear)(line.dub.speech_samples(), *told)

        speech = attended(heard, progress)

        def made(centres: Sequence[Fraction], step: Fraction) -> MotionCurves:
            return motion_curves(speech, centres, frame_seconds=step)

        curves = attended(lambda: sampled(placement, rate, made), progress)
    progress.finish()
    return Voice(line, placement, speech, curves)
