# SPDX-License-Identifier: Apache-2.0
"""Real plates given mouths whose true picture is known: the second half of a clip rebuilt from its own mouth
curves and the pictures of the first half; and plates given a dub, whose curves are known.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from unittest import mock

import numpy as np
from numpy.typing import NDArray

from plosive.composite.grain import GrainMatcher
from plosive.composite.merge import Merger
from plosive.faces.finding.tracker import FaceTracker
from plosive.faces.head import fit_head, head_shape
from plosive.faces.measure import aperture_iod, mouth_channels, width_of_face
from plosive.faces.threads import single_products
from plosive.faces.track import FaceTrack
from plosive.generate import find_generator
from plosive.generate.crops import CropFile
from plosive.generate.pool import SourcePool
from plosive.generate.protocol import MouthWish, Patch, Shot
from plosive.generate.shape import ActorShapes
from plosive.generate.sources import SourceLibrary
from plosive.geometry import Box
from plosive.media import open_plate, read_dub
from plosive.media.plate import PlateFrame
from plosive.motion import motion_curves
from plosive.motion.interior import interior_beyond_shape
from plosive.progress import SilentProgress
from plosive.speech import hear
from plosive.sync.known_survey import SurveyCache
from plosive.sync.own_sound import listen_to, match_sound
from plosive.sync.stopwatch import Stopwatch
from plosive.sync.style import Style
from plosive.sync.survey import survey_plate
from plosive.sync.takes import footage_of
from plosive.sync.wishes import mouth_wish

__all__ = ["CLOSED_GAP", "Made", "Rebuilt", "cross_dub", "self_reenactment"]

CLOSED_GAP = 0.02
MOST_TARGETS = 100
_MARGIN_FACES = 0.25
_CHIN = 175

Floats = NDArray[np.float32]
Wish = Callable[[FaceTrack, list[Fraction], Fraction], MouthWish]


@dataclass(frozen=True)
class Made:
    """One frame before and after: `box` of the lower face in the picture, `plate` and `result` (h, w, 3)
    float32 working values of it, `mouth_matte` (h, w) as the generator handed it over. Result outside the
    matte equals the plate in every plane (`kept_outside`).
    """

    row: int
    index: int
    box: Box
    plate: Floats
    result: Floats
    mouth_matte: Floats
    kept_outside: bool


@dataclass(frozen=True)
class Rebuilt:
    """Frames made, M of them, with what was asked and what a tracker sees.

    `asked` (M, 5) are the channels asked (`faces.measure.mouth_channels`), `closed` (M,) where closed lips
    were. `landmarks` (M, 478, 3) pixels are the track's own, `seen_plate` and `seen_result` those found anew
    in the plate and in the result; `channels_plate` and `channels_result` (M, 5) their channels.
    `chin_asked` (M, 2) is by how many pixels the chin should move; `height_iod` the unit of an aperture.
    `generate_ms`, `composite_ms` are CPU time a frame.
    """

    name: str
    made: tuple[Made, ...]
    asked: Floats
    closed: NDArray[np.bool_]
    landmarks: Floats
    seen_plate: Floats
    seen_result: Floats
    channels_plate: Floats
    channels_result: Floats
    chin_asked: Floats
    height_iod: float
    choices: dict[str, object]
    face_width: float
    generate_ms: float
    composite_ms: float


def self_reenactment(
    plate: Path,
    largest_gap_percentile: float | None = None,
    frames: int = MOST_TARGETS,
    *,
    from_lips: bool = False,
) -> Rebuilt:
    """The first `frames` of the clip's second half, made from its first half and its own mouth curves.

    `from_lips` takes the lips themselves, all their points, in place of what five curves tell of them: so
    did the first trials. With `largest_gap_percentile` the library holds only mouths up to that percentile
    of their gaps, and only targets above the 70th are made.
    """

    def wish(track: FaceTrack, _times: list[Fraction], _rate: Fraction) -> MouthWish:
        values = mouth_channels(track.head.upright)
        gap = aperture_iod(track.landmarks)
        none = np.zeros(len(values), dtype=np.float32)
        closure = (gap <= CLOSED_GAP / 2).astype(np.float32)
        return MouthWish(values, closure, none, none, interior=_heard_interior(plate, track))

    def as_they_are(_self: object, upright: Floats, _angles: Floats, _wished: Floats) -> Floats:
        return upright.copy()

    with ExitStack() as stack:
        if from_lips:
            stack.enter_context(mock.patch.object(ActorShapes, "shapes", as_they_are))
        return _rebuilt(plate, wish, largest_gap_percentile, halved=True, frames=frames)


def cross_dub(plate: Path, dub: Path, transcript: str | None, language: str, frames: int = 120) -> Rebuilt:
    """The first `frames` in which the plate's longest face is seen, saying `dub`."""

    def wish(track: FaceTrack, times: list[Fraction], rate: Fraction) -> MouthWish:
        sound = read_dub(dub)
        start = times[int(track.indices[0])]
        centres = tuple(moment - start + 1 / rate / 2 for moment in times)
        speech = hear(sound.speech_samples(), transcript, language, centres[-1])
        ones = np.ones(len(times))
        style = Style(strength=ones, jaw=ones, lip=ones, articulation=ones)
        return mouth_wish(track, motion_curves(speech, centres, frame_seconds=1 / rate), style)

    return _rebuilt(plate, wish, None, halved=False, frames=frames)


def _heard_interior(plate: Path, track: FaceTrack) -> Floats | None:
    """What the clip's own sound says of what shows between the lips; None where it has none that fits."""
    sound = listen_to(plate, 60.0, "en", 1.0)
    if isinstance(sound, str):
        return None
    with open_plate(plate) as reader:
        footage = footage_of(track, reader.frame_times(), reader.info.frame_rate)
    match = match_sound(footage, sound, 1.0)
    if not match.is_match or match.lag is None:
        return None
    centres = [Fraction(at).limit_denominator(10000) for at in (footage.centre_seconds - match.lag.seconds)]
    rate = Fraction(footage.frame_seconds).limit_denominator(10000)
    return interior_beyond_shape(motion_curves(sound.speech, centres, frame_seconds=rate))


def _rebuilt(
    path: Path, wish_of: Wish, largest_gap_percentile: float | None, *, halved: bool, frames: int
) -> Rebuilt:
    import torch

    torch.set_num_threads(1)  # as a job does
    with open_plate(path) as reader, CropFile() as crops:
        cache = SurveyCache(reader)
        survey = survey_plate(reader, crops, SilentProgress(), Stopwatch(), False, cache)
        info, times = reader.info, list(reader.frame_times())
        track = max(survey.tracks, key=lambda track: len(track.indices) * float(track.face_widths.mean()))
        wish = wish_of(track, times, info.frame_rate)
        half = len(track.indices) // 2 if halved else 0
        library = survey.library(track)
        if halved:
            library = library.only(np.flatnonzero(library.rows < half))
        wanted = np.arange(half, min(half + frames, len(track.indices)))
        if largest_gap_percentile is not None:
            library, wanted = _cut(track, library, wanted, largest_gap_percentile)
        shot = Shot(track, wish, SourcePool.of(track, library), 0)
        plan, grain = find_generator("plate").plan(shot), GrainMatcher.of(shot)
        merger = Merger("cpu")
        rows = {int(track.indices[row]): int(row) for row in wanted}
        made: list[Made] = []
        chin_asked: list[Floats] = []
        seen: list[tuple[Floats, Floats]] = []
        generate = composite = 0.0
        with single_products(), FaceTracker() as before, FaceTracker() as after:
            for frame in reader.frames():
                row = rows.get(frame.index)
                if row is None:
                    if made and frame.index > max(rows):
                        break
                    continue
                start = time.thread_time()
                patch = plan.render(row, frame)
                middle = time.thread_time()
                assert patch is not None
                below = frame.working(patch.box)
                layers = merger.merge(below, patch, info.transfer, 1.0, grain, frame.index)
                result = frame.merged(layers.box, layers.change, layers.touched)
                generate += middle - start
                composite += time.thread_time() - middle
                lower = _lower_face(track, row, frame)
                matte = np.zeros((frame.height, frame.width), dtype=np.float32)
                matte[patch.box.slices] = patch.mouth_matte
                made.append(
                    Made(
                        row,
                        frame.index,
                        lower,
                        frame.working(lower),
                        result.working(lower),
                        matte[lower.slices].copy(),
                        _kept_outside(frame, result, layers.box, layers.touched),
                    )
                )
                own = track.landmarks[row]
                chin_asked.append(_chin_asked(patch, own))
                seen.append((_nearest(before, frame, own), _nearest(after, result, own)))
        order = np.array([one.row for one in made])
        plate_points, result_points = (np.stack([pair[side] for pair in seen]) for side in (0, 1))
        shape = head_shape(track.landmarks)
        asked = wish.values.copy()
        asked[wish.closure >= 0.99, 0] = 0
        return Rebuilt(
            name=path.stem,
            made=tuple(made),
            asked=asked[order],
            closed=wish.closure[order] >= 0.99,
            landmarks=track.landmarks[order],
            seen_plate=plate_points,
            seen_result=result_points,
            channels_plate=mouth_channels(fit_head(plate_points, shape).upright),
            channels_result=mouth_channels(fit_head(result_points, shape).upright),
            chin_asked=np.array(chin_asked, dtype=np.float32),
            height_iod=_height_iod(track),
            choices=plan.choices(),
            face_width=float(track.face_widths[order].mean()),
            generate_ms=1000 * generate / len(made),
            composite_ms=1000 * composite / len(made),
        )


def _cut(
    track: FaceTrack, library: SourceLibrary, wanted: NDArray[np.int64], percentile: float
) -> tuple[SourceLibrary, NDArray[np.int64]]:
    gap = aperture_iod(track.landmarks)
    largest = np.percentile(gap[library.rows], percentile)
    least = np.percentile(gap[library.rows], 70)
    return library.only(np.flatnonzero(gap[library.rows] <= largest)), wanted[gap[wanted] >= least]


def _lower_face(track: FaceTrack, row: int, frame: PlateFrame) -> Box:
    points = track.landmarks[row, :468, :2]
    margin = _MARGIN_FACES * float(width_of_face(track.landmarks[row]))
    left, top = np.floor([points[:, 0].min() - margin, points[4, 1]]).astype(int)
    right, bottom = np.ceil(points.max(axis=0) + margin).astype(int)
    return Box(int(left), int(top), int(right), int(bottom)).clipped(frame.width, frame.height)


def _chin_asked(patch: Patch, own: Floats) -> Floats:
    """How far the chin's tip should go in the picture, as the patch's own map tells: (2,) pixels."""
    x, y = np.round(own[_CHIN, :2]).astype(int)
    row, column = y - patch.box.top, x - patch.box.left
    if not (0 <= row < patch.box.height and 0 <= column < patch.box.width):
        return np.zeros(2, dtype=np.float32)
    return np.asarray(np.array([x, y]) - patch.plate_map[row, column], dtype=np.float32)


def _height_iod(track: FaceTrack) -> float:
    """Nose root to nose base over inter-ocular distance, upright."""
    face = track.head.upright.mean(axis=0)
    eyes = np.linalg.norm(face[33, :2] - face[263, :2])
    return float(np.linalg.norm(face[168, :2] - face[2, :2]) / eyes)


def _kept_outside(frame: PlateFrame, result: PlateFrame, box: Box, touched: NDArray[np.bool_]) -> bool:
    """Whether every sample that no touched pixel shares is the plate's own."""
    changed = np.zeros((frame.height, frame.width), dtype=bool)
    changed[box.slices] = touched
    for before, after in zip(frame.planes(), result.planes(), strict=True):
        down, across = frame.height // before.shape[0], frame.width // before.shape[1]
        kept = ~changed[: before.shape[0] * down, : before.shape[1] * across]
        kept = kept.reshape(before.shape[0], down, before.shape[1], across).all(axis=(1, 3))
        if (before[kept] != after[kept]).any():
            return False
    return True


def _nearest(tracker: FaceTracker, frame: PlateFrame, own: Floats) -> Floats:
    """The landmarks (478, 3) that `tracker` finds nearest to `own`; `own` where it finds none."""
    found = [face.landmarks for face in tracker.see(frame.index, frame.rgb8())]
    if not found:
        return own
    return min(found, key=lambda points: float(np.abs(points[:468, :2] - own[:468, :2]).mean()))
