# SPDX-License-Identifier: Apache-2.0
"""Several speakers of a reel: whose stem and whose words a render gets, and what the sync job is told."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from tests.core.reel.test_planning import RATE, a_clip, an_edit, write_wav

from plosive.conform import Edit, EditTrack
from plosive.errors import OptionError
from plosive.progress import SilentProgress
from plosive.reel import planning
from plosive.reel.choosing.choices import ReelChoices, ShotChoice
from plosive.reel.dub.choice import reel_dub, track_dubs
from plosive.reel.dub.job_voice import voice_options
from plosive.reel.dub.sound import DubSound
from plosive.reel.options import ConformOptions, DubWish, TranscriptWish
from plosive.reel.planning import LanguagePlan, planned, require_names
from plosive.speakers import Speaker

SPOKEN = {"anna.wav": ((0.2, 1.0),), "ben.wav": ((0.4, 1.9),), "mix.wav": ((0.2, 1.9), (3.0, 3.8))}
STEMS = (DubWish("de", "anna.wav", speaker="Anna"), DubWish("de", "ben.wav", speaker="Ben"))


@pytest.fixture
def edit(tmp_path: Path) -> Edit:
    """Shots of a second, less one frame for handles between them: 0 to 1, 1 to 2, 3 to 4 seconds."""
    for name in SPOKEN:
        write_wav(tmp_path / name, np.full((RATE * 4, 1), 900))
    clips = [a_clip(first, 24) for first in (0, 24, 72)]
    clips[1].source_range = a_clip(60, 24).source_range
    made = an_edit(tmp_path, *clips[:2], a_clip(0, 24, 0), a_clip(72, 24))
    return made


@pytest.fixture(autouse=True)
def spoken(monkeypatch: pytest.MonkeyPatch) -> None:
    def spans(sound: DubSound) -> tuple[tuple[Fraction, Fraction], ...]:
        (piece,) = sound._pieces
        return tuple((Fraction(str(a)), Fraction(str(b))) for a, b in SPOKEN[piece.path.name])

    monkeypatch.setattr(planning, "spoken_spans", spans)


def plan(
    edit: Edit, folder: Path, dubs: tuple[DubWish, ...] = STEMS, transcript: str = "",
    choices: dict[int, ShotChoice] | None = None,
) -> LanguagePlan:  # fmt: skip
    options = ConformOptions(edit.path, folder / "out", dubs)
    if transcript:
        (folder / "lines.srt").write_text(transcript)
        options = replace(options, transcripts=(TranscriptWish("de", str(folder / "lines.srt")),))
    scratch = folder / f"scratch{len(list(folder.iterdir()))}"
    scratch.mkdir()
    made = ReelChoices({(number, ""): one for number, one in (choices or {}).items()})
    found = [reel_dub(replace(wish, source=str(folder / wish.source)), edit) for wish in dubs]
    result = planned(edit, found, made, options, scratch, SilentProgress())
    require_names(made, [result])
    return result


def told(one: LanguagePlan) -> dict[int, list[tuple[str, str, str]]]:
    return {
        job.group.shots[0]: [
            (voice.speaker, voice.face, voice.script.text if voice.script else "") for voice in job.voices
        ]
        for job in one.jobs
    }


LINES = """1
01:00:00,100 --> 01:00:01,200
ANNA: eins

2
01:00:01,000 --> 01:00:02,500
BEN: zwei

3
01:00:03,000 --> 01:00:03,900
CARL: drei
"""


def test_stems_that_are_silent_in_a_shot_are_left_out(edit: Edit, tmp_path: Path) -> None:
    made = plan(edit, tmp_path)
    assert told(made) == {1: [("Anna", "", ""), ("Ben", "", "")], 2: [("Ben", "", "")]}
    assert made.reasons[4] == "Nobody speaks in it." and "freeze" in made.reasons[3]
    assert made.told == "Anna: anna.wav, Ben: ben.wav"


def test_each_speaker_gets_their_own_lines(edit: Edit, tmp_path: Path) -> None:
    made = plan(edit, tmp_path, transcript=LINES)
    assert told(made) == {1: [("Anna", "", "eins"), ("Ben", "", "zwei")], 2: [("Ben", "", "zwei")]}
    assert "has lines of CARL, for whom there is no --dub" in " ".join(made.warnings)
    unnamed = LINES.replace("ANNA: ", "").replace("BEN: ", "").replace("CARL: ", "")
    (tmp_path / "other").mkdir()
    assert told(plan(edit, tmp_path, transcript=unnamed)) == told(made), "by whose stem is heard"
    files = made.write(made.jobs[0], tmp_path / "other")
    options = voice_options(made.jobs[0].voices, False, files, made.jobs[0].start_seconds, Fraction(0))
    anna, ben = options["speakers"]
    assert ben.audio_start is None, "both begin on one sample"
    assert (anna.name, anna.face, ben.name) == ("Anna", "", "Ben") and options["dub"] is None
    assert Path(anna.voice).is_file() and "eins" in Path(anna.transcript).read_text(encoding="utf-8")


def test_one_mix_with_named_lines_is_a_dub_with_turns(edit: Edit, tmp_path: Path) -> None:
    made = plan(edit, tmp_path, (DubWish("de", "mix.wav"),), LINES)
    first, second, _ = made.jobs
    assert first.is_mix and [(voice.speaker, voice.face) for voice in first.voices] == [
        ("ANNA", ""), ("BEN", "off"),
    ]  # fmt: skip
    assert second.is_mix and [(voice.speaker, voice.face) for voice in second.voices] == [
        ("ANNA", "off"), ("BEN", ""),
    ]  # fmt: skip
    assert second.voices[0].note == "heard for 0.2 s: name the face to have it moved"
    assert told(made)[4] == [("CARL", "", "drei")]
    (tmp_path / "other").mkdir()
    options = voice_options(first.voices, True, made.write(first, tmp_path / "other"), Fraction(0), None)
    assert options["turns"].is_file() and options["transcript"] == str(options["turns"])
    assert options["speakers"] == (Speaker("", "ANNA"), Speaker("off", "BEN"))


def test_faces_speakers_and_words_are_chosen_for_a_shot(edit: Edit, tmp_path: Path) -> None:
    choices = {
        1: ShotChoice(faces=(("Anna", "2"), ("ben", "off")), transcript="Anna: neu\nBen: alt"),
        2: ShotChoice(speakers=("Ben",), faces=(("", "1"),)),
    }
    made = plan(edit, tmp_path, transcript=LINES, choices=choices)
    assert told(made) == {1: [("Anna", "2", "neu"), ("Ben", "off", "alt zwei")], 2: [("Ben", "1", "zwei")]}
    assert [voice.told for voice in made.jobs[0].voices] == ["the sheet"] * 2
    assert made.jobs[1].voices[0].told == "lines.srt"
    unseen = plan(edit, tmp_path, choices={2: ShotChoice(faces=(("Ben", "off"),))})
    assert unseen.reasons[2] == "Whoever speaks in it is not seen in it, as chosen."
    away = plan(
        edit, tmp_path, choices={1: ShotChoice(sync=False, told="reel.csv, line 2"), 4: ShotChoice(True)}
    )
    assert away.reasons[1] == "It is not to be synced (reel.csv, line 2)."
    assert not away.reasons[4] and not away.jobs[-1].is_spoken, "looked at as with --rest"


def test_what_does_not_go_together_is_told_before_anything_is_rendered(edit: Edit, tmp_path: Path) -> None:
    for choice, said in (
        (
            ShotChoice(faces=(("", "1"),), told="line 2"),
            "line 2: 2 speakers are heard in it; name a face for each",
        ),
        (ShotChoice(faces=(("Carl", "1"),), told="line 2"), "no speaker Carl; there are Anna, Ben"),
        (ShotChoice(transcript="nur so"), "does not say whose words it has"),
    ):
        with pytest.raises(OptionError, match=said):
            plan(edit, tmp_path, choices={1: choice})
    with pytest.raises(OptionError, match="one dub with several speakers needs to know who speaks when"):
        plan(edit, tmp_path, (DubWish("de", "mix.wav"),), choices={1: ShotChoice(speakers=("Anna", "Ben"))})


def test_words_without_times_are_for_one_render_alone(edit: Edit, tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text("eins zwei")
    wish = TranscriptWish("de", str(tmp_path / "words.txt"))
    options = ConformOptions(edit.path, tmp_path / "out", transcripts=(wish,))
    for name, is_used in (("anna.wav", True), ("mix.wav", False)):
        (tmp_path / f"own_{name}").mkdir()
        dub = reel_dub(DubWish("de", str(tmp_path / name)), edit)
        arguments = (edit, [dub], ReelChoices(), options, tmp_path / f"own_{name}", SilentProgress())
        if is_used:
            assert told(planned(*arguments)) == {1: [("", "", "eins zwei")]}
            continue
        with pytest.raises(OptionError, match=r"words.txt has no times.* in 3 renders.* give subtitles"):
            planned(*arguments)


def test_shots_with_other_choices_are_renders_of_their_own(tmp_path: Path) -> None:
    write_wav(tmp_path / "mix.wav", np.full((RATE * 4, 1), 900))
    edit = an_edit(tmp_path, a_clip(0, 24), a_clip(24, 24))
    dubs = (DubWish("de", "mix.wav"),)
    assert [job.group.shots for job in plan(edit, tmp_path, dubs).jobs] == [(1, 2)]
    noted = plan(edit, tmp_path, dubs, choices={1: ShotChoice(note="look", told="line 2")})
    assert [job.group.shots for job in noted.jobs] == [(1, 2)], "a note is no choice"
    apart = plan(edit, tmp_path, dubs, choices={1: ShotChoice(faces=(("", "2"),))})
    assert [job.group.shots for job in apart.jobs] == [(1,), (2,)]


@pytest.mark.parametrize(
    ("names", "wishes"),
    [
        (("DE Anna", "Dialogue DE Ben", "FR"), [("de", "A1", "Anna"), ("de", "A2", "Ben"), ("fr", "A3", "")]),
        (("DE", "DE Ben"), [("de", "A1", "")]),
        (("Dialogue DE 1", "Dialogue DE 2"), [("de", "A1", "")]),
        (("German Zoë Weiß", "German Ben"), [("de", "A1", "Zoë Weiß"), ("de", "A2", "Ben")]),
        (("DE Anna",), [("de", "A1", "")]),
    ],
)
def test_tracks_that_name_a_speaker_are_stems(
    names: tuple[str, ...], wishes: list[tuple[str, str, str]], edit: Edit
) -> None:
    tracks = tuple(EditTrack(name, "audio", number, number, True) for number, name in enumerate(names, 1))
    found = track_dubs(replace(edit, tracks=tracks), ())
    assert [(wish.language, wish.source, wish.speaker) for wish in found] == wishes


def test_wishes_as_typed() -> None:
    assert DubWish.parse("de:Anna Lee=A2#1") == DubWish("de", "A2", None, 1, "Anna Lee")
    assert TranscriptWish.parse("de:Ben=b.srt@-2") == TranscriptWish("de", "b.srt", "-2", "Ben")
    for text in ("de:=a.wav", "de:A;B=a.wav", ":Anna=a.wav"):
        with pytest.raises(OptionError, match="is not understood"):
            DubWish.parse(text)
    for wishes, said in (
        ((DubWish("de", "a"), DubWish("de", "b", speaker="Ben")), "names de twice"),
        (
            (DubWish("de", "a", speaker="ben"), DubWish("de", "b", speaker="Ben")),
            "the speaker ben of de twice",
        ),
    ):
        with pytest.raises(OptionError, match=said):
            ConformOptions(Path("a.otio"), Path("out"), wishes).validated()
