# SPDX-License-Identifier: Apache-2.0
"""What an FCPXML element does to its picture."""

from __future__ import annotations

from xml.etree.ElementTree import Element

__all__ = ["picture_changes"]

# Adjustments with the values at which they change nothing (FCPXML's DTD names these as defaults); Resolve
# writes them on every clip.
_NEUTRAL = {
    "adjust-transform": {"position": "0 0", "scale": "1 1", "rotation": "0", "anchor": "0 0"},
    "adjust-blend": {"amount": "1", "mode": "normal"},
    "adjust-conform": {"type": "fit"},
}
_SOUND = ("adjust-volume", "adjust-panner", "adjust-EQ", "adjust-loudness", "adjust-noiseReduction")
_SOUND_ENDS = ("Isolation", "humReduction", "matchEQ")


def picture_changes(element: Element) -> list[str]:
    """Names of the filters and adjustments of a story element that may move, cut, fade or blend it."""
    own = list(element)
    if element.tag == "clip":  # its file's own
        own += [child for video in element.findall("video") for child in video]
    return [child.tag for child in own if _is_change(child)]


def _is_change(child: Element) -> bool:
    if child.get("enabled") == "0":
        return False
    if child.tag in ("filter-video", "filter-video-mask"):
        return True
    if not child.tag.startswith("adjust-") or child.tag in _SOUND or child.tag.endswith(_SOUND_ENDS):
        return False
    neutral = _NEUTRAL.get(child.tag)
    if neutral is None or len(child):
        return True
    said = {key: value for key, value in child.attrib.items() if key != "enabled"}
    return any(not _are_equal(value, neutral.get(key)) for key, value in said.items())


def _are_equal(said: str, neutral: str | None) -> bool:
    if neutral is None:
        return False
    try:
        return [float(one) for one in said.split()] == [float(one) for one in neutral.split()]
    except ValueError:
        return said.strip().casefold() == neutral
