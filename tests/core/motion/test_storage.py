# SPDX-License-Identifier: Apache-2.0
"""Motion files: what is written reads back, what was edited counts, and bad ones are one sentence."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import plosive.motion.files
from plosive.errors import MediaReadError, MediaWriteError
from plosive.motion import (
    CHANNELS,
    CurvesFrom,
    MotionTrack,
    frame_centres,
    load_motion,
    motion_curves,
    save_motion,
)
from plosive.motion.resampling import with_gains
from plosive.speech import Speech

RATE = Fraction(24_000, 1001)
CENTRES = frame_centres(84, RATE)


@pytest.fixture
def track(demo_speech: Speech) -> MotionTrack:
    return MotionTrack(demo_speech, motion_curves(demo_speech, CENTRES, frame_seconds=1 / RATE), RATE, 1001)


@pytest.fixture
def saved(tmp_path: Path, track: MotionTrack) -> Path:
    path = tmp_path / "shot.motion.json"
    save_motion(path, track)
    return path


def edited(path: Path, edit: Callable[[dict[str, Any]], object]) -> Path:
    document = json.loads(path.read_text(encoding="utf-8"))
    edit(document)
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def at(track: MotionTrack, centres: tuple[Fraction, ...] = CENTRES, rate: Fraction = RATE) -> Any:
    return track.at(centres, frame_seconds=1 / rate)


def test_json_reads_back(saved: Path, track: MotionTrack, tmp_path: Path) -> None:
    read = load_motion(saved)
    assert [(p.symbol, p.start_seconds, p.end_seconds) for p in read.speech.phones] == [
        (p.symbol, p.start_seconds, p.end_seconds) for p in track.speech.phones
    ]
    assert read.speech.words == track.speech.words
    assert read.speech.duration_seconds == track.speech.duration_seconds
    assert (read.speech.source, read.speech.warnings) == (track.speech.source, track.speech.warnings)
    assert read.speech.confidence == pytest.approx(track.speech.confidence, abs=1e-4)
    for before, after in zip(track.speech.phones, read.speech.phones, strict=True):
        assert after.loudness == pytest.approx(before.loudness, abs=1e-3)
    assert np.allclose(read.speech.sound.pitch_hz, track.speech.sound.pitch_hz, atol=0.051)
    assert read.curves is not None and track.curves is not None
    assert read.curves.centre_seconds == CENTRES
    assert np.abs(read.curves.values - track.curves.values).max() <= 6e-5
    assert np.array_equal(read.curves.closure == 1, track.curves.closure == 1)
    assert read.curves.symbols == track.curves.symbols
    assert (read.frame_rate, read.first_frame, read.curves_from) == (RATE, 1001, CurvesFrom.AUTO)
    again = tmp_path / "again.json"
    save_motion(again, read)
    assert again.read_bytes() == saved.read_bytes()


def test_json_is_for_people(saved: Path) -> None:
    text = saved.read_text(encoding="utf-8")
    document = json.loads(text)
    assert (document["format"], document["version"]) == ("plosive-motion", 2)
    assert document["frames"]["first_frame"] == 1001
    assert document["frames"]["last_frame_inclusive"] == document["curves"]["frame"][-1] == 1084
    lines = text.splitlines()
    assert sum('"symbol"' in line for line in lines) == len(document["phones"])
    frame = next(line for line in lines if line.startswith('  "frame"'))
    jaw = next(line for line in lines if line.startswith('  "jaw"'))
    assert [m.start() for m in re.finditer(",", frame)] == [m.start() for m in re.finditer(",", jaw)]
    assert {viseme["viseme"] for viseme in document["visemes"]} >= {"pbm", "fv", "sealed"}
    assert [path.name for path in saved.parent.iterdir()] == [saved.name]


def test_json_keeps_the_schema(saved: Path, track: MotionTrack, tmp_path: Path) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads(Path(plosive.motion.files.__file__).with_name("motion.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    validator.validate(json.loads(saved.read_text(encoding="utf-8")))
    bare = tmp_path / "bare.json"
    save_motion(bare, MotionTrack(track.speech, None, RATE))
    validator.validate(json.loads(bare.read_text(encoding="utf-8")))
    wrong = json.loads(saved.read_text(encoding="utf-8"))
    wrong["curves"]["closure"][0] = 2
    assert not validator.is_valid(wrong)


def test_frames_of_uneven_length_are_told_one_by_one(demo_speech: Speech, tmp_path: Path) -> None:
    centres = tuple(Fraction(k * k + 40 * k, 1001) for k in range(30))
    curves = motion_curves(demo_speech, centres, frame_seconds=Fraction(1, 24))
    save_motion(tmp_path / "vfr.json", MotionTrack(demo_speech, curves, Fraction(24)))
    read = load_motion(tmp_path / "vfr.json")
    assert read.curves is not None and read.curves.centre_seconds == centres


def test_edited_curves_are_used_exactly(saved: Path, track: MotionTrack) -> None:
    def open_frame_3(document: dict[str, Any]) -> None:
        document["curves"]["aperture"][2] = 0.77
        document["curves"]["jaw"][2] = 0.9

    read = load_motion(edited(saved, open_frame_3))
    assert read.curves_from is CurvesFrom.CURVES
    made = at(read)
    assert made.values[2, 0] == np.float32(0.77) and made.values[2, 2] == np.float32(0.9)
    others = np.delete(np.arange(84), 2)
    assert np.abs(made.values - at(track).values)[others].max() <= 6e-5


def test_closed_lips_stay_closed_whatever_is_written(saved: Path, track: MotionTrack) -> None:
    assert track.curves is not None
    shut = int(np.flatnonzero(track.curves.closure == 1)[0])
    read = load_motion(edited(saved, lambda d: d["curves"]["aperture"].__setitem__(shut, 0.5)))
    assert at(read).values[shut, 0] == 0


def test_edited_phones_make_the_curves_anew(saved: Path, track: MotionTrack) -> None:
    def m_becomes_a_vowel(document: dict[str, Any]) -> None:
        m = next(phone for phone in document["phones"] if phone["symbol"] == "M")
        m["symbol"] = "aa1"

    read = load_motion(edited(saved, m_becomes_a_vowel))
    assert read.curves_from is CurvesFrom.PHONES
    before, after = at(track), at(read)
    at_m = int(Fraction(44, 100) * RATE)
    assert before.closure[at_m] == 1 and after.closure[at_m] == 0
    assert after.values[at_m, 0] > 0.3
    assert np.abs(after.values[-8:] - before.values[-8:]).max() < 1e-3


def test_a_moved_boundary_needs_one_number(saved: Path) -> None:
    def first_word_later(document: dict[str, Any]) -> None:
        document["phones"][1]["start_seconds"] = 0.44

    phones = load_motion(edited(saved, first_word_later)).speech.phones
    assert (phones[0].symbol, phones[0].end_seconds) == ("SIL", Fraction(44, 100))
    assert all(one.end_seconds == two.start_seconds for one, two in pairwise(phones))


def test_both_edited_asks_which(saved: Path) -> None:
    def both(document: dict[str, Any]) -> None:
        document["phones"].pop(3)
        document["curves"]["jaw"][0] = 1.0

    with pytest.raises(MediaReadError, match='set "curves_from" to "phones"'):
        load_motion(edited(saved, both))
    read = load_motion(edited(saved, lambda document: document.update(curves_from="phones")))
    assert read.curves_from is CurvesFrom.PHONES
    read = load_motion(edited(saved, lambda document: document.update(curves_from="curves")))
    assert read.curves_from is CurvesFrom.CURVES


def test_phones_alone_are_a_motion_file(tmp_path: Path) -> None:
    phones = [{"symbol": "B", "start_seconds": 0.5, "end_seconds": 0.6}]
    document = {"format": "plosive-motion", "version": 2, "duration_seconds": 1, "phones": phones}
    path = tmp_path / "few.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    read = load_motion(path)
    assert [phone.symbol for phone in read.speech.phones] == ["SIL", "B", "SIL"]
    made = at(read, frame_centres(25, Fraction(25)), Fraction(25))
    assert made.closure[13] == 1 and made.values[13, 0] == 0


def test_untouched_files_follow_the_frames_they_are_asked_for(saved: Path, demo_speech: Speech) -> None:
    centres = frame_centres(100, Fraction(30))
    made = at(load_motion(saved), centres, Fraction(30))
    exact = motion_curves(demo_speech, centres, frame_seconds=Fraction(1, 30))
    assert np.abs(made.values - exact.values).max() < 2e-3, "loudness has three decimals"


@pytest.mark.parametrize("rate", [Fraction(12), Fraction(25), Fraction(60)])
def test_edited_curves_on_other_frames_keep_every_closure(
    saved: Path, track: MotionTrack, rate: Fraction
) -> None:
    read = load_motion(edited(saved, lambda document: document.update(curves_from="curves")))
    centres = frame_centres(int(3.5 * rate), rate)
    made = at(read, centres, rate)
    times, new = (np.array([float(one) for one in row]) for row in (CENTRES, centres))
    assert track.curves is not None
    edges = np.flatnonzero(np.diff(np.r_[0, track.curves.closure == 1, 0]))
    for start, end in edges.reshape(-1, 2):
        middle = (times[start] + times[end - 1]) / 2
        assert made.closure[np.abs(new - middle).argmin()] == 1
    assert (made.values[made.closure == 1, 0] == 0).all()
    within = np.interp(new, times, track.curves.values[:, CHANNELS.index("jaw")])
    assert np.allclose(made.values[:, CHANNELS.index("jaw")], within, atol=1e-4)


def test_frames_beyond_edited_curves_rest(saved: Path) -> None:
    read = load_motion(edited(saved, lambda document: document.update(curves_from="curves")))
    made = at(read, tuple(Fraction(-1) + centre for centre in frame_centres(200, RATE)))
    assert (made.rest[:20] == 1).all() and (made.values[:20, 0] == 0).all()
    assert (made.rest[-60:] == 1).all() and made.symbols[-1] == "SIL"


def test_gains_lie_in_the_curves_and_come_out_again(track: MotionTrack, tmp_path: Path) -> None:
    assert track.curves is not None
    gained = with_gains(track.curves, 2.0, 0.5)
    jaw, width = CHANNELS.index("jaw"), CHANNELS.index("width")
    assert np.allclose(gained.values[:, jaw] - 0.1, 2 * (track.curves.values[:, jaw] - 0.1), atol=1e-5)
    assert np.ptp(gained.values[:, width]) == pytest.approx(0.5 * np.ptp(track.curves.values[:, width]))
    assert (gained.values[gained.closure == 1, 0] == 0).all()
    path = tmp_path / "loud.json"
    save_motion(path, MotionTrack(track.speech, gained, RATE, 1001, CurvesFrom.CURVES, 2.0, 0.5))
    read = load_motion(path)
    assert (read.jaw_gain, read.lip_gain) == (2.0, 0.5)
    assert np.abs(at(read).values - track.curves.values)[track.curves.closure < 1].max() < 3e-4


def test_csv_reads_back(track: MotionTrack, tmp_path: Path) -> None:
    path, again = tmp_path / "shot.csv", tmp_path / "again.csv"
    save_motion(path, track)
    read = load_motion(path)
    save_motion(again, read)
    assert again.read_bytes() == path.read_bytes()
    assert (read.frame_rate, read.first_frame, read.curves_from) == (RATE, 1001, CurvesFrom.CURVES)
    made = at(read)
    assert track.curves is not None
    assert np.abs(made.values - track.curves.values).max() <= 6e-5
    assert made.symbols == track.curves.symbols
    spoken = [phone.symbol for phone in read.speech.phones if phone.symbol in "MBP"]
    assert spoken == [phone.symbol for phone in track.speech.phones if phone.symbol in "MBP"]


def test_csv_as_a_spreadsheet_saves_it(track: MotionTrack, tmp_path: Path) -> None:
    path = tmp_path / "shot.csv"
    save_motion(path, track)
    european = path.read_text(encoding="utf-8").replace(",", ";").replace(".", ",")
    path.write_bytes(b"\xef\xbb\xbf" + european.encode())
    assert track.curves is not None
    assert np.abs(at(load_motion(path)).values - track.curves.values).max() <= 6e-5


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("aperture", "gap", "lacks the column aperture"),
        ("\n1002,", "\n1003,", "frame numbers must go up by one"),
        ("SIL,0.0000", "SIL,open", "line 2, column aperture: 'open' is no number"),
        ("SIL", "XY", "'XY' is no phone"),
    ],
)
def test_csv_faults_are_told(track: MotionTrack, tmp_path: Path, before: str, after: str, said: str) -> None:
    path = tmp_path / "shot.csv"
    save_motion(path, track)
    path.write_text(path.read_text(encoding="utf-8").replace(before, after, 1), encoding="utf-8", newline="")
    with pytest.raises(MediaReadError) as raised:
        load_motion(path)
    assert said in str(raised.value) and "shot.csv" in str(raised.value)


def test_textgrid_reads_back(track: MotionTrack, tmp_path: Path) -> None:
    path = tmp_path / "shot.TextGrid"
    save_motion(path, track)
    read = load_motion(path)
    assert [(p.symbol, p.start_seconds, p.end_seconds) for p in read.speech.phones] == [
        (p.symbol, p.start_seconds, p.end_seconds) for p in track.speech.phones
    ]
    assert [word.text for word in read.speech.words] == [word.text for word in track.speech.words]
    assert read.curves is None and at(read).closure.max() == 1


def test_textgrid_as_praat_saves_it(track: MotionTrack, tmp_path: Path) -> None:
    path = tmp_path / "shot.TextGrid"
    save_motion(path, track)
    text = path.read_text(encoding="utf-8").replace('"SIL"', '""').replace('"M"', '"m"')
    path.write_text(text, encoding="utf-16")
    assert [phone.symbol for phone in load_motion(path).speech.phones] == [
        phone.symbol for phone in track.speech.phones
    ]


def test_textgrid_of_an_aligner_in_ipa(track: MotionTrack, tmp_path: Path) -> None:
    path = tmp_path / "shot.TextGrid"
    save_motion(path, track)
    spoken = (
        ("EY", "e\u026a"), ("AA", "\u0251"), ("IY", "i"), ("ER", "\u025d"), ("AH", "\u0259"), ("R", "\u0279"),
        *((symbol, symbol.lower()) for symbol in "MBPFLNZ"),
    )  # fmt: skip
    text = path.read_text(encoding="utf-8").replace('"phones"', '"Bob - phones"')
    for symbol, ipa in spoken:
        text = text.replace(f'"{symbol}"', f'"{ipa}"')
    path.write_text(text, encoding="utf-8")
    assert [phone.symbol for phone in load_motion(path).speech.phones] == [
        phone.symbol for phone in track.speech.phones
    ]
    save_motion(path, track)
    path.write_text(path.read_text(encoding="utf-8").replace('"Z"', '"QX"', 1), encoding="utf-8")
    with pytest.raises(MediaReadError, match="no phone"):
        load_motion(path)


def test_a_textgrid_without_phones_is_refused(track: MotionTrack, tmp_path: Path) -> None:
    path = tmp_path / "shot.TextGrid"
    save_motion(path, track)
    path.write_text(path.read_text(encoding="utf-8").replace('"phones"', '"sounds"'), encoding="utf-8")
    with pytest.raises(MediaReadError, match="no tier named 'phones'"):
        load_motion(path)
    path.write_text("nonsense", encoding="utf-8")
    with pytest.raises(MediaReadError, match="no TextGrid"):
        load_motion(path)


@pytest.mark.parametrize(
    "damage",
    [
        lambda d: d.pop("phones"),
        lambda d: d["curves"].pop("tuck"),
        lambda d: d["curves"]["jaw"].pop(),
        lambda d: d["curves"]["jaw"].__setitem__(0, None),
        lambda d: d["curves"].update(aperture=[]),
        lambda d: d["phones"][0].update(start_seconds="1/0"),
        lambda d: d["phones"][2].update(end_seconds=0.1),
        lambda d: d["phones"][2].update(symbol="QX"),
        lambda d: d.update(source="GUESSED"),
        lambda d: d.update(curves_from="both"),
        lambda d: d.update(phones=7),
        lambda d: d.update(version=99),
        lambda d: d.update(format="recipe"),
    ],
)
def test_damaged_files_are_refused(saved: Path, damage: Callable[[dict[str, Any]], object]) -> None:
    with pytest.raises(MediaReadError, match=r"shot\.motion\.json") as raised:
        load_motion(edited(saved, damage))
    assert "\n" not in str(raised.value)


def test_missing_and_foreign_files(tmp_path: Path, saved: Path) -> None:
    with pytest.raises(MediaReadError, match="cannot be read"):
        load_motion(tmp_path / "gone.json")
    saved.write_text("{", encoding="utf-8")
    with pytest.raises(MediaReadError, match="cannot be used"):
        load_motion(saved)
    with pytest.raises(MediaReadError, match=r"ends in \.json, \.csv, \.nk, \.TextGrid"):
        load_motion(tmp_path / "shot.xml")


def test_unwritable_files(tmp_path: Path, track: MotionTrack) -> None:
    with pytest.raises(MediaWriteError, match="cannot be written"):
        save_motion(tmp_path / "nowhere" / "a.json", track)
    with pytest.raises(MediaWriteError, match=r"must end in \.json, \.csv, \.nk, \.TextGrid"):
        save_motion(tmp_path / "a.xml", track)
