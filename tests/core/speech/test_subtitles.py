# SPDX-License-Identifier: Apache-2.0

"""Subtitle files: times, speakers, what is spoken, damaged ones."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from plosive.errors import OptionError
from plosive.speech import Cue, read_script

SRT = """1
00:00:01,000 --> 00:00:02,500
<i>Maybe Bob</i>

2
00:00:03,000 --> 00:00:04,000
{\\an8}- prefers [laughs]
muffins.
"""

VTT = """WEBVTT

NOTE nobody says this

STYLE
::cue { color: red }

intro
00:01.000 --> 00:02.500 align:start
<v Ann>Maybe Bob

00:00:03.000 --> 00:00:04.000
prefers &amp; <c.red>muffins</c>.

NOTE nor this
"""

TTML = """<?xml version="1.0" encoding="{encoding}"?>
<tt xmlns="http://www.w3.org/ns/ttml" xmlns:ttp="http://www.w3.org/ns/ttml#parameter"
    xmlns:ttm="http://www.w3.org/ns/ttml#metadata" ttp:frameRate="25" xml:lang="de">
  <head><metadata><ttm:agent xml:id="a" type="person"><ttm:name>Ann</ttm:name></ttm:agent></metadata></head>
  <body begin="1s"><div>
    <p begin="00:00:01:12" dur="2s" ttm:agent="a">Grüße,<br/><span>Bob</span></p>
    <p begin="3.5s" end="4s">(lacht)</p>
    <p xml:id="x" begin="100f" end="150f">und  Ann</p>
  </div></body>
</tt>
"""

SBV = "0:00:01.000,0:00:02.500\nMaybe Bob\n\n0:00:03.000,0:00:04.000\nprefers\nmuffins.\n"

ASS = """[Script Info]
ScriptType: v4.00+

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Comment: 0,0:00:00.00,0:00:01.00,Default,,0,0,0,,nobody says this
Dialogue: 0,0:00:01.00,0:00:02.50,Default,Bob,0,0,0,,{\\i1}Maybe{\\i0}\\NBob
"""

SCC = """Scenarist_SCC V1.0

00:00:01:00\t94ae 94ae 9420 9420 9470 9470 c8e5 ecec ef80 942c 942c 942f 942f

00:00:03:00\t942c 942c
"""

ROLLING = """WEBVTT

00:00:00.160 --> 00:00:02.350
hello<00:00:00.560><c> there</c>

00:00:02.350 --> 00:00:02.360
hello there

00:00:02.360 --> 00:00:04.390
hello there
my<00:00:02.560><c> friend</c>
"""


def _cues(folder: Path, name: str, text: str | bytes) -> tuple[Cue, ...]:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_script(str(path)).cues


@pytest.mark.parametrize(
    ("name", "text", "texts"),
    [
        ("a.srt", SRT, ["Maybe Bob", "prefers muffins."]),
        ("b.srt", SRT.replace("\n", "\r\n"), ["Maybe Bob", "prefers muffins."]),
        ("c.srt", SRT.encode("utf-16"), ["Maybe Bob", "prefers muffins."]),
        ("a.vtt", VTT, ["Maybe Bob", "prefers & muffins."]),
        ("a.sbv", SBV, ["Maybe Bob", "prefers muffins."]),
    ],
)
def test_cues_keep_their_times_and_lose_the_rest(
    tmp_path: Path, name: str, text: str | bytes, texts: list[str]
) -> None:
    first, second = _cues(tmp_path, name, text)
    assert [first.text, second.text] == texts
    assert (first.start_seconds, first.end_seconds) == (Fraction(1), Fraction(5, 2))
    assert (second.start_seconds, second.end_seconds) == (Fraction(3), Fraction(4))


def test_voices_labels_and_names_are_speakers(tmp_path: Path) -> None:
    assert _cues(tmp_path, "a.vtt", VTT)[0].speaker == "Ann"
    assert _cues(tmp_path, "a.ass", ASS) == (Cue("Maybe Bob", Fraction(1), Fraction(5, 2), "Bob"),)
    assert _cues(tmp_path, "a.srt", SRT.replace("- prefers", "- DR. NO: prefers"))[1] == Cue(
        "prefers muffins.", Fraction(3), Fraction(4), "DR. NO"
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_ttml_counts_frames_and_nests_times(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.ttml"
    path.write_bytes(TTML.format(encoding=encoding).encode(encoding))
    script = read_script(path)
    assert script.language == "de"
    assert script.cues == (
        Cue("Grüße, Bob", Fraction(62, 25), Fraction(112, 25), "Ann"),
        Cue("und Ann", Fraction(5), Fraction(7)),
    )


def test_the_drafts_of_ttml_are_read_too(tmp_path: Path) -> None:
    text = TTML.format(encoding="utf-8").replace(
        "http://www.w3.org/ns/ttml", "http://www.w3.org/2006/10/ttaf1"
    )
    assert [cue.text for cue in _cues(tmp_path, "a.dfxp", text)] == ["Grüße, Bob", "und Ann"]


def test_broadcast_captions(tmp_path: Path) -> None:
    (cue,) = _cues(tmp_path, "a.scc", SCC)
    assert cue.text == "Hello"
    assert cue.start_seconds is not None
    assert 1 < cue.start_seconds < 2


def test_lines_that_roll_up_are_said_once(tmp_path: Path) -> None:
    assert [cue.text for cue in _cues(tmp_path, "a.vtt", ROLLING)] == ["hello there", "my friend"]


def test_a_programme_that_starts_at_an_hour_counts_from_it(tmp_path: Path) -> None:
    path = tmp_path / "a.srt"
    path.write_text(SRT.replace("00:00:0", "10:00:0"), encoding="utf-8")
    script = read_script(path)
    assert script.cues[0].start_seconds == 1
    assert "hour 10" in script.warnings[0]


def test_songs_and_sounds_are_not_spoken(tmp_path: Path) -> None:
    text = SRT.replace("<i>Maybe Bob</i>", "♪ Maybe Bob ♪").replace("[laughs]", "(he laughs\nout loud)")
    assert [cue.text for cue in _cues(tmp_path, "a.srt", text)] == ["prefers muffins."]


def test_a_broken_time_costs_that_cue_its_time_only(tmp_path: Path) -> None:
    (cue,) = _cues(tmp_path, "a.srt", SRT.replace("00:00:03,000", "00:00:3"))
    assert cue.text == "Maybe Bob prefers muffins."


def test_cues_come_in_order_of_time(tmp_path: Path) -> None:
    swapped = SRT.replace("00:00:01,000 --> 00:00:02,500", "00:00:05,000 --> 00:00:06,000")
    assert [cue.text for cue in _cues(tmp_path, "a.srt", swapped)] == ["prefers muffins.", "Maybe Bob"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.srt", "nothing"),
        ("a.srt", ""),
        ("a.vtt", "WEBVTT"),
        ("a.ttml", "<tt"),
        ("a.ttml", "<html/>"),
        ("a.stl", "short"),
        ("a.scc", "nothing"),
        ("a.ass", "\0"),
        ("a.sbv", "nothing"),
    ],
)
def test_damaged_files_are_one_sentence(tmp_path: Path, name: str, text: str) -> None:
    with pytest.raises(OptionError, match=r"The subtitles .* export them anew\.$") as caught:
        _cues(tmp_path, name, text)
    assert "\n" not in str(caught.value)
