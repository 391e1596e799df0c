# SPDX-License-Identifier: Apache-2.0
"""How much main memory this process holds."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["held_bytes"]


def held_bytes() -> int:
    """Resident set of this process; where only its peak can be had without further libraries (macOS), 0, and
    on Windows 0: a worker is then replaced by its number of jobs alone. proc(5), statm: second field, pages.
    """
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError, AttributeError):
        return 0
