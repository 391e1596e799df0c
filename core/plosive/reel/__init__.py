# SPDX-License-Identifier: Apache-2.0
"""A whole reel: an edit and its dubs in, a conformed edit with synced shots out."""

from __future__ import annotations

from plosive.reel.options import ConformOptions, DubWish, TranscriptWish
from plosive.reel.renders.progress import ReelPosition, ReelWatch
from plosive.reel.results.outcome import ConformResult, LanguageResult, ShotOutcome
from plosive.reel.runner import conform_edit, help_conform

__all__ = [
    "ConformOptions",
    "ConformResult",
    "DubWish",
    "LanguageResult",
    "ReelPosition",
    "ReelWatch",
    "ShotOutcome",
    "TranscriptWish",
    "conform_edit",
    "help_conform",
]
