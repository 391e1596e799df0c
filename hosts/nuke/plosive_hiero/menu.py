# SPDX-License-Identifier: Apache-2.0
"""Puts Lip Sync Clip on the right-click menus of timeline, bin and spreadsheet.

Events of hiero.core: `event.menu` is the QMenu about to be shown and `event.sender` the view, whose
`selection()` holds track items (timeline, spreadsheet) or bin items. HieroPlayer edits nothing and gets none.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any, Optional

import hiero.core

from plosive_hiero.action import lip_sync
from plosive_hiero.desk import Desk
from plosive_hiero.program import product_and_version
from plosive_hiero.screen import Screen
from plosive_hiero.targets import is_syncable
from plosive_host.sighting import remember_sighting

__all__ = ["ACTION_NAME", "Menu", "add_menus"]

ACTION_NAME = "Lip Sync Clip"
EVENTS = ("kShowContextMenu/kTimeline", "kShowContextMenu/kBin", "kShowContextMenu/kSpreadsheet")


class Menu:
    """Holds the action: Qt's menus do not keep it alive."""

    def __init__(self, screen: Screen, action: Any) -> None:
        self.desk = Desk(screen)
        self.action = action
        self._selection: Sequence[Any] = ()
        action.triggered.connect(self._chosen)
        for event in EVENTS:
            hiero.core.events.registerInterest(event, self.about_to_show)

    def about_to_show(self, event: Any) -> None:
        """Never raises: the menu is everybody's."""
        try:
            view = event.sender
            if not hasattr(view, "selection"):
                return
            self._selection = tuple(view.selection() or ())
            self.action.setEnabled(any(map(is_syncable, self._selection)))
            event.menu.addAction(self.action)
        except Exception:
            self.desk.log.exception("%s", "The right-click menu")

    def _chosen(self, *_: object) -> None:
        lip_sync(self._selection, self.desk)


@functools.lru_cache(maxsize=1)
def add_menus() -> Optional[Menu]:
    """This program's, made once; None in HieroPlayer. For `plosive doctor` it is noted which one this is."""
    remember_sighting("hiero", *product_and_version())
    if hiero.core.isHieroPlayer():
        return None
    from plosive_hiero.qt_screen import QtScreen, action

    return Menu(QtScreen(), action(ACTION_NAME))
