# SPDX-License-Identifier: Apache-2.0
"""What nodes say of their pictures: format and range."""

from __future__ import annotations

__all__ = ["Format", "FrameRange"]


class Format:
    def __init__(self, width: int, height: int) -> None:
        self._width, self._height = width, height

    def width(self) -> int:
        return self._width

    def height(self) -> int:
        return self._height


class FrameRange:
    def __init__(self, first: int, last: int) -> None:
        self._first, self._last = first, last

    def first(self) -> int:
        return self._first

    def last(self) -> int:
        return self._last

    def frames(self) -> int:
        return self._last - self._first + 1
