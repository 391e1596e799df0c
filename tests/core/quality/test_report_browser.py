# SPDX-License-Identifier: Apache-2.0
"""The report in a real browser, without network: headless Chromium does what a hand would do."""

from __future__ import annotations

import base64
import io
import os
import runpy
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from plosive.media import open_plate
from plosive.quality.report import write_report
from plosive.quality.report.windows import windows_of
from plosive.quality.scorecard import Scorecard

CARDS = runpy.run_path(str(Path(__file__).with_name("report_cards.py")))
make_card: Callable[..., Scorecard] = CARDS["make_card"]
write_clip: Callable[..., Path] = CARDS["write_clip"]
FRAMES = 40
FIRST = 1001
WORST = 1021
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def chromium() -> str:
    """Where Chromium is; skips the test where there is none."""
    found = os.environ.get("CHROME") or next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip(f"no Chromium: none of {', '.join(NAMES)} is on PATH, and CHROME is not set")
    return found


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("browser")
    return write_clip(folder / "result <1> & 'ü'.mkv", FRAMES, 200), write_clip(
        folder / "plate.mkv", FRAMES, 30
    )


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = chromium()
    flags = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with playwright.sync_playwright() as run:
        started = run.chromium.launch(executable_path=path, args=flags)
        yield started
        started.close()


@pytest.fixture(scope="module")
def report(clips: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("page") / "score #1 50%.html"
    write_report(make_card(*clips, FRAMES), out)
    return out


class Visit:
    """A page that is open, and everything it complained of or asked for."""

    def __init__(self, browser: Any, report: Path, width: int = 1440, height: int = 900) -> None:
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.context = browser.new_context(
            offline=True, viewport={"width": width, "height": height}, device_scale_factor=1
        )
        self.page = self.context.new_page()
        self.page.set_default_timeout(5000)
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("requestfailed", lambda request: self.complaints.append(f"failed: {request.url[:80]}"))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(report.as_uri())
        self.page.wait_for_function("document.querySelectorAll('.uplot canvas').length >= 3")

    @property
    def frame(self) -> int:
        return int(self.page.input_value("#frame"))

    def source(self, selector: str) -> str:
        return str(self.page.get_attribute(selector, "src"))

    def place(
        self, frame: float, low: float = FIRST - 0.5, high: float = FIRST + FRAMES - 0.5
    ) -> tuple[float, float]:
        """Where `frame` is in the plot of the mouth, in page pixels, when `low` to `high` are shown."""
        box = self.page.locator("#plot-aperture .u-over").bounding_box()
        return box["x"] + (frame - low) / (high - low) * box["width"], box["y"] + box["height"] * 0.4

    def styled(self, selector: str, name: str) -> str:
        return str(self.page.eval_on_selector(selector, f"e => getComputedStyle(e).{name}"))

    def shot(self, selector: str) -> NDArray[np.uint8]:
        found = self.page.locator(selector).first
        found.evaluate(
            "e => e.closest('#viewer') || e.scrollIntoView({block: 'end'})"
        )  # not under the viewer
        return picture(found.screenshot())


def picture(data: bytes) -> NDArray[np.uint8]:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


@pytest.fixture
def visit(browser: Any, report: Path) -> Iterator[Visit]:
    opened = Visit(browser, report)
    yield opened
    opened.context.close()
    assert opened.complaints == []
    assert [url for url in opened.requests if not url.startswith(("data:", report.as_uri()))] == []


def test_says_the_score(visit: Visit, clips: tuple[Path, Path]) -> None:
    words = visit.page.inner_text("header")
    assert clips[0].name in words and "of 4" in words and "1 point not judged" in words
    assert visit.page.inner_text("#total") == "3.2 of 4"
    assert visit.page.locator(".points li").count() == 5
    assert visit.page.evaluate("window.broken") is None
    assert visit.frame == WORST, "the page opens on the worst frame"
    assert visit.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_click_in_a_plot_shows_that_frame(visit: Visit) -> None:
    before, after = visit.source("#before"), visit.source("#after")
    for frame in (1009, 1030, FIRST + FRAMES - 1):
        visit.page.mouse.click(*visit.place(frame))
        assert visit.frame == frame
        assert visit.page.get_attribute("#after", "alt") == f"result, frame {frame}"
        assert visit.page.inner_text("#when") == f"01:00:0{(frame - FIRST) // 24}:{(frame - FIRST) % 24:02d}"
        assert visit.page.evaluate("document.getElementById('after').complete")
        assert visit.source("#before") != before and visit.source("#after") != after
        before, after = visit.source("#before"), visit.source("#after")
        assert before != after
    strip = visit.page.locator("canvas.phones").bounding_box()
    visit.page.mouse.click(visit.place(1004)[0], strip["y"] + 8)
    assert visit.frame == 1004
    assert visit.page.inner_text("#values .said") == "B"


def test_keys_and_buttons_step(visit: Visit) -> None:
    for key, frame in (
        ("ArrowRight", WORST + 1),
        ("ArrowLeft", WORST),
        ("Shift+ArrowLeft", WORST - 10),
        ("Shift+ArrowLeft", WORST - 20),
        ("Shift+ArrowLeft", FIRST),
        ("ArrowLeft", FIRST),
    ):
        visit.page.keyboard.press(key)
        assert visit.frame == frame, key
    assert visit.page.is_disabled("#earlier")
    visit.page.click("#later")
    assert visit.frame == FIRST + 1
    visit.page.fill("#frame", "1033")
    visit.page.keyboard.press("Enter")
    assert visit.page.get_attribute("#after", "alt") == "result, frame 1033"
    visit.page.click("#moments button[data-frame='1005'] >> nth=0")
    assert visit.frame == 1005


def test_drag_zooms_all_plots_and_a_double_click_ends_it(visit: Visit) -> None:
    assert visit.frame == WORST
    visit.page.mouse.move(*visit.place(1010))
    visit.page.mouse.down()
    visit.page.mouse.move(*visit.place(1016), steps=4)
    visit.page.mouse.move(*visit.place(1020), steps=4)
    visit.page.mouse.up()
    assert visit.frame == WORST, "a drag selects no frame"
    visit.page.mouse.click(*visit.place(1017, 1010, 1020))
    assert visit.frame == 1017
    box = visit.page.locator("#plot-sharpness .u-over").bounding_box()
    visit.page.mouse.click(box["x"] + box["width"] * 0.2, box["y"] + 20)
    assert visit.frame == 1012, "the others are zoomed alike"
    visit.page.mouse.dblclick(*visit.place(1015, 1010, 1020))
    visit.page.mouse.click(*visit.place(1035))
    assert visit.frame == 1035


def test_curves_can_be_switched_on(visit: Visit) -> None:
    button = visit.page.locator("#plot-aperture button.key")
    plain = visit.shot("#plot-aperture .uplot")
    assert button.get_attribute("aria-pressed") == "false"
    button.click()
    assert button.get_attribute("aria-pressed") == "true"
    assert not np.array_equal(visit.shot("#plot-aperture .uplot"), plain)
    assert visit.page.locator("#plot-stability .key", has_text="Flicker").count() == 1
    assert visit.page.locator("#plot-seam").count() == 0, "what was not measured has no plot"


def test_the_wipe_moves(visit: Visit) -> None:
    page = visit.page
    plate, result = visit.shot("#before"), visit.shot("#after")
    middle = visit.shot(".stack")
    half = plate.shape[1] // 2
    assert np.array_equal(middle[:, : half - 2], plate[:, : half - 2])
    assert np.array_equal(middle[:, half + 2 :], result[:, half + 2 :])
    assert not np.array_equal(plate, result)
    page.focus("#wipe")
    page.keyboard.press("End")
    assert np.array_equal(visit.shot(".stack"), plate)
    page.keyboard.press("Home")
    assert np.array_equal(visit.shot(".stack"), result)
    assert visit.frame == WORST, "arrow keys and the like belong to the slider while it has the focus"
    box = page.locator(".stack").bounding_box()
    page.mouse.move(box["x"] + 5, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.75, box["y"] + 25, steps=3)
    page.mouse.up()
    assert abs(float(page.input_value("#wipe")) - 75) < 1
    page.click("#views button >> text=Wipe")
    assert page.is_hidden("#before") and page.is_visible(".stack")


def test_zoom_is_in_whole_pixels(visit: Visit) -> None:
    plain = visit.shot("#after")
    for zoom in (2, 4):
        visit.page.click(f"#zooms button >> text={zoom}:1")
        box = visit.page.locator("#after").bounding_box()
        assert (box["width"], box["height"]) == (plain.shape[1] * zoom, plain.shape[0] * zoom)
        assert visit.styled("#after", "imageRendering") == "pixelated"
    visit.page.click("#zooms button >> text=2:1")
    large = visit.shot("#after")
    assert np.array_equal(large[::2, ::2], plain) and np.array_equal(large[1::2, 1::2], plain)
    visit.page.click("#zooms button >> text=1:1")
    assert np.array_equal(visit.shot("#after"), plain)


def test_pictures_are_not_tinted(visit: Visit, clips: tuple[Path, Path]) -> None:
    card = make_card(*clips, FRAMES)
    detail = windows_of(card.lip_boxes, card.width, card.height).detail()
    for name, clip in (("plate", clips[1]), ("result", clips[0])):
        with open_plate(clip) as reader:
            frames = [frame.rgb8() for frame in reader.frames()]
        for frame in (1005, WORST):
            selector = f"#moments img[alt='{name}, frame {frame}']"
            shown = visit.shot(selector)
            stored = picture(base64.b64decode(visit.source(selector).partition(",")[2]))
            source = frames[frame - FIRST][detail.box(frame - FIRST).slices]
            assert np.array_equal(shown, stored)
            assert np.array_equal(shown, source)
    stored = picture(base64.b64decode(visit.source("#after").partition(",")[2]))
    assert np.abs(visit.shot("#after").astype(int) - stored).max() <= 2, (
        "two JPEG decoders may differ by rounding"
    )


def test_pictures_lie_on_neutral_grey(visit: Visit) -> None:
    page = visit.page
    page.evaluate("document.getElementById('viewer').scrollIntoView()")
    screen = picture(page.screenshot()).astype(int)
    boxes = [
        box
        for image in page.locator("img").all()
        if image.is_visible() and (box := image.bounding_box()) is not None
    ]
    seen = 0
    for box in boxes:
        left, top = round(box["x"]), round(box["y"])
        right, bottom = left + round(box["width"]), top + round(box["height"])
        if top < 4 or left < 4 or bottom > screen.shape[0] - 4 or right > screen.shape[1] - 4:
            continue
        ring = [
            screen[top - 3 : top, left:right],
            screen[top:bottom, left - 3 : left],
            screen[top:bottom, right : right + 3],
        ]
        for side in ring:
            assert (side.max(axis=-1) == side.min(axis=-1)).all()
            seen += 1
    assert seen >= 9
    tinted = page.evaluate(
        """() => [...document.querySelectorAll("img")].flatMap((image) => {
            const wrong = [];
            for (let e = image; e; e = e.parentElement) {
                const s = getComputedStyle(e);
                const grey = (s.backgroundColor.match(/[0-9.]+/g) ?? []).slice(0, 3);
                if (s.filter !== "none" || s.opacity !== "1" || s.mixBlendMode !== "normal"
                    || s.boxShadow !== "none" || new Set(grey).size > 1) wrong.push(e.outerHTML.slice(0, 60));
            }
            return wrong;
        })"""
    )
    assert tinted == []
    assert visit.styled("body", "backgroundColor") == "rgb(27, 27, 27)"


@pytest.mark.parametrize("size", [(1280, 720), (800, 600)])
def test_fits_a_small_screen(browser: Any, report: Path, size: tuple[int, int]) -> None:
    visit = Visit(browser, report, *size)
    assert visit.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    box = visit.page.locator("#plot-aperture .uplot").bounding_box()
    assert box["x"] + box["width"] <= size[0]
    assert visit.complaints == []
    visit.context.close()


def test_a_long_clip_says_which_frame_is_shown(browser: Any, tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "long.mkv", 260, 200)
    write_report(make_card(clip, None, 260, flags=()), tmp_path / "long.html")
    visit = Visit(browser, tmp_path / "long.html")
    kept = sorted(
        visit.page.evaluate(
            "Object.keys(JSON.parse(document.getElementById('pictures').textContent).result).map(Number)"
        )
    )
    missing = next(index for index in range(260) if index not in kept)
    visit.page.fill("#frame", str(FIRST + missing))
    visit.page.keyboard.press("Enter")
    nearest = min(kept, key=lambda index: (abs(index - missing), index))
    assert (
        visit.page.inner_text("#nearest")
        == f"No picture of this frame is kept; shown is frame {FIRST + nearest}."
    )
    assert visit.page.get_attribute("#viewer", "data-picture") == str(FIRST + nearest)
    visit.page.fill("#frame", str(FIRST + kept[5]))
    visit.page.keyboard.press("Enter")
    assert visit.page.inner_text("#nearest") == ""
    assert visit.page.locator("#before").count() == 0
    assert visit.complaints == []
    visit.context.close()


def test_nothing_measured_still_makes_a_page(browser: Any, tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "one.mkv", 1, 200)
    empty = np.full((1, 4), np.nan, np.float32)
    card = make_card(clip, None, 1, series={}, lip_boxes=empty, flags=(), phones=(), points=(), figures=())
    write_report(card, tmp_path / "one.html")
    context = browser.new_context(offline=True)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto((tmp_path / "one.html").as_uri())
    assert page.inner_text("#plots") == "No curve could be measured."
    assert page.inner_text("#total") == "not judged"
    page.keyboard.press("ArrowRight")
    assert page.input_value("#frame") == "1001"
    one = make_card(clip, clip, 1, flags=())
    write_report(one, tmp_path / "curves.html")
    page.goto((tmp_path / "curves.html").as_uri())
    box = page.locator("#plot-aperture .u-over").bounding_box()
    page.mouse.click(box["x"] + box["width"] * 0.9, box["y"] + 30)
    assert page.input_value("#frame") == "1001"
    assert complaints == []
    context.close()
