# SPDX-License-Identifier: Apache-2.0
"""Markers, flags and clip colours: on items, on clips of the media pool and on timelines alike."""

from __future__ import annotations

from typing import Any

from fakes.resolve.api import Handle, api
from fakes.resolve.rejection import FakeRejection

__all__ = ["CLIP_COLORS", "MARKER_COLORS", "ColoredHandle", "MarkedHandle"]

CLIP_COLORS = frozenset(
    [
        "Orange",
        "Apricot",
        "Yellow",
        "Lime",
        "Olive",
        "Green",
        "Teal",
        "Navy",
        "Blue",
        "Purple",
        "Violet",
        "Pink",
        "Tan",
        "Beige",
        "Brown",
        "Chocolate",
    ]
)
"""[M] the 16 that SetClipColor takes; anything else is a silent False."""
MARKER_COLORS = frozenset(
    [
        "Blue",
        "Cyan",
        "Green",
        "Yellow",
        "Red",
        "Pink",
        "Purple",
        "Fuchsia",
        "Rose",
        "Lavender",
        "Sky",
        "Mint",
        "Lemon",
        "Sand",
        "Cocoa",
        "Cream",
    ]
)
"""[V] of markers and flags."""


class MarkedHandle(Handle):
    """Markers at frames after the begin of what they are on ([V]; on an item they count in source frames)."""

    @property
    def _markers(self) -> dict[int, dict[str, Any]]:
        raise NotImplementedError

    @api(failed=False)
    def AddMarker(
        self, frameId: float, color: str, name: str, note: str, duration: float, customData: str = ""
    ) -> bool:
        """[V] False when there is one at the frame already, or the colour is none of the 16."""
        if color not in MARKER_COLORS or duration < 1 or int(frameId) in self._markers:
            return False
        self._markers[int(frameId)] = {
            "color": color,
            "duration": float(duration),
            "note": note,
            "name": name,
            "customData": customData,
        }
        return True

    @api(failed={})
    def GetMarkers(self) -> dict[float, dict[str, Any]]:
        """[V] frames are floats: {96.0: {...}}."""
        return {float(frame): dict(facts) for frame, facts in sorted(self._markers.items())}

    @api(failed={})
    def GetMarkerByCustomData(self, customData: str) -> dict[str, Any]:
        """[V] the first that fits, else an empty dict."""
        found = (facts for _, facts in sorted(self._markers.items()) if facts["customData"] == customData)
        return dict(next(found, {}))

    @api(failed=False)
    def UpdateMarkerCustomData(self, frameId: float, customData: str) -> bool:
        if int(frameId) not in self._markers:
            return False
        self._markers[int(frameId)]["customData"] = customData
        return True

    @api(failed="")
    def GetMarkerCustomData(self, frameId: float) -> str:
        return str(self._markers.get(int(frameId), {}).get("customData", ""))

    @api(failed=False)
    def DeleteMarkerAtFrame(self, frameNum: float) -> bool:
        return self._markers.pop(int(frameNum), None) is not None

    @api(failed=False)
    def DeleteMarkerByCustomData(self, customData: str) -> bool:
        for frame, facts in sorted(self._markers.items()):
            if facts["customData"] == customData:
                del self._markers[frame]
                return True
        return False

    @api(failed=False)
    def DeleteMarkersByColor(self, color: str) -> bool:
        if color != "All" and color not in MARKER_COLORS:
            raise FakeRejection(f"DeleteMarkersByColor: {color!r} is no colour of markers")
        doomed = [frame for frame, facts in self._markers.items() if color in ("All", facts["color"])]
        for frame in doomed:
            del self._markers[frame]
        return bool(doomed)


class ColoredHandle(MarkedHandle):
    """Flags and the clip colour, too."""

    @property
    def _flags(self) -> list[str]:
        raise NotImplementedError

    def _color_holder(self) -> Any:
        raise NotImplementedError

    @api(failed=False)
    def AddFlag(self, color: str) -> bool:
        if color not in MARKER_COLORS:
            return False
        if color not in self._flags:
            self._flags.append(color)
        return True

    @api(failed=[])
    def GetFlagList(self) -> list[str]:
        return list(self._flags)

    @api(failed=False)
    def ClearFlags(self, color: str) -> bool:
        kept = [flag for flag in self._flags if color not in ("All", flag)]
        is_changed = len(kept) < len(self._flags)
        self._flags[:] = kept
        return is_changed

    @api(failed="")
    def GetClipColor(self) -> str:
        return str(self._color_holder().clip_color)

    @api(failed=False)
    def SetClipColor(self, colorName: str) -> bool:
        """[M] False for a name that is none of the 16; True on a generator without any effect."""
        if colorName not in CLIP_COLORS:
            return False
        if getattr(self._color_holder(), "kind", "") not in ("generator", "transition"):
            self._color_holder().clip_color = colorName
        return True

    @api(failed=False)
    def ClearClipColor(self) -> bool:
        self._color_holder().clip_color = ""
        return True
