# SPDX-License-Identifier: Apache-2.0
"""What colour space the plate is in, as the daemon is told, and which light its layers come in.

Nuke's own colour management has curves by name, without primaries; OCIO has spaces of a config.
"""

from __future__ import annotations

import glob
import os
import re
from dataclasses import dataclass

import nuke
from plosive_nuke.knobs import evaluated

__all__ = ["PlateColour", "read_colour", "working_colour"]

_ROLES = {
    "default", "scene_linear", "rendering", "compositing_linear", "compositing_log", "color_timing",
    "color_picking", "texture_paint", "matte_paint", "data", "reference", "aces_interchange",
}  # fmt: skip
_CURVES = {  # of Nuke's own names, with the name of the same curve in OpenImageIO's built-in ACES config
    "srgb": "srgb_encoded_rec709_srgb", "rec709": "camera_rec709", "gamma1.8": "g18_encoded_rec709",
    "gamma2.2": "g22_encoded_rec709", "gamma2.4": "g24_encoded_rec709", "alexav3logc": "arri_logc3_ei800",
    "log3g10": "log3g10_redwidegamutrgb", "slog3": "slog3_sgamut3",
}  # fmt: skip


_CODED = {"srgb_encoded_rec709_srgb": "srgb", "g24_encoded_rec709": "bt1886"}


@dataclass(frozen=True)
class PlateColour:
    """`colorspace` and `ocio_config_path` as ClipRange has them. `layers_from`: the space of a scene-linear
    plate, empty for the working space itself, None where Nuke shows something else. `is_curve`: Nuke takes
    this very curve off, and leaves primaries alone.
    """

    colorspace: str = ""
    ocio_config_path: str = ""
    layers_from: str | None = ""
    is_curve: bool = False

    def layers_light(self, samples: str, transfer: str) -> str | None:
        """The space of the layers, by what elements.json calls the plate's samples and their transfer: empty
        is the working space, None one that Nuke cannot convert from (docs/elements.md, Light).
        """
        if samples == "SceneLinear":
            return self.layers_from
        if samples == "Coded":  # decoded by the nearest of a few curves: the same only where it is that one
            return "" if self.is_curve and _CODED.get(self.colorspace) == transfer else None
        if (samples == "Curved" and self.is_curve) or (samples == "Processed" and self.ocio_config_path):
            return ""
        return None


def working_colour() -> PlateColour:
    """Of pictures written raw by this script."""
    if not _is_ocio():
        return PlateColour()
    config = _config_path()
    return PlateColour("scene_linear" if config else _named(_root("workingSpaceLUT")), config)


def read_colour(read: nuke.Node, is_float: bool) -> PlateColour:
    """Of what a Read reads; `is_float`: its files hold light as EXR does, not code values."""
    if bool(read["raw"].value()):
        return working_colour() if is_float else PlateColour(layers_from=None)
    name = _named(str(read["colorspace"].value()))
    if not _is_ocio():
        name = name or _named(_root("floatLut" if is_float else "int8Lut"))
        if name.lower() == "linear":
            return PlateColour()
        curve = _CURVES.get(name.lower(), "")
        return PlateColour(curve, "", None, is_curve=bool(curve))
    config = _config_path()
    working = _named(_root("workingSpaceLUT"))
    if name in ("scene_linear", working):
        return PlateColour("scene_linear" if config else working, config)
    return PlateColour(name, config, name)


def _named(text: str) -> str:
    """`default (sRGB)` is sRGB, `scene_linear (ACES - ACEScg)` is ACES - ACEScg; names may hold brackets."""
    found = re.fullmatch(r"(\w+) \((.*)\)", text)
    if found and found[1] in _ROLES:
        return found[2]
    return "" if text == "default" else text


def _is_ocio() -> bool:
    return _root("colorManagement") == "OCIO"


def _config_path() -> str:
    """The config that this script uses; empty where it is not found as a file."""
    told = os.environ.get("OCIO", "")
    if told:
        return told if os.path.isfile(told) else ""
    choice = _root("OCIO_config")
    if choice == "custom":
        path = evaluated(nuke.root(), "customOCIOConfigPath")
        return path if os.path.isfile(path) else ""
    program = os.path.dirname(nuke.EXE_PATH)
    places = []
    for folder in (os.path.join(program, "plugins"), os.path.join(os.path.dirname(program), "Resources")):
        configs = os.path.join(folder, "OCIOConfigs", "configs")
        places += [os.path.join(configs, choice, "config.ocio"), os.path.join(configs, f"{choice}.ocio")]
        places += sorted(glob.glob(os.path.join(glob.escape(configs), "*", f"{glob.escape(choice)}.ocio")))
    return next((place for place in places if os.path.isfile(place)), "")


def _root(name: str) -> str:
    knob = nuke.root().knob(name)
    return "" if knob is None else str(knob.value())
