# SPDX-License-Identifier: Apache-2.0
"""Where results go and what they are called. Versions are counted by the daemon, which finds a free one."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path, PurePosixPath, PureWindowsPath

from plosive_resolve.choices import Choices
from plosive_resolve.clip_use import ClipUse

__all__ = ["BIN_NAME", "elements_folder", "result_folder", "result_stem", "safe_name", "version_of_path"]

BIN_NAME = "Plosive"
_LONGEST_STEM = 150
_UNSAFE = re.compile(r'[\x00-\x1f<>:"/\\|?*%#@\[\]]+')
_VERSION = re.compile(r"_v(\d{3,})(?=\.|$)")


def result_folder(clip: ClipUse, project_name: str, choices: Choices) -> Path:
    """The chosen folder; else "Plosive" beside the media where that can be written to, else in the user's
    folder for films, by project. Made by `made_folder`, not here.
    """
    if choices.folder:
        return Path(os.path.expanduser(choices.folder))
    if clip.media.path and not clip.media.is_raw:
        beside = Path(clip.media.path).parent
        if os.access(beside, os.W_OK):
            return beside / BIN_NAME
    films = "Movies" if sys.platform == "darwin" else "Videos"
    return Path.home() / films / BIN_NAME / safe_name(project_name)


def result_stem(clip: ClipUse, choices: Choices) -> str:
    """Such as sh010_1040-1079_de: media, the frames the clip plays, language. Two uses of one clip in an edit
    keep apart, and a clip that is run again goes on with its versions.
    """
    media = clip.rendered_from or clip.media
    name = media.name if media.kind == "made" else _file_name(media.path)
    stem = safe_name(re.sub(r"[._-]?%(0\d+)?d$", "", os.path.splitext(name)[0]))[:_LONGEST_STEM]
    stem = _VERSION.sub(r"_from_v\1", stem)  # the plate may be a version of something else
    language = f"_{safe_name(choices.language)}" if choices.language else ""
    first, last = (frame + clip.rendered_shift for frame in (clip.first_frame, clip.last_frame_inclusive))
    return f"{stem}_{first}-{last}{language}"


def elements_folder(clip: ClipUse, choices: Choices) -> str:
    """A folder beside the result, of its own for every run."""
    parent, stem = Path(choices.folder), result_stem(clip, choices)
    number = 1
    while (parent / f"{stem}_elements_v{number:03}").exists():
        number += 1
    return str(parent / f"{stem}_elements_v{number:03}")


def version_of_path(path: str) -> int:
    """The version in a result's name; 1 where it has none."""
    found = _VERSION.findall(_file_name(path))
    return int(found[-1]) if found else 1


def safe_name(text: str) -> str:
    """As the name of a file on all systems."""
    return _UNSAFE.sub("_", text).strip(" .") or "untitled"


def _file_name(path: str) -> str:
    return (PureWindowsPath(path) if "\\" in path else PurePosixPath(path)).name
