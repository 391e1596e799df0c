# SPDX-License-Identifier: Apache-2.0
"""Whether an item of an edit shows its picture as it is: nothing moves, cuts, fades or blends it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

__all__ = ["PICTURE_CHANGES", "is_plain"]

PICTURE_CHANGES = "plosive_picture_changes"  # metadata: names of what an FCPXML does to a picture

# Filters of Final Cut Pro 7 XML that do nothing with these values, and 0 for all others
_AT_REST: dict[str, dict[str, float]] = {
    "basic": {"scale": 100.0}, "opacity": {"opacity": 100.0}, "crop": {}, "timeremap": {},
}  # fmt: skip
_BLENDS = ("", "normal", "none")


def is_plain(item: Any) -> bool:
    """Whether all effects of an item are known to leave its picture where and as it is. What is not known
    counts as a change. Effects of time are none of the picture.
    """
    if not all(_is_harmless(effect) for effect in item.effects) or item.metadata.get(PICTURE_CHANGES):
        return False
    said = item.metadata.get("fcp_xml")
    blend = said.get("compositemode", "") if isinstance(said, Mapping) or hasattr(said, "get") else ""
    return str(blend).strip().casefold() in _BLENDS


def _is_harmless(effect: Any) -> bool:
    """Resolve writes Transform, Cropping, Composite and others on every clip: with no parameters, or with
    each at its default, they do nothing; so do those that are not enabled.
    """
    import opentimelineio as otio

    if isinstance(effect, otio.schema.TimeEffect):
        return True
    if not getattr(effect, "enabled", True):
        return True
    resolve = effect.metadata.get("Resolve_OTIO")
    if hasattr(resolve, "get"):
        return resolve.get("Enabled") is False or _are_defaults(resolve.get("Parameters") or ())
    final_cut = effect.metadata.get("fcp_xml")
    return hasattr(final_cut, "get") and _is_at_rest(final_cut)


def _is_at_rest(said: Any) -> bool:
    """Premiere writes Basic Motion and Opacity on every clip once they were looked at."""
    kind = said.get("effectid")
    if kind not in _AT_REST:
        return False
    parameters = said.get("parameter") or ()
    for one in [parameters] if hasattr(parameters, "get") else parameters:
        if kind == "timeremap":
            break
        if not hasattr(one, "get") or "keyframe" in one:
            return False
        value, rest = one.get("value", "0"), _AT_REST[kind].get(str(one.get("parameterid")), 0.0)
        values = value.values() if hasattr(value, "values") else [value]
        if not all(_is_number(part, rest) for part in values):
            return False
    return True


def _is_number(text: Any, wanted: float) -> bool:
    try:
        return abs(float(str(text)) - wanted) < 1e-6
    except ValueError:
        return False


def _are_defaults(parameters: Iterable[Any]) -> bool:
    return all(
        hasattr(one, "get")
        and "Parameter Value" in one
        and one["Parameter Value"] == one.get("Default Parameter Value")
        and not one.get("Key Frames")
        for one in parameters
    )
