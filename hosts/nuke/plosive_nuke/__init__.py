# SPDX-License-Identifier: Apache-2.0
"""The LipSync node of Nuke: what its buttons do. The node itself is a Group that works without this package.

Standard library and plosive_host only. `sync_node` does it all in a script, without the GUI.
"""

from __future__ import annotations

import sys

__all__ = ["sync_node"]

if sys.version_info < (3, 9):  # Nuke 13: nodes render, buttons say why they do nothing
    raise ImportError("Plosive needs Nuke 14 or later.")


def sync_node(node: object, version: int = 0) -> str:
    """Sync a LipSync node and wait: for `nuke -t` and scripts in it. Returns the pattern of the result's
    files. `version` 0 takes the next free one. Raises PlosiveHostError.
    """
    from plosive_nuke.batch import sync_and_wait

    return sync_and_wait(node, version)
