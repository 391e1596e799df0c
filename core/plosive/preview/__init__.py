# SPDX-License-Identifier: Apache-2.0
"""The motion of a dub to look at before anything is generated: a grey face that speaks it, beside its phones,
waveform and curves.
"""

from __future__ import annotations

from plosive.preview.film import PREVIEW_SUFFIXES, write_preview
from plosive.preview.scene import Scene

__all__ = ["PREVIEW_SUFFIXES", "Scene", "write_preview"]
