# SPDX-License-Identifier: Apache-2.0
"""Node classes of Nuke with their knobs, as far as the LipSync node and its tests use them.

A knob is (kind, default[, choices]); kinds are those of `knobs.py`. From Foundry's reference guide.
"""

from __future__ import annotations

from typing import Any

__all__ = ["CLASSES", "COMMON", "DYNAMIC_CHOICES", "INPUTS", "ROOT", "USER_KINDS"]

Knobs = dict[str, tuple[Any, ...]]

USER_KINDS = {  # numbers of addUserKnob
    1: "String",
    2: "File",
    3: "Int",
    4: "Enumeration",
    6: "Boolean",
    7: "Double",
    12: "XY",
    20: "Tab",
    22: "PyScript",
    26: "Text",
    41: "Link",
    43: "Multiline",
}

COMMON: Knobs = {
    "name": ("String", ""),
    "xpos": ("Int", 0),
    "ypos": ("Int", 0),
    "label": ("String", ""),
    "tile_color": ("Int", 0),
    "gl_color": ("Int", 0),
    "note_font": ("String", "Verdana"),
    "note_font_size": ("Int", 11),
    "note_font_color": ("Int", 0),
    "selected": ("Boolean", False),
    "hide_input": ("Boolean", False),
    "disable": ("Boolean", False),
    "cached": ("Boolean", False),
    "postage_stamp": ("Boolean", False),
    "knobChanged": ("String", ""),
    "onCreate": ("String", ""),
    "help": ("String", ""),
    "icon": ("String", ""),
    "lifetimeStart": ("Double", 0.0),
    "lifetimeEnd": ("Double", 0.0),
    "useLifetime": ("Boolean", False),
}
_EDGES = ("hold", "loop", "bounce", "black")
_EXPOSED = {f"{side}{number}": ("Channel", "none") for side in ("from", "to") for number in range(4)}

CLASSES: dict[str, Knobs] = {
    "Read": {
        "file": ("File", ""),
        "proxy": ("File", ""),
        "format": ("Format", ""),
        "first": ("Int", 1),
        "last": ("Int", 1),
        "origfirst": ("Int", 1),
        "origlast": ("Int", 1),
        "origset": ("Boolean", False),
        "before": ("Enumeration", "hold", _EDGES),
        "after": ("Enumeration", "hold", _EDGES),
        "frame_mode": ("Enumeration", "expression", ("expression", "start at", "offset")),
        "frame": ("String", ""),
        "on_error": ("Enumeration", "error", ("error", "black", "checkerboard", "nearest frame")),
        "colorspace": ("Colorspace", "default"),
        "raw": ("Boolean", False),
        "premultiplied": ("Boolean", False),
        "auto_alpha": ("Boolean", False),
        "reload": ("PyScript", ""),
        "file_type": ("String", ""),
        "localizationPolicy": (
            "Enumeration",
            "fromAutoLocalizePath",
            ("on", "fromAutoLocalizePath", "onDemand", "off"),
        ),
    },
    "Write": {
        "file": ("File", ""),
        "proxy": ("File", ""),
        "channels": ("Channel", "rgb"),
        "file_type": ("String", ""),
        "raw": ("Boolean", False),
        "colorspace": ("Colorspace", "default"),
        "premultiplied": ("Boolean", False),
        "create_directories": ("Boolean", False),
        "first": ("Int", 1),
        "last": ("Int", 1),
        "use_limit": ("Boolean", False),
        "views": ("String", "main"),
        "render_order": ("Double", 1.0),
        "datatype": ("Enumeration", "16 bit half", ("16 bit half", "32 bit float")),
        "compression": (
            "Enumeration",
            "Zip (1 scanline)",
            (
                "none",
                "Zip (1 scanline)",
                "Zip (16 scanlines)",
                "PIZ Wavelet (32 scanlines)",
                "RLE",
                "B44",
                "B44A",
                "DWAA",
                "DWAB",
            ),
        ),
        "metadata": (
            "Enumeration",
            "default metadata",
            (
                "no metadata",
                "default metadata",
                "default metadata and exr/*",
                "all metadata except input/*",
                "all metadata",
            ),
        ),
        "autocrop": ("Boolean", False),
        "beforeRender": ("String", ""),
        "afterRender": ("String", ""),
    },
    "AudioRead": {"file": ("File", "")},
    "Input": {"number": ("Int", 0)},
    "Output": {},
    "Group": {"lock_connections": ("Boolean", False)},
    "Dot": {},
    "NoOp": {},
    "Viewer": {},
    "BackdropNode": {"bdwidth": ("Int", 0), "bdheight": ("Int", 0), "z_order": ("Int", 0)},
    "Switch": {"which": ("Double", 0.0)},
    "Copy": {
        **_EXPOSED,
        "channels": ("Channel", "none"),
        "bbox": ("Enumeration", "union", ("union", "A", "B")),
        "metainput": ("Enumeration", "B", ("B", "A", "All")),
        "mix": ("Double", 1.0),
    },
    "Keymix": {
        "channels": ("Channel", "all"),
        "maskChannel": ("Channel", "rgba.alpha"),
        "invertMask": ("Boolean", False),
        "mix": ("Double", 1.0),
        "bbox": ("Enumeration", "union", ("union", "A", "B")),
    },
    "Merge2": {
        "operation": (
            "Enumeration",
            "over",
            ("over", "matte", "multiply", "plus", "minus", "difference", "copy"),
        ),
        "Achannels": ("Channel", "rgba"),
        "Bchannels": ("Channel", "rgba"),
        "output": ("Channel", "rgba"),
        "mix": ("Double", 1.0),
        "also_merge": ("Channel", "none"),
        "bbox": ("Enumeration", "union", ("union",)),
    },
    "Shuffle2": {
        "fromInput1": ("String", "{{0} B A}"),
        "fromInput2": ("String", "{{0} B A}"),
        "in1": ("Channel", "rgba"),
        "in2": ("Channel", "none"),
        "out1": ("Channel", "rgba"),
        "out2": ("Channel", "none"),
        "mappings": ("String", ""),
    },
    "Grade": {
        "channels": ("Channel", "rgb"),
        "multiply": ("Double", 1.0),
        "black_clamp": ("Boolean", True),
        "maskChannelInput": ("Channel", "none"),
    },
    "Multiply": {"channels": ("Channel", "rgb"), "value": ("Double", 1.0)},
    "Transform": {
        "translate": ("XY", ""),
        "center": ("XY", ""),
        "rotate": ("Double", 0.0),
        "scale": ("Double", 1.0),
        "filter": ("String", "Cubic"),
        "black_outside": ("Boolean", True),
    },
    "STMap": {"channels": ("Channel", "rgb"), "uv": ("Channel", "none"), "filter": ("String", "Cubic")},
    "Expression": {f"expr{place}": ("String", "") for place in range(4)},
    "ColorLookup": {"channels": ("Channel", "rgb"), "lut": ("Table", "")},
    "Reformat": {
        "type": ("Enumeration", "to format", ("to format", "to box", "scale")),
        "box_width": ("Double", 200.0),
        "box_height": ("Double", 200.0),
        "box_fixed": ("Boolean", False),
        "resize": ("Enumeration", "width", ("none", "width", "height", "fit", "fill", "distort")),
    },
    "TimeOffset": {"time_offset": ("Double", 0.0)},
    "OCIOColorSpace": {
        "in_colorspace": ("Colorspace", "scene_linear"),
        "out_colorspace": ("Colorspace", "scene_linear"),
        "channels": ("Channel", "rgb"),
    },
    "ModifyMetaData": {"metadata": ("Metadata", "")},
}

INPUTS = {
    "Read": 0,
    "AudioRead": 0,
    "Input": 0,
    "BackdropNode": 0,
    "Merge2": 2,
    "STMap": 2,
    "Copy": 2,
    "Keymix": 3,
    "Switch": 10,
    "Shuffle2": 2,
    "Group": 10,
}

ROOT: Knobs = {
    "name": ("File", ""),
    "first_frame": ("Int", 1),
    "last_frame": ("Int", 100),
    "frame": ("Double", 1.0),
    "lock_range": ("Boolean", False),
    "fps": ("Double", 24.0),
    "format": ("Format", "1920 1080 0 0 1920 1080 1 HD"),
    "proxy": ("Boolean", False),
    "proxy_type": ("Enumeration", "scale", ("format", "scale")),
    "proxy_scale": ("Double", 0.5),
    "project_directory": ("File", ""),
    "views": ("String", "main"),
    "colorManagement": ("Enumeration", "Nuke", ("Nuke", "OCIO")),
    "OCIO_config": (
        "Enumeration",
        "nuke-default",
        ("nuke-default", "aces_1.2", "fn-nuke_cg-config-v1.0.0_aces-v1.3_ocio-v2.1", "custom"),
    ),
    "customOCIOConfigPath": ("File", ""),
    "workingSpaceLUT": ("Colorspace", "linear"),
    "monitorLut": ("Colorspace", "sRGB"),
    "int8Lut": ("Colorspace", "sRGB"),
    "int16Lut": ("Colorspace", "sRGB"),
    "logLut": ("Colorspace", "Cineon"),
    "floatLut": ("Colorspace", "linear"),
}

DYNAMIC_CHOICES = "Enumeration"
