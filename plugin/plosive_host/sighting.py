# SPDX-License-Identifier: Apache-2.0
"""What a host was seen to be when it last ran Plosive: `plosive doctor` reads it. No file of a host tells
its edition, its Python, or whether its scripts run at all.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from plosive_host.folders import data_folder

__all__ = ["remember_sighting", "sighting_path"]


def sighting_path(host: str) -> Path:
    """seen-HOST.json in the user's data folder of Plosive; `host`: resolve, nuke or hiero."""
    return data_folder() / f"seen-{host}.json"


def remember_sighting(
    host: str, product: str, version: str, edition: str = "", detail: Mapping[str, Any] | None = None
) -> bool:
    """Whether it could be written. `product` is what the host calls itself, `edition` studio, free or empty
    where it is not known; `detail` holds what else JSON can say. Never raises.
    """
    told = {
        "product": product,
        "version": version,
        "edition": edition,
        "python": ".".join(str(part) for part in sys.version_info[:3]),
        "executable": sys.executable or "",
        "hosts_folder": str(Path(__file__).resolve().parents[1]),
        "seen_unix_seconds": int(time.time()),
        "detail": dict(detail or {}),
    }
    path = sighting_path(host)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_text(json.dumps(told, indent=1), encoding="ascii")
        os.replace(str(temporary), str(path))
    except (OSError, TypeError, ValueError):
        return False
    return True
