# SPDX-License-Identifier: Apache-2.0
"""The figures of one measured job."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["MeasuredJob"]


@dataclass(frozen=True)
class MeasuredJob:
    """One job and its floor: the same frames decoded and encoded, and nothing else, in the same process.

    `wall_seconds` and `cpu_seconds` (all cores) are the whole job; what `stage_seconds` leaves of it is
    opening, closing and saving. `decode_*` is decoding alone, `floor_*` decoding and encoding. `peak_bytes`
    is measured after the job and before the floor; None where the system does not tell.
    """

    plate: Path
    width: int
    height: int
    frames: int
    frames_synced: int
    wall_seconds: float
    cpu_seconds: float
    stage_seconds: dict[str, float]
    decode_seconds: float
    decode_cpu_seconds: float
    floor_seconds: float
    floor_cpu_seconds: float
    peak_bytes: int | None

    @classmethod
    def from_facts(cls, facts: dict[str, Any]) -> MeasuredJob:
        """Read back what the measuring process printed."""
        return cls(**{**facts, "plate": Path(facts["plate"])})

    @property
    def ratio_to_floor(self) -> float:
        """How many times longer than the floor the job took; 1 cannot be beaten."""
        return self.wall_seconds / self.floor_seconds

    @property
    def frames_per_second(self) -> float:
        return self.frames / self.wall_seconds

    @property
    def frames_per_second_without_encoder(self) -> float:
        """Speed with the encoder's own time taken out: what Plosive itself is answerable for.

        The encoder runs beside the other stages, so its time is its share of the job's CPU time:
        what the floor used beyond decoding.
        """
        encoder_cpu = max(0.0, self.floor_cpu_seconds - self.decode_cpu_seconds)
        return self.frames_per_second / max(0.01, 1.0 - encoder_cpu / self.cpu_seconds)

    def milliseconds_per_frame(self, seconds: float) -> float:
        return seconds * 1000.0 / self.frames
