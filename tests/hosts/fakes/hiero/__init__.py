# SPDX-License-Identifier: Apache-2.0
"""A Hiero for tests, hand-written from Foundry's Python reference and public scripts (docs/hiero.md).

    world = install(monkeypatch)

puts `hiero`, `hiero.core` and `hiero.ui` into sys.modules. What the real classes lack, these lack, too; edits
of a project outside an undo group are refused.
"""

from __future__ import annotations

from fakes.hiero.program import install
from fakes.hiero.world import FakeMedia, World

__all__ = ["FakeMedia", "World", "install"]
