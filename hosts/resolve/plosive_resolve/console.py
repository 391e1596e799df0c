# SPDX-License-Identifier: Apache-2.0
"""Resolve's console: what is printed comes there."""

from __future__ import annotations

import contextlib

__all__ = ["say"]


def say(sentence: str) -> None:
    """Print it. Never raises: a console that can't show a letter, or is closed, is no reason to lose work."""
    line = f"Plosive: {sentence}"
    try:
        print(line)
    except UnicodeError:
        with contextlib.suppress(Exception):
            print(line.encode("ascii", "backslashreplace").decode("ascii"))
    except Exception:
        return
