# SPDX-License-Identifier: Apache-2.0
"""A conformed edit switched back shot by shot: each shows again what it showed, and forth likewise."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import opentimelineio as otio
import pytest
from tests.core.conform.conftest import EditMaker

from plosive.cli import main
from plosive.conform import Edit, read_edit
from plosive.conform.results.conformed_timeline import Replacement, conformed_timeline
from plosive.conform.results.exporting import write_edit
from plosive.conform.results.switching import switch_shots
from plosive.errors import MediaReadError, MediaWriteError, OptionError

NTSC = 24000 / 1001
EXACT = Fraction(24000, 1001)


def conformed(edits: EditMaker) -> tuple[Edit, Path]:
    """An edit of three shots (1 coded, with timecode; 2 plain, without; 3 stills) and its conformed OTIO."""
    edits.movie("tc.mov", 60, EXACT, "01:00:00:00")
    edits.movie("plain.mov", 60, EXACT)
    edits.sequence("frames", "a", 1001, 1060)
    plain = edits.clip((10, 20, NTSC), (0, 60, NTSC), url="plain.mov", name="plain")
    plain.markers.append(otio.schema.Marker("own", EditMaker.range(15, 1, NTSC)))
    stills = edits.clip((20, 20, NTSC), (0, 60, NTSC), first_file=1001, name="stills")
    stills.media_reference.target_url_base = str(edits.folder / "frames")
    stills.media_reference.name_suffix = ".png"
    coded = edits.clip((86410, 20, NTSC), (86400, 60, NTSC), url="tc.mov", name="coded")
    edit = edits.read(edits.timeline([coded, plain, stills], (86400, NTSC)), handles=4)
    replaced = {}
    for shot in edit.shots:
        frames = shot.source_frames
        assert frames is not None
        if shot.name == "stills":
            made = edits.sequence("out", "s", frames.first_frame, frames.last_frame_inclusive) / "s.####.png"
        else:
            code = "01:00:00:06" if shot.name == "coded" else None
            made = edits.movie(f"out/{shot.name}_de.mov", frames.duration_frames, EXACT, code)
        replaced[shot.number] = Replacement(made, frames, "k")
    path = edits.folder / "reel_de_v001.otio"
    write_edit(conformed_timeline(edit, "reel_de_v001", replaced, (), {"language": "de"}), path)
    return edit, path


def shown(edit: Edit) -> dict[str, tuple[str, list[int]]]:
    found = {}
    for shot in edit.shots:
        media = shot.media
        assert media is not None and media.path is not None
        found[shot.name] = (media.path.name, [frame for _, frame in shot.media_frames()])
    return found


def test_one_shot_goes_back_to_its_original(edits: EditMaker) -> None:
    edit, path = conformed(edits)
    before, synced = shown(edit), shown(read_edit(path))
    for wish, name in (("coded", "coded"), ("2", "plain"), ("stills", "stills")):
        out = edits.folder / f"only_{name}.otio"
        done = switch_shots(path, [wish], "original", out)
        assert [one for _, one in done.shots] == [name] and done.paths == (out,)
        now = shown(read_edit(out))
        assert now == {**synced, name: before[name]}


def test_markers_go_with_their_shots(edits: EditMaker) -> None:
    edit, path = conformed(edits)
    out = edits.folder / "back.otio"
    switch_shots(path, [], "original", out)
    was = [(mark.name, mark.record) for mark in edit.markers]
    assert was and [(mark.name, mark.record) for mark in read_edit(out).markers] == was
    assert [(mark.name, mark.record) for mark in read_edit(path).markers] == was


def test_there_and_back_is_the_same_edit(edits: EditMaker) -> None:
    _, path = conformed(edits)
    back, again = edits.folder / "back.otio", edits.folder / "again.otio"
    assert len(switch_shots(path, [], "original", back).shots) == 3
    assert len(switch_shots(back, [], "synced", again).shots) == 3
    assert switch_shots(again, [], "synced", edits.folder / "third.otio").shots == ()
    texts = [json.loads(one.read_text(encoding="utf-8")) for one in (path, again)]
    for text in texts:
        text["name"] = ""
        for clip in text["tracks"]["children"][0]["children"]:
            clip["metadata"]["plosive"].pop("synced_source_range", None)
    assert texts[0] == texts[1]


def test_switched_into_another_format(edits: EditMaker) -> None:
    edit, path = conformed(edits)
    out = edits.folder / "back.xml"
    done = switch_shots(path, ["plain"], "original", out)
    assert done.paths == (out,)
    now = shown(read_edit(out))
    assert now["plain"] == shown(edit)["plain"]
    assert now["coded"][0] == "coded_de.mov"


def test_what_cannot_be_switched(edits: EditMaker, capsys: pytest.CaptureFixture[str]) -> None:
    _, path = conformed(edits)
    with pytest.raises(OptionError, match="no synced shot '9', but 1 coded, 2 plain, 3 stills"):
        switch_shots(path, ["9"], "original", edits.folder / "n.otio")
    with pytest.raises(MediaWriteError, match="exists already"):
        switch_shots(path, [], "original", path)
    with pytest.raises(OptionError, match="must end in"):
        switch_shots(path, [], "original", edits.folder / "n.txt")
    with pytest.raises(OptionError, match="no synced shot to switch"):
        switch_shots(edits.folder / "reel.otio", [], "original", edits.folder / "n.otio")
    (edits.folder / "n.edl").write_text("TITLE: n\n", encoding="utf-8")
    with pytest.raises(MediaReadError, match="one plate for each shot"):
        switch_shots(edits.folder / "n.edl", [], "original", edits.folder / "n.otio")
    assert main(["switch", str(path), "--shot", "plain", "-o", str(edits.folder / "n.otio"), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["shots"] == [{"number": 2, "name": "plain"}]
    assert main(["switch", str(path), "-o", str(edits.folder / "n.otio")]) == 2
