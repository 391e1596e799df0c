# SPDX-License-Identifier: Apache-2.0
"""The small scripts that a host runs: made to find their package, and known again by their last line."""

from __future__ import annotations

import ast
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Marker", "baked", "hosts_folder_of", "marker_of", "sealed"]

_SEAL = re.compile(rb"^# plosive install (\S+), sha256 ([0-9a-f]{64})$", re.MULTILINE)


@dataclass(frozen=True)
class Marker:
    """The last line of a file that `plosive install` wrote; `is_intact`: nobody changed the file since."""

    version: str
    is_intact: bool


def baked(source: bytes, hosts_folder: Path) -> bytes:
    """`source` (Python) with the folder of its packages as the value of its PLOSIVE_HOSTS; without such a
    line as it is.

    The folder is written in ASCII, so that it is the same in any encoding the host reads files with. Raises
    ValueError where PLOSIVE_HOSTS is set twice, SyntaxError where the source is none.
    """
    found = _assignments(source)
    if not found:
        return source
    if len(found) > 1:
        raise ValueError("PLOSIVE_HOSTS is set twice")
    first_line, last_line_inclusive = found[0].lineno, found[0].end_lineno or found[0].lineno
    lines = source.splitlines(keepends=True)
    line = b"PLOSIVE_HOSTS = " + ascii(str(hosts_folder)).encode("ascii") + b"\n"
    return b"".join([*lines[: first_line - 1], line, *lines[last_line_inclusive:]])


def sealed(source: bytes, version: str) -> bytes:
    """`source` with a last line that tells the version and what the rest was."""
    body = source if source.endswith(b"\n") else source + b"\n"
    digest = hashlib.sha256(body).hexdigest()
    return body + f"# plosive install {version}, sha256 {digest}\n".encode("ascii")


def marker_of(content: bytes) -> Marker | None:
    """None: `plosive install` did not write this."""
    lines = content.replace(b"\r\n", b"\n")
    found = _SEAL.search(lines)
    if found is None:
        return None
    is_last = found.end() >= len(lines) - 1
    digest = hashlib.sha256(lines[: found.start()]).hexdigest().encode("ascii")
    return Marker(found[1].decode("ascii", "replace"), is_last and digest == found[2])


def hosts_folder_of(content: bytes) -> Path | None:
    """The folder that a written file names; None: none."""
    try:
        found = _assignments(content)
    except (SyntaxError, ValueError):
        return None
    value = found[0].value if found else None
    is_told = isinstance(value, ast.Constant) and isinstance(value.value, str) and value.value
    return Path(str(ast.literal_eval(value))) if is_told and value is not None else None


def _assignments(source: bytes) -> list[ast.Assign]:
    """Of PLOSIVE_HOSTS, at the top of a module."""
    return [
        node
        for node in ast.parse(source).body
        if isinstance(node, ast.Assign)
        and any(isinstance(name, ast.Name) and name.id == "PLOSIVE_HOSTS" for name in node.targets)
    ]
