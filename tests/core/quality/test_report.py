# SPDX-License-Identifier: Apache-2.0
"""The report's file: whole, self-contained, bounded, exact where it says so."""

from __future__ import annotations

import base64
import io
import json
import re
import runpy
import weakref
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from plosive.errors import JobCancelled, MediaReadError, MediaWriteError
from plosive.media import open_plate
from plosive.progress import SilentProgress
from plosive.quality.report import pictures as pictures_module
from plosive.quality.report import write_report
from plosive.quality.report.windows import windows_of
from plosive.quality.scorecard import Flag, Scorecard, ScoredPhone

CARDS = runpy.run_path(str(Path(__file__).with_name("report_cards.py")))
make_card: Callable[..., Scorecard] = CARDS["make_card"]
write_clip: Callable[..., Path] = CARDS["write_clip"]
HOSTILE: str = CARDS["HOSTILE"]
FRAMES = 40


class Page(HTMLParser):
    """The page as a browser takes it apart."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: dict[str, str] = {}
        self.words: list[str] = []
        self._inside = ""
        self._script = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._inside = tag
        if tag == "script":
            self._script = dict(attrs).get("id") or f"script {len(self.scripts)}"

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "script":
            self.scripts[self._script] = data
        elif self._inside != "style":
            self.words.append(data)

    @property
    def data(self) -> dict[str, Any]:
        return dict(json.loads(self.scripts["data"]))

    @property
    def pictures(self) -> dict[str, dict[str, str]]:
        return dict(json.loads(self.scripts["pictures"]))

    def images(self) -> dict[str, NDArray[np.uint8]]:
        """The strips' pictures by their alternative text."""
        found = {}
        for tag, attributes in self.tags:
            source = attributes.get("src") or ""
            if tag == "img" and source.startswith("data:image/png;base64,"):
                found[str(attributes["alt"])] = decoded(source.partition(",")[2])
        return found


def decoded(text: str) -> NDArray[np.uint8]:
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(text))).convert("RGB"))


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """(result, plate): forty frames each."""
    folder = tmp_path_factory.mktemp("report")
    return write_clip(folder / "result.mkv", FRAMES, 200), write_clip(folder / "plate.mkv", FRAMES, 30)


@pytest.fixture(scope="module")
def with_plate(clips: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Page]:
    out = tmp_path_factory.mktemp("page") / "score.html"
    write_report(make_card(*clips, FRAMES), out)
    assert [file.name for file in out.parent.iterdir()] == ["score.html"]
    text = out.read_text(encoding="utf-8")
    return text, Page(text)


def test_nothing_outside_the_file_is_asked_for(
    with_plate: tuple[str, Page], clips: tuple[Path, Path]
) -> None:
    text, page = with_plate
    for tag, attributes in page.tags:
        assert tag not in ("link", "iframe", "object", "embed", "base"), tag
        for name in ("src", "href", "srcset", "action", "data", "poster"):
            assert (attributes.get(name) or "data:").startswith("data:"), (tag, attributes)
    assert re.findall(r"https?://|\burl\(|@import|sourceMappingURL", text) == []
    assert re.findall(r"""["'(]//[\w.]""", text) == []
    assert str(clips[0].parent) not in text
    policy = next(a["content"] for t, a in page.tags if t == "meta" and a.get("http-equiv"))
    assert policy is not None and policy.split(";")[0] == "default-src 'none'"


def test_the_licence_of_what_is_inside_is_inside(with_plate: tuple[str, Page]) -> None:
    assert "Copyright (c) 2022 Leon Sorokin" in with_plate[0]
    assert "uPlot 1.6.32" in " ".join(with_plate[1].words)


def test_strips_hold_the_very_pixels(with_plate: tuple[str, Page], clips: tuple[Path, Path]) -> None:
    images = with_plate[1].images()
    card = make_card(*clips, FRAMES)
    detail = windows_of(card.lip_boxes, card.width, card.height).detail()
    for name, clip in (("result", clips[0]), ("plate", clips[1])):
        shown = [alt for alt in images if alt.startswith(name)]
        assert len(shown) == 14  # two moments of seven frames
        with open_plate(clip) as reader:
            whole = {f"{name}, frame {1001 + frame.index}": frame.rgb8() for frame in reader.frames()}
        for alt in shown:
            index = int(alt.rpartition(" ")[2]) - 1001
            assert np.array_equal(images[alt], whole[alt][detail.box(index).slices]), alt
    assert "result, frame 1021" in images, "the worst frame of the sharpness curve is in the strip"


def test_all_frames_of_a_short_clip_can_be_browsed(
    with_plate: tuple[str, Page], clips: tuple[Path, Path]
) -> None:
    stored = with_plate[1].pictures
    card = make_card(*clips, FRAMES)
    windows = windows_of(card.lip_boxes, card.width, card.height)
    for name, clip in (("result", clips[0]), ("plate", clips[1])):
        assert [int(index) for index in stored[name]] == list(range(FRAMES))
        with open_plate(clip) as reader:
            for frame in reader.frames():
                shown = decoded(stored[name][str(frame.index)]).astype(int)
                away = np.abs(shown - frame.rgb8()[windows.box(frame.index).slices])
                assert away.mean() < 3
    with Image.open(io.BytesIO(base64.b64decode(stored["result"]["0"]))) as image:
        assert image.layer[1][1:3] == image.layer[0][1:3] == (1, 1), "chroma is not subsampled"  # type: ignore[attr-defined]


def test_windows_are_steady_and_inside() -> None:
    boxes = np.full((8, 4), np.nan, np.float32)
    boxes[2] = (10.4, 20, 90, 100)
    boxes[3] = (12.6, 20, 90.2, 104)
    boxes[5] = (-5, 300, 60, 355)
    windows = windows_of(boxes, 640, 360)
    shown = [windows.box(index) for index in range(8)]
    assert {(box.width, box.height) for box in shown} == {(80, 88)}
    assert shown[0] == shown[1] == shown[2] and shown[3] == shown[4] and shown[5] == shown[7]
    assert all(box == box.clipped(640, 360) for box in shown)
    assert abs((shown[2].left + shown[2].right_exclusive) / 2 - 50.2) <= 0.5
    inner = windows.detail().box(5)
    assert inner.united(shown[5]) == shown[5]


def test_words_are_escaped(with_plate: tuple[str, Page]) -> None:
    text, page = with_plate
    assert "window.broken" in "".join(page.words)
    assert HOSTILE not in text and "<dark>" not in text and "<of>" not in text
    assert HOSTILE in "".join(page.words)
    assert list(page.scripts) == ["data", "pictures", "script 2", "script 3"]
    assert any(HOSTILE in flag[3] for flag in page.data["flags"])


def test_odd_names(clips: tuple[Path, Path], tmp_path: Path) -> None:
    odd = tmp_path / "ü<img src=x>&'\"\u2028 $title ${data}.mkv"
    odd.write_bytes(clips[0].read_bytes())
    write_report(make_card(odd, None, FRAMES), tmp_path / "odd.htm")
    page = Page((tmp_path / "odd.htm").read_text(encoding="utf-8"))
    assert odd.name in page.words
    assert not any(attributes.get("src") == "x" for _, attributes in page.tags)


def test_what_could_not_be_judged_or_measured_is_said(with_plate: tuple[str, Page]) -> None:
    words = " ".join("".join(with_plate[1].words).split())
    assert "3.2 of 4" in words or "3.3 of 4" in words
    assert "1 point not judged" in words
    assert "No seamnot judgedNeeds the plate" in words
    assert "not measured" in words and "No plate was given." in words
    assert "Seen, but not asked for: face 2 (shot 1, frames 1001\N{EN DASH}1003)." in words
    assert "75.0%66.0 to 100within4 phones" in words
    assert "0.250ratio0.900 to 1.10below40 frames" in words
    assert "differs" in words


def test_phones_lie_where_frames_are(with_plate: tuple[str, Page]) -> None:
    data = with_plate[1].data
    # 0.1 s is 2.4 frames after the first frame begins, at 1000.5.
    assert data["phones"] == [["B", 1002.9, 1005.3], ["AA", 1005.3, 1014.9], ["F", 1014.9, 1019.7]]
    assert data["when"][:2] == ["01:00:00:00", "01:00:00:01"] and len(data["when"]) == FRAMES
    assert data["flags"][0][:3] == [1020, 1022, "sharpness"]
    assert data["series"]["sharpness"][0] is None and data["series"]["sharpness"][20] == 0.25


def test_without_a_plate(clips: tuple[Path, Path], tmp_path: Path) -> None:
    write_report(make_card(clips[0], None, FRAMES), tmp_path / "score.html")
    page = Page((tmp_path / "score.html").read_text(encoding="utf-8"))
    assert page.pictures["plate"] == {} and page.data["hasPlate"] is False
    assert all(alt.startswith("result") for alt in page.images())


def test_faces_side_by_side(clips: tuple[Path, Path], tmp_path: Path) -> None:
    card = make_card(clips[0], None, FRAMES)
    first = card.faces[0]
    second = replace(first, number=2, shot=2, figures=first.figures[:1], reasons=())
    write_report(replace(card, faces=(first, second)), tmp_path / "score.html")
    words = "".join(Page((tmp_path / "score.html").read_text(encoding="utf-8")).words)
    assert "Face 1shot 1, 1001\N{EN DASH}1040Face 2shot 2" in words
    assert "Sharpness0.250 ratio0.250 ratio" in words and "Lips closed75.0 %\N{EN DASH}" in words
    assert "Frames that were not measured (1)" in words and "<dark>" in words


def test_a_plate_of_another_size_and_length(clips: tuple[Path, Path], tmp_path: Path) -> None:
    plate = write_clip(tmp_path / "large.mkv", 20, 30, (480, 270))
    write_report(make_card(clips[0], plate, FRAMES), tmp_path / "score.html")
    page = Page((tmp_path / "score.html").read_text(encoding="utf-8"))
    assert len(page.pictures["plate"]) == 20 and len(page.pictures["result"]) == FRAMES
    assert decoded(page.pictures["plate"]["3"]).shape == decoded(page.pictures["result"]["3"]).shape
    assert "The plate has another size; its pictures were brought to the result's." in "".join(page.words)
    assert "no plate" in "".join(page.words)


def test_one_frame(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "one.mkv", 1, 200)
    flag = Flag(1000, 1003, "closures", 1.0, 0.1, 0.02, 1, "Reaches past both ends.")
    write_report(make_card(clip, clip, 1, flags=(flag,)), tmp_path / "score.html")
    page = Page((tmp_path / "score.html").read_text(encoding="utf-8"))
    assert list(page.pictures["result"]) == ["0"]
    assert list(page.images()) == ["plate, frame 1001", "result, frame 1001"]


def test_no_face_and_no_curve(clips: tuple[Path, Path], tmp_path: Path) -> None:
    card = make_card(
        *clips,
        FRAMES,
        series={},
        lip_boxes=np.full((FRAMES, 4), np.nan, np.float32),
        flags=(),
        phones=(),
        points=(),
        figures=(),
        faces=(),
        equalities=(),
        warnings=(),
        start_timecode=None,
    )
    write_report(card, tmp_path / "score.html")
    page = Page((tmp_path / "score.html").read_text(encoding="utf-8"))
    assert decoded(page.pictures["result"]["0"]).shape == (180, 320, 3)
    words = "".join(page.words)
    assert "not judged" in words and "No range was flagged." in words
    assert page.data["when"][1] == "0.042 s" and page.data["series"] == {}


class NoisyFrames:
    """A clip that would take gigabytes: every frame is noise, and none may be held on to."""

    def __init__(self, frame_count: int, width: int, height: int) -> None:
        self.noise = np.random.default_rng(1).integers(0, 256, (height, width, 3), dtype=np.uint8)
        self.frame_count = frame_count
        self.seen: weakref.WeakSet[Any] = weakref.WeakSet()
        self.converted = 0

    def __enter__(self) -> NoisyFrames:
        return self

    def __exit__(self, *details: object) -> None: ...

    def frames(self) -> Iterator[Any]:
        for index in range(self.frame_count):
            assert len(self.seen) <= 1, "an earlier frame is still held"
            frame = NoisyFrame(index, self)
            self.seen.add(frame)
            yield frame
            del frame


class NoisyFrame:
    def __init__(self, index: int, clip: NoisyFrames) -> None:
        self.index = index
        self.clip = clip

    def rgb8(self) -> NDArray[np.uint8]:
        self.clip.converted += 1
        return self.clip.noise


def test_a_long_large_noisy_clip_stays_bounded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    count, width, height = 20_000, 1280, 1024
    opened: list[NoisyFrames] = []

    def open_noise(path: Path, **_: object) -> NoisyFrames:
        del path
        opened.append(NoisyFrames(count, width, height))
        return opened[-1]

    monkeypatch.setattr(pictures_module, "open_plate", open_noise)
    noise = np.random.default_rng(2).random(count).astype(np.float32)
    names = ("aperture", "width", "jaw")
    card = make_card(
        Path("long.mov"),
        Path("plate.mov"),
        count,
        width=width,
        height=height,
        lip_boxes=np.tile(np.array([100, 100, 1000, 950], np.float32), (count, 1)),
        series={
            key: noise * 3
            for key in (*names, *(f"{n}_expected" for n in names), "sharpness", "flicker", "popping", "seam")
        },
        flags=tuple(
            Flag(1001 + at, 1030 + at, "sharpness", 0.2 + at / 1e5, 0.1, 0.7, 1, "Blurred.")
            for at in range(0, count - 50, 50)
        ),
        phones=tuple(ScoredPhone("AA", Fraction(at, 12), Fraction(at + 1, 12)) for at in range(10_000)),
    )
    out = tmp_path / "long.html"
    write_report(card, out)
    size = out.stat().st_size
    assert 15e6 < size < 40e6
    page = Page(out.read_text(encoding="utf-8"))
    assert len(page.scripts["data"]) < 3_500_000
    kept = sorted(int(index) for index in page.pictures["result"])
    assert list(page.pictures["plate"]) == list(page.pictures["result"])
    assert 10 < len(kept) <= 240 and max(np.diff(kept)) < count / 4
    assert decoded(page.pictures["result"]["0"]).shape == (606, 640, 3)
    assert "scaled down to 71%" in "".join(page.words)
    assert all(clip.converted <= 240 + 12 * 7 for clip in opened) and len(opened) == 2
    images = page.images()
    assert len(images) >= 12 and {image.shape for image in images.values()} == {(377, 398, 3)}


def test_many_frames_keep_the_worst_ones(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(pictures_module, "open_plate", lambda path, **_: NoisyFrames(3000, 320, 180))
    flag = Flag(2000, 2010, "closures", 0.9, 0.1, 0.02, 1, "Open.")
    write_report(make_card(Path("a.mov"), None, 3000, flags=(flag,)), tmp_path / "score.html")
    page = Page((tmp_path / "score.html").read_text(encoding="utf-8"))
    kept = {int(index) for index in page.pictures["result"]}
    assert len(kept) == 240 and {0, 2999} <= kept
    assert set(range(1004 - 6, 1004 + 7)) <= kept
    assert "Pictures are kept of 240 of 3000 frames." in "".join(page.words)


def test_refuses_what_it_may_not_write(clips: tuple[Path, Path], tmp_path: Path) -> None:
    card = make_card(clips[0], None, FRAMES)
    there = tmp_path / "there.html"
    there.write_text("mine")
    with pytest.raises(MediaWriteError, match="exists already"):
        write_report(card, there)
    assert there.read_text() == "mine"
    with pytest.raises(MediaWriteError, match=r"must end in \.html or \.htm"):
        write_report(card, tmp_path / "score.txt")
    with pytest.raises(MediaWriteError, match="does not exist"):
        write_report(card, tmp_path / "nowhere" / "score.html")
    write_report(card, there, overwrite=True)
    assert there.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_failures_leave_nothing(
    clips: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(MediaReadError):
        write_report(make_card(tmp_path / "gone.mkv", None, FRAMES), tmp_path / "a.html")

    class Stopping(SilentProgress):
        def advance(self, frames: int = 1) -> None:
            raise JobCancelled("Stopped.")

    with pytest.raises(JobCancelled):
        write_report(make_card(*clips, FRAMES), tmp_path / "a.html", progress=Stopping())

    def full(*details: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    with pytest.raises(MediaWriteError, match="the disk is full"):
        write_report(make_card(*clips, FRAMES), tmp_path / "a.html")
    assert list(tmp_path.iterdir()) == []


def test_progress_counts_every_frame(clips: tuple[Path, Path], tmp_path: Path) -> None:
    class Counting(SilentProgress):
        total: int | None = 0
        done = 0

        def start(self, stage: str, total_frames: int | None) -> None:
            self.total = total_frames

        def advance(self, frames: int = 1) -> None:
            self.done += frames

    progress = Counting()
    write_report(make_card(*clips, FRAMES), tmp_path / "a.html", progress=progress)
    assert progress.total == progress.done == 2 * FRAMES
