# SPDX-License-Identifier: Apache-2.0
"""What tests of Nuke begin with: small EXR plates, Reads, LipSync nodes, and a Plosive that answers by
script.
"""

from __future__ import annotations

import importlib
import itertools
import json
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from fakes.nuke.module import FakeNuke
from fakes.nuke.pictures import Picture, write_picture
from plosive_host import PlosiveHostError

__all__ = [
    "HEIGHT",
    "WIDTH",
    "ScriptedSession",
    "lip_sync",
    "make_result",
    "picture",
    "read_node",
    "write_plate",
]

WIDTH, HEIGHT = 32, 18


def write_plate(
    folder: Path, first: int, last_inclusive: int, names: str = "plate.%04d.exr", **how: Any
) -> str:
    """EXR, 32-bit float, made of numbers: red is the frame, green rises to the right, blue to the bottom.
    Returns the pattern. `box` is a data window, `metadata` goes into the header."""
    folder.mkdir(parents=True, exist_ok=True)
    for frame in range(first, last_inclusive + 1):
        write_picture(
            folder / (names % frame),
            picture(frame, **how),
            list(picture(frame).planes),
            False,
            how.get("metadata", {}),
        )
    return str(folder / names)


def picture(frame: int, box: tuple[int, int, int, int] = (0, 0, WIDTH, HEIGHT), **_: Any) -> Picture:
    y, x = np.mgrid[:HEIGHT, :WIDTH].astype(np.float32)
    planes = {"rgba.red": np.full_like(x, frame), "rgba.green": x / WIDTH, "rgba.blue": y / HEIGHT}
    return Picture(planes, WIDTH, HEIGHT, box)


class ScriptedSession:
    """In the place of `Session`: keeps requests, answers what the test tells it to."""

    made: ClassVar[list[ScriptedSession]] = []

    def __init__(
        self, name: str, deliver: Any = None, python: str = "", hello: Any = None, on_log: Any = None
    ) -> None:
        self.name, self.deliver, self.python = name, deliver, python
        self.requests: list[tuple[str, dict[str, Any]]] = []
        self.open: list[tuple[str, Any, Any, Any]] = []
        self.is_running = False
        self._numbers = itertools.count(1)
        ScriptedSession.made.append(self)

    def start(self, on_ready: Any = None, on_error: Any = None) -> None:
        self.is_running = True

    def request(
        self, kind: str, fields: Any = None, on_event: Any = None, on_done: Any = None, on_error: Any = None
    ) -> None:
        self.requests.append((kind, fields or {}))
        self.open.append((kind, on_event, on_done, on_error))
        if kind == "submit":
            self.event(
                {
                    "type": "submitted",
                    "job": {"id": f"JOB{next(self._numbers)}", "state": "waiting", "jobs_ahead": 2},
                }
            )

    def event(self, message: dict[str, Any], kind: str = "") -> None:
        on_event = self._of(kind)[1]
        self.deliver(lambda: on_event(message))

    def done(self, message: dict[str, Any], kind: str = "") -> None:
        on_done = self._of(kind)[2]
        self.deliver(lambda: on_done(message))

    def fail(self, sentence: str, code: str, kind: str = "") -> None:
        on_error = self._of(kind)[3]
        self.deliver(lambda: on_error(PlosiveHostError(sentence, code)))

    def asked(self, kind: str) -> dict[str, Any]:
        """The last request of a kind."""
        return [fields for one, fields in self.requests if one == kind][-1]

    def close(self) -> None:
        self.is_running = False

    def _of(self, kind: str) -> tuple[str, Any, Any, Any]:
        kinds = (kind,) if kind else ("submit", "watch", "faces", "frame")
        return [one for one in self.open if one[0] in kinds][-1]


def lip_sync(nuke: FakeNuke, source: Any = None) -> Any:
    """A LipSync node on a node, as the menu makes it."""
    for one in nuke.root().nodes():
        one.setSelected(one is source)
    return importlib.import_module("plosive_nuke.menu").create()


def read_node(nuke: FakeNuke, pattern: str, first: int, last_inclusive: int, **knobs: Any) -> Any:
    read = nuke.nodes.Read(
        file=pattern, first=first, last=last_inclusive, origfirst=first, origlast=last_inclusive, raw=True
    )
    for name, value in knobs.items():
        read[name].setValue(value)
    return read


def make_result(sync: dict[str, Any], plate_first: int, plate_last_inclusive: int, red: float = 0.5) -> None:
    """What a daemon would leave of an EXR plate: the synced files in one red, and elements of it."""
    clip, handles = sync["clip"]["range"], sync["clip"]["handle_frames"]
    first = max(plate_first, clip["first_frame"] - handles)
    last = min(plate_last_inclusive, clip["last_frame_inclusive"] + handles)
    out = sync["output"]["path"]
    for frame in range(first, last + 1):
        made = picture(frame)
        made.planes["rgba.red"][:] = red
        write_picture(Path(out % frame), made, list(made.planes), False, {})
    if "elements" in sync:
        folder = Path(sync["elements"]["folder_path"])
        folder.mkdir()
        told = {"elements": {"colour": {"samples": "SceneLinear"}}}
        (folder / "elements.json").write_text(json.dumps(told))
        names = [f"mouth.{one}" for one in ("red", "green", "blue", "alpha")]
        names += ["matte.alpha", "blend.alpha", "lips.alpha", "st.u", "st.v"]
        for frame in range(first, last + 1):
            layers = picture(frame)
            half = np.full((HEIGHT, WIDTH), 0.5, np.float32)
            planes = {name: half for name in names}
            write_picture(
                folder / f"elements.{frame:04d}.exr",
                Picture(planes, WIDTH, HEIGHT, layers.box),
                names,
                False,
                {},
            )
