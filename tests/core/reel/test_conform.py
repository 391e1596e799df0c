# SPDX-License-Identifier: Apache-2.0
"""A small reel from edit to conformed edit: pictures, time, sound, metadata, later runs, failures."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import opentimelineio as otio
import pytest
from tests.core.reel.playing import played
from tests.core.reel.reels import EXACT, START, write_media, write_reel

from plosive.media.audio import decoded_blocks
from plosive.progress import SilentProgress
from plosive.reel import ConformOptions, ConformResult, DubWish, conform_edit


@dataclass(frozen=True)
class Reel:
    folder: Path
    edit: Path
    options: ConformOptions
    first: ConformResult


@pytest.fixture(scope="module")
def reel(tmp_path_factory: pytest.TempPathFactory) -> Reel:
    """The reel, conformed once; what comes after it works on its results."""
    folder = tmp_path_factory.mktemp("reel")
    os.environ["PLOSIVE_CACHE"] = str(folder / "cache")
    write_media(folder)
    edit = write_reel(folder)
    dubs = (DubWish("de", str(folder / "mix.wav"), "-1/2"),)
    options = ConformOptions(edit, folder / "out", dubs, handles=4, score=False)
    return Reel(folder, edit, options, conform_edit(options, SilentProgress()))


def opened(path: Path) -> Any:
    return otio.adapters.read_from_file(str(path))


def test_every_shot_is_synced_or_listed_with_a_reason(reel: Reel) -> None:
    (german,) = reel.first.languages
    told = {one.shot.name: (one.state, one.reason) for one in german.shots}
    assert [name for name, (state, _) in told.items() if state == "synced"] == [
        "one", "two", "back", "into", "nested",
    ]  # fmt: skip
    assert "freeze" in told["frozen"][1]
    assert told["cards"][0] == "original" and "no usable face" in told["cards"][1]
    assert told["quiet"] == ("original", "Nobody speaks in it.")
    assert told["off"] == ("original", "It is switched off.")
    outs = {one.shot.name: one.out for one in german.shots}
    assert outs["one"] == outs["two"], "frames that meet under one speech are rendered once"
    assert len({outs["one"], outs["back"], outs["into"], outs["nested"]}) == 4


def test_a_shot_without_speech_is_looked_at_where_mouths_are_to_rest(reel: Reel, tmp_path: Path) -> None:
    wish = replace(reel.options, out=tmp_path / "rest", handles=12, rest=True, only=("9",))
    (german,) = conform_edit(wish, SilentProgress()).languages
    quiet = next(one for one in german.shots if one.shot.name == "quiet")
    assert (quiet.state, quiet.reason) == ("original", "Nobody speaks in it, and its mouth rests.")
    assert not any("looked" in sentence for sentence in german.warnings)
    assert any("(9)" in sentence and "--rest" in sentence for sentence in reel.first.languages[0].warnings)


def test_played_frame_by_frame_only_mouths_differ_and_nothing_moves(reel: Reel) -> None:
    (german,) = reel.first.languages
    synced = {one.shot.name for one in german.shots if one.state == "synced"}
    before = opened(reel.edit)
    for clip in before.find_clips():
        reference = clip.media_reference
        if isinstance(reference, otio.schema.ImageSequenceReference):
            reference.target_url_base = str(reel.folder / reference.target_url_base)
        else:
            reference.target_url = str(reel.folder / reference.target_url)
    after = opened(german.edits[0])
    changed, seen = 0, set()
    frames = list(zip(played(before), played(after), strict=True))
    assert len(frames) == 83
    for old, new in frames:
        assert [layer.clip for layer in old] == [layer.clip for layer in new]
        for was, now in zip(old, new, strict=True):
            seen.add(was.clip)
            if was.clip not in synced:
                assert was == now
                continue
            plate, made = was.picture().astype(int), now.picture().astype(int)
            height = plate.shape[0]
            # above the nose the very pixels; frames have grain of their own, so neighbours differ there
            assert np.array_equal(plate[: height // 4], made[: height // 4]), (was, now)
            other = replace(was, index=was.index + 1).picture().astype(int)
            assert not np.array_equal(other[: height // 4], made[: height // 4])
            changed += not np.array_equal(plate, made)
    assert seen == {"one", "two", "back", "frozen", "cards", "into", "nested", "quiet"}
    assert changed > 25


def test_the_dub_lies_on_each_shot_where_the_edit_has_it(reel: Reel) -> None:
    """Sound of the synced plates that play as they were shot: sample by sample that of the mix."""
    (german,) = reel.first.languages
    with av.open(str(reel.folder / "mix.wav")) as mix:
        rate = mix.streams.audio[0].rate
    spoken = np.concatenate(list(decoded_blocks(reel.folder / "mix.wav", 0)), axis=1)[0]
    compared = 0
    for one in german.shots:
        if one.state != "synced" or one.shot.speed != 1:
            continue
        assert one.out is not None
        with av.open(str(one.out)) as made:
            index = made.streams.audio[0].index
        heard = np.concatenate(list(decoded_blocks(one.out, index)), axis=1)[0]
        # the edit's moment of the first frame in the file, by the clip's own place
        shift = Fraction(one.first_frame) - one.shot.media_frames().__next__()[1]
        begins = ((one.shot.shown.first_frame + shift) / EXACT + Fraction(1, 2)) * rate
        at, skip = max(0, round(begins)), max(0, -round(begins))
        length = min(len(heard) - skip, len(spoken) - at)
        ours, theirs = heard[skip : skip + length], spoken[at : at + length]
        best = min(range(-3, 4), key=lambda by: float(np.abs(np.roll(ours, by) - theirs)[8:-8].mean()))
        assert abs(best) <= 1 and np.abs(theirs).max() > 0.01
        compared += 1
    assert compared == 4


def test_nothing_of_the_edit_is_lost(reel: Reel) -> None:
    """All that was meant to change is put back; then the two are one."""
    (german,) = reel.first.languages
    after = json.loads(german.edits[0].read_text(encoding="utf-8"))
    before = json.loads(reel.edit.read_text(encoding="utf-8"))
    assert after["name"] == "reel_de_v001"
    after["name"] = before["name"]
    assert after["metadata"].pop("plosive")["language"] == "de"
    dub = after["tracks"]["children"].pop()
    (laid,) = dub["children"]
    assert dub["kind"] == "Audio"
    assert laid["media_references"]["DEFAULT_MEDIA"]["target_url"] == str(reel.folder / "mix.wav")
    assert laid["source_range"]["start_time"]["value"] == pytest.approx(12 / 1.001)
    count = 0

    def put_back(value: Any) -> None:
        nonlocal count
        if isinstance(value, list):
            for one in value:
                put_back(one)
        if not isinstance(value, dict):
            return
        about = value.get("metadata", {}).pop("plosive", None) if "metadata" in value else None
        if about is not None and "was_active_key" in about:
            count += 1
            references = value["media_references"]
            synced = references.pop("DEFAULT_MEDIA")
            assert Path(synced["target_url"]).is_file() and synced["available_range"] is not None
            references[about["was_active_key"]] = references.pop("plosive_original")
            value["active_media_reference_key"] = about["was_active_key"]
        for key in ("target_url", "target_url_base"):
            if key in value:
                value[key] = str(Path(value[key]).relative_to(reel.folder))
        for one in value.values():
            put_back(one)

    put_back(after)
    assert count == 5
    assert after == before


def test_a_second_run_renders_nothing_and_makes_another_version(reel: Reel) -> None:
    files = [path for path in reel.options.out.rglob("*") if path.is_file() and path.name != "lock"]
    written = {path: path.stat().st_mtime_ns for path in files}
    (again,) = conform_edit(reel.options, SilentProgress()).languages
    assert again.version == 2 and again.edits[0].name == "reel_de_v002.otio"
    assert not any(one.is_new for one in again.shots)
    assert [one.out for one in again.shots] == [one.out for one in reel.first.languages[0].shots]
    for path, when in written.items():
        assert path.stat().st_mtime_ns == when, "what was written stays as it is"


def test_only_what_is_asked_for_is_rendered_and_what_is_known_is_kept(reel: Reel) -> None:
    timeline = opened(reel.edit)
    clips = {clip.name: clip for clip in timeline.find_clips()}
    was = clips["into"].source_range
    one_frame = otio.opentime.RationalTime(1, was.start_time.rate)
    clips["into"].source_range = otio.opentime.TimeRange(was.start_time + one_frame, was.duration)
    edit = reel.folder / "recut.otio"
    otio.adapters.write_to_file(timeline, str(edit))
    (back,) = (one for one in reel.first.languages[0].shots if one.shot.name == "back")
    assert back.out is not None
    out = reel.folder / "other"
    shutil.copytree(reel.options.out, out)
    (out / "de" / back.out.parent.name / back.out.name).unlink()
    options = replace(reel.options, edit=edit, out=out, only=("6",))
    (again,) = conform_edit(options, SilentProgress()).languages
    told = {one.shot.name: one for one in again.shots}
    assert [one.shot.name for one in again.shots if one.is_new] == ["into"]
    assert told["one"].state == "synced" and told["nested"].state == "synced"
    assert told["back"].state == "original" and "--only" in told["back"].reason
    assert again.edits[0].name == "recut_de_v001.otio"
    assert round(opened(again.edits[0]).global_start_time.value) == START
