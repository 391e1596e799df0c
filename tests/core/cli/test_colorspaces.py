# SPDX-License-Identifier: Apache-2.0
"""`plosive colorspaces`, and --colorspace as an option of a job."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from plosive.cli.__main__ import main
from plosive.colour.plate_colour import ColourChoice
from plosive.errors import OptionError
from plosive.sync_options import SyncOptions

pytest.importorskip("OpenImageIO")


@pytest.fixture(autouse=True)
def no_config(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OCIO", raising=False)


def test_the_spaces_are_listed_with_their_other_names(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["colorspaces"]) == 0
    told = capsys.readouterr().out
    assert "ARRI LogC3 (EI800)" in told and "scene_linear" in told and "built-in ACES" in told
    assert main(["colorspaces", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    spaces = {space["name"]: space for space in listed["colorspaces"]}
    assert "lin_ap1" in spaces["ACEScg"]["aliases"] and "scene_linear" in spaces["ACEScg"]["roles"]


def test_a_config_that_is_not_there_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["colorspaces", "--ocio", "/gone/studio.ocio"]) == 2
    assert "The OCIO config /gone/studio.ocio does not exist" in capsys.readouterr().err


def test_options_hold_what_is_told_of_colour() -> None:
    options = SyncOptions(Path("a.mov"), Path("d.wav"), Path("o.mov"), colorspace="slog3", ocio="c.ocio")
    assert options.colour == ColourChoice("slog3", "c.ocio")
    for wrong in ({"colorspace": " "}, {"ocio": ""}):
        with pytest.raises(OptionError, match="must not be empty"):
            SyncOptions(Path("a.mov"), Path("d.wav"), Path("o.mov"), **wrong).validated()  # type: ignore[arg-type]
