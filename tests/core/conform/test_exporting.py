# SPDX-License-Identifier: Apache-2.0
"""The conformed edit in other formats: read again, each shows the same frames of the same files."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import aaf2
import opentimelineio as otio
import pytest
from tests.core.conform.conftest import EditMaker

from plosive.conform import Edit, read_edit
from plosive.conform.results.conformed_timeline import AddedDub, Flagged, Replacement
from plosive.conform.results.cut import Cut
from plosive.conform.results.cutting import cut_of
from plosive.conform.results.exporting import write_exports
from plosive.media.timecode import FrameRange

NTSC = 24000 / 1001
EXACT = Fraction(24000, 1001)
START = 86400  # 01:00:00:00
Frames = dict[int, set[tuple[str, int]]]


def shot(name: str, first: int, length: int, *effects: Any) -> Any:
    media = otio.schema.ExternalReference("a.mov", EditMaker.range(START, 80, NTSC))
    return otio.schema.Clip(name, media, EditMaker.range(START + first, length, NTSC), effects=list(effects))


def stills(name: str, first: int, length: int) -> Any:
    media = otio.schema.ImageSequenceReference(
        target_url_base="b", name_prefix="b.", name_suffix=".png", start_frame=1001, frame_zero_padding=4,
        rate=NTSC, available_range=EditMaker.range(0, 40, NTSC),
    )  # fmt: skip
    return otio.schema.Clip(name, media, EditMaker.range(first, length, NTSC))


def dissolve(before: int, after: int) -> Any:
    time = otio.opentime.RationalTime
    return otio.schema.Transition("", "SMPTE_Dissolve", time(before, NTSC), time(after, NTSC))


def gap(length: int) -> Any:
    return otio.schema.Gap(source_range=EditMaker.range(0, length, NTSC))


def a_reel(edits: EditMaker) -> Edit:
    """Shots: one, two, still (dissolve from two), fast, slow, back, hold, in (nested), above (nested, second
    track), off, pal (25 fps), last (fades to black), and over on Video 2.
    """
    edits.movie("a.mov", 80, EXACT, "01:00:00:00")
    edits.movie("c.mov", 50, Fraction(25), "10:00:00:00")
    edits.sequence("b", "b", 1001, 1040)
    warp = otio.schema.LinearTimeWarp
    off = shot("off", 5, 6)
    off.enabled = False
    pal = otio.schema.ExternalReference("c.mov", EditMaker.range(900000, 50, 25.0))
    inner = [
        otio.schema.Track("Video 1", children=[shot("in", 10, 12)]),
        otio.schema.Track("Video 2", children=[gap(4), shot("above", 30, 5)]),
    ]
    items = [
        shot("one", 10, 10), shot("two", 20, 12), dissolve(3, 4), stills("still", 9, 12), gap(5),
        shot("fast", 20, 10, warp(time_scalar=2.0)), shot("slow", 31, 11, warp(time_scalar=0.5)),
        shot("back", 40, 10, warp(time_scalar=-1.0)), shot("hold", 33, 4, otio.schema.FreezeFrame()),
        otio.schema.Stack("compound", children=inner, source_range=EditMaker.range(2, 9, NTSC)), off,
        otio.schema.Clip("pal", pal, EditMaker.range(36000.4 * NTSC, 10, NTSC)),
        shot("last", 60, 10), dissolve(6, 0), gap(4),
    ]  # fmt: skip
    timeline = edits.timeline(items, (START, NTSC))
    timeline.tracks.append(otio.schema.Track("Video 2", children=[gap(6), shot("over", 50, 3)]))
    return edits.read(timeline, handles=4)


def synced(edits: EditMaker, edit: Edit) -> dict[int, Replacement]:
    """Synced plates, which are there: every usable shot but `two`, one flagged."""
    made: dict[int, Replacement] = {}
    for one in edit.shots:
        media, frames = one.media, one.source_frames
        if media is None or frames is None or not one.is_usable or one.name in ("two", "hold"):
            continue
        name = f"{one.number:03d}_{one.name}_de_v001"
        flagged = (
            (Flagged(FrameRange(14, 15), "Plosive: plate kept", "Too dark."),) if one.name == "one" else ()
        )
        if media.kind == "sequence":
            folder = edits.sequence(f"out/{name}", name, frames.first_frame, frames.last_frame_inclusive)
            path = folder / f"{name}.####.png"
        else:
            first = edit.timecode(frames.first_frame)  # the plate begins at the edit's 01:00:00:00
            if media.rate == 25:
                first = type(first)(900000 + frames.first_frame, Fraction(25))
            path = edits.movie(f"out/{name}/{name}.mov", frames.duration_frames, media.rate, str(first))
        made[one.number] = Replacement(path, frames, "k", flagged)
    return made


def wanted(cut: Cut) -> Frames:
    """(name of the file, frame after its first) at each frame of the edit."""
    found: Frames = defaultdict(set)
    for piece in cut.pieces:
        if piece.is_enabled:
            first = piece.shown.first_frame
            for at, frame in enumerate(piece.frames(), first):
                found[at].add((piece.media.name, frame))
    return found


def read_again(cut: Cut, edits: Sequence[Edit]) -> Frames:
    found: Frames = defaultdict(set)
    for edit in edits:
        for one in edit.shots:
            media = one.media
            if not one.is_enabled or media is None or media.path is None:
                continue
            base = media.available.first_frame if media.available is not None else 0
            for at, frame in one.media_frames():
                found[at + edit.start_frame - cut.start_frame].add((media.path.name, frame - base))
    return found


def exported(edits: EditMaker, suffix: str) -> tuple[Cut, tuple[Path, ...], tuple[str, ...]]:
    edit = a_reel(edits)
    dub = AddedDub(edits.folder / "mix.wav", Fraction(-1, 3), Fraction(10), "Dub de")
    cut = cut_of(edit, "reel_de_v001", synced(edits, edit), (dub,))
    made = write_exports(cut, edits.folder, suffix)
    return cut, made.paths, made.notes


def differing(cut: Cut, found: Frames) -> set[str]:
    """Names of the shots in whose frames something else is shown."""
    want = wanted(cut)
    wrong = {at for at in {*want, *found} if want.get(at) != found.get(at)}
    return {
        piece.name
        for piece in cut.pieces
        if piece.is_enabled
        and wrong.intersection(range(piece.shown.first_frame, piece.shown.last_frame_inclusive + 1))
    } | ({"black"} if wrong - set(want) else set())


def test_final_cut_pro_7_xml_shows_the_same_frames(edits: EditMaker) -> None:
    cut, (path,), notes = exported(edits, "xml")
    again = read_edit(path)
    assert (again.rate, again.start_frame, again.offline) == (EXACT, START, ())
    assert [one.name for one in again.shots if not one.is_enabled] == ["off"]
    assert differing(cut, read_again(cut, [again])) == set()
    assert any("'in', is laid flat: it lies in a compound clip" in note for note in notes)


def test_final_cut_pro_7_xml_is_shaped_as_premiere_writes_it(edits: EditMaker) -> None:
    _, (path,), _ = exported(edits, "xml")
    root = ElementTree.parse(path).getroot()
    urls = [one.text or "" for one in root.iter("pathurl")]
    assert len(urls) == len(set(urls)) and all(one.startswith("file://localhost/") for one in urls)
    files = [one.get("id") for one in root.iter("file") if len(one)]
    assert len(files) == len(set(files))
    assert {one.get("id") for one in root.iter("file")} == set(files)  # each id is described once
    clips = [one.get("id") for one in root.iter("clipitem")]
    assert len(clips) == len(set(clips))
    for rate in root.iter("rate"):
        assert (rate.findtext("timebase"), rate.findtext("ntsc")) in (("24", "TRUE"), ("25", "FALSE"))
    assert [one.findtext("alignment") for one in root.iter("transitionitem")] == ["center", "end-black"]
    assert root.findtext("sequence/timecode/frame") == str(START)
    (marker,) = root.findall("sequence/marker")
    assert (marker.findtext("in"), marker.findtext("out")) == ("4", "6")
    fast = next(one for one in root.iter("clipitem") if one.findtext("name") == "fast")
    speeds = {one.findtext("parameterid"): one.findtext("value") for one in fast.iter("parameter")}
    assert (speeds["speed"], speeds["reverse"]) == ("200", "FALSE")
    assert int(fast.findtext("out") or 0) - int(fast.findtext("in") or 0) == 10
    (dub,) = [one for one in root.iterfind("sequence/media/audio/track") if one.findtext("name") == "Dub de"]
    assert dub.findtext("clipitem/in") == "8" and dub.findtext("clipitem/sourcetrack/trackindex") == "1"
    assert Fraction(dub.findtext("clipitem/pproTicksIn") or 0) == 254016000000 / 3


def test_edit_lists_show_the_same_frames(edits: EditMaker) -> None:
    cut, paths, notes = exported(edits, "edl")
    assert [path.name for path in paths] == [f"reel_de_v001_V{number}.edl" for number in (1, 2, 3)]
    again = [read_edit(path, rate=EXACT, media_folders=[edits.folder]) for path in paths]
    assert differing(cut, read_again(cut, again)) == {"pal"}
    assert any("_pal_de_v001.mov has 25 frames a second" in note for note in notes)
    assert any("'off', is switched off and left out" in note for note in notes)
    lines = paths[0].read_text(encoding="utf-8").splitlines()
    assert lines[:2] == ["TITLE: reel_de_v001", "FCM: NON-DROP FRAME"]
    first = "001  001_one_de_v001 V     C        01:00:00:10 01:00:00:20 01:00:00:00 01:00:00:10"
    assert lines[2:4] == [first, "* FROM CLIP NAME:  001_one_de_v001.mov"]
    black = [line for line in lines if " BL " in line]
    assert black == [f"{black[0][:3]}  BL       V     D    006 00:00:00:00 00:00:00:06 {black[0][-23:]}"]
    (back,) = [line for line in lines if line.startswith("M2") and "back" in line]
    assert back.split()[2:] == ["-024.0", "01:00:01:16"]


def test_fcpxml_shows_the_same_frames_but_of_image_sequences(edits: EditMaker) -> None:
    cut, (path,), notes = exported(edits, "fcpxml")
    again = read_edit(path)
    assert (again.rate, again.start_frame, again.offline) == (EXACT, START, ())
    assert (again.duration_frames, again.is_drop_frame) == (cut.duration_frames, False)
    assert differing(cut, read_again(cut, [again])) == {"two", "still"}  # two in the dissolve with still
    assert sum("image sequence" in note for note in notes) == 1
    (dub,) = [use for use in again.audio if use.name == "mix.wav"]
    assert dub.source_start_seconds == Fraction(1, 3) and dub.record_start_seconds == 0
    assert [(mark.record, mark.name) for mark in again.markers] == [(FrameRange(4, 5), "Plosive: plate kept")]


def test_fcpxml_is_shaped_as_the_format_demands(edits: EditMaker) -> None:
    _, (path,), _ = exported(edits, "fcpxml")
    root = ElementTree.parse(path).getroot()
    ids = [one.get("id") for one in root.iterfind("resources/*")]
    assert len(ids) == len(set(ids))
    refs = {one.get("ref") for one in root.iter("asset-clip")} | {
        one.get("format") for one in root.iter("asset")
    }
    assert refs - {None} <= set(ids)
    step = Fraction(1001, 24000)
    for one in (*root.iter("asset-clip"), *root.iter("gap"), *root.iter("transition")):
        assert (Fraction((one.get("duration") or "").rstrip("s")) / step).denominator == 1
    order = ["conform-rate", "timeMap", "asset-clip", "spine", "marker"]
    for clip in root.iter("asset-clip"):
        places = [order.index(child.tag) for child in clip if child.tag in order]
        assert places == sorted(places)
    (rate,) = root.iter("conform-rate")
    assert rate.attrib == {"scaleEnabled": "0", "srcFrameRate": "25"}
    off = next(one for one in root.iter("asset-clip") if one.get("name") == "off")
    assert off.get("enabled") == "0"


def test_aaf_shows_the_same_frames(edits: EditMaker) -> None:
    cut, (path,), notes = exported(edits, "aaf")
    again = read_edit(path)
    assert (again.rate, again.start_frame, again.offline) == (EXACT, START, ())
    told = {piece.name for piece in cut.pieces for note in notes if f"'{piece.name}', has 25 fra" in note}
    assert differing(cut, read_again(cut, [again])) <= told <= {"pal"}
    assert any("'off', is switched off and left out" in note for note in notes)
    (dub,) = [use for use in again.audio if use.name == "mix.wav"]
    assert dub.source_start_seconds == Fraction(1, 3) and dub.record_start_seconds == 0


def test_aaf_has_timecode_files_and_ids_that_stay(edits: EditMaker) -> None:
    cut, (path,), _ = exported(edits, "aaf")
    (edits.folder / "again").mkdir()
    again = write_exports(cut, edits.folder / "again", "aaf").paths[0]
    ids = []
    for one in (path, again):
        with aaf2.open(str(one), "r") as file:
            ids.append({str(mob.mob_id) for mob in file.content.mobs})
    assert ids[0] == ids[1]
    with aaf2.open(str(path), "r") as file:
        (top,) = file.content.toplevel()
        timecode = next(slot.segment for slot in top.slots if slot.name == "TC1")
        assert (timecode.start, timecode.fps, timecode.drop) == (START, 24, False)
        lengths = {slot.segment.length for slot in top.slots if str(slot.media_kind) == "Picture"}
        assert lengths == {cut.duration_frames}
        (master,) = [mob for mob in file.content.mastermobs() if mob.name == "001_one_de_v001.mov"]
        source = next(iter(master.slots)).segment.mob
        url = next(iter(source.descriptor["Locator"].value))["URLString"].value
        assert url.startswith("file:///") and url.endswith("/001_one_de_v001.mov")
        tape = next(iter(source.slots)).segment.mob
        tape_code = [
            slot.segment for slot in tape.slots if isinstance(slot.segment, aaf2.components.Timecode)
        ]
        assert [(one.start, one.drop) for one in tape_code] == [(START + 6, False)]


def test_what_is_left_out_is_told(edits: EditMaker) -> None:
    edits.movie("a.mov", 80, EXACT, "01:00:00:00")
    grade = otio.schema.Effect(effect_name="Resolve Effect")
    kept = otio.schema.Effect("Opacity", metadata={"fcp_xml": {"effectid": "opacity"}})
    graded, faded = shot("graded", 5, 7, grade), shot("faded", 20, 7, kept)
    faded.metadata["fcp_xml"] = {"filter": {"effect": {"effectid": "opacity", "name": "Opacity"}}}
    graded.markers.append(otio.schema.Marker("look", EditMaker.range(START + 6, 1, NTSC)))
    edit = edits.read(edits.timeline([graded, faded], (START, NTSC)))
    cut = cut_of(edit, "r", {})
    notes = {one: write_exports(cut, edits.folder, one).notes for one in ("edl", "xml", "fcpxml", "aaf")}
    assert notes["xml"] == ("XML: effects and transforms of shot 1 are left out; the OTIO has them.",)
    assert notes["fcpxml"] == (
        "FCPXML: effects and transforms of shots 1, 2 are left out; the OTIO has them.",
    )
    assert notes["aaf"][-1] == "AAF: markers are left out (1); the OTIO has them."
    (path,) = (edits.folder / "r.xml",)
    assert "<effectid>opacity</effectid>" in path.read_text(encoding="utf-8")
    assert any("* LOC: 01:00:00:01" in line for line in (edits.folder / "r.edl").read_text().splitlines())


@pytest.mark.parametrize("suffix", ["xml", "fcpxml", "aaf"])
def test_one_file_may_be_several_media(edits: EditMaker, suffix: str) -> None:
    """Heard as well as seen, and of two rates, as edits of other programs say it of one path."""
    rates = {"one": 24.0, "two": 25.0}
    clips = [
        edits.clip((115, 10, rate), (90, 60, rate), url="/none/a.mov", name=name)
        for name, rate in rates.items()
    ]
    edit = edits.read(edits.timeline(clips, (0, 24.0)))
    cut = cut_of(edit, "r", {}, (AddedDub(Path("/none/a.mov"), Fraction(0), Fraction(1), "Dub de"),))
    again = read_edit(write_exports(cut, edits.folder, suffix).paths[0])
    seen = [(one.media.rate, one.source_start_seconds) for one in again.shots if one.media is not None]
    assert seen == [(24, Fraction(115, 24)), (25, Fraction(115, 25))]
    assert [use.media.url.rsplit("/", 1)[-1] for use in again.audio if use.media is not None] == ["a.mov"]


@pytest.mark.parametrize("speed", [0.4, 1.3, -2.0, -0.7, 3.0])
def test_speeds_in_every_format(edits: EditMaker, speed: float) -> None:
    edits.movie("a.mov", 80, EXACT, "01:00:00:00")
    warp = otio.schema.LinearTimeWarp(time_scalar=speed)
    timeline = edits.timeline([shot("one", 5, 7), shot("warped", 21, 12, warp)], (START, NTSC))
    edit = edits.read(timeline)
    cut = cut_of(edit, "r", {})
    for suffix in ("xml", "edl", "fcpxml", "aaf"):
        made = write_exports(cut, edits.folder, suffix)
        again = [read_edit(path, rate=EXACT) for path in made.paths]
        told = any("'warped'" in note for note in made.notes)
        is_off = bool(differing(cut, read_again(cut, again)))
        assert is_off <= told, (suffix, made.notes)
        assert not (suffix == "fcpxml" and is_off)
