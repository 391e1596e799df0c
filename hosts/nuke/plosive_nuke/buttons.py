# SPDX-License-Identifier: Apache-2.0
"""What the panel's buttons do. Nothing that goes wrong here is silent: the panel, a message and the log tell
it.
"""

from __future__ import annotations

import os
from collections.abc import Callable

import nuke
from plosive_host import PlosiveHostError
from plosive_host.log import log_path
from plosive_nuke import elements_nodes, looks, taking
from plosive_nuke.batch import sync_and_wait
from plosive_nuke.desk import LOG_NAME, desk
from plosive_nuke.plan import finished_plan, forget_plan, make_plan, read_plan
from plosive_nuke.reveal import reveal
from plosive_nuke.settings import read_settings
from plosive_nuke.showing import inner, is_alive, show_version, tell
from plosive_nuke.versions import read_note, write_note

__all__ = ["changed", "pressed", "shown_folder", "sync"]


def pressed(button: str) -> None:
    """A button of the node that Nuke calls `thisNode`. Never raises."""
    node = nuke.thisNode()
    actions: dict[str, Callable[[nuke.Node], object]] = {
        "sync": sync,
        "cancel": cancel,
        "analyse": lambda one: _with_gui(looks.analyse, one),
        "preview": lambda one: _with_gui(looks.preview, one),
        "reveal": lambda one: reveal(shown_folder(one) or read_settings(one, is_dub_needed=False).folder),
        "load_elements": lambda one: elements_nodes.paste(one, shown_folder(one)),
        "from_read": taking.dub_from_selected,
        "from_input": taking.range_from_input,
    }
    guarded(node, lambda: actions[button](node))


def changed() -> None:
    """A knob of `thisNode` was changed. Never raises."""
    node, knob = nuke.thisNode(), nuke.thisKnob()
    if knob.name() == "inputChange":
        guarded(node, lambda: node["use_occluder"].setValue(node.input(1) is not None), is_loud=False)
    elif knob.name() == "version":
        guarded(node, lambda: _show(node, int(knob.value())), is_loud=False)


def sync(node: nuke.Node) -> None:
    """Begin, or take up the job that the node remembers; without the GUI wait for it. Raises
    PlosiveHostError.
    """
    if not nuke.GUI:
        sync_and_wait(node)  # nobody would be idle to take the result
        return
    if desk().run_of(node) is not None:
        raise PlosiveHostError(f"{node.name()} is at work already; cancel it first.", "NUKE")
    settings = read_settings(node)
    remembered = str(node["job"].value()).split(" ", 2)
    if len(remembered) == 3:
        plan = read_plan(remembered[2])
        if plan is not None:
            tell(node, "status", "Taking up the job that runs.")
            desk().start(node, plan, settings.python, (remembered[0], int(remembered[1])))
            return
        tell(node, "job", "")
    session = desk().session(settings.python)  # before a plate is rendered: without Plosive that is in vain
    if not session.is_running:
        raise PlosiveHostError("Plosive's client could not be started.", "CHILD_ENDED")
    tell(node, "status", "Looking at the plate.")
    plan = make_plan(node, settings)
    desk().start(node, plan, settings.python)


def cancel(node: nuke.Node) -> None:
    """End this node's job. Raises PlosiveHostError where none is known."""
    run = desk().run_of(node)
    if run is not None:
        run.cancel()
        return
    remembered = str(node["job"].value()).split(" ", 2)
    if len(remembered) != 3:
        tell(node, "status", "Nothing is at work.")
        return
    session = desk().session(read_settings(node, is_dub_needed=False).python)
    session.request("cancel", {"job_id": remembered[0]})
    tell(node, "job", "")
    tell(node, "status", "Cancelled.")


def shown_folder(node: nuke.Node) -> str:
    """Of the version that the node shows; empty: none."""
    path = str(inner(node, "Result")["file"].value())
    return os.path.dirname(path) if path else ""


def guarded(node: nuke.Node, action: Callable[[], object], is_loud: bool = True) -> None:
    """Do it; what fails is told in the panel, in the log and, where `is_loud`, in a message."""
    log = desk().log
    if str(node["log_told"].value()) != str(log_path(LOG_NAME)):
        tell(node, "log_told", str(log_path(LOG_NAME)))
    try:
        action()
        return
    except PlosiveHostError as error:
        text = str(error)
        log.warning("%s (%s)", error, error.code)
    except Exception as error:
        text = f"Lip Sync failed unexpectedly ({type(error).__name__}); the log tells more."
        log.exception("Lip Sync")
    if is_alive(node):
        tell(node, "status", text)
    if is_loud and nuke.GUI:
        nuke.message(f"{text}\n\nLog: {log_path(LOG_NAME)}")
    elif is_loud:
        nuke.tprint(f"Lip Sync: {text}")


def _with_gui(action: Callable[[nuke.Node], object], node: nuke.Node) -> None:
    if not nuke.GUI:
        raise PlosiveHostError("That needs Nuke's GUI.", "NUKE")
    action(node)


def _show(node: nuke.Node, number: int) -> None:
    folder = shown_folder(node)
    if not folder or number < 1:
        return
    stem, mark, _ = folder.rpartition("_v")
    wanted = f"{stem}{mark}{number:03d}"
    if wanted == folder:
        return
    finished = finished_plan(wanted)
    told = show_version(node, wanted, finished[1] if finished else read_note(wanted), number)
    if finished:
        write_note(finished[0].version, finished[1])
        forget_plan(finished[0], is_failed=False)
    tell(node, "status", " ".join([f"v{number:03d} is shown.", *told]))
