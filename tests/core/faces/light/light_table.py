# SPDX-License-Identifier: Apache-2.0
"""A table, not a test: does the new mouth follow changes of light? Needs the shared material and minutes.

    python -m tests.core.faces.light.light_table OUT DUB [--frames N] PLATE...

Lays each change of `lit.py` over each plate, syncs it to the dub, and measures, per plate and change:
ring: CIE76 between result and plate, low-passed, around the edge of the mouth's matte; ring2000: the same by
CIEDE2000; edge: the ring colour that `plosive score` measures; mouth: CIE76 between the result and the
unchanged plate's result under the same light, over lips and mouth; beat: change of that from frame to frame.
Results already in OUT are measured without being made again.
"""

from __future__ import annotations

import argparse
import json
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tests.core.faces.light.lit import CHANGES, gain_of, lit

from plosive.faces.finding.tracker import FaceTracker
from plosive.faces.topology import OUTER_LIPS
from plosive.generate.matte import mouth_matte
from plosive.generate.sources import mouth_box
from plosive.progress import SilentProgress
from plosive.quality.difference import measure_face_edge
from plosive.sync.job import sync_plate
from plosive.sync_options import SyncOptions

_LOW_FACES = 0.03
_LARGEST_SIDE = 960


def frames_of(path: Path, count: int, bits: int = 16) -> list[NDArray[Any]]:
    """The first pictures of a video: (h, w, 3) uint16 or uint8, coded R'G'B'."""
    import av

    found = []
    with av.open(str(path)) as container:
        for picture in container.decode(video=0):
            found.append(picture.to_ndarray(format="rgb48le" if bits == 16 else "rgb24"))
            if len(found) == count:
                break
    return found


def write(path: Path, pictures: list[NDArray[np.uint16]], rate: Fraction) -> None:
    """FFV1, 10 bit, lossless."""
    import av

    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=rate)
        stream.height, stream.width = pictures[0].shape[:2]
        stream.pix_fmt = "gbrp10le"
        for picture in pictures:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb48le")))
        container.mux(stream.encode())


def landmarks_of(pictures: list[NDArray[np.uint8]]) -> dict[int, NDArray[np.float32]]:
    """The most prominent face's landmarks (478, 3) by frame."""
    with FaceTracker() as tracker:
        for index, picture in enumerate(pictures):
            tracker.see(index, picture)
        tracks = tracker.tracks()
    (track,) = [track for track in tracks.values() if track.number == 1]
    return dict(zip(track.indices.tolist(), track.landmarks, strict=True))


def lab(picture: NDArray[np.float32]) -> NDArray[np.float32]:
    import cv2

    return np.asarray(cv2.cvtColor(np.clip(picture, 0, 1).astype(np.float32), cv2.COLOR_RGB2Lab))


def de2000(one: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.float64]:
    from skimage.color import deltaE_ciede2000

    return np.asarray(deltaE_ciede2000(one, other))


def measure(
    result: list[NDArray[np.uint16]],
    plate: list[NDArray[np.uint16]],
    wanted: list[NDArray[np.float32]] | None,
    own: dict[int, NDArray[np.float32]],
) -> dict[str, float]:
    """`wanted` is the unchanged plate's result under the same light."""
    import cv2

    rings, rings2000, edges, mouths, before = [], [], [], [], None
    beats = []
    shown = landmarks_of([(picture >> 8).astype(np.uint8) for picture in result])
    for index, points in sorted(own.items()):
        face_width = float(np.linalg.norm(points[234] - points[454]))
        height, width = plate[index].shape[:2]
        box = mouth_box(points, face_width, width, height)
        matte = mouth_matte(points[:, :2], face_width, box)
        sigma = (0, 0), _LOW_FACES * face_width
        ours = cv2.GaussianBlur(result[index][box.slices].astype(np.float32) / 65535, *sigma)
        theirs = cv2.GaussianBlur(plate[index][box.slices].astype(np.float32) / 65535, *sigma)
        ring = (matte > 0.02) & (matte < 0.6)
        one, other = lab(ours), lab(theirs)
        rings.append(np.linalg.norm((one - other)[ring], axis=-1).mean())
        rings2000.append(de2000(one[ring], other[ring]).mean())
        if index in shown:
            eight = (result[index] >> 8).astype(np.uint8), (plate[index] >> 8).astype(np.uint8)
            edge = measure_face_edge(*eight, shown[index], points)
            if edge is not None:
                edges.append(edge.ring_colour)
        if wanted is not None:
            lips = np.zeros(matte.shape, np.uint8)
            hull = cv2.convexHull(np.rint(points[OUTER_LIPS, :2] - (box.left, box.top)).astype(np.int32))
            cv2.fillConvexPoly(lips, hull, 1)
            ideal = lab(cv2.GaussianBlur(wanted[index][box.slices], *sigma))
            away = (one - ideal)[lips > 0].mean(axis=0)
            mouths.append(float(np.linalg.norm((one - ideal)[lips > 0], axis=-1).mean()))
            if before is not None:
                beats.append(float(np.linalg.norm(away - before)))
            before = away
    nothing = float("nan")
    return {
        "ring": float(np.mean(rings)),
        "ring2000": float(np.mean(rings2000)),
        "worst": float(np.percentile(rings, 95)),
        "edge": float(np.mean(edges)) if edges else nothing,
        "mouth": float(np.mean(mouths)) if mouths else nothing,
        "beat": float(np.mean(beats)) if beats else nothing,
    }


def prepared(plate: Path, out: Path, count: int) -> tuple[list[NDArray[np.uint16]], Any]:
    """The plate's pictures, cropped around the face where they are large, and its landmarks."""
    import av

    pictures = frames_of(plate, count)
    with av.open(str(plate)) as container:
        rate = container.streams.video[0].average_rate
    own = landmarks_of([(picture >> 8).astype(np.uint8) for picture in pictures])
    if max(pictures[0].shape[:2]) > _LARGEST_SIDE:
        points = np.concatenate(list(own.values()))
        middle = points[:, :2].mean(axis=0)
        width = np.ptp(points[:, 0])
        half = int(min(0.9 * width, middle[0], pictures[0].shape[1] - middle[0])) // 2 * 2
        left, top = int(middle[0] - half), max(0, int(middle[1] - half))
        pictures = [picture[top : top + 2 * half, left : left + 2 * half] for picture in pictures]
        own = landmarks_of([(picture >> 8).astype(np.uint8) for picture in pictures])
    return pictures, (rate, own)


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("out", type=Path)
    arguments.add_argument("dub", type=Path)
    arguments.add_argument("plates", type=Path, nargs="+")
    arguments.add_argument("--frames", type=int, default=60)
    arguments.add_argument("--changes", nargs="+", default=list(CHANGES))
    arguments.add_argument("--lit", type=Path, help="where the lit plates are kept")
    options = arguments.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    kept = options.lit or options.out
    kept.mkdir(parents=True, exist_ok=True)
    for plate in options.plates:
        pictures, (rate, own) = prepared(plate, options.out, options.frames)
        known = kept / f"{plate.stem}_steady_plate.mkv"
        if known.exists():  # another tracker would crop elsewhere
            pictures = frames_of(known, options.frames)
            own = landmarks_of([(picture >> 8).astype(np.uint8) for picture in pictures])
        size = pictures[0].shape[1], pictures[0].shape[0]
        first = own[min(own)]
        face = np.array(
            [*first[:, :2].mean(axis=0), np.linalg.norm(first[234] - first[454])], dtype=np.float32
        )
        steady: list[NDArray[np.uint16]] = []
        usual: dict[str, float] = {}
        for change in options.changes:
            gains = [
                gain_of(change, index, len(pictures), float(rate), face, size)
                for index in range(len(pictures))
            ]
            made = kept / f"{plate.stem}_{change}_plate.mkv"
            if not made.exists():
                changed = [
                    np.rint(np.clip(lit(picture / np.float32(65535), gain), 0, 1) * 65535).astype(np.uint16)
                    for picture, gain in zip(pictures, gains, strict=True)
                ]
                write(made, changed, rate)
            result = options.out / f"{plate.stem}_{change}.mkv"
            if not result.exists():
                motion = {} if not (kept / "dub.json").exists() else {"motion": kept / "dub.json"}
                asked = SyncOptions(made, options.dub, result, codec="ffv1", use_cache=False, **motion)
                sync_plate(asked, SilentProgress())
            shown = frames_of(result, len(pictures))
            if change == "steady":
                steady = shown
            wanted = [
                lit(picture / np.float32(65535), gain) for picture, gain in zip(steady, gains, strict=False)
            ]
            figures = measure(shown, frames_of(made, len(pictures)), wanted or None, own)
            usual = usual or figures
            ratio = {f"{name}_ratio": figures[name] / max(usual[name], 1e-6) for name in ("ring", "edge")}
            line = {"plate": plate.stem, "change": change, **figures, **ratio}
            print(json.dumps({key: round(v, 3) if isinstance(v, float) else v for key, v in line.items()}))
            sys.stdout.flush()


if __name__ == "__main__":
    main()
