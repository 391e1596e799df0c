# SPDX-License-Identifier: Apache-2.0
"""A conformed edit written to files, each whole under a name that nothing had before."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from plosive.conform.aaf.writing import write_aaf
from plosive.conform.edl.writing import edit_lists
from plosive.conform.fcp7.writing import fcp7_xml
from plosive.conform.fcpxml.writing import fcpxml
from plosive.conform.results.cut import Cut
from plosive.errors import MediaWriteError, PlosiveError
from plosive.media.staging import write_new

__all__ = ["EXPORTS", "Exported", "write_edit", "write_exports"]

EXPORTS = ("edl", "xml", "fcpxml", "aaf")
"""Formats beside OTIO, by their suffixes."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Exported:
    """The files of one format, and sentences on what they do not say."""

    paths: tuple[Path, ...]
    notes: tuple[str, ...] = ()


def write_exports(cut: Cut, folder: Path, suffix: str) -> Exported:
    """Write a cut to `folder` under its own name in the format of `suffix` (`edl`, `xml`, `fcpxml`, `aaf`).
    Raises MediaWriteError and MissingDependencyError.
    """
    try:
        return _written(cut, folder, suffix)
    except (PlosiveError, OSError):
        raise
    except Exception as error:  # a reel is not to fail at its end for a format that was wanted beside it
        logger.exception("%s could not be written as %s", cut.name, suffix)
        raise MediaWriteError(
            f"This edit cannot be written as {suffix.upper()} ({_first_line(error)}); take the OTIO file."
        ) from error


def _written(cut: Cut, folder: Path, suffix: str) -> Exported:
    if suffix == "edl":
        lists, notes = edit_lists(cut)
        paths = [folder / f"{cut.name}{end}.edl" for end in lists]
        for path, text in zip(paths, lists.values(), strict=True):
            write_new(path, text.encode("utf-8"))
        return Exported(tuple(paths), (*notes, *_left_out("EDL", cut)))
    path = folder / f"{cut.name}.{suffix}"
    if suffix in ("xml", "fcpxml"):
        text, notes = fcp7_xml(cut) if suffix == "xml" else fcpxml(cut)
        write_new(path, text.encode("utf-8"))
        return Exported((path,), (*notes, *_left_out(suffix.upper(), cut)))
    with TemporaryDirectory(prefix="plosive-edit-") as made:
        notes = write_aaf(cut, Path(made) / path.name)
        write_new(path, (Path(made) / path.name).read_bytes())
    return Exported((path,), (*notes, *_left_out("AAF", cut)))


def _left_out(spoken: str, cut: Cut) -> tuple[str, ...]:
    """Sentences on what the cut, or all of the format, leaves out."""
    sentences = [
        f"In other formats than OTIO {sentence[0].lower()}{sentence[1:]}" for sentence in cut.left_out
    ]
    bare = [one.number for one in cut.pieces if one.has_effects and not (spoken == "XML" and one.filters)]
    if bare:
        listed = ", ".join(map(str, bare[:12])) + (", ..." if len(bare) > 12 else "")
        which = f"shot {listed}" if len(bare) == 1 else f"shots {listed}"
        sentences.append(f"{spoken}: effects and transforms of {which} are left out; the OTIO has them.")
    lost = len(cut.markers) if spoken == "EDL" else 0
    if spoken == "AAF":
        lost = len(cut.markers) + sum(len(piece.markers) for piece in cut.pieces)
    if lost:
        sentences.append(f"{spoken}: markers are left out ({lost}); the OTIO has them.")
    return tuple(sentences)


def write_edit(timeline: Any, path: Path) -> None:
    """Write an `opentimelineio.schema.Timeline` as OTIO. Raises MediaWriteError where the disk or the format
    will not have it, or the name is taken.
    """
    import opentimelineio as otio

    try:
        text = otio.adapters.write_to_string(timeline, "otio_json")
    except Exception as error:  # adapters raise whatever they like
        raise MediaWriteError(f"This edit cannot be written as OTIO ({_first_line(error)}).") from error
    write_new(path, text.encode("utf-8"))


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
