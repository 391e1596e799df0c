# SPDX-License-Identifier: Apache-2.0
"""A fake of Nuke's Python module, written by hand from Foundry's documentation (what is known of it in short:
nodes, knobs, groups, scripts, threads) and from the signatures of the public type stubs. It refuses what it
does not know: node classes, knobs, calls, types of arguments, edits outside the main thread. It renders real
EXR files through the few nodes it knows.

    nuke = install(monkeypatch, version=(15, 1), is_gui=True)

What was never seen in the real program is said where it stands.
"""

from __future__ import annotations

from fakes.nuke.module import FakeNuke, install

__all__ = ["FakeNuke", "install"]
