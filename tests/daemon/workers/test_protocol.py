# SPDX-License-Identifier: Apache-2.0
"""What is said comes through; what makes no sense is refused."""

from __future__ import annotations

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plosive_daemon.workers import protocol
from plosive_daemon.workers.protocol import (
    MOST_LINE_BYTES,
    Cancel,
    Done,
    Failed,
    Hello,
    Message,
    ProgressTold,
    ProtocolError,
    Ready,
    Start,
    WarningTold,
    Writes,
    decoded,
    encoded,
    read_line,
)

MESSAGES: list[Message] = [
    Start("1", "sync", {"request": "aGk=", "deep": {"a": [1, 2.5, None, "\u2028ü"]}}),
    Cancel("1"),
    Hello(42),
    Ready(1 << 40),
    ProgressTold("1", "render", 3, 9, 1.5, 4.0, "/somewhere/preview.jpg"),
    ProgressTold("1", "2/3 render", 3, 9, reel={"render": 2, "shot_name": "sh020"}),
    Writes("1", ["/out"]),
    WarningTold("1", "Zwei Zeilen\nin einer."),
    Done("1", {"out_path": "/out/a.mov"}, 5),
    Failed("1", "MEDIA_READ", "It cannot be read.", "sync.clip", True, 7),
]


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: type(message).__name__)
def test_every_message_is_one_line_and_comes_back(message: Message) -> None:
    line = encoded(message)
    assert line.endswith(b"\n") and line.count(b"\n") == 1
    assert decoded(line) == message


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"\n",
        b"no json\n",
        b"[]\n",
        b"[" * 100_000 + b"\n",
        b'{"say":"hello","pid":1}\n',
        b'{"v":2,"say":"hello","pid":1}\n',
        b'{"v":1,"say":"goodbye"}\n',
        b'{"v":1,"say":["hello"],"pid":1}\n',
        b'{"v":1,"say":"hello"}\n',
        b'{"v":1,"say":"hello","pid":true}\n',
        b'{"v":1,"say":"hello","pid":"1"}\n',
        b'{"v":1,"say":"hello","pid":1,"more":1}\n',
        b'{"v":1,"say":"done","id":"1","result":[]}\n',
    ],
)
def test_nonsense_is_refused(line: bytes) -> None:
    with pytest.raises(ProtocolError):
        decoded(line)


@given(st.binary(max_size=200))
def test_no_bytes_do_more_than_be_refused(data: bytes) -> None:
    try:
        decoded(data)
    except ProtocolError:
        return


@given(st.sampled_from(MESSAGES), st.integers(0, 10_000), st.integers(0, 255))
def test_a_changed_byte_is_refused_or_makes_a_message(message: Message, place: int, byte: int) -> None:
    line = bytearray(encoded(message))
    line[place % len(line)] = byte
    try:
        assert encoded(decoded(bytes(line))).endswith(b"\n")
    except ProtocolError:
        return


def test_lines_have_a_greatest_length(monkeypatch: pytest.MonkeyPatch) -> None:
    assert MOST_LINE_BYTES == 64 << 20
    monkeypatch.setattr(protocol, "MOST_LINE_BYTES", 1_000)
    with pytest.raises(ProtocolError, match="1000"):
        encoded(Done("1", {"text": "x" * 1_000}))
    with pytest.raises(ProtocolError, match="more than"):
        read_line(io.BytesIO(b"x" * 2_000))
    with pytest.raises(ProtocolError, match="within a line"):
        read_line(io.BytesIO(b"cut"))
    assert read_line(io.BytesIO(b"")) == b""


def test_what_is_no_json_is_not_said() -> None:
    for value in (float("nan"), object(), b"bytes"):
        with pytest.raises(ProtocolError):
            encoded(Done("1", {"value": value}))


def test_the_page_at_the_top_names_every_message_and_field() -> None:
    page = str(protocol.__doc__)
    for message in MESSAGES:
        told = json.loads(encoded(message))
        assert f"\n    {told.pop('say')} " in page
        assert all(name in page for name in told)
