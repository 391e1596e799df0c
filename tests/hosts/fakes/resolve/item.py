# SPDX-License-Identifier: Apache-2.0
"""TimelineItem: a clip on a track."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from fakes.resolve.api import api
from fakes.resolve.cut import ItemState, TimelineState
from fakes.resolve.markers import ColoredHandle
from fakes.resolve.rejection import FakeRejection
from fakes.resolve.source import ItemSource
from fakes.resolve.taking import ItemTakes

if TYPE_CHECKING:
    from fakes.resolve.application import FakeApplication
    from fakes.resolve.fusion import FusionComp

__all__ = ["PROPERTIES", "TimelineItem"]

PROPERTIES: dict[str, Any] = {
    "Pan": 0.0,
    "Tilt": 0.0,
    "ZoomX": 1.0,
    "ZoomY": 1.0,
    "ZoomGang": True,
    "RotationAngle": 0.0,
    "AnchorPointX": 0.0,
    "AnchorPointY": 0.0,
    "Pitch": 0.0,
    "Yaw": 0.0,
    "FlipX": False,
    "FlipY": False,
    "CropLeft": 0.0,
    "CropRight": 0.0,
    "CropTop": 0.0,
    "CropBottom": 0.0,
    "CropSoftness": 0.0,
    "CropRetain": False,
    "DynamicZoomEase": 0,
    "CompositeMode": 0,
    "Opacity": 100.0,
    "Distortion": 0.0,
    "RetimeProcess": 0,
    "MotionEstimation": 0,
    "Scaling": 0,
    "ResizeFilter": 0,
}
"""[V] the 26 keys of a picture clip and what they are at first."""


class TimelineItem(ItemSource, ItemTakes, ColoredHandle):
    """A handle of an item. Once the item has left its timeline, getters answer None ([M] of ghosts)."""

    def __init__(self, app: FakeApplication, timeline: TimelineState, item: ItemState) -> None:
        super().__init__(app)
        self._timeline = timeline
        self._item = item

    @property
    def _markers(self) -> dict[int, dict[str, Any]]:
        return self._item.markers

    @property
    def _flags(self) -> list[str]:
        return self._item.flags

    def _color_holder(self) -> ItemState:
        return self._item

    # identity and place

    @api((21, 1))
    def GetType(self) -> str | None:
        """[V] 'video', 'audio', 'generator' or 'transition'."""
        return None if self._is_ghost else self._item.kind

    @api()
    def GetName(self) -> str | None:
        return None if self._is_ghost else self._item.name

    @api((20, 2), failed=False)
    def SetName(self, name: str) -> bool:
        if self._is_ghost or not name:
            return False
        self._item.name = name
        return True

    @api(failed="")
    def GetUniqueId(self) -> str:
        """[M] empty of a ghost."""
        return "" if self._is_ghost else self._item.id

    @api(failed=[])
    def GetTrackTypeAndIndex(self) -> list[Any]:
        """[V] [kind, index from 1]; >= 19.0."""
        return list(self._timeline.find(self._item) or [])

    @api()
    def GetStart(self, subframePrecision: bool = False) -> float | None:
        """[V] absolute timeline frame; a float with subframe precision."""
        return self._number(self._item.record_start, subframePrecision)

    @api()
    def GetEnd(self, subframePrecision: bool = False) -> float | None:
        """[M] exclusive: GetStart + GetDuration."""
        return self._number(self._item.record_end_exclusive, subframePrecision)

    @api()
    def GetDuration(self, subframePrecision: bool = False) -> float | None:
        return self._number(self._item.duration, subframePrecision)

    # looks and company

    @api(failed=[])
    def GetLinkedItems(self) -> list[TimelineItem]:
        """[V] the others of its link group; >= 19.0."""
        if self._is_ghost or not self._item.link_group:
            return []
        return [
            TimelineItem(self._app, self._timeline, other)
            for other in self._timeline.all_items()
            if other is not self._item and other.link_group == self._item.link_group
        ]

    @api(failed=False)
    def SetClipEnabled(self, enabled: bool) -> bool:
        if self._is_ghost:
            return False
        self._item.is_enabled = enabled
        return True

    @api()
    def GetClipEnabled(self) -> bool | None:
        return None if self._is_ghost else self._item.is_enabled

    @api()
    def GetProperty(self, propertyKey: str = "") -> Any:
        """[V] one value, or all; [M] an empty dict of a transition, None of a generator."""
        if self._is_ghost or self._item.kind in ("generator", "audio"):
            return None
        if self._item.kind == "transition":
            return {}
        values = {**PROPERTIES, **self._item.properties}
        if propertyKey and propertyKey not in values:
            raise FakeRejection(f"GetProperty: {propertyKey!r} is no property of a clip")
        return values[propertyKey] if propertyKey else values

    @api(failed=False)
    def SetProperty(self, propertyKey: str, propertyValue: Any) -> bool:
        """[V] False for a value of the wrong type."""
        if propertyKey not in PROPERTIES:
            raise FakeRejection(f"SetProperty: {propertyKey!r} is no property of a clip")
        first = PROPERTIES[propertyKey]
        is_number = isinstance(propertyValue, int | float) and not isinstance(propertyValue, bool)
        if self._is_ghost or self._item.kind != "video" or (isinstance(first, bool) is is_number):
            return False
        self._item.properties[propertyKey] = propertyValue
        return True

    @api(failed=False)
    def CopyGrades(self, tgtTimelineItems: list[TimelineItem]) -> bool:
        """[V] the grade of the current version onto others; False for a ghost or nobody."""
        if self._is_ghost or not tgtTimelineItems or any(target._is_ghost for target in tgtTimelineItems):
            return False
        for target in tgtTimelineItems:
            target._item.grade = self._item.grade
        return True

    # Fusion

    @api(failed=0)
    def GetFusionCompCount(self) -> int:
        return len(self._item.fusion_comps)

    @api()
    def GetFusionCompByIndex(self, compIndex: int) -> FusionComp | None:
        """[V] 1 <= compIndex <= count."""
        from fakes.resolve.fusion import FusionComp

        if not 1 <= compIndex <= len(self._item.fusion_comps):
            return None
        return FusionComp(self._app, self._item.fusion_comps[compIndex - 1])

    @api(failed=[])
    def GetFusionCompNameList(self) -> list[str]:
        return [comp.name for comp in self._item.fusion_comps]

    @api()
    def GetFusionCompByName(self, compName: str) -> FusionComp | None:
        names = self.GetFusionCompNameList()
        return self.GetFusionCompByIndex(names.index(compName) + 1) if compName in names else None

    @api(failed=False)
    def ExportFusionComp(self, path: str, compIndex: int) -> bool:
        """[V] writes the composition as text."""
        from pathlib import Path

        if not 1 <= compIndex <= len(self._item.fusion_comps) or not Path(path).parent.is_dir():
            return False
        Path(path).write_text(json.dumps(self._item.fusion_comps[compIndex - 1].as_text()), encoding="utf-8")
        return True

    @api()
    def ImportFusionComp(self, path: str) -> FusionComp | None:
        from pathlib import Path

        from fakes.resolve.fusion import CompState, FusionComp

        if self._is_ghost or self._item.kind != "video" or not Path(path).is_file():
            return None
        comp = CompState.from_text(json.loads(Path(path).read_text(encoding="utf-8")))
        self._item.fusion_comps.append(comp)
        return FusionComp(self._app, comp)
