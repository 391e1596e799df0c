# SPDX-License-Identifier: Apache-2.0
"""How well covers are found: `python -m tests.core.faces.occlusion.occluder_table PLATES_FOLDER [PLATE ...]`.

Prints the overlap (intersection over union) of found and true mattes inside the mouth's matte, per plate and
kind, mean over the frames that cover at least 2 % of it; then the false alarms on the plates as they are, in
shares of frames and of pixels of the mouth's matte.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tests.core.faces.occlusion.moving import KINDS, Hand, cut_hands, occluder

from plosive.faces.finding.tracker import FaceTracker
from plosive.faces.occlusion.cover import Occlusion
from plosive.faces.occlusion.observer import OcclusionObserver
from plosive.faces.track import FaceTrack
from plosive.generate.matte import mouth_matte
from plosive.generate.sources import mouth_box
from plosive.media import open_plate

FRAMES = 72
COVERED_PLATES = (
    "vr_face2.mp4",
    "vr_face3.mp4",
    "vr_face5.mp4",
    "sad_khill.mp4",
    "ls_demo1.mp4",
    "grid_bbaf2n.mpg",
)
_MARGIN_FACES = 0.8


def main(folder: Path, names: list[str]) -> None:
    hands = cut_hands(folder / "ls_demo3.mp4")
    overlaps: dict[str, list[float]] = {kind: [] for kind in KINDS}
    print("| plate | " + " | ".join(KINDS) + " |\n|---" + "|---" * len(KINDS) + "|")
    for seed, name in enumerate(COVERED_PLATES):
        if names and name not in names:
            continue
        frames, track = _around_face(_frames(folder / name, FRAMES))
        row = []
        for kind in KINDS:
            row.append(_overlap(frames, track, kind, hands, seed))
            overlaps[kind].append(row[-1])
        print(f"| {name} | " + " | ".join(f"{value:.2f}" for value in row) + " |", flush=True)
    means = [float(np.mean(overlaps[kind])) for kind in KINDS]
    print("| mean | " + " | ".join(f"{value:.2f}" for value in means) + f" | all {np.mean(means):.3f}\n")
    print(
        "| plate | tracks | frames | covered frames | covered share of mouths | CPU ms a frame |\n"
        "|---|---|---|---|---|---|"
    )
    for path in sorted(folder.iterdir()):
        if names and path.name not in names:
            continue
        _false_alarms(path)


def _false_alarms(path: Path) -> None:
    observers: dict[int, OcclusionObserver] = {}
    frames = 0
    spent = 0.0
    with FaceTracker() as tracker:
        for index, rgb in enumerate(_frames(path, 10**6)):
            frames += 1
            for face in tracker.see(index, rgb):
                started = time.process_time()
                observers.setdefault(face.key, OcclusionObserver()).add(index, rgb, face.landmarks)
                spent += time.process_time() - started
        tracks = tracker.tracks()
    rows = covered = 0
    shares = []
    started = time.process_time()
    for key, track in tracks.items():
        occlusion, _ = observers[key].finish(track)
        rows += len(track.indices)
        covered += len(occlusion.rows)
        shares.append(occlusion.mouth_share)
        if len(occlusion.rows):
            print(f"  {path.name} face {track.number}: covered in {occlusion.ranges(track.indices)}")
    after = time.process_time() - started
    share = float(np.concatenate(shares).mean()) if shares else 0.0
    cost = f"{1e3 * spent / max(rows, 1):.1f} + {1e3 * after / max(rows, 1):.1f}"
    print(f"| {path.name} | {len(tracks)} | {rows} | {covered} | {share:.5f} | {cost} |", flush=True)


def _overlap(
    frames: list[NDArray[np.uint8]], clean: FaceTrack, kind: str, hands: list[Hand], seed: int
) -> float:
    made, mattes = _covered(frames, clean, kind, hands, seed)
    observer = OcclusionObserver()
    with FaceTracker() as tracker:
        for index, picture in enumerate(made):
            for face in tracker.see(index, picture):
                if face.key == 0:
                    observer.add(index, picture, face.landmarks)
        tracks = tracker.tracks()
    occlusion, _ = observer.finish(tracks[0])
    values = []
    for row, matte in enumerate(mattes):
        value = _overlap_of_frame(occlusion, tracks[0].row(row), clean, row, made[row], matte)
        values += [] if value is None else [value]
    return float(np.mean(values))


def _overlap_of_frame(
    occlusion: Occlusion,
    found_row: int | None,
    clean: FaceTrack,
    row: int,
    picture: NDArray[np.uint8],
    matte: NDArray[np.float32],
) -> float | None:
    width = float(clean.face_widths[row])
    box = mouth_box(clean.landmarks[row], width, clean.frame_width, clean.frame_height)
    mouth = mouth_matte(clean.landmarks[row, :, :2], width, box) > 0.1
    true = (matte[box.slices] > 0.5) & mouth
    if true.sum() < 0.02 * mouth.sum():
        return None
    pixels = picture[box.slices].astype(np.float32) / 255
    alpha = None if found_row is None else occlusion.alpha(found_row, box, pixels)
    found = np.zeros_like(true) if alpha is None else (alpha > 0.5) & mouth
    return float((true & found).sum() / (true | found).sum())


def _covered(
    frames: list[NDArray[np.uint8]], track: FaceTrack, kind: str, hands: list[Hand], seed: int
) -> tuple[list[NDArray[np.uint8]], list[NDArray[np.float32]]]:
    """The frames with an occluder moving over them, and its mattes."""
    lips = track.landmarks[:, [13, 14], :2].mean(axis=1)
    smooth = np.stack(
        [np.convolve(np.pad(lips[:, k], 4, "edge"), np.ones(9) / 9, "valid") for k in (0, 1)], axis=1
    )
    still, width = smooth[len(smooth) // 2], float(np.median(track.face_widths))
    made, mattes = [], []
    for row, frame in enumerate(frames):
        mouth = 0.7 * still + 0.3 * smooth[row]
        shape = frame.shape[:2]
        thing = occluder(kind, row / (len(frames) - 1), mouth, still, width, shape, hands, seed)
        if thing is None:
            made.append(frame)
            mattes.append(np.zeros(shape, dtype=np.float32))
            continue
        picture, matte = thing
        mixed = frame + matte[..., None] * (picture - frame)
        made.append(np.clip(np.rint(mixed), 0, 255).astype(np.uint8))
        mattes.append(matte)
    return made, mattes


def _around_face(frames: Iterator[NDArray[np.uint8]]) -> tuple[list[NDArray[np.uint8]], FaceTrack]:
    """The frames cut to the surroundings of their first face, and its track in them."""
    whole = list(frames)
    with FaceTracker() as tracker:
        for index, picture in enumerate(whole):
            tracker.see(index, picture)
        track = min(tracker.tracks().values(), key=lambda track: track.number)
    points, width = track.landmarks[..., :2].reshape(-1, 2), float(np.median(track.face_widths))
    height, across = whole[0].shape[:2]
    left, top = np.maximum(np.floor(points.min(axis=0) - _MARGIN_FACES * width).astype(int), 0)
    right, bottom = np.minimum(
        np.ceil(points.max(axis=0) + _MARGIN_FACES * width).astype(int), (across, height)
    )
    cut = [np.ascontiguousarray(picture[top:bottom, left:right]) for picture in whole]
    moved = track.landmarks - np.array([left, top, 0], dtype=np.float32)
    return cut, FaceTrack(1, 0, track.indices, moved, int(right - left), int(bottom - top))


def _frames(path: Path, count: int) -> Iterator[NDArray[np.uint8]]:
    with open_plate(path) as reader:
        for frame in reader.frames():
            if frame.index >= count:
                break
            yield frame.rgb8()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
