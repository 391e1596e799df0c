# SPDX-License-Identifier: Apache-2.0
"""The running Resolve: which edition and version it is, and whether it can be worked with.

Versions, editions and what they lack: DaVinci Resolve's scripting README and CHANGELOG of 21.1 and press on
the change of 21.1 (Python scripts are for Studio only). `hasattr` is true for every name on Resolve's
objects, so whether something exists is asked of `dir`.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from plosive_host import PlosiveHostError

if TYPE_CHECKING:
    from resolve_api import MediaPool, Project, ProjectManager, Resolve, Timeline

__all__ = ["OLDEST_PYTHON", "OLDEST_RESOLVE", "Edition", "Host", "can", "no_answer", "open_host"]

OLDEST_RESOLVE = (19, 1)
OLDEST_PYTHON = (3, 9)
_FREE_ENDS = (21, 1)  # from here on the free edition runs no Python


@dataclass(frozen=True)
class Edition:
    """`version` is (major, minor, patch)."""

    product: str
    version: tuple[int, int, int]
    is_studio: bool

    def __str__(self) -> str:
        return f"{self.product} {'.'.join(str(part) for part in self.version)}"


@dataclass(frozen=True)
class Host:
    """Resolve and what a script run from its menu was given."""

    resolve: Resolve
    edition: Edition
    fusion: Any = None
    bmd: Any = None

    @property
    def has_dialogs(self) -> bool:
        """UIManager: Studio only since 19.1."""
        return self.edition.is_studio and self.fusion is not None and self.bmd is not None

    @property
    def project_manager(self) -> ProjectManager:
        manager = self.resolve.GetProjectManager()
        if manager is None:
            raise no_answer()
        return manager

    @property
    def project(self) -> Project:
        """The open project. Raises PlosiveHostError (NO_TIMELINE) where there is none."""
        project = self.project_manager.GetCurrentProject()
        if project is None:
            raise PlosiveHostError("No project is open in Resolve; open one first.", "NO_TIMELINE")
        return project

    @property
    def media_pool(self) -> MediaPool:
        pool = self.project.GetMediaPool()
        if pool is None:
            raise no_answer()
        return pool

    @property
    def timeline(self) -> Timeline:
        """The current timeline. Raises PlosiveHostError (NO_TIMELINE) where there is none."""
        timeline = self.project.GetCurrentTimeline()
        if timeline is None:
            raise PlosiveHostError(
                "No timeline is open; open the one with your clip on the Edit page, then try again.",
                "NO_TIMELINE",
            )
        return timeline


def no_answer() -> PlosiveHostError:
    """What to raise where Resolve answers nothing at all, as it does while one of its windows waits."""
    return PlosiveHostError(
        "Resolve does not answer, as while one of its windows waits for you; close it, then run Lip Sync "
        "Clip again.",
        "NO_ANSWER",
    )


def can(thing: Any, name: str) -> bool:
    """Whether this Resolve's `thing` has the method `name`."""
    return thing is not None and name in dir(thing)


def open_host(given: Mapping[str, Any] | None = None) -> Host:
    """Resolve as a script's `globals()` hold it, else through its DaVinciResolveScript module. Raises
    PlosiveHostError: NO_RESOLVE where it cannot be reached, TOO_OLD for an old Resolve or Python,
    FREE_EDITION for a free Resolve that runs no scripts.
    """
    if sys.version_info < OLDEST_PYTHON:
        raise PlosiveHostError(
            f"Resolve runs this script with Python {sys.version_info[0]}.{sys.version_info[1]}, and Plosive "
            "needs 3.9 or later; install a newer Python 3, then restart Resolve.",
            "TOO_OLD",
        )
    given = given or {}
    bmd = given.get("bmd")
    resolve = _resolve_of(given, bmd)
    if resolve is None:
        raise PlosiveHostError(
            "Resolve cannot be reached from this script; run it from Workspace > Scripts, or in Studio set "
            "Preferences > System > General > External scripting to Local.",
            "NO_RESOLVE",
        )
    edition = _edition_of(resolve)
    _require_supported(edition)
    fusion = given.get("fusion") or given.get("fu")
    if fusion is None and can(resolve, "Fusion"):
        fusion = resolve.Fusion()
    return Host(resolve, edition, fusion, bmd)


def _resolve_of(given: Mapping[str, Any], bmd: Any) -> Any:
    for name in ("resolve", "app"):
        thing = given.get(name)
        if can(thing, "GetProjectManager"):
            return thing
    fusion = given.get("fusion") or given.get("fu")
    if fusion is not None and can(fusion, "GetResolve"):
        thing = fusion.GetResolve()
        if can(thing, "GetProjectManager"):
            return thing
    if bmd is None:
        try:
            bmd = importlib.import_module("DaVinciResolveScript")
        except ImportError:
            return None
    try:
        return bmd.scriptapp("Resolve")
    except (AttributeError, TypeError):
        return None


def _edition_of(resolve: Resolve) -> Edition:
    product = str(resolve.GetProductName() or "DaVinci Resolve")
    told = resolve.GetVersion()
    if isinstance(told, Mapping):  # Lua's tables come as dictionaries from some builds
        told = [told[key] for key in sorted(told)]
    numbers = [int(part) for part in list(told or [])[:3] if str(part).isdigit()]
    numbers += [0] * (3 - len(numbers))
    return Edition(product, (numbers[0], numbers[1], numbers[2]), "studio" in product.lower())


def _require_supported(edition: Edition) -> None:
    if edition.version[:2] < OLDEST_RESOLVE:
        raise PlosiveHostError(
            f"This is {edition}, and Plosive works with 19.1 and later; update Resolve, or send the edit as "
            "OTIO through `plosive conform`.",
            "TOO_OLD",
        )
    if not edition.is_studio and edition.version[:2] >= _FREE_ENDS:
        raise PlosiveHostError(
            f"{edition} is the free edition, which runs no Python scripts from 21.1 on; use Studio or the "
            "free 21.0, or export the timeline as OTIO and run `plosive conform`.",
            "FREE_EDITION",
        )
