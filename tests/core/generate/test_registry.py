# SPDX-License-Identifier: Apache-2.0
"""Generators of installed packages: found, and never harmed by a broken one."""

from __future__ import annotations

import hashlib
import importlib
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from plosive.cli import main
from plosive.errors import MissingDependencyError, OptionError
from plosive.generate import find_generator, offered_generators
from plosive.generate.weights import Weights
from plosive.licence import Licence

GENERATOR = """
from plosive.generate.facts import GeneratorFacts
from plosive.generate.weights import Weights
from plosive.licence import Licence

class Made:
    facts = GeneratorFacts({name!r}, "2.1", protocol_version={version}, licence=Licence("MIT", True),
                           weights=({weights}), devices=("cuda", "cpu"), face_pixels=96)
    def memory_bytes(self, face_width, device):
        return int(1000 * face_width)
    def plan(self, shot):
        raise NotImplementedError
"""
WEIGHTS = 'Weights("mouth.onnx", "{sha256}", Licence("CC-BY-NC-4.0", False), "https://example.org/mouth"),'

Install = Callable[..., None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Installs a package of one module with entry points for generators."""

    def installed(package: str, code: str, *names: str, target: str = "Made") -> None:
        folder = tmp_path / package
        info = folder / f"{package}-0.3.dist-info"
        info.mkdir(parents=True)
        (folder / f"{package}_module.py").write_text(code, encoding="utf-8")
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 0.3\n")
        points = "".join(f"{name} = {package}_module:{target}\n" for name in names)
        (info / "entry_points.txt").write_text(f"[plosive.generators]\n{points}")
        monkeypatch.syspath_prepend(str(folder))
        monkeypatch.delitem(sys.modules, f"{package}_module", raising=False)
        importlib.invalidate_caches()

    return installed


def generator(name: str, version: int = 1, weights: str = "") -> str:
    return GENERATOR.format(name=name, version=version, weights=weights)


def problems() -> dict[str, str]:
    return {offer.name: offer.problem for offer in offered_generators()}


def test_plate_is_first() -> None:
    offer, *_ = offered_generators()
    assert (offer.name, offer.problem) == ("plate", "")
    assert offer.generator is not None
    assert find_generator("plate").facts == offer.generator.facts


def test_an_unknown_one_is_said_with_those_there_are(install: Install) -> None:
    install("wav", generator("wav"), "wav")
    with pytest.raises(OptionError, match=r"no generator 'musetalk'; there is: plate, .*wav\."):
        find_generator("musetalk")


def test_an_installed_one_is_found(install: Install) -> None:
    install("wav", generator("wav"), "wav")
    assert problems().items() >= {"plate": "", "wav": ""}.items()
    assert find_generator("wav").facts.version == "2.1"


def test_broken_ones_are_told_and_harm_nobody(install: Install) -> None:
    install("gone", "import a_module_that_is_not_there\n", "gone")
    install("ends", "raise SystemExit(3)\n", "ends")
    install("older", generator("older", version=0), "older")
    install("newer", generator("newer", version=7), "newer")
    install("other", generator("another-name"), "other")
    install("empty", "class Made:\n    pass\n", "empty")
    install("mine", generator("plate"), "plate")
    install("good", generator("good"), "good")
    told = {offer.origin: offer.problem for offer in offered_generators()}
    assert "No module named 'a_module_that_is_not_there'" in told["gone 0.3"]
    assert "cannot be loaded: SystemExit" in told["ends 0.3"]
    assert "install a newer one" in told["older 0.3"]
    assert "install an older one" in told["newer 0.3"]
    assert "calls itself 'another-name'" in told["other 0.3"]
    assert "cannot be loaded: AttributeError" in told["empty 0.3"]
    assert "taken by Plosive's own" in told["mine 0.3"]
    assert told["good 0.3"] == ""
    assert find_generator("good").facts.name == "good"
    assert type(find_generator("plate")).__name__ == "PlateGenerator"
    for name in ("gone", "ends", "older"):
        with pytest.raises(MissingDependencyError, match=name):
            find_generator(name)


def test_the_same_name_twice_is_neither(install: Install) -> None:
    install("one", generator("wav"), "wav")
    install("two", generator("wav"), "wav")
    with pytest.raises(MissingDependencyError, match=r"one 0\.3, two 0\.3; keep one"):
        find_generator("wav")
    assert find_generator("plate")


def test_others_are_not_loaded(install: Install) -> None:
    install("loud", "raise RuntimeError('loaded')\n", "loud")
    find_generator("plate")
    assert "loud_module" not in sys.modules


def test_weights_are_checked_and_never_fetched(
    install: Install, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLOSIVE_WEIGHTS", str(tmp_path / "weights"))
    digest = hashlib.sha256(b"a model").hexdigest()
    install("wav", generator("wav", weights=WEIGHTS.format(sha256=digest)), "wav")
    with pytest.raises(
        MissingDependencyError, match=r"mouth\.onnx are not in .*CC-BY-NC-4\.0, no commercial"
    ):
        find_generator("wav")
    path = tmp_path / "weights" / "mouth.onnx"
    path.parent.mkdir()
    path.write_bytes(b"a model")
    (weights,) = find_generator("wav").facts.weights
    assert weights.checked_path() == path
    path.write_bytes(b"another model")
    with pytest.raises(MissingDependencyError, match="not those this generator was made for"):
        weights.checked_path()


def test_weights_without_a_folder_are_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLOSIVE_WEIGHTS", str(tmp_path / "nowhere"))
    weights = Weights("m.pt", "0" * 64, Licence("MIT", True), "a studio's own server")
    with pytest.raises(MissingDependencyError, match="a studio's own server"):
        weights.checked_path()


def test_the_list(install: Install, capsys: pytest.CaptureFixture[str]) -> None:
    install("wav", generator("wav", weights=WEIGHTS.format(sha256="0" * 64)), "wav")
    install("gone", "import a_module_that_is_not_there\n", "gone")
    assert main(["generators"]) == 0
    text = capsys.readouterr().out
    assert "plate 0.1.0, from plosive 0.1.0" in text
    assert "gone cannot be used\n  problem    Generator 'gone' of gone 0.3 cannot be loaded" in text
    assert "mouth.onnx: CC-BY-NC-4.0, no commercial use" in text
    assert "runs on    cuda, cpu" in text
    assert "of faces 96 pixels wide" in text


def test_the_list_as_json(install: Install, capsys: pytest.CaptureFixture[str]) -> None:
    install("wav", generator("wav"), "wav")
    install("gone", "import a_module_that_is_not_there\n", "gone")
    assert main(["generators", "--json"]) == 0
    told = {one["name"]: one for one in json.loads(capsys.readouterr().out)}
    assert next(iter(told)) == "plate" and told.keys() >= {"gone", "wav"}
    assert told["plate"]["licences"] == [{"of": "code", "name": "Apache-2.0", "is_commercial": True}]
    assert told["plate"]["memory_bytes"]["cpu"]["UHD"] > told["plate"]["memory_bytes"]["cpu"]["1080p"] > 0
    assert told["wav"]["memory_bytes"]["cuda"] == {"1080p": 300000, "UHD": 600000}
    assert "a_module_that_is_not_there" in told["gone"]["problem"]


def test_a_check_tells_what_is_broken(install: Install, capsys: pytest.CaptureFixture[str]) -> None:
    install("wav", generator("wav"), "wav")
    assert main(["generators", "--check", "wav", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert any("NotImplementedError" in sentence for sentence in told["broken"])
    assert main(["generators", "--check", "plate"]) == 0
    assert "plate keeps 12 of 12 promises." in capsys.readouterr().out
