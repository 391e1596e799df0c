# SPDX-License-Identifier: Apache-2.0
"""What the fake says when it is used as the real program cannot be."""

from __future__ import annotations

from typing import ClassVar

__all__ = ["FakeRejection"]


class FakeRejection(AssertionError):
    """A call that DaVinci Resolve does not have, or with arguments it does not take: a defect of the caller.

    The real program mostly answers such calls with a silent None or False; a test shall fail instead, though
    the caller may catch every exception to show it to the artist: `raised` has what was said since a test
    began.
    """

    raised: ClassVar[list[str]] = []

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.raised.append(text)
