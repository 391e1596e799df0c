# SPDX-License-Identifier: Apache-2.0
"""Renders that are done, by what they come to: a later run takes them as they are."""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from plosive.errors import PlosiveError
from plosive.media.fingerprint import fingerprint
from plosive.media.staging import write_whole
from plosive.reel.renders.voice import RenderedVoice

__all__ = ["FinishedRender", "FinishedRenders"]

_SCHEMA = "plosive.render.v1"


@dataclass(frozen=True)
class FinishedRender:
    """A render. `out` is where it lies below the folder of the conform, with slashes; '' where it came to no
    synced frame, and `reason` says why. `files` are (name below that folder, bytes, nanoseconds of its last
    change), `content` is what they hold together (`media.fingerprint`). Frames are the media's. `score` is
    None while nobody has scored it.
    """

    key: str
    out: str
    files: tuple[tuple[str, int, int], ...]
    first_frame: int
    last_frame_inclusive: int
    frames_synced: int
    kept_ranges: tuple[tuple[int, int, str], ...]
    seconds: float
    reason: str = ""
    score: dict[str, object] | None = None
    page: str = ""
    warnings: tuple[str, ...] = ()
    voices: tuple[RenderedVoice, ...] = ()
    content: str = ""


class FinishedRenders:
    """Those of the conforms in `folder`, one small file each in `.plosive/renders` there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._place = folder / ".plosive" / "renders"

    @property
    def has_any(self) -> bool:
        """Whether there is any, whole or not."""
        return self._place.is_dir() and any(self._place.iterdir())

    def find(self, key: str) -> FinishedRender | None:
        """The render of `key`; None where there is none, or where its files do not hold what was written.
        Copied or restored files are its own if they do. One whose page is gone counts as not scored.
        """
        try:
            told = json.loads((self._place / f"{key}.json").read_text(encoding="utf-8"))
            if told.pop("schema", None) != _SCHEMA:
                return None
            told["files"] = tuple((name, size, when) for name, size, when in told["files"])
            told["kept_ranges"] = tuple((first, last, why) for first, last, why in told["kept_ranges"])
            told["warnings"] = tuple(told["warnings"])
            told["voices"] = tuple(
                RenderedVoice(**{**one, "faces": tuple(one["faces"])}) for one in told.get("voices", ())
            )
            known = FinishedRender(**told)
            if known.key != key:
                return None
            paths = [self.folder / name for name, _, _ in known.files]
            now = self.facts(paths)
            if now != known.files:
                was, sizes = ([(name, size) for name, size, _ in one] for one in (known.files, now))
                if was != sizes or not known.content or fingerprint(paths) != known.content:
                    return None
                known = replace(known, files=now)
                with suppress(PlosiveError, OSError):  # else it is read again the next time
                    self.keep(known)
        except (OSError, ValueError, TypeError, KeyError, PlosiveError):
            return None
        if known.page and not (self.folder / known.page).is_file():
            known = replace(known, page="", score=None)
        return known

    def keep(self, render: FinishedRender) -> None:
        """Raises MediaWriteError, OSError."""
        self._place.mkdir(parents=True, exist_ok=True)
        text = json.dumps({"schema": _SCHEMA, **asdict(render)}, indent=1, default=str)
        write_whole(self._place / f"{render.key}.json", text)

    def facts(self, files: Iterable[Path]) -> tuple[tuple[str, int, int], ...]:
        """What `FinishedRender.files` holds of them. Raises OSError."""
        found = []
        for path in files:
            known = path.stat()
            found.append((path.relative_to(self.folder).as_posix(), known.st_size, known.st_mtime_ns))
        return tuple(found)
