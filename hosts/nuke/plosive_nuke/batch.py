# SPDX-License-Identifier: Apache-2.0
"""Without the GUI: sync and wait, for `nuke -t` and scripts in it."""

from __future__ import annotations

import nuke
from plosive_host import PlosiveHostError
from plosive_nuke.desk import Desk, desk
from plosive_nuke.plan import make_plan
from plosive_nuke.run import Run
from plosive_nuke.settings import read_settings
from plosive_nuke.showing import inner

__all__ = ["sync_and_wait"]

_STEP_SECONDS = 1.0


def sync_and_wait(node: object, version: int = 0) -> str:
    """See `plosive_nuke.sync_node`."""
    if not isinstance(node, nuke.Group) or node.knob("dub_frame") is None:
        raise PlosiveHostError("That is no LipSync node.", "NUKE")
    if nuke.GUI:
        raise PlosiveHostError("With the GUI press Sync: waiting would freeze Nuke.", "NUKE")
    settings = read_settings(node)
    one = desk()
    one.session(settings.python)
    run = one.start(node, make_plan(node, settings, version), settings.python)
    try:
        _wait(one, run)
    except KeyboardInterrupt:
        run.cancel()
        raise
    if run.error is not None:
        raise run.error
    return str(inner(node, "Result")["file"].value())


def _wait(one: Desk, run: Run) -> None:
    said = ""
    while not run.is_over:
        one.pump.run_until(lambda: run.is_over, _STEP_SECONDS)
        if run.message != said:
            said = run.message
            nuke.tprint(f"Lip Sync {run.plan.label}: {said}")
