# SPDX-License-Identifier: Apache-2.0
"""What a generator says of itself: enough to list it, to choose it, and to hold it to its word."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from plosive.generate.weights import Weights
from plosive.licence import Licence

__all__ = ["PROTOCOL_VERSION", "GeneratorFacts", "Need"]

PROTOCOL_VERSION = 1
"""Of `plosive.generate.protocol`; it grows when a generator written for it would no longer work."""


class Need(Enum):
    """What a generator uses beside track, wish and frame; `Shot` holds nothing that it does not name."""

    SOURCES = "sources"
    """Pictures of the actor's mouth; without this need, faces that have none are synced, too."""
    DUB = "dub"
    """The sound that is said."""
    FRAMES = "frames"
    """Other frames of the plate than the one to be rendered."""


@dataclass(frozen=True)
class GeneratorFacts:
    """One generator.

    `name` is what the artist types after --generator: lower-case letters, digits and dashes. Write
    `protocol_version` as the number it was written for, not as a constant that grows with Plosive.
    `licence` is that of the code; `weights` bring their own. `devices` it can run on, the best first:
    `cpu`, `cuda`. `is_any_order`: rows may be rendered in any order and several at once; otherwise they come
    one by one, rising. `context_frames` is how far before and after a frame it looks into others
    (Need.FRAMES). `face_pixels` is how wide a face it draws at most, None for any width; a wider one comes
    out soft. `device_tolerance` is the largest difference between the same picture made on two devices, in
    working values; on one device there may be none.
    """

    name: str
    version: str
    protocol_version: int
    licence: Licence
    weights: tuple[Weights, ...] = ()
    needs: frozenset[Need] = frozenset({Need.SOURCES})
    devices: tuple[str, ...] = ("cpu",)
    is_any_order: bool = True
    context_frames: int = 0
    face_pixels: int | None = None
    device_tolerance: float = 0.0

    @property
    def licences(self) -> tuple[tuple[str, Licence], ...]:
        """(what for, licence) of the code and of every file of weights."""
        return ("code", self.licence), *((weights.file_name, weights.licence) for weights in self.weights)

    def plain(self) -> dict[str, object]:
        """For JSON."""
        return {
            "name": self.name,
            "version": self.version,
            "protocol_version": self.protocol_version,
            "licences": [
                {"of": of, "name": licence.name, "is_commercial": licence.is_commercial}
                for of, licence in self.licences
            ],
            "weights": [
                {"file_name": weights.file_name, "sha256": weights.sha256, "home": weights.home}
                for weights in self.weights
            ],
            "needs": sorted(need.value for need in self.needs),
            "devices": list(self.devices),
            "is_any_order": self.is_any_order,
            "context_frames": self.context_frames,
            "face_pixels": self.face_pixels,
            "device_tolerance": self.device_tolerance,
        }
