# SPDX-License-Identifier: Apache-2.0
"""The node's panel, as data: the toolset's knobs and the page in docs/nuke.md are made of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["AUTOMATIC_FACE", "PANEL", "PLACED_FACE", "Item", "panel_text"]

AUTOMATIC_FACE = "automatic"
PLACED_FACE = "at the position"


@dataclass(frozen=True)
class Item:
    """A knob. `kind` is tab, line (a rule), text, string, file, int, choice, check, number, position, button,
    link or words; `default` as a script writes it; `limits` are of its slider; `target` is a link's;
    `is_beside` puts it on the line of the one before; hidden ones keep what the node has to remember.
    """

    name: str
    kind: str
    label: str = ""
    tooltip: str = ""
    default: str = ""
    choices: tuple[str, ...] = ()
    limits: tuple[float, float] | None = None
    target: str = ""
    is_beside: bool = False
    is_hidden: bool = False


PANEL: tuple[Item, ...] = (
    Item("lip_sync", "tab", "Lip Sync"),
    Item(
        "show",
        "choice",
        "show",
        "plate: the input. synced: the result's files. rebuilt: the input with mouth and matte laid over it, "
        "so that changes above this node show at once. preview: the frame that Preview frame made.",
        "synced",
        ("plate", "synced", "rebuilt", "preview"),
    ),
    Item("sync", "button", "Sync", "Make the next version, in the background."),
    Item("cancel", "button", "Cancel", "End this node's job.", is_beside=True),
    Item("analyse", "button", "Analyse", "Look for the faces in the range.", is_beside=True),
    Item("preview", "button", "Preview frame", "Make the current frame only.", is_beside=True),
    Item("status", "text", "status", default="No result yet."),
    Item("dub_line", "line", "Dub"),
    Item("dub", "file", "dub", "The new speech: an audio file, or a movie with sound."),
    Item(
        "from_read",
        "button",
        "From selected Read",
        "Take the sound of the selected Read's movie, or the file of an AudioRead, and where it begins.",
    ),
    Item("dub_frame", "number", "starts at frame", "The frame at which the dub's first sample sounds.", "1"),
    Item("dub_channel", "int", "channel", "Counted from 1; 0 mixes all.", "0", is_beside=True),
    Item("transcript", "words", "transcript", "What is said. Empty: it is recognised, less surely."),
    Item(
        "transcript_file",
        "file",
        "or from file",
        "Text, subtitles or timed words, in place of the transcript.",
    ),
    Item("language", "string", "language", "Such as de or pt-BR; empty: found."),
    Item("face_line", "line", "Face and range"),
    Item(
        "face",
        "choice",
        "face",
        "Who speaks. Analyse lists the people it finds.",
        AUTOMATIC_FACE,
        (AUTOMATIC_FACE, PLACED_FACE),
    ),
    Item("face_position", "position", "position", "On the face, where the choice above says so.", "{0 0}"),
    Item("face_frame", "int", "at frame", "The frame of that position.", "1", is_beside=True),
    Item("first", "int", "first frame", "First frame to sync.", "1"),
    Item("last", "int", "last frame", "Last frame to sync, included.", "1", is_beside=True),
    Item("from_input", "button", "From input", "The input's whole range.", is_beside=True),
    Item(
        "handles",
        "int",
        "handles",
        "More frames at both ends of the result, as far as the plate has them.",
        "0",
    ),
    Item("style_line", "line", "Style"),
    Item(
        "strength",
        "number",
        "strength",
        "0 is the plate, 1 the dub fully. May be animated.",
        "1",
        limits=(0, 1),
    ),
    Item("jaw", "number", "jaw", "Gain of the jaw. May be animated.", "1", limits=(0, 2)),
    Item("lips", "number", "lips", "Gain of the lips. May be animated.", "1", limits=(0, 2)),
    Item("generator", "string", "generator", "Which generator makes the mouth; empty: plate."),
    Item("seed", "int", "seed", "Same seed, same pixels.", "0", is_beside=True),
    Item("output_line", "line", "Output"),
    Item(
        "folder",
        "file",
        "folder",
        "Where versions go: FOLDER/NAME_v001/NAME_v001.####.exr",
        r"[file dirname [value root.name]]/plosive",
    ),
    Item(
        "name_stem",
        "string",
        "name",
        "Of the files, without version; empty: the plate's name and this node's.",
    ),
    Item("version", "int", "version", "The version that is shown. Another number shows that one.", "0"),
    Item("reveal", "button", "Reveal", "Show the folder of this version.", is_beside=True),
    Item(
        "load_elements",
        "button",
        "Load elements",
        "Put the elements' own nodes beside this node.",
        is_beside=True,
    ),
    Item(
        "elements",
        "check",
        "make elements",
        "Layers mouth, matte, blend, lips and st, with their script.",
        "true",
    ),
    Item(
        "plate_source",
        "choice",
        "plate",
        "automatic: a plain Read's own files, else rendered. rendered: always EXR in the working space.",
        "automatic",
        ("automatic", "rendered"),
    ),
    Item(
        "views_wanted", "choice", "views", "Which views are synced.", "this view", ("this view", "all views")
    ),
    Item(
        "use_occluder",
        "check",
        "occluder matte",
        "Lay the plate over the new mouth where the second input's matte is 1. Follows that input.",
        "false",
    ),
    Item(
        "occluder_channel",
        "link",
        "channel",
        "Of the second input.",
        target="OccluderMix.maskChannel",
        is_beside=True,
    ),
    Item("more", "tab", "Plosive"),
    Item(
        "python", "file", "Python", "Python that Plosive is installed in; empty: the one the installer named."
    ),
    Item("priority", "int", "priority", "0 to 100; higher goes first.", "50"),
    Item("layers_told", "text", "layers", default="No result yet."),
    Item("log_told", "text", "log", default="Press any button to see it here."),
    Item("has_result", "int", default="0", is_hidden=True),
    Item("can_rebuild", "int", default="0", is_hidden=True),
    Item("has_layers", "int", default="0", is_hidden=True),
    Item("result_first", "int", default="0", is_hidden=True),
    Item("result_last", "int", default="-1", is_hidden=True),
    Item("has_preview", "int", default="0", is_hidden=True),
    Item("preview_frame", "int", default="0", is_hidden=True),
    Item("job", "string", is_hidden=True),
)
"""In the order of the panel."""

_WIDTH = 78


def panel_text() -> str:
    """The panel drawn as text, as docs/nuke.md shows it."""
    return "\n".join(_drawn(PANEL)) + "\n"


def _drawn(items: tuple[Item, ...]) -> Iterator[str]:
    line = ""
    for item in items:
        if item.is_hidden:
            continue
        drawn = _one(item)
        if item.is_beside:
            line = f"{line}  {drawn}"
            continue
        if line:
            yield line
        line = drawn
    yield line


def _one(item: Item) -> str:
    if item.kind == "tab":
        return f"[ {item.label} ]".ljust(_WIDTH, "=")
    if item.kind == "line":
        return f"-- {item.label} ".ljust(_WIDTH, "-")
    if item.kind == "button":
        return f"[{item.label}]"
    label = item.label.rjust(16)
    if item.kind == "check":
        return f"{label}  [{'x' if item.default == 'true' else ' '}]"
    if item.kind == "choice":
        return f"{label}  <{item.default}>" + "".join(
            f" {one}" for one in item.choices if one != item.default
        )
    if item.kind == "text":
        return f"{label}  {item.default}"
    if item.kind == "link":
        return f"{label}  <rgba.alpha>"
    if item.limits:
        low, high = item.limits
        return f"{label}  {item.default}  |{low:g} ----- {high:g}|"
    return f"{label}  {item.default.strip('{}') or '____'}"
