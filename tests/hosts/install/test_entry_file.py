# SPDX-License-Identifier: Apache-2.0
"""What is written into entry files, and how they are known again."""

from __future__ import annotations

from pathlib import Path

import pytest

from plosive_install.entry_file import Marker, baked, hosts_folder_of, marker_of, sealed


@pytest.mark.parametrize(
    "folder",
    ["/plain", "/with space", '/it\'s "quoted"', "C:\\Users\\new", "/日本/\U0001f600", "/a{b}%s\\1\\g<0>"],
)
def test_a_folder_comes_through(folder: str) -> None:
    source = b'x = 1\nPLOSIVE_HOSTS = ""\ny = 2\n'
    written = sealed(baked(source, Path(folder)), "0.1.0")
    assert written.isascii()
    assert hosts_folder_of(written) == Path(folder)
    values: dict[str, object] = {}
    exec(compile(written, "entry", "exec"), values)
    assert (values["x"], values["PLOSIVE_HOSTS"], values["y"]) == (1, folder, 2)


def test_a_line_that_was_folded() -> None:
    source = b'# one\nPLOSIVE_HOSTS = (\n    ""  # why\n)\ny = 2\n'
    assert baked(source, Path("/a")) == b"# one\nPLOSIVE_HOSTS = '/a'\ny = 2\n"


def test_sources_without_such_a_line_and_with_two() -> None:
    assert baked(b"x = 1\n", Path("/a")) == b"x = 1\n"
    assert hosts_folder_of(b"x = 1\n") is None
    assert hosts_folder_of(b'PLOSIVE_HOSTS = ""\n') is None
    assert hosts_folder_of(b"broken(") is None
    with pytest.raises(ValueError, match="twice"):
        baked(b'PLOSIVE_HOSTS = ""\nPLOSIVE_HOSTS = ""\n', Path("/a"))


def test_a_seal_tells_version_and_change() -> None:
    written = sealed(b"x = 1", "0.1.0")
    assert marker_of(written) == Marker("0.1.0", True)
    assert marker_of(written.replace(b"\n", b"\r\n")) == Marker("0.1.0", True)
    assert marker_of(written.replace(b"1", b"2", 1)) == Marker("0.1.0", False)
    assert marker_of(written + b"y = 1\n") == Marker("0.1.0", False)
    assert marker_of(b"x = 1\n") is None
