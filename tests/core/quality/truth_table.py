# SPDX-License-Identifier: Apache-2.0
"""Real clips as they are and damaged in known ways, scored: what `test_truth.py` holds and docs/quality.md
shows.

    python tests/core/quality/truth_table.py MATERIAL [CLIP ...] > table.md

MATERIAL is a folder whose `plates` hold the clips of `damage.CLIPS`; all of it takes about 20 minutes on
two cores.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np

from plosive.media import open_plate, read_dub
from plosive.media.plate import PlateInfo
from plosive.progress import SilentProgress
from plosive.quality.definitions import DEFINITIONS
from plosive.quality.expectation import expect
from plosive.quality.job import score_survey
from plosive.quality.scorecard import Scorecard
from plosive.quality.survey import ClipSurvey, survey_clip
from plosive.score_options import ScoreOptions
from plosive.speech import analyse_speech
from plosive.speech.model import Speech

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from tests.core.quality.damage import CLIPS, PICTURE_DAMAGES, Clip, Damage, write_damaged

__all__ = ["Case", "cases", "heard", "ordered_pairs", "separation", "separation_of_clips", "watched"]

SHIFTS = ((2, "mild"), (4, "middling"), (8, "bad"))
_WRONG_BY = (5, 7)  # each clip with the sound of the clips this many places on
_RANK = {"real": 0, "mild": 1, "middling": 2, "bad": 3}
_POINTS = ("closures", "sharp", "seam", "natural", "stable")


@dataclass(frozen=True)
class Case:
    """One clip in one state: `damage` and `level` (`real`, `mild`, `middling`, `bad`)."""

    clip: str
    damage: str
    level: str
    card: Scorecard


@dataclass(frozen=True)
class Watched:
    """A file that was looked at, beside its plate or alone."""

    path: Path
    survey: ClipSurvey
    info: PlateInfo
    times: tuple[Fraction, ...]


def heard(clip: Clip, material: Path) -> Speech:
    """The clip's own sound, analysed; with its words where they are known."""
    return analyse_speech(read_dub(clip.path(material)).speech_samples(), transcript=clip.transcript)


def watched(path: Path, plate: Path | None) -> Watched:
    """`path` looked at beside `plate`."""
    with open_plate(path) as result:
        if plate is None:
            survey = survey_clip(result, None, SilentProgress())
        else:
            with open_plate(plate) as before:
                survey = survey_clip(result, before, SilentProgress())
        return Watched(path, survey, result.info, result.frame_times())


def scored(seen: Watched, speech: Speech, start_seconds: Fraction) -> Scorecard:
    """The scorecard with `speech` beginning at `start_seconds`."""
    plate = seen.path if seen.survey.outside is not None else None
    expectation = expect(speech, start_seconds, 1 / seen.info.frame_rate)
    return score_survey(ScoreOptions(seen.path, plate=plate), seen.info, seen.times, seen.survey, expectation)


def cases(
    clip: Clip,
    material: Path,
    folder: Path,
    speeches: dict[str, Speech],
    *,
    with_plate: bool = True,
    damages: Sequence[Damage] = PICTURE_DAMAGES,
) -> Iterator[Case]:
    """The clip real, shifted, with wrong sounds, and with its picture damaged (files go to `folder`).

    A lag that the clip is known to have is taken out first, so that a shift never makes it better.
    """
    plate = clip.path(material)
    seen = watched(plate, plate if with_plate else None)
    frame = 1 / seen.info.frame_rate
    in_sync = clip.picture_lag_frames * frame
    own = speeches[clip.name]
    yield Case(clip.name, "real", "real", scored(seen, own, in_sync))
    for frames, level in SHIFTS:
        for sign in (1, -1):
            card = scored(seen, own, in_sync + sign * frames * frame)
            yield Case(clip.name, f"shift{sign * frames:+d}", level, card)
    names = list(speeches)
    for step in _WRONG_BY:
        other = names[(names.index(clip.name) + step) % len(names)]
        if other != clip.name:
            yield Case(clip.name, "wrong sound", "bad", scored(seen, speeches[other], Fraction(0)))
    for damage in damages:
        out = folder / f"{clip.name}__{damage.label}.mkv"
        write_damaged(plate, damage, out)
        hurt = watched(out, plate if with_plate else None)
        out.unlink()
        yield Case(clip.name, damage.name, damage.level, scored(hurt, own, in_sync))


def ordered_pairs(found: Sequence[Case]) -> list[tuple[Case, Case, bool]]:
    """(better, worse, whether the score says so) of one clip: real over everything, and of each damage (of a
    shift, to one side) the milder over the worse.
    """
    pairs = []
    for better in found:
        for worse in found:
            if better.clip != worse.clip or _RANK[better.level] >= _RANK[worse.level]:
                continue
            if better.level == "real" or _kind(better.damage) == _kind(worse.damage):
                pairs.append((better, worse, better.card.total > worse.card.total))
    return pairs


def _kind(damage: str) -> str:
    return damage[: len("shift+")] if damage.startswith("shift") else damage


def separation(own: Sequence[float], wrong: Sequence[float]) -> float:
    """Area under the curve: how often an own value is above a wrong one, ties half (Mann and Whitney
    1947).
    """
    wins = sum((one > other) + 0.5 * (one == other) for one in own for other in wrong)
    return wins / (len(own) * len(wrong))


def separation_of_clips(
    clips: Sequence[Clip], material: Path, speeches: dict[str, Speech], draws: int = 2000
) -> tuple[float, float, float, int]:
    """Evidence of sync of each clip with its own sound against all other clips' sounds: (area under the
    curve, 5th and 95th percentile of a bootstrap over clips, number of wrong pairs).
    """
    evidence = np.zeros((len(clips), len(clips)))
    for row, clip in enumerate(clips):
        seen = watched(clip.path(material), None)
        for column, other in enumerate(clips):
            lag = clip.picture_lag_frames / seen.info.frame_rate if row == column else Fraction(0)
            figure = scored(seen, speeches[other.name], Fraction(lag)).figure("sync")
            assert figure is not None and figure.value is not None
            evidence[row, column] = figure.value

    def area(chosen: np.ndarray) -> float:
        wrong = [evidence[i, j] for i in chosen for j in chosen if i != j]
        return separation([evidence[i, i] for i in chosen], wrong)

    everyone = np.arange(len(clips))
    random = np.random.default_rng(0)
    drawn = [area(random.choice(everyone, len(clips))) for _ in range(draws)]
    low, high = np.percentile(drawn, (5, 95))
    return area(everyone), float(low), float(high), len(clips) * (len(clips) - 1)


def _cell(value: float | None) -> str:
    if value is None or not np.isfinite(value):
        return "·"
    return f"{value:.0f}" if abs(value) >= 10 else f"{value:.2f}"


def _table(
    found: Sequence[Case], name: Callable[[Case], tuple[str, ...]], head: Sequence[str]
) -> Iterator[str]:
    """Medians of every figure over the cases of one name, one row a name."""
    yield "| " + " | ".join((*head, "total", *_POINTS, *DEFINITIONS)) + " |"
    yield "|" + "---|" * (len(head) + 1 + len(_POINTS) + len(DEFINITIONS))
    for row in dict.fromkeys(name(case) for case in found):
        cards = [case.card for case in found if name(case) == row]
        values = [_cell(float(np.median([card.total for card in cards])))]
        for key in _POINTS:
            values.append(
                _median([point.value for card in cards for point in card.points if point.key == key])
            )
        for key in DEFINITIONS:
            values.append(
                _median([figure.value for card in cards for figure in card.figures if figure.key == key])
            )
        yield "| " + " | ".join((*row, *values)) + " |"


def _median(values: Sequence[float | None]) -> str:
    known = [value for value in values if value is not None]
    return _cell(float(np.median(known)) if known else None)


def main(arguments: Sequence[str]) -> int:
    material, wanted = Path(arguments[0]), set(arguments[1:])
    clips = [clip for clip in CLIPS if not wanted or clip.name in wanted]
    speeches = {clip.name: heard(clip, material) for clip in clips}
    for with_plate in (True, False):
        found: list[Case] = []
        with tempfile.TemporaryDirectory(prefix="plosive-truth-") as folder:
            for clip in clips:
                found += cases(clip, material, Path(folder), speeches, with_plate=with_plate)
                print(clip.name, file=sys.stderr, flush=True)
        real = [case for case in found if case.level == "real"]
        print(f"\n## {'With' if with_plate else 'Without'} the plate\n\n### Real clips\n")
        print("\n".join(_table(real, lambda case: (case.clip,), ("clip",))))
        print("\n### All states, median over clips\n")
        print("\n".join(_table(found, lambda case: (case.damage, case.level), ("state", "level"))))
        pairs = ordered_pairs(found)
        print(f"\nOrdered rightly: {sum(right for *_, right in pairs)} of {len(pairs)} pairs. Not:\n")
        for better, worse, right in pairs:
            if not right:
                told = f"{better.card.total:.2f} against {worse.card.total:.2f}"
                print(
                    f"- {better.clip}: {better.damage} {better.level}, {worse.damage} {worse.level} ({told})"
                )
    area, low, high, pairs_tried = separation_of_clips(clips, material, speeches)
    print(f"\nOwn against wrong sound: area {area:.3f} ({low:.3f} to {high:.3f}), {pairs_tried} wrong pairs.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
