# SPDX-License-Identifier: Apache-2.0
"""Predicted against measured mouths on real clips: the tables and plots of docs/motion-accuracy.md.

    python tests/core/motion/accuracy.py MATERIAL [PLOTS_FOLDER] > tables.md

MATERIAL is a folder whose `plates` hold the clips of `tests.core.quality.damage.CLIPS`. Each clip's own sound
is analysed, with its words where they are known; curves at its frame centres are held against the mouth
that `plosive score` measures. Takes two minutes on two cores.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from plosive.faces.measure import CLOSED_APERTURE_IOD
from plosive.media import open_plate, read_dub
from plosive.motion import CHANNELS, MotionCurves, MouthFootage, actor_range, fit_to_range, motion_curves
from plosive.motion.lag import LAGS_SECONDS, correlations
from plosive.quality.watching import FaceWatcher
from plosive.speech import Speech, analyse_speech

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from tests.core.quality.damage import CLIPS, Clip

__all__ = ["OUT_OF_SYNC", "Measured", "measured"]

OUT_OF_SYNC = frozenset({"pcavs_00473"})
"""Its picture leads its sound by 0.14 s (r of aperture 0.54 there): too much to learn timing from."""

_LABIALS = ("P", "B", "M")


@dataclass(frozen=True)
class Measured:
    """One clip: what is heard in it, what its mouth does, and when.

    `channels` (T, 5) float64 are those of `faces.measure.mouth_channels`, `apertures` (T,) in inter-ocular
    distances; `centre_seconds` are the T frame centres in the time of the sound (moved where the picture is
    known to lead).
    """

    clip: Clip
    speech: Speech
    channels: NDArray[np.float64]
    apertures: NDArray[np.float64]
    centre_seconds: tuple[Fraction, ...]
    frame_seconds: Fraction

    @cached_property
    def curves(self) -> MotionCurves:
        """What the rules expect."""
        return self.curves_at(Fraction(0))

    def curves_at(self, later_seconds: Fraction) -> MotionCurves:
        """What the rules expect that much later."""
        centres = [centre + later_seconds for centre in self.centre_seconds]
        return motion_curves(self.speech, centres, frame_seconds=self.frame_seconds)

    @cached_property
    def agreement(self) -> NDArray[np.float64]:
        """Pearson r of each channel (5,)."""
        return correlations(self.channels, self.curves.values.astype(np.float64))

    @cached_property
    def lag_seconds(self) -> float:
        """The lag at which the aperture agrees best; above zero the picture comes after its sound."""
        lags = [lag for lag in LAGS_SECONDS.tolist() if abs(lag) <= 0.2]
        found = [
            correlations(
                self.channels, self.curves_at(-Fraction(round(lag * 100), 100)).values.astype(np.float64)
            )[0]
            for lag in lags
        ]
        return float(lags[int(np.argmax(found))])

    @cached_property
    def amplitude(self) -> float:
        """Spread of the curve fitted to the range of the actor's first half over that of the second half.

        The range comes from footage that is not judged.
        """
        half = len(self.channels) // 2
        seconds = np.array([float(centre) for centre in self.centre_seconds])
        actor = actor_range([MouthFootage(self.channels[:half].astype(np.float32), seconds[:half])])
        fitted = fit_to_range(self.curves, actor).values[half:, 0]
        return float(fitted.std() / self.channels[half:, 0].std())

    @cached_property
    def closures(self) -> tuple[int, int, int]:
        """How many p, b, m there are, how many the curve closes within a frame of, how many the real lips."""
        frame = float(self.frame_seconds)
        seconds = np.array([float(centre) for centre in self.centre_seconds])
        count = drawn = real = 0
        for phone in self.speech.phones:
            if phone.symbol not in _LABIALS:
                continue
            near = (seconds >= float(phone.start_seconds) - frame) & (
                seconds <= float(phone.end_seconds) + frame
            )
            if near.any():
                count += 1
                drawn += bool((self.curves.values[near, 0] == 0).any())
                real += bool((self.apertures[near] < CLOSED_APERTURE_IOD).any())
        return count, drawn, real


def measured(clip: Clip, material: Path) -> Measured:
    """`clip` seen and heard."""
    with open_plate(clip.path(material)) as reader:
        watcher = FaceWatcher()
        for _ in watcher.watch(reader.frames()):
            pass
        info, times = reader.info, reader.frame_times()
    seen = max(watcher.observations().values(), key=len)
    frame = 1 / info.frame_rate
    offset = -clip.picture_lag_frames * frame
    centres = tuple(times[index] + frame / 2 + offset for index in seen.indices.tolist())
    speech = analyse_speech(read_dub(clip.path(material)).speech_samples(), transcript=clip.transcript)
    return Measured(
        clip,
        speech,
        seen.channels.astype(np.float64),
        seen.aperture.astype(np.float64),
        centres,
        frame,
    )


def tables(clips: list[Measured]) -> str:
    """Markdown: one line a clip, then the means that the issue asks for."""
    lines = [
        "| clip | phones | r aperture | width | jaw | outer height | rounding | lag ms | amplitude "
        "| p b m: drawn, real |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for one in clips:
        r = " | ".join(f"{value:.2f}" for value in one.agreement)
        count, drawn, real = one.closures
        lines.append(
            f"| {one.clip.name} | {one.speech.source.name.lower()} | {r} | {1000 * one.lag_seconds:.0f} | "
            f"{one.amplitude:.2f} | {count}: {drawn}, {real} |"
        )
    known = [one for one in clips if one.clip.transcript]
    others = [one for one in clips if not one.clip.transcript and one.clip.name not in OUT_OF_SYNC]
    lines += ["", "| mean r | " + " | ".join(CHANNELS) + " | lag ms | amplitude |", "|---|" + "---|" * 7]
    for name, group in (("words known", known), ("words recognised", others), ("all", known + others)):
        if group:
            means = np.mean([one.agreement for one in group], axis=0)
            lags = 1000 * np.mean([one.lag_seconds for one in group])
            sizes = np.mean([one.amplitude for one in group])
            r = " | ".join(f"{value:.3f}" for value in means)
            lines.append(f"| {name} ({len(group)}) | {r} | {lags:.0f} | {sizes:.2f} |")
    return "\n".join(lines)


def plot(clips: list[Measured], path: Path) -> None:
    """Measured (black) and expected (blue) aperture of each clip, with its phones; closures shaded."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(len(clips), 1, figsize=(14, 2.1 * len(clips)), squeeze=False)
    for axis, one in zip(axes[:, 0], clips, strict=True):
        seconds = np.array([float(centre) for centre in one.centre_seconds])
        low, high = np.percentile(one.channels[:, 0], (5, 95))
        fine = [Fraction(k, 100) for k in range(int(100 * max(seconds[0], 0)), int(100 * seconds[-1]))]
        drawn = motion_curves(one.speech, fine, frame_seconds=one.frame_seconds).values[:, 0]
        axis.plot(seconds, (one.channels[:, 0] - low) / (high - low), "k.-", lw=1, ms=3, label="measured")
        axis.plot([float(k) for k in fine], drawn, color="#2a6fdb", lw=1.4, label="expected")
        for phone in one.speech.phones:
            start, end = float(phone.start_seconds), float(phone.end_seconds)
            if phone.symbol in _LABIALS:
                axis.axvspan(start, end, color="#f2b8a0", lw=0)
            axis.axvline(start, color="0.88", lw=0.6, zorder=0)
            label = {"SIL": "", "BREATH": "breath"}.get(phone.symbol, phone.symbol.lower())
            axis.text((start + end) / 2, -0.3, label, fontsize=7, ha="center", clip_on=True)
        axis.set(xlim=(seconds[0], seconds[-1]), ylim=(-0.4, 1.6), yticks=(0, 1))
        axis.set_title(f"{one.clip.name}   r {one.agreement[0]:.2f}", fontsize=8, loc="left")
        axis.tick_params(labelsize=7)
    axes[0, 0].legend(fontsize=7, loc="upper right", frameon=False)
    figure.tight_layout()
    figure.savefig(path, dpi=80)
    pyplot.close(figure)


def main(material: Path, plots: Path | None) -> None:
    clips = [measured(clip, material) for clip in CLIPS]
    print(tables(clips))
    if plots is not None:
        plot([one for one in clips if one.clip.transcript], plots / "motion-words-known.png")
        plot(
            [one for one in clips if one.clip.name in ("vr_face2", "vr_face3", "vr_face5", "sad_khill")],
            plots / "motion-words-recognised.png",
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None)
