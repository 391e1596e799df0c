# SPDX-License-Identifier: Apache-2.0
"""The files of an AAF as Avid has them: a master mob that an editor sees, a file mob that leads to the file,
and a tape mob that has its timecode. Their ids follow from the file's path: written again they are the same.
"""

from __future__ import annotations

import re
import uuid
from fractions import Fraction
from math import ceil
from typing import Any
from urllib.parse import quote

from plosive.conform.results.cut import CutMedia, Sound

__all__ = ["SOUND_RATE", "MobShelf", "mob_id"]

SOUND_RATE = 48000
"""Edit units a second of sound."""
_SPACE = uuid.UUID("3c0f6a3e-60a0-4b37-9d0c-70e0a1f30a55")
_LABEL = (0x06, 0x0A, 0x2B, 0x34, 0x01, 0x01, 0x01, 0x05, 0x01, 0x01, 0x0F, 0x20)
_LENGTH = 0x13
_PICTURE_SLOT, _SOUND_SLOT = 1, 2


def mob_id(*parts: object) -> Any:
    """A MobID that follows from `parts` alone."""
    from aaf2.mobid import MobID

    made = MobID()
    made.SMPTELabel = _LABEL
    made.length = _LENGTH
    made.bytes_le[16:] = uuid.uuid5(_SPACE, "\0".join(map(str, parts))).bytes_le
    return made


class MobShelf:
    """Master mobs by file, made when they are first asked for."""

    def __init__(self, file: Any, size: tuple[int, int] | None) -> None:
        self._file, self._size = file, size
        self._masters: dict[object, Any] = {}

    def picture(self, media: CutMedia, last_frame: int) -> tuple[Any, int]:
        """The master mob of a movie or an image sequence, and its slot. Where nobody says how long it is, it
        reaches to `last_frame`.
        """
        path = media.path if media.first_number is None else media.file_name(media.first_number)
        known = self._masters.get(media.identity)
        if known is None:
            length = media.frames if media.frames is not None else last_frame + 1
            rate = f"{media.rate.numerator}/{media.rate.denominator}"
            tape = self._tape(path, media, rate, length)
            known = self._master(path, media.name, "picture", rate, length, tape, self._cdci(rate, length))
            self._masters[media.identity] = known
        return known, _PICTURE_SLOT

    def sound(self, sound: Sound) -> tuple[Any, int]:
        """The same of a sound file."""
        known = self._masters.get(sound.path)
        if known is None:
            seconds = sound.length_seconds
            if seconds is None:
                seconds = sound.start_seconds + Fraction(1)
            length = ceil(seconds * SOUND_RATE)
            descriptor = self._file.create.PCMDescriptor()
            for name, value in (
                ("SampleRate", SOUND_RATE),
                ("Length", length),
                ("AudioSamplingRate", SOUND_RATE),
                ("Channels", max(1, sound.channel or 1)),
                ("QuantizationBits", 16),
                ("BlockAlign", 2),
                ("AverageBPS", 2 * SOUND_RATE),
            ):
                descriptor[name].value = value
            known = self._master(sound.path, sound.name, "sound", SOUND_RATE, length, None, descriptor)
            self._masters[sound.path] = known
        return known, _SOUND_SLOT

    def _tape(self, path: str, media: CutMedia, rate: str, length: int) -> Any:
        tape = self._file.create.SourceMob()
        tape.mob_id = mob_id("tape", path, rate, media.start_frame, length)
        slot, timecode = tape.create_tape_slots(
            media.reel, rate, ceil(media.rate), media.is_drop_frame, media_kind="picture", length=length
        )
        slot["PhysicalTrackNumber"].value = 1
        slot.segment.length = length
        timecode["PhysicalTrackNumber"].value = 1
        timecode.segment.start = media.start_frame
        self._file.content.mobs.append(tape)
        return tape

    def _master(
        self, path: str, name: str, kind: str, rate: Any, length: int, tape: Any, descriptor: Any
    ) -> Any:
        create = self._file.create
        locator = create.NetworkLocator()
        locator["URLString"].value = _url(path)
        descriptor["Locator"].append(locator)
        file_mob = create.SourceMob()
        file_mob.name = name
        file_mob.mob_id = mob_id("file", kind, path, rate, length, tape and tape.mob_id)
        file_mob.descriptor = descriptor
        slot = file_mob.create_timeline_slot(rate, 1)
        if tape is not None:
            slot.segment = tape.create_source_clip(1, 0, length, kind)
        else:
            slot.segment = create.SourceClip(media_kind=kind, length=length)
        self._file.content.mobs.append(file_mob)
        master = create.MasterMob()
        master.name = name
        master.mob_id = mob_id("master", file_mob.mob_id)
        own = master.create_timeline_slot(rate, _PICTURE_SLOT if kind == "picture" else _SOUND_SLOT)
        own.name = name
        own["PhysicalTrackNumber"].value = 1
        own.segment = file_mob.create_source_clip(1, 0, length, kind)
        self._file.content.mobs.append(master)
        return master

    def _cdci(self, rate: str, length: int) -> Any:
        width, height = self._size or (1920, 1080)
        descriptor = self._file.create.CDCIDescriptor()
        for name, value in (
            ("ComponentWidth", 10),
            ("HorizontalSubsampling", 2),
            ("ImageAspectRatio", f"{width}/{height}"),
            ("StoredWidth", width),
            ("StoredHeight", height),
            ("FrameLayout", "FullFrame"),
            ("VideoLineMap", [42, 0]),
            ("SampleRate", rate),
            ("Length", length),
        ):
            descriptor[name].value = value
        return descriptor


def _url(path: str) -> str:
    """`file:///reel/a%20b.mov`; URLs stay as they are."""
    if re.match(r"\w\w+:", path):
        return path
    return "file:///" + quote(path.replace("\\", "/").lstrip("/"), safe="/:")
