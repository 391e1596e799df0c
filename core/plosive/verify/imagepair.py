# SPDX-License-Identifier: Apache-2.0
"""One image of the plate against the one of OUT: bytes, then structure, then samples."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from plosive.errors import MediaReadError
from plosive.verify.check import FrameState, Status
from plosive.verify.exrfile import exr_findings
from plosive.verify.findings import Finding
from plosive.verify.frameranges import counted
from plosive.verify.imagevalues import ValueDifference, compare_values
from plosive.verify.matte import Mask
from plosive.verify.samebytes import are_same_files
from plosive.verify.stillheaders import still_findings

__all__ = ["compare_images"]

_WHOLE_SHARE = 0.75  # of all pixels: no mouth covers so much of a picture


def compare_images(
    plate: Path, out: Path, mask_of: Callable[[], Mask] | None, admitted: str | None
) -> tuple[FrameState, list[Finding]]:
    """What became of one frame. `mask_of` gives where it may differ, asked only if it does; `admitted` is why
    it may be written anew with loss, None where it may not. Raises MediaReadError when the plate cannot be
    read; an OUT that cannot is a finding.
    """
    if are_same_files(plate, out):
        return FrameState.IDENTICAL, [_count("identical")]
    mask = None if mask_of is None else mask_of()
    findings = exr_findings(plate, out, mask) if _is_exr(plate) else still_findings(plate, out)
    try:
        values = compare_values(plate, out, mask)
    except MediaReadError as error:
        _require_readable(plate)
        return FrameState.DAMAGED, [Finding("files", Status.FAIL, str(error), _zero())]
    is_whole = _is_whole(values, mask)
    judged = _values(values, mask, is_whole, admitted)
    is_anew = (
        is_whole
        or values.unlike
        or values.outside
        or any(finding.counts.get("stray") or finding.status is Status.FAIL for finding in findings)
    )
    state = FrameState.REENCODED if is_anew else FrameState.PATCHED
    kind = "anew" if state is FrameState.REENCODED else "patched"
    return state, [_count(kind), *findings, *judged, *_channels(values)]


def _is_whole(values: ValueDifference, mask: Mask | None) -> bool:
    if mask is not None:
        return values.outside > 0 and values.pixels > _WHOLE_SHARE * values.all_pixels
    return values.pixels > _WHOLE_SHARE * values.all_pixels


def _values(
    values: ValueDifference, mask: Mask | None, is_whole: bool, admitted: str | None
) -> list[Finding]:
    if values.unlike:
        return [Finding("values", Status.FAIL, text) for text in values.unlike]
    box = values.box
    details = {
        "changed_box": [box.left, box.top, box.right_exclusive, box.bottom_exclusive],
        "changed_pixels": values.pixels,
        "changed_samples": dict(values.channels),
    }
    counts = {"compared": values.values, "outside": values.outside, "inside": values.inside}
    if not (values.inside or values.outside):
        text = "All samples are bit-equal, also in files whose bytes differ."
        return [Finding("values", Status.PASS, text, counts)]
    if is_whole:
        share = 100 * values.pixels / max(1, values.all_pixels)
        text = f"{share:.0f} % of its pixels differ: it was compressed anew with loss, or is another picture"
        if admitted is not None:
            text += f"; {admitted}"
            return [Finding("values", Status.REPORTED, f"{text}.", counts, details)]
        return [Finding("values", Status.FAIL, f"{text}.", counts, details)]
    if mask is None:
        text = "its samples differ in the boxes that --json tells; whether they may, only a --matte can say."
        return [Finding("values", Status.SKIPPED, text, counts, details)]
    if values.outside:
        text = counted(values.outside, "sample differs", "samples differ")
        text += f" outside the matte, the first in {values.first}"
        if admitted is not None:
            return [Finding("values", Status.REPORTED, f"{text}; {admitted}.", counts, details)]
        return [Finding("values", Status.FAIL, f"{text}.", counts, details)]
    text = "All {compared} samples outside the matte are bit-equal, in every channel of every part."
    return [Finding("values", Status.PASS, text, counts, details)]


def _channels(values: ValueDifference) -> list[Finding]:
    if not values.channels:
        return []
    wrong = values.not_colours
    if wrong:
        which = f"channel{'s' if len(wrong) > 1 else ''} {', '.join(wrong[:6])}"
        text = f"{which} differ{'' if len(wrong) > 1 else 's'} and may not: only colours may."
        return [Finding("channels", Status.FAIL, text, details={"changed": list(values.channels)})]
    return [Finding("channels", Status.PASS, "Only colour channels differ.")]


def _require_readable(plate: Path) -> None:
    """Raises MediaReadError when it is the plate that cannot be read."""
    compare_values(plate, plate, None)


def _zero() -> dict[str, int]:
    return {"identical": 0, "patched": 0, "anew": 0}


def _count(kind: str) -> Finding:
    text = "Files with the plate's bytes: {identical}; patched: {patched}; written anew: {anew}."
    return Finding("files", Status.PASS, text, {**_zero(), kind: 1})


def _is_exr(path: Path) -> bool:
    return path.suffix.lower() == ".exr"
