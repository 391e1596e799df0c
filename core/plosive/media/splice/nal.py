# SPDX-License-Identifier: Apache-2.0
"""Splicing H.264 and HEVC: both coders' parameter sets lie side by side under different numbers.

A copied run begins at an IDR picture, so nothing in it refers to what is before; it may end anywhere where
the pictures stored so far are those shown so far. Pictures between begin with an IDR, too, and are stored in
the order they are shown.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from plosive.errors import NotPatchableError
from plosive.media.encoding import Encoding
from plosive.media.splice.nalunits import joined, raw_payload, split
from plosive.media.splice.numbering import renumbered
from plosive.media.splice.packets import Entry
from plosive.media.splice.parametersets import (
    AvcPicture,
    CodecConfig,
    HevcPicture,
    is_parameter_set,
    kind_of,
    number_of,
)
from plosive.media.splice.reordering import with_avc_reordering, with_hevc_reordering

if TYPE_CHECKING:
    import av

    from plosive.media.videotarget import VideoTarget

__all__ = ["NalSplice"]

_IDR = {"h264": (5,), "hevc": (19, 20)}
_SEI = {"h264": 6, "hevc": 39}
_STATIC_MESSAGES = (137, 144, 147)
"""Mastering display, content light level, alternative transfer (D.1): they hold for all of the clip."""
_SPS = {"h264": 7, "hevc": 33}
_LAST_SLICE = {"h264": 5, "hevc": 31}
_AVC_PROFILES = {66: "baseline", 77: "main", 100: "high", 110: "high10", 122: "high422", 244: "high444"}
_AVC_PARTITIONS = (2, 3, 4)
_AVC_LAYERS = (14, 15, 20, 21)
_DOLBY_VISION = (62, 63)
_HEVC_PICTURE_NUMBERS = (17, 18, 21, 22, 25, 26, 29, 30)
"""Their codes are 9 bits with a 1 among the last two (see `renumbered`)."""
_AS_STORED = 2
"""pic_order_cnt_type of pictures that are shown in the order they are stored."""
_KEY_FRAMES_APART = 250
_SET_NUMBERS = range(1, 16)
_CHANGING = "The plate's coder settings change within the file."


class NalSplice:
    """A `Splice` of H.264 by x264 and HEVC by x265."""

    is_intra = False
    least_run_frames = 8
    least_group_frames = 6

    def __init__(self, codec: str, target: VideoTarget, header: bytes | None) -> None:
        self.codec = codec
        self.encoding = target.encoding
        self.extradata: bytes | None = None
        self._config: CodecConfig | None = None
        if header and header[0] == 1:
            self._config = CodecConfig.parse(codec, header)
        self.has_global_header = self._config is not None
        if self._config is None and target.encoding.container != "mpegts":
            raise NotPatchableError("The plate's header does not tell its coder's settings.")
        self._length_bytes = 0 if self._config is None else self._config.length_bytes
        joined((), self._length_bytes)
        self._sets: dict[tuple[int, int], bytes] = {}
        for unit in self._config.sets if self._config is not None else ():
            if is_parameter_set(unit, codec):
                self._note(unit)
        self._numbers: tuple[int, int] | None = None
        self._messages: list[bytes] | None = None

    def entry_of(self, packet: bytes, is_key_frame: bool) -> Entry:
        units = split(packet, self._length_bytes)
        kinds = [kind_of(unit, self.codec) for unit in units]
        inband = [unit for unit in units if is_parameter_set(unit, self.codec)]
        for unit in inband:
            self._note(unit)
        slices = [
            kind for kind in kinds if (self.codec == "hevc" or kind > 0) and kind <= _LAST_SLICE[self.codec]
        ]
        self._require_plain(units, kinds)
        self._note_colour_volume(units)
        is_alone = bool(slices) and is_key_frame and all(kind in _IDR[self.codec] for kind in slices)
        has_sets = self._config is not None or len({kind_of(unit, self.codec) for unit in inband}) >= (
            2 if self.codec == "h264" else 3
        )
        return Entry.YES if is_alone and has_sets else Entry.NO

    def _require_plain(self, units: list[bytes], kinds: list[int]) -> None:
        """That there is one layer of ordinary pictures, and nothing beside them that new ones would lack."""
        if self.codec == "h264":
            if any(kind in _AVC_PARTITIONS for kind in kinds):
                raise NotPatchableError("The plate's H.264 is partitioned, which is not copied.")
            has_layers = any(kind in _AVC_LAYERS for kind in kinds)
        else:
            has_layers = any(unit[0] & 1 or unit[1:2] >= b"\x08" for unit in units)
            if any(kind in _DOLBY_VISION for kind in kinds):
                raise NotPatchableError("The plate has Dolby Vision data, which new pictures would lack.")
        if has_layers:
            raise NotPatchableError("The plate has several layers (stereo, alpha), which are not copied.")

    def _note_colour_volume(self, units: list[bytes]) -> None:
        """Keep the first picture's messages on the mastering display: new groups get them, too."""
        if self._messages is None:
            kind = _SEI[self.codec]
            self._messages = [
                unit for unit in units if kind_of(unit, self.codec) == kind and _is_static(unit, kind)
            ]

    def settle(
        self, first_packet: bytes, encode: Callable[[Encoding, bool], tuple[bytes | None, bytes]]
    ) -> None:
        del first_packet
        theirs = self._picture_sets()
        if len(theirs) != 1:
            raise NotPatchableError(_CHANGING)
        used = {number for kind, number in self._sets}
        numbers = [number for number in _SET_NUMBERS if number not in used]
        pictures = [number for number in _HEVC_PICTURE_NUMBERS if number not in used]
        if not numbers or not pictures:
            raise NotPatchableError("The plate's coder settings leave no number free for others.")
        self._numbers = numbers[0], pictures[0]
        if self.codec == "h264":
            self.encoding = self._avc_encoding(AvcPicture.parse(theirs[0]), numbers[0])
        else:
            self.encoding = self._hevc_encoding(HevcPicture.parse(theirs[0]))
        header, packet = encode(self.encoding, self.has_global_header)
        source = header if self.has_global_header and header else packet
        own = tuple(self._fitted(unit) for unit in split(source, 0) if is_parameter_set(unit, self.codec))
        self._require_alike(theirs[0], own)
        if self._config is not None:
            self.extradata = self._config.with_sets(own)

    def prepare(self, picture: av.VideoFrame, number: int) -> None:
        from av.video.frame import PictureType

        is_key_frame = number % _KEY_FRAMES_APART == 0
        picture.pict_type = PictureType.NONE if is_key_frame else PictureType.P

    def adopted(self, packet: bytes) -> bytes:
        units = [self._fitted(unit) for unit in split(packet, 0)]
        kinds = [kind_of(unit, self.codec) for unit in units]
        first = next((at for at, kind in enumerate(kinds) if kind in _IDR[self.codec]), None)
        if first is not None and self._messages:
            units[first:first] = self._messages
        return joined(units, self._length_bytes)

    def _fitted(self, unit: bytes) -> bytes:
        """A unit of the encoder under numbers of its own, telling of the plate's reordering."""
        plate_sps = self._picture_sets()[0]
        if self.codec == "h264":
            return with_avc_reordering(unit, plate_sps) if kind_of(unit, "h264") == _SPS["h264"] else unit
        assert self._numbers is not None  # `settle` came first
        return renumbered(with_hevc_reordering(unit, plate_sps), *self._numbers)

    def _note(self, unit: bytes) -> None:
        key = kind_of(unit, self.codec), number_of(unit, self.codec)
        if self._sets.setdefault(key, unit) != unit:
            raise NotPatchableError(_CHANGING)

    def _picture_sets(self) -> list[bytes]:
        return [unit for (kind, _), unit in self._sets.items() if kind == _SPS[self.codec]]

    def _avc_encoding(self, plate: AvcPicture, number: int) -> Encoding:
        profile = _AVC_PROFILES.get(plate.profile)
        if profile is None:
            raise NotPatchableError("The plate's H.264 has a profile that is not encoded here.")
        if not plate.is_progressive:
            raise NotPatchableError("The plate's H.264 is coded for fields, and such groups are not copied.")
        options = dict(self.encoding.options)
        options["profile"] = profile
        if 10 <= plate.level <= 62:
            options["level"] = f"{plate.level // 10}.{plate.level % 10}"
        # Without any, x264 counts pictures in another way, which decoders take badly. None is made.
        bframes = int(plate.order_type != _AS_STORED)
        groups = f"keyint={_KEY_FRAMES_APART}:dpb-size={max(1, plate.reference_frames)}"
        if plate.is_intra_profile:
            groups = "keyint=1"
        options["x264-params"] += (
            f":sps-id={number}:bframes={bframes}:b-adapt=0:scenecut=0:open-gop=0:{groups}"
        )
        return replace(self.encoding, options=options)

    def _hevc_encoding(self, plate: HevcPicture) -> Encoding:
        options = dict(self.encoding.options)
        options["x265-params"] += (
            f":bframes=0:scenecut=0:open-gop=0:level-idc={plate.level / 30:.1f}"
            f":high-tier={int(plate.is_high_tier)}"
        )
        if not self.has_global_header:
            options["x265-params"] += ":repeat-headers=1"
        return replace(self.encoding, options=options)

    def _require_alike(self, plate_sps: bytes, own: tuple[bytes, ...]) -> None:
        """That decoders need not be set up anew at a seam."""
        own_sps = next((unit for unit in own if kind_of(unit, self.codec) == _SPS[self.codec]), None)
        if own_sps is None or any(
            (kind_of(unit, self.codec), number_of(unit, self.codec)) in self._sets for unit in own
        ):
            raise NotPatchableError("The encoder's settings cannot stand beside the plate's.")
        if self.codec == "h264":
            a, b = AvcPicture.parse(plate_sps), AvcPicture.parse(own_sps)
            is_level_kept = b.level <= a.level
            is_intra_alike = a.is_intra_profile == b.is_intra_profile
            a = replace(a, constraints=b.constraints, level=b.level, reference_frames=b.reference_frames)
            alike = a == b and is_intra_alike
        else:
            c, d = HevcPicture.parse(plate_sps), HevcPicture.parse(own_sps)
            alike = replace(c, level=d.level) == d
            is_level_kept = d.level <= c.level
        if not alike:
            raise NotPatchableError("The encoder stores pictures of another profile, size or depth.")
        if not is_level_kept:
            raise NotPatchableError("The encoder needs a higher level than the plate's coder had.")


def _is_static(unit: bytes, kind: int) -> bool:
    """Whether an SEI unit holds nothing but one message that holds for all of the clip."""
    payload = raw_payload(unit)[1 if kind == _SEI["h264"] else 2 :]
    return len(payload) > 2 and payload[0] in _STATIC_MESSAGES and payload[1] + 3 == len(payload)
