# SPDX-License-Identifier: Apache-2.0
"""What the program calls itself."""

from __future__ import annotations

import hiero.core

__all__ = ["product_and_version"]


def product_and_version() -> tuple[str, str]:
    """Such as ("NukeStudio", "15.1v3"). `hiero.core.env` is no plain dict: what it lacks, it raises for."""
    return _told("ProductName") or "Hiero", _told("VersionString")


def _told(key: str) -> str:
    try:
        return str(hiero.core.env[key])
    except Exception:  # of a kind that differs by version
        return ""
