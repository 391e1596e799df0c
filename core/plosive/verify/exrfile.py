# SPDX-License-Identifier: Apache-2.0
"""Two EXR files compared as they lie on disk: header attributes, and chunk by chunk. Nothing is decoded."""

from __future__ import annotations

from pathlib import Path

from plosive.errors import MediaReadError, NotPatchableError
from plosive.media.exr.structure import Chunk, ExrFile, ExrPart, read_structure
from plosive.verify.check import Status
from plosive.verify.findings import Finding
from plosive.verify.frameranges import runs
from plosive.verify.matte import Mask

__all__ = ["exr_findings"]

_MOST_NAMED = 6
_PREVIEW = "preview"


def exr_findings(plate: Path, out: Path, mask: Mask | None) -> list[Finding]:
    """Headers and chunks of two files whose bytes differ. Structures this reader does not know are skipped
    with a sentence; their samples are compared all the same.
    """
    try:
        ours, theirs = read_structure(plate), read_structure(out)
    except (NotPatchableError, MediaReadError) as error:
        return [Finding("header", Status.SKIPPED, f"headers and chunks are not compared: {error}")]
    found = [_header(ours, theirs)]
    if len(ours.parts) == len(theirs.parts):
        found.append(_all_chunks(ours, theirs, mask))
    return found


def _header(ours: ExrFile, theirs: ExrFile) -> Finding:
    if ours.header_bytes == theirs.header_bytes:
        return Finding("header", Status.PASS, "All headers are equal byte for byte.")
    if len(ours.parts) != len(theirs.parts):
        text = f"it has {len(theirs.parts)} parts instead of {len(ours.parts)}."
        return Finding("header", Status.FAIL, text)
    lost, new, changed = [], [], []
    for one, other in zip(ours.parts, theirs.parts, strict=True):
        label = f"{one.name}/" if one.name else ""
        lost += [label + name for name in one.attributes if name not in other.attributes]
        new += [label + name for name in other.attributes if name not in one.attributes]
        changed += [
            label + name
            for name, attribute in one.attributes.items()
            if name in other.attributes
            and (attribute.kind, attribute.value)
            != (other.attributes[name].kind, other.attributes[name].value)
        ]
    details = {"lost": lost, "new": new, "changed": changed}
    if not (lost or new or changed):
        text = "its header holds the same attributes, but not in the same bytes."
        return Finding("header", Status.INFO, text, details=details)
    names = {name.rsplit("/", 1)[-1] for name in (*lost, *new, *changed)}
    if names == {_PREVIEW}:
        return Finding("header", Status.INFO, "only the preview in its header differs.", details=details)
    said = [
        f"{what} {_list(which)}"
        for what, which in (("lost", lost), ("new", new), ("changed", changed))
        if which
    ]
    return Finding("header", Status.FAIL, f"its header differs: {'; '.join(said)}.", details=details)


def _all_chunks(ours: ExrFile, theirs: ExrFile, mask: Mask | None) -> Finding:
    counts = {"untouched": 0, "touched": 0, "stray": 0}
    details: dict[str, object] = {}
    anew, deep = [], []
    for one, other in zip(ours.parts, theirs.parts, strict=True):
        if not _is_cut_alike(one, other):
            anew.append(str(one.index))
            continue
        touched = [
            chunk
            for chunk, its in zip(one.chunks(), other.chunks(), strict=True)
            if chunk.data_size != its.data_size or ours.chunk_bytes(chunk) != theirs.chunk_bytes(its)
        ]
        counts["untouched"] += len(one.offsets) - len(touched)
        counts["touched"] += len(touched)
        if one.is_deep and touched:
            deep.append(str(one.index))
        elif mask is not None:
            counts["stray"] += sum(not _meets(chunk, one, mask) for chunk in touched)
        if touched:
            rows = {
                row for chunk in touched for row in range(chunk.window.top, chunk.window.bottom_exclusive)
            }
            details[f"rows_of_part_{one.index}"] = [list(run) for run in runs(sorted(rows))]
    if deep:
        text = f"chunks of deep part {', '.join(deep)} have other bytes."
        return Finding("chunks", Status.FAIL, text, counts, details)
    if anew:
        text = "its chunks are cut otherwise than the plate's: it was written anew; samples are compared."
        counts["stray"] += 1
        return Finding("chunks", Status.INFO, text, counts, details)
    if counts["stray"]:
        text = "chunks that do not meet the matte have other bytes: written anew; samples are compared."
        return Finding("chunks", Status.INFO, text, counts, details)
    where = "all lie where they meet the matte" if mask is not None else "the others are patched"
    text = f"{{untouched}} chunks of changed files have the plate's bytes, {{touched}} have not; {where}."
    return Finding("chunks", Status.PASS, text, counts, details)


def _is_cut_alike(one: ExrPart, other: ExrPart) -> bool:
    return (
        len(one.offsets) == len(other.offsets)
        and one.data_window == other.data_window
        and one.compression == other.compression
        and one.is_deep == other.is_deep
        and one.tiles == other.tiles
    )


def _meets(chunk: Chunk, part: ExrPart, mask: Mask) -> bool:
    """Whether a chunk covers any pixel of the mask, at its level."""
    window, display = chunk.window, part.display_window
    left = (window.left - part.data_window.left << chunk.level_x) + part.data_window.left - display.left
    top = (window.top - part.data_window.top << chunk.level_y) + part.data_window.top - display.top
    grown = 1 if chunk.level_x or chunk.level_y else 0  # filters of smaller levels reach a sample further
    across, down = grown << chunk.level_x, grown << chunk.level_y
    right = left + (window.width << chunk.level_x) + across
    bottom = top + (window.height << chunk.level_y) + down
    return bool(mask[max(0, top - down) : max(0, bottom), max(0, left - across) : max(0, right)].any())


def _list(names: list[str]) -> str:
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return ", ".join(names[:_MOST_NAMED]) + more
