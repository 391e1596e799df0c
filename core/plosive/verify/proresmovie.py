# SPDX-License-Identifier: Apache-2.0
"""Changed frames of a ProRes movie, each taken apart next to the plate's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from plosive.errors import MediaReadError, NotPatchableError
from plosive.media.videoframe import planar_picture, plane_views
from plosive.media.videoreader import VideoReader
from plosive.progress import Progress
from plosive.verify.check import Check, FrameState, Status
from plosive.verify.findings import Finding, Gathering
from plosive.verify.frameranges import counted
from plosive.verify.matte import Matte
from plosive.verify.options import VerifyOptions
from plosive.verify.proresframes import Planes, ProResDifference, compare_prores
from plosive.verify.record import Admissions
from plosive.verify.streams import SampleReader

if TYPE_CHECKING:
    import av

__all__ = ["compare_prores_frames"]


def compare_prores_frames(
    options: VerifyOptions,
    admissions: Admissions,
    readers: tuple[VideoReader, VideoReader],
    changed: Sequence[int],
    matte: Matte | None,
    states: list[FrameState],
    progress: Progress,
) -> list[Check]:
    """Checks of the frames `changed`, whose `states` are filled in. Raises MediaReadError when the plate
    cannot be decoded.
    """
    if not changed:
        return []
    plate, out = readers
    gathering = Gathering()
    progress.start("verify", len(changed))
    ours = SampleReader(plate.path, plate.stream_index, plate.presentation).read(changed)
    theirs = SampleReader(out.path, out.stream_index, out.presentation).read(changed)
    for index, sample, picture in ours:
        number = plate.info.first_frame + index
        if picture is None:
            raise MediaReadError(
                f"{plate.path.name} is damaged: its frame {number} cannot be decoded; copy it again."
            )
        try:
            _, other_sample, other = next(theirs)
        except (StopIteration, MediaReadError):
            other_sample, other = b"", None
        if other is None:
            states[index] = FrameState.DAMAGED
            gathering.add(number, Finding("decoding", Status.FAIL, "it cannot be decoded; OUT is damaged."))
        else:
            mask = None if matte is None else matte.at(index)
            planes = _planes(plate, picture), _planes(plate, other)
            layout = plate.samples.coding.layout
            try:
                found = compare_prores(sample, other_sample, planes, layout, mask)
            except NotPatchableError as error:
                found = ProResDifference(mask is not None)
                found.unlike = f"the plate's sample cannot be taken apart: {error}"
            admitted = _admitted(options, admissions, number)
            states[index] = FrameState.REENCODED if found.is_whole else FrameState.PATCHED
            for finding in _findings(found, mask is not None, layout.has_alpha, admitted):
                gathering.add(number, finding)
        progress.advance()
    return gathering.checks()


def _planes(plate: VideoReader, picture: av.VideoFrame) -> Planes:
    return plane_views(planar_picture(picture), plate.samples.coding.layout)


def _admitted(options: VerifyOptions, admissions: Admissions, number: int) -> str | None:
    if options.allows_reencoding(number):
        return "--allow-reencoded names this frame"
    why = admissions.reencoding_of(number)
    return None if why is None else f"the report beside OUT says so{f' ({why})' if why else ''}"


def _findings(
    found: ProResDifference, has_matte: bool, has_alpha: bool, admitted: str | None
) -> list[Finding]:
    box = found.box
    details = {
        "changed_box": [box.left, box.top, box.right_exclusive, box.bottom_exclusive],
        "slices": found.slices,
        "blocks": found.blocks,
    }
    if found.is_whole:
        why = found.unlike or f"{found.slices} of {found.all_slices} slices have other bytes"
        text = f"compressed anew whole: {why.rstrip('.')}"
        details |= {"stray_blocks": found.stray_blocks, "largest_difference": found.largest}
        if admitted is None:
            return [Finding("patch", Status.FAIL, f"{text}.", details=details)]
        return [Finding("patch", Status.REPORTED, f"{text}; {admitted}.", details=details)]
    untouched = {"untouched": found.all_slices - found.slices, "touched": found.slices}
    findings = [
        Finding("patch", Status.PASS, "Frame headers, picture headers and slice tables are the plate's.")
    ]
    if found.stray_slices:
        text = counted(found.stray_slices, "slice that does", "slices that do")
        text += f" not meet the matte {'has' if found.stray_slices == 1 else 'have'} other bytes."
        findings.append(Finding("slices", Status.FAIL, text, untouched, details))
    else:
        text = "Of changed frames {untouched} slices have the plate's very bytes, {touched} were patched"
        text += ", all where the matte is." if has_matte else "."
        findings.append(Finding("slices", Status.PASS, text, untouched, details))
    counts = {"blocks": found.blocks, "stray": found.stray_blocks}
    if not has_matte:
        text = "blocks of 8x8 decode otherwise in the boxes that --json tells; whether they may, only a "
        findings.append(Finding("blocks", Status.SKIPPED, f"{text}--matte can say.", counts))
    elif found.stray_blocks:
        text = counted(found.stray_blocks, "block decodes", "blocks decode") + (
            f" otherwise outside the matte, by up to {found.largest} code values, the first is the "
            f"{found.first_stray}."
        )
        findings.append(Finding("blocks", Status.FAIL, text, counts))
    else:
        text = (
            "All samples outside {blocks} changed blocks of 8x8 decode bit-equal; these all meet the matte."
        )
        findings.append(Finding("blocks", Status.PASS, text, counts))
    if has_alpha:
        if found.alpha_slices or found.alpha_samples:
            text = f"alpha differs in {found.alpha_slices} slices, {found.alpha_samples} samples."
            findings.append(Finding("alpha", Status.FAIL, text))
        else:
            findings.append(Finding("alpha", Status.PASS, "Alpha has the plate's bytes in every slice."))
    return findings
