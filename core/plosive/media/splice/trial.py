# SPDX-License-Identifier: Apache-2.0
"""A few frames on both sides of a seam, spliced and decoded before the work begins."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from plosive.errors import MediaReadError, NotPatchableError
from plosive.media.encodercontext import tag_picture
from plosive.media.fields import FieldMarker
from plosive.media.splice.check import decoded_file, is_close, is_equal, small
from plosive.media.splice.encoder import lone_encoder
from plosive.media.splice.packets import decoding_times, opened_again, packets_of

if TYPE_CHECKING:
    import av

    from plosive.media.encoding import Encoding
    from plosive.media.splice.plan import SeamPlan
    from plosive.media.videoreader import VideoReader
    from plosive.media.videotarget import VideoTarget

__all__ = ["encoded_once", "require_seams"]

_ENCODED_FRAMES = 3
_FRAMES_AFTER = 4
_MOST_REORDERED = 64
_FAILED = "A trial splice of the plate's pictures with new ones did not decode cleanly"


def encoded_once(
    reader: VideoReader, target: VideoTarget, encoding: Encoding, has_global_header: bool
) -> tuple[bytes | None, bytes]:
    """(header, packet) of the plate's first picture. Raises NotPatchableError if refused."""
    import av

    frame = next(reader.frames())
    try:
        encoder = lone_encoder(target, encoding, reader.info.is_interlaced, has_global_header)
        picture = _ready(frame.picture, reader, target, 0)
        packets = [*encoder.encode(picture), *encoder.encode(None)]
        return encoder.extradata, bytes(packets[0])
    except (av.error.FFmpegError, OSError, ValueError, IndexError) as error:
        raise NotPatchableError(f"The encoder refuses the plate's kind of picture ({error}).") from error


def require_seams(plan: SeamPlan) -> None:
    """Splice and decode the first seam of each kind; where all is copied, the first few pictures.

    Raises NotPatchableError where a frame is missing, comes at the wrong place or, when copied, differs from
    the plate's in one sample.
    """
    import av

    trial = _chosen(plan)
    with TemporaryFile() as file:
        try:
            pictures = _splice(plan, trial, file)
            _compare(plan, trial, pictures, file)
        except (av.error.FFmpegError, OSError, ValueError, MediaReadError) as error:
            raise NotPatchableError(f"{_FAILED} ({error}).") from error


@dataclass(frozen=True)
class _Trial:
    """Frames copied before the first seam, coded after it, and copied after the second."""

    before: range
    new: range
    after: range

    @property
    def count(self) -> int:
        return len(self.before) + len(self.new) + len(self.after)


def _chosen(plan: SeamPlan) -> _Trial:
    runs, packets = plan.runs, plan.packets
    ending = next((number for number, run in enumerate(runs[:-1]) if run.is_copied), None)
    starting = next((number for number, run in enumerate(runs) if number and run.is_copied), None)
    if ending is None and starting is None:
        cuts = [at for at in range(_FRAMES_AFTER, len(packets.pts)) if packets.is_cut[at]]
        return _Trial(range(0, cuts[0] if cuts else len(packets.pts)), range(0), range(0))
    before, after, new = range(0), range(0), runs[0]
    if ending is not None:
        run, new = runs[ending], runs[ending + 1]
        starts = [run.first, *(at for at in packets.key_frames if run.first < at < run.end)]
        before = range(packets.ranks[starts[-1]], run.end)
    if starting is not None:
        run = runs[starting]
        cuts = [at for at in range(run.first + _FRAMES_AFTER, run.end) if packets.is_cut[at]]
        after = range(run.first, cuts[0] if cuts else run.end)
    return _Trial(before, range(new.first, min(new.end, new.first + _ENCODED_FRAMES)), after)


def _splice(plan: SeamPlan, trial: _Trial, file: IO[bytes]) -> list[NDArray[np.float32]]:
    """Write the trial to `file`; small pictures of the frames that were coded."""
    import av

    reader, target = plan.reader, plan.target
    packets = [*_taken(plan, trial.before)]
    coded, pictures = _coded(plan, trial.new)
    packets += coded
    packets += _taken(plan, trial.after)
    shown = [rank - trial.before.start for rank in _ranks(plan, trial.before)]
    shown += range(len(shown), len(shown) + len(coded))
    start = len(shown)
    shown += [rank - trial.after.start + start for rank in _ranks(plan, trial.after)]
    time_base = reader.presentation.time_base
    ticks = 1 / (target.frame_rate * time_base)
    pts = [round(rank * ticks) for rank in shown]
    container_name = target.encoding.container
    with opened_again(reader) as source, av.open(file, "w", format=container_name) as container:
        stream = plan.make_stream(container, source)
        for packet, pts_one, dts_one in zip(packets, pts, decoding_times(pts, []), strict=True):
            packet.stream, packet.time_base = stream, time_base
            packet.pts, packet.dts = pts_one, dts_one
            container.mux(packet)
    return pictures


def _ranks(plan: SeamPlan, frames: range) -> list[int]:
    """The frames in stored order."""
    # No picture is stored far from its place.
    near = plan.packets.ranks[max(0, frames.start - _MOST_REORDERED) : frames.stop + _MOST_REORDERED]
    return [rank for rank in near if rank in frames]


def _taken(plan: SeamPlan, frames: range) -> list[Any]:
    """The plate's packets of frames, in stored order: those of a group at most."""
    if not frames:
        return []
    first, end = max(0, frames.start - _MOST_REORDERED), frames.stop + _MOST_REORDERED
    ranks = plan.packets.ranks[first:end]
    with opened_again(plan.reader) as source:
        packets = islice(packets_of(source, plan.reader), first, end)
        return [packet for packet, rank in zip(packets, ranks, strict=False) if rank in frames]


def _coded(plan: SeamPlan, frames: range) -> tuple[list[Any], list[NDArray[np.float32]]]:
    import av

    reader, target, splice = plan.reader, plan.target, plan.splice
    if splice is None or not frames:
        return [], []
    encoder = lone_encoder(target, splice.encoding, reader.info.is_interlaced, splice.has_global_header)
    encoded, pictures = list[Any](), list[NDArray[np.float32]]()
    for number, frame in enumerate(islice(reader.frames(frames.start), len(frames))):
        picture = _ready(frame.picture, reader, target, number)
        pictures.append(small(picture))
        splice.prepare(picture, number)
        encoded += encoder.encode(picture)
    encoded += encoder.encode(None)
    packets = []
    for one in encoded:
        packet: Any = av.Packet(splice.adopted(bytes(one)))
        packet.is_keyframe = one.is_keyframe
        packets.append(packet)
    if len(packets) != len(frames):
        raise NotPatchableError(f"{_FAILED}: the encoder gave {len(packets)} of {len(frames)} pictures.")
    return packets, pictures


def _compare(plan: SeamPlan, trial: _Trial, pictures: list[NDArray[np.float32]], file: IO[bytes]) -> None:
    """Frame by frame; one picture of each side is held at a time."""
    shown, frame_format = decoded_file(file), plan.reader.info.pixel_format
    count = 0
    for part in (trial.before, trial.new, trial.after):
        plate = islice(plan.reader.frames(part.start), len(part)) if part else iter(())
        for number, frame in enumerate(plate):
            picture = next(shown, None)
            count += picture is not None
            if picture is None:
                raise NotPatchableError(f"{_FAILED}: {count} of {trial.count} frames came.")
            is_right = (
                picture.format.name == frame_format and is_close(pictures[number], small(picture))
                if part is trial.new
                else is_equal(picture, frame.original)
            )
            if not is_right:
                raise NotPatchableError(f"{_FAILED}: frame {frame.index} came out different.")
    if next(shown, None) is not None:
        raise NotPatchableError(f"{_FAILED}: there are too many frames.")


def _ready(picture: av.VideoFrame, reader: VideoReader, target: VideoTarget, number: int) -> av.VideoFrame:
    """A decoded picture of the plate as the encoder takes it, the `number`th since it was opened."""
    name = target.encoding.pixel_format
    picture = picture.reformat(format=name)
    picture.pts, picture.time_base = target.time_stamps[number], target.time_base
    tag_picture(picture, target)
    if reader.info.is_interlaced:
        picture = FieldMarker(target.field_order, target.time_base).marked(picture)
        tag_picture(picture, target)
    return picture
