# SPDX-License-Identifier: Apache-2.0
"""What there is to work on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["Device", "devices_in", "served_devices"]


@dataclass(frozen=True)
class Device:
    """`name` is cpu or cuda:N, `label` as people know it; 0 bytes: not known."""

    name: str
    label: str = ""
    memory_bytes: int = 0
    free_memory_bytes: int = 0


def devices_in(result: dict[str, Any]) -> tuple[Device, ...]:
    """What a worker answered to `devices`."""
    return tuple(
        Device(
            str(told["name"]), str(told["label"]), int(told["memory_bytes"]), int(told["free_memory_bytes"])
        )
        for told in result["devices"]
    )


def served_devices(wished: Sequence[str], found: Sequence[Device]) -> dict[str, bool]:
    """The devices that get a worker: those wished for, else all that were found. The value says whether it
    takes jobs that name no device: beside a GPU the processor does not.
    """
    names = list(dict.fromkeys(wished or [device.name for device in found] or ["cpu"]))
    has_gpu = any(name.startswith("cuda") for name in names)
    return {name: name.startswith("cuda") or not has_gpu for name in names}
