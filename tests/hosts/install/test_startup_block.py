# SPDX-License-Identifier: Apache-2.0
"""The block in a user's init.py: every other byte stays, whatever the file holds."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plosive_install.startup_block import block_of, is_torn, with_block, without_block, wrong_line

FOLDER = Path('/data/Jo\'s "new" 日本 \U0001f600/hosts/0.1.0-abc')
_LINES = st.sampled_from(
    [b"", b"import nuke", b"x = 'a'", b"# \xe9", b'"""', b"\xef\xbb\xbf", b"\t", b"# <<<", b"# >>> plosive"]
)
_ENDS = st.sampled_from([b"\n", b"\r\n", b"\r", b""])
_FILES = st.one_of(
    st.binary(max_size=60), st.lists(st.tuples(_LINES, _ENDS)).map(lambda p: b"".join(a + b for a, b in p))
)


@given(_FILES)
def test_every_other_byte_comes_back(content: bytes) -> None:
    once = with_block(content, FOLDER, "0.1.0")
    assert once.startswith(content)
    assert without_block(once) == content
    block = block_of(once)
    assert block is not None and block.hosts_folder == FOLDER and block.version == "0.1.0"
    assert not is_torn(once)


@given(_FILES, st.binary(max_size=30))
def test_an_update_changes_the_block_only(content: bytes, below: bytes) -> None:
    old = with_block(content, FOLDER, "0.0.9") + below
    new = with_block(old, Path("/other"), "0.1.0")
    block = block_of(new)
    assert block is not None and (block.version, block.hosts_folder) == ("0.1.0", Path("/other"))
    assert with_block(new, Path("/other"), "0.1.0") == new
    assert without_block(new) == without_block(old)


def test_what_was_written_below_is_not_joined_to_the_line_above() -> None:
    content = with_block(b"x = 1", FOLDER, "1") + b"y = 2\n"
    assert without_block(content) == b"x = 1\ny = 2\n"


def test_the_files_own_line_ends() -> None:
    assert b"\r\n" not in with_block(b"a = 1\n", FOLDER, "1")
    assert b"\n" not in with_block(b"a = 1\r\n", FOLDER, "1").replace(b"\r\n", b"")


def test_a_block_that_was_torn_is_seen() -> None:
    whole = with_block(b"a = 1\n", FOLDER, "1")
    lines = whole.splitlines(keepends=True)
    assert is_torn(b"".join(lines[:-1]))
    assert is_torn(b"".join(lines[:1] + lines[2:]))
    assert is_torn(b"".join(lines[:-1]) + whole)
    assert not is_torn(whole + whole)


def test_one_of_several_blocks_stays() -> None:
    twice = with_block(b"a = 1\n", FOLDER, "1") * 2
    once = with_block(twice, FOLDER, "2")
    assert without_block(once) == b"a = 1\na = 1\n"
    assert once.count(b"pluginAddPath") == 1


def test_what_nuke_runs(tmp_path: Path) -> None:
    (tmp_path / "nuke.py").write_text(
        "import sys\npaths = []\ndef pluginAddPath(path):\n    print(ascii(path))\n", encoding="utf-8"
    )
    startup = tmp_path / "init.py"
    startup.write_bytes(
        with_block(b"# coding: latin-1\nname = '\xe9'", FOLDER, "1") + b"print(sorted(vars()))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", f"import runpy; runpy.run_path({str(startup)!r})"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    path, names = done.stdout.splitlines()
    assert path == ascii(str(FOLDER))
    assert "_plosive_error" not in names and "'name'" in names


def test_a_nuke_that_refuses_starts_all_the_same(tmp_path: Path) -> None:
    startup = tmp_path / "init.py"
    startup.write_bytes(with_block(None, FOLDER, "1") + b"print('goes on')\n")
    done = subprocess.run([sys.executable, "-I", str(startup)], capture_output=True, text=True, check=True)
    assert "Plosive was not loaded (No module named 'nuke'); run: plosive doctor nuke" in done.stdout
    assert done.stdout.endswith("goes on\n")


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"x = 1\nif x\n", "line 2"),
        (b"x = 1\n\\", "line 2"),
        (b"'''open\n", "line 1"),
        (b"a\x00b", "null"),
        (b"\xff\xfex\x00", ""),
    ],
)
def test_a_file_at_which_nuke_stops_is_told(content: bytes, line: str) -> None:
    wrong = wrong_line(content, Path("init.py"))
    assert wrong and line in wrong


def test_a_file_that_runs_is_not_called_wrong() -> None:
    assert wrong_line(b"# coding: latin-1\nname = '\xe9\\d'\n", Path("init.py")) == ""
