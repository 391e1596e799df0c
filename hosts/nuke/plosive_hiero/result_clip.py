# SPDX-License-Identifier: Apache-2.0
"""A job's result as a Clip of Hiero's."""

from __future__ import annotations

from typing import Any

import hiero.core

from plosive_hiero.clip_use import ClipUse
from plosive_hiero.marks import Mark, mark_clip
from plosive_host import PlosiveHostError

__all__ = ["find_clip", "result_clip"]


def result_clip(out_path: str, plate: Any, use: ClipUse, mark: Mark) -> Any:
    """A new Clip of the files at `out_path`, in no bin yet. Where it holds the plate's whole media it plays
    the frames that the Clip `plate` plays of it. Raises PlosiveHostError (RESULT) where Hiero finds other
    frames there than were asked for.
    """
    source = hiero.core.MediaSource(out_path)
    infos = source.fileinfos() if source.isMediaPresent() else ()
    if not infos:
        raise PlosiveHostError(f"Hiero cannot read the result {out_path}; it is left there.", "RESULT")
    first = mark.first_number if use.media.is_sequence else 0
    wanted = (first, first + mark.last_number_inclusive - mark.first_number)
    found = (int(infos[0].startFrame()), int(infos[0].endFrame()))
    if found != wanted:
        raise PlosiveHostError(
            f"Hiero finds frames {found[0]} to {found[1]} in {out_path} and not {wanted[0]} to {wanted[1]}; "
            "it was not placed.",
            "RESULT",
        )
    whole = (use.media.first_number, use.media.last_number_inclusive)
    part = (int(plate.sourceIn()), int(plate.sourceOut()))
    if (mark.first_number, mark.last_number_inclusive) == whole and part != whole:
        clip = hiero.core.Clip(source, *part)
    else:
        clip = hiero.core.Clip(source)
    if clip.framerate().toRational() != plate.framerate().toRational():
        clip.setFramerate(plate.framerate())
    colour = plate.sourceMediaColourTransform()
    if clip.sourceMediaColourTransform() != colour:
        clip.setSourceMediaColourTransform(colour)
    mark_clip(clip, mark)
    return clip


def find_clip(bin_item: Any, path_of: Any, path: str) -> Any:
    """The Clip among a BinItem's versions that plays `path`, None: none does. `path_of` tells a Clip's."""
    for version in bin_item.items():
        clip = version.item()
        if isinstance(clip, hiero.core.Clip) and path_of(clip) == path:
            return clip
    return None
