# SPDX-License-Identifier: Apache-2.0
"""The table of figures of docs/picture.md, and the sheets to look at.

    python tests/core/generate/picture_table.py MATERIAL [--kind self|lips|cross|p30] [--frames N]
        [--sheets FOLDER] [--dub pico_en] [PLATE ...] > table.md

MATERIAL is a folder with `plates` and `speech`. `self`: the second half of each plate rebuilt from its first
and from its own mouth curves, `lips` from all points of its lips;
`p30`: the same with a library that never opens wide; `cross`: each plate says a dub.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import cv2
import numpy as np

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from tests.core.generate.picture_figures import PictureFigures, figures_of
from tests.core.generate.reenactment import Rebuilt, cross_dub, self_reenactment

PLATES = ("ls_demo1", "ls_demo2", "ls_demo3", "sad_khill", "muse_sun", "muse_yongen", "silent_arabic_news")
_SHEET_WIDTH = 1800


def main(arguments: list[str]) -> None:
    """Print the table row by row."""
    parser = argparse.ArgumentParser()
    parser.add_argument("material", type=Path)
    parser.add_argument("plates", nargs="*", default=PLATES)
    parser.add_argument("--kind", choices=("self", "lips", "cross", "p30"), default="self")
    parser.add_argument("--dub", default="pico_en")
    parser.add_argument("--frames", type=int, default=100)
    parser.add_argument("--sheets", type=Path)
    parser.add_argument("--zoom", type=float, default=1.0)
    wish = parser.parse_intermixed_args(arguments)
    print(PictureFigures.head(), flush=True)
    for name in wish.plates:
        plate = next(path for path in (wish.material / "plates").glob(f"{name}.*"))
        rebuilt = _rebuilt(plate, wish)
        print(figures_of(rebuilt, wish.kind != "cross").row(), flush=True)
        if wish.sheets is not None:
            wish.sheets.mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(wish.sheets / f"{name}_{wish.kind}.png"), sheet(rebuilt, wish.zoom))


def _rebuilt(plate: Path, wish: argparse.Namespace) -> Rebuilt:
    if wish.kind == "cross":
        speech = wish.material / "speech"
        dub = next(path for path in speech.glob(f"{wish.dub}.*") if path.suffix != ".json")
        words, language = _words(speech, wish.dub)
        return cross_dub(plate, dub, words, language, wish.frames)
    return self_reenactment(
        plate, 30.0 if wish.kind == "p30" else None, wish.frames, from_lips=wish.kind == "lips"
    )


def _words(speech: Path, dub: str) -> tuple[str | None, str]:
    language = dub.rpartition("_")[2]
    known = json.loads((speech / "pico_transcripts.json").read_text(encoding="utf-8"))
    for test in known["tests"]["language_tests"]:
        if dub.startswith("pico") and test["language"] == language:
            return test["transcript"], language
    return None, "auto"


def sheet(rebuilt: Rebuilt, zoom: float = 1.0) -> np.ndarray:
    """Mouths of the plate over those of the result, frame by frame: (h, w, 3) uint8 BGR."""
    rows: list[np.ndarray] = []
    pairs = []
    size = int(0.62 * rebuilt.face_width)
    for one, points in zip(rebuilt.made, rebuilt.landmarks, strict=True):
        middle = points[[61, 291, 0, 17], :2].mean(axis=0) - [one.box.left, one.box.top]
        shown = []
        shape = (size, int(0.8 * size))
        for picture in (one.plate, one.result):
            part = cv2.getRectSubPix(picture[..., ::-1].copy(), shape, tuple(map(float, middle)))
            shown.append(np.clip(part * 255, 0, 255).astype(np.uint8))
        pair = np.vstack(shown)
        pair = cv2.resize(pair, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_CUBIC)
        cv2.putText(pair, str(one.index), (2, 12), cv2.FONT_HERSHEY_SIMPLEX, 0.4, (0, 255, 255), 1)
        pairs.append(pair)
    per = max(1, _SHEET_WIDTH // pairs[0].shape[1])
    for first in range(0, len(pairs), per):
        line = pairs[first : first + per]
        line += [np.zeros_like(pairs[0])] * (per - len(line))
        rows += [np.hstack(line), np.full((6, per * pairs[0].shape[1], 3), 90, np.uint8)]
    return np.vstack(rows)


if __name__ == "__main__":
    main(sys.argv[1:])
