# SPDX-License-Identifier: Apache-2.0
"""Pictures of other takes as sources of a shot: read, brought to the plate's size, and matched to its
colour.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial, reduce

import numpy as np
from numpy.typing import NDArray

from plosive.attended import attended
from plosive.colour.transfer import finite_working
from plosive.generate.crops import CropFile, Ticket
from plosive.generate.look import MouthLook, look_at_mouth
from plosive.generate.pool import SourcePool
from plosive.generate.protocol import MouthWish
from plosive.generate.sources import SourceLibrary, mouth_box
from plosive.generate.tone import TonePlaces
from plosive.geometry import Box
from plosive.media.plate import PlateFrame, PlateInfo
from plosive.progress import Progress
from plosive.sync.take_colour import as_in
from plosive.sync.take_frames import TakeShot, laid_on, wanted_frames
from plosive.sync.takes import PLATE_ITSELF, ActorTake

__all__ = ["SMALL_FACE_SCALE", "pools_with_takes"]

SMALL_FACE_SCALE = 1 / 0.6
"""From here on a take's mouth is enlarged so much that it is only used where the plate has none like it."""

_MOST_FROM_TAKES = 240
_TAKE_COST, _SMALL_FACE_COST = 0.005, 0.03
_SHRUNK_SCALE = 0.87
_TONE_PICTURES = 24
_SEEK_FRAMES = 100
_LEAST_PIXELS = 8


@dataclass
class _Wanted:
    """Frames of one shot of a take that one shot of the plate wants, and what was read of them."""

    own: SourcePool
    shot: TakeShot
    rows: NDArray[np.int64]
    tickets: dict[int, Ticket]


def pools_with_takes(
    pools: Mapping[int, SourcePool],
    wishes: Mapping[int, MouthWish],
    takes: Mapping[int, Sequence[ActorTake]],
    info: PlateInfo,
    progress: Progress,
    libraries: Mapping[int, SourceLibrary],
) -> dict[int, SourcePool]:
    """The sources of each shot, by its track's number, with up to 240 frames of its own of `takes`.

    `info` is the plate's, `libraries` are the sources of all its tracks by number: other shots of the plate
    are takes whose pixels are there already. Pixels go to the file of the pool they join. Raises
    MediaReadError where a take cannot be read any more.
    """
    wanted = [
        one
        for number, pool in pools.items()
        for one in _wanted_by(pool, wishes[number], takes.get(number, ()), info)
    ]
    if not wanted:
        return dict(pools)
    with CropFile() as raw:
        _take_up(wanted, libraries, raw)
        _read([one for one in wanted if one.shot.take.number != PLATE_ITSELF], raw, progress)
        made: dict[int, SourcePool] = {}
        for number, pool in pools.items():
            own = [one for one in wanted if one.own is pool]
            found = [attended(partial(_part, one, raw, info), progress) for one in own]
            parts = [part for part in found if part is not None]
            made[number] = reduce(SourcePool.joined, parts, pool)
    return made


def _wanted_by(
    own: SourcePool, wish: MouthWish, takes: Sequence[ActorTake], info: PlateInfo
) -> list[_Wanted]:
    shots = [
        laid_on(own, take, track, info.frame_rate, info.pixel_aspect)
        for take in takes
        for track, _ in take.shots
    ]
    shots = [shot for shot in shots if (shot.ticks >= 0).any()]
    if not shots:
        return []
    chosen = wanted_frames(own, wish, shots, _MOST_FROM_TAKES)
    return [_Wanted(own, shot, rows, {}) for shot, rows in zip(shots, chosen, strict=True) if len(rows)]


def _take_up(wanted: Sequence[_Wanted], libraries: Mapping[int, SourceLibrary], raw: CropFile) -> None:
    """What other shots of the plate show, which was read before, into `raw`."""
    for one in wanted:
        if one.shot.take.number != PLATE_ITSELF:
            continue
        library = libraries[one.shot.track.number]
        for place in np.flatnonzero(np.isin(library.rows, one.rows)).tolist():
            pixels, box = library.pixels(place)
            _add(one, int(library.rows[place]), pixels, box, raw)


def _read(wanted: Sequence[_Wanted], raw: CropFile, progress: Progress) -> None:
    """The pixels of everything wanted into `raw`, each take read once, from front to back."""
    by_take = {one.shot.take.number: one.shot.take for one in wanted}
    asked: dict[int, dict[int, list[tuple[_Wanted, int]]]] = {}
    for one in wanted:
        for row in one.rows.tolist():
            frames = asked.setdefault(one.shot.take.number, {})
            frames.setdefault(int(one.shot.track.indices[row]), []).append((one, row))
    progress.start("footage", sum(len(frames) for frames in asked.values()))
    for number, frames in asked.items():
        for frame in _frames(by_take[number], sorted(frames)):
            for one, row in frames[frame.index]:
                _keep(one, row, frame, raw)
            progress.advance()
    progress.finish()


def _frames(take: ActorTake, indices: list[int]) -> Iterator[PlateFrame]:
    """Those frames (rising) of a take; over long gaps it is sought, not decoded through."""
    runs: list[list[int]] = []
    for index in indices:
        if runs and index - runs[-1][-1] <= _SEEK_FRAMES:
            runs[-1].append(index)
        else:
            runs.append([index])
    with take.reading.open(take.path) as reader:
        for run in runs:
            wanted = set(run)
            for frame in reader.frames(run[0]):
                if frame.index in wanted:
                    yield frame
                if frame.index >= run[-1]:
                    break


def _keep(one: _Wanted, row: int, frame: PlateFrame, raw: CropFile) -> None:
    """The mouth of `row` as it is in the take but for the light, which is the take's usual one."""
    track = one.shot.track
    points = track.landmarks[row]
    box = mouth_box(points, float(track.face_widths[row]), frame.width, frame.height)
    if box.width < _LEAST_PIXELS or box.height < _LEAST_PIXELS:
        return
    _add(one, row, finite_working(frame.working(box)), box, raw)


def _add(one: _Wanted, row: int, pixels: NDArray[np.float32], box: Box, raw: CropFile) -> None:
    track = one.shot.track
    if track.light is not None:
        pixels = track.light.relit(pixels, box, track.landmarks[row], row, None)
    one.tickets[row] = raw.add(pixels, box)


def _part(one: _Wanted, raw: CropFile, info: PlateInfo) -> SourcePool | None:
    """What was read of one shot as sources of the plate's, in its size and colour."""
    transfer = info.transfer
    rows = np.array(sorted(one.tickets), dtype=np.int64)
    if len(rows) == 0:
        return None
    own, shot = one.own, one.shot
    places = TonePlaces(own.upright.mean(axis=0))

    def sized(row: int) -> tuple[NDArray[np.float32], Box, NDArray[np.float32]]:
        pixels = as_in(raw.read(one.tickets[row]), shot.take.info, info)
        return _sized(pixels, one.tickets[row].box, shot, row)

    given = places.tone([sized(row) for row in _some(rows).tolist()], transfer)
    usual = [_usual(own, source) for source in _some(_own_places(own)).tolist()]
    match = places.match(given, places.tone(usual, transfer), transfer)
    landmarks: list[NDArray[np.float32]] = []
    looks: list[MouthLook] = []
    tickets: list[Ticket] = []
    for row in rows.tolist():
        pixels, box, points = sized(row)
        pixels = match.applied(pixels, box, points)
        landmarks.append(points)
        looks.append(_look(pixels, box, points, float(shot.scale[row])))
        tickets.append(own.crops.add(pixels, box))
    count = len(rows)
    scale = np.maximum(shot.scale[rows], 1.0)
    cost = np.where(scale > SMALL_FACE_SCALE, _SMALL_FACE_COST, _TAKE_COST)
    return SourcePool(
        track=own.track,
        landmarks=np.stack(landmarks),
        upright=shot.head.upright[rows],
        angles_degrees=shot.head.angles_degrees()[rows],
        levels=np.zeros((count, 3), dtype=np.float32),
        inside=np.stack([look.inside for look in looks]),
        light=np.stack([look.light for look in looks]),
        sharpness=np.array([look.sharpness for look in looks], dtype=np.float32),
        redness=np.array([look.redness for look in looks], dtype=np.float32),
        take=np.full(count, shot.take.number, dtype=np.int64),
        frame_indices=shot.track.indices[rows],
        rows=np.full(count, -1, dtype=np.int64),
        order=shot.ticks[rows],
        scale=scale.astype(np.float32),
        cost=cost.astype(np.float32),
        tickets=tuple(tickets),
        crops=own.crops,
    )


def _own_places(own: SourcePool) -> NDArray[np.int64]:
    return np.flatnonzero(own.rows >= 0)


def _usual(own: SourcePool, source: int) -> tuple[NDArray[np.float32], Box, NDArray[np.float32]]:
    """A source of the plate's own in the plate's usual light."""
    pixels, box = own.lit_pixels(source, None)
    return pixels, box, own.landmarks[source]


def _some(places: NDArray[np.int64]) -> NDArray[np.int64]:
    """A few, evenly spread."""
    few = np.unique(np.linspace(0, len(places) - 1, min(len(places), _TONE_PICTURES)).astype(int))
    return np.asarray(places[few])


def _sized(
    pixels: NDArray[np.float32], box: Box, shot: TakeShot, row: int
) -> tuple[NDArray[np.float32], Box, NDArray[np.float32]]:
    """A crop in the plate's pixel shape, and no larger than the plate's; its box and landmarks in a picture
    of its own.

    Shrinking averages (what a warp would skip is noise and stairs); enlarging is left to the warp, which
    would otherwise resample twice.
    """
    import cv2

    scale = float(shot.scale[row])
    factor = scale if scale < _SHRUNK_SCALE else 1.0
    width, height = max(1, round(box.width * factor * shot.squeeze)), max(1, round(box.height * factor))
    zoom = np.array([width / box.width, height / box.height, factor], dtype=np.float32)
    points = (shot.track.landmarks[row] - (box.left - 0.5, box.top - 0.5, 0)) * zoom - (0.5, 0.5, 0)
    if (width, height) != (box.width, box.height):
        how = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
        pixels = cv2.resize(pixels, (width, height), interpolation=how)
    return pixels, Box(0, 0, width, height), points.astype(np.float32)


def _look(pixels: NDArray[np.float32], box: Box, points: NDArray[np.float32], scale: float) -> MouthLook:
    """The look of a source at the plate's size: what has to be enlarged is less sharp there."""
    import cv2

    if scale <= 1:
        return look_at_mouth(pixels, box, points)
    width, height = round(box.width * scale), round(box.height * scale)
    large = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_CUBIC)
    zoom = np.array([width / box.width, height / box.height, scale], dtype=np.float32)
    return look_at_mouth(large, Box(0, 0, width, height), ((points + 0.5) * zoom - 0.5).astype(np.float32))
