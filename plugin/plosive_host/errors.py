# SPDX-License-Identifier: Apache-2.0
"""What can go wrong, as the host tells it to the artist."""

from __future__ import annotations

from typing import Any

__all__ = ["PlosiveHostError"]


class PlosiveHostError(Exception):
    """`str(error)` is one sentence for the artist; `code` is one of PROTOCOL.md's or NO_PYTHON, NO_PLOSIVE,
    TOO_OLD, CHILD_ENDED, TIMED_OUT; `message` is the whole `error` line, where there was one.
    """

    def __init__(
        self, sentence: str, code: str, field: str = "", message: dict[str, Any] | None = None
    ) -> None:
        super().__init__(sentence)
        self.code = code
        self.field = field
        self.message = message or {}
