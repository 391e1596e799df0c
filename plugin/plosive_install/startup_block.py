# SPDX-License-Identifier: Apache-2.0
"""The one block that Plosive keeps in a user's init.py; every other byte of the file stays as it is."""

from __future__ import annotations

import ast
import re
import warnings
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Block", "block_of", "is_torn", "with_block", "without_block", "wrong_line"]

_FIRST = re.compile(rb"^# >>> plosive install (\S+) >>>([^\r\n]*)\r?\n", re.MULTILINE)
_LAST = re.compile(rb"^# <<< plosive install <<<(?:\r?\n|\Z)", re.MULTILINE)
_FOLDER = re.compile(rb"pluginAddPath\((.*)\)\r?$", re.MULTILINE)
_MADE_THE_FILE = b" made this file"
_ENDED_THE_LINE = b" ended the line above"
_TEXT = """\
# >>> plosive install {version} >>>{flag}
# Written by `plosive install nuke`; `plosive install nuke --uninstall` takes it out again.
try:
    import nuke as _plosive_nuke
    _plosive_nuke.pluginAddPath({folder})
except Exception as _plosive_error:  # it must not keep Nuke from starting
    print("Plosive was not loaded (%s); run: plosive doctor nuke" % (_plosive_error,))
# <<< plosive install <<<
"""


@dataclass(frozen=True)
class Block:
    """Bytes start to end (exclusive) of a file; `hosts_folder` is what it adds to Nuke's plug-in path."""

    start: int
    end: int
    version: str
    hosts_folder: Path | None
    made_the_file: bool
    ended_the_line: bool


def block_of(content: bytes) -> Block | None:
    """The first whole block; None: there is none."""
    first = _FIRST.search(content)
    last = _LAST.search(content, first.end()) if first else None
    if first is None or last is None:
        return None
    return Block(
        first.start(),
        last.end(),
        first[1].decode("ascii", "replace"),
        _folder(content[first.end() : last.start()]),
        first[2] == _MADE_THE_FILE,
        first[2] == _ENDED_THE_LINE,
    )


def is_torn(content: bytes) -> bool:
    """Whether a block lost its beginning or its end, so that nobody can say what is ours."""
    while (block := block_of(content)) is not None:
        if len(_FIRST.findall(content[block.start : block.end])) != 1:
            return True
        content = content[: block.start] + content[block.end :]
    return bool(_FIRST.search(content) or _LAST.search(content))


def with_block(content: bytes | None, hosts_folder: Path, version: str) -> bytes:
    """`content` (None: no file yet) with the block: where it was, else at the end; of several one stays."""
    old = block_of(content) if content is not None else None
    if content is None:
        flag, before, after, joint = _MADE_THE_FILE, b"", b"", b""
    elif old is not None:
        flag = _MADE_THE_FILE if old.made_the_file else _ENDED_THE_LINE if old.ended_the_line else b""
        before, after, joint = content[: old.start], without_block(content[old.end :]), b""
    else:
        is_open = bool(content) and not content.endswith(b"\n")
        joint = b"" if not is_open else b"\r\n" if content.endswith(b"\r") else _line_end(content)
        flag, before, after = _ENDED_THE_LINE if is_open else b"", content, b""
    text = _TEXT.format(version=version, flag=flag.decode("ascii"), folder=ascii(hosts_folder.as_posix()))
    return before + joint + text.encode("ascii").replace(b"\n", _line_end(before)) + after


def without_block(content: bytes) -> bytes:
    """`content` as it was before its block came; of several none stays."""
    while (block := block_of(content)) is not None:
        before, after = content[: block.start], content[block.end :]
        if block.ended_the_line and not after:  # what the user wrote below needs the line's end by now
            before = before[:-2] if before.endswith(b"\r\n") else before[:-1]
        content = before + after
    return content


def wrong_line(content: bytes, path: Path) -> str:
    """Why Python cannot run `content`, with the line; empty: it can."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(content, str(path), "exec", dont_inherit=True)
    except SyntaxError as error:
        return f"line {error.lineno}: {error.msg}" if error.lineno else str(error.msg)
    except (ValueError, RecursionError, MemoryError) as error:
        return str(error)
    return ""


def _folder(text: bytes) -> Path | None:
    found = _FOLDER.search(text)
    if found is None:
        return None
    try:
        told = ast.literal_eval(found[1].decode("ascii"))
    except (SyntaxError, ValueError):
        return None
    return Path(told) if isinstance(told, str) else None


def _line_end(content: bytes) -> bytes:
    return b"\r\n" if b"\r\n" in content else b"\n"
