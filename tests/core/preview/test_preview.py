# SPDX-License-Identifier: Apache-2.0
"""The grey face: what it shows is what the curves say, and the film lasts as long as they do."""

from __future__ import annotations

import time
import wave
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from plosive.errors import MediaWriteError
from plosive.faces.topology import skin_triangles
from plosive.motion import ARTICULATORS, CHANNELS, MotionCurves, frame_centres, motion_curves
from plosive.motion.visemes import REST
from plosive.preview import Scene, write_preview
from plosive.preview.face_mesh import FaceMesh, face_mesh
from plosive.preview.lip_pose import mouth_pose
from plosive.preview.palette import AMBER, CLOSED, TEETH
from plosive.preview.screen import HEIGHT, WIDTH, Screen
from plosive.progress import SilentProgress
from plosive.speech import Phone, PhoneSource, Sound, Speech, Word

RATE = Fraction(24000, 1001)
PHONES = (("SIL", 40), ("M", 12), ("AA", 24), ("F", 14), ("UW", 20), ("B", 10), ("SIL", 40))
FACE = (slice(44, 456), slice(0, 384))
MOUTH = (slice(290, 356), slice(110, 240))  # rows and columns of the whole picture


@pytest.fixture(scope="module")
def scene() -> Scene:
    tiles, at = [], Fraction(0)
    for symbol, hundredths in PHONES:
        tiles.append(Phone(symbol, at, at + Fraction(hundredths, 100)))
        at = tiles[-1].end_seconds
    none = np.zeros(0, np.float32)
    words = (Word("mafoob", Fraction(4, 10), Fraction(12, 10)),)
    speech = Speech(at, tuple(tiles), words, Sound(none, none, none), PhoneSource.GIVEN, "en", 1.0)
    count = int(at * RATE)
    curves = motion_curves(speech, frame_centres(count, RATE), frame_seconds=1 / RATE)
    noise = np.random.default_rng(1).normal(0, 0.1, int(at * 16_000)).astype(np.float32)
    return Scene("mafoob.wav", speech, curves, noise, RATE, 1001)


@pytest.fixture(scope="module")
def mesh() -> FaceMesh:
    return face_mesh()


def frame_of(scene: Scene, symbol: str) -> int:
    """The frame in the middle of the first such phone."""
    rows = [row for row, name in enumerate(scene.curves.symbols) if name == symbol]
    return rows[len(rows) // 2]


def coloured(picture: NDArray[np.uint8], colour: tuple[int, int, int], off: int = 40) -> NDArray[np.bool_]:
    """Pixels of the mouth within `off` of a colour."""
    far = np.abs(picture[MOUTH].astype(int) - np.array(colour)).max(axis=-1)
    return np.asarray(far < off)


def dark(picture: NDArray[np.uint8]) -> int:
    """How many pixels of the mouth are the dark inside of it."""
    return int((picture[MOUTH].max(axis=-1) < 45).sum())


def curves_with(values: dict[str, float], closure: float = 0, tuck: float = 0) -> MotionCurves:
    """One frame with the given channels, the others at rest."""
    shape = np.array([[values.get(name, REST[row]) for row, name in enumerate(CHANNELS)]], np.float32)
    shown = np.array([[values.get(name, 0.0) for name in ARTICULATORS]], np.float32)
    rules = (np.array([value], np.float32) for value in (closure, tuck, 0))
    return MotionCurves((Fraction(1, 48),), shape, *rules, shown, ("AH",))


def test_closed_lips_look_closed(scene: Scene) -> None:
    screen = Screen(scene)
    sealed = screen.draw(frame_of(scene, "M"))
    assert coloured(sealed, CLOSED).sum() > 100, "a line in a strong colour"
    assert dark(sealed) < 20
    assert dark(screen.draw(frame_of(scene, "AA"))) > 300


def test_silence_rests(scene: Scene) -> None:
    screen = Screen(scene)
    rest = screen.draw(1)
    assert dark(rest) < 320, "a thin line where the lips meet"
    assert not coloured(rest, CLOSED).any()
    assert np.array_equal(rest[MOUTH], screen.draw(2)[MOUTH])


def test_f_shows_teeth_over_the_lower_lip(scene: Scene) -> None:
    tucked = Screen(scene).draw(frame_of(scene, "F"))
    assert coloured(tucked, AMBER).sum() > 80
    assert coloured(tucked, TEETH, 60).sum() > 60


def test_rounded_lips_are_narrow_and_forward(mesh: FaceMesh) -> None:
    spread = mesh.placed(mouth_pose(curves_with({"aperture": 0.3, "width": 0.9}), 0))
    rounded = mesh.placed(mouth_pose(curves_with({"aperture": 0.3, "width": 0.1, "protrusion": 1.0}), 0))
    width = [points[291, 0] - points[61, 0] for points in (spread, rounded)]
    assert width[1] < 0.75 * width[0]
    assert rounded[0, 2] < spread[0, 2] - 0.1, "forward is towards the viewer"


def test_the_lips_gap_and_chin_follow_the_curves(mesh: FaceMesh) -> None:
    gaps, chins = [], []
    for opening in (0.0, 0.4, 0.8, 1.2):
        points = mesh.placed(mouth_pose(curves_with({"aperture": opening, "jaw": opening}), 0))
        gaps.append(points[14, 1] - points[13, 1])
        chins.append(points[152, 1])
    assert gaps[0] == pytest.approx(0, abs=1e-9)
    assert np.allclose(np.diff(gaps), gaps[1], atol=0.01)
    assert (np.diff(chins) > 0.03).all()


def test_only_the_lower_face_moves(mesh: FaceMesh) -> None:
    wide = mesh.placed(mouth_pose(curves_with({"aperture": 1.3, "jaw": 1.4}), 0))
    still = mesh.placed(mouth_pose(curves_with({}), 0))
    moved = np.abs(wide - still).max(axis=1)
    assert moved[[33, 263, 10, 168, 4, 234, 454]].max() < 1e-6
    assert moved[152] > 0.1


def test_stored_triangles_are_those_of_the_topology(mesh: FaceMesh) -> None:
    assert {tuple(one) for one in mesh.triangles.tolist()} == {
        tuple(one) for one in skin_triangles().tolist()
    }


def test_the_strip_runs_a_fixed_way_a_frame(scene: Scene) -> None:
    screen = Screen(scene)
    rows, columns = slice(94, 122), slice(480, 900)
    one, next_one = screen.draw(20)[rows, columns], screen.draw(21)[rows, columns]
    step = next(step for step in range(1, 40) if np.array_equal(one[:, step:150], next_one[:, : 150 - step]))
    assert step == round(200 / RATE)


def test_film_has_every_frame_and_the_sound(scene: Scene, tmp_path: Path) -> None:
    dub, out = tmp_path / "mafoob.wav", tmp_path / "mafoob.mp4"
    with wave.open(str(dub), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes((scene.samples * 20_000).astype("<i2").tobytes())
    began = time.process_time()
    write_preview(out, scene, dub, 0, SilentProgress())
    spent = time.process_time() - began
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mafoob.mp4", "mafoob.wav"]
    with av.open(str(out)) as film:
        video, sound = film.streams.video[0], film.streams.audio[0]
        assert (video.codec_context.name, video.pix_fmt) == ("h264", "yuv420p")
        assert (video.width, video.height, video.average_rate) == (WIDTH, HEIGHT, RATE)
        pictures = [frame.to_ndarray(format="rgb24") for frame in film.decode(video)]
        assert sound.duration is not None and sound.time_base is not None
        seconds = float(sound.duration * sound.time_base)
    assert len(pictures) == scene.frame_count
    assert seconds == pytest.approx(scene.frame_count / float(RATE), abs=0.05)
    assert coloured(pictures[frame_of(scene, "M")], CLOSED, 70).sum() > 60
    assert spent < scene.frame_count / float(RATE), "faster than it plays, whatever machine tests run on"


def test_a_dub_that_begins_later_sounds_later(scene: Scene) -> None:
    later = tuple(centre - Fraction(1, 2) for centre in scene.curves.centre_seconds)
    shifted = replace(scene, curves=replace(scene.curves, centre_seconds=later))
    assert shifted.dub_starts_seconds == Fraction(1, 2)
    assert shifted.column(Fraction(0), 8) == pytest.approx(float(RATE) * 4)


def test_a_dub_that_began_earlier_loses_its_head_in_the_film(scene: Scene, tmp_path: Path) -> None:
    """Half a second of silence, then a tone: the film begins with the tone."""
    tone = np.sin(np.arange(16_000) / 16_000 * 2 * np.pi * 440)
    samples = np.concatenate([np.zeros(8_000), tone]).astype(np.float32)
    with wave.open(str(tmp_path / "dub.wav"), "wb") as file:
        file.setparams((1, 2, 16_000, 0, "NONE", ""))
        file.writeframes((samples * 20_000).astype("<i2").tobytes())
    part = scene.curves.taken(np.arange(6))
    earlier = tuple(centre + Fraction(1, 2) for centre in part.centre_seconds)
    shifted = replace(scene, curves=replace(part, centre_seconds=earlier), samples=samples)
    assert shifted.dub_starts_seconds == Fraction(-1, 2)
    write_preview(tmp_path / "film.mp4", shifted, tmp_path / "dub.wav", 0, SilentProgress())
    with av.open(str(tmp_path / "film.mp4")) as film:
        heard = np.concatenate([np.asarray(frame.to_ndarray()[0]) for frame in film.decode(audio=0)])
    assert np.abs(heard[:2_400]).max() > 0.3, "50 ms in it sounds"


def test_an_unwritable_film_is_one_sentence(scene: Scene, tmp_path: Path) -> None:
    with pytest.raises(MediaWriteError, match="cannot be written"):
        write_preview(tmp_path / "nowhere" / "a.mp4", scene, tmp_path / "a.wav", 0, SilentProgress())
