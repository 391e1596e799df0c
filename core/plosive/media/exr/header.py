# SPDX-License-Identifier: Apache-2.0
"""Headers of OpenEXR files, attribute by attribute (openexr.com, "OpenEXR File Layout")."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass

from plosive.errors import MediaReadError, NotPatchableError
from plosive.media.exr.tiling import TileGrid

__all__ = ["SAMPLE_BYTES", "Attribute", "Channel", "HeaderReader", "Window"]

SAMPLE_BYTES = {0: 4, 1: 2, 2: 4}
"""Bytes of one sample by the format's number of its type: 0 uint, 1 half, 2 float."""

_NAME_BYTES, _LONG_NAME_BYTES = 31, 255
_MOST_ATTRIBUTES = 1 << 16  # in all parts together: each costs far more memory than bytes in the file
_MOST_CHANNELS = 1 << 14
_LARGEST_SIDE = 1 << 30


@dataclass(frozen=True)
class Attribute:
    """One attribute: `kind` is its type's name, `value` its bytes, `offset` where these lie in the file."""

    name: str
    kind: str
    value: bytes
    offset: int


@dataclass(frozen=True)
class Channel:
    """One channel. `kind` is 0 (uint), 1 (half) or 2 (float); only pixels whose x and y are whole multiples
    of `x_sampling` and `y_sampling` have a sample.
    """

    name: str
    kind: int
    x_sampling: int = 1
    y_sampling: int = 1

    @property
    def sample_bytes(self) -> int:
        return SAMPLE_BYTES[self.kind]

    @property
    def is_subsampled(self) -> bool:
        return self.x_sampling != 1 or self.y_sampling != 1


@dataclass(frozen=True)
class Window:
    """A rectangle of pixels in the file's coordinates, which may be negative; ends are exclusive."""

    left: int
    top: int
    right_exclusive: int
    bottom_exclusive: int

    @property
    def width(self) -> int:
        return self.right_exclusive - self.left

    @property
    def height(self) -> int:
        return self.bottom_exclusive - self.top


class HeaderReader:
    """Reads the headers of `data`, the bytes of a whole file called `name`. Nothing in it is believed."""

    def __init__(self, data: bytes, name: str, first: int, has_long_names: bool) -> None:
        self._data = data
        self._name = name
        self._at = first
        self._name_bytes = _LONG_NAME_BYTES if has_long_names else _NAME_BYTES
        self._attributes_left = _MOST_ATTRIBUTES

    @property
    def position(self) -> int:
        """Where the next byte is read."""
        return self._at

    def damaged(self, what: str) -> MediaReadError:
        return MediaReadError(f"{self._name} is damaged ({what}); copy or render it again.")

    def unusual(self, what: str) -> NotPatchableError:
        return NotPatchableError(f"{self._name} {what}, so its other bytes could not be kept.")

    def ends(self) -> bool:
        """Whether a zero byte, which ends a header or the list of them, comes next; it is passed over."""
        if self._data[self._at : self._at + 1] != b"\0":
            return False
        self._at += 1
        return True

    def attributes(self) -> dict[str, Attribute]:
        """One header by the names of its attributes, in the file's order."""
        found: dict[str, Attribute] = {}
        while not self.ends():
            self._attributes_left -= 1
            if self._attributes_left < 0:
                raise self.unusual(f"has more than {_MOST_ATTRIBUTES} attributes")
            name, kind = self._text(), self._text()
            (size,) = struct.unpack("<i", self._bytes(4))
            if size < 0:
                raise self.damaged("an attribute of negative size")
            if name in found:
                raise self.unusual(f"says {name} twice")
            offset = self._at
            found[name] = Attribute(name, kind, self._bytes(size), offset)
        return found

    def channels(self, attributes: Mapping[str, Attribute]) -> tuple[Channel, ...]:
        """The channels in the order in which their samples are stored."""
        value = self._value(attributes, "channels", "chlist")
        found: list[Channel] = []
        at = 0
        while value[at : at + 1] != b"\0":
            end = value.find(b"\0", at, at + _LONG_NAME_BYTES + 1)
            if end < 0 or end + 17 > len(value):
                raise self.damaged("its list of channels is cut short")
            kind, x_sampling, y_sampling = struct.unpack_from("<i4xii", value, end + 1)
            if kind not in SAMPLE_BYTES or x_sampling < 1 or y_sampling < 1:
                raise self.damaged("a channel of no known type")
            found.append(Channel(_decoded(value[at:end]), kind, x_sampling, y_sampling))
            if len(found) > _MOST_CHANNELS:
                raise self.unusual(f"has more than {_MOST_CHANNELS} channels")
            at = end + 17
        if at + 1 != len(value) or not found:
            raise self.damaged("its list of channels has no end")
        if len({channel.name for channel in found}) != len(found):
            raise self.damaged("two channels of one name")
        return tuple(found)

    def window(self, attributes: Mapping[str, Attribute], name: str) -> Window:
        left, top, right, bottom = struct.unpack("<iiii", self._value(attributes, name, "box2i", 16))
        window = Window(left, top, right + 1, bottom + 1)
        if not (1 <= window.width <= _LARGEST_SIDE and 1 <= window.height <= _LARGEST_SIDE):
            raise self.damaged(f"its {name} is empty or too large")
        return window

    def tiles(self, attributes: Mapping[str, Attribute], window: Window) -> TileGrid:
        value = self._value(attributes, "tiles", "tiledesc", 9)
        width, height, mode = struct.unpack("<IIB", value)
        if not (1 <= width <= _LARGEST_SIDE and 1 <= height <= _LARGEST_SIDE) or (mode & 15) > 2 or mode > 31:
            raise self.damaged("its tiles have no size")
        return TileGrid(window.width, window.height, width, height, mode & 15, bool(mode >> 4))

    def byte(self, attributes: Mapping[str, Attribute], name: str, kind: str) -> int:
        return self._value(attributes, name, kind, 1)[0]

    def _value(
        self, attributes: Mapping[str, Attribute], name: str, kind: str, size: int | None = None
    ) -> bytes:
        found = attributes.get(name)
        if found is None or found.kind != kind or (size is not None and len(found.value) != size):
            raise self.damaged(f"its header has no right {name}")
        return found.value

    def _bytes(self, count: int) -> bytes:
        if count > len(self._data) - self._at:
            raise self.damaged("its header is cut short")
        self._at += count
        return self._data[self._at - count : self._at]

    def _text(self) -> str:
        end = self._data.find(b"\0", self._at, self._at + self._name_bytes + 1)
        if end <= self._at:
            raise self.damaged("a name in its header has no end")
        text = _decoded(self._data[self._at : end])
        self._at = end + 1
        return text


def _decoded(name: bytes) -> str:
    """UTF-8 by the standard; whatever else stays recoverable."""
    return name.decode("utf-8", "surrogateescape")
