# SPDX-License-Identifier: Apache-2.0
"""A worker whose tasks take no media: what it does stands as JSON in the request. Run as a script."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from plosive.errors import MediaReadError
from plosive_daemon.workers.leftovers import JobFolder
from plosive_daemon.workers.protocol import WarningTold
from plosive_daemon.workers.session import Session
from plosive_daemon.workers.shared_reel import SharedReel
from plosive_daemon.workers.worker_main import main


def sync(payload: dict[str, Any], session: Session) -> dict[str, Any]:
    """Frames into a staged file; each is in the journal first."""
    wish = json.loads(base64.b64decode(payload["request"]))
    folder = JobFolder(Path(payload["folder"]))
    out = Path(wish["out"])
    elements = Path(wish["elements"]) if "elements" in wish else None
    folders = (out.parent, *(() if elements is None else (elements.parent, elements)))
    folder.begin_try(os.getpid(), folders, is_out_there=out.exists())
    session.write_to(folders)
    folder.journal.mkdir(exist_ok=True)
    taken_up = len(list(folder.journal.iterdir()))
    if wish.get("child"):
        subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    session.warn(f"process {os.getpid()}")
    # Named as plosive.media.staging does, which would import NumPy: test_leftovers.py knows its names.
    staged = out.with_name(f".{out.name}.{os.getpid()}.part")
    layers = None if elements is None else elements.with_name(f".{elements.name}.{os.getpid()}.elements.part")
    try:
        if layers is not None:
            layers.mkdir()
        session.start("render", wish["frames"])
        with staged.open("wb") as file:
            for index in range(wish["frames"]):
                misbehave(wish, index, session)
                frame = folder.journal / f"{index:06d}"
                if not frame.exists():
                    time.sleep(wish.get("seconds", 0.0))
                    frame.touch()
                file.write(bytes([index % 256]))
                session.advance()
        session.finish()
    except BaseException:
        staged.unlink()
        if layers is not None:
            layers.rmdir()
        raise
    staged.replace(out)
    if layers is not None:
        layers.replace(elements)
    return {
        "out_path": str(out),
        "frames_total": wish["frames"],
        "notes": [f"{taken_up} frames were taken up."],
    }


def misbehave(wish: dict[str, Any], index: int, session: Session) -> None:
    if index != wish.get("at", 0):
        return
    what = wish.get("what", "")
    marker = Path(wish.get("once", os.devnull))
    if marker.name != "null":
        if marker.exists():
            return
        marker.touch()
    if what == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    elif what == "crash":
        print("the last words", file=sys.stderr, flush=True)
        os.kill(os.getpid(), signal.SIGSEGV)
    elif what == "hang":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        while True:
            time.sleep(1)
    elif what == "flood":
        end = time.monotonic() + wish.get("flood_seconds", 0.5)
        while time.monotonic() < end:
            os.write(1, b"x" * 100_000 + b"\n" + b"a print of a library\n" * 1_000)
    elif what == "chatter":
        for number in range(20_000):
            session.warn(f"warning {number % 1_500}")
            session._say(WarningTold(session.id, "again and again"))
    elif what == "unreadable":
        raise MediaReadError("The plate plate.mov cannot be read: damaged at frame 3.")
    elif what == "defect":
        raise KeyError("a defect")


def conform(payload: dict[str, Any], session: Session) -> dict[str, Any]:
    """Renders one after the other, each a file beside the result that later tries find, and says which
    process made it. A helper makes them from the end on, and misbehaves at its first one if told to. They
    take their `seconds` only until there is a file `until`.
    """
    wish = json.loads(base64.b64decode(payload["request"]))
    out, helper = Path(wish["out"]), payload.get("helper", "")
    sharing = SharedReel(JobFolder(Path(payload["folder"])).shared)
    wanted = [name for number in range(wish["frames"]) if not (name := Path(f"{out}.{number}")).exists()]
    session.start("edit", None)
    if not helper:
        sharing.begin()
    sharing.note_helper(helper.replace(":", "-"), is_there=True) if helper else None
    waiting = list(reversed(wanted)) if helper else list(wanted)
    while waiting:
        done = sum(one.exists() for one in wanted)
        facts = {"render": done + 1, "renders_total": len(wanted), "renders_done": done}
        session.show_reel(facts, -1.0)
        session.advance(0)
        name = next((one for one in waiting if one.exists() or sharing.claim(one.suffix)), None)
        if name is None and helper:
            break
        if name is None:
            time.sleep(0.02)
        elif name.exists():
            waiting.remove(name)
        else:
            session.start("1/1 render", 10)
            try:
                misbehave(wish, 0 if helper else -1, session)
                for _ in range(10):
                    if not Path(wish.get("until", "")).is_file():
                        time.sleep(wish.get("seconds", 0.0))
                    session.advance()
                name.write_text(f"{os.getpid()}\n")
            finally:
                sharing.release(name.suffix, is_done=name.exists())
            waiting.remove(name)
    if helper:
        return {"renders": 1}
    out.write_text("conformed")
    return {"out_path": str(out), "frames_total": wish["frames"]}


def count(payload: dict[str, Any], session: Session) -> dict[str, Any]:
    session.start("faces", payload["frames"])
    for _ in range(payload["frames"]):
        time.sleep(payload.get("seconds", 0.0))
        session.advance()
    if payload.get("what") == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    if payload.get("what") == "fail":
        raise MediaReadError("It cannot be read.")
    session.finish()
    return {"counted": payload["frames"], "pid": os.getpid(), "warnings": []}


def devices(payload: dict[str, Any], session: Session) -> dict[str, Any]:
    told = {"name": "cpu", "label": "a processor", "memory_bytes": 8 << 30, "free_memory_bytes": 4 << 30}
    return {"devices": [told], "warnings": []}


if __name__ == "__main__":
    counting = dict.fromkeys(("faces", "motion", "score", "listen"), lambda: count)
    main({"sync": lambda: sync, "conform": lambda: conform, "devices": lambda: devices, **counting}, heavy=())
