# SPDX-License-Identifier: Apache-2.0
"""Frames of codecs that cannot be patched by block, compared as they decode.

Copied pictures must decode to the plate's samples, too: in codecs whose pictures lean on each other a copied
packet among new ones may not. Pictures compressed anew are told with how far they are off.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from plosive.errors import MediaReadError
from plosive.media.videoframe import VideoPlateFrame, plane_views
from plosive.media.videoreader import VideoReader
from plosive.progress import Progress
from plosive.verify.check import Check, FrameState, Status
from plosive.verify.frameranges import range_facts, spoken
from plosive.verify.matte import Matte
from plosive.verify.options import VerifyOptions
from plosive.verify.pictures import PictureDifference, compare_pictures
from plosive.verify.record import Admissions

if TYPE_CHECKING:
    import av

__all__ = ["LOSSLESS", "compare_decoded"]

LOSSLESS = frozenset(
    {"ffv1", "ffvhuff", "huffyuv", "utvideo", "v210", "v410", "r210", "rawvideo", "png", "qtrle", "magicyuv"}
)
"""Codecs whose pictures, written anew, must be the same outside the matte."""

_OTHER_PICTURE_DB = 26.0
"""Below this luma outside the matte is another picture, not another generation of this one. A delivery
codec at its poorest useful rate keeps above 30 dB; a frame shifted by one falls below where anything
moves."""


def compare_decoded(
    options: VerifyOptions,
    admissions: Admissions,
    readers: tuple[VideoReader, VideoReader],
    changed: Sequence[int] | None,
    is_same_kind: bool,
    matte: Matte | None,
    states: list[FrameState],
    progress: Progress,
) -> list[Check]:
    """Checks of all frames (`changed`: those whose packets differ, None: not known), whose `states` are
    filled in. Raises MediaReadError when the plate cannot be decoded.
    """
    number = readers[0].info.first_frame
    tally = _Tally(options, admissions, set(range(len(states)) if changed is None else changed))
    tally.is_lossless = is_same_kind and readers[0].source.codec_name in LOSSLESS
    progress.start("verify", len(states))
    ours, theirs = readers[0].frames(), readers[1].frames()
    layout = readers[0].samples.coding.layout
    for index in range(len(states)):
        mine = next(ours)
        its = _next(theirs)
        if its is None:
            states[index:] = [FrameState.DAMAGED] * (len(states) - index)
            text = f"OUT cannot be decoded from frame {number + index} on; it is damaged."
            return [Check("picture", Status.FAIL, text, {"first_damaged_frame": number + index})]
        mask = None if matte is None else matte.at(index)
        is_copied = index not in tally.changed
        difference = compare_pictures(mine.planes(), _alike(its, mine), layout, None if is_copied else mask)
        tally.add(number + index, difference, is_copied)
        if not is_copied:
            states[index] = FrameState.REENCODED
        progress.advance()
    return tally.checks(matte is not None)


def _next(frames: Iterator[VideoPlateFrame]) -> VideoPlateFrame | None:
    try:
        return next(frames, None)
    except MediaReadError:
        return None


def _alike(frame: VideoPlateFrame, plate: VideoPlateFrame) -> list[Any]:
    """OUT's planes in the plate's format."""
    layout = plate.samples.coding.layout
    picture: av.VideoFrame = frame.picture
    if picture.format.name != layout.name:
        picture = picture.reformat(format=layout.name)
    return plane_views(picture, layout)


class _Tally:
    """Numbers of all frames compared so far."""

    def __init__(self, options: VerifyOptions, admissions: Admissions, changed: set[int]) -> None:
        self.changed = changed
        self.is_lossless = False
        self._options, self._admissions = options, admissions
        self._broken: list[int] = []
        self._equal: list[int] = []
        self._other: list[int] = []
        self._unsaid: list[int] = []
        self._wrong: list[int] = []
        self._entries: list[dict[str, object]] = []
        self._largest = self._total = self._samples = 0
        self._worst_db = float("inf")

    def add(self, index: int, difference: PictureDifference, is_copied: bool) -> None:
        if is_copied:
            if difference.differing:
                self._broken.append(index)
            return
        if not difference.differing:
            self._equal.append(index)
            return
        admitted = self._options.allows_reencoding(index) or (
            self._admissions.reencoding_of(index) is not None
        )
        if difference.psnr < _OTHER_PICTURE_DB:
            self._other.append(index)
        elif self.is_lossless and not admitted:
            self._wrong.append(index)
        elif self._admissions.knows_frames and not admitted:
            self._unsaid.append(index)
        self._largest = max(self._largest, difference.largest)
        self._total += difference.total
        self._samples += difference.samples
        self._worst_db = min(self._worst_db, difference.psnr)
        self._entries.append(
            {
                "frame": index,
                "largest": difference.largest,
                "mean": round(difference.total / max(1, difference.samples), 4),
                "luma_psnr_db": round(difference.psnr, 2) if difference.psnr < 1e6 else None,
            }
        )

    def checks(self, has_matte: bool) -> list[Check]:
        where = "outside the matte" if has_matte else "in the whole picture, for there is no matte,"
        mean = self._total / max(1, self._samples)
        figures: dict[str, object] = {
            "largest": self._largest,
            "mean": round(mean, 5),
            "lowest_luma_psnr_db": round(self._worst_db, 2) if self._worst_db < 1e6 else None,
            "frames": self._entries,
            "equal": range_facts(self._equal),
        }
        found = []
        if self._broken:
            has = "has" if len(self._broken) == 1 else "have"
            text = f"{_told(self._broken)} {has} the plate's packets, but not the plate's samples as decoded."
            figures_of = {"frames": range_facts(self._broken)}
            found.append(Check("decoding", Status.FAIL, text, figures_of))
        told = sorted(int(str(entry["frame"])) for entry in self._entries)
        if not told:
            text = f"All frames decode to the plate's samples {where if has_matte else ''}".rstrip() + "."
            found.append(Check("picture", Status.PASS, text, figures))
            return found
        text = (
            f"Not bit-exact: {spoken(told)} {'was' if len(told) == 1 else 'were'} compressed anew; {where} "
            f"{'it differs' if len(told) == 1 else 'they differ'} by up to {self._largest} code values, "
            f"{mean:.2f} on average."
        )
        status = Status.INFO
        for numbers, why in (
            (self._other, "are another picture than the plate's, or a ruined one"),
            (self._wrong, "differ outside the matte, though the codec is lossless"),
            (self._unsaid, "were compressed anew, which the report beside OUT does not say"),
        ):
            if numbers and (has_matte or numbers is not self._wrong):
                status = Status.FAIL
                text += f" {_told(numbers)} {why}."
        found.append(Check("picture", status, text, figures))
        return found


def _told(numbers: list[int]) -> str:
    text = spoken(numbers)
    return text[:1].upper() + text[1:]
