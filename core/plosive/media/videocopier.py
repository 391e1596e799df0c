# SPDX-License-Identifier: Apache-2.0
"""Which writer keeps most of a plate: one that copies all its packets, some, or none."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial

from plosive.errors import MediaReadError, NotPatchableError
from plosive.media.splice.codec import splice_of
from plosive.media.splice.packets import Entry, opened_again, packets_of, scanned
from plosive.media.splice.plan import SeamPlan
from plosive.media.splice.trial import encoded_once, require_seams
from plosive.media.splice.writer import VideoSplicer
from plosive.media.videowriter import VideoWriter, may_copy

__all__ = ["copying_writer"]

_CONTAINERS = ("mov", "mp4", "matroska", "mxf", "avi", "mpegts", "mpeg")


def copying_writer(writer: VideoWriter, changed: Collection[int]) -> VideoWriter:
    """The best writer to the same OUT when only the frames `changed` will differ from the plate's; it may be
    `writer` itself, which then says why. To be asked before `writer` is entered.
    """
    if writer.why_rewritten:
        return writer
    try:
        return VideoSplicer(writer, _planned(writer, frozenset(changed)))
    except (NotPatchableError, MediaReadError) as error:
        writer.why_rewritten = str(error)
        return writer


def _planned(writer: VideoWriter, changed: frozenset[int]) -> SeamPlan:
    """Raises NotPatchableError where nothing can be copied safely."""
    reader, target = writer.reader, writer.target
    if reader is None:
        raise NotPatchableError("The plate is no video file.")
    source, encoding = reader.source, target.encoding
    if encoding.codec != source.codec_name:
        raise NotPatchableError("The result has another codec than the plate.")
    if encoding.container not in _CONTAINERS or not may_copy(encoding.container, source, source.codec_name):
        raise NotPatchableError("The result has another container than the plate.")
    if target.timecode and not _keeps_timecode():
        raise NotPatchableError("This version of PyAV cannot keep the timecode beside copied pictures.")
    is_whole = not changed and len(target.time_stamps) == reader.info.frame_count
    if is_whole:
        plan = SeamPlan.whole(reader, target, scanned(reader, lambda packet, is_key_frame: Entry.NO))
        require_seams(plan)
        return plan
    with opened_again(reader) as container:
        header = container.streams[reader.stream_index].codec_context.extradata
        first = next((bytes(packet) for packet in packets_of(container, reader)), b"")
    splice = splice_of(reader, target, header)
    packets = scanned(reader, splice.entry_of)
    runs = packets.runs(changed, splice.least_run_frames, splice.least_group_frames)
    plan = SeamPlan(reader, target, splice, packets, runs, changed)
    plan.require_copied()
    splice.settle(first, partial(encoded_once, reader, target))
    require_seams(plan)
    return plan


def _keeps_timecode() -> bool:
    """PyAV 17, the last for Python 3.10, gives copied streams no rate, and so the file no timecode track."""
    import av

    return int(av.__version__.split(".")[0]) >= 18
