# SPDX-License-Identifier: Apache-2.0
"""A text file in whatever encoding it came."""

from __future__ import annotations

from pathlib import Path

from plosive.errors import OptionError

__all__ = ["bytes_of", "decoded"]

_MOST_BYTES = 50_000_000  # a transcript of a whole season is smaller; a video taken for one is not


def bytes_of(path: Path) -> bytes:
    """All of the transcript file `path`. Raises `OptionError` where it cannot be read or is far too large."""
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise OptionError(
                f"The transcript {path} is far too large to be one; give a text or subtitle file."
            )
        return path.read_bytes()
    except OSError as error:
        reason = error.strerror or "it cannot be read"
        raise OptionError(f"The transcript {path} cannot be read: {reason}.") from error


def decoded(raw: bytes) -> str:
    """Text of UTF-8 (with a mark or without), UTF-16, or else Windows Latin."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", errors="replace")
    half = raw[:4000]
    if half.count(0) > len(half) / 4:  # UTF-16 without its mark: every other byte of most text is 0
        order = "utf-16-be" if half[::2].count(0) > half[1::2].count(0) else "utf-16-le"
        return raw.decode(order, errors="replace")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")
