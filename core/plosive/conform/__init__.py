# SPDX-License-Identifier: Apache-2.0
"""Edits: which frames of which media they show, and when."""

from __future__ import annotations

from plosive.conform.edit import AudioUse, Edit, EditMarker, EditTrack, OfflineMedia
from plosive.conform.reading import read_edit
from plosive.conform.render_groups import RenderGroup, render_groups
from plosive.conform.shot import Shot, ShotMedia
from plosive.conform.times.retime_map import RetimeMap

__all__ = [
    "AudioUse",
    "Edit",
    "EditMarker",
    "EditTrack",
    "OfflineMedia",
    "RenderGroup",
    "RetimeMap",
    "Shot",
    "ShotMedia",
    "read_edit",
    "render_groups",
]
