# SPDX-License-Identifier: Apache-2.0
"""The dialog as data: its bounds, what is kept of it, the options file."""

from __future__ import annotations

import html
import json
import logging
from pathlib import Path

import pytest

from plosive_host import PlosiveHostError
from plosive_host.dialog import Dialog, Field, Option, Section
from plosive_resolve.dialog_html import dialog_html
from plosive_resolve.memory import memory_path, recalled, remember
from plosive_resolve.options_file import options_path, read_options, write_first_options
from plosive_resolve.people import Person
from plosive_resolve.sync_dialog import (
    VoiceLine,
    choices_of,
    kept_values,
    options_dialog,
    sync_dialog,
    why_not_yet,
)

LOG = logging.getLogger("test")
ONE = (VoiceLine("A2", "A2 German: line.wav"),)
TWO = (*ONE, VoiceLine("A3", "A3 German 2: other.wav"))


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PLOSIVE_HOST_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.mark.parametrize(
    "dialog", [options_dialog(), sync_dialog("sh010", ["note"], TWO), sync_dialog("x", [], ())]
)
def test_every_default_is_allowed_and_explained(dialog: Dialog) -> None:
    names = [field.name for field in dialog.fields]
    assert len(set(names)) == len(names)
    for field in dialog.fields:
        if field.is_asked:
            assert field.problem(field.default) == "", field
            assert field.help, field
    assert dialog.checked(dialog.defaults(), "here") == dialog.defaults() == dialog.fitting({})


@pytest.mark.parametrize(
    ("field", "good", "bad"),
    [
        (Field("a", "percent", "A", "", 100, (), 0, 200), (0, 200, 85), (-1, 201, 1.5, "100", True, None)),
        (Field("a", "frames", "A", "", 12, (), 0, 10000), (0, 10000), (10001, "12")),
        (Field("a", "flag", "A", "", False), (True, False), (0, 1, "true", None)),
        (Field("a", "choice", "A", "", "x", (Option("x", "X"),)), ("x",), ("y", "", 1, None)),
        (Field("a", "choice", "A", "", "", (Option("", "X"),), is_open=True), ("", "yue"), (1, None)),
        (Field("a", "text", "A"), ("", "any"), (1, None, [])),
    ],
)
def test_bounds(field: Field, good: tuple[object, ...], bad: tuple[object, ...]) -> None:
    dialog = Dialog("T", (Section("", (field,)),))
    for value in good:
        assert dialog.checked({"a": value}, "here") == {"a": value} == dialog.fitting({"a": value})
    for value in bad:
        with pytest.raises(PlosiveHostError, match='"a" in here must be ') as caught:
            dialog.checked({"a": value}, "here")
        assert caught.value.code == "OPTION"
        assert dialog.fitting({"a": value}) == {"a": field.default}
    with pytest.raises(PlosiveHostError, match='here has "b"'):
        dialog.checked({"b": 1}, "here")
    assert dialog.fitting({"b": 1}) == {"a": field.default}


def test_choices_are_exact() -> None:
    values = {**sync_dialog("sh010", [], TWO).defaults(), "strength": 85, "jaw": 130, "lip": 0, "handles": 8}
    values |= {
        "face:A2": "2",
        "face:A3": "1",
        "words:A3": "Ja.",
        "use:A3": True,
        "output": "track",
        "score": False,
    }
    choices = choices_of(values, TWO, None)
    assert (choices.strength, choices.jaw, choices.lip, choices.handle_frames) == (0.85, 1.3, 0.0, 8)
    assert [(voice.face, voice.transcript, voice.is_used) for voice in choices.voices.values()] == [
        ("2", "", True),
        ("1", "Ja.", True),
    ]
    assert choices.output_mode == "track" and choices.score is False and choices.first_record_frame is None


def test_range_between_the_marks() -> None:
    values = {"range": "marks"}
    choices = choices_of(values, ONE, (86410, 86420))
    assert (choices.first_record_frame, choices.last_record_frame_inclusive) == (86410, 86420)
    with pytest.raises(PlosiveHostError, match="in and out point") as caught:
        choices_of(values, ONE, None)
    assert caught.value.code == "NO_MARKS"


def test_a_file_speaks_with_the_face_that_was_chosen() -> None:
    choices = choices_of({"dub_path": "/dubs/a.wav", "face:": "3"}, (), None)
    assert choices.dub_path == "/dubs/a.wav" and choices.voices[""].face == "3"
    choices = choices_of({"dub_path": "/dubs/a.wav", "face:A2": "2"}, ONE, None)
    assert choices.voices[""].face == "2"


def test_what_must_still_be_chosen() -> None:
    assert "Choose the dub" in why_not_yet({}, ())
    assert "Choose the dub" in why_not_yet({"use:A2": False}, ONE)
    assert why_not_yet({"dub_path": "/a.wav"}, ()) == why_not_yet({}, ONE) == ""
    assert "each needs its face" in why_not_yet({"face:A2": "1"}, TWO)
    assert "can't speak two" in why_not_yet({"face:A2": "1", "face:A3": "1"}, TWO)
    assert why_not_yet({"face:A2": "1", "face:A3": "2"}, TWO) == ""
    assert why_not_yet({"face:A2": "1", "use:A3": False}, TWO) == ""
    assert why_not_yet({"track_faces": "a2 = 1, A3=2"}, TWO) == ""


def test_faces_of_tracks_without_a_dialog() -> None:
    choices = choices_of({"track_faces": "a2 = 1, A3=Anna"}, TWO, None)
    assert {key: voice.face for key, voice in choices.voices.items()} == {"A2": "1", "A3": "Anna"}
    with pytest.raises(PlosiveHostError, match="not like A2=1"):
        choices_of({"track_faces": "A2"}, TWO, None)


def test_only_what_goes_for_other_clips_is_kept() -> None:
    values = {**sync_dialog("sh010", [], TWO).defaults(), "transcript": "Ja.", "dub_path": "/a.wav"}
    kept = kept_values(values)
    assert {"strength", "jaw", "lip", "output", "range", "handles", "language", "folder"} <= set(kept)
    assert not {"transcript", "dub_path", "use:A2", "face:A2"} & set(kept)


def test_memory(place: Path) -> None:
    assert recalled("p1", LOG) == {}
    remember("p1", {"jaw": 130}, LOG)
    remember("p2", {"jaw": 90}, LOG)
    remember("p1", {"transcript": "Ja."}, LOG, "/a.mov 1-9")
    assert recalled("p1", LOG) == {"jaw": 130} and recalled("p2", LOG) == {"jaw": 90}
    assert (
        recalled("p1", LOG, "/a.mov 1-9") == {"transcript": "Ja."} and recalled("p2", LOG, "/a.mov 1-9") == {}
    )
    assert sorted(path.name for path in place.iterdir()) == [memory_path().name]  # no part is left


def test_memory_does_not_grow_for_ever(place: Path) -> None:
    place.mkdir()
    clips = {"all clips": {"jaw": 1}, **{f"c{number}": {} for number in range(499)}}
    memory_path().write_text(json.dumps({f"q{number}": clips for number in range(200)}))
    remember("new", {}, LOG)
    remember("q7", {"words": "Ja."}, LOG, "c500")
    kept = json.loads(memory_path().read_text())
    assert len(kept) == 200 and "q0" not in kept and list(kept)[-1] == "q7"
    assert len(kept["q7"]) == 500 and "c0" not in kept["q7"] and "c500" in kept["q7"]
    assert recalled("q7", LOG) == {"jaw": 1}


def test_a_damaged_memory_is_no_fault(place: Path, caplog: pytest.LogCaptureFixture) -> None:
    place.mkdir()
    memory_path().write_text('{"p1": ')
    with caplog.at_level(logging.WARNING):
        assert recalled("p1", LOG) == {}
    assert str(memory_path()) in caplog.text
    remember("p1", {"jaw": 1}, LOG)
    assert recalled("p1", LOG) == {"jaw": 1}


def test_memory_that_cannot_be_written(place: Path, caplog: pytest.LogCaptureFixture) -> None:
    place.write_text("")
    remember("p1", {"jaw": 1}, LOG)
    assert "can't be remembered" in caplog.text


def test_the_options_file_explains_itself_and_is_never_written_over() -> None:
    dialog = options_dialog()
    assert read_options(dialog) == dialog.defaults()
    assert write_first_options(dialog) is True
    told = json.loads(options_path().read_text(encoding="utf-8"))
    assert set(told["about"]) == set(dialog.defaults())
    assert '"take" or "track" or "timeline"' in told["about"]["output"] and "percent" in told["about"]["jaw"]
    assert read_options(dialog) == dialog.defaults()
    told["jaw"] = 120
    options_path().write_text("\ufeff" + json.dumps(told), encoding="utf-8")  # as Notepad writes
    assert write_first_options(dialog) is False
    assert read_options(dialog)["jaw"] == 120


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('{"jaw": 250}', '"jaw" in .* must be a whole number from 0 to 200'),
        ('{"output": "takes"}', 'must be one of "take", "track", "timeline"'),
        ('{"jwa": 100}', 'has "jwa", which Plosive does not know; it may say'),
        ('{"jaw": 100', "is no JSON \\(line 1"),
        ("[1]", "must hold one JSON object"),
    ],
)
def test_a_wrong_options_file_says_what_to_mend(place: Path, text: str, sentence: str) -> None:
    place.mkdir()
    options_path().write_text(text)
    with pytest.raises(PlosiveHostError, match=sentence) as caught:
        read_options(options_dialog())
    assert str(options_path()) in str(caught.value) and caught.value.code == "OPTION"


def test_the_words_of_one_voice_are_not_anothers() -> None:
    """The words belong to the voice that was suggested, even when another is ticked too."""
    voices = (VoiceLine("A2", "A2 Music", False), VoiceLine("A3", "A3 German"))
    values = {"transcript": "Ja.", "use:A2": True, "face:A2": "1", "face:A3": "2"}
    choices = choices_of(values, voices, None)
    assert choices.transcript == ""
    assert {key: voice.transcript for key, voice in choices.voices.items()} == {"A2": "", "A3": "Ja."}
    alone = choices_of({"transcript": "Ja."}, voices, None)
    assert alone.transcript == "Ja."


def test_the_page_for_the_docs_shows_every_field() -> None:
    dialog = sync_dialog("sh010 <1>", ["Mind & hear"], TWO)
    page = dialog_html(dialog, {**dialog.defaults(), "jaw": 115}, (Person("1", "", 96, 210),))
    for field in dialog.fields:
        if not field.is_beside and field.kind != "faces":
            assert html.escape(field.label) in page, field
    assert "sh010 &lt;1&gt;" in page and "Mind &amp; hear" in page and "115 %" in page
    assert "Face 1, 96 frames, 210 pixels wide" in page
