# SPDX-License-Identifier: Apache-2.0
"""What can be worked on here.

Payload: nothing. Result: `devices`, each with the fields of Device (info.proto), cpu first; `warnings`.
"""

from __future__ import annotations

import os
import platform
from typing import Any

from plosive_daemon.workers.session import Session

__all__ = ["run"]


def run(payload: dict[str, Any], session: Session) -> dict[str, Any]:
    """Never fails: a GPU that cannot be asked is a warning."""
    del payload, session
    devices = [_cpu()]
    warnings: list[str] = []
    try:
        import torch

        for number in range(torch.cuda.device_count() if torch.cuda.is_available() else 0):
            name = torch.cuda.get_device_name(number)
            try:
                free, total = torch.cuda.mem_get_info(number)
            except RuntimeError as error:
                warnings.append(f"cuda:{number} ({name}) cannot be used: {str(error).splitlines()[0][:200]}")
                continue
            devices.append(_device(f"cuda:{number}", name, total, free))
    except Exception as error:  # whatever a broken build of torch raises
        warnings.append(f"Only the processor can be used: PyTorch does not work here ({error}).")
    return {"devices": devices, "warnings": warnings}


def _device(name: str, label: str, memory_bytes: int, free_bytes: int) -> dict[str, Any]:
    return {
        "name": name,
        "label": label,
        "memory_bytes": int(memory_bytes),
        "free_memory_bytes": int(free_bytes),
    }


def _cpu() -> dict[str, Any]:
    """proc(5), meminfo: kB; 0 where there is none."""
    total = free = 0
    try:
        with open("/proc/meminfo", encoding="ascii") as file:
            told = {line.split(":")[0]: int(line.split()[1]) << 10 for line in file if line.endswith("kB\n")}
        total, free = told.get("MemTotal", 0), told.get("MemAvailable", 0)
    except (OSError, ValueError, IndexError):
        pass
    label = platform.processor() or platform.machine()
    return _device("cpu", f"{label}, {os.cpu_count() or 1} logical cores", total, free)
