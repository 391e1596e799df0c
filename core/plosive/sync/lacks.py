# SPDX-License-Identifier: Apache-2.0
"""What a shot shows no mouth for, and where the mouths asked for came from instead."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from plosive.faces.measure import mouth_channels
from plosive.generate.protocol import Shot
from plosive.media.plate import PlateInfo
from plosive.sync.render import Part
from plosive.sync.switched import sources_of
from plosive.sync.take_pictures import SMALL_FACE_SCALE
from plosive.sync.takes import PLATE_ITSELF, ActorTake

__all__ = ["Lack", "LackKind", "find_lacks", "footage_facts", "footage_sentences"]

_APERTURE, _WIDTH = 0, 1
_STRETCHED, _STRETCHED_BY = 1.5, 0.03
_CLOSED_APERTURE = 0.03
_WIDTH_SLACK_IOD = 0.05
_SHUT = 0.99
_WORTH_TELLING_FRAMES = 3


class LackKind(Enum):
    """Which mouth a shot lacks."""

    OPEN = "open"
    CLOSED = "closed"
    NARROW = "narrow"
    WIDE = "wide"


_SHOWN = {
    LackKind.OPEN: "no mouth open wider than {limit:.0%} of its width",
    LackKind.CLOSED: "no closed lips",
    LackKind.NARROW: "no mouth narrower than {limit:.0%} of the distance between the eyes",
    LackKind.WIDE: "no mouth wider than {limit:.0%} of the distance between the eyes",
}
_ASKED = {
    LackKind.OPEN: "ask for much more",
    LackKind.CLOSED: "ask for them",
    LackKind.NARROW: "ask for a rounder one",
    LackKind.WIDE: "ask for a broader one",
}
_MADE = {
    LackKind.OPEN: "opened from narrower ones",
    LackKind.CLOSED: "closed from open ones",
    LackKind.NARROW: "drawn together from broader ones",
    LackKind.WIDE: "drawn apart from narrower ones",
}


@dataclass(frozen=True)
class Lack:
    """`rows` (R,) of a shot's track that ask for a mouth it does not show. `limit` is the furthest it
    shows: an opening over the mouth's width, or a width over the distance between the outer eye corners; 0
    for closed lips. `from_takes` counts rows whose mouth came from each take that has such a mouth.
    """

    kind: LackKind
    limit: float
    rows: NDArray[np.int64]
    from_takes: dict[int, int]

    @property
    def made_up(self) -> int:
        """Rows whose mouth had to be made of another."""
        return len(self.rows) - sum(self.from_takes.values())

    def sentence(self, shot: str, names: dict[int, str]) -> str:
        """For the artist; `shot` says which, `names` how takes are called."""
        told = [f"{count} come from {names[number]}" for number, count in sorted(self.from_takes.items())]
        if self.made_up:
            told.append(f"{self.made_up} are {_MADE[self.kind]}")
        hint = "; other takes can be given with --actor-footage" if self.made_up else ""
        return (
            f"{shot} {_SHOWN[self.kind].format(limit=self.limit)}, and {len(self.rows)} frames "
            f"{_ASKED[self.kind]}: of their mouths {' and '.join(told)}{hint}."
        )

    def facts(self, indices: NDArray[np.int64], first_frame: int) -> dict[str, object]:
        """For the report; `indices` are the plate frames of the track's rows."""
        return {
            "mouth": self.kind.value,
            "furthest_shown": round(self.limit, 4),
            "frames": (first_frame + indices[self.rows]).tolist(),
            "frames_from_takes": self.from_takes,
            "frames_made_up": self.made_up,
        }


def find_lacks(
    shot: Shot, chosen: NDArray[np.int64] | None, is_synced: NDArray[np.bool_]
) -> tuple[Lack, ...]:
    """What the shot's own pictures lack of what is wished for where it `is_synced` (T,). `chosen` (T,) are
    the `source_keys` of the sources its mouths came from, None where nothing is known of that.
    """
    pool, wish = shot.sources, shot.wish
    own = pool.rows >= 0
    if not own.any():
        return ()
    known, asked = mouth_channels(pool.upright), wish.values
    places = dict(zip(pool.keys.tolist(), range(len(pool)), strict=True))
    shown = [places.get(key, -1) for key in chosen.tolist()] if chosen is not None else [-1] * len(asked)
    from_source = np.array(shown, dtype=np.int64)
    aperture, width = known[:, _APERTURE], known[:, _WIDTH]
    widest, closest = float(aperture[own].max()), float(aperture[own].min())
    narrowest, broadest = float(width[own].min()), float(width[own].max())
    shut = wish.closure >= _SHUT
    mean = pool.upright[own].mean(axis=0)
    height = float(np.linalg.norm(mean[168, :2] - mean[2, :2]))
    opening = widest * height / max(float(np.median(width[own])), 1e-6)
    open_limit = _STRETCHED * widest + _STRETCHED_BY
    found = [
        (LackKind.OPEN, opening, ~shut & (asked[:, _APERTURE] > open_limit), aperture > widest),
        (LackKind.CLOSED, 0.0, shut & (closest > _CLOSED_APERTURE), aperture <= _CLOSED_APERTURE),
        (LackKind.NARROW, narrowest, asked[:, _WIDTH] < narrowest - _WIDTH_SLACK_IOD, width < narrowest),
        (LackKind.WIDE, broadest, asked[:, _WIDTH] > broadest + _WIDTH_SLACK_IOD, width > broadest),
    ]
    lacks = []
    for kind, limit, is_asked, is_such in found:
        rows = np.flatnonzero(is_asked & is_synced)
        sources = from_source[rows]
        helpful = sources[(sources >= 0) & (is_such & ~own)[sources]]
        if len(rows):
            lacks.append(Lack(kind, limit, rows, dict(Counter(pool.take[helpful].tolist()))))
    return tuple(lacks)


def footage_sentences(parts: Sequence[Part], takes: Sequence[ActorTake], info: PlateInfo) -> list[str]:
    """What the artist should know of mouths that shots lack, and of takes whose mouths are small."""
    names = {take.number: take.path.name for take in takes} | {PLATE_ITSELF: "other shots of the plate"}
    told = []
    for part in parts:
        indices = info.first_frame + part.track.indices
        shot = f"The shot of frames {indices[0]}-{indices[-1]} shows"
        for lack in _lacks(part):
            if len(lack.rows) >= _WORTH_TELLING_FRAMES:
                told.append(lack.sentence(shot, names))
        pool = part.shot.sources
        small = (pool.scale > SMALL_FACE_SCALE) & (pool.take != PLATE_ITSELF)
        for number in np.unique(pool.take[small]).tolist():
            share = 1 / float(np.median(pool.scale[pool.take == number]))
            told.append(
                f"--actor-footage {names[number]} shows the face at {share:.0%} of its size in the "
                "plate: its mouths look softer and are used only where the plate has none like them."
            )
    return told


def footage_facts(part: Part, first_frame: int) -> dict[str, object]:
    """For the report: what the shot of `part` lacks."""
    return {"lacks": [lack.facts(part.track.indices, first_frame) for lack in _lacks(part)]}


def _lacks(part: Part) -> tuple[Lack, ...]:
    synced = part.visibility.blend[part.track.indices] > 0
    return find_lacks(part.shot, sources_of(part.plan), synced)
