# SPDX-License-Identifier: Apache-2.0
"""The small scripts that a host runs: made to find their package, and known again by their last line."""

from __future__ import annotations

import ast
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Marker", "baked", "hosts_folder_of", "marker_of", "sealed"]

_BAKED_LINE = re.compile(rb"^PLOSIVE_HOSTS = .*$", re.MULTILINE)
_SEAL = re.compile(rb"^# plosive install (\S+), sha256 ([0-9a-f]{64})\n\Z", re.MULTILINE)


@dataclass(frozen=True)
class Marker:
    """The last line of a file that `plosive install` wrote; `is_intact`: nobody changed the file since."""

    version: str
    is_intact: bool


def baked(source: bytes, hosts_folder: Path) -> bytes:
    """`source` with the folder of its packages in its line PLOSIVE_HOSTS; without such a line as it is.

    The folder is written in ASCII, so that it is the same in any encoding the host reads files with. Raises
    ValueError where there are two such lines.
    """
    found = len(_BAKED_LINE.findall(source))
    if found > 1:
        raise ValueError("two lines PLOSIVE_HOSTS")
    line = b"PLOSIVE_HOSTS = " + ascii(str(hosts_folder)).encode("ascii")
    return _BAKED_LINE.sub(lambda _: line, source)


def sealed(source: bytes, version: str) -> bytes:
    """`source` with a last line that tells the version and what the rest was."""
    body = source if source.endswith(b"\n") else source + b"\n"
    digest = hashlib.sha256(body).hexdigest()
    return body + f"# plosive install {version}, sha256 {digest}\n".encode("ascii")


def marker_of(content: bytes) -> Marker | None:
    """None: `plosive install` did not write this."""
    found = _SEAL.search(content.replace(b"\r\n", b"\n"))
    if found is None:
        return None
    body = content.replace(b"\r\n", b"\n")[: found.start()]
    is_intact = hashlib.sha256(body).hexdigest().encode("ascii") == found[2]
    return Marker(found[1].decode("ascii", "replace"), is_intact)


def hosts_folder_of(content: bytes) -> Path | None:
    """The folder that a written file names; None: none."""
    found = _BAKED_LINE.search(content)
    if found is None:
        return None
    try:
        told = ast.literal_eval(found[0].partition(b"=")[2].strip().decode("ascii"))
    except (SyntaxError, ValueError):
        return None
    return Path(told) if isinstance(told, str) else None
