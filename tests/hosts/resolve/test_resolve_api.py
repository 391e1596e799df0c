# SPDX-License-Identifier: Apache-2.0
"""hosts/resolve/resolve_api.pyi (what host code may call), the fake that plays it, and host code hold
together.

A second opinion are the stubs of PyPI (fusionscript-stubs 21.0.0), where they are installed.
"""

from __future__ import annotations

import ast
import importlib.util
import inspect
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from fakes.resolve.api import Handle
from fakes.resolve.application import Resolve

ROOT = Path(__file__).resolve().parents[3]
HOST = ROOT / "hosts" / "resolve"
SINCE = re.compile(r"# since (\d+(?:\.\d+)+)")


@dataclass(frozen=True)
class Call:
    """A method: names of its parameters, how many are needed, whether more may follow, its first version."""

    parameters: tuple[str, ...]
    needed: int
    takes_more: bool
    since: tuple[int, ...]


def protocols(path: Path) -> dict[str, dict[str, Call | None]]:
    """Classes of a stub file with all their methods (None: a property), inherited ones too."""
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()
    found: dict[str, dict[str, Call | None]] = {}
    for node in ast.parse(text).body:
        if not isinstance(node, ast.ClassDef):
            continue
        members: dict[str, Call | None] = {}
        for base in node.bases:
            members.update(found.get(ast.unparse(base), {}))
        for one in node.body:
            if isinstance(one, ast.FunctionDef):
                is_property = any(ast.unparse(mark) == "property" for mark in one.decorator_list)
                members[one.name] = None if is_property else call_of(one, lines)
            elif isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name):
                members[one.target.id] = None
        found[node.name] = members
    return found


def call_of(function: ast.FunctionDef, lines: list[str]) -> Call:
    arguments = function.args
    names = [one.arg for one in (*arguments.posonlyargs, *arguments.args)][1:]
    comment = SINCE.search(lines[(function.end_lineno or function.lineno) - 1])
    since = tuple(int(part) for part in comment[1].split(".")) if comment else (19, 1)
    return Call(tuple(names), len(names) - len(arguments.defaults), arguments.vararg is not None, since)


def played() -> dict[str, dict[str, Call | None]]:
    """The same of the fake."""
    found: dict[str, dict[str, Call | None]] = {}
    for name, kind in Handle.classes.items():
        members: dict[str, Call | None] = {}
        for method, facts in kind.api_methods().items():
            parameters = list(inspect.signature(inspect.getattr_static(kind, method)).parameters.values())[1:]
            plain = [one for one in parameters if one.kind is not one.VAR_POSITIONAL]
            needed = sum(one.default is one.empty for one in plain)
            members[method] = Call(
                tuple(one.name for one in plain), needed, len(plain) < len(parameters), facts.since
            )
        for attribute in dir(kind):
            if not attribute.startswith("_") and isinstance(
                inspect.getattr_static(kind, attribute), property
            ):
                members[attribute] = None
        found[name] = members
    return found


API = protocols(HOST / "resolve_api.pyi")
HANDLES = [name for name in API if name in played()]


def test_every_class_is_played() -> None:
    dicts = {"ClipInfo", "ImportInfo", "TakeInfo", "MarkerInfo"}
    assert set(API) - dicts - {"Marked", "Colored"} == set(HANDLES)


@pytest.mark.parametrize("name", HANDLES)
def test_the_fake_has_these_calls_and_no_others(name: str) -> None:
    promised = dict(API[name])
    if name == "Resolve":  # constants come off the live object
        constants = {member for member in promised if member.startswith("EXPORT_")}
        promised = {member: call for member, call in promised.items() if member not in constants}
        from fakes.resolve.application import CONSTANTS

        assert constants <= set(CONSTANTS)
    assert played()[name] == promised


def sources() -> Iterator[Path]:
    yield from sorted(path for path in HOST.rglob("*.py"))


def calls(path: Path) -> Iterator[tuple[int, str, ast.Call]]:
    """(line, name, call) of every method call whose name begins with a capital, as all of Resolve's do; not
    those of modules (`tempfile.TemporaryDirectory`).
    """
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    modules = {
        alias.asname or alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names
    }
    for node in nodes:
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr[0].isupper()
        ):
            owner = node.func.value
            while isinstance(owner, ast.Attribute):
                owner = owner.value
            if not (isinstance(owner, ast.Name) and owner.id in modules):
                yield node.lineno, node.func.attr, node


def test_host_code_calls_only_what_is_in_it() -> None:
    from fakes.resolve import ui, uielements

    windows = {
        *uielements.ELEMENTS,
        *(name for kind in (ui.Window, ui.Dispatcher, ui.Bmd, uielements.Element) for name in dir(kind)),
    }
    wrong = []
    for path in sources():
        for line, name, call in calls(path):
            where = f"{path.relative_to(ROOT)}:{line} {name}"
            known = [one for one in (members.get(name) for members in API.values()) if one is not None]
            count = len(call.args)
            has_star = any(isinstance(one, ast.Starred) for one in call.args)
            if not known:
                if name not in windows:
                    wrong.append(f"{where}: not in resolve_api.pyi")
            elif call.keywords:
                wrong.append(f"{where}: arguments by name")
            elif not has_star and not any(
                one.needed <= count and (one.takes_more or count <= len(one.parameters)) for one in known
            ):
                wrong.append(f"{where}: {count} arguments")
    assert wrong == []


def test_host_code_never_asks_hasattr() -> None:
    """[M] it is True for every name on every object of Resolve's."""
    wrong = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in sources()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "hasattr"
    ]
    assert wrong == []


def test_what_came_later_is_asked_for_first() -> None:
    """A method that is not in 19.1 is None there: a module that calls one asks for it (`can`)."""
    later = {
        name
        for members in API.values()
        for name, call in members.items()
        if call is not None and call.since > (19, 1)
    }
    early = {
        name
        for members in API.values()
        for name, call in members.items()
        if call is not None and call.since == (19, 1)
    }
    wrong = []
    for path in sources():
        text = path.read_text(encoding="utf-8")
        for line, name, _ in calls(path):
            if name in later - early and f'"{name}"' not in text:
                wrong.append(f"{path.relative_to(ROOT)}:{line} {name}")
    assert wrong == []


STUBS = "fusionscript-stubs"
LATER_THAN_THE_STUBS = {
    "Timeline.GetSelectedClips",
    "TimelineItem.GetSpeed",
    "TimelineItem.SetSpeed",
    "TimelineItem.GetType",
    "MediaPoolItem.GetTranscription",
    "Resolve.GetCurrentProject",
    "Resolve.GetCurrentTimeline",
    "Resolve.GetMediaPool",
}
"""Of 21.0.4 and 21.1; the stubs follow a README of May 2026 (21.0.0)."""


def stub_file() -> Path:
    for folder in sys.path:
        path = Path(folder) / STUBS / "fusionscript.pyi"
        if path.is_file():
            return path
    pytest.skip(f"{STUBS} is not installed: no second opinion on the API")


def test_the_stubs_of_pypi_agree() -> None:
    """Every call is in the stubs, in one of its forms with as many parameters, but for what came later. The
    stubs make obligatory what may be left out (`item.GetStart()` is right): only the number is compared.
    """
    text = stub_file().read_text(encoding="utf-8")
    second = {
        (kind.name, one.name): {
            len(other.args.args) - 1
            for other in kind.body
            if isinstance(other, ast.FunctionDef) and other.name == one.name
        }
        for kind in ast.parse(text).body
        if isinstance(kind, ast.ClassDef)
        for one in kind.body
        if isinstance(one, ast.FunctionDef)
    }
    missing, different = set(), set()
    for name in set(API) - {"Fusion", "FusionComp", "FusionTool", "Marked", "Colored"}:  # empty in the stubs
        for method, call in API[name].items():
            if call is not None and (name, method) not in second:
                missing.add(f"{name}.{method}")
            elif call is not None and len(call.parameters) not in second[name, method]:
                different.add(f"{name}.{method}")
    assert missing == LATER_THAN_THE_STUBS
    assert different == set()


def test_the_stub_of_resolve_is_the_one_that_is_meant() -> None:
    """The fake's root is the Protocol's root: `resolve` of a script."""
    assert importlib.util.find_spec("fakes.resolve") is not None
    assert {"GetProjectManager", "GetProductName"} <= set(Resolve.api_methods())
