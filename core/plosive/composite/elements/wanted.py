# SPDX-License-Identifier: Apache-2.0
"""What elements are made of: the plate they belong to, and what made them."""

from __future__ import annotations

from dataclasses import dataclass

from plosive.colour.coding import Coded, SceneLinear
from plosive.colour.transfer import Transfer
from plosive.media.plate import PlateInfo, PlateKind

__all__ = ["ElementsPlate", "Made", "describe_light"]

_LIGHT = {
    Transfer.BT1886: "R'G'B' decoded with gamma 2.4 (BT.1886), white 1.0",
    Transfer.SRGB: "R'G'B' decoded as sRGB, white 1.0",
    Transfer.PQ: "R'G'B' decoded as PQ (SMPTE ST 2084), 1.0 = 100 cd/m2",
    Transfer.HLG: "R'G'B' decoded as HLG to scene light (BT.2100), 1.0 = the signal's peak",
    Transfer.SCENE: "the plate file's own values",
}


@dataclass(frozen=True)
class ElementsPlate:
    """A plate as its elements need to know it. `files` is what Nuke should read: a file, or a pattern with
    `%04d`. `first_number` is the frame number of elements of the plate's first frame. `chromaticities` are
    CIE xy of red, green, blue, white where the files do not say themselves. Of a part of a plate,
    `before_frames` frames of its file come before it, and only the frames `made` (indices) have elements.
    """

    info: PlateInfo
    files: str
    first_number: int
    chromaticities: tuple[float, ...] | None = None
    before_frames: int = 0
    made: range | None = None

    @property
    def first_made_number(self) -> int:
        """Of the first frame that has elements."""
        return self.number(0 if self.made is None else self.made[0])

    @property
    def last_made_number_inclusive(self) -> int:
        """Of the last frame that has elements."""
        return self.number(self.info.frame_count - 1 if self.made is None else self.made[-1])

    @property
    def is_movie(self) -> bool:
        return self.info.kind is PlateKind.VIDEO

    def number(self, index: int) -> int:
        """The number of plate frame `index`."""
        return self.first_number + index


@dataclass(frozen=True)
class Made:
    """Who made the elements, from what: `dubs` are file names, without folders."""

    version: str
    generator: str
    seed: int
    dubs: tuple[str, ...] = ()


def describe_light(info: PlateInfo) -> str:
    """One line on the light the layers hold."""
    colour = info.colour
    if colour is None or isinstance(colour.coding, Coded):
        return f"linear light in the plate's own primaries: {_LIGHT[info.transfer]}"
    if isinstance(colour.coding, SceneLinear):
        return f"the plate file's own values: {colour.space}"
    if colour.coding.mixes_channels:
        return f"scene_linear of the OCIO config, from {colour.space}"
    return f"scene-linear light of {colour.space}, in its own primaries"
