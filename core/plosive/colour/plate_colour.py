# SPDX-License-Identifier: Apache-2.0
"""What a plate's samples mean, and why that is thought."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from plosive.colour.coding import Coded, SampleCoding, SceneLinear
from plosive.colour.config import BUILT_IN, ColourConfig
from plosive.colour.primaries import named_primaries, rec709_matrix
from plosive.colour.transfer import Transfer
from plosive.errors import OptionError

__all__ = ["ColourChoice", "PlateColour", "StatedColour"]


@dataclass(frozen=True)
class PlateColour:
    """`space` is a colour space's name, or what is assumed in words; `reason` says why, as a sentence.
    `coding` is what samples mean, `to_rec709` (3, 3) the matrix from their light to linear Rec.709 for
    showing them, None to show their primaries as they are.
    """

    space: str
    reason: str
    coding: SampleCoding
    to_rec709: NDArray[np.float64] | None = None

    @classmethod
    def assumed(cls, space: str, reason: str, transfer: Transfer) -> PlateColour:
        """Of a file that names no colour space."""
        is_linear = transfer is Transfer.SCENE
        return cls(space, reason, SceneLinear() if is_linear else Coded(transfer))

    @property
    def transfer(self) -> Transfer:
        """How working values relate to linear light."""
        return self.coding.transfer

    @cached_property
    def key(self) -> str:
        """Different wherever the plate would look different; "" where it is shown as it is coded."""
        if not self.coding.is_scene_referred:
            return ""
        samples = np.linspace(0, 1, 5, dtype=np.float32)[:, None].repeat(3, axis=1)
        light = np.round(self.coding.linear(samples)[:, 0].astype(np.float64), 5)
        matrix = None if self.to_rec709 is None else np.round(self.to_rec709, 5).tolist()
        return (
            "" if matrix is None and isinstance(self.coding, SceneLinear) else repr((light.tolist(), matrix))
        )

    def facts(self) -> dict[str, object]:
        """Ready for JSON."""
        return {
            "space": self.space,
            "reason": self.reason,
            "samples": type(self.coding).__name__,
            "working": self.transfer.value,
        }


@dataclass(frozen=True)
class StatedColour:
    """What a file says itself: `assumed` is taken where nothing tells better, `space` is a colour space it
    names, `chromaticities` CIE xy of red, green, blue and white. `is_float`: its samples are half or float.
    """

    assumed: PlateColour
    is_float: bool = False
    space: str | None = None
    chromaticities: tuple[float, ...] | None = None


@dataclass(frozen=True)
class ColourChoice:
    """What the artist says of a plate's colour: a colour space (name, alias or role), and an OCIO config.

    Without a config it is the one `OCIO` names, else OpenImageIO's built-in ACES config.
    """

    space: str | None = None
    config: str | None = None

    def open_config(self) -> ColourConfig:
        """The config. Raises OptionError for a broken one."""
        return ColourConfig(self.config or os.environ.get("OCIO") or BUILT_IN)

    def colour_of(self, path: Path, stated: StatedColour) -> PlateColour:
        """What the samples of the plate at `path` mean: as told, else by a file rule of the artist's config,
        else as the file says, else as assumed. Raises OptionError for an unknown name or a broken config.
        """
        if self.space is not None:
            config = self.open_config()
            return _known(config, config.find(self.space), "as told by --colorspace")
        if self.config or os.environ.get("OCIO"):
            config = self.open_config()
            ruled = config.of_file(path)
            if ruled is not None:
                return _known(config, ruled, f"a file rule of {config.label}")
            said = _as_stated(stated, config)
            if said is not None:
                return said
            if stated.is_float and config.scene_linear is not None:
                reason = f"float samples without a colour space: scene_linear of {config.label}"
                return _known(config, config.scene_linear, reason)
            return stated.assumed
        return _as_stated(stated, None) or stated.assumed


def _known(config: ColourConfig, name: str, reason: str) -> PlateColour:
    space = config.space(name)
    return PlateColour(space.name, reason, space.coding, space.to_rec709)


def _as_stated(stated: StatedColour, config: ColourConfig | None) -> PlateColour | None:
    """The colour that the file itself tells of, or None."""
    if stated.chromaticities is not None and stated.is_float:
        return _of_chromaticities(stated.chromaticities, stated.assumed)
    if stated.space is not None:
        config = config or ColourConfig()
        try:
            return _known(config, config.find(stated.space), "as the file says")
        except OptionError:
            return None  # what a program wrote into a file is no option of the artist's
    return None


def _of_chromaticities(chromaticities: Sequence[float], assumed: PlateColour) -> PlateColour | None:
    matrix = rec709_matrix(chromaticities)
    if matrix is None:
        return None
    name = named_primaries(chromaticities)
    return PlateColour(
        f"scene-linear, primaries of {name}" if name else "scene-linear, primaries of the file's own",
        "the file's chromaticities",
        assumed.coding,
        None if name == "Rec.709" else matrix,
    )
