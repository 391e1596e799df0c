# SPDX-License-Identifier: Apache-2.0
"""MediaPoolItem and Folder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fakes.resolve.api import Handle, api
from fakes.resolve.markers import ColoredHandle
from fakes.resolve.media import FolderState, MediaState

if TYPE_CHECKING:
    from fakes.resolve.application import FakeApplication

__all__ = ["Folder", "MediaPoolItem"]

SETTABLE = frozenset(
    (
        "Clip Name",
        "Clip Color",
        "FPS",
        "Start TC",
        "Input Color Space",
        "Input LUT",
        "IDT",
        "Data Level",
        "Alpha mode",
        "PAR",
        "Field Dominance",
        "Reel Name",
        "Super Scale",
        "In",
        "Out",
        "Comments",
    )
)


class MediaPoolItem(ColoredHandle):
    """A clip of the media pool."""

    def __init__(self, app: FakeApplication, media: MediaState) -> None:
        super().__init__(app)
        self._media = media

    @property
    def _markers(self) -> dict[int, dict[str, Any]]:
        return self._media.markers

    @property
    def _flags(self) -> list[str]:
        return self._media.flags

    def _color_holder(self) -> MediaState:
        return self._media

    @api()
    def GetName(self) -> str:
        return self._media.name

    @api((20, 2), failed=False)
    def SetName(self, name: str) -> bool:
        self._media.name = name or self._media.name
        return bool(name)

    @api(failed="")
    def GetUniqueId(self) -> str:
        return self._media.id

    @api(failed={})
    def GetClipProperty(self, propertyName: str = "") -> Any:
        """[V] all as a dict; one by name (deprecated since 21.1, and refused there). Unknown names: empty
        text.
        """
        values = self._media.clip_properties(self._app.behaviour.sequence_numbers)
        if not propertyName:
            return values
        self._app.deprecated("MediaPoolItem.GetClipProperty(name)")
        return values.get(propertyName, "")

    @api(failed=False)
    def SetClipProperty(self, propertyName: str, propertyValue: Any) -> bool:
        """[V] False for what cannot be set. 'FPS' changes the rate of the clip."""
        from fakes.resolve.rates import rate_from_text

        if propertyName not in SETTABLE:
            return False
        if propertyName == "FPS":
            rate = rate_from_text(str(propertyValue))
            if rate is None:
                return False
            self._media.rate = rate
        elif propertyName == "Clip Name":
            self._media.name = str(propertyValue)
        elif propertyName == "Clip Color":
            return bool(self.SetClipColor(str(propertyValue)))
        else:
            self._media.properties[propertyName] = str(propertyValue)
        return True

    @api(failed={})
    def GetMetadata(self, metadataType: str = "") -> Any:
        return self._media.metadata.get(metadataType, "") if metadataType else dict(self._media.metadata)

    @api(failed=False)
    def SetMetadata(self, metadata: dict[str, str]) -> bool:
        """[V] names of Resolve's own fields only; others are dropped with False."""
        known = {
            "Comments",
            "Description",
            "Keywords",
            "Scene",
            "Shot",
            "Take",
            "Reel Name",
            "Good Take",
            "Angle",
        }
        self._media.metadata.update({key: value for key, value in metadata.items() if key in known})
        return set(metadata) <= known

    @api(failed={})
    def GetThirdPartyMetadata(self, metadataType: str = "") -> Any:
        held = self._media.third_party_metadata
        return held.get(metadataType, "") if metadataType else dict(held)

    @api(failed=False)
    def SetThirdPartyMetadata(self, metadata: dict[str, str]) -> bool:
        """[V] any names."""
        self._media.third_party_metadata.update(metadata)
        return True

    @api(failed=False, studio_only=True)
    def TranscribeAudio(self, useSpeakerDetection: bool = False) -> bool:
        """[V] Studio only."""
        return True

    @api((21, 1))
    def GetTranscription(self) -> dict[str, Any] | None:
        """[V] language and segments with words."""
        return {"language": "en", "segments": []}


class Folder(Handle):
    """A bin."""

    def __init__(self, app: FakeApplication, folder: FolderState) -> None:
        super().__init__(app)
        self._folder = folder

    @api()
    def GetName(self) -> str:
        return self._folder.name

    @api(failed="")
    def GetUniqueId(self) -> str:
        return self._folder.id

    @api(failed=[])
    def GetClipList(self) -> list[MediaPoolItem]:
        return [MediaPoolItem(self._app, media) for media in self._folder.clips]

    @api(failed=[])
    def GetSubFolderList(self) -> list[Folder]:
        return [Folder(self._app, folder) for folder in self._folder.folders]
