# SPDX-License-Identifier: Apache-2.0
"""Dubs in several pieces, trimmed ones, and those that cannot be read."""

from __future__ import annotations

import struct
import wave
from pathlib import Path

import pytest
from tests.hosts.hiero.test_timeline import Trial

from fakes.hiero.scene import Cut
from fakes.hiero.timeline import AudioTrack

RATE = 48000


def write_wave(path: Path, value: int, seconds: float) -> None:
    """`value` in every sample."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(struct.pack("<h", value) * round(seconds * RATE))


def samples(path: str) -> list[int]:
    with wave.open(path) as file:
        data = file.readframes(file.getnframes())
    return list(struct.unpack(f"<{len(data) // 2}h", data))


def test_pieces_are_cut_together_as_the_track_has_them(cut: Cut) -> None:
    item = cut.item(cut.clip(cut.media()), 48, 5, 24)
    for name, value in (("a.wav", 100), ("b.wav", 200)):
        write_wave(cut.folder / name, value, 2.0)
    cut.dub(42, 12, source_in=6, name="a.wav", samples=2 * RATE)  # heard in the clip's first 6 frames
    cut.dub(60, 6, source_in=0, name="b.wav", samples=2 * RATE)
    trial = Trial(cut, item)
    [voice] = trial.sync["voices"]
    heard = samples(voice["dub_path"])
    frame = RATE // 24
    assert len(heard) == 24 * frame
    assert heard == [100] * 6 * frame + [0] * 6 * frame + [200] * 6 * frame + [0] * 6 * frame
    assert voice["dub_start_seconds"] == "-5/24" or voice["dub_start_seconds"] == "5/24"
    again = Trial(cut, item)
    assert again.sync["voices"] == [voice] and len(list((cut.folder / "plosive").glob("*.wav"))) == 1


def test_retimed_with_two_speakers_begin_together(cut: Cut) -> None:
    item = cut.item(cut.clip(cut.media()), 48, 5, 24, 2.0)
    other = cut.track(AudioTrack("Dialogue 2"))
    for name, at, track in (("a.wav", 40, cut.a1), ("b.wav", 50, other)):
        write_wave(cut.folder / name, 7, 2.0)
        cut.dub(at, 48, name=name, samples=2 * RATE, track=track)
    trial = Trial(cut, item, **{"face:A1": "1", "face:A2": "2"})
    assert all("dub_start_seconds" not in voice for voice in trial.sync["voices"])
    first, second = (samples(voice["dub_path"]) for voice in trial.sync["voices"])
    assert first == [7] * RATE and second == [0] * 4000 + [7] * 44000


@pytest.mark.parametrize("what", ["retimed", "offline", "movie", "mp3"])
def test_what_cannot_be_read_is_said(cut: Cut, what: str) -> None:
    item = cut.item(cut.clip(cut.media()), 0, 5, 24)
    if what == "movie":
        media = cut.media("d.mov", 0, 99, rate=cut.rate + 1, has_audio=True)
        cut.item(cut.clip(media), 0, 0, 24, track=cut.a1)
    elif what == "mp3":
        cut.dub(0, 10, name="d.mp3", samples=2 * RATE)
    else:
        dub = cut.dub(0, 24, is_present=what != "offline")
        dub._speed = 0.9 if what == "retimed" else 1.0
    trial = Trial(cut, item)
    expected = {"retimed": "is retimed", "offline": "offline", "movie": "another rate", "mp3": "no WAV file"}[
        what
    ]
    notes = [field.label for field in trial.screen.dialogs[0].fields if field.kind == "note"]
    assert any(expected in note for note in notes) and trial.session.requests == []


def test_chosen_sounds_are_the_dub(cut: Cut) -> None:
    item = cut.item(cut.clip(cut.media()), 0, 5, 24)
    cut.dub(0, 24)
    other = cut.track(AudioTrack("MX 2"))
    chosen = cut.dub(0, 24, track=other, name="song.wav")
    trial = Trial(cut, item, chosen, **{"use:A2": True})
    [voice] = trial.sync["voices"]
    assert voice["dub_path"].endswith("/song.wav")
