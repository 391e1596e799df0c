# SPDX-License-Identifier: Apache-2.0
"""Whether a face in another take is the actor of the plate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from plosive.faces.choice import person_of
from plosive.faces.head import HeadShape, head_shape
from plosive.faces.people.appearance import no_appearance
from plosive.faces.people.evidence import Span, log_odds
from plosive.faces.people.likeness import distances
from plosive.faces.track import FaceTrack
from plosive.sync.takes import ActorTake

__all__ = ["head_distance", "same_person_odds", "takes_of"]

_OTHER_HEAD = 0.045
_SURELY_OTHER = -6.0
_REFUSED_ODDS, _SURE_ODDS = -1.0, 1.0


def head_distance(one: FaceTrack, other: FaceTrack) -> float:
    """How differently two heads are shaped: root of the summed squares over their rigid points, turned onto
    each other, each head of size 1 (Procrustes). The same person stays within 0.03 in one take, two people
    lie 0.016 to 0.1 apart (22 clips), so it can tell that two are not one, never that they are.
    """
    return _shape_distance(head_shape(one.landmarks), head_shape(other.landmarks))


def same_person_odds(one: Sequence[FaceTrack], other: Sequence[FaceTrack]) -> NDArray[np.float64]:
    """Natural log-odds (A, B) that tracks of different files show one person, by skin and features, hair and
    clothes (`faces.people`), and by the shape of the head where that rules it out.
    """
    if not one or not other:
        return np.zeros((len(one), len(other)))
    looks = [[track.appearance or no_appearance() for track in tracks] for tracks in (one, other)]
    widths = [np.array([float(np.median(track.face_widths)) for track in tracks]) for tracks in (one, other)]
    spans = [[Span.OTHER_PLATE] * len(other)] * len(one)
    odds = log_odds(distances(looks[0], looks[1]), spans, (widths[0], widths[1]))
    heads = [[head_shape(track.landmarks) for track in tracks] for tracks in (one, other)]
    apart = np.array([[_shape_distance(mine, theirs) for theirs in heads[1]] for mine in heads[0]])
    return np.where(apart > _OTHER_HEAD, _SURELY_OTHER, odds)


def takes_of(
    track: FaceTrack,
    everybody: Sequence[FaceTrack],
    takes: Sequence[ActorTake],
    odds: NDArray[np.float64],
) -> tuple[dict[int, ActorTake], list[str]]:
    """The takes that show the person of `track`, by their place and with no other face in them; and
    sentences on those that show nobody, somebody else, or perhaps somebody else. `everybody` (A) are the
    faces of the plate that takes may be of, `odds` (A, B) theirs against all faces of all takes in order.
    """
    used: dict[int, ActorTake] = {}
    warnings: list[str] = []
    mine = [place for place, one in enumerate(everybody) if person_of(one) == person_of(track)]
    ends = np.cumsum([len(take.shots) for take in takes], dtype=np.int64)
    for place, take in enumerate(takes):
        own = odds[:, ends[place] - len(take.shots) : ends[place]]
        name = f"--actor-footage {take.path.name}"
        if not take.shots:
            warnings.append(f"{name} shows no face, so it is not used.")
            continue
        best = own.max(axis=0)
        if best.max() < _REFUSED_ODDS:
            warnings.append(
                f"{name} shows somebody else than the plate does, so it is not used; give takes of the "
                "same person."
            )
            continue
        is_mine = (best >= _REFUSED_ODDS) & (own[mine].max(axis=0) >= best)
        if not is_mine.any():
            continue
        # Where one of its faces surely is the actor, those in doubt are others.
        is_mine &= (best >= _SURE_ODDS) | (best[is_mine].max() < _SURE_ODDS)
        if best[is_mine].max() < _SURE_ODDS:
            warnings.append(
                f"{name}: it is not sure that it shows the person of the plate; leave it out if it does not."
            )
        shots = tuple(shot for shot, wanted in zip(take.shots, is_mine.tolist(), strict=True) if wanted)
        used[place] = replace(take, shots=shots)
    return used, warnings


def _shape_distance(one: HeadShape, other: HeadShape) -> float:
    left, sizes, right = np.linalg.svd(one.rigid.T @ other.rigid)
    sizes[2] *= np.sign(np.linalg.det(left @ right))
    return float(np.sqrt(max(2 - 2 * sizes.sum(), 0.0)))
