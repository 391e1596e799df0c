# SPDX-License-Identifier: Apache-2.0
"""What a press on Sync is going to do: a version, and one job for each view. It is kept as a file beside the
result until it is done, so that another Nuke can take it up.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import nuke
from plosive_host import PlosiveHostError
from plosive_nuke.colour import PlateColour
from plosive_nuke.frame_rate import script_rate
from plosive_nuke.picture_files import frame_files
from plosive_nuke.plate import Plate, plain_plate
from plosive_nuke.plate_render import rendered_plate
from plosive_nuke.request import sync_of
from plosive_nuke.settings import Settings
from plosive_nuke.versions import Shown, Version, claim_version

__all__ = [
    "Part",
    "Plan",
    "finished_plan",
    "forget_plan",
    "make_plan",
    "plate_of",
    "plate_size",
    "read_plan",
    "shown_of",
    "write_plan",
]

_PLAN_NAME = ".lipsync-plan.json"


@dataclass(frozen=True)
class Part:
    """One view's job. The result's frames are media frames of the plate; `shift` as Plate has it."""

    view: str
    sync: dict[str, Any]
    out: str
    elements: str
    is_movie: bool
    first: int
    last_inclusive: int
    shift: int
    read_knobs: tuple[tuple[str, str | bool], ...]
    colour: PlateColour


@dataclass(frozen=True)
class Plan:
    version: Version
    parts: tuple[Part, ...]
    dub: str
    priority: int

    @property
    def label(self) -> str:
        return f"{self.version.stem} v{self.version.number:03d}"


def plate_of(node: nuke.Node, settings: Settings, view: str) -> Plate:
    """The node's plate, rendered where it must be. Main thread. Raises PlosiveHostError."""
    source = node.input(0)
    if source is None:
        raise PlosiveHostError(
            f"Nothing is connected to {node.name()}; connect the plate to its first input.", "NUKE"
        )
    found = None
    if not settings.is_rendered:
        found = plain_plate(source, settings.first, settings.last_inclusive, view)
    if found is not None:
        return found
    first = max(settings.first - settings.handles, min(source.firstFrame(), settings.first))
    last = min(settings.last_inclusive + settings.handles, max(source.lastFrame(), settings.last_inclusive))
    return rendered_plate(node, os.path.join(settings.folder, "plates"), first, last, view)


def plate_size(node: nuke.Node) -> tuple[int, int]:
    """Width and height of what comes in, in pixels of the whole format, whatever the proxy."""
    source = node.input(0)
    if source is None:
        raise PlosiveHostError(f"Nothing is connected to {node.name()}.", "NUKE")
    shape = source.format()
    return int(shape.width()), int(shape.height())


def make_plan(node: nuke.Node, settings: Settings, version: int = 0) -> Plan:
    """Claims a version and finds (or renders) the plates. Main thread. Raises PlosiveHostError."""
    rate = script_rate()
    plates = [(view, plate_of(node, settings, view)) for view in settings.views]
    height = plate_size(node)[1]
    stem = settings.stem or f"{plates[0][1].name}_{node.name()}"
    has_views = len(nuke.views()) > 1
    claimed = claim_version(settings.folder.replace("\\", "/"), stem, version)
    parts = []
    for view, plate in plates:
        named = view if has_views else ""
        out = claimed.out(_extension(plate), named)
        elements = claimed.elements(named) if settings.has_elements else ""
        parts.append(
            Part(
                view,
                sync_of(settings, plate, rate, height, out, elements),
                out,
                elements,
                plate.is_movie,
                max(plate.first, settings.first + plate.shift - settings.handles),
                min(plate.last_inclusive, settings.last_inclusive + plate.shift + settings.handles),
                plate.shift,
                plate.read_knobs,
                plate.colour,
            )
        )
    plan = Plan(claimed, tuple(parts), settings.dub, settings.priority)
    write_plan(plan)
    return plan


def shown_of(plan: Plan, job: str) -> Shown:
    """Of a plan whose jobs are all done. Raises PlosiveHostError where their files are not what was asked
    for.
    """
    part = plan.parts[0]
    count = part.last_inclusive - part.first + 1
    elements_first, layers_from = part.first, None
    if part.elements:
        files = frame_files(f"{part.elements}/elements.%04d.exr")
        if files is None or len(files.numbers) != count:
            raise PlosiveHostError(
                f"The elements in {part.elements} are not of {count} frames; sync again.", "NUKE"
            )
        elements_first = files.first
        layers_from = part.colour.layers_light(*_samples(part.elements))
    view = part.view if len(plan.parts) > 1 or _is_named(part) else ""
    return Shown(
        os.path.basename(_with_any_view(part.out, view)),
        1 if part.is_movie else part.first,
        count if part.is_movie else part.last_inclusive,
        part.first - part.shift,
        os.path.basename(_with_any_view(part.elements, view)) if part.elements else "",
        elements_first,
        part.read_knobs,
        layers_from,
        tuple(one.view for one in plan.parts) if view else (),
        plan.dub,
        job,
    )


def write_plan(plan: Plan) -> None:
    """Beside the result. Raises PlosiveHostError."""
    path = Path(plan.version.folder) / _PLAN_NAME
    part = path.with_name(f"{_PLAN_NAME}.{os.getpid()}.part")
    try:
        part.write_text(json.dumps(asdict(plan)), encoding="utf-8")
        os.replace(part, path)
    except OSError as error:
        raise PlosiveHostError(f"{path} cannot be written: {error.strerror}.", "MEDIA_WRITE") from error


def read_plan(folder: str) -> Plan | None:
    """The plan of a version that is not done; None where there is none."""
    try:
        told = json.loads((Path(folder) / _PLAN_NAME).read_text(encoding="utf-8"))
        parts = []
        for one in told["parts"]:
            one["colour"] = PlateColour(**one["colour"])
            one["read_knobs"] = tuple((name, value) for name, value in one["read_knobs"])
            parts.append(Part(**one))
        return Plan(Version(**told["version"]), tuple(parts), told["dub"], told["priority"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def finished_plan(folder: str) -> tuple[Plan, Shown] | None:
    """A version whose jobs ended while no Nuke looked on; None where there is none. Raises PlosiveHostError
    where it is not done.
    """
    plan = read_plan(folder)
    return None if plan is None else (plan, shown_of(plan, ""))


def forget_plan(plan: Plan, is_failed: bool) -> None:
    """Its file goes; of a failed one the folder, too, where nothing else is in it."""
    places = [os.path.join(plan.version.folder, _PLAN_NAME)]
    for place in places:
        if os.path.exists(place):
            os.remove(place)
    if is_failed and not os.listdir(plan.version.folder):
        os.rmdir(plan.version.folder)


def _extension(plate: Plate) -> str:
    name = os.path.basename(plate.media_path)
    if plate.is_movie:
        return os.path.splitext(name)[1]
    return f".%04d{os.path.splitext(name)[1]}"


def _samples(elements: str) -> tuple[str, str]:
    """What elements.json calls the plate's samples, and their transfer; empty where it does not say."""
    try:
        told = json.loads((Path(elements) / "elements.json").read_text(encoding="utf-8"))
        return str(told["elements"]["colour"]["samples"]), str(told["elements"].get("transfer", ""))
    except (OSError, ValueError, KeyError, TypeError):
        return "", ""


def _is_named(part: Part) -> bool:
    stem = os.path.basename(part.out).split(".")[0]
    return stem.endswith(f"_{part.view}")


def _with_any_view(path: str, view: str) -> str:
    """`shot_v001_left.%04d.exr` with %V in the view's place."""
    if not view:
        return path
    folder, name = os.path.split(path)
    stem, dot, rest = name.partition(".")
    return os.path.join(folder, stem[: -len(view)] + "%V" + dot + rest)
