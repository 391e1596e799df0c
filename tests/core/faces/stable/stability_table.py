# SPDX-License-Identifier: Apache-2.0
"""Landmark jitter, repeatability of poses, closures, hold on the picture: before and after being made steady.

    python tests/core/faces/stable/stability_table.py MATERIAL > table.md

MATERIAL is the folder of real material; without it the script says so and ends. Two minutes on two cores.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from plosive.faces.finding.tracker import FaceTracker
from plosive.faces.head import RIGID_POINTS, fit_head
from plosive.faces.measure import aperture_iod, width_of_face
from plosive.faces.stable.patch import moved
from plosive.faces.stable.registration import Registration, RegistrationObserver
from plosive.faces.stable.smoothing import face_parts
from plosive.faces.stable.stabilise import steady_landmarks
from plosive.faces.track import FaceTrack
from plosive.generate.mesh import affine_between, build_mesh, with_ring
from plosive.generate.sources import mouth_box
from plosive.media import open_plate, read_dub
from plosive.speech import analyse_speech

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[4]))

from tests.core.faces.stable.shaken import Shaken, shake

PARTS = ("mouth", "jaw", "rest")
STILLS = (
    ("vr_face2, 300 px", "vr_face2.mp4", 5, 1.0, {}),
    ("vr_face2, 105 px", "vr_face2.mp4", 5, 0.35, {"noise": 3.0, "jpeg": 80}),
    ("muse_yongen, 235 px", "muse_yongen.mp4", 10, 1.0, {}),
    ("the same, flicker 15 %", "muse_yongen.mp4", 10, 1.0, {"flicker": 0.15}),
    ("vr_face5, 165 px", "vr_face5.mp4", 10, 0.7, {"jpeg": 80}),
)
GRID = {
    "grid_bbaf2n.mpg": "bin blue at F two now",
    "grid_brbk7n.mpg": "bin red by K seven now",
    "grid_lbbc2a.mpg": "lay blue by C two again",
    "grid_lrwp9a.mpg": "lay red with P nine again",
    "grid_sbia1a.mpg": "set blue in A one again",
    "grid_sbwe5n.mpg": "set blue with E five now",
}
HELD = ("vr_face2.mp4", "vr_face3.mp4", "vr_face5.mp4", "sad_khill.mp4", "ls_demo1.mp4")
FRAMES = 60


@dataclass(frozen=True)
class Seen:
    """One face of a clip: its track as found, the registration, and its landmarks made steady."""

    track: FaceTrack
    registration: Registration
    steady: NDArray[np.float32]


def seen(frames: list[NDArray[np.uint8]]) -> Seen:
    """The most prominent face of some frames."""
    observers: dict[int, RegistrationObserver] = {}
    with FaceTracker() as tracker:
        for index, frame in enumerate(frames):
            for face in tracker.see(index, frame):
                observers.setdefault(face.key, RegistrationObserver()).add(index, frame, face.landmarks)
        key, track = max(tracker.tracks().items(), key=lambda item: item[1].prominence)
    found = observers[key].finish(track)
    return Seen(track, found, steady_landmarks(track.landmarks, track.indices, found))


def pictures(path: Path, first: int, count: int) -> list[NDArray[np.uint8]]:
    taken = []
    with open_plate(path) as reader:
        for frame in reader.frames(first):
            taken.append(frame.rgb8())
            if len(taken) == count:
                break
    return taken


def fast_percent(places: NDArray[np.floating], width: float) -> float:
    """Root mean square of x[t] - (x[t-1] + x[t+1]) / 2 over points and frames, times sqrt(2/3) so that white
    noise of one sigma reads one sigma; % of the face width.
    """
    fast = places[1:-1] - (places[:-2] + places[2:]) / 2
    return float(np.sqrt((fast**2).sum(axis=-1).mean() * 2 / 3) / width * 100)


def all_percent(places: NDArray[np.floating], width: float) -> float:
    """Root mean square distance from each point's own mean place, % of the face width."""
    return float(np.sqrt(((places - places.mean(axis=0)) ** 2).sum(axis=-1).mean()) / width * 100)


def jitter_rows(plates: Path) -> tuple[list[str], list[str]]:
    jitter, poses = [], []
    for name, file, place, size, how in STILLS:
        shaken, face = shaken_face(plates / file, place, size, how)
        width = float(width_of_face(face.track.landmarks).mean())
        cells = []
        for part in PARTS:
            points = face_parts()[part]
            raw, steady = (shaken.back(one[:, points]) for one in (face.track.landmarks, face.steady))
            cells.append(f"{fast_percent(raw, width):.2f} → {fast_percent(steady, width):.2f}")
            cells.append(f"{all_percent(raw, width):.2f} → {all_percent(steady, width):.2f}")
        jitter.append(f"| {name} | " + " | ".join(cells) + " |")
        poses.append(pose_row(name, shaken, face, width))
    return jitter, poses


def shaken_face(path: Path, place: int, size: float, how: dict[str, float]) -> tuple[Shaken, Seen]:
    import cv2

    (still,) = pictures(path, place, 1)
    still = cv2.resize(still, None, fx=size, fy=size, interpolation=cv2.INTER_AREA)
    shaken = shake(still, 40, **how)  # type: ignore[arg-type]
    return shaken, seen(shaken.frames)


def pose_row(name: str, shaken: Shaken, face: Seen, width: float) -> str:
    """Errors of a pose against the known motion: place, size, roll; and how far yaw and pitch, which do not
    change, spread.
    """
    head = fit_head(face.track.landmarks, face.registration.shape)
    mean = head.upright[:, RIGID_POINTS].mean(axis=0)
    every = np.repeat(mean[None], len(head.scale), axis=0)
    axes = np.concatenate([np.zeros((1, 3)), np.eye(3)]).astype(np.float32)
    turned = moved(np.repeat(axes[None], len(every), axis=0), face.registration.motions)
    turned = (turned[:, 1:] - turned[:, :1]) @ head.turn
    angles = head.angles_degrees()[:, :2]
    registered = replace(head, turn=turned).angles_degrees()[:, :2]
    cells = []
    for still in (every, None):
        posed = every if still is not None else moved(every, face.registration.motions)
        back = shaken.back(head.picture(posed))
        middle = back.mean(axis=1)
        away = back - middle[:, None]
        size = np.sqrt((away**2).sum(axis=(1, 2)))
        usual = away.mean(axis=0)
        roll = np.arctan2(
            (usual[:, 0] * away[..., 1] - usual[:, 1] * away[..., 0]).sum(axis=1),
            (usual * away).sum(axis=(1, 2)),
        )
        spread = angles if still is not None else registered
        cells.append(
            [
                float(np.sqrt(((middle - middle.mean(axis=0)) ** 2).sum(axis=1).mean()) / width * 100),
                float(size.std() / size.mean() * 100),
                float(np.degrees(roll).std()),
                float(np.sqrt((spread.std(axis=0) ** 2).mean())),
            ]
        )
    shown = " | ".join(f"{before:.2f} → {after:.2f}" for before, after in zip(*cells, strict=True))
    return f"| {name} | {shown} |"


def speech_rows(plates: Path) -> tuple[list[str], list[str]]:
    """Rests (the silence before the words) and closures of the GRID clips."""
    rests, closures = [], []
    total = np.zeros(2)
    for file, words in GRID.items():
        face = seen(pictures(plates / file, 0, 75))
        speech = analyse_speech(read_dub(plates / file).speech_samples(), transcript=words)
        rest = max(
            (phone for phone in speech.phones if phone.symbol == "SIL"),
            key=lambda phone: phone.end_seconds - phone.start_seconds,
        )
        first, last = int(rest.start_seconds * 25) + 3, min(int(rest.end_seconds * 25) - 3, 74)
        rests.append(rest_row(f"{file[:-4]}, frames {first} to {last}", face, slice(first, last + 1)))
        raw, steady = aperture_iod(face.track.landmarks), aperture_iod(face.steady)
        for phone in speech.phones:
            if phone.symbol not in ("P", "B", "M"):
                continue
            low = max(int(float(phone.start_seconds) * 25) - 2, 0)
            high = int(float(phone.end_seconds) * 25) + 3
            before, after = low + int(raw[low:high].argmin()), low + int(steady[low:high].argmin())
            speeds = [float(np.diff(one[before : before + 7]).max()) for one in (raw, steady)]
            total += speeds
            closures.append(
                f"| {file[5:-4]} {phone.symbol.lower()} | {before} → {after} | {raw[before]:.4f} → "
                f"{steady[after]:.4f} | {speeds[0]:.3f} → {speeds[1]:.3f} |"
            )
    closures.append(f"| all | | | {total[1] / total[0] * 100:.1f} % kept |")
    face = seen(pictures(plates / "muse_yongen.mp4", 0, 60))
    rests.append(rest_row("muse_yongen, frames 0 to 59", face, slice(0, 60)))
    return rests, closures


def rest_row(name: str, face: Seen, rows: slice) -> str:
    width = float(width_of_face(face.track.landmarks).mean())
    cells = []
    for part in PARTS:
        points = face_parts()[part]
        raw, steady = (one[rows][:, points, :2] for one in (face.track.landmarks, face.steady))
        cells.append(f"{fast_percent(raw, width):.2f} → {fast_percent(steady, width):.2f}")
    return f"| {name} | " + " | ".join(cells) + " |"


def slide_rows(plates: Path) -> list[str]:
    """What optical flow still finds between a frame and the next one laid over it by the landmarks' mesh."""
    rows = []
    for file in HELD:
        frames = pictures(plates / file, 0, FRAMES)
        face = seen(frames)
        width = float(width_of_face(face.track.landmarks).mean())
        cells = [
            f"{before:.2f} → {after:.2f}"
            for before, after in zip(
                slide(frames, face.track, face.track.landmarks, width),
                slide(frames, face.track, face.steady, width),
                strict=True,
            )
        ]
        rows.append(f"| {Path(file).stem} | " + " | ".join(cells) + " |")
    return rows


def slide(
    frames: list[NDArray[np.uint8]], track: FaceTrack, landmarks: NDArray[np.float32], width: float
) -> NDArray[np.float64]:
    """Mean over frames of the median flow at lips and at the skin around them: (2,) % of the face width."""
    import cv2

    mesh = build_mesh(fit_head(landmarks).upright.mean(axis=0))
    engine = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    parts = face_parts()
    left = []
    for row in range(len(landmarks) - 1):
        if track.indices[row + 1] - track.indices[row] != 1:
            continue
        here, there = landmarks[row, :, :2], landmarks[row + 1, :, :2]
        grey, following = (
            cv2.cvtColor(frames[int(track.indices[at])], cv2.COLOR_RGB2GRAY) for at in (row, row + 1)
        )
        box = mouth_box(track.landmarks[row], width, grey.shape[1], grey.shape[0])
        look_at = mesh.map(with_ring(here), with_ring(there), affine_between(here, there), box)
        warped = cv2.remap(following, look_at, None, cv2.INTER_LINEAR)
        flow = engine.calc(np.ascontiguousarray(grey[box.slices]), warped, None)
        cells = []
        for part in ("mouth", "jaw"):
            points = here[parts[part]] - np.array([box.left, box.top], dtype=np.float32)
            inside = (points >= 0).all(axis=1) & (points < [box.width - 1, box.height - 1]).all(axis=1)
            found = cv2.remap(flow, points[inside][None], None, cv2.INTER_LINEAR)[0]
            cells.append(float(np.median(np.linalg.norm(found, axis=1))) / width * 100)
        left.append(cells)
    return np.asarray(np.mean(left, axis=0))


def main(material: Path) -> None:
    plates = material / "plates"
    if not plates.is_dir():
        print(f"skipped: {plates} is not there")
        return
    jitter, poses = jitter_rows(plates)
    print("| still, shaken | mouth, fast | mouth, all | jaw, fast | jaw, all | nose and cheeks, fast | all |")
    print("|---|---|---|---|---|---|---|", *jitter, sep="\n")
    print("\n| still, shaken | place, % of face width | size, % | roll, degrees | yaw and pitch, degrees |")
    print("|---|---|---|---|---|", *poses, sep="\n", flush=True)
    rests, closures = speech_rows(plates)
    print("\n| rest | mouth, fast | jaw, fast | nose and cheeks, fast |")
    print("|---|---|---|---|", *rests, sep="\n")
    print("\n| closure | frame | aperture, inter-ocular distances | fastest opening after it, per frame |")
    print("|---|---|---|---|", *closures, sep="\n", flush=True)
    print("\n| plate | flow left at the mouth, % of face width | around it |")
    print("|---|---|---|", *slide_rows(plates), sep="\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
