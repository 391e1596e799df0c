# SPDX-License-Identifier: Apache-2.0
"""Requests of plosive_client/PROTOCOL.md, made of what the panel says. Times are exact fractions in text."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from plosive_nuke.plate import Plate
from plosive_nuke.settings import Curve, Settings

__all__ = ["clip_of", "sync_of", "voice_of"]

_STYLES = {"strength": "strength", "jaw": "jaw", "lips": "lip"}


def clip_of(settings: Settings, plate: Plate, rate: Fraction) -> dict[str, Any]:
    """ClipRange. A movie of another rate than the script's is played at the script's: a retime says so."""
    clip: dict[str, Any] = {
        "media_path": plate.media_path,
        "range": {
            "first_frame": settings.first + plate.shift,
            "last_frame_inclusive": settings.last_inclusive + plate.shift,
        },
        "handle_frames": settings.handles,
    }
    if plate.is_movie and plate.rate != rate:
        keys = (plate.first, max(plate.last_inclusive, plate.first + 1))
        clip["retime"] = {
            "keys": [
                {"media_frame": str(frame), "timeline_seconds": str((frame - plate.first) / rate)}
                for frame in keys
            ]
        }
    elif not plate.is_movie:
        clip["sequence_rate"] = str(rate)
    if plate.view:
        clip["view"] = plate.view
    if plate.colour.colorspace:
        clip["colorspace"] = plate.colour.colorspace
    if plate.colour.ocio_config_path:
        clip["ocio_config_path"] = plate.colour.ocio_config_path
    return clip


def voice_of(settings: Settings, plate: Plate, rate: Fraction, height: int) -> dict[str, Any]:
    """Voice. The dub's first sample sounds when the script shows `dub_frame`; `height` of the plate turns a
    place upside down: Nuke counts from below.
    """
    first_shown = plate.first - plate.shift
    voice: dict[str, Any] = {
        "dub_path": settings.dub,
        "dub_start_seconds": str((settings.dub_frame - first_shown) / rate),
    }
    for name, value in (
        ("dub_channel", settings.dub_channel),
        ("transcript", settings.transcript),
        ("transcript_path", settings.transcript_file),
        ("language", settings.language),
    ):
        if value:
            voice[name] = value
    if isinstance(settings.face, tuple):
        x, y, frame = settings.face
        voice["face"] = f"{x:g},{height - y:g}@{frame + plate.shift}"
    elif settings.face:
        voice["face"] = settings.face
    return voice


def sync_of(
    settings: Settings, plate: Plate, rate: Fraction, height: int, out: str, elements: str
) -> dict[str, Any]:
    """SyncRequest. `out` is the result's path or pattern, `elements` a folder; both empty for a preview."""
    sync: dict[str, Any] = {
        "clip": clip_of(settings, plate, rate),
        "voices": [voice_of(settings, plate, rate, height)],
        "seed": settings.seed,
        "output": {"path": out} if out else {},
    }
    curves = {"strength": settings.strength, "jaw": settings.jaw, "lips": settings.lips}
    style = {_STYLES[name]: _curve(curve, plate) for name, curve in curves.items() if _is_said(curve)}
    if style:
        sync["style"] = style
    if settings.generator:
        sync["generator"] = settings.generator
    if elements:
        sync["elements"] = {"folder_path": elements}
    return sync


def _is_said(curve: Curve) -> bool:
    return any(value != 1.0 for _, value in curve)


def _curve(curve: Curve, plate: Plate) -> dict[str, Any]:
    return {"keys": [{"media_frame": str(frame + plate.shift), "value": value} for frame, value in curve]}
