# SPDX-License-Identifier: Apache-2.0
"""Which Resolve can be worked with, how it is found, and its rates and timecodes made exact."""

from __future__ import annotations

import sys
from fractions import Fraction
from types import ModuleType
from typing import Any

import pytest

from fakes.resolve import EDITIONS, FakeApplication, FakeEdition, Scene
from plosive.media import Timecode
from plosive_host import PlosiveHostError
from plosive_resolve import can, open_host
from plosive_resolve.media_view import path_and_numbers
from plosive_resolve.rates import exact, frames_of_timecode, rate_of, timecode_of_frames


@pytest.mark.parametrize("edition", [one for one in EDITIONS if one.runs_python_scripts], ids=str)
def test_every_edition_that_runs_scripts_is_opened(edition: FakeEdition) -> None:
    host = open_host(FakeApplication(edition).script_globals())
    assert host.edition.version[:2] == edition.version[:2]
    assert (host.edition.is_studio, host.has_dialogs) == (edition.is_studio, edition.is_studio)


class OldResolve:
    """What Plosive asks of a Resolve before it works with it; the fake begins with 19.1."""

    def __init__(self, version: list[object]) -> None:
        self.version = version

    def GetProductName(self) -> str:
        return "DaVinci Resolve Studio"

    def GetVersion(self) -> list[object]:
        return self.version

    def GetProjectManager(self) -> None:
        return None


@pytest.mark.parametrize(
    ("resolve", "code", "says"),
    (
        (OldResolve([19, 0, 3, 4, ""]), "TOO_OLD", "works with 19.1 and later"),
        (OldResolve([18, 6, 6, 7, "b"]), "TOO_OLD", "plosive conform"),
        (OldResolve([]), "TOO_OLD", r"DaVinci Resolve Studio 0\.0\.0"),
        (
            FakeApplication(FakeEdition((21, 1), is_studio=False)).resolve(),
            "FREE_EDITION",
            "runs no Python scripts from 21.1 on",
        ),
    ),
    ids=("19.0", "18.6", "nothing told", "free-21.1"),
)
def test_what_cannot_be_worked_with_is_refused(resolve: object, code: str, says: str) -> None:
    with pytest.raises(PlosiveHostError, match=says) as caught:
        open_host({"resolve": resolve})
    assert caught.value.code == code and str(caught.value).endswith(".")


def test_an_old_python_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 6, 8, "final", 0))
    with pytest.raises(PlosiveHostError, match=r"Python 3\.6, and Plosive needs 3\.9") as caught:
        open_host({})
    assert caught.value.code == "TOO_OLD"


def test_resolve_is_found_through_fusion_or_its_module(monkeypatch: pytest.MonkeyPatch) -> None:
    app = FakeApplication()
    given = app.script_globals("Tool", *_comp(app))
    assert open_host({"fusion": given["fusion"]}).edition.is_studio
    module = ModuleType("DaVinciResolveScript")
    module.scriptapp = lambda name: app.resolve() if name == "Resolve" else None  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "DaVinciResolveScript", module)
    assert open_host(None).edition.version == (21, 0, 4)
    module.scriptapp = lambda name: None  # type: ignore[attr-defined]
    with pytest.raises(PlosiveHostError, match="External scripting") as caught:
        open_host(None)
    assert caught.value.code == "NO_RESOLVE"


def _comp(app: FakeApplication) -> tuple[Any, ...]:
    from fakes.resolve.fusion import CompState

    return (CompState(),)


def test_resolve_that_is_not_there_is_told() -> None:
    with pytest.raises(PlosiveHostError, match="cannot be reached"):
        open_host({})


def test_no_timeline_is_told() -> None:
    app = FakeApplication()
    with pytest.raises(PlosiveHostError, match="No timeline is open") as caught:
        _ = open_host(app.script_globals()).timeline
    assert caught.value.code == "NO_TIMELINE"


def test_what_a_version_lacks_is_asked_of_dir() -> None:
    scene = Scene(edition=FakeEdition((21, 0)))
    timeline = open_host(scene.app.script_globals()).timeline
    assert hasattr(timeline, "GetSelectedClips") and not can(timeline, "GetSelectedClips")
    assert can(timeline, "GetName") and not can(None, "GetName")


@pytest.mark.parametrize(
    ("told", "rate"),
    (
        (23.976, Fraction(24000, 1001)),
        ("23.98", Fraction(24000, 1001)),
        ("29.97 DF", Fraction(30000, 1001)),
        ("59.94", Fraction(60000, 1001)),
        (119.88, Fraction(120000, 1001)),
        ("47.952", Fraction(48000, 1001)),
        ("24", Fraction(24)),
        (25.0, Fraction(25)),
        ("12.5", Fraction(25, 2)),
        ("", None),
        (None, None),
        ("0", None),
    ),
)
def test_rates_are_exact(told: object, rate: Fraction | None) -> None:
    assert rate_of(told) == rate


@pytest.mark.parametrize("rate", (Fraction(24), Fraction(24000, 1001), Fraction(25), Fraction(60)))
def test_timecode_is_that_of_the_core(rate: Fraction) -> None:
    for frame in (0, 1, 23, 1799, 1800, 86399, 123456, 2_000_000):
        assert timecode_of_frames(frame, rate) == str(Timecode(frame, rate))
        assert frames_of_timecode(str(Timecode(frame, rate)), rate) == frame


@pytest.mark.parametrize("rate", (Fraction(30000, 1001), Fraction(60000, 1001)))
def test_drop_frame_timecode_is_that_of_the_core(rate: Fraction) -> None:
    for frame in (0, 1799, 1800, 1801, 3597, 3598, 17981, 17982, 17983, 107892, 1_000_003):
        text = str(Timecode(frame, rate, True))
        assert timecode_of_frames(frame, rate, is_drop_frame=True) == text
        assert frames_of_timecode(text, rate) == frame


def test_numbers_lose_the_noise_of_floats() -> None:
    assert exact(20.000000000000004) == 20 and exact(1 / 3) == Fraction(1, 3)
    assert exact(True) is None and exact(None) is None and exact("x") is None and exact(float("inf")) is None


@pytest.mark.parametrize(
    ("shown", "path", "numbers"),
    (
        ("/a/shot.[1001-1096].exr", "/a/shot.%04d.exr", (1001, 1096)),
        ("C:\\a\\shot_[0008-0012].dpx", "C:\\a\\shot_%04d.dpx", (8, 12)),
        ("/a/[1-100].tif", "/a/%d.tif", (1, 100)),
        ("/a/50% [v2]/plate.mov", "/a/50% [v2]/plate.mov", None),
        ("/a/50%.[001-100].exr", "/a/50%%.%03d.exr", (1, 100)),
    ),
)
def test_sequences_are_told_as_patterns(shown: str, path: str, numbers: tuple[int, int] | None) -> None:
    assert path_and_numbers(shown) == (path, numbers)
