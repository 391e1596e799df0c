# SPDX-License-Identifier: Apache-2.0
"""Takes of a TimelineItem."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from fakes.resolve.api import Handle, api
from fakes.resolve.cut import ItemState, TakeState, TimelineState
from fakes.resolve.rejection import FakeRejection

if TYPE_CHECKING:
    from fakes.resolve.poolitem import MediaPoolItem

__all__ = ["ItemTakes"]


class ItemTakes(Handle):
    """The take selector. [?] What becomes of the item's length, speed and offset with a take of another
    length is written nowhere: here the item keeps place and length as far as the take goes, and starts at
    the take's first frame; a take that is too short makes it shorter (the take selector without ripple, [I]
    from the manual).
    """

    _timeline: TimelineState
    _item: ItemState

    @api(failed=False)
    def AddTake(
        self, mediaPoolItem: MediaPoolItem, startFrame: int | None = None, endFrame: int | None = None
    ) -> bool:
        """[V] makes a take selector when there is none (its first take is the clip as it is); all of the
        clip by default. [?] Whether endFrame is inclusive and whether the take is selected: switches.
        """
        item, behaviour = self._item, self._app.behaviour
        if item.kind != "video" or item.media is None or self._is_locked:
            return False
        if (startFrame is None) != (endFrame is None):
            raise FakeRejection("AddTake: startFrame and endFrame come together")
        media = mediaPoolItem._media
        if not media.has_video:
            return False
        first, last = 0, media.frame_count - 1
        if startFrame is not None and endFrame is not None:
            zero = media.start_number(behaviour.sequence_numbers)
            first, last = startFrame - zero, endFrame - zero - (not behaviour.take_end_is_inclusive)
            if last == first - 1:
                return False  # [I] one frame, to a program for which the end is exclusive: none
            if not 0 <= first <= last < media.frame_count:
                raise FakeRejection(
                    f"AddTake: frames {startFrame} to {endFrame} of {media.name}, which has "
                    f"{media.frame_count}"
                )
        if not item.takes:
            item.takes.append(_current(item, self._timeline.rate))
            item.selected_take = 1
        item.takes.append(TakeState(media, first, last))
        if behaviour.new_take_is_selected:
            self._select(len(item.takes))
        return True

    @property
    def _is_locked(self) -> bool:
        place = self._timeline.find(self._item)
        return place is None or self._timeline.tracks(place[0])[place[1] - 1].is_locked

    @api(failed=0)
    def GetTakesCount(self) -> int:
        return len(self._item.takes)

    @api(failed=0)
    def GetSelectedTakeIndex(self) -> int:
        """[V] from 1; 0: no take selector."""
        return self._item.selected_take

    @api()
    def GetTakeByIndex(self, idx: int) -> dict[str, Any] | None:
        """[V] startFrame, endFrame and mediaPoolItem; [I] the bounds as AddTake takes them."""
        from fakes.resolve.poolitem import MediaPoolItem

        if not 1 <= idx <= len(self._item.takes):
            return None
        take = self._item.takes[idx - 1]
        zero = take.media.start_number(self._app.behaviour.sequence_numbers)
        return {
            "startFrame": take.first_frame + zero,
            "endFrame": take.last_frame_inclusive + zero + (not self._app.behaviour.take_end_is_inclusive),
            "mediaPoolItem": MediaPoolItem(self._app, take.media),
        }

    @api(failed=False)
    def SelectTakeByIndex(self, idx: int) -> bool:
        if not 1 <= idx <= len(self._item.takes) or self._is_locked:
            return False
        self._select(idx)
        return True

    def _select(self, index: int) -> None:
        """What `item` was under its old take is kept with that take, as the program's selector does [I]."""
        item, rate = self._item, self._timeline.rate
        if index == item.selected_take:
            return
        left = item.takes[item.selected_take - 1]
        left_as = (item.duration, item.source_in, item.speed, item.name)
        vars(left)["shown_as"] = left_as
        take = item.takes[index - 1]
        item.selected_take = index
        item.media = take.media
        back = vars(take).get("shown_as")
        if back is not None:
            item.duration, item.source_in, item.speed, item.name = back
            return
        item.name = take.media.name
        speed = item.speed if self._app.behaviour.take_keeps_speed else Fraction(1)
        frames = Fraction(take.last_frame_inclusive - take.first_frame + 1)
        item.speed = speed
        item.source_in = Fraction(take.first_frame)
        if speed < 0:
            item.source_in = Fraction(take.last_frame_inclusive + 1)
        if speed:
            length = frames * rate / take.media.rate / abs(speed)
            item.duration = min(item.duration, max(1, math.floor(length)))

    @api(failed=False)
    def DeleteTakeByIndex(self, idx: int) -> bool:
        """[?] of the selected one: refused here."""
        item = self._item
        if not 1 <= idx <= len(item.takes) or idx == item.selected_take or self._is_locked:
            return False
        del item.takes[idx - 1]
        item.selected_take -= idx < item.selected_take
        return True

    @api(failed=False)
    def FinalizeTake(self) -> bool:
        """[M] False when there is no take selector. The selected take becomes the clip."""
        if not self._item.takes or self._is_locked:
            return False
        self._item.takes.clear()
        self._item.selected_take = 0
        return True


def _current(item: ItemState, timeline_rate: Fraction) -> TakeState:
    """The clip as it is, as a take."""
    assert item.media is not None
    shown = [item.shown_media_frame(offset, timeline_rate) for offset in (0, item.duration - 1)]
    return TakeState(item.media, min(shown), max(shown))
