# SPDX-License-Identifier: Apache-2.0
"""docs/hosts.md tells of all that the doctor can find."""

from __future__ import annotations

import ast
from pathlib import Path

import plosive_install.doctor


def test_every_name_is_in_the_table(repository: Path) -> None:
    told = (repository / "docs" / "hosts.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1] for line in told.splitlines() if line.startswith("| `")]
    names = {
        node.args[0].value
        for path in Path(str(plosive_install.doctor.__file__)).parent.glob("*_checks.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "problem"
        and isinstance(node.args[0], ast.Constant)
    }
    assert len(names) > 10
    assert {name for name in names if not any(f"`{name}`" in row for row in rows)} == set()
