# SPDX-License-Identifier: Apache-2.0
"""Whether a job that tries flags again repeats the job whose result was flagged."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from plosive.quality.flags_file import FlagsFile
from plosive.sync.record import beside, options_facts, plain_facts
from plosive.sync_options import SyncOptions

__all__ = ["differences"]

_MUST_AGREE = (
    "audio_start", "audio_channel", "transcript", "language", "frame_range", "face", "strength", "jaw", "lip",
    "articulation", "actor_footage", "generator", "motion", "seed", "speakers", "turns", "no_sync",
)  # fmt: skip


def differences(flags: FlagsFile, options: SyncOptions) -> list[str]:
    """Sentences on what makes the frames outside the flagged ranges differ from the flagged result.

    Known from the record that lies beside that result; nothing is said where there is none.
    """
    record = _record(beside(flags.result, "plosive.json"))
    then = record.get("options")
    if not isinstance(then, dict):
        return []
    now = plain_facts(options_facts(options))
    told = []
    for name in _MUST_AGREE:
        if name in then and then[name] != now[name]:
            option = "range" if name == "frame_range" else name.replace("_", "-")
            told.append(
                f"{flags.result.name} was made with --{option} {_value(then[name])}, this job has "
                f"{_value(now[name])}: frames outside the flagged ranges will differ from it."
            )
    if then.get("redo") is not None:
        told.append(
            f"{flags.result.name} was itself made with --redo {Path(str(then['redo'])).name}: what that "
            "mended comes out as at first, unless these flags name it as well."
        )
    return told


def _record(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def _value(value: object) -> str:
    if isinstance(value, list) and value:
        parts = (one if isinstance(one, str) else f"{one[0]}={one[1]:g}" for one in value)
        return "'" + ", ".join(parts) + "'"
    return "none" if value is None or value == [] else f"'{value}'" if isinstance(value, str) else f"{value}"
