# SPDX-License-Identifier: Apache-2.0
"""`elements.nk`: a Nuke script that puts the final together from plate and elements, ready to be changed.

Both are read raw, so it does not matter how a studio's Nuke manages colour; a plate that is not linear is
decoded by an Expression, with the formula its elements were made with.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from plosive.composite.elements.nuke_decoding import decoding_node
from plosive.composite.elements.nuke_faces import face_nodes
from plosive.composite.elements.script import NukeNode, number_text, quoted, script_text
from plosive.composite.elements.tracks import ElementsFace, MadeFrames
from plosive.composite.elements.wanted import ElementsPlate
from plosive.media.plate import PlateKind

__all__ = ["elements_nuke"]

_LAYERS = (
    "mouth mouth.red mouth.green mouth.blue mouth.alpha",
    "matte matte.alpha",
    "blend blend.alpha",
    "lips lips.alpha",
    "st st.u st.v",
)
_RGBA = ("red", "green", "blue", "alpha")
_BLUE, _GREEN, _SAND, _GROUND = "0x3a5a8cff", "0x3f6f4bff", "0x7a5c2eff", "0x32323200"


def elements_nuke(
    plate: ElementsPlate, faces: Sequence[ElementsFace], frames: MadeFrames, folder: Path
) -> str:
    """The script's text. `folder` is where the EXR files lie; Final is bit by bit what they were made with
    where Nuke reads the plate's samples as Plosive does (EXR), see docs/elements.md.
    """
    nodes = [*_backdrops(), *_plate_nodes(plate), *_elements_nodes(plate, folder), *_final_nodes(plate)]
    for place, face in enumerate(faces):
        nodes += face_nodes(plate, face, frames, 160 * place)
    info = plate.info
    root = (
        ("first_frame", str(plate.first_made_number)),
        ("last_frame", str(plate.last_made_number_inclusive)),
        ("lock_range", "true"),
        ("frame", str(plate.first_made_number)),
        ("fps", number_text(float(info.frame_rate))),
        ("format", _format(plate, "plosive_plate")),
    )
    return script_text(nodes, _LAYERS, root)


def _backdrops() -> list[NukeNode]:
    """Coloured ground under what belongs together."""
    grounds = (
        ("GroundPlate", "plate, in linear light", -60, -80, 290, 480),
        ("GroundMouth", "new mouth: what may be changed is sand", 240, -80, 380, 800),
        ("GroundFinal", "Final = plate x (1 - matte x blend) + mouth x matte x blend", -300, 680, 530, 290),
    )
    return [
        NukeNode(
            "BackdropNode",
            name,
            (
                ("tile_color", _GROUND),
                ("label", quoted(label)),
                ("note_font_size", "20"),
                ("bdwidth", str(width)),
                ("bdheight", str(height)),
            ),
            (),
            x,
            y,
        )
        for name, label, x, y, width, height in grounds
    ]


def _plate_nodes(plate: ElementsPlate) -> list[NukeNode]:
    info = plate.info
    if plate.is_movie or info.kind is PlateKind.STILL:
        first = 1
        last = plate.before_frames + info.frame_count if plate.is_movie else 1
    else:
        first, last = info.first_frame, info.last_frame_inclusive
    knobs = [
        ("file", quoted(plate.files)),
        ("format", _format(plate)),
        *((name, str(first)) for name in ("first", "origfirst")),
        *((name, str(last)) for name in ("last", "origlast")),
        ("origset", "true"),
        ("raw", "true"),
    ]
    start = plate.first_number - (plate.before_frames if plate.is_movie else 0)
    if first != start and info.kind is not PlateKind.STILL:
        # Nuke counts a movie from 1 wherever its timecode begins.
        knobs += [("frame_mode", quoted("start at")), ("frame", str(start))]
    nodes = [NukeNode("Read", "Plate", (*knobs, ("tile_color", _BLUE)), (), 0, 0)]
    return [*nodes, decoding_node(plate.info)]


def _elements_nodes(plate: ElementsPlate, folder: Path) -> list[NukeNode]:
    first, last = str(plate.first_made_number), str(plate.last_made_number_inclusive)
    read = (
        ("file_type", "exr"),
        ("file", quoted(f"{folder.as_posix()}/elements.%04d.exr")),
        ("format", _format(plate)),
        ("first", first),
        ("origfirst", first),
        ("last", last),
        ("origlast", last),
        ("origset", "true"),
        ("raw", "true"),
        ("tile_color", _GREEN),
    )
    blend = " ".join(f"blend.alpha 0 0 rgba.{name} 0 {place}" for place, name in enumerate(_RGBA))
    made = "rgba.red 0 0 rgba.red 0 0 rgba.green 0 1 rgba.green 0 1 rgba.blue 0 2 rgba.blue 0 2"
    mouth = "mouth.red 0 0 rgba.red 0 0 mouth.green 0 1 rgba.green 0 1 mouth.blue 0 2 rgba.blue 0 2"
    both = (("fromInput1", "{{0} B}"), ("fromInput2", "{{0} B}"))
    return [
        NukeNode("Read", "Elements", read, (), 320, 0),
        NukeNode(
            "Shuffle2",
            "Mouth",
            (
                both[0],
                ("in1", "mouth"),
                both[1],
                ("in2", "matte"),
                ("mappings", f'"4 {mouth} matte.alpha 1 0 rgba.alpha 0 3"'),
                ("label", quoted("new pixels, matte as alpha")),
            ),
            ("Elements",),
            320,
            100,
        ),
        NukeNode(
            "Shuffle2",
            "Blend",
            (both[0], ("in1", "blend"), both[1], ("mappings", f'"4 {blend}"')),
            ("Elements",),
            480,
            420,
        ),
        NukeNode(
            "Shuffle2",
            "FinalMade",
            (
                both[0],
                both[1],
                ("in2", "mouth"),
                ("mappings", f'"4 {made} mouth.alpha 1 3 rgba.alpha 0 3"'),
                ("label", quoted("final as Plosive made it")),
            ),
            ("Elements",),
            -180,
            740,
        ),
    ]


def _final_nodes(plate: ElementsPlate) -> list[NukeNode]:
    middle = f"{{{number_text(plate.info.width / 2)} {number_text(plate.info.height / 2)}}}"
    alpha = (("Achannels", "alpha"), ("Bchannels", "alpha"), ("output", "alpha"))
    rgb = ("output", "rgb")
    return [
        NukeNode(
            "NoOp",
            "PaintOnPlate",
            (("label", quoted("paint, regrade the plate here")), ("tile_color", _SAND)),
            ("PlateLinear",),
            0,
            200,
        ),
        NukeNode("Merge2", "Paint", (("operation", "minus"), rgb), ("PlateLinear", "PaintOnPlate"), 160, 260),
        NukeNode(
            "STMap",
            "PaintMoved",
            (("channels", "rgb"), ("uv", "st"), ("label", quoted("with the new jaw"))),
            ("Paint", "Elements"),
            160,
            340,
        ),
        NukeNode(
            "Grade",
            "MouthGrade",
            (("black_clamp", "false"), ("label", quoted("regrade the mouth")), ("tile_color", _SAND)),
            ("Mouth",),
            320,
            260,
        ),
        NukeNode(
            "Grade",
            "LipsGrade",
            (
                ("black_clamp", "false"),
                ("maskChannelInput", "lips.alpha"),
                ("disable", "true"),
                ("label", quoted("enable to regrade the lips alone")),
                ("tile_color", _SAND),
            ),
            ("MouthGrade",),
            320,
            340,
        ),
        NukeNode(
            "Merge2",
            "MouthPainted",
            (
                ("operation", "plus"),
                rgb,
                ("disable", "true"),
                ("label", quoted("enable to carry paint")),
                ("tile_color", _SAND),
            ),
            ("LipsGrade", "PaintMoved"),
            320,
            420,
        ),
        NukeNode(
            "Merge2",
            "MatteBlend",
            (("operation", "multiply"), *alpha, ("label", quoted("matte x blend"))),
            ("MouthPainted", "Blend"),
            320,
            500,
        ),
        NukeNode(
            "Transform",
            "Slip",
            (
                ("translate", "{0 0}"),
                ("center", middle),
                ("label", quoted("slip mouth and matte")),
                ("tile_color", _SAND),
            ),
            ("MatteBlend",),
            320,
            580,
        ),
        NukeNode(
            "Multiply",
            "BlendControl",
            (
                ("channels", "alpha"),
                ("value", "1"),
                ("label", quoted("animate: 0 plate, 1 as made")),
                ("tile_color", _SAND),
            ),
            ("Slip",),
            320,
            660,
        ),
        NukeNode(
            "Merge2",
            "Final",
            (("operation", "matte"), rgb, ("label", quoted("Aa + B(1-a)"))),
            ("PaintOnPlate", "BlendControl"),
            0,
            740,
        ),
        NukeNode("Merge2", "AsMade", (("operation", "matte"), rgb), ("PlateLinear", "FinalMade"), -180, 820),
        NukeNode(
            "Merge2",
            "Check",
            (("operation", "difference"), rgb, ("label", quoted("black while nothing is changed"))),
            ("Final", "AsMade"),
            -180,
            900,
        ),
    ]


def _format(plate: ElementsPlate, name: str = "") -> str:
    size = f"{plate.info.width} {plate.info.height}"
    return f'"{size} 0 0 {size} {number_text(float(plate.info.pixel_aspect), 4)} {name}"'
