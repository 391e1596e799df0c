# SPDX-License-Identifier: Apache-2.0
"""The conformed edit, read again: every shot shows those frames of its synced plate that it showed."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import opentimelineio as otio
import pytest
from tests.core.conform.conftest import EditMaker

from plosive.conform import Edit, read_edit
from plosive.conform.results.conformed_timeline import AddedDub, Flagged, Replacement, conformed_timeline
from plosive.conform.results.cutting import cut_of
from plosive.conform.results.exporting import write_edit, write_exports
from plosive.errors import MediaWriteError, PlosiveError
from plosive.media.staging import write_new

NTSC = 24000 / 1001


def replacements(edit: Edit) -> dict[int, Replacement]:
    """A synced plate, which need not exist, for every shot that shows frames."""
    found: dict[int, Replacement] = {}
    for shot in edit.shots:
        if shot.media is None or shot.source_frames is None or shot.played_frames is None:
            continue
        mark = "####.exr" if shot.media.kind == "sequence" else "mov"
        flagged = (Flagged(shot.played_frames, "Plosive: plate kept", "The face is hidden."),)
        found[shot.number] = Replacement(
            Path(f"/none/{shot.number}.{mark}"), shot.source_frames, "k", flagged
        )
    return found


def require_same_frames(edit: Edit, folder: Path) -> int:
    """Conform `edit`, read it again, compare; how many shots were compared."""
    made = replacements(edit)
    dub = AddedDub(Path("/none/mix.wav"), Fraction(1, 3), Fraction(10), "Dub de")
    timeline = conformed_timeline(edit, "x_de_v001", made, (dub,), {"language": "de"})
    path = folder / f"{edit.path.name}.otio"
    write_edit(timeline, path)
    again = read_edit(path)
    assert [shot.name for shot in again.shots] == [shot.name for shot in edit.shots]
    assert again.start_frame == edit.start_frame
    for old, new in zip(edit.shots, again.shots, strict=True):
        assert old.record == new.record and old.shown == new.shown
        if old.number not in made or old.media is None:
            continue
        first = made[old.number].frames.first_frame
        base = 0 if old.media.kind == "sequence" else first  # files of a sequence keep their numbers
        for (at, was), (_, now) in zip(old.media_frames(), new.media_frames(), strict=True):
            assert now == was - base, (edit.path.name, old.name, at)
    return len(made)


def test_media_with_timecode_keeps_its_source_ranges(edits: EditMaker) -> None:
    edits.movie("tc.mov", 60, Fraction(24000, 1001), "01:00:00:00")
    clip = edits.clip((86410, 20, NTSC), (86400, 60, NTSC), url="tc.mov")
    edit = edits.read(edits.timeline([clip], (86400, NTSC)), handles=4)
    assert require_same_frames(edit, edits.folder) == 1
    timeline = otio.adapters.read_from_file(str(edits.folder / "reel.otio.otio"))
    made = timeline.find_clips()[0]
    assert made.source_range.start_time.value == 86410
    assert made.media_reference.available_range.start_time.value == 86406
    (marker,) = made.markers
    assert (marker.marked_range.start_time.value, marker.marked_range.duration.value) == (86410, 20)
    assert marker.comment == "The face is hidden."


def test_media_without_timecode_begins_at_nothing(edits: EditMaker) -> None:
    edits.movie("plain.mov", 60, Fraction(24000, 1001))
    edits.sequence("frames", "a", 1001, 1060)
    movie = edits.clip((10, 20, NTSC), (0, 60, NTSC), url="plain.mov", name="movie")
    movie.markers.append(otio.schema.Marker("own", EditMaker.range(15, 1, NTSC)))
    stills = edits.clip((20, 20, NTSC), (0, 60, NTSC), first_file=1001, name="stills")
    stills.media_reference.target_url_base = str(edits.folder / "frames")
    stills.media_reference.name_suffix = ".png"
    edit = edits.read(edits.timeline([movie, stills], (0, NTSC)), handles=4)
    assert require_same_frames(edit, edits.folder) == 2
    timeline = otio.adapters.read_from_file(str(edits.folder / "reel.otio.otio"))
    made = {clip.name: clip for clip in timeline.find_clips()}
    assert made["movie"].source_range.start_time.value == 4
    assert made["movie"].metadata["plosive"]["original_source_range"].start_time.value == 10
    assert made["movie"].markers[0].marked_range.start_time.value == 9
    assert made["stills"].media_reference.start_frame == 1017
    assert made["stills"].media_reference.available_range.start_time.value == 0
    assert made["stills"].source_range.start_time.value == 4


def test_a_default_reference_that_was_not_active_is_kept(edits: EditMaker) -> None:
    edits.movie("tc.mov", 40, Fraction(24), "01:00:00:00")
    clip = edits.clip((86410, 20, 24.0), (86400, 40, 24.0), url="tc.mov")
    proxy = otio.schema.ExternalReference("/proxies/tc.mov", EditMaker.range(86400, 40))
    clip.set_media_references({"DEFAULT_MEDIA": proxy, "full": clip.media_reference.deepcopy()}, "full")
    edit = edits.read(edits.timeline([clip], (86400, 24.0)))
    timeline = conformed_timeline(edit, "n", replacements(edit), (), {})
    (made,) = timeline.find_clips()
    references = made.media_references()
    assert set(references) == {"DEFAULT_MEDIA", "plosive_DEFAULT_MEDIA", "plosive_original"}
    assert references["plosive_DEFAULT_MEDIA"].target_url == "/proxies/tc.mov"
    assert references["plosive_original"].target_url == str(edits.folder / "tc.mov")
    assert made.active_media_reference_key == "DEFAULT_MEDIA"
    (untouched,) = edit.otio_timeline.find_clips()  # type: ignore[attr-defined]
    assert untouched.active_media_reference_key == "full"


def test_nothing_is_written_over(tmp_path: Path) -> None:
    write_new(tmp_path / "a.json", b"one")
    with pytest.raises(MediaWriteError, match="exists already"):
        write_new(tmp_path / "a.json", b"two")
    assert (tmp_path / "a.json").read_bytes() == b"one"
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]


def test_real_edits_of_every_format(material: Path, tmp_path: Path) -> None:
    """Every third of them, which has all formats."""
    edits, shots = 0, 0
    for path in sorted((material / "otio").iterdir())[::3]:
        try:
            edit = read_edit(path, handles=3)
        except PlosiveError:
            continue  # what cannot be read is told elsewhere
        edits += 1
        shots += require_same_frames(edit, tmp_path)
    assert edits > 20 and shots > 150


def test_an_edl_counts_from_the_start_of_the_edit(edits: EditMaker) -> None:
    edits.movie("tc.mov", 60, Fraction(24000, 1001), "01:00:00:00")
    clips = [edits.clip((86410 + at, 20, NTSC), (86400, 60, NTSC), url="tc.mov") for at in (0, 20)]
    timeline = edits.timeline(clips, (86400, NTSC))
    edit = edits.read(timeline)
    made = write_exports(cut_of(edit, "out", {}), edits.folder, "edl")
    assert made.paths == (edits.folder / "out.edl",)
    lines = made.paths[0].read_text(encoding="utf-8").splitlines()
    assert [line.split()[-4:] for line in lines if line[:1].isdigit()] == [
        ["01:00:00:10", "01:00:01:06", "01:00:00:00", "01:00:00:20"],
        ["01:00:01:06", "01:00:02:02", "01:00:00:20", "01:00:01:16"],
    ]


def test_of_an_edit_conformed_twice_the_originals_stay_the_originals(edits: EditMaker) -> None:
    edits.movie("plain.mov", 60, Fraction(24000, 1001))
    clip = edits.clip((10, 20, NTSC), (0, 60, NTSC), url="plain.mov")
    edit = edits.read(edits.timeline([clip], (0, NTSC)), handles=4)
    first = conformed_timeline(edit, "n", replacements(edit), (), {})
    again = edits.read(first, "again.otio", handles=2)
    second = conformed_timeline(again, "n", replacements(again), (), {})
    (made,) = second.find_clips()
    references = made.media_references()
    assert set(references) == {"DEFAULT_MEDIA", "plosive_original", "plosive_before_1"}
    assert references["plosive_original"].target_url == str(edits.folder / "plain.mov")
    assert made.metadata["plosive"]["original_source_range"].start_time.value == 10
