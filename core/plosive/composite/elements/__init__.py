# SPDX-License-Identifier: Apache-2.0
"""Elements for compositing, contract 1 (docs/elements.md): everything Plosive made, as layers of one float
EXR per frame, with tracks and curves as JSON and a Nuke script that puts the final together again.
"""

from __future__ import annotations

from plosive.composite.elements.files import ElementsFolder, ElementsWriter
from plosive.composite.elements.layers import CHANNEL_NAMES, MadeFace
from plosive.composite.elements.tracks import ElementsFace
from plosive.composite.elements.wanted import ElementsPlate, Made

__all__ = [
    "CHANNEL_NAMES",
    "ElementsFace",
    "ElementsFolder",
    "ElementsPlate",
    "ElementsWriter",
    "Made",
    "MadeFace",
]
