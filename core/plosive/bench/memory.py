# SPDX-License-Identifier: Apache-2.0
"""The most memory this process has held so far."""

from __future__ import annotations

import sys
from pathlib import Path

__all__ = ["peak_bytes"]


def peak_bytes() -> int | None:
    """Peak resident size in bytes, or None where the system does not tell."""
    if sys.platform == "win32":
        return _windows_peak()
    try:  # on Linux getrusage also counts the parent's size at the moment of the fork; VmHWM does not
        for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _windows_peak() -> int | None:
    import ctypes
    from ctypes import wintypes

    class Counters(ctypes.Structure):
        """PROCESS_MEMORY_COUNTERS of the Windows API."""

        _fields_ = (
            ("size", wintypes.DWORD),
            ("page_faults", wintypes.DWORD),
            ("peak_working_set", ctypes.c_size_t),
            *((f"unused_{number}", ctypes.c_size_t) for number in range(7)),
        )

    windll = getattr(ctypes, "windll")  # noqa: B009 (exists on Windows only, which mypy checks elsewhere)
    windll.kernel32.GetCurrentProcess.restype = wintypes.HANDLE
    windll.kernel32.K32GetProcessMemoryInfo.argtypes = (wintypes.HANDLE, ctypes.c_void_p, wintypes.DWORD)
    counters = Counters()
    counters.size = ctypes.sizeof(counters)
    process = windll.kernel32.GetCurrentProcess()
    if not windll.kernel32.K32GetProcessMemoryInfo(process, ctypes.byref(counters), counters.size):
        return None
    return int(counters.peak_working_set)
